"""A policy's schema + a document that does not meet it -> what was found, in words and with its place.

No value is shown that may be a credential.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from profilec import schemas
from profilec.credentials import MASK, is_credential_url, is_reference
from profilec.encode import compact
from profilec.fields import secret_extensions, sections, token
from profilec.schemas.walk import spelled_out
from profilec.suspicion import is_suspect, may_hold_credential

# How long a value may be that is shown, and how many there may be.
_LONGEST, _MOST = 60, 5
Path = tuple[str | int, ...]


class Violation(NamedTuple):
    """`found` says what was found and what was wanted; `pointer` where; `is_missing`: nothing is there."""

    pointer: str
    found: str
    is_missing: bool = False


def describer(schema: Any) -> Any:
    """What `violations` asks about documents."""
    return schemas.bounded_describer_of(spelled_out(schema))


def violations(describer: Any, document: Any) -> list[Violation]:
    """Everything in which a document does not meet a schema, in an order of its own: the describer's changes."""
    try:
        errors = list(describer.iter_errors(document))
    except (RecursionError, re.error):
        errors = []
    found = {each for error in errors for each in _violations(error, tuple(error.absolute_path), document)}
    # Where the two validators differ, it is still a violation.
    return sorted(found) or [Violation("", "")]


def _violations(error: Any, path: Path, document: Any) -> Iterator[Violation]:
    wanted = error.validator_value
    if error.validator in ("anyOf", "oneOf") and error.context:
        yield _alternatives(error, path, document)
    elif error.validator == "required":
        yield from (_missing((*path, each)) for each in wanted if each not in error.instance)
    elif error.validator == "dependentRequired":
        for key, others in wanted.items():
            missing = [each for each in others if key in error.instance and each not in error.instance]
            yield from (_missing((*path, each), f", which `{_dotted((*path, key))}` needs") for each in missing)
    elif error.validator == "not":
        yield from _unwanted(error, path)
    elif error.parent is None and "propertyNames" in error.absolute_schema_path:
        at = (*path, str(error.instance))
        yield Violation(_pointer(at), f"`{_dotted(at)}` is not a key that is wanted")
    elif error.validator in _OF_ENTRIES:
        found, is_missing = _OF_ENTRIES[error.validator]
        count = len(error.instance)
        has = f"{count} entr{'y' if count == 1 else 'ies'}"
        yield Violation(_pointer(path), f"`{_dotted(path)}` has {found.format(has=has, wanted=wanted)}", is_missing)
    else:
        yield _told(error, path, document, _wanted(error.validator, wanted))


# What is said of lists and mappings by their entries, and whether it is that some are missing.
_OF_ENTRIES = {
    "contains": ("no entry that is wanted", True),
    "maxItems": ("{has}, where at most {wanted} may be", False),
    "maxProperties": ("{has}, where at most {wanted} may be", False),
    "minItems": ("{has}, where at least {wanted} have to be", True),
    "minProperties": ("{has}, where at least {wanted} have to be", True),
    "unevaluatedItems": ("further entries, where none is wanted", False),
    "unevaluatedProperties": ("further entries, where none is wanted", False),
    "uniqueItems": ("an entry that stands there twice", False),
}


def _missing(path: Path, why: str = "") -> Violation:
    # The place is that of what should hold it.
    return Violation(_pointer(path[:-1]), f"`{_dotted(path)}` is missing{why}", True)


def _unwanted(error: Any, path: Path) -> Iterator[Violation]:
    """What may not be there at all, or not with this value."""
    refused = error.validator_value
    names = refused.get("required") if isinstance(refused, dict) and refused.keys() <= {"required"} else None
    if error.parent is None and "propertyNames" in error.absolute_schema_path:
        path = (*path, str(error.instance))
        refused = {}
    if names and isinstance(error.instance, dict):
        for each in names:
            yield Violation(_pointer((*path, each)), f"`{_dotted((*path, each))}` is set, where nothing is wanted")
    elif not refused:
        yield Violation(_pointer(path), f"`{_dotted(path)}` is set, where nothing is wanted")
    else:
        yield Violation(_pointer(path), f"`{_dotted(path)}` is {_shown(path, error.instance)}, which is not wanted")


def _alternatives(error: Any, path: Path, document: Any) -> Violation:
    """None of several ways fits, or more than one: told of the innermost value that all of them are about."""
    common = [tuple(each.absolute_path) for each in error.context]
    at = common[0]
    for each in common[1:]:
        length = next((index for index, pair in enumerate(zip(at, each, strict=False)) if pair[0] != pair[1]), None)
        at = at[: min(len(at), len(each)) if length is None else length]
    if len(at) < len(path):
        at = path
    value = document
    for step in at:
        value = value[step]
    wanted = [
        _wanted(each.validator, each.validator_value) for each in error.context if tuple(each.absolute_path) == at
    ]
    is_told = 0 < len(wanted) == len(error.context) <= _MOST
    ways = " or ".join(dict.fromkeys(wanted)) if is_told else "one of several others"
    return Violation(_pointer(at), f"`{_dotted(at)}` is {_shown(at, value)}, where {ways} is wanted")


def _told(error: Any, path: Path, document: Any, wanted: str) -> Violation:
    if path[:1] == ("requires",) and len(path) == 2:
        at = _holder(document, {"$secret": error.instance})
        return Violation(
            _pointer(at or path), f"`{_dotted(at or path)}` is `{error.instance}`, where {wanted} is wanted"
        )
    return Violation(_pointer(path), f"`{_dotted(path)}` is {_shown(path, error.instance)}, where {wanted} is wanted")


def _holder(value: Any, wanted: Any, path: Path = ()) -> Path | None:
    """Where a value stands in a document."""
    if value == wanted:
        return path
    inner = sorted(value.items()) if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_holder(each, wanted, (*path, key)) for key, each in inner)
    return next((each for each in found if each is not None), None)


def _wanted(keyword: str, value: Any) -> str:
    sentence = _SENTENCES.get(keyword)
    return sentence(value) if sentence else f"something that meets `{keyword}`"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "const": lambda value: _quoted(value),
    "enum": lambda value: f"one of {_listed(value)}" if len(value) > 1 else _listed(value),
    "exclusiveMaximum": lambda value: f"less than {value}",
    "exclusiveMinimum": lambda value: f"more than {value}",
    "maximum": lambda value: f"at most {value}",
    "maxLength": lambda value: f"a text of at most {value} characters",
    "minimum": lambda value: f"at least {value}",
    "minLength": lambda value: f"a text of at least {value} characters",
    "multipleOf": lambda value: f"a multiple of {value}",
    "pattern": lambda value: f"a match of `{_cut(value)}`",
    "type": lambda value: " or ".join(schemas.KINDS[each] for each in ([value] if isinstance(value, str) else value)),
}


def _listed(values: list[Any]) -> str:
    more = ", …" if len(values) > _MOST else ""
    return ", ".join(map(_quoted, values[:_MOST])) + more


def _quoted(value: Any) -> str:
    return f"`{_cut(value if isinstance(value, str) else compact(value))}`"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _shown(path: Path, value: Any) -> str:
    """A value as a message may show it."""
    if is_reference(value):
        return _quoted(f"${{{value['$secret']}}}")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return compact(value)
    if _may_be_credential(path, value):
        return MASK
    return str(value) if isinstance(value, int | float) else _quoted(value)


def _may_be_credential(path: Path, value: Any) -> bool:
    keys = [str(each) for each in path]
    if keys[:1] == ["inference_settings"] and len(keys) > 2 and "metadata" not in keys:
        field = sections().get(keys[1], {}).get(keys[2])
        secret = field.secret if field else None
        return secret is True or (isinstance(value, str) and (is_suspect(value) or is_credential_url(value)))
    if keys[:1] == ["extensions"] and len(keys) > 2 and keys[2] in secret_extensions().get(keys[1], ()):
        return True
    return any(may_hold_credential(key, value) for key in keys)


def _pointer(path: Path) -> str:
    return "".join(f"/{token(str(each))}" for each in path)


def _dotted(path: Path) -> str:
    """A path as people write it, from the settings down."""
    if path[:1] == ("inference_settings",) and len(path) > 1:
        path = path[1:]
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text[:200] or "the profile"
