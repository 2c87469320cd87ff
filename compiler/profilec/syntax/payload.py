"""A payload of a SQLite registry -> Tree, and back: JSON in which Go named the fields of the settings.

A field's name there, and whether its zero value means not set, are in the settings schema. Both names are read: what Go
wrote, and YAML's. Durations are in nanoseconds there, in seconds here.
"""

from __future__ import annotations

import json as standard
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from profilec import schemas, slugs
from profilec.diagnostics import Report
from profilec.states import Text
from profilec.syntax import json, plain
from profilec.syntax.tree import Tree

_SECOND = 1_000_000_000
_DEFAULT = "default_profile_slug"


class Name(NamedTuple):
    """What a field is called in YAML, and whether Go wrote its zero value for a field that is not set."""

    name: str
    is_plain: bool


def parse(source: Text, text: str, report: Report) -> Tree | None:
    """Read a payload, with the fields under the names that YAML has for them.

    A payload is one long line, in which no place helps a reader: what is found is told with the row's place.
    """
    try:
        value = standard.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):
        # This parser says what is wrong, and where.
        nothing = json.parse(source.name, text, found := Report())
        report.extend(found)
        return None if found.has_errors else nothing
    tree = plain.parse(source.name, value, report)
    registry = tree.value
    if not isinstance(registry, dict) or not registry:
        return tree
    default = registry.pop(_DEFAULT, None)
    registry["slug"] = registry.get("slug") or source.slug
    if slugs.normalize(str(registry["slug"])) != slugs.normalize(source.slug):
        report.error(
            "slug-mismatch",
            f"the payload's slug is `{registry['slug']}`, its row's is `{source.slug}`",
            tree.span(),
            hint="rename one of the two",
        )
    profiles = registry.get("profiles")
    for key, profile in profiles.items() if isinstance(profiles, dict) else ():
        if isinstance(profile, dict):
            if profile.get("slug") == key:
                # Go repeats it in every profile.
                del profile["slug"]
            if isinstance(settings := profile.get("inference_settings"), dict):
                with report.about(key):
                    profile["inference_settings"] = _renamed_sections(settings, tree, report)
    return replace(tree, default=default, default_span=tree.span())


def dump(registry: Mapping[str, Any], default: str | None) -> str:
    """The payload of a registry, as the original reads it."""
    profiles = {}
    for slug, profile in (registry.get("profiles") or {}).items():
        profiles[slug] = {**profile, "slug": slug}
        if profile.get("inference_settings"):
            profiles[slug]["inference_settings"] = _go_sections(profile["inference_settings"])
    payload = {key: value for key, value in registry.items() if not key.startswith("x-")}
    payload["profiles"] = profiles
    if default is not None:
        payload[_DEFAULT] = default
    return standard.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key stands twice")
    return mapping


def _renamed_sections(settings: dict[str, Any], tree: Tree, report: Report) -> dict[str, Any]:
    known = _names()
    renamed: dict[str, Any] = {}
    for key, content in settings.items():
        section = key if key in known else _sections().get(key.lower(), key)
        if isinstance(content, dict) and section in known:
            content = _renamed_fields(content, section, tree, report)
        _add(renamed, section, content, tree, report)
    return renamed


def _renamed_fields(content: dict[str, Any], section: str, tree: Tree, report: Report) -> dict[str, Any]:
    own, names = schemas.load("settings")["properties"][section]["properties"], _names()[section]
    renamed: dict[str, Any] = {}
    for key, value in _with_one_timeout(content, tree, report).items() if section == "client" else content.items():
        found = None if key in own else names.get(key.lower())
        if found is None:
            _add(renamed, key, value, tree, report)
        elif not (found.is_plain and value in ("", 0) and value.__class__ is not float):
            # The zero value of a plain field says that it is not set.
            _add(renamed, found.name, value, tree, report)
    return renamed


def _with_one_timeout(content: dict[str, Any], tree: Tree, report: Report) -> dict[str, Any]:
    """The content of `client` with its timeout in seconds, which Go has twice."""
    content = {key: value for key, value in content.items() if key != "HTTPClient"}
    seconds, nanoseconds = content.pop("TimeoutSeconds", None), content.pop("Timeout", None)
    if seconds is None and nanoseconds.__class__ is int:
        seconds, rest = divmod(nanoseconds, _SECOND)
        if rest:
            report.error(
                "invalid-value",
                f"`Client.Timeout` is {nanoseconds} ns, where whole seconds are wanted",
                tree.span(),
                hint="round it up to whole seconds, 1000000000 ns each",
            )
    seconds = nanoseconds if seconds is None else seconds
    return content if seconds is None else {**content, "timeout": seconds}


def _add(renamed: dict[str, Any], key: str, value: Any, tree: Tree, report: Report) -> None:
    if key in renamed:
        report.error(
            "duplicate-key",
            f"`{key}` stands twice, once under the name that Go has for it",
            tree.span(),
            hint="keep one of the two",
        )
    renamed[key] = value


def _go_sections(settings: Mapping[str, Any]) -> dict[str, Any]:
    tables = schemas.load("settings")["properties"]
    result = {}
    for section, content in settings.items():
        table = tables[section]
        result[table["x-go-name"]] = (
            _go_fields(content, table["properties"]) if isinstance(content, Mapping) else content
        )
    return result


def _go_fields(content: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in content.items():
        go = table[name].get("x-go-name", name)
        if table[name].get("x-go-plain") and value in ("", 0):
            # Under Go's name this would say that the field is not set. Go itself reads the same either way.
            go = name
        if go in ("Timeout", "TimeoutSeconds") and isinstance(value, int):
            result.update(Timeout=value * _SECOND, TimeoutSeconds=value)
        else:
            result[go] = value
    return result


@cache
def _sections() -> dict[str, str]:
    tables: Mapping[str, Any] = schemas.load("settings")["properties"]
    return {table["x-go-name"].lower(): section for section, table in tables.items()}


@cache
def _names() -> dict[str, dict[str, Name]]:
    """Of each section the fields by Go's name in lower case: Go does not look at the case either."""
    return {
        section: {
            field["x-go-name"].lower(): Name(name, field.get("x-go-plain", False))
            for name, field in table["properties"].items()
            if "x-go-name" in field
        }
        for section, table in schemas.load("settings")["properties"].items()
    }
