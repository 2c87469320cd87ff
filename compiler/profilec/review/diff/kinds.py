"""Kinds of change -> how severe they are."""

from __future__ import annotations

from collections.abc import Iterable

from profilec.diagnostics import SEVERITIES, Severity
from profilec.rules import CHANGES


def severity_of(kind: str) -> Severity:
    return CHANGES[kind].severity


def worst_of(kinds: Iterable[str]) -> Severity | None:
    """The worst severity among kinds, None where there are none."""
    found = {severity_of(each) for each in kinds}
    return next((each for each in SEVERITIES if each in found), None)
