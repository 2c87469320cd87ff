"""The JSON Schemas that ship with the package: the one place that knows the fields of every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
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
    "policy": "a project's own rule over its profiles (for editors)",
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
    return decider_of(schema)


def decider_of(schema: Any) -> Callable[[Any], bool]:
    """The same for any schema. Raises ValueError for what is none."""
    try:
        from jsonschema_rs import Draft202012Validator
    except ImportError:
        from jsonschema import SchemaError

        describer = describer_of(schema)
        try:
            describer.check_schema(schema)
        except SchemaError as error:
            raise ValueError(error.message) from None
        slow: Callable[[Any], bool] = describer.is_valid
        return slow
    return Draft202012Validator(schema, offline=True).is_valid


@cache
def describer(name: str, part: str | None = None) -> Any:
    """The validator whose errors are reported: `jsonschema`, a hundred times slower, for what was found wrong."""
    return describer_of(_part(name, part))


def describer_of(schema: Any) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(schema, registry=Registry())


def bounded_describer_of(schema: Any) -> Any:
    """The same for a schema of a project's own: the decider tries its patterns, since Python may take years for one."""
    from jsonschema import Draft202012Validator, ValidationError, validators
    from referencing import Registry

    has_patterns = "patternProperties" in json.dumps(schema)
    keywords = Draft202012Validator.VALIDATORS

    def pattern(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not _is_match(wanted, instance):
            yield ValidationError(f"no match of {wanted}")

    def pattern_properties(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
        for each, inner in wanted.items() if isinstance(instance, dict) else ():
            for key in _matched([each], instance):
                yield from validator.descend(instance[key], inner, path=key, schema_path=each)

    def additional_properties(validator: Any, wanted: Any, instance: Any, own: Any) -> Iterator[ValidationError]:
        if isinstance(instance, dict) and "patternProperties" in own:
            known = dict.fromkeys(_matched(own["patternProperties"], instance), True)
            own = {"properties": {**known, **own.get("properties", {})}}
        yield from keywords["additionalProperties"](validator, wanted, instance, own)

    def unevaluated_properties(validator: Any, wanted: Any, instance: Any, own: Any) -> Iterator[ValidationError]:
        if not has_patterns:
            yield from keywords["unevaluatedProperties"](validator, wanted, instance, own)
        elif isinstance(instance, dict) and _is_unevaluated(own, schema, instance):
            yield ValidationError("unevaluated properties")

    bounded = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {
            "pattern": pattern,
            "patternProperties": pattern_properties,
            "additionalProperties": additional_properties,
            "unevaluatedProperties": unevaluated_properties,
        },
    )
    return bounded(schema, registry=Registry())


def _is_unevaluated(own: dict[str, Any], root: Any, instance: Any) -> bool:
    """Whether it is `unevaluatedProperties` alone that a value does not meet. What refers elsewhere is not told."""
    whole = {**own, "$defs": {**root.get("$defs", {}), **own.get("$defs", {})}}
    rest = {key: value for key, value in whole.items() if key != "unevaluatedProperties"}
    try:
        return decider_of(rest)(instance) and not decider_of(whole)(instance)
    except ValueError:
        return False


def _matched(patterns: Iterable[str], keys: Iterable[str]) -> list[str]:
    return [key for key in keys if any(_is_match(each, key) for each in patterns)]


def _is_match(pattern: str, text: str) -> bool:
    return _matcher(pattern)(text)


@lru_cache(1000)
def _matcher(pattern: str) -> Callable[[Any], bool]:
    return decider_of({"pattern": pattern})


def of_schemas() -> Any:
    """What describes the faults of a JSON Schema."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


def _part(name: str, part: str | None) -> dict[str, Any]:
    schema = load(name)
    return {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema
