"""A diff's plain data, laid over old artifacts as its schema says: on purpose without the code that made it."""

from __future__ import annotations

import copy
import json
from typing import Any

Documents = dict[str, dict[str, Any]]
COPY = "profile.stack.lineage"


def changes_by_profile(diff: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Every reported change, by profile."""
    found: dict[str, list[dict[str, Any]]] = {}
    for cause in diff["causes"]:
        for effect in (*cause["effects"], *cause["provenance"]):
            for name in effect["profiles"]:
                found.setdefault(name, []).extend(effect["changes"])
    return found


def patched(old: Documents, diff: dict[str, Any], added: Documents) -> Documents:
    """The old artifacts with every reported change made. What was added is taken as it is: a diff only lists it."""
    new = copy.deepcopy(old)
    for each in diff["removed"]:
        del new[each["name"]]
    for each in diff["added"]:
        new[each["name"]] = added[each["name"]]
    for each in diff["renamed"]:
        new[each["new"]] = patch(new.pop(each["old"]), each["changes"])
    for name, changes in changes_by_profile(diff).items():
        new[name] = patch(new[name], changes)
    return new


def patch(document: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """One artifact with the changes made: first what goes, then what comes."""
    for change in changes:
        if "old" in change:
            take(document, steps(change["pointer"]), change["old"])
    for change in changes:
        if "new" in change:
            put(document, steps(change["pointer"]), copy.deepcopy(change["new"]))
    document["metadata"][COPY] = copy.deepcopy(document["lineage"]["stack"])
    return document


def steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def take(holder: Any, path: list[str], old: Any) -> None:
    """Remove a value, which must be the one that was reported, and the maps of settings that it leaves empty."""
    trail = [holder]
    for step in path[:-1]:
        trail.append(trail[-1][int(step) if isinstance(trail[-1], list) else step])
    last: Any = path[-1]
    assert exact(trail[-1][last]) == exact(old), "a change says that something stood there which did not"
    del trail[-1][last]
    for depth in range(len(path) - 1, 1, -1) if path[0] in ("inference_settings", "extensions") else ():
        if not trail[depth]:
            del trail[depth - 1][path[depth - 1]]


def put(holder: Any, path: list[str], new: Any) -> None:
    for step in path[:-1]:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    assert path[-1] not in holder, "a change puts something where something stands"
    holder[path[-1]] = new


def exact(value: Any) -> str:
    """To Python `True` is 1, and 1.0 too; to a reader of JSON they are not."""
    return json.dumps(value, sort_keys=True)
