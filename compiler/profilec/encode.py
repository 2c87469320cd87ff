"""Plain data <-> the bytes of an output file: one encoder, so that the same data is the same bytes everywhere.

UTF-8, LF, two-space indent, keys by code point. Numbers are made safe where they are read, not here.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

# JSON readers in JavaScript keep whole numbers exact up to here.
SAFE_INTEGER = 2**53 - 1
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def encode(value: Any) -> bytes:
    return orjson.dumps(value, option=_OPTIONS)


def compact(value: Any) -> str:
    """A value on one line, for messages and tables."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: to Python true is 1."""
    return encode(one) == encode(other)


def decode(data: bytes) -> Any:
    return orjson.loads(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def safe_number(value: float) -> int | float | None:
    """The number as JSON readers agree on it, whole floats as integers; None where they would change it.

    Every float from 2**53 on is whole, and so one of the integers that they would change.
    """
    if value.__class__ is int:
        return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else None
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return None
    return int(value) if value.is_integer() else value
