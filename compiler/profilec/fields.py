"""The settings schema, read once into the tables that the passes look fields up in."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any, Literal, NamedTuple

from profilec import schemas

SETTINGS = "/inference_settings"
EXTENSIONS = "/extensions"
CONTEXT_WINDOW = f"{SETTINGS}/model_info/context_window"
WATERMARK = f"{SETTINGS}/model_info/quality_high_watermark"
Secret = Literal[True, "userinfo", None]


class Strategy(Enum):
    """How a layer's value joins the one below it; the values are the schema's `x-merge`."""

    REPLACE = "replace"
    MAP = "map"
    DEEP = "deep"
    UNIT = "unit"


class Field(NamedTuple):
    """One field of one section, under the name it compiles to.

    `secret` speaks of the value, or of each entry where the field is a map. `is_plain`: nothing about it is special.
    """

    name: str
    pointer: str
    strategy: Strategy
    secret: Secret
    is_baseline: bool
    is_plain: bool


@cache
def sections() -> dict[str, dict[str, Field]]:
    """Field by name, by section."""
    return {
        section: {name: _field(section, name, each) for name, each in schema["properties"].items()}
        for section, schema in schemas.load("settings")["properties"].items()
    }


@cache
def structured_sections() -> dict[str, dict[str, Strategy]]:
    """Of each section the fields that do not simply replace what is below."""
    return {
        section: {name: each.strategy for name, each in table.items() if each.strategy in (Strategy.MAP, Strategy.DEEP)}
        for section, table in sections().items()
    }


@cache
def secret_extensions() -> dict[str, frozenset[str]]:
    """Of each extension that the schema knows the keys that hold credentials."""
    known = schemas.load("registry")["$defs"]["extensions"]["properties"]
    return {
        key: frozenset(name for name, each in schema["properties"].items() if each.get("x-secret"))
        for key, schema in known.items()
    }


@cache
def secret_fields() -> tuple[tuple[str, str], ...]:
    """The fields, by section and name, that may hold references to credentials."""
    return tuple(
        (section, name) for section, table in sections().items() for name, each in table.items() if each.secret
    )


def model_info_conflict(model_info: dict[str, Any]) -> str | None:
    """The one rule between two fields of the settings, as a sentence where it is broken."""
    limit, watermark = model_info.get("context_window"), model_info.get("quality_high_watermark")
    if isinstance(limit, int) and isinstance(watermark, int) and watermark > limit:
        return f"`quality_high_watermark` ({watermark}) lies above `context_window` ({limit})"
    return None


def token(key: str) -> str:
    """A key as a step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def steps(pointer: str) -> list[str]:
    """The keys of a JSON Pointer: what `token` made of each, undone."""
    found = pointer.split("/")[1:]
    return [each.replace("~1", "/").replace("~0", "~") for each in found] if "~" in pointer else found


def _field(section: str, name: str, schema: dict[str, Any]) -> Field:
    entry = schema.get("additionalProperties")
    secret = (entry if isinstance(entry, dict) else schema).get("x-secret")
    strategy = Strategy(schema["x-merge"])
    is_baseline = schema["x-owner"] == "baseline"
    current = schema.get("x-older-spelling-of", name)
    is_plain = strategy is Strategy.REPLACE and not secret and not is_baseline
    return Field(current, f"{SETTINGS}/{section}/{token(current)}", strategy, secret, is_baseline, is_plain)
