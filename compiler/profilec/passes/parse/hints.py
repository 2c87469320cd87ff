"""A field or value that is out of shape -> how to mend it, as it could be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from profilec import schemas, slugs
from profilec.diagnostics import did_you_mean

_NUMBER_TEXT = re.compile(r"\s*[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*")
# A key and its value with nothing between colon and value: YAML reads it as one text.
_GLUED = re.compile(r"[A-Za-z_][\w.-]*:[^\s:/]")
# What fields are called elsewhere.
_FAMILIAR = {
    "api_key": "api_keys",
    "max_completion_tokens": "max_response_tokens",
    "max_output_tokens": "max_response_tokens",
    "max_tokens": "max_response_tokens",
    "model": "engine",
    "model_name": "engine",
    "provider": "api_type",
    "stop_sequences": "stop",
}
Path = list[str | int]


def of_unknown(key: str, path: Path, schema: Any) -> str | None:
    """Where an unknown key belongs, what it may have been meant to be, or what is known at its place."""
    fields = schema.get("properties", {})
    return _elsewhere(key, path, schema) or _familiar(key, fields) or did_you_mean(key, fields) or _known_fields(fields)


def _elsewhere(key: str, path: Path, schema: Any) -> str | None:
    """A hint where the key is right but stands in the wrong place."""
    sections: Mapping[str, Any] = schemas.load("settings")["properties"]
    homes = [name for name, each in sections.items() if key in each["properties"]]
    if len(path) == 2 and path[0] == "profiles":
        if key in sections:
            return f"write it below `inference_settings:`: it is a section of the settings, `inference_settings.{key}`"
        name = _FAMILIAR.get(key, key)
        home = next((home for home, each in sections.items() if name in each["properties"]), None)
        return f"write it as `inference_settings: {{{home}: {{{name}: …}}}}`" if home else None
    # In a baseline the sections stand at the top.
    is_settings = path[2:3] == ["inference_settings"] if path[:1] == ["profiles"] else schema in _settings_parts()
    if is_settings and len(path) <= 4 and homes:
        return "it is a field of " + " and of ".join(f"`{home}`" for home in homes)
    return None


def _settings_parts() -> list[Any]:
    settings = schemas.load("settings")
    return [settings, *settings["properties"].values()]


def _familiar(key: str, fields: Mapping[str, Any]) -> str | None:
    name = _FAMILIAR.get(key)
    return f"did you mean `{name}`?" if name in fields else None


def _known_fields(fields: Iterable[str]) -> str | None:
    names = sorted(fields)
    return "known here: " + ", ".join(f"`{name}`" for name in names) if names else None


def of_type(value: Any, path: Path, wanted: list[str], is_secret: bool, spelled: str) -> str | None:
    """How a value of the wrong type becomes one of a type that is wanted. `spelled` is what the source wrote."""
    if (hint := _stack(value, path)) is not None:
        return hint
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if "string" in wanted and (is_number or isinstance(value, bool)):
        return "quote it" if is_secret else f'quote it: "{spelled}"'
    if isinstance(value, str) and {"number", "integer"} & set(wanted):
        if _NUMBER_TEXT.fullmatch(value):
            return f"leave the quotes out: {value.strip()}"
        if re.fullmatch(r"[0-9]+(ms|s|m|h)", value):
            return "durations are whole seconds, without a unit"
    if isinstance(value, str) and "boolean" in wanted and value.lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"write {'true' if value.lower() in ('yes', 'on', 'true') else 'false'}, without quotes"
    if is_secret and isinstance(value, dict):
        return "write `${env:NAME}`"
    if "integer" in wanted and is_number:
        return "write a whole number"
    if wanted == ["array"] and isinstance(value, str):
        return "write a list: `[…]`, or one `- ` line for each item"
    if "object" in wanted and not is_secret and isinstance(value, str) and _GLUED.match(value):
        return "a key needs a colon and a blank behind it: `key: value`"
    if wanted == ["object"] and value is None:
        return "write `{}` for one that sets nothing"
    return None


def _stack(value: Any, path: Path) -> str | None:
    """The entry that a stack of another shape stands for."""
    if path[:1] != ["profiles"] or path[2:3] != ["stack"] or len(path) > 4:
        return None
    entry = "{profile_slug: …}"
    if isinstance(value, str):
        if _GLUED.match(value):
            return None
        registry, _, profile = slugs.normalize(value).rpartition("/")
        if slugs.is_slug(profile) and (not registry or slugs.is_slug(registry)):
            entry = (
                f"{{registry_slug: {registry}, profile_slug: {profile}}}"
                if registry
                else f"{{profile_slug: {profile}}}"
            )
    elif not isinstance(value, dict):
        return None
    return f"write `{entry}`" if len(path) == 4 else f"write a list: `[{entry}]`"
