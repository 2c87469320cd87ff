"""Diagnostics -> a Code Quality report, which GitLab shows in merge requests."""

from __future__ import annotations

from collections.abc import Sequence

from profilec.diagnostics import Diagnostic
from profilec.rendering.reports import NOWHERE, as_ascii_json, sentences, with_fingerprints
from profilec.rendering.terminal import visible

_SEVERITIES = {"error": "critical", "warning": "minor", "note": "info"}


def gitlab(diagnostics: Sequence[Diagnostic]) -> str:
    """A JSON array with all findings."""
    return as_ascii_json([_issue(each, known) for each, known in with_fingerprints(diagnostics)])


def _issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, object]:
    return {
        "description": "; ".join(sentences(diagnostic)),
        "check_name": diagnostic.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": visible(diagnostic.file or NOWHERE), "lines": {"begin": diagnostic.line or 1}},
    }
