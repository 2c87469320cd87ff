"""The engine's complaint -> a finding at the innermost place that somebody wrote, without the values it was handed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from profilec.credentials import MASK
from profilec.diagnostics import Diagnostic, Note, Span
from profilec.rendering.excerpts import masked

_MOST_NOTES = 5
_LONGEST = 300
# Shorter texts stand everywhere, and hide nothing worth it.
_SHORTEST_SECRET = 6
_PLACE = r"(?P<file>[^\n\t]+?):(?:\((?P<l>\d+):(?P<c>\d+)\)-\(\d+:\d+\)|(?P<line>\d+):(?P<column>\d+)(?:-\d+)?)"
_STATIC = re.compile(rf"STATIC ERROR: {_PLACE}: (?P<message>.*)", re.DOTALL)
_FRAME = re.compile(rf"{_PLACE}\t(?P<label>[^\n]*)")
_HANDED = re.compile(r"<extvar:(?P<variable>.*)>|tla:(?P<argument>.*)", re.DOTALL)
_IN_OBJECT = "object <anonymous>"
_FUNCTION = re.compile(r"function <(?!anonymous)([^>]+)>")
# What a value can consist of in the text of a code: quoted texts, lines of text blocks, numbers.
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(?<![\w.])(\d[\w.]*)", re.DOTALL)

# What the engine says -> the hint, with the name that it says in place of {}.
_HINTS = (
    (r"undefined external variable: (.+)", "give it with `--ext-str {}=VALUE`"),
    (r"max stack frames exceeded", "look for a value or function that needs itself"),
)
# The same of a call that stands in no program: that of the program itself, with the top-level arguments.
_CALL_HINTS = (
    (r"function parameter (\S+) not bound in call", "give it with `--tla-str {}=VALUE`, or a default in the program"),
    (r"function has no parameter (.+)", "take `--tla-str {}` away, or give the function this parameter"),
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
    """What may be a credential in the values that programs are handed, longest first, also as it looks in quotes."""
    found = set(texts)
    for code in codes:
        found |= {each for match in _QUOTED.findall(code) for each in match}
        found |= {line.strip() for line in code.splitlines() if "|||" in code}
    found |= {json.dumps(each, ensure_ascii=False)[1:-1] for each in found}
    return sorted((each for each in found if len(each) >= _SHORTEST_SECRET), key=lambda each: (-len(each), each))


def read(text: str, texts: Mapping[str, bytes], names: Mapping[str, str], secrets: Iterable[str]) -> Complaint:
    """Take the engine's text apart. `texts` are programs and imports by the engine's name, `names` what is shown."""
    if static := _STATIC.match(text):
        if handed := _HANDED.fullmatch(static["file"]):
            return Complaint(_unreadable_code(handed, static), [])
        return Complaint(_masked(static["message"], secrets).strip(), list(_frame(static, "", texts, names)))
    lines = text.rstrip("\n").split("\n")
    matches = [match for line in lines[_end(lines) :] if (match := _FRAME.fullmatch(line[1:]))]
    frames = [frame for match in matches for frame in _frame(match, match["label"], texts, names)]
    # A value may have lines that look like places, so it is masked before these are told from the sentence.
    lines = _masked(text.rstrip("\n"), secrets).split("\n")
    message = "\n".join(lines[: _end(lines)]).removeprefix("RUNTIME ERROR: ")
    return Complaint(message.strip(), _telling(frames))


def diagnose(complaint: Complaint, program: str) -> Diagnostic:
    """The finding for a program that fails by its own fault."""
    message = complaint.message.removesuffix(".")
    hint = next(
        (hint.format(match[1] if match.re.groups else "") for match, hint in _hints(message, complaint.frames)), None
    )
    place = complaint.frames[0].span if complaint.frames else Span(program)
    return Diagnostic("jsonnet-error", "error", _cut(message), place, notes(complaint), _cut(hint) if hint else None)


def notes(complaint: Complaint) -> tuple[Note, ...]:
    """How the engine came to the place."""
    return tuple(_note(frame) for frame in complaint.frames[1 : 1 + _MOST_NOTES])


def _telling(frames: Iterable[Frame]) -> list[Frame]:
    """The frames without repetition, and without the objects around an object, which anyone can see."""
    kept: list[Frame] = []
    for frame in dict.fromkeys(frames):
        around = kept and kept[-1].label == frame.label == _IN_OBJECT and kept[-1].span.file == frame.span.file
        if not around:
            kept.append(frame)
    return kept


def _masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the values that programs were handed, and without what may be a credential in a program."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return "\n".join(masked(line, False) for line in text.split("\n"))


def _end(lines: Sequence[str]) -> int:
    """Where the engine's sentence ends and the places begin."""
    end = len(lines)
    while end > 1 and lines[end - 1].startswith("\t"):
        end -= 1
    return end


def _note(frame: Frame) -> Note:
    function = _FUNCTION.fullmatch(frame.label)
    inside = f", in the function `{_cut(function[1])}`" if function else ""
    return Note(f"reached from here{inside}", frame.span)


def _hints(message: str, frames: Sequence[Frame]) -> Iterator[tuple[re.Match[str], str]]:
    for pattern, hint in _HINTS if frames else _HINTS + _CALL_HINTS:
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
