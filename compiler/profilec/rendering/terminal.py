"""What reaches a terminal: colour where it is wanted, and nothing a source contains that a terminal would obey."""

from __future__ import annotations

import io
import os
import re
import unicodedata
from typing import TextIO

# Everything that moves the cursor, colours, turns the text around, or hides; and line breaks, which could forge a line.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "dim": 2, "bold": 1}


def visible(text: str) -> str:
    """The text with every character that a terminal acts on, or that cannot be seen, written as an escape."""
    return UNSAFE.sub(
        lambda match: f"\\u{ord(match[0]):04x}" if ord(match[0]) > 255 else f"\\x{ord(match[0]):02x}", text
    )


def width(text: str) -> int:
    """How many cells a terminal gives to a text that is visible."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Painter:
    """Colours text, or leaves it alone."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def __call__(self, text: str, *colours: str) -> str:
        if not self.enabled:
            return text
        return "".join(f"\x1b[{_COLOURS[each]}m" for each in colours) + text + "\x1b[0m"


def wants_colour(choice: str, stream: TextIO) -> bool:
    """--color, then NO_COLOR, then FORCE_COLOR, then whether a person looks at the stream."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def fit(stream: TextIO, is_document: bool) -> None:
    """Let every text through: a document is UTF-8 anywhere; people see what their encoding lacks as an escape."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8" if is_document else None, errors="backslashreplace")


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
