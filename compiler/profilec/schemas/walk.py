"""A JSON Schema -> the schemas in it. Only where a keyword holds schemas: a property may be called `pattern`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_OF_ONE = (
    *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_OF_MANY = {"allOf", "anyOf", "oneOf", "prefixItems"}
_BY_NAME = {"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"}
# What these say when they are false is worded for the whole object, and is known to have its place there.
_KEPT = {"unevaluatedItems", "unevaluatedProperties"}
# What a schema of the draft 2020-12 may have as keys; a test holds this to the draft.
KEYWORDS = frozenset(
    """
    $anchor $comment $defs $dynamicAnchor $dynamicRef $id $ref $schema $vocabulary additionalProperties allOf
    anyOf const contains contentEncoding contentMediaType contentSchema default definitions dependentRequired
    dependentSchemas deprecated description else enum examples exclusiveMaximum exclusiveMinimum format if items
    maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum
    multipleOf not oneOf pattern patternProperties prefixItems properties propertyNames readOnly required then
    title type unevaluatedItems unevaluatedProperties uniqueItems writeOnly
    """.split()  # noqa: SIM905 - a line for each would hide the rest
)
Path = tuple[str | int, ...]


def subschemas(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The schema and every one in it, each with its path."""
    yield path, schema
    for keyword, inner in schema.items() if isinstance(schema, dict) else ():
        for step, each in _within(keyword, inner):
            yield from subschemas(each, (*path, keyword, *step))


def spelled_out(schema: Any) -> Any:
    """A schema of the same meaning that says `{"not": {}}` for false: `jsonschema` loses the place of the latter."""
    if not isinstance(schema, dict):
        return {"not": {}} if schema is False else schema
    result = dict(schema)
    for keyword, inner in schema.items():
        if keyword in _KEPT:
            continue
        for step, each in _within(keyword, inner):
            if not step:
                result[keyword] = spelled_out(each)
                continue
            if result[keyword] is inner:
                result[keyword] = inner.copy()
            result[keyword][step[0]] = spelled_out(each)
    return result


def _within(keyword: str, inner: Any) -> Iterator[tuple[Path, Any]]:
    if keyword in _OF_ONE:
        yield (), inner
    elif keyword in _OF_MANY and isinstance(inner, list):
        yield from (((index,), each) for index, each in enumerate(inner))
    elif keyword in _BY_NAME and isinstance(inner, dict):
        yield from (((name,), each) for name, each in inner.items())
