"""A value that differs in a profile -> the edit that is to blame, by who set the value before and who sets it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profilec.credentials import MASK, is_reference
from profilec.fields import steps
from profilec.review.diff.edits import Edits
from profilec.review.diff.layers import BASELINE
from profilec.review.diff.leaves import LINEAGE, STACK, is_effective, stack_name
from profilec.review.diff.result import ABSENT, Edit, Leaf
from profilec.review.masking import is_credential

UNKNOWN = Edit("unknown", "", "", ABSENT, ABSENT, None, None)


class Blame:
    """Whose edits changed one profile. `old` and `new` are its artifacts."""

    def __init__(self, edits: Edits, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.edits = edits
        self.old_fields, self.new_fields = old["lineage"]["fields"], new["lineage"]["fields"]
        self.old_stack = [stack_name(each) for each in old["lineage"]["stack"]]
        self.new_stack = [stack_name(each) for each in new["lineage"]["stack"]]
        self._in_old, self._in_new = set(self.old_stack), set(self.new_stack)

    def causes(self, leaves: Sequence[Leaf]) -> list[Edit]:
        """The edit behind each leaf, in their order."""
        required = [self._value(each) for each in leaves if is_reference(each.old) or is_reference(each.new)]
        return [self._cause(leaf, required) for leaf in leaves]

    def _cause(self, leaf: Leaf, required: list[Edit]) -> Edit:
        pointer = leaf.pointer
        if is_effective(pointer):
            return self._value(leaf)
        if pointer.startswith(LINEAGE):
            return self._positions(steps(pointer)[-1])
        if pointer == STACK:
            return self._moved()
        if pointer == "/requires":
            return required[0] if required else self._moved()
        if pointer.startswith(STACK):
            index, _, key = pointer.removeprefix(f"{STACK}/").partition("/")
            return self.edits.about(self.new_stack[int(index)], f"/metadata/profile.{key}", leaf.old, leaf.new)
        return self.edits.about(self.new_stack[-1], pointer, leaf.old, leaf.new)

    def _value(self, leaf: Leaf) -> Edit:
        """Who changed a value: the layer that sets it now, or the one that set it before and no longer does.

        Where the layer that set it would hide the one that does, had it stayed as it was, whoever uncovered that one is
        to blame.
        """
        pointer = leaf.pointer
        before, now = (
            self._winner(self.old_fields, self.old_stack, pointer),
            self._winner(self.new_fields, self.new_stack, pointer),
        )
        if now is not None and before is not None and (edit := self._uncovered(before, now, pointer)):
            return edit
        if now is not None and now not in self._in_old:
            return self._entered(now)
        if now is not None and (edit := self.edits.field(now, pointer)):
            return edit
        if before is not None and before not in self._in_new:
            return self._left(before)
        if edit := self._overlapping(pointer):
            return edit
        if self.edits.inputs and is_credential(pointer):
            return self.edits.inputs
        if before == now and now is not None and MASK in (leaf.old, leaf.new):
            # What a build embeds is masked in the source maps too, so an edit of it does not show there.
            spans = (side.get(now) for side in (self.edits.old, self.edits.new))
            places = (wrote.place(pointer) if wrote else None for wrote in spans)
            return Edit("field", self.edits.new.title(now), pointer, leaf.old, leaf.new, *places)
        return self._moved()

    def _uncovered(self, before: str, now: str, pointer: str) -> Edit | None:
        """The edit by which a layer no longer hides the one that sets a field now."""
        if before in self._in_new and _is_above(self.new_stack, before, now):
            return self.edits.field(before, pointer)
        if now not in self._in_old or not _is_above(self.old_stack, before, now):
            return None
        if before not in self._in_new:
            edit = self._left(before)
            return edit if edit.what == "stack" else None
        wrote = self.edits.new.get(before)
        if not (wrote and wrote.related(pointer)):
            return None
        stacks = (self.edits.stacks.get(layer) for layer in self.new_stack if self._turns(layer, before, now))
        return next((each for each in stacks if each), None) or next(self._stacks(), None)

    def _turns(self, layer: str, before: str, now: str) -> bool:
        """Whether two layers stand the other way round in the stack of another one than they did."""
        was, is_now = self.edits.old.stack(layer), self.edits.new.stack(layer)
        return {before, now} <= {*was} & {*is_now} and _is_above(was, before, now) and _is_above(is_now, now, before)

    def _positions(self, pointer: str) -> Edit:
        """Who changed the list of the layers that set a field."""
        before, now = (
            {stack[position] for position in fields.get(pointer, ())}
            for fields, stack in ((self.old_fields, self.old_stack), (self.new_fields, self.new_stack))
        )
        for layer in sorted(now ^ before, key=lambda name: (name != BASELINE, name)):
            if layer not in self._in_old:
                return self._entered(layer)
            if layer not in self._in_new:
                return self._left(layer)
            if edit := self.edits.field(layer, pointer):
                return edit
        return (self._overlapping(pointer) if now != before else None) or self._moved()

    def _overlapping(self, pointer: str) -> Edit | None:
        """The topmost edit of a field, or of what holds it or lies in it: one of another kind ends what is below."""
        found = (self.edits.field(layer, pointer) for layer in reversed(self.new_stack) if layer in self._in_old)
        return next((each for each in found if each), None)

    def _moved(self) -> Edit:
        """Who changed the stack: who brought the first new layer in, or took the first away, or turned them."""
        for layer in self.new_stack:
            if layer not in self._in_old:
                return self._entered(layer)
        for layer in self.old_stack:
            if layer not in self._in_new:
                return self._left(layer)
        return self._any_stack()

    def _entered(self, layer: str) -> Edit:
        return self._who_stacks(layer, self.new_stack, is_new=True)

    def _left(self, layer: str) -> Edit:
        return self._who_stacks(layer, self.old_stack, is_new=False)

    def _who_stacks(self, layer: str, stack: list[str], is_new: bool) -> Edit:
        """The lowest profile whose own stack leads to a layer on one side only."""
        if layer == BASELINE:
            return self.edits.baseline()
        there, elsewhere = self.edits.old, self.edits.new
        if is_new:
            there, elsewhere = elsewhere, there
        for each in stack:
            # A layer stands in its own stack on both sides.
            if each in self.edits.stacks and layer in there.stack(each) and layer not in elsewhere.stack(each):
                return self.edits.stacks[each]
        return self._any_stack()

    def _any_stack(self) -> Edit:
        return next(self._stacks(), self.edits.inputs or UNKNOWN)

    def _stacks(self) -> Iterator[Edit]:
        return (self.edits.stacks[layer] for layer in self.new_stack if layer in self.edits.stacks)

    @staticmethod
    def _winner(fields: Mapping[str, list[int]], stack: list[str], pointer: str) -> str | None:
        positions = fields.get(pointer)
        return stack[positions[-1]] if positions else None


def _is_above(stack: Sequence[str], upper: str, lower: str) -> bool:
    return stack.index(upper) > stack.index(lower)
