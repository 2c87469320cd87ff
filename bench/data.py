"""Count -> profiles: a stand-in for what a company writes, in five levels that stack on each other.

The same count gives the same profiles on every machine. No machine's clock, locale or hash seed has a part in it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import settings
from settings import Draw, Settings

SEED = 2026
PROFILES_PER_FILE = 125
LEAST_COUNT = 20


@dataclass(frozen=True, slots=True)
class Profile:
    registry: str
    slug: str
    parent: Profile | None
    protocol: str
    display_name: str
    settings: Settings
    metadata: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    registries: str
    share: float
    settings: Callable[[Draw, int, str], Settings]


LEVELS = (
    Level("provider", "provider", 0.01, settings.provider),
    Level("model", "model", 0.04, settings.model),
    Level("house", "house", 0.10, settings.house),
    Level("preset", "team", 0.25, settings.preset),
    Level("leaf", "team", 0.60, settings.leaf),
)
LEAST_FILES = {"provider": 2, "model": 4, "house": 4, "team": 16}
ADJECTIVES = ("Quick", "Careful", "Cheap", "Long", "Nightly", "Strict", "Plain", "Bright", "Spare", "Early")
NOUNS = ("Answer", "Review", "Triage", "Draft", "Digest", "Search", "Judge", "Planner", "Tutor", "Report")


def generate(count: int) -> list[Profile]:
    """Profiles in stacking order, parents first; at least `LEAST_COUNT`."""
    draw = Draw(SEED)
    sizes = level_sizes(count)
    files = file_counts(sizes)
    profiles: list[Profile] = []
    above: dict[str, list[Profile]] = {}
    for level in LEVELS:
        here = level_profiles(draw, level, sizes[level.name], files[level.registries], above)
        above = by_registry(here)
        profiles += here
    return profiles


def level_sizes(count: int) -> dict[str, int]:
    sizes = {level.name: max(1, round(level.share * count)) for level in LEVELS[:-1]}
    return {**sizes, LEVELS[-1].name: count - sum(sizes.values())}


def file_counts(sizes: dict[str, int]) -> dict[str, int]:
    """Never more files than the first level in them has profiles, since each needs a `default`."""
    members: defaultdict[str, list[int]] = defaultdict(list)
    for level in LEVELS:
        members[level.registries].append(sizes[level.name])
    return {
        registries: min(max(LEAST_FILES[registries], math.ceil(sum(parts) / PROFILES_PER_FILE)), parts[0])
        for registries, parts in members.items()
    }


def level_profiles(draw: Draw, level: Level, size: int, files: int, above: dict[str, list[Profile]]) -> list[Profile]:
    every = [profile for profiles in above.values() for profile in profiles]
    profiles = []
    for number in range(size):
        registry = f"{level.registries}-{number % files + 1:03d}"
        # Half of the leaves stack on a preset of their own registry; all other stacks cross registries.
        nearby = above.get(registry) if draw.chance(0.5) else None
        parent = draw.one(nearby or every) if every else None
        protocol = parent.protocol if parent else draw.one(settings.PROTOCOLS)
        display_name = f"{draw.one(ADJECTIVES)} {draw.one(NOUNS)}"
        is_default = number < files and level.name != "leaf"
        profiles.append(
            Profile(
                registry=registry,
                slug="default" if is_default else f"{level.name}-{display_name.lower().replace(' ', '-')}-{number}",
                parent=parent,
                protocol=protocol,
                display_name=display_name,
                settings=level.settings(draw, number, protocol),
                metadata={"version": draw.below(9) + 1, "tags": [draw.one(settings.TEAMS)]},
            )
        )
    return profiles


def by_registry(profiles: list[Profile]) -> dict[str, list[Profile]]:
    groups: defaultdict[str, list[Profile]] = defaultdict(list)
    for profile in profiles:
        groups[profile.registry].append(profile)
    return dict(groups)
