"""A payload of a SQLite registry -> Tree, and back: JSON in which Go named the fields of the settings.

A field's name there, and whether its zero value means not set, are in the settings schema. Both names are read: what Go
wrote, and YAML's. Durations are in nanoseconds there, in seconds here.
"""

from __future__ import annotations

import json as standard
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from profilec import schemas, slugs
from profilec.diagnostics import Note, Report
from profilec.states import Text
from profilec.syntax import json
from profilec.syntax.json import Position
from profilec.syntax.tree import Mark, Tree

_SECOND = 1_000_000_000
_DEFAULT = "default_profile_slug"


class Name(NamedTuple):
    """What a field is called in YAML, and whether Go wrote its zero value for a field that is not set."""

    name: str
    is_plain: bool


def parse(source: Text, text: str, report: Report) -> Tree | None:
    """Read a payload, with the fields under the names that YAML has for them."""
    tree = json.parse(source.name, text, report)
    if tree is None or not isinstance(tree.value, dict) or not tree.value:
        return tree
    registry = tree.value
    default, mark = registry.get(_DEFAULT), tree.mark(registry, _DEFAULT) if _DEFAULT in registry else None
    entries = [entry for entry in _entries(tree, registry) if entry.key != _DEFAULT]
    if registry.get("slug") in (None, ""):
        at = Position(0, 0)
        entries = [entry for entry in entries if entry.key != "slug"]
        entries.append(_Entry("slug", source.slug, at, at))
    _refill(tree, registry, entries)
    if slugs.normalize(str(registry["slug"])) != slugs.normalize(source.slug):
        report.error(
            "slug-mismatch",
            f"the payload's slug is `{registry['slug']}`, its row's is `{source.slug}`",
            tree.value_span(registry, "slug"),
            hint="rename one of the two",
        )
    profiles = registry.get("profiles")
    for key, profile in profiles.items() if isinstance(profiles, dict) else ():
        if not isinstance(profile, dict):
            continue
        if profile.get("slug") == key:
            # Go repeats it in every profile.
            _refill(tree, profile, [entry for entry in _entries(tree, profile) if entry.key != "slug"])
        settings = profile.get("inference_settings")
        if isinstance(settings, dict):
            _rename_sections(tree, settings, report)
    return Tree(
        tree.name, registry, text, tree.marks, refused=tree.refused, default=default, default_span=tree.span(mark)
    )


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


class _Entry(NamedTuple):
    key: str
    value: Any
    key_mark: Mark
    mark: Mark


def _entries(tree: Tree, mapping: dict[str, Any]) -> list[_Entry]:
    marks = tree.marks[id(mapping)]
    return [_Entry(key, mapping[key], marks[2 * at], marks[2 * at + 1]) for at, key in enumerate(mapping)]


def _refill(tree: Tree, mapping: dict[str, Any], entries: list[_Entry]) -> None:
    """Change a mapping in its place: the marks are found by its identity."""
    mapping.clear()
    mapping.update((entry.key, entry.value) for entry in entries)
    tree.marks[id(mapping)] = [mark for entry in entries for mark in (entry.key_mark, entry.mark)]
    tree.orders.pop(id(mapping), None)


def _rename_sections(tree: Tree, settings: dict[str, Any], report: Report) -> None:
    known, renamed = _names(), []
    for entry in _entries(tree, settings):
        section = entry.key if entry.key in known else _sections().get(entry.key.lower(), entry.key)
        renamed.append(entry._replace(key=section))
    _refill(tree, settings, _without_twins(tree, renamed, report))
    for section, content in settings.items():
        if isinstance(content, dict) and section in known:
            entries = _client(tree, content, report) if section == "client" else _entries(tree, content)
            kept = [each for entry in entries if (each := _renamed(entry, section, known[section])) is not None]
            _refill(tree, content, _without_twins(tree, kept, report))


def _renamed(entry: _Entry, section: str, names: dict[str, Name]) -> _Entry | None:
    """The entry under YAML's name; None where its zero value says that it is not set."""
    if entry.key in schemas.load("settings")["properties"][section]["properties"]:
        return entry
    found = names.get(entry.key.lower())
    if found is None:
        return entry
    is_zero = found.is_plain and entry.value in ("", 0) and not isinstance(entry.value, float)
    return None if is_zero else entry._replace(key=found.name)


def _client(tree: Tree, content: dict[str, Any], report: Report) -> list[_Entry]:
    """The entries of `client`, with one timeout, in seconds."""
    entries = [entry for entry in _entries(tree, content) if entry.key != "HTTPClient"]
    has_seconds = any(entry.key == "TimeoutSeconds" and entry.value is not None for entry in entries)
    kept = []
    for entry in entries:
        if entry.key == "TimeoutSeconds":
            entry = entry._replace(key="timeout")
        elif entry.key == "Timeout" and has_seconds:
            continue
        elif entry.key == "Timeout" and isinstance(entry.value, int):
            seconds, rest = divmod(entry.value, _SECOND)
            if rest:
                report.error(
                    "invalid-value",
                    f"`Client.Timeout` is {entry.value} ns, where whole seconds are wanted",
                    tree.span(entry.mark),
                    hint="round it up to whole seconds, 1000000000 ns each",
                )
            entry = entry._replace(value=seconds)
        kept.append(entry)
    # What has no value would hide the timeout that has one.
    return [entry for entry in kept if not (entry.key == "timeout" and entry.value is None)]


def _without_twins(tree: Tree, entries: list[_Entry], report: Report) -> list[_Entry]:
    kept: dict[str, _Entry] = {}
    for entry in entries:
        first = kept.setdefault(entry.key, entry)
        if first is not entry:
            report.error(
                "duplicate-key",
                f"`{entry.key}` stands twice, once under the name that Go has for it",
                tree.span(entry.key_mark),
                notes=[Note("it stands here first", tree.span(first.key_mark))],
                hint="keep one of the two",
            )
    return list(kept.values())


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
