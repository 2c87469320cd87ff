"""chat.structured_output_* -> the JSON Schema that a reply must follow."""

from __future__ import annotations

import json

from .parameters import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODE = "chat.structured_output_mode"
_SCHEMA = "chat.structured_output_schema"
_NAME = "chat.structured_output_name"


class Structured:
    """A schema with its name and description. `strict` says whether the provider must enforce it."""

    __slots__ = ("description", "name", "schema", "strict")

    def __init__(self, name: str, description: str | None, schema: dict[str, Any], strict: bool) -> None:
        self.name = name
        self.description = description
        self.schema = schema
        self.strict = strict

    @property
    def described_schema(self) -> dict[str, Any]:
        """The schema with the description in it, for protocols that have no other place for it."""
        return {"description": self.description, **self.schema} if self.description else self.schema


def structured(p: Parameters) -> Structured | None:
    """What the settings ask for; None where the mode is off, or where they are refused."""
    mode = p.take(_MODE)
    if mode is None or mode.lower() == "off":
        return None
    if mode.lower() != "json_schema":
        p.refuse(f"the mode {mode!r} is not known", "write `json_schema` or `off`", _MODE)
        return None
    if p.take(_NAME) is None:
        p.refuse("the mode `json_schema` needs a name", f"set `{_NAME}`", _MODE)
        return None
    schema = parse(p.take(_SCHEMA))
    if schema is None:
        at_fault = _SCHEMA if p.take(_SCHEMA) else _MODE
        p.refuse("the mode `json_schema` needs the text of a JSON object", f"set `{_SCHEMA}`", at_fault)
        return None
    strict = p.take("chat.structured_output_strict")
    return Structured(p.take(_NAME), p.take("chat.structured_output_description"), schema, strict is not False)


def parse(text: object) -> dict[str, Any] | None:
    """The schema in the text, or None where there is no non-empty object in it."""
    try:
        schema = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return schema if isinstance(schema, dict) and schema else None
