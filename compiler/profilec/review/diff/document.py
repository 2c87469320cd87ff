"""Diff -> plain data, in the shape that `profilec schema diff` describes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from profilec.diagnostics import Span
from profilec.review.diff.kinds import worst_of
from profilec.review.diff.result import ABSENT, Cause, Diff, Edit, Effect, Kept, Leaf, Meaning, Repointed, SideName
from profilec.review.explain import dotted

FORMAT = "engine-profiles-diff/1"


def as_document(diff: Diff) -> dict[str, Any]:
    kinds = diff.kinds()
    return {
        "format": FORMAT,
        "old": _side(diff.old),
        "new": _side(diff.new),
        "summary": {
            "profiles": diff.total,
            "changed": len(diff.changed),
            "changed_in_effect": len(diff.in_effect),
            "added": len(diff.added),
            "removed": len(diff.removed),
            "renamed": len(diff.renamed),
            "severity": worst_of(kinds),
            "kinds": dict(sorted(kinds.items())),
        },
        "causes": [_cause(each) for each in diff.causes],
        "added": [
            {"name": each.name, "summary": each.summary, "meanings": list(map(_meaning, each.meanings))}
            for each in diff.added
        ],
        "removed": [{"name": each.name, "summary": each.summary} for each in diff.removed],
        "renamed": [{"old": each.old, "new": each.new, "changes": _leaves(each.changes)} for each in diff.renamed],
        "names": [{"name": each.name, **_repointed(each)} for each in _of_kind(diff, "name")],
        "defaults": [{"registry": each.registry, **_repointed(each)} for each in _of_kind(diff, "default")],
    }


def _of_kind(diff: Diff, kind: str) -> list[Repointed]:
    return [each for each in diff.repointed if each.kind == kind]


def _repointed(each: Repointed) -> dict[str, Any]:
    return {
        "old": each.old,
        "new": each.new,
        "meanings": list(map(_meaning, each.meanings)),
        "changes": _leaves(each.changes),
    }


def _side(side: SideName) -> dict[str, Any]:
    return {"name": side.name, "kind": side.kind, "build": side.build}


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        **_edit(cause.edit),
        "severity": worst_of(cause.by_kind()),
        "profiles": len(cause.profiles),
        "meanings": list(map(_meaning, cause.meanings)),
        "effects": list(map(_effect, cause.effects)),
        "provenance": list(map(_effect, cause.provenance)),
        "kept": list(map(_kept, cause.kept)),
        "shared": list(cause.shared),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "what": edit.what,
        "layer": edit.layer or None,
        "pointer": edit.pointer or None,
        "field": dotted(edit.pointer) if edit.pointer.startswith("/") else None,
        **_sides(edit.old, edit.new),
        "old_place": _place(edit.old_span),
        "place": _place(edit.span),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {"profiles": list(effect.profiles), "changes": _leaves(effect.changes)}


def _leaves(leaves: Iterable[Leaf]) -> list[dict[str, Any]]:
    return [{"pointer": each.pointer, "field": dotted(each.pointer), **_sides(each.old, each.new)} for each in leaves]


def _meaning(meaning: Meaning) -> dict[str, Any]:
    return {
        "kind": meaning.kind,
        "severity": meaning.severity,
        "message": meaning.message,
        "pointers": list(meaning.pointers),
        "profiles": list(meaning.profiles),
    }


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "layer": kept.layer,
        "value": kept.value,
        "place": _place(kept.span),
        "is_redundant": kept.is_redundant,
        "is_shadowed": kept.kind == "edit-shadowed",
        "profiles": list(kept.profiles),
    }


def _sides(old: Any, new: Any) -> dict[str, Any]:
    """Old and new; a side that has no value has no key, since null is a value."""
    return {key: each for key, each in (("old", old), ("new", new)) if each is not ABSENT}


def _place(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}
