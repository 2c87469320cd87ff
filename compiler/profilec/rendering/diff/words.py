"""Diff -> what is said of it: lines of our own words and of what a source contains, which each form escapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from profilec.diagnostics import SEVERITIES, Severity
from profilec.encode import compact
from profilec.review.diff.kinds import severity_of, worst_of
from profilec.review.diff.result import ABSENT, Cause, Diff, Edit, Effect, Kept, Leaf, Listed, Meaning, Repointed
from profilec.review.explain import dotted

# How much of a value, of a list of profiles, and of what follows from one edit is shown.
LONGEST, NAMES, CHANGES = 60, 5, 12
# A text with the first of these stands in quotes; one without the second could be a number.
_MARKS = re.compile(r"[\s\"'\[\]{}]")
_OF_NO_NUMBER = re.compile(r"[^\d.+-]")
_WORDS = frozenset(("true", "false", "null"))


class Source(str):
    """A piece that comes from a source: a name, a value, a place."""

    __slots__ = ()


Line = Sequence[str]


class Heading(NamedTuple):
    """One edit, or what else there is to say: how severe it is, what was done, and where."""

    severity: Severity
    title: Line
    place: Source | None = None


class Block(NamedTuple):
    """Edits of one layer that concern the same profiles, and the lines of what follows from them."""

    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]


def title(diff: Diff) -> Line:
    """What is compared, and how much of it changes."""
    sides = (Source(diff.old.name), " -> ", Source(diff.new.name), ": ")
    if diff.is_empty:
        is_told = any(cause.meanings for cause in diff.causes)
        nothing = "nothing that is served changes, but see below; " if is_told else "nothing changes; "
        return (*sides, nothing, count(diff.total, "profile"))
    changed = len(diff.in_effect)
    if not (changed or diff.added or diff.removed or diff.renamed or any(each.old for each in diff.repointed)):
        touched = len(diff.changed)
        if not touched:
            return (*sides, "nothing changes in effect; ", count(diff.total, "profile"))
        verb = "differs" if touched == 1 else "differ"
        return (*sides, f"nothing changes in effect; {touched:,} of {count(diff.total, 'artifact')} {verb}")
    verb = "changes" if changed == 1 else "change"
    parts = [f"{changed:,} of {count(diff.total, 'profile')} {verb} in effect"] if changed else []
    for what, found in (("added", diff.added), ("removed", diff.removed), ("renamed", diff.renamed)):
        parts += [f"{len(found):,} {what}"] if found else []
    lists = ", ".join(parts) or _of_names(diff)
    return (*sides, lists if changed else f"{lists} (of {count(diff.total, 'profile')})")


def _of_names(diff: Diff) -> str:
    if any(each.kind == "name" and each.old for each in diff.repointed):
        return "names mean other profiles"
    defaults = {(each.old, each.new) for each in diff.repointed}
    return "a default is another profile" if len(defaults) == 1 else "defaults are other profiles"


def effective(diff: Diff) -> Iterator[Block]:
    """The edits that change what an application is served, the worst first."""
    together: dict[tuple[str, tuple[str, ...]], list[Cause]] = {}
    for cause in diff.causes:
        if _has_effect(cause):
            together.setdefault((cause.edit.layer, cause.profiles or cause.shared), []).append(cause)
    for causes in together.values():
        yield Block(tuple(map(_heading, causes)), tuple(_consequences(causes[0].profiles, causes)))


def without_effect(diff: Diff) -> Iterator[Block]:
    """The edits of settings and stacks that change nothing, and why."""
    for cause in diff.causes:
        if not _has_effect(cause) and cause.edit.what in ("field", "stack", "baseline"):
            lines = tuple(_kept(each, cause) for each in cause.kept)
            yield Block((_heading(cause),), lines or (_provenance(cause),))


def descriptions(diff: Diff) -> Iterator[Block]:
    """What else is said of profiles: names for people, descriptions, versions, sources."""
    for cause in diff.causes:
        if not _has_effect(cause) and cause.edit.what in ("about", "unknown"):
            yield Block((_heading(cause),), (_provenance(cause),))


def _has_effect(cause: Cause) -> bool:
    # An edit that keeps a value where another one would change it has an effect.
    return bool(cause.effects or cause.meanings or cause.shared or any(each.kind is None for each in cause.kept))


def lists(diff: Diff) -> Iterator[Block]:
    """Profiles that are on one side only, or under another name; names and defaults that mean another one."""
    if diff.removed:
        heading = Heading(severity_of("profile-removed"), (f"{count(len(diff.removed), 'profile')} removed",))
        yield Block((heading,), tuple(_listed(each) for each in diff.removed))
    if diff.added:
        kinds = ["profile-added", *(meaning.kind for each in diff.added for meaning in each.meanings)]
        heading = Heading(worst_of(kinds) or "note", (f"{count(len(diff.added), 'profile')} added",))
        # Those that mean something come first.
        found = sorted(diff.added, key=lambda each: not each.meanings)
        lines = (line for each in found for line in (_listed(each), *map(_meaning, each.meanings)))
        yield Block((heading,), tuple(lines))
    if diff.renamed:
        heading = Heading(severity_of("profile-renamed"), (f"{count(len(diff.renamed), 'profile')} renamed",))
        yield Block((heading,), tuple((Source(each.old), " -> ", Source(each.new)) for each in diff.renamed))
    yield from _other_names(diff)


def _other_names(diff: Diff) -> Iterator[Block]:
    """Names and defaults that mean another profile, each told once, and not where a renamed one says it."""
    told: set[tuple[str | None, str | None]] = {(each.old, each.new) for each in diff.renamed}
    for each in diff.repointed:
        pair = (each.old, each.new)
        if pair in told or (each.kind == "name" and None in pair):
            continue
        if each.kind == "default" or each.name == "default":
            # Of the build, of the registry and by name it is the same one.
            told.add(pair)
        kinds = [f"{each.kind}-changed", *(meaning.kind for meaning in each.meanings)]
        yield Block((Heading(worst_of(kinds) or "note", _repointed(each)),), tuple(_served(each)))


def _served(each: Repointed) -> Iterator[Line]:
    """What whoever uses a name is served differently."""
    yield from map(_meaning, each.meanings)
    spoken_of = {pointer for meaning in each.meanings for pointer in meaning.pointers}
    for leaf in each.changes:
        if leaf.pointer not in spoken_of:
            yield (Source(dotted(leaf.pointer)), " ", *change(leaf.old, leaf.new))


def by_severity(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with the worst first, otherwise as they come: what has no room is never the worst."""
    return sorted(blocks, key=lambda block: min(SEVERITIES.index(each.severity) for each in block.headings))


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def value(found: Any, longest: int = LONGEST) -> str:
    """A value in as few signs as say what it is: a text without quotes where it could be nothing else."""
    if found is ABSENT:
        return "(not set)"
    if isinstance(found, dict) and set(found) == {"$secret"}:
        return Source(f"${{{found['$secret']}}}")
    text = found if isinstance(found, str) and _is_plain(found) else compact(found)
    return Source(text if len(text) <= longest else text[: longest - 1] + "…")


def _is_plain(text: str) -> bool:
    return bool(text not in _WORDS and not _MARKS.search(text) and _OF_NO_NUMBER.search(text))


def change(old: Any, new: Any) -> Line:
    """Two values; of long ones the part where they begin to differ."""
    texts = [value(each, 1 << 30) for each in (old, new)]
    if max(map(len, texts)) > LONGEST:
        same = next((at for at, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
        start = max(0, same - LONGEST // 3)
        texts = [type(each)(_window(each, start)) for each in texts]
    return (texts[0], " -> ", texts[1])


def profiles(names: Sequence[str], limit: int = NAMES) -> Line:
    """The first few names, and how many more there are."""
    pieces: list[str] = []
    for name in names[:limit]:
        pieces += [", ", Source(name)] if pieces else [Source(name)]
    return (*pieces, f" and {len(names) - limit:,} more") if len(names) > limit else pieces


def _window(text: str, start: int) -> str:
    head = "…" if start else ""
    rest = text[start : start + LONGEST]
    return head + rest + ("…" if start + LONGEST < len(text) else "")


def _heading(cause: Cause) -> Heading:
    place = cause.edit.place
    severity = worst_of(cause.by_kind()) if cause.effects or cause.meanings else None
    return Heading(severity or "note", _edit(cause.edit), Source(str(place)) if place else None)


def _edit(edit: Edit) -> Line:
    layer, field = Source(edit.layer), Source(dotted(edit.pointer).removeprefix("metadata.profile."))
    if edit.what == "field":
        if edit.old is ABSENT:
            return (layer, " now sets ", field, " to ", value(edit.new))
        if edit.new is ABSENT:
            return (layer, " no longer sets ", field, ", which was ", value(edit.old))
        return (layer, " ", field, " ", *change(edit.old, edit.new))
    if edit.what == "stack":
        return (layer, " stacks ", *_stack(edit.old, edit.new))
    if edit.what == "baseline":
        done = (
            "is taken away"
            if edit.new is ABSENT
            else "lies below every profile now"
            if edit.old is ABSENT
            else "is another one"
        )
        return ("the baseline ", layer, f" {done}")
    if edit.what == "inputs":
        return ("how credentials are treated: ", *change(edit.old, edit.new))
    if edit.what == "about":
        return (layer, " ", field, " ", *change(edit.old, edit.new))
    return ("an edit that cannot be told",)


def _stack(old: list[str], new: list[str]) -> Iterator[str]:
    fresh, gone = [each for each in new if each not in old], [each for each in old if each not in new]
    if not fresh and not gone:
        yield from ("in another order: ", *profiles(new, CHANGES))
    if fresh:
        yield from ("on ", *profiles(fresh, CHANGES))
    if gone:
        yield from (", no longer on " if fresh else "no longer on ", *profiles(gone, CHANGES))


def _consequences(names: Sequence[str], causes: Sequence[Cause]) -> Iterator[Line]:
    if names:
        yield (f"changes {count(len(names), 'profile')}: ", *profiles(names))
    meanings = [each for cause in causes for each in cause.meanings]
    yield from (
        _meaning(each, len(names)) for each in sorted(meanings, key=lambda each: SEVERITIES.index(each.severity))
    )
    leaves = [
        (effect, leaf)
        for cause in causes
        for effect in cause.effects
        for leaf in effect.changes
        if not _is_said(cause, leaf)
    ]
    yield from (_leaf(effect, leaf, len(names)) for effect, leaf in leaves[:CHANGES])
    if len(leaves) > CHANGES:
        yield (f"and {count(len(leaves) - CHANGES, 'further change')}",)
    for cause in causes:
        of = (Source(dotted(cause.edit.pointer)), ": ") if len(causes) > 1 else ()
        yield from ((*of, *each) for each in (*(_kept(kept, cause) for kept in cause.kept), *_shared(cause)))


def _is_said(cause: Cause, leaf: Leaf) -> bool:
    """Whether a change is what the edit itself says, or one of its meanings."""
    edit = cause.edit
    if edit.what == "field" and (leaf.pointer, value(leaf.old), value(leaf.new)) == (
        edit.pointer,
        value(edit.old),
        value(edit.new),
    ):
        return True
    return any(leaf.pointer in meaning.pointers for meaning in cause.meanings)


def _meaning(meaning: Meaning, all_of: int = 0) -> Line:
    some = len(meaning.profiles)
    where = f" (in {some:,} of them)" if all_of and some != all_of else ""
    return (f"{meaning.severity}[{meaning.kind}]: ", Source(meaning.message), where)


def _leaf(effect: Effect, leaf: Leaf, all_of: int) -> Line:
    some = len(effect.profiles)
    where = (f" (in {some:,} of them)",) if some != all_of else ()
    return (Source(dotted(leaf.pointer)), " ", *change(leaf.old, leaf.new), *where)


def _shared(cause: Cause) -> Iterator[Line]:
    if cause.shared:
        verb = "changes" if len(cause.shared) == 1 else "change"
        yield (f"{count(len(cause.shared), 'profile')} {verb} too, with another edit: ", *profiles(cause.shared))


def _kept(kept: Kept, cause: Cause) -> Line:
    """Whose value stays, and why."""
    at = (" at ", Source(str(kept.span))) if kept.span and kept.span.line else ()
    names = kept.profiles
    if kept.is_redundant and kept.layer == cause.edit.layer:
        return (f"compiles to what it was before ({count(len(names), 'profile')})",)
    if kept.is_redundant:
        return ("redundant: ", Source(kept.layer), " says the same", *at, f" ({count(len(names), 'profile')})")
    if kept.kind is None and kept.layer == cause.edit.layer:
        return (f"keeps {count(len(names), 'profile')} at ", value(kept.value), ": ", *profiles(names))
    keep = f"{count(len(names), 'profile')} keep{'s' * (len(names) == 1)} "
    return (keep, value(kept.value), ", set by ", Source(kept.layer), *at, ": ", *profiles(names))


def _provenance(cause: Cause) -> Line:
    names = sorted({name for effect in cause.provenance for name in effect.profiles})
    if not names:
        return ("changes no setting; shows in the registry's index",)
    return ("changes no setting; shows in ", f"{count(len(names), 'artifact')}: ", *profiles(names))


def _listed(each: Listed) -> Line:
    model = each.summary.get("model")
    return (Source(each.name), ": ", Source(str(model))) if model else (Source(each.name), " (a layer)")


def _repointed(each: Repointed) -> Line:
    if each.kind == "name":
        who: Iterable[str] = ("the name ", Source(str(each.name)), " means ")
    elif each.registry is None:
        who = ("the default is ",)
    else:
        who = ("the default of ", Source(each.registry), " is ")
    new = Source(each.new) if each.new else "nothing"
    old = Source(each.old) if each.old else "nothing"
    return (*who, new, ", and was ", old)
