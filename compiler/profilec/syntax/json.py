"""JSON text -> Tree. The standard scanner has no positions, so the structure is read here, strings by its C code."""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from profilec.diagnostics import Note, Report, Span
from profilec.encode import safe_number
from profilec.syntax.tree import MAX_DEPTH, Mark, Tree

_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_WORD = re.compile(r"[^\s,:\[\]{}\"]+")
_CONSTANTS = {"true": True, "false": False, "null": None}


_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9]")
# What other languages write.
_FOREIGN = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
    **dict.fromkeys(("null", "none", "nil", "undefined", "~"), "null"),
}


class Position(NamedTuple):
    line: int
    column: int


def parse(name: str, text: str, report: Report) -> Tree | None:
    """Build the tree of one JSON document, or report why there is none."""
    return _Builder(name, text, report).build()


class _Refused(Exception):
    """The document cannot be read any further; why is in the report."""


class _Builder:
    def __init__(self, name: str, text: str, report: Report) -> None:
        self.name, self.text, self.report = name, text, report
        self.line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self.marks: dict[int, list[Mark]] = {}
        self.refused: set[tuple[int, int]] = set()

    def build(self) -> Tree | None:
        try:
            at = self._skip(0)
            if at == len(self.text):
                return Tree(self.name, None, self.text)
            value, at = self._value(at, 0)
            at = self._skip(at)
            if at < len(self.text):
                self._refuse(
                    "multiple-documents",
                    "more text stands behind the end of the document",
                    at,
                    "a file holds one registry",
                )
        except _Refused:
            return None
        return Tree(self.name, value, self.text, self.marks, refused=self.refused)

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        first = self.text[at : at + 1]
        if first == '"':
            return self._string(at)
        if first == "{" or first == "[":
            if depth >= MAX_DEPTH:
                self._refuse(
                    "too-deep",
                    f"nested deeper than {MAX_DEPTH} levels",
                    at,
                    "flatten the document: no registry needs this",
                )
            return self._object(at, depth) if first == "{" else self._array(at, depth)
        return self._plain(at)

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        result: dict[str, Any] = {}
        marks = self.marks[id(result)] = []
        opened, at = at, self._skip(at + 1)
        if self.text.startswith("}", at):
            return result, at + 1
        while True:
            if not self.text.startswith('"', at):
                self._expected("a key in double quotes", at, opened)
            key_mark = self._mark(at)
            key, end = self._string(at)
            at = self._skip(end)
            if not self.text.startswith(":", at):
                self._expected("`:` behind the key", at, opened)
            at = self._skip(at + 1)
            mark = self._mark(at)
            value, at = self._value(at, depth + 1)
            if key in result:
                self._duplicate(key, key_mark, marks[2 * list(result).index(key)])
            else:
                result[key] = value
                marks += (key_mark, mark)
            at, closed = self._next("}", at, opened)
            if closed:
                return result, at

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        result: list[Any] = []
        marks = self.marks[id(result)] = []
        opened, at = at, self._skip(at + 1)
        if self.text.startswith("]", at):
            return result, at + 1
        while True:
            marks.append(self._mark(at))
            value, at = self._value(at, depth + 1)
            result.append(value)
            at, closed = self._next("]", at, opened)
            if closed:
                return result, at

    def _next(self, close: str, at: int, opened: int) -> tuple[int, bool]:
        """Step over a comma or the closing bracket."""
        at = self._skip(at)
        if self.text.startswith(close, at):
            return at + 1, True
        if not self.text.startswith(",", at):
            self._expected(f"`,` or `{close}`", at, opened)
        comma, at = at, self._skip(at + 1)
        if self.text.startswith(close, at):
            self._refuse(
                "json-syntax", f"a comma stands before `{close}`", comma, "JSON has no trailing commas: take it out"
            )
        return at, False

    def _string(self, at: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, at + 1, True)
        except JSONDecodeError as error:
            what = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
            self._refuse(
                "json-syntax",
                what,
                error.pos,
                "close the string, and write `\\n`, `\\t` or `\\u….` for what cannot stand in it",
            )
        return value, end

    def _plain(self, at: int) -> tuple[Any, int]:
        if number := _NUMBER.match(self.text, at):
            return self._number(number, at), number.end()
        word = _WORD.match(self.text, at)
        if not word:
            self._expected("a value", at, None)
        elif word[0] in _CONSTANTS:
            return _CONSTANTS[word[0]], word.end()
        elif word[0] in ("NaN", "Infinity", "-Infinity"):
            self._refuse("unsafe-number", "a number that JSON readers change or refuse", at, "numbers are finite")
        else:
            self._refuse("json-syntax", "text without quotes is not a JSON value", at, _hint(word[0]))
        raise AssertionError("unreachable")

    def _number(self, number: re.Match[str], at: int) -> float | None:
        text, (whole, fraction, exponent) = number[0], number.groups()
        # Converting digits costs the square of their number, and so many are unsafe anyway.
        value = None if len(text) > 400 else safe_number(float(text) if fraction or exponent else int(whole))
        if value is None:
            self.refused.add(self._mark(at))
        return value

    def _skip(self, at: int) -> int:
        return _BLANK.match(self.text, at).end()  # type: ignore[union-attr]

    def _mark(self, at: int) -> Position:
        line = bisect_right(self.line_starts, at) - 1
        return Position(line, at - self.line_starts[line])

    def _span(self, at: int) -> Span:
        mark = self._mark(at)
        return Span(self.name, mark.line + 1, mark.column + 1)

    def _duplicate(self, key: str, mark: Mark, first: Mark) -> None:
        self.report.error(
            "duplicate-key",
            f"the key `{key.encode('utf-8', 'replace').decode()}` stands twice in one mapping",
            Span(self.name, mark.line + 1, mark.column + 1),
            notes=[Note("it stands here first", Span(self.name, first.line + 1, first.column + 1))],
            hint="keep one of the two",
        )

    def _expected(self, what: str, at: int, opened: int | None) -> None:
        found = "the end of the text" if at >= len(self.text) else f"`{self.text[at]}`"
        notes = [Note("the bracket that was opened here", self._span(opened))] if opened is not None else []
        self.report.error("json-syntax", f"expected {what}, found {found}", self._span(at), notes=notes)
        raise _Refused

    def _refuse(self, rule: str, message: str, at: int, hint: str) -> None:
        self.report.error(rule, message, self._span(at), hint=hint)
        raise _Refused


def _hint(word: str) -> str:
    """How a word that is no JSON may be mended, without saying it: it may be a credential."""
    if word.lower() in _FOREIGN:
        return f"write `{_FOREIGN[word.lower()]}`, or put it in double quotes if it is text"
    if _NUMBER_LIKE.match(word):
        return "a number has decimal digits on both sides of its point, no `+`, and no zero before other digits"
    if word[0] in "'“”„‘’":
        return 'write `"` around text, not another kind of quote'
    return "text stands in double quotes"
