"""An edit of a field -> the profiles that do not follow it, and why: which layer sets the field for them.

Whose value changed all the same is told apart from those that keep it. What would be said of a profile without a value
is not said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Literal, NamedTuple

from profilec.credentials import MASK
from profilec.review.diff.layers import BASELINE, Layers, holders
from profilec.review.diff.leaves import is_effective, is_same
from profilec.review.diff.result import ABSENT, Edit, Kept, Leaf


class _Reason(NamedTuple):
    """Why a profile does not follow: what `Kept` says of it."""

    setter: str
    kind: Literal["edit-shadowed", "edit-redundant"] | None = None


class Keeping:
    """Looks for edits without effect, among the profiles that are not `added`."""

    def __init__(self, old: Layers, new: Layers, added: Collection[str]) -> None:
        self._old, self._new, self._added = old, new, added
        self._standing_on = cache(new.standing_on)
        # The profiles whose values differ, by the pointer of the value; and by those of all that holds it.
        self._changed: dict[str, set[str]] = {}
        self._changed_in: dict[str, set[str]] = {}

    def saw(self, profile: str, leaves: Iterable[Leaf]) -> None:
        """Take note of what changed in a profile."""
        for leaf in leaves:
            if is_effective(leaf.pointer):
                self._changed.setdefault(leaf.pointer, set()).add(profile)
                for above in holders(leaf.pointer):
                    self._changed_in.setdefault(above, set()).add(profile)

    def kept(self, layer: str, edit: Edit, affected: Collection[str]) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
        """The profiles that stand on the layer and are not `affected`, by what keeps the value of the field.

        And those of them in which the field has another value all the same, since there was another edit.
        """
        found: dict[_Reason, list[str]] = {}
        changed = self._changed_at(edit.pointer)
        sides = _Side(self._old, edit.pointer), _Side(self._new, edit.pointer)
        shared = []
        for profile in self._standing_on(layer):
            if profile in affected or profile in self._added:
                continue
            # What is no longer set was nothing to a profile that did not stand on the layer.
            if edit.new is ABSENT and layer not in sides[0].stack(profile):
                continue
            if changed and any(profile in each for each in changed):
                shared.append(profile)
            elif reason := _reason(profile, layer, edit, *sides):
                found.setdefault(reason, []).append(profile)
        kept = (self._as_kept(layer, edit, reason, profiles) for reason, profiles in found.items())
        return tuple(sorted(kept, key=_order)), tuple(sorted(shared))

    def _changed_at(self, pointer: str) -> list[set[str]]:
        """Those in which a field changed, or what lies in it or holds it."""
        found = [self._changed.get(pointer), self._changed_in.get(pointer), *map(self._changed.get, holders(pointer))]
        return [each for each in found if each]

    def _as_kept(self, layer: str, edit: Edit, reason: _Reason, profiles: list[str]) -> Kept:
        wrote = self._new.get(reason.setter)
        related = wrote.related(edit.pointer) if wrote else None
        value, span = edit.old, edit.place
        if wrote and related is not None:
            value, span = wrote.value(related), wrote.place(related)
        return Kept(self._new.title(reason.setter), value, span, tuple(sorted(profiles)), reason.kind)


class _Side:
    """Who sets one field in the stacks of one build."""

    def __init__(self, layers: Layers, pointer: str) -> None:
        self._layers, self._pointer = layers, pointer
        # Most stacks differ in their topmost layer alone.
        self._known: dict[tuple[str, ...], str | None] = {}

    def stack(self, profile: str) -> tuple[str, ...]:
        return (BASELINE, *self._layers.stack(profile))

    def topmost(self, stack: tuple[str, ...]) -> str | None:
        """The topmost layer of a stack that sets the field."""
        if not stack or self._sets(stack[-1]):
            return stack[-1] if stack else None
        below = stack[:-1]
        if below not in self._known:
            self._known[below] = next((each for each in reversed(below) if self._sets(each)), None)
        return self._known[below]

    def is_said(self, layer: str, value: object) -> bool:
        """Whether a layer has this value for the field. Of a masked one nobody knows."""
        wrote = self._layers.get(layer)
        return wrote is not None and value != MASK and is_same(wrote.value(self._pointer), value)

    def _sets(self, layer: str) -> bool:
        wrote = self._layers.get(layer)
        return wrote is not None and wrote.related(self._pointer) is not None


def _reason(profile: str, layer: str, edit: Edit, old: _Side, new: _Side) -> _Reason | None:
    """Why a profile that stands on an edited layer has the value that it had."""
    before, now = old.stack(profile), new.stack(profile)
    winner = new.topmost(now)
    if winner is None:
        return None
    at = now.index(layer)
    if now.index(winner) > at:
        return _Reason(winner, "edit-shadowed")
    said = edit.old if edit.new is ABSENT else edit.new
    below = new.topmost(now[:at])
    if below is not None and new.is_said(below, said):
        return _Reason(below, "edit-redundant")
    # An empty map says nothing beside what lies in the same map below.
    if {} in (edit.old, edit.new) or (ABSENT not in (edit.old, edit.new) and old.topmost(before) == layer):
        return _Reason(layer, "edit-redundant")
    return _Reason(winner)


def _order(kept: Kept) -> tuple[str, str]:
    return kept.layer, kept.kind or ""
