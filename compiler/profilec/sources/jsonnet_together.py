"""Several programs -> one text that evaluates to the list of their values.

The engine reads its own library for each evaluation and each imported file, which takes as long as hundreds of small
programs. A program is only put into a longer text where it cannot tell, and where it cannot reach beyond its brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from profilec.encode import sha256

# What may hold a bracket that is none. Nothing of it is given back: the engine looks for no other reading either.
_TOKEN = re.compile(
    r"""(?>//[^\n]*|\#[^\n]*|/\*(?s:.*?)\*/
    |@"(?:[^"]|"")*+"|@'(?:[^']|'')*+'|"(?:[^"\\]|\\(?s:.))*+"|'(?:[^'\\]|\\(?s:.))*+'
    |\|\|\|-?[ \t]*\n\n*+([ \t]++)[^\n]*\n(?:\1[^\n]*\n|\n)*+[ \t]*+\|\|\|)
    |(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<broken>"|'|@|\|\|\||/\*)""",
    re.VERBOSE,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def can_join(text: str) -> bool:
    """Whether a program is the same in brackets: each of its brackets has its partner within it, and all else ends."""
    # A return counts as a blank in some places and not in others.
    if "thisFile" in text or "\r" in text:
        return False
    opened = []
    for token in _TOKEN.finditer(text):
        if token["broken"]:
            return False
        if token["open"]:
            opened.append(token["open"])
        elif token["close"] and (not opened or opened.pop() != _PAIRS[token["close"]]):
            return False
    return not opened


def join(texts: Sequence[str]) -> str:
    """A program whose value has for each text `[value]`, or `[]` where the text is a function: it wants arguments."""
    # A name that no text can hold, since it follows from all of them.
    name = "value_" + sha256("\0".join(texts).encode())
    values = ",".join(f"{name}((\n{text}\n))" for text in texts)
    return f"local {name}(it) = if std.isFunction(it) then [] else [it]; [{values}]"
