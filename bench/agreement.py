"""Two contenders' results -> the first difference between them, if there is one.

Ratios between programs that do different work mean nothing, so this is asked before anything is timed.
"""

from __future__ import annotations

import json
from typing import Any


def first_difference(results: dict[str, dict[str, Any]], names: set[str]) -> str | None:
    """`results` holds settings by profile by contender; `names` are the profiles that each of them must have."""
    for contender, settings in results.items():
        if settings.keys() != names:
            return f"{contender} has other profiles than were written: {min(settings.keys() ^ names)}"
    reference, *others = results
    for contender in others:
        for name in sorted(names):
            left, right = fields(results[reference][name]), fields(results[contender][name])
            for field in sorted(left.keys() | right.keys()):
                if left.get(field) != right.get(field):
                    values = f"{left.get(field, 'nothing')} and {right.get(field, 'nothing')}"
                    return f"{name}, {field}: {reference} and {contender} say {values}"
    return None


def mean_size(settings: dict[str, Any]) -> float:
    """Bytes of one profile's settings, written as the floor writes them."""
    return sum(len(json.dumps(each, indent=2)) for each in settings.values()) / len(settings)


def fields(settings: Any, path: str = "") -> dict[str, str]:
    """JSON text by path, so that `true` and `1` differ."""
    settings = normal(settings)
    if not isinstance(settings, dict) or not settings:
        return {path: json.dumps(settings)}
    return {key: text for name, item in settings.items() for key, text in fields(item, f"{path}/{name}").items()}


def normal(value: Any) -> Any:
    """One spelling for what the contenders write in their own ways: 10 for 10.0, and `${env:NAME}` for a reference."""
    if isinstance(value, dict) and value.keys() == {"$secret"}:
        return f"${{{value['$secret']}}}"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
