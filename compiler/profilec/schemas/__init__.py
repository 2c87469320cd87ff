"""The JSON Schemas that ship with the package: the one place that knows the fields of every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pkgutil import get_data
from typing import Any

# What `profilec schema` prints, with what each is for.
NAMES = {
    "registry": "a registry document, as people write it (for editors)",
    "settings": "the inference settings of a profile, a baseline, or overrides",
    "artifact": "one compiled profile",
    "index": "one registry's index in a build directory",
    "manifest": "a build directory's manifest",
    "source-map": "what each layer of a registry wrote, and where",
    "names": "the table of unqualified names",
    "diff": "what `profilec diff --format json` prints",
    "graph": "what `profilec graph --format json` prints",
}
# What the types of a schema are called in sentences.
KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_SETTINGS = "settings.schema.json"


@cache
def load(name: str) -> dict[str, Any]:
    """A schema by name, complete in itself: what it refers to is in its `$defs`."""
    data = get_data("profilec.schemas", f"{name}.schema.json")
    assert data is not None, "the package's loader gives access to its data"
    text = data.decode()
    if f'"{_SETTINGS}"' not in text:
        schema: dict[str, Any] = json.loads(text)
        return schema
    schema = json.loads(text.replace(f'"{_SETTINGS}"', '"#/$defs/settings"'))
    settings = {key: value for key, value in load("settings").items() if key not in ("$schema", "$id")}
    schema.setdefault("$defs", {})["settings"] = settings
    return schema


@cache
def decider(name: str, part: str | None = None, may_say_more: bool = False) -> Callable[[Any], bool]:
    """A fast yes or no for a schema, or for one of its `$defs`. Nothing is ever fetched.

    With `may_say_more` unknown keys are accepted, as a later version may write them in the same format.
    """
    schema = _part(name, part)
    if may_say_more:
        schema = json.loads(json.dumps(schema).replace('"additionalProperties": false', '"additionalProperties": true'))
    try:
        from jsonschema_rs import Draft202012Validator
    except ImportError:
        from jsonschema import Draft202012Validator as Slow

        slow: Callable[[Any], bool] = Slow(schema).is_valid
        return slow
    return Draft202012Validator(schema, offline=True).is_valid


@cache
def describer(name: str, part: str | None = None) -> Any:
    """The validator whose errors are reported: `jsonschema`, a hundred times slower, for what was found wrong."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(_part(name, part), registry=Registry())


def _part(name: str, part: str | None) -> dict[str, Any]:
    schema = load(name)
    return {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema
