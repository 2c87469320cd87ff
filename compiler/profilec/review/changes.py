"""A diff as plain data -> what a report shows of it: a profile that the report has is its number, any other its name.

It drops what the report does not show: the lineage of what changed, beyond the profiles that it shows in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from profilec.diagnostics import Span
from profilec.encode import is_same
from profilec.review.diff.document import as_document
from profilec.review.diff.result import Diff
from profilec.review.tabulate import listed, tabulate
from profilec.states import Build

Named = list[int | str]


def tables_of(build: Build, found: Diff) -> dict[str, Any]:
    """The tables of a report on a build, and what changed in it; `found` is a diff whose new side it is."""
    numbers = {name: number for number, name in enumerate(listed(build))}
    return {**tabulate(build), "changes": changes(as_document(found), numbers)}


def changes(document: dict[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    """`document` is a diff as plain data, `numbers` the profiles of the report by name.

    Of a change or a meaning, `profiles` is missing where it concerns all profiles of its edit.
    """
    summary = document["summary"]
    return {
        "old": document["old"]["name"],
        "new": document["new"]["name"],
        "total": summary["profiles"],
        "changed": summary["changed_in_effect"],
        "causes": [_cause(each, numbers) for each in document["causes"]],
        "added": [_added(each, numbers) for each in document["added"]],
        "removed": [{"name": each["name"], **_model(each["summary"])} for each in document["removed"]],
        "renamed": [[each["old"], *_named([each["new"]], numbers)] for each in document["renamed"]],
        "repointed": [
            _repointed(each, numbers)
            for each in [*document["defaults"], *document["names"]]
            # What was added or removed is told as such.
            if "registry" in each or (each["old"] is not None and each["new"] is not None)
        ],
    }


def _cause(cause: dict[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    profiles = sorted({name for each in cause["effects"] for name in each["profiles"]})
    shows_in = sorted({name for each in cause["provenance"] for name in each["profiles"]})
    return {
        **{key: cause[key] for key in ("what", "layer", "field", "severity")},
        **_sides(cause),
        "place": _place(cause["place"] or cause["old_place"]),
        "profiles": _named(profiles, numbers),
        "meanings": [_meaning(each, profiles, numbers) for each in cause["meanings"]],
        "changes": [
            {"field": leaf["field"], **_sides(leaf), **_some(effect["profiles"], profiles, numbers)}
            for effect in cause["effects"]
            for leaf in effect["changes"]
            if not _is_said(cause, leaf)
        ],
        "kept": [
            {
                "layer": each["layer"],
                **{key: each[key] for key in ("value", "is_redundant", "is_shadowed")},
                "place": _place(each["place"]),
                "profiles": _named(each["profiles"], numbers),
            }
            for each in cause["kept"]
        ],
        "shows_in": [] if profiles else _named(shows_in, numbers),
    }


def _is_said(cause: dict[str, Any], leaf: dict[str, Any]) -> bool:
    """Whether a change is what the edit itself says, or one of its meanings."""
    same = leaf["pointer"] == cause["pointer"] and is_same(_sides(leaf), _sides(cause))
    return same or any(leaf["pointer"] in each["pointers"] for each in cause["meanings"])


def _added(each: dict[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    own = [each["name"]]
    return {"profile": _named(own, numbers)[0], "meanings": [_meaning(one, own, numbers) for one in each["meanings"]]}


def _repointed(each: dict[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    found = {"old": each["old"], "new": None if each["new"] is None else _named([each["new"]], numbers)[0]}
    found["meanings"] = [_meaning(meaning, meaning["profiles"], numbers) for meaning in each["meanings"]]
    spoken_of = {pointer for meaning in each["meanings"] for pointer in meaning["pointers"]}
    told = (leaf for leaf in each["changes"] if leaf["pointer"] not in spoken_of)
    found["changes"] = [{"field": leaf["field"], **_sides(leaf)} for leaf in told]
    return {**found, **({"registry": each["registry"]} if "registry" in each else {"name": each["name"]})}


def _meaning(meaning: dict[str, Any], all_of: list[str], numbers: Mapping[str, int]) -> dict[str, Any]:
    kept = {key: meaning[key] for key in ("kind", "severity", "message")}
    return {**kept, **_some(meaning["profiles"], all_of, numbers)}


def _some(names: list[str], all_of: list[str], numbers: Mapping[str, int]) -> dict[str, Named]:
    return {} if set(names) == set(all_of) else {"profiles": _named(sorted(set(names)), numbers)}


def _named(names: Iterable[str], numbers: Mapping[str, int]) -> Named:
    return [numbers.get(each, each) for each in names]


def _sides(change: dict[str, Any]) -> dict[str, Any]:
    """Old and new; a side that has no value has no key."""
    return {key: change[key] for key in ("old", "new") if key in change}


def _place(place: dict[str, Any] | None) -> str | None:
    return str(Span(place["file"], place["line"], place["column"])) if place else None


def _model(summary: dict[str, Any]) -> dict[str, str]:
    return {"model": summary["model"]} if summary.get("model") else {}
