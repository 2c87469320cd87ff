"""What every syntax builds: ordinary values, and beside them where each one was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from profilec.diagnostics import Span

# Both limits are far above any registry and far below what hurts: see "hostile input" in ARCHITECTURE.md.
MAX_DEPTH = 100
MAX_NODES = 1_000_000


class Mark(Protocol):
    """A position, counted from 0 as parsers do."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Tree:
    """A document's value. `marks` maps the id of each container to the marks of what is in it.

    For a mapping that is key, value, key, value … in the mapping's own order; for a list one for each item.
    `ambiguous` maps (line, column) of a plain scalar that YAML readers disagree about to its spelling.
    `refused` are the places, counted from 0, of numbers that no reader may trust; null stands there instead.
    `text` is the source text; it and the marks are empty for a value that came without a text.
    `default` is the default profile where the text names one, as payloads do, and `default_span` where.
    """

    name: str
    value: Any
    text: str
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    ambiguous: dict[tuple[int, int], str] = field(default_factory=dict)
    refused: set[tuple[int, int]] = field(default_factory=set)
    orders: dict[int, dict[str, int]] = field(default_factory=dict)
    split: list[str] = field(default_factory=list)
    default: Any = None
    default_span: Span | None = None

    @property
    def has_lines(self) -> bool:
        """Whether a line tells a reader where something is."""
        return "\n" in self.text or "\r" in self.text

    def span(self, mark: Mark | None = None) -> Span:
        return Span(self.name, mark.line + 1, mark.column + 1) if mark else Span(self.name)

    def key_span(self, container: Any, key: str | int) -> Span:
        return self.span(self.mark(container, key, 0))

    def value_span(self, container: Any, key: str | int) -> Span:
        return self.span(self.mark(container, key))

    def place(self, container: Any, key: str | int) -> tuple[int | None, int | None]:
        """Line and column of a value, counted from 1."""
        mark = self.mark(container, key)
        return (mark.line + 1, mark.column + 1) if mark else (None, None)

    def mark(self, container: Any, key: str | int, which: int = 1) -> Mark | None:
        """The mark of a value, or with 0 that of its key."""
        marks = self.marks.get(id(container))
        if not marks:
            return None
        if isinstance(container, dict):
            # Kept, since a finding for each of many keys would count them all again.
            order = self.orders.get(id(container))
            if order is None:
                order = self.orders[id(container)] = {each: index for index, each in enumerate(container)}
            return marks[2 * order[str(key)] + which]
        return marks[int(key)]

    def line(self, index: int) -> str:
        """One line of the text, counted from 0."""
        # Kept, since many a slug is read by its line.
        if not self.split:
            self.split.extend(lines(self.text))
        return self.split[index]

    def scalar_text(self, container: Any, key: str | int) -> str:
        """A scalar as its source spells it: slugs are read so, and `slug: 010` is not `10`."""
        value, mark = container[key], self.mark(container, key)
        if value.__class__ is str:
            return str(value)
        if mark and (found := _PLAIN.match(self.line(mark.line), mark.column)):
            return found[1]
        return str(value).lower() if isinstance(value, bool) else str(value)

    def is_refused(self, path: list[str | int]) -> bool:
        """Whether what is wrong with the value at `path` has been reported."""
        if not self.refused:
            return False
        span = self.span_at(path)
        return ((span.line or 0) - 1, (span.column or 0) - 1) in self.refused

    def at(self, path: list[str | int]) -> Any:
        """The value at a path that is there."""
        value = self.value
        for step in path:
            value = value[step]
        return value

    def span_at(self, path: list[str | int]) -> Span:
        """Where the value at `path` was written; the last known place above it where the path leads nowhere."""
        span, value = self.span(), self.value
        for step in path:
            try:
                span = self.value_span(value, step)
                value = value[step]
            except (KeyError, IndexError, ValueError, TypeError):
                break
        return span


def lines(text: str) -> list[str]:
    """The lines of a text as YAML counts them."""
    return _LINE_BREAK.split(text)


_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# A plain scalar on one line, behind an anchor or a tag. An alias does not match: it spells another name.
_PLAIN = re.compile(r"(?:[&!]\S+\s+)*([^\s,\[\]{}#&*!|>'\"%@`][^\s,\[\]{}#]*)")
# Characters that show as nothing, as a line break in YAML alone, or that turn the text around them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
