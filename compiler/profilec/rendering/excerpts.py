"""Diagnostics + texts -> diagnostics with the line each points at, and no credential in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from profilec.credentials import MASK
from profilec.diagnostics import Diagnostic
from profilec.states import Text, Value

# What looks like a credential's key with a value behind it, like a URL with a user part, or like a key of a provider.
# A finding may stand before anything is known of the document, so the line alone must tell.
_KEYED = re.compile(
    r"""((?:key|token|secret|password|passwd|credential|authorization|bearer)[\w.-]*["']?\s*[:=]\s*)(?!\s*[|>{\[&*]|\s*["']?\$\{|\s*$)([^,}\]\s].*)""",
    re.IGNORECASE,
)
_USER_PART = re.compile(r"(://)[^/@\s]+(@)")
_WELL_KNOWN = re.compile(r"\b(?:sk|pk|rk|gsk|xai|ghp|gho|glpat|AIza|AKIA|eyJ)[-_A-Za-z0-9]{12,}")
_LONGEST = 400


def with_excerpts(diagnostics: Iterable[Diagnostic], texts: Iterable[Text | Value]) -> Iterator[Diagnostic]:
    """Add to each finding that has a line the text of that line."""
    by_name = {text.name: text for text in texts if isinstance(text, Text)}
    lines: dict[str, list[str]] = {}
    for each in diagnostics:
        if each.line is None or each.file not in by_name:
            yield each
            continue
        if each.file not in lines:
            lines[each.file] = _text(by_name[each.file]).split("\n")
        yield replace(each, excerpt=masked(lines[each.file][each.line - 1].rstrip("\r")))


def masked(line: str) -> str:
    line = _KEYED.sub(rf"\g<1>{MASK}", line)
    line = _USER_PART.sub(rf"\g<1>{MASK}\g<2>", line)
    return _WELL_KNOWN.sub(MASK, line)[:_LONGEST]


def _text(source: Text) -> str:
    text = source.text.decode("utf-8", "replace") if isinstance(source.text, bytes) else source.text
    return text.removeprefix("\ufeff")
