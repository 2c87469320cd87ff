"""Diagnostics + texts -> diagnostics with the line each points at, and no credential in it.

A finding may stand where nothing is known of the document, a line that cannot be parsed for example. So the text alone
must tell what may be a credential: by its key, by the keys it stands below, by its look. Rather too much is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from profilec.credentials import MASK
from profilec.diagnostics import Diagnostic, Excerpt
from profilec.states import Text, Value
from profilec.syntax.tree import lines as split

_WORD = (
    r"(?:(?:api|access|auth|refresh|client)?(?:key|token|secret)"
    r"|password|passwd|credential|authorization|bearer|proxy[-_]?url)s?"
)
# A key that says so. `max_output_tokens` and `monkey` do not.
_NAME = rf"(?<![\w.-])(?!max_)(?:[\w.-]*[-_.])?{_WORD}(?:[-_.][\w.-]*)?[\"']?\s*[:=]"
_OPENS = re.compile(_NAME, re.IGNORECASE)
_OPENS_AT_END = re.compile(rf"{_NAME}\s*$", re.IGNORECASE)
# A value that is one whole reference may be shown.
_REFERENCE = r"[\"']?\$\{(?:(?:env:)?[A-Za-z_]\w*|file:[^\s{}]+)\}[\"']?,?\s*$"
_KEYED = re.compile(rf"({_NAME}(?>\s*))(?!{_REFERENCE})(\S.*)", re.IGNORECASE)
# Any key, or the dash of a list, and what stands behind it.
_VALUE = re.compile(rf"^((?>\s*(?:-\s+)*(?:[\"']?[^\s\"':]+[\"']?\s*:(?:\s+|$))?))(?!{_REFERENCE})(\S.*)$")
_USER_PART = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:/*)[^\"']*(@)")
_WELL_KNOWN = re.compile(r"\b(?:sk|pk|rk|gsk|xai|ghp|gho|glpat|AIza|AKIA|eyJ)[-_A-Za-z0-9]{12,}")
_TOKENS = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'[^']*'|[{}\[\]]|[^\"'{}\[\]]+|.""")
# A line is shown some way beyond the place, and not at all where it is no line for people.
_BEYOND, _LONGEST = 200, 1000


def with_excerpts(diagnostics: Iterable[Diagnostic], texts: Iterable[Text | Value]) -> Iterator[Diagnostic]:
    """Add to each finding that has a line the text of that line."""
    by_name = {text.name: text for text in texts if isinstance(text, Text)}
    known: dict[str, list[tuple[str, bool]]] = {}
    for each in diagnostics:
        if each.line is None or each.file not in by_name:
            yield each
            continue
        if each.file not in known:
            lines = split(_text(by_name[each.file]))
            known[each.file] = list(zip(lines, _below_credentials(lines), strict=True))
        line, is_below = known[each.file][each.line - 1] if each.line <= len(known[each.file]) else ("", False)
        if not line or len(line) > _LONGEST:
            yield each
            continue
        index = (each.column or 1) - 1
        shown = masked(line[: index + _BEYOND], is_below)
        is_moved = not shown.startswith(line[:index])
        yield replace(each, excerpt=Excerpt(shown, None if is_moved else index))


def masked(line: str, is_below: bool) -> str:
    """A line with what may be a credential masked; below a key such as `api_keys`, every value."""
    if is_below:
        line = _VALUE.sub(rf"\g<1>{MASK}", line)
    line = _KEYED.sub(rf"\g<1>{MASK}", line)
    line = _USER_PART.sub(rf"\g<1>{MASK}\g<2>", line)
    return _WELL_KNOWN.sub(MASK, line)


def _below_credentials(lines: Iterable[str]) -> Iterator[bool]:
    """For each line whether it stands below a key such as `api_keys`, by its indent or within its brackets."""
    keys: list[tuple[float, bool]] = []
    brackets: list[bool] = []
    before = ""
    for line in lines:
        # The items of a list may stand at the indent of their key.
        indent = len(line) - len(line.lstrip(" \t")) + 0.5 * line.lstrip().startswith("-")
        while line.strip() and keys and keys[-1][0] >= indent:
            keys.pop()
        is_value = _OPENS_AT_END.search(before) is not None
        yield is_value or any(is_credential for _, is_credential in keys) or any(brackets)
        if line.strip():
            keys.append((indent, _OPENS.search(line[:_LONGEST]) is not None))
        for token in _TOKENS.findall(line):
            if token in ("{", "["):
                brackets.append(_OPENS.search(before) is not None)
                before = ""
            elif token in ("}", "]"):
                if brackets:
                    brackets.pop()
                before = ""
            else:
                before = (before + token)[-200:]


def _text(source: Text) -> str:
    text = source.text.decode("utf-8", "replace") if isinstance(source.text, bytes) else source.text
    return text.removeprefix("\ufeff")
