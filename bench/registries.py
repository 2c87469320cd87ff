"""Profiles -> registry files in block-style YAML, laid out as people lay it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data import LEVELS, Profile, by_registry

BARE = re.compile(r"[A-Za-z$](?:[A-Za-z0-9 ._/{}-]|:(?! ))*[A-Za-z0-9}]")
WORDS_THAT_ARE_NOT_TEXT = {"yes", "no", "on", "off", "true", "false", "null"}


def write(profiles: list[Profile], directory: Path) -> int:
    """One file for each registry, in an order that puts providers lowest; returns the bytes written."""
    rank = {level.registries: f"{position}0" for position, level in enumerate(LEVELS[:4], start=1)}
    size = 0
    for registry, members in by_registry(profiles).items():
        file = directory / f"{rank[registry.rpartition('-')[0]]}-{registry}.yaml"
        size += file.write_bytes(registry_text(registry, members).encode())
    return size


def registry_text(registry: str, profiles: list[Profile]) -> str:
    head = {"slug": registry, "display_name": registry.replace("-", " ").title()}
    lines = [f"# {len(profiles)} profiles, generated for measuring.", *mapping_lines(head, 0), "profiles:"]
    for profile in profiles:
        lines += [f"  {scalar(profile.slug)}:", *mapping_lines(entry(profile), 4), ""]
    return "\n".join(lines)


def entry(profile: Profile) -> dict[str, Any]:
    stack = {}
    if profile.parent:
        reference = {"profile_slug": profile.parent.slug}
        if profile.parent.registry != profile.registry:
            reference = {"registry_slug": profile.parent.registry, **reference}
        stack = {"stack": [reference]}
    return {
        "display_name": profile.display_name,
        **stack,
        "inference_settings": profile.settings,
        "metadata": profile.metadata,
    }


def mapping_lines(mapping: dict[str, Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield f"{pad}{scalar(key)}:"
            yield from mapping_lines(value, indent + 2)
        elif isinstance(value, list):
            yield f"{pad}{scalar(key)}:"
            yield from list_lines(value, indent + 2)
        else:
            yield f"{pad}{scalar(key)}: {scalar(value)}"


def list_lines(items: list[Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for item in items:
        if isinstance(item, dict):
            first, *rest = mapping_lines(item, indent + 2)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}- {scalar(item)}"


def scalar(value: Any) -> str:
    """Bare where every YAML reader sees the same text, quoted elsewhere."""
    if not isinstance(value, str):
        return json.dumps(value)
    if BARE.fullmatch(value) and value.lower() not in WORDS_THAT_ARE_NOT_TEXT:
        return value
    return json.dumps(value) if "\n" in value else "'" + value.replace("'", "''") + "'"
