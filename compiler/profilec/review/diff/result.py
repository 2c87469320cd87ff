"""What a diff says, as data: what was edited, what follows from it in which profiles, and what that means."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, NamedTuple

from profilec.diagnostics import Span
from profilec.review.diff.kinds import severity_of


class Absent(Enum):
    """What stands in the place of a value where there is none: null is a value."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


class Leaf(NamedTuple):
    """One value of an artifact that differs, by its JSON Pointer. Credentials are masked: they differ all the same."""

    pointer: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed in one layer.

    `what`: a "field" (old and new as the layer wrote them), its "stack" (old and new as lists of names), an "about"
    (display name, description, version, source), the "baseline" as a whole, the "inputs" of the build, or "unknown".
    `old_span` and `span` are where it stood and stands; None where that is not known. A layer is "registry/profile",
    or the baseline's name.
    """

    what: Literal["field", "stack", "about", "baseline", "inputs", "unknown"]
    layer: str
    pointer: str
    old: Any
    new: Any
    old_span: Span | None
    span: Span | None

    @property
    def place(self) -> Span | None:
        """Where to look: where it stands, or where it stood."""
        return self.span or self.old_span


@dataclass(frozen=True, slots=True)
class Effect:
    """The same changes in several profiles, all of one cause."""

    profiles: tuple[str, ...]
    changes: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What changes mean to whoever uses the profiles. `kind` is one of `CHANGES`; `pointers` are what it speaks of."""

    kind: str
    message: str
    pointers: tuple[str, ...]
    profiles: tuple[str, ...] = ()

    @property
    def severity(self) -> str:
        return severity_of(self.kind)


@dataclass(frozen=True, slots=True)
class Kept:
    """Profiles that keep a value of their own where a layer is edited, and the layer that sets it for them now.

    `kind` is what keeps them from following: "edit-shadowed", where that layer stands above the edited one;
    "edit-redundant", where it is the next one below that sets the field, and says the same, or is the edited one, which
    comes to what it was. None where the edit does have an effect: it keeps a value that another edit would change.
    """

    layer: str
    value: Any
    span: Span | None
    profiles: tuple[str, ...]
    kind: Literal["edit-shadowed", "edit-redundant"] | None = None

    @property
    def is_redundant(self) -> bool:
        return self.kind == "edit-redundant"


@dataclass(frozen=True, slots=True)
class Cause:
    """An edit with all that follows from it.

    `effects` are settings that have other values, `provenance` what only describes the profile or says where its values
    come from, `kept` the profiles that stand on the layer and whose value stays, `shared` those in which the field
    changes too, but another edit is to blame.
    """

    edit: Edit
    meanings: tuple[Meaning, ...]
    effects: tuple[Effect, ...]
    provenance: tuple[Effect, ...]
    kept: tuple[Kept, ...]
    shared: tuple[str, ...] = ()

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles whose settings change."""
        return tuple(sorted({name for each in self.effects for name in each.profiles}))

    def by_kind(self) -> dict[str, set[str]]:
        """Of each kind of change the profiles that it concerns. What no meaning speaks of is a changed setting."""
        found: dict[str, set[str]] = {}
        for meaning in self.meanings:
            found.setdefault(meaning.kind, set()).update(meaning.profiles)
        spoken_of = {pointer for each in self.meanings for pointer in each.pointers}
        for effect in self.effects:
            if any(each.pointer not in spoken_of for each in effect.changes):
                found.setdefault("setting-changed", set()).update(effect.profiles)
        if self.edit.what == "about" and not self.provenance:
            # What a registry says of itself is in no artifact.
            found["description-changed"] = set()
        for effect in self.provenance:
            for leaf in effect.changes:
                kind = "lineage-changed" if leaf.pointer.startswith("/lineage/") else "description-changed"
                found.setdefault(kind, set()).update(effect.profiles)
        for each in self.kept:
            if each.kind:
                found.setdefault(each.kind, set()).update(each.profiles)
        return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile that is only on one side, with what a list shows of it, and what a new one means."""

    name: str
    summary: dict[str, Any]
    meanings: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Renamed:
    """A profile under a new name, with the same settings. `changes` turn the old artifact into the new one."""

    old: str
    new: str
    changes: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Repointed:
    """A name that means another profile than before; None where it meant, or means, nothing.

    `registry` is that of a default; None for the build's default and for unqualified names. `changes` are what whoever
    uses the name is served differently, `meanings` what that means.
    """

    kind: Literal["name", "default"]
    name: str | None
    registry: str | None
    old: str | None
    new: str | None
    meanings: tuple[Meaning, ...] = ()
    changes: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class SideName:
    """What one side is called: "main", "build"; `kind` is "build", "revision", "sources", "exported" or "memory"."""

    name: str
    kind: str
    build: str | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that differs between two builds. `total` is how many profiles the new one has."""

    old: SideName
    new: SideName
    total: int
    changed: tuple[str, ...]
    causes: tuple[Cause, ...]
    added: tuple[Listed, ...]
    removed: tuple[Listed, ...]
    renamed: tuple[Renamed, ...]
    repointed: tuple[Repointed, ...]

    @property
    def is_empty(self) -> bool:
        """Whether a reader of either build is served the same."""
        lists = (self.changed, self.added, self.removed, self.renamed, self.repointed)
        return not any(lists) and not any(cause.edit.what == "about" for cause in self.causes)

    @property
    def in_effect(self) -> tuple[str, ...]:
        """The profiles, of those on both sides, whose values change."""
        return tuple(sorted({name for cause in self.causes for name in cause.profiles}))

    def kinds(self) -> Counter[str]:
        """Of each kind of change, how many profiles or names it concerns."""
        found: Counter[str] = Counter()
        for cause in self.causes:
            # What concerns the build as a whole names no profile.
            found.update({kind: len(profiles) or 1 for kind, profiles in cause.by_kind().items()})
        for each in self.repointed:
            if each.old is not None:
                found[f"{each.kind}-changed"] += 1
                found.update(meaning.kind for meaning in each.meanings)
                spoken_of = {pointer for meaning in each.meanings for pointer in meaning.pointers}
                found["setting-changed"] += any(leaf.pointer not in spoken_of for leaf in each.changes)
        for listed in self.added:
            found.update(meaning.kind for meaning in listed.meanings)
        found.update({"profile-added": len(self.added), "profile-removed": len(self.removed)})
        found["profile-renamed"] += len(self.renamed)
        return +found
