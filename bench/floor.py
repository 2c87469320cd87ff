"""Registries of YAML -> one flat JSON file for each profile, as a short script would do it.

No check, no lineage, no position, no digest, no index: what the stock libraries cost, and nothing else.
Usage: python floor.py SOURCES OUT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

Ref = tuple[str, str]


def main(sources: Path, out: Path) -> None:
    profiles = load(sources)
    for registry in {registry for registry, _ in profiles}:
        (out / registry).mkdir(parents=True, exist_ok=True)
    for registry, slug in profiles:
        settings: dict[str, Any] = {}
        for layer in stack(profiles, (registry, slug)):
            settings = merge(settings, profiles[layer].get("inference_settings", {}))
        with open(f"{out}/{registry}/{slug}.json", "w", encoding="utf-8") as file:  # noqa: PTH123, faster than pathlib
            file.write(json.dumps(settings, sort_keys=True, indent=2))


def load(sources: Path) -> dict[Ref, dict[str, Any]]:
    profiles = {}
    for file in sorted(sources.glob("*.yaml")):
        registry = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        for slug, profile in registry["profiles"].items():
            profiles[registry["slug"], slug] = profile
    return profiles


def stack(profiles: dict[Ref, dict[str, Any]], ref: Ref) -> list[Ref]:
    layers = []
    for entry in profiles[ref].get("stack", ()):
        layers += stack(profiles, (entry.get("registry_slug", ref[0]), entry["profile_slug"]))
    return [*layers, ref]


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = merge(merged[key], value)
        merged[key] = value
    return merged


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
