"""A plain YAML scalar -> its value, by the 1.2 core schema, and what is odd about its spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from profilec.encode import safe_number

EMPTY = "empty"
LOOKALIKE = "lookalike"
UNSAFE = "unsafe"
AMBIGUOUS = "ambiguous"

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

# What YAML 1.1 readers, or readers of other 1.2 dialects, take for something else than this one does.
_DISPUTED = re.compile(
    r"(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)"
    r"|[-+]?0[0-9]+|0o[0-7]+|[-+]?0b[01_]+"
    r"|[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?|[-+]?0x[0-9a-fA-F_]*_[0-9a-fA-F_]*"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?"
)
# Blanks and quotes that are none to YAML: they stand at the edge of the text that they seem to end.
_LOOKALIKE = re.compile(
    r"[\u00a0\u2000-\u200a\u202f\u205f\u3000].*|.*[\u00a0\u2000-\u200a\u202f\u205f\u3000]"
    r"|[\u201c-\u201f].*[\u201c-\u201f]|[\u2018-\u201b].*[\u2018-\u201b]",
    re.DOTALL,
)
# Longer numbers are unsafe anyway, and converting them costs the square of their length.
_LONGEST = 400


class Scalars(dict[str, Any]):
    """A cache from plain text to value: a registry spells few different scalars, so nearly all are look-ups.

    `odd` holds the texts met so far whose spelling is worth a finding.
    """

    def __init__(self) -> None:
        super().__init__(_WORDS)
        # A key without a value may be one with a value that is not separated from it.
        self.odd: dict[str, str] = {"": EMPTY}

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._resolve(text)
        return value

    def _resolve(self, text: str) -> Any:
        number: float | None = None
        if len(text) > _LONGEST:
            if any(pattern.fullmatch(text) for pattern in (_FLOAT, _OCTAL, _HEXADECIMAL)):
                self.odd[text] = UNSAFE
            elif not text.isascii() and _LOOKALIKE.fullmatch(text):
                self.odd[text] = LOOKALIKE
            return text
        if _INTEGER.fullmatch(text):
            number = int(text)
        elif _OCTAL.fullmatch(text):
            number = int(text[2:], 8)
        elif _HEXADECIMAL.fullmatch(text):
            number = int(text[2:], 16)
        elif _FLOAT.fullmatch(text):
            number = float(text)
        elif _NOT_FINITE.fullmatch(text):
            self.odd[text] = UNSAFE
            return text
        if _DISPUTED.fullmatch(text):
            self.odd[text] = AMBIGUOUS
        elif not text.isascii() and _LOOKALIKE.fullmatch(text):
            self.odd[text] = LOOKALIKE
        if number is None:
            return text
        safe = safe_number(number)
        if safe is None:
            self.odd[text] = UNSAFE
            return text
        return safe


@lru_cache(1 << 12)
def stays_text(text: str) -> bool:
    """Whether all readers of YAML take a plain scalar for this very text. A long one has nothing else to be."""
    if len(text) >= 64:
        return True
    scalars = Scalars()
    return scalars[text] == text and text not in scalars.odd
