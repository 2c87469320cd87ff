"""Diff -> Markdown for a pull request's comment: short enough for every forge, and nothing of a source is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from profilec.rendering.diff import words
from profilec.rendering.diff.words import Block, Line, Source
from profilec.rendering.terminal import visible
from profilec.review.diff.result import Diff

# GitHub takes 65,536 characters; a template around it has some room.
LARGEST = 64_000
_RESERVE = 1_500
# How many lines of a block are shown.
LINES = 24
_MARKS = {"error": "🔴", "warning": "🟡", "note": "🔵"}
_BACKTICKS = re.compile("`+")


def as_markdown(diff: Diff) -> str:
    """The diff as Markdown of at most `LARGEST` characters: the worst first, and of the rest how much there is."""
    lines = ["### Engine profiles", "", _line(words.title(diff)), ""]
    blocks = words.by_severity([*words.effective(diff), *words.lists(diff)])
    idle = [*words.without_effect(diff), *words.descriptions(diff)]
    room = LARGEST - _RESERVE - sum(len(each) + 1 for each in lines)
    shown, left = _fitting(blocks, room)
    lines += shown
    if left:
        lines += [f"- … and {left:,} more of this kind, and what has no effect; `profilec diff` shows all", ""]
    elif idle:
        head = ["<details><summary>" + words.count(len(idle), "edit") + " without effect</summary>", ""]
        room -= sum(len(each) + 1 for each in (*shown, *head))
        inner, rest = _fitting(idle, room)
        more = [f"- … and {rest:,} more", ""] if rest else []
        lines += [*head, *inner, *more, "</details>", ""]
    return "\n".join(lines)


def _fitting(blocks: Iterable[Block], room: int) -> tuple[list[str], int]:
    """The lines of as many blocks as there is room for, and how many blocks are left over."""
    lines: list[str] = []
    waiting = list(blocks)
    for index, block in enumerate(waiting):
        more = [*_block(block), ""]
        room -= sum(len(each) + 1 for each in more)
        if room < 0:
            return lines, len(waiting) - index
        lines += more
    return lines, 0


def _block(block: Block) -> Iterator[str]:
    for heading in block.headings:
        place = f" — {code(heading.place)}" if heading.place else ""
        yield f"- {_MARKS[heading.severity]} **{heading.severity}** {_line(heading.title)}{place}"
    for line in block.lines[:LINES]:
        yield f"  - {_line(line)}"
    if len(block.lines) > LINES:
        yield f"  - and {len(block.lines) - LINES:,} more"


def _line(line: Line) -> str:
    return "".join(code(each) if isinstance(each, Source) else each.replace("->", "→") for each in line)


def code(text: str) -> str:
    """A text of a source as a code span, in which nothing is markup: its fence is longer than any within."""
    shown = visible(text) or " "
    fence = "`" * (max((len(each) for each in _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
