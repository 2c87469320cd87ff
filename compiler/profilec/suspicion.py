"""Keys and texts that no schema knows -> what of them may be a credential: by its name, or by its look.

The one notion of it, for what is shown of a source and for what is written from one. Rather too much is suspected.
"""

from __future__ import annotations

import re
from typing import Any

from profilec.credentials import MASK, has_user_part

_WORD = (
    r"(?:(?:api|access|auth|refresh|client)?(?:key|token|secret)"
    r"|password|passwd|pwd|passphrase|credential|authorization|auth|oauth|bearer|cookie|header|proxy[-_]?url)s?\d*"
)
# Where a word of a name begins or ends: at a sign, or `inCamelCase`.
_BOUND = r"(?:[-_.]|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
# A key that says so. `max_output_tokens` and `monkey` do not.
_KEY = rf"(?!max_)(?:[\w.-]*{_BOUND})?{_WORD}(?:{_BOUND}[\w.-]{{0,200}})?"
NAME = rf"(?<![\w.-]){_KEY}[\"']?\s*[:=]"
# A value that is one whole reference may be shown.
REFERENCE = r"[\"']?\$\{(?:(?:env:)?[A-Za-z_]\w*|file:[^\s{}]+)\}[\"']?,?\s*$"
WELL_KNOWN = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|ghp|gho|ghs|github_pat|glpat|hf|nvapi|xox[abprs]|AIza|A[KS]IA|eyJ)[-_A-Za-z0-9]{12,}"
    r"|[Bb]earer\s+[-._~+/A-Za-z0-9]{12,})"
)
_KEYED = re.compile(rf"({NAME}(?>\s*))(?!{REFERENCE})(\S.*)", re.IGNORECASE)
_USER_PART = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:/*)[^\"']*(@)")
_WHOLE_KEY = re.compile(rf"(?:.*[^\w.-])?{_KEY}", re.IGNORECASE | re.DOTALL)
_WHOLE_REFERENCE = re.compile(rf"os\.environ/[A-Za-z_]\w*|{REFERENCE}")
_QUOTED = re.compile(r"`([^`]*)`")
# Of tokens there are numbers and prices, too.
_QUANTITY = re.compile(r"(?:^|[-_.])(?:max|min|num|count|limit|budget|cost|price|per)(?:[-_.]|$)", re.IGNORECASE)


def masked(text: str) -> str:
    """A line of text with what may be a credential masked."""
    text = _KEYED.sub(rf"\g<1>{MASK}", text)
    text = _USER_PART.sub(rf"\g<1>{MASK}\g<2>", text)
    return WELL_KNOWN.sub(MASK, text)


def masked_names(message: str) -> str:
    """A message with those of the names in it masked that may hold a credential: people put them anywhere."""
    return _QUOTED.sub(lambda quoted: f"`{MASK}`" if is_suspect(quoted[1]) else quoted[0], message)


def is_suspect(text: str) -> bool:
    """Whether a text may hold a credential. One that is nothing but a reference does not."""
    if _is_empty(text):
        return False
    is_known = _KEYED.search(text) or WELL_KNOWN.search(text)
    return is_known is not None or any(map(has_user_part, re.split(r"[\s\"'<>(),]+", text)))


def may_hold_credential(key: str, value: Any, is_below: bool = False) -> bool:
    """Whether an entry may: by its key, by one that it stands below, or by what is in it."""
    if is_suspect(key):
        return True
    is_named = is_below or _is_name(key)
    if isinstance(value, dict):
        # `{name: API_KEY, value: …}` is an entry, too.
        is_named = is_named or any(_is_name(value.get(each)) for each in ("name", "key"))
        return any(may_hold_credential(str(name), each, is_named) for name, each in value.items())
    if isinstance(value, list):
        return any(may_hold_credential(key, each, is_named) for each in value)
    if isinstance(value, str):
        return is_suspect(value) or (is_named and not _is_empty(value))
    return is_named and not isinstance(value, bool | None) and not _QUANTITY.search(key)


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and _WHOLE_KEY.fullmatch(key) is not None


def _is_empty(text: str) -> bool:
    """Whether a text says nothing, or only where a credential is."""
    return not text.strip() or _WHOLE_REFERENCE.fullmatch(text.strip()) is not None
