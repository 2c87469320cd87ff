"""Diff -> text for a terminal: coloured, folded at its width, and with nothing in it that a terminal would act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profilec.rendering.diff import words
from profilec.rendering.diff.words import Block, Line, Source
from profilec.rendering.terminal import Painter, visible, width
from profilec.review.diff.result import Diff

_COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}
_INDENT = "    "
# How many blocks are laid out, and lines of each, unless all are wanted.
SHOWN, LINES = 40, 24


def as_text(diff: Diff, paint: Painter, columns: int = 0, verbose: bool = False) -> str:
    """The diff for people; `columns` 0 folds nothing. Without `verbose` long lists are counted, not shown."""
    lines = [paint(_plain(words.title(diff)), "bold")]
    sections: list[tuple[str, Iterable[Block]]] = [
        ("", words.by_severity([*words.effective(diff), *words.lists(diff)])),
        ("edits without effect", words.without_effect(diff)),
        ("descriptions", words.descriptions(diff)),
    ]
    for heading, found in sections:
        blocks = list(found)
        if blocks and heading:
            lines += ["", paint(f"{heading}:", "bold")]
        for block in blocks if verbose else blocks[:SHOWN]:
            lines += ["", *_block(block, paint, columns, verbose)]
        if len(blocks) > SHOWN and not verbose:
            lines += ["", f"and {len(blocks) - SHOWN:,} more (--verbose shows them)"]
    return "\n".join(lines) + "\n"


def _block(block: Block, paint: Painter, columns: int, verbose: bool) -> Iterator[str]:
    for heading in block.headings:
        mark = f"{paint(heading.severity, _COLOURS[heading.severity], 'bold')}: "
        yield from _folded(
            mark + _painted(heading.title, paint), f"{heading.severity}: {_plain(heading.title)}", columns, ""
        )
        if heading.place:
            yield f"  {paint('-->', 'blue')} {visible(heading.place)}"
    limit = len(block.lines) if verbose else LINES
    for line in block.lines[:limit]:
        yield from _folded(_INDENT + _painted(line, paint), _INDENT + _plain(line), columns, _INDENT)
    if len(block.lines) > limit:
        yield f"{_INDENT}and {len(block.lines) - limit:,} more (--verbose shows them)"


def _plain(line: Line) -> str:
    return "".join(map(visible, line))


def _painted(line: Line, paint: Painter) -> str:
    return "".join(paint(visible(each), "cyan") if isinstance(each, Source) else visible(each) for each in line)


def _folded(painted: str, plain: str, columns: int, indent: str) -> Iterator[str]:
    """The line as it is where it fits; else folded between words, and without colour, which a fold would cut."""
    if not columns or width(plain) <= columns:
        yield painted
        return
    current = ""
    for word in plain.strip().split(" "):
        longer = f"{current} {word}" if current else indent + word
        if width(longer) > columns and current.strip():
            yield current
            longer = f"{indent}  {word}"
        current = longer
    yield current
