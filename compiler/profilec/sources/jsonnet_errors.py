"""The engine's complaint -> a finding at the innermost place that somebody wrote, without the values it was handed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from profilec.credentials import MASK
from profilec.diagnostics import Diagnostic, Note, Span

_MOST_NOTES = 5
_LONGEST = 300
# Shorter texts stand everywhere, and hide nothing worth it.
_SHORTEST_SECRET = 6
_PLACE = r"(?P<file>[^\n\t]+?):(?:\((?P<l>\d+):(?P<c>\d+)\)-\(\d+:\d+\)|(?P<line>\d+):(?P<column>\d+)(?:-\d+)?)"
_STATIC = re.compile(rf"STATIC ERROR: {_PLACE}: (?P<message>.*)", re.DOTALL)
_FRAME = re.compile(rf"{_PLACE}\t(?P<label>[^\n]*)")
_HANDED = re.compile(r"<extvar:(?P<variable>.*)>|tla:(?P<argument>.*)", re.DOTALL)
_NAMED_LABEL = re.compile(r"(\w+) <(?!anonymous)([^>]+)>")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\s\"'{}\[\](),:;]+)", re.DOTALL)

# What the engine says -> the hint, with the name that it says in place of {}.
_HINTS = (
    (r"undefined external variable: (.+)", "give it with `--ext-str {}=VALUE`"),
    (r"function parameter (\S+) not bound in call", "give it with `--tla-str {}=VALUE`, or a default in the program"),
    (r"function has no parameter (.+)", "take `--tla-str {}` away, or give the function this parameter"),
    (r"max stack frames exceeded", "look for a value or function that needs itself"),
)


class Frame(NamedTuple):
    """A place on the way to a failure, and what it lies in, such as "function <f>". Columns count characters."""

    span: Span
    label: str


class Complaint(NamedTuple):
    """What the engine says: one sentence, and the places from the innermost outwards."""

    message: str
    frames: list[Frame]


def secrets_in(texts: Iterable[str], codes: Iterable[str]) -> list[str]:
    """What may be a credential in the values that programs are handed: texts as such, every word of a code."""
    words = [next(filter(None, match), "") for code in codes for match in _QUOTED.findall(code)]
    found = {each for each in (*texts, *words) if len(each) >= _SHORTEST_SECRET}
    # A value may hold another one.
    return sorted(found, key=lambda each: (-len(each), each))


def read(text: str, texts: Mapping[str, bytes], names: Mapping[str, str], secrets: Iterable[str]) -> Complaint:
    """Take the engine's text apart. `texts` are programs and imports by the engine's name, `names` what is shown."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    if static := _STATIC.match(text):
        if handed := _HANDED.fullmatch(static["file"]):
            return Complaint(_unreadable_code(handed, static), [])
        return Complaint(static["message"].strip(), list(_frame(static, "", texts, names)))
    lines = text.rstrip("\n").split("\n")
    end = len(lines)
    while end > 1 and lines[end - 1].startswith("\t"):
        end -= 1
    matches = [match for line in lines[end:] if (match := _FRAME.fullmatch(line[1:]))]
    frames = [frame for match in matches for frame in _frame(match, match["label"], texts, names)]
    return Complaint("\n".join(lines[:end]).removeprefix("RUNTIME ERROR: ").strip(), list(dict.fromkeys(frames)))


def diagnose(complaint: Complaint, program: str) -> Diagnostic:
    """The finding for a program that fails by its own fault."""
    message = complaint.message.removesuffix(".")
    hint = next((hint.format(match[1] if match.re.groups else "") for match, hint in _hints(message)), None)
    place = complaint.frames[0].span if complaint.frames else Span(program)
    return Diagnostic("jsonnet-error", "error", _cut(message), place, notes(complaint), _cut(hint) if hint else None)


def notes(complaint: Complaint) -> tuple[Note, ...]:
    """How the engine came to the place."""
    return tuple(_note(frame) for frame in complaint.frames[1 : 1 + _MOST_NOTES])


def _note(frame: Frame) -> Note:
    named = _NAMED_LABEL.fullmatch(frame.label)
    inside = f", in {named[1]} `{_cut(named[2])}`" if named and named[1] in ("function", "object") else ""
    return Note(f"reached from here{inside}", frame.span)


def _hints(message: str) -> Iterator[tuple[re.Match[str], str]]:
    for pattern, hint in _HINTS:
        if match := re.fullmatch(pattern, message):
            yield match, hint


def _frame(match: re.Match[str], label: str, texts: Mapping[str, bytes], names: Mapping[str, str]) -> Iterator[Frame]:
    """The place, where it lies in a file of the user's: not in the engine's library, nor in a value from outside."""
    file = match["file"]
    if file not in texts:
        return
    line, column = int(match["l"] or match["line"]), int(match["c"] or match["column"])
    yield Frame(Span(names.get(file, file), line, _characters(texts[file], line, column)), label)


def _characters(data: bytes, line: int, column: int) -> int:
    """The engine counts columns in bytes."""
    lines = data.split(b"\n", line)
    before = lines[line - 1][: column - 1] if line <= len(lines) else b""
    return len(before.decode("utf-8", "replace")) + 1


def _unreadable_code(handed: re.Match[str], static: re.Match[str]) -> str:
    # The engine's sentence quotes the value.
    what = "the external variable" if handed["variable"] is not None else "the top-level argument"
    place = f"line {static['l'] or static['line']}, column {static['c'] or static['column']}"
    return f"{what} `{handed['variable'] or handed['argument']}` is not Jsonnet: {place} of its code"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
