"""The spelling of slugs and extension keys. ASCII only, so that no Unicode table decides."""

from __future__ import annotations

import re
import string
from functools import lru_cache

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?", re.ASCII)
_PART = r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?"
_EXTENSION_KEY = re.compile(rf"{_PART}\.{_PART}@v[1-9][0-9]{{0,4}}", re.ASCII)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@lru_cache(1 << 16)
def normalize(text: str) -> str:
    return text.strip(string.whitespace).translate(_LOWER)


@lru_cache(1 << 16)
def is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None


def is_extension_key(text: str) -> bool:
    return _EXTENSION_KEY.fullmatch(text) is not None
