"""Diagnostics -> text: for people, for a line-by-line reader, and as JSON. Layout lives here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from profilec.diagnostics import Diagnostic, Span
from profilec.encode import compact, encode
from profilec.rendering.terminal import UNSAFE, Painter, visible, width

FORMATS = ("text", "short", "json")
_COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}


def render(diagnostics: Iterable[Diagnostic], form: str, paint: Painter) -> str:
    """The findings in one of the formats for people, one after the other."""
    one = _short if form == "short" else _full
    return "".join(one(each, paint) for each in diagnostics)


def as_json(diagnostics: Iterable[Diagnostic], **more: Any) -> str:
    """One JSON document with the findings, and what else a command has to tell; it may be looked at in a terminal."""
    return _escaped(encode({"diagnostics": [each.as_dict() for each in diagnostics], **more}).decode())


def as_json_line(diagnostics: Iterable[Diagnostic], **more: Any) -> str:
    """The same on one line, for a command that has one document after the other to tell."""
    return _escaped(compact({"diagnostics": [each.as_dict() for each in diagnostics], **more})) + "\n"


def _escaped(text: str) -> str:
    # JSON's own breaks and blanks aside, what is escaped can only stand in a string.
    return UNSAFE.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def _short(diagnostic: Diagnostic, paint: Painter) -> str:
    place = f"{visible(str(diagnostic.span))}: " if diagnostic.span else ""
    hint = f" ({visible(diagnostic.hint)})" if diagnostic.hint else ""
    head = paint(f"{diagnostic.severity}[{diagnostic.rule}]", _COLOURS[diagnostic.severity])
    return f"{place}{head}: {visible(diagnostic.message)}{hint}\n"


def _full(diagnostic: Diagnostic, paint: Painter) -> str:
    head = paint(f"{diagnostic.severity}[{diagnostic.rule}]", _COLOURS[diagnostic.severity], "bold")
    lines = [f"{head}: {paint(visible(diagnostic.message), 'bold')}"]
    if diagnostic.span:
        lines.append(f"  {paint('-->', 'blue')} {visible(str(diagnostic.span))}")
        lines += _excerpt(diagnostic, diagnostic.span, paint)
    for note in diagnostic.notes:
        place = f" ({visible(str(note.span))})" if note.span else ""
        lines.append(f"{paint('note', 'blue')}: {visible(note.message)}{place}")
    if diagnostic.hint:
        lines.append(f"{paint('help', 'green')}: {visible(diagnostic.hint)}")
    return "\n".join(lines) + "\n\n"


def _excerpt(diagnostic: Diagnostic, span: Span, paint: Painter) -> list[str]:
    """The source line with a mark below the place."""
    excerpt = diagnostic.excerpt
    if excerpt is None or span.line is None:
        return []
    index = excerpt.at or 0
    # Far into a long line, as in JSON without line breaks, the line is cut on the left.
    start = max(0, index - 60)
    before = visible(excerpt.line[start:index].replace("\t", " "))
    after = visible(excerpt.line[index : start + 120].replace("\t", " "))
    margin, bar = " " * len(str(span.line)), paint("|", "blue")
    lines = [f" {paint(f'{span.line} |', 'blue')} {'…' if start else ''}{before}{after}"]
    if excerpt.at is not None:
        indent = " " * (width(before) + bool(start))
        mark = paint("^" * max(1, width(_marked(after))), _COLOURS[diagnostic.severity])
        lines.append(f" {margin} {bar} {indent}{mark}")
    return lines


def _marked(text: str) -> str:
    """What a mark underlines: a quoted text, or a plain one up to the next sign."""
    found = _SCALAR.match(text)
    return found[0] if found else ""


_SCALAR = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|.[^,\]}]*?(?=\s*(?:$|[,\]}]|:(?:\s|$)|\s\#))""")
