"""A value as an older format spelled it -> the same value in the type its field has now, where that is safe."""

from __future__ import annotations

import re
from typing import Any

from profilec import schemas
from profilec.encode import SAFE_INTEGER

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_SECONDS = re.compile(r"([0-9]+)(s|m|h)")
_UNITS = {"s": 1, "m": 60, "h": 3600}
_WORDS = {**dict.fromkeys(("true", "yes", "on", "y"), True), **dict.fromkeys(("false", "no", "off", "n"), False)}


class Unfit:
    """In the place of a value that no safe reading makes fit."""


def mend(value: Any, spelling: str, schema: dict[str, Any]) -> Any:
    """The value in a type that the field's schema allows, or `Unfit`. `spelling` is how the source wrote a scalar."""
    kinds = [each for each in _list(schema["type"]) if each != "null"]
    if isinstance(value, dict) and "x-secret" in schema and "$secret" not in value:
        return Unfit()
    if value is None or any(_is(value, kind) for kind in kinds):
        return _inner(value, schema)
    mended = _READINGS[kinds[0]](value, spelling)
    return Unfit() if mended is None else mended


def fitting(value: Any, schema: dict[str, Any]) -> Any:
    """A value of a program's own making as the field takes it, or `Unfit`: one that cannot be is not guessed at."""
    kind = next(each for each in _list(schema["type"]) if each != "null")
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _is(value, kind):
        return Unfit()
    if kind in ("integer", "number"):
        return value if schema.get("minimum", -SAFE_INTEGER) <= value <= SAFE_INTEGER else Unfit()
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    # Others than these a source must not have: no reviewer sees them.
    return value if all(isinstance(each, str) and each.isprintable() for each in texts) else Unfit()


def wanted(schema: dict[str, Any]) -> str:
    """What a field's schema wants, as a sentence says it."""
    return schemas.KINDS[next(each for each in _list(schema["type"]) if each != "null")]


def _inner(value: Any, schema: dict[str, Any]) -> Any:
    """Items of a list and entries of a mapping in their types; null items say nothing and are left out."""
    if isinstance(value, list) and "items" in schema:
        items = [mend(each, _text(each), schema["items"]) for each in value if each is not None]
        return next((each for each in items if isinstance(each, Unfit)), items)
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        entries = {}
        for key, each in value.items():
            inner = known.get(key, rest)
            if isinstance(inner, dict):
                each = mend(each, _text(each), inner)
            entries[key] = each
        return next((each for each in entries.values() if isinstance(each, Unfit)), entries)
    return value


def _string(value: Any, spelling: str) -> Any:
    return spelling if isinstance(value, bool | int | float) else None


def _integer(value: Any, spelling: str) -> Any:
    if not isinstance(value, str):
        return None
    text = value.strip()
    if seconds := _SECONDS.fullmatch(text):
        return int(seconds[1]) * _UNITS[seconds[2]]
    number = float(text) if len(text) < 20 and _NUMBER.fullmatch(text) else 0.5
    return int(number) if number.is_integer() and abs(number) < 2**53 else None


def _number(value: Any, spelling: str) -> Any:
    if not isinstance(value, str) or len(value) > 40 or not _NUMBER.fullmatch(value.strip()):
        return None
    number = float(value)
    return None if abs(number) >= 2**53 else int(number) if number.is_integer() else number


def _boolean(value: Any, spelling: str) -> Any:
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def _array(value: Any, spelling: str) -> Any:
    return [spelling] if isinstance(value, str | bool | int | float) else None


def _object(value: Any, spelling: str) -> Any:
    """A map as a list of `key:value`, which is how the command line took one."""
    if not isinstance(value, list) or not all(isinstance(each, str) and ":" in each for each in value):
        return None
    return {key.strip(): inner.strip() for key, _, inner in (each.partition(":") for each in value)}


_READINGS = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        is_number = isinstance(value, int) or (kind == "number" and isinstance(value, float))
        return is_number and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "array": list, "object": dict}[kind])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
