"""Profiles that are gone, and new ones -> which of them are the same one under another name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from profilec.encode import encode
from profilec.states import Build

# Names are compared as texts only where neither settings nor slugs tell, and never more pairs of them in a diff.
_MOST_COMPARED = 10_000


def renames(old: Build, new: Build, removed: Iterable[str], added: Iterable[str]) -> dict[str, str]:
    """New name by old name, of profiles whose effective settings are the same and not empty; each is paired once."""
    gone = sorted(removed)
    if not gone:
        return {}
    by_settings: dict[bytes, tuple[list[str], list[str]]] = {}
    for side, build, names in ((0, old, gone), (1, new, sorted(added))):
        for name in names:
            if settings := _settings(build, name):
                by_settings.setdefault(settings, ([], []))[side].append(name)
    found: dict[str, str] = {}
    left = _MOST_COMPARED
    for before, after in by_settings.values():
        pairs = _of_the_same_slug(before, after)
        found.update(pairs)
        paired = set(pairs.values())
        rest = [name for name in before if name not in pairs], [name for name in after if name not in paired]
        size = len(rest[0]) * len(rest[1])
        if size <= left:
            left -= size
            found.update(_alike(*rest))
        else:
            found.update(zip(*rest, strict=False))
    return found


def _settings(build: Build, name: str) -> bytes | None:
    document = build.artifacts[name].document
    settings, extensions = document["inference_settings"], document["extensions"]
    return encode([settings, extensions]) if settings or extensions else None


def _of_the_same_slug(before: list[str], after: list[str]) -> dict[str, str]:
    """The pairs that only their registry tells apart."""
    by_slug: dict[str, list[str]] = {}
    for name in reversed(after):
        by_slug.setdefault(_slug(name), []).append(name)
    return {name: by_slug[_slug(name)].pop() for name in before if by_slug.get(_slug(name))}


def _slug(name: str) -> str:
    return name.partition("/")[2]


def _alike(before: list[str], after: list[str]) -> dict[str, str]:
    """For each name the one that is most like it, of those that are left."""
    found = {}
    for name in before:
        if after:
            found[name] = max(after, key=lambda each: (_likeness(name, each), each))
            after.remove(found[name])
    return found


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
