"""The rules of resolution once more, written only to be simple: mappings -> what each artifact must say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from law_strategies import schema

Name = tuple[str, str]
Leaves = dict[str, Any]
ABSENT = object()


def resolve(chain: list[dict[str, Any]], baseline: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The settings, extensions, stack and lineage fields of every profile, by "registry/profile"."""
    layers = {
        (document["slug"], slug): (document, profile)
        for document in chain
        for slug, profile in (document["profiles"] or {}).items()
    }
    results = {}
    for registry, slug in layers:
        merged: dict[str, Any] = {"inference_settings": {}, "extensions": {}}
        fields: dict[str, list[int]] = {}
        stack: list[dict[str, Any]] = []
        if baseline is not None:
            lay(merged, fields, settings_of(baseline), {}, 0)
            stack.append({"baseline": "<baseline>"})
        for name in expand((registry, slug), layers):
            document, profile = layers[name]
            own = extensions_of(profile.get("extensions") or {})
            lay(merged, fields, settings_of(profile.get("inference_settings") or {}), own, len(stack))
            about, above = profile.get("metadata") or {}, document.get("metadata") or {}
            source = about["source"] if "source" in about else above.get("source", "")
            stack.append(
                {
                    "registry_slug": name[0],
                    "profile_slug": name[1],
                    "version": about.get("version", 0),
                    "source": source,
                }
            )
        results[f"{registry}/{slug}"] = {**merged, "lineage": {"stack": stack, "fields": fields}}
    return results


def expand(name: Name, layers: dict[Name, Any]) -> list[Name]:
    below = []
    for entry in layers[name][1].get("stack") or []:
        registry = (entry.get("registry_slug") or "").strip().lower() or name[0]
        below += expand((registry, entry["profile_slug"]), layers)
    return list(dict.fromkeys([*below, name]))


def settings_of(settings: dict[str, Any]) -> dict[str, Any]:
    """What a layer sets: without nulls, and with every credential as the reference that it becomes."""
    own: dict[str, Any] = {}
    for section, content in settings.items():
        for name, value in (content or {}).items():
            field = schema("settings")["properties"][section]["properties"][name]
            current = field.get("x-older-spelling-of", name)
            if current != name and content.get(current) is not None:
                continue
            kept = field_of(name, value, field)
            if kept is not None:
                own.setdefault(section, {})[current] = kept
    return own


def field_of(name: str, value: Any, field: dict[str, Any]) -> Any:
    """The value, or None where it sets nothing; an empty map of entries brings no entry."""
    if value is None:
        return None
    if field["x-merge"] == "unit":
        return {key: plain(each) for key, each in value.items() if each is not None}
    if field["x-merge"] == "deep":
        return plain(value) or None
    if field["x-merge"] == "map":
        entry = field["additionalProperties"]
        return {key: credential(key, each, entry) for key, each in value.items() if each is not None} or None
    return credential(name, value, field)


def credential(key: str, value: Any, field: dict[str, Any]) -> Any:
    kind = field.get("x-secret")
    if not kind or not isinstance(value, str) or not value:
        return plain(value)
    if match := re.fullmatch(r"\$\{(?:(env|file):)?(.*)\}", value):
        return {"$secret": f"{match[1] or 'env'}:{match[2]}"}
    if kind == "userinfo" and "@" not in value:
        return value
    implied = re.sub("[^A-Z0-9_]+", "_", key.upper())
    return {"$secret": f"env:{'_' if implied[0].isdigit() else ''}{implied}"}


def extensions_of(extensions: dict[str, Any]) -> dict[str, Any]:
    own = {}
    for name, payload in extensions.items():
        key = name.strip().lower()
        known = schema("registry")["$defs"]["extensions"]["properties"].get(key, {"properties": {}})["properties"]
        own[key] = plain(payload)
        if isinstance(payload, dict):
            own[key] = {inner: credential(inner, each, known.get(inner, {})) for inner, each in payload.items()}
    return own


def plain(value: Any) -> Any:
    """The same with numbers as they are written: a float with an integer value is an integer."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def lay(merged: dict[str, Any], fields: dict[str, list[int]], settings: Any, extensions: Any, position: int) -> None:
    """Lay one layer over what is there."""
    for section, content in settings.items():
        below = merged["inference_settings"].setdefault(section, {})
        for name, value in content.items():
            pointer = f"/inference_settings/{step(section)}/{step(name)}"
            strategy = schema("settings")["properties"][section]["properties"][name]["x-merge"]
            if strategy == "deep":
                below[name] = deep(below.get(name, {}), value, pointer, fields, position)
            elif strategy == "map":
                below[name] = {**below.get(name, {}), **value}
                for key in value:
                    fields.setdefault(f"{pointer}/{step(key)}", []).append(position)
            else:
                below[name] = value
                fields.setdefault(pointer, []).append(position)
    for key, value in extensions.items():
        below = merged["extensions"].get(key, ABSENT)
        merged["extensions"][key] = deep(below, value, f"/extensions/{step(key)}", fields, position)


def deep(below: Any, over: Any, pointer: str, fields: dict[str, list[int]], position: int) -> Any:
    if is_map(below) and is_map(over):
        if not over and below:
            return below
        if over:
            fields.pop(pointer, None)
            merged = dict(below)
            for key, value in over.items():
                merged[key] = deep(below.get(key, ABSENT), value, f"{pointer}/{step(key)}", fields, position)
            return merged
    elif is_map(below) or is_map(over):
        for each in [each for each in fields if each == pointer or each.startswith(pointer + "/")]:
            del fields[each]
    for each in leaves(over, pointer):
        fields.setdefault(each, []).append(position)
    return over


def leaves(value: Any, pointer: str) -> Iterator[str]:
    """The JSON Pointers of a value's leaves; the cost is one, though it is a map."""
    if is_map(value) and value and pointer != "/inference_settings/model_info/cost":
        for key, each in value.items():
            yield from leaves(each, f"{pointer}/{step(key)}")
    else:
        yield pointer


def is_map(value: Any) -> bool:
    return isinstance(value, dict) and set(value) != {"$secret"}


def step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
