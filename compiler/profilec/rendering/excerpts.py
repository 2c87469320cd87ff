"""Diagnostics + texts -> diagnostics with the line each points at, and no credential in it.

A finding may stand where nothing is known of the document, a line that cannot be parsed for example. So the text alone
must tell what may be a credential: by its key, by the keys it stands below, by its look. Rather too much is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from profilec import suspicion
from profilec.credentials import MASK
from profilec.diagnostics import Diagnostic, Excerpt
from profilec.states import Text, Value
from profilec.suspicion import NAME, REFERENCE, WELL_KNOWN
from profilec.syntax.tree import lines as split

_OPENS = re.compile(NAME, re.IGNORECASE)
_OPENS_AT_END = re.compile(rf"{NAME}\s*$", re.IGNORECASE)
# Any key, or the dash of a list, and what stands behind it.
_VALUE = re.compile(rf"^((?>\s*(?:-\s+)*(?:[\"']?[^\s\"':]+[\"']?\s*:(?:\s+|$))?))(?!{REFERENCE})(\S.*)$")
_TOKENS = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'[^']*'|[{}\[\]]|[^\"'{}\[\]]+|.""")
# A line is shown some way beyond the place; where it is no line for people, some way before it too.
_BEYOND, _LONGEST, _BEFORE = 200, 1000, 60
# What such a line is cut into: keys as they stand in braces, brackets and what separates, and all else.
_PARTS = re.compile(
    r"""(?P<key>(?P<quote>["']?)[A-Za-z_][\w.@/-]{0,63}(?P=quote)(?=\s*:[\s"'\[{]))|(?P<sign>[{}\[\],:\s]+)"""
    r"""|\"(?:\\.|[^\"\\])*\"?|'[^']*'?|[^{}\[\],:\s"']+"""
)
_QUOTE = re.compile(r'(?<!\\)"')


def with_excerpts(diagnostics: Iterable[Diagnostic], texts: Iterable[Text | Value]) -> Iterator[Diagnostic]:
    """Add to each finding that has a line the text of that line."""
    by_name = {text.name: text for text in texts if isinstance(text, Text)}
    known: dict[str, tuple[list[tuple[str, bool]], Iterator[tuple[str, bool]]]] = {}
    for each in diagnostics:
        if each.line is None or each.file not in by_name:
            yield each
            continue
        if each.file not in known:
            lines = split(_text(by_name[each.file]))
            known[each.file] = [], zip(lines, _below_credentials(lines), strict=True)
        # Looking at what a line stands below takes a while, and most findings of large files stand near their head.
        seen, rest = known[each.file]
        seen.extend(islice(rest, max(0, each.line - len(seen))))
        line, is_below = seen[each.line - 1] if each.line <= len(seen) else ("", False)
        if not line:
            yield each
            continue
        index = (each.column or 1) - 1
        if len(line) > _LONGEST:
            yield replace(each, excerpt=_window(line, index, is_below))
            continue
        shown = masked(line[: index + _BEYOND], is_below)
        is_moved = not shown.startswith(line[:index])
        yield replace(each, excerpt=Excerpt(shown, None if is_moved else index))


def _window(line: str, at: int, is_below: bool) -> Excerpt:
    """A part of a long line, and of that the keys alone: what a value belongs to may stand far before it."""
    start = max(0, at - _BEFORE)
    if start and len(quotes := list(_QUOTE.finditer(line, start, at))) % 2:
        # The cut is within a text, so it is moved to where that ends. A wrong guess masks more, not less.
        start = quotes[0].end()
    # A key stands behind a brace or a comma, or begins the line.
    shown, index, before = ("…", None, "") if start else ("", None, "{")
    for part in _PARTS.finditer(line, start, at + _BEYOND):
        if part.start() <= at < part.end():
            index = len(shown) + (at - part.start() if part["sign"] else 0)
        is_key = part["key"] and before in ("{", ",") and not is_below and not WELL_KNOWN.search(part[0])
        is_shown = part["sign"] or is_key
        shown += part[0] if is_shown else MASK
        before = part[0].strip()[-1:] or before
    return Excerpt(shown, index)


def masked(line: str, is_below: bool) -> str:
    """A line with what may be a credential masked; below a key such as `api_keys`, every value."""
    return suspicion.masked(_VALUE.sub(rf"\g<1>{MASK}", line) if is_below else line)


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
