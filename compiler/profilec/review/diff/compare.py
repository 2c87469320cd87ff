"""Two builds -> a Diff. Only what differs is read: digests say what does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache
from operator import attrgetter
from typing import Any

from profilec.builds.open import summary_of
from profilec.diagnostics import SEVERITIES
from profilec.encode import compact, decode
from profilec.review.diff.causes import Blame
from profilec.review.diff.edits import Edits
from profilec.review.diff.kept import Keeping
from profilec.review.diff.layers import Layers
from profilec.review.diff.leaves import is_effective, leaves
from profilec.review.diff.meanings import meanings, of_new, written_out
from profilec.review.diff.redirects import Destinations, Went
from profilec.review.diff.renames import renames
from profilec.review.diff.result import (
    ABSENT,
    Cause,
    Diff,
    Edit,
    Effect,
    Kept,
    Leaf,
    Listed,
    Meaning,
    Renamed,
    Repointed,
    SideName,
)
from profilec.states import Build

_MEMORY = SideName("memory", "memory")


def diff(old: Build, new: Build, old_name: SideName = _MEMORY, new_name: SideName = _MEMORY) -> Diff:
    """Everything that differs between two builds, grouped by the edit that is to blame.

    Credentials are masked: a diff says that one changed, never what it is. `old_name` and `new_name` are what the sides
    are called in it. Where one of them is an exported tree, nothing is said of names and defaults: it has none.
    """
    entries = _Entries(old, new)
    moved = renames(old, new, entries.removed, entries.added)
    went = Destinations(old)
    layers = Layers(old), Layers(new)
    is_whole = "exported" not in (old_name.kind, new_name.kind)
    return Diff(
        replace(old_name, build=old.manifest["build"]),
        replace(new_name, build=new.manifest["build"]),
        entries.total,
        tuple(sorted(entries.changed)),
        _causes(layers, entries, went, is_whole),
        tuple(_new(layers[1], each, went, is_whole) for each in _listed(entries.added, moved.values())),
        _listed(entries.removed, moved.keys()),
        tuple(Renamed(a, b, tuple(leaves(_document(old, a), _document(new, b)))) for a, b in sorted(moved.items())),
        tuple(_repointed(old, new, went)) if is_whole else (),
    )


class _Entries:
    """What the indexes say: which profiles are on one side only, and which differ."""

    def __init__(self, old: Build, new: Build) -> None:
        self.changed: list[str] = []
        self.about: list[tuple[str, str, Any, Any]] = []
        self.added: dict[str, dict[str, Any]] = {}
        self.removed: dict[str, dict[str, Any]] = {}
        registries = [build.manifest["registries"] for build in (old, new)]
        for slug in sorted({*registries[0], *registries[1]}):
            before, after = (each.get(slug) for each in registries)
            if before and after and before["digest"] == after["digest"]:
                continue
            indexes = tuple(_index(build, each) for build, each in ((old, before), (new, after)))
            self.about += [(slug, key, *values) for key, values in _about(*indexes) if before and after]
            was, now = (each["profiles"] for each in indexes)
            self.removed.update({f"{slug}/{name}": was[name] for name in was.keys() - now.keys()})
            self.added.update({f"{slug}/{name}": now[name] for name in now.keys() - was.keys()})
            both = was.keys() & now.keys()
            self.changed += [f"{slug}/{name}" for name in both if was[name]["digest"] != now[name]["digest"]]
        self.total = sum(_count(new.files[each["file"]]) for each in registries[1].values())


def _count(index: bytes) -> int:
    """How many profiles an index has: each entry has one digest, and within a text the quotes would be escaped."""
    return index.count(b'"digest": "')


def _listed(entries: dict[str, dict[str, Any]], moved: Collection[str]) -> tuple[Listed, ...]:
    return tuple(Listed(name, summary_of(each)) for name, each in sorted(entries.items()) if name not in moved)


def _index(build: Build, registry: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = decode(build.files[registry["file"]]) if registry else {"profiles": {}}
    return found


def _about(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """What two indexes of a registry say of it for people, where it differs."""
    for key in ("display_name", "description"):
        values = old.get(key, ABSENT), new.get(key, ABSENT)
        if values[0] != values[1]:
            yield key, values


def _document(build: Build, name: str) -> dict[str, Any]:
    return build.artifacts[name].document


class _Gathered:
    """What follows from one edit, while profile after profile is looked at."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.effects: dict[tuple[str, str, str], tuple[Leaf, list[str]]] = {}
        self.provenance: dict[tuple[str, str, str], tuple[Leaf, list[str]]] = {}
        self.meanings: dict[Meaning, list[str]] = {}

    def add(self, leaf: Leaf, profile: str) -> None:
        table = self.effects if is_effective(leaf.pointer) else self.provenance
        key = (leaf.pointer, _key(leaf.old), _key(leaf.new))
        table.setdefault(key, (leaf, []))[1].append(profile)


def _key(value: Any) -> str:
    return "" if value is ABSENT else compact(value)


def _new(layers: Layers, listed: Listed, went: Went, tells_sources: bool) -> Listed:
    """What a new profile means: where it sends credentials, and, if the sources tell, whether it holds one itself."""
    wrote = layers.get(listed.name) if tells_sources else None
    written = (written_out(pointer, ABSENT, wrote.value(pointer)) for pointer in wrote.fields) if wrote else ()
    found = [*(each for each in written if each), *of_new(_document(layers.build, listed.name), went)]
    return replace(listed, meanings=tuple(replace(each, profiles=(listed.name,)) for each in found))


def _causes(layers: tuple[Layers, Layers], entries: _Entries, went: Went, tells_sources: bool) -> tuple[Cause, ...]:
    old, new = (each.build for each in layers)
    edits = Edits(*layers)
    gathered: dict[tuple[str, str, str], _Gathered] = {}
    keeping = Keeping(*layers, entries.added)

    def of(edit: Edit) -> _Gathered:
        return gathered.setdefault((edit.what, edit.layer, edit.pointer), _Gathered(edit))

    for name in sorted(entries.changed):
        before, after = _document(old, name), _document(new, name)
        found = leaves(before, after)
        keeping.saw(name, found)
        by_pointer = {}
        for leaf, edit in zip(found, Blame(edits, before, after).causes(found), strict=True):
            by_pointer[leaf.pointer] = edit
            of(edit).add(leaf, name)
        for meaning in dict.fromkeys(meanings(before, after, found, went)):
            of(by_pointer[meaning.pointers[0]]).meanings.setdefault(meaning, []).append(name)
    if edits.inputs is not None:
        meaning = Meaning("secrets-mode", f"credentials: {edits.inputs.old} -> {edits.inputs.new}", ())
        of(edits.inputs).meanings.update({meaning: []} if edits.inputs.new == "embed" else {})
    causes = []
    for layer, fields in edits.fields.items():
        for edit in fields.values():
            # An exported tree does not tell what was written.
            if tells_sources and (literal := written_out(edit.pointer, edit.old, edit.new)):
                of(edit).meanings.setdefault(literal, [layer or edit.layer])
            affected = {name for _, names in of(edit).effects.values() for name in names}
            causes.append(_cause(of(edit), *keeping.kept(layer, edit, affected)))
    causes += [_cause(_Gathered(_of_registry(layers, *each))) for each in entries.about]
    known = {id(each.edit) for each in causes}
    causes += [_cause(each) for each in gathered.values() if id(each.edit) not in known]
    return tuple(sorted(causes, key=_rank))


def _of_registry(layers: tuple[Layers, Layers], registry: str, key: str, old: Any, new: Any) -> Edit:
    """The edit of what a registry says of itself. Only its file is known."""
    spans = (each.span_of_registry(registry) for each in layers)
    return Edit("about", registry, f"/{key}", old, new, *spans)


def _cause(gathered: _Gathered, kept: tuple[Kept, ...] = (), shared: tuple[str, ...] = ()) -> Cause:
    found = (replace(meaning, profiles=tuple(profiles)) for meaning, profiles in gathered.meanings.items())
    return Cause(
        gathered.edit,
        tuple(sorted(found, key=lambda each: (SEVERITIES.index(each.severity), each.kind, each.message))),
        _effects(gathered.effects.values()),
        _effects(gathered.provenance.values()),
        kept,
        shared,
    )


def _effects(found: Iterable[tuple[Leaf, list[str]]]) -> tuple[Effect, ...]:
    """The leaves of the same profiles together."""
    by_profiles: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf, profiles in found:
        by_profiles.setdefault(tuple(profiles), []).append(leaf)
    effects = [Effect(names, tuple(sorted(each, key=attrgetter("pointer")))) for names, each in by_profiles.items()]
    return tuple(sorted(effects, key=lambda each: (-len(each.profiles), each.profiles, each.changes[0].pointer)))


def _rank(cause: Cause) -> tuple[Any, ...]:
    """The worst first, then what changes most; then by place."""
    worst = min((SEVERITIES.index(each.severity) for each in cause.meanings), default=len(SEVERITIES))
    edit, place = cause.edit, cause.edit.place
    at = (place.file, place.line or 0, place.column or 0) if place else ("", 0, 0)
    return (not cause.effects, worst, -len(cause.profiles), at, edit.layer, edit.what, edit.pointer)


def _repointed(old: Build, new: Build, went: Went) -> Iterator[Repointed]:
    """Names and defaults that mean another profile, and what that means for whoever uses them."""
    was, now = old.manifest, new.manifest

    # What the build's default means, its registry's and the name `default` often do too.
    @cache
    def between(before: str | None, after: str | None) -> tuple[tuple[Meaning, ...], tuple[Leaf, ...]]:
        if before is None or after is None:
            return (), ()
        documents = _document(old, before), _document(new, after)
        found = leaves(*documents)
        effective = tuple(each for each in found if is_effective(each.pointer))
        return tuple(meanings(*documents, found, went)), effective

    if was["default"] != now["default"]:
        pair = was["default"], now["default"]
        yield Repointed("default", None, None, *pair, *between(*pair))
    for slug in sorted(was["registries"].keys() & now["registries"].keys()):
        before, after = (each["registries"][slug]["default_profile"] for each in (was, now))
        if before != after:
            pair = before and f"{slug}/{before}", after and f"{slug}/{after}"
            yield Repointed("default", None, slug, *pair, *between(*pair))
    if was["names"]["digest"] == now["names"]["digest"]:
        return
    tables = [decode(build.files[build.manifest["names"]["file"]])["names"] for build in (old, new)]
    for name in sorted({*tables[0], *tables[1]}):
        meant, means = (each.get(name) for each in tables)
        if meant != means:
            yield Repointed("name", name, None, meant, means, *between(meant, means))
