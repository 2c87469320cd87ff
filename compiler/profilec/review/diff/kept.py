"""An edit of a field -> the profiles on which it has no effect, and the layer that sets the field for them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from profilec.diagnostics import Span
from profilec.review.diff.layers import BASELINE, Layers
from profilec.review.diff.leaves import is_same
from profilec.review.diff.result import ABSENT, Edit, Kept


class Keeping:
    """Looks for edits without effect, among the profiles that are not `added`."""

    def __init__(self, old: Layers, new: Layers, added: Collection[str]) -> None:
        self._old, self._new, self._added = old, new, added
        self._standing_on = cache(new.standing_on)

    def kept(
        self, layer: str, edit: Edit, affected: Collection[str], changed: Collection[str]
    ) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
        """The profiles that stand on the layer and are not `affected`, by the layer that sets the field for them.

        And those among the `changed`, in which the field has another value, that no layer above keeps from following:
        the edit takes effect in them together with another one.
        """
        found: dict[str, list[str]] = {}
        shared = []
        # Of an edit that takes a value out, what was above it before hid it.
        layers = self._old if edit.new is ABSENT else self._new
        for profile in self._standing_on(layer):
            if profile in affected or profile in self._added:
                continue
            setter = self._setter(layers, profile, edit.pointer)
            if profile in changed and not _is_above(layers, profile, setter, layer):
                shared.append(profile)
            elif setter is not None:
                found.setdefault(setter, []).append(profile)
        kept = (self._as_kept(layer, edit, setter, profiles) for setter, profiles in sorted(found.items()))
        return tuple(kept), tuple(sorted(shared))

    def _setter(self, layers: Layers, profile: str, pointer: str) -> str | None:
        for name in (*reversed(layers.stack(profile)), BASELINE):
            wrote = layers.get(name)
            if wrote and wrote.related(pointer):
                return name
        return None

    def _as_kept(self, layer: str, edit: Edit, setter: str, profiles: list[str]) -> Kept:
        if setter == layer:
            below, value, span = self._below(layer, edit)
            return Kept(below, value, span, tuple(sorted(profiles)), is_redundant=True)
        layers = self._new if self._new.get(setter) else self._old
        wrote = layers.get(setter)
        related = wrote.related(edit.pointer) if wrote else None
        if wrote is None or related is None:
            return Kept(layers.title(setter), ABSENT, None, tuple(sorted(profiles)))
        return Kept(layers.title(setter), wrote.value(related), wrote.place(related), tuple(sorted(profiles)))

    def _below(self, layer: str, edit: Edit) -> tuple[str, object, Span | None]:
        """The layer below that says the same as the edited one."""
        said = edit.old if edit.new is ABSENT else edit.new
        for name in (*reversed(self._new.stack(layer)[:-1]), BASELINE):
            wrote = self._new.get(name)
            if wrote and name != layer and is_same(wrote.value(edit.pointer), said):
                place = wrote.place(edit.pointer)
                return self._new.title(name), said, place
        return self._new.title(layer), said, edit.place


def _is_above(layers: Layers, profile: str, upper: str | None, lower: str) -> bool:
    """Whether one layer stands above another one in a profile's stack; the baseline stands below all."""
    stack = layers.stack(profile)
    if upper is None or upper not in stack:
        return False
    return lower == BASELINE or stack.index(upper) > stack.index(lower)
