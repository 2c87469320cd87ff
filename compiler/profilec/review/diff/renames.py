"""Profiles that are gone, and new ones -> which of them are the same one under another name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from profilec.encode import encode
from profilec.states import Build

# Names are compared as texts only where settings alone do not tell, and never many of them.
_MOST_COMPARED = 200


def renames(old: Build, new: Build, removed: Iterable[str], added: Iterable[str]) -> dict[str, str]:
    """New name by old name, of profiles whose effective settings are the same and not empty; each is paired once."""
    by_settings: dict[bytes, list[str]] = {}
    gone = sorted(removed)
    if not gone:
        return {}
    for name in sorted(added):
        if settings := _settings(new, name):
            by_settings.setdefault(settings, []).append(name)
    found = {}
    for name in gone:
        candidates = by_settings.get(_settings(old, name) or b"")
        if candidates:
            best = max(candidates[:_MOST_COMPARED], key=lambda each: (_likeness(name, each), each))
            candidates.remove(best)
            found[name] = best
    return found


def _settings(build: Build, name: str) -> bytes | None:
    document = build.artifacts[name].document
    settings, extensions = document["inference_settings"], document["extensions"]
    return encode([settings, extensions]) if settings or extensions else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
