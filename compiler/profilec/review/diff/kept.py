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

    def standing_on(self, layer: str) -> list[str]:
        """The profiles, on both sides, that have a layer in their stack."""
        return [each for each in self._standing_on(layer) if each not in self._added]

    def kept(self, layer: str, edit: Edit, affected: Collection[str]) -> tuple[Kept, ...]:
        """The profiles that stand on the layer and are not `affected`, by the layer that sets the field for them."""
        found: dict[str, list[str]] = {}
        for profile in self.standing_on(layer):
            if profile in affected:
                continue
            # Of an edit that takes a value out, what was above it before hid it.
            layers = self._old if edit.new is ABSENT else self._new
            setter = self._setter(layers, profile, edit.pointer)
            if setter is not None:
                found.setdefault(setter, []).append(profile)
        return tuple(self._as_kept(layer, edit, setter, profiles) for setter, profiles in sorted(found.items()))

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
