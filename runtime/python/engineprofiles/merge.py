"""layers of settings -> one: baseline, profile and overrides, joined as the compiler joins layers."""

from __future__ import annotations

from .errors import BadOption, nearest, quoted
from .fields import FIELDS, OLDER_SPELLINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeGuard


def merge(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The effective settings of checked layers, the lowest first. Values are shared with the layers, never changed."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for section, content in layer.items():
            below = merged.get(section, {})
            merged[section] = {**below, **{name: _join(section, name, below, content) for name in content}}
    return merged


def check(layer: object, what: str) -> dict[str, dict[str, Any]]:
    """A layer that an application hands in, without what is null in it.

    A field that does not exist, or a value of another kind than the field's, is BadOption; no value is shown.
    """
    if not _is_mapping(layer):
        raise _refusal(f"`{what}` is {type(layer).__name__}, not a dict of sections", what)
    checked: dict[str, dict[str, Any]] = {}
    for section, content in layer.items():
        if section not in FIELDS:
            raise _unknown(section, what, list(FIELDS))
        if content is None:
            continue
        if not _is_mapping(content):
            raise _refusal(f"`{section}` of `{what}` is {type(content).__name__}, not a dict of fields", what)
        checked[section] = _checked(section, content, what)
    return checked


def _join(section: str, name: str, below: Mapping[str, Any], content: Mapping[str, Any]) -> Any:
    strategy = FIELDS.get(section, {}).get(name, "any replace").split()[1]
    if name not in below or strategy not in ("map", "deep"):
        return content[name]
    if strategy == "map":
        return {**below[name], **content[name]}
    return _deep(below[name], content[name])


def _deep(below: Any, over: Any) -> Any:
    if not (_is_mapping(below) and _is_mapping(over)):
        return over
    return {**below, **{key: _deep(below[key], over[key]) if key in below else over[key] for key in over}}


def _checked(section: str, content: Mapping[str, Any], what: str) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in content.items():
        if name not in FIELDS[section]:
            raise _unknown(f"{section}.{name}", what, [f"{section}.{each}" for each in FIELDS[section]])
        kind, _, strategy = FIELDS[section][name].partition(" ")
        if strategy == "map" and _is_mapping(value):
            value = {key: each for key, each in value.items() if each is not None}
        if value is None:
            continue
        if not _KINDS[kind](value):
            raise _refusal(
                f"`{section}.{name}` of `{what}` is {type(value).__name__}, where {_WANTED[kind]} belongs", what
            )
        current = OLDER_SPELLINGS.get(section, {}).get(name)
        if current is None or content.get(current) is None:
            checked[current or name] = value
    return checked


def _is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_integer(value) or (isinstance(value, float) and value - value == 0)


def _is_credential(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("$secret"), str))


def _is_entries(value: object, kind: Any) -> bool:
    return _is_mapping(value) and all(kind(each) for each in value.values())


_KINDS: dict[str, Any] = {
    "text": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
    "credential": _is_credential,
    "credentials": lambda value: _is_entries(value, _is_credential),
    "booleans": lambda value: _is_entries(value, lambda each: isinstance(each, bool)),
    "texts": lambda value: _is_entries(value, lambda each: isinstance(each, str)),
    "prices": lambda value: _is_entries(value, _is_number),
    "object": _is_mapping,
}
_WANTED = {
    "text": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "True or False",
    "list": "a list of texts",
    "credential": 'a text or {"$secret": "env:NAME"}',
    "credentials": 'a dict of texts or {"$secret": "env:NAME"}',
    "booleans": "a dict of True and False",
    "texts": "a dict of texts",
    "prices": "a dict of numbers",
    "object": "a dict",
}


def _refusal(message: str, what: str) -> BadOption:
    return BadOption(message, option=what)


def _unknown(name: object, what: str, known: list[str]) -> BadOption:
    near = nearest(str(name), known)
    hint = f"did you mean {quoted(near[0])}?" if near else f"known are {', '.join(known)}"
    return BadOption(f"{quoted(str(name))} of `{what}` is no setting", hint, option=what, nearest=near)
