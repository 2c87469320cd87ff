"""value + JSON Schema -> what is wrong with the value, by the keywords that providers enforce.

Others (`format`, `uniqueItems`, `patternProperties`, `if`, references out of the schema …) assert nothing here.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES: dict[str, Any] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: not isinstance(v, bool) and (isinstance(v, int) or (isinstance(v, float) and v.is_integer())),
}
_BOUNDS: dict[str, Any] = {
    "minimum": lambda v, limit: not _is_number(v) or v >= limit,
    "maximum": lambda v, limit: not _is_number(v) or v <= limit,
    "exclusiveMinimum": lambda v, limit: not _is_number(v) or v > limit,
    "exclusiveMaximum": lambda v, limit: not _is_number(v) or v < limit,
    "minLength": lambda v, limit: not isinstance(v, str) or len(v) >= limit,
    "maxLength": lambda v, limit: not isinstance(v, str) or len(v) <= limit,
    "minItems": lambda v, limit: not isinstance(v, list) or len(v) >= limit,
    "maxItems": lambda v, limit: not isinstance(v, list) or len(v) <= limit,
    "pattern": lambda v, limit: not isinstance(v, str) or re.search(limit, v) is not None,
    "enum": lambda v, limit: any(_same(v, each) for each in limit),
    "const": lambda v, limit: _same(v, limit),
}
_DEEPEST = 100


def problem(value: Any, schema: Any) -> str | None:
    """The first thing that is wrong, with its place, or None. Nothing of the value is shown."""
    return _problem(value, schema, schema, "$", 0)


def _problem(value: Any, schema: Any, root: Any, place: str, depth: int) -> str | None:
    if schema is True or (schema is not False and not isinstance(schema, dict)):
        return None
    if schema is False or depth > _DEEPEST:
        return f"{place} is not allowed"
    if "$ref" in schema:
        found = _problem(value, _target(root, schema["$ref"]), root, place, depth + 1)
        if found:
            return found
    return (
        _wrong_type(value, schema.get("type"), place)
        or _out_of_bounds(value, schema, place)
        or _members(value, schema, root, place, depth)
        or _alternatives(value, schema, root, place, depth)
    )


def _wrong_type(value: Any, wanted: Any, place: str) -> str | None:
    names = wanted if isinstance(wanted, list) else [wanted] if wanted else []
    if not names or any(name in _TYPES and _TYPES[name](value) for name in names):
        return None
    return f"{place} is not of type {' or '.join(map(str, names))}"


def _out_of_bounds(value: Any, schema: dict[str, Any], place: str) -> str | None:
    broken = (name for name, holds in _BOUNDS.items() if name in schema and not holds(value, schema[name]))
    return next((f"{place} breaks `{name}`" for name in broken), None)


def _members(value: Any, schema: dict[str, Any], root: Any, place: str, depth: int) -> str | None:
    """The properties of an object, the items of a list."""
    if isinstance(value, dict):
        missing = [name for name in schema.get("required", ()) if name not in value]
        if missing:
            return f"{place} has no `{missing[0]}`"
        known = schema.get("properties", {})
        for name, each in value.items():
            found = _problem(
                each, known.get(name, schema.get("additionalProperties", True)), root, f"{place}.{name}", depth + 1
            )
            if found:
                return found
    elif isinstance(value, list):
        first = schema.get("prefixItems", ())
        for index, each in enumerate(value):
            within = first[index] if index < len(first) else schema.get("items", True)
            found = _problem(each, within, root, f"{place}[{index}]", depth + 1)
            if found:
                return found
    return None


def _alternatives(value: Any, schema: dict[str, Any], root: Any, place: str, depth: int) -> str | None:
    for each in schema.get("allOf", ()):
        found = _problem(value, each, root, place, depth + 1)
        if found:
            return found
    for name in ("anyOf", "oneOf"):
        if name in schema:
            count = sum(_problem(value, each, root, place, depth + 1) is None for each in schema[name])
            if count == 0 or (name == "oneOf" and count > 1):
                return f"{place} fits {count} of the alternatives of `{name}`"
    if "not" in schema and _problem(value, schema["not"], root, place, depth + 1) is None:
        return f"{place} breaks `not`"
    return None


def _target(root: Any, reference: Any) -> Any:
    """What a reference within the schema leads to; any other asserts nothing."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return True
    found = root
    for step in reference[1:].split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        found = found.get(step, True) if isinstance(found, dict) else True
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(left: Any, right: Any) -> bool:
    # To Python True == 1; to JSON Schema they differ, wherever they lie.
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)
