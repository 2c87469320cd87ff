"""The layers of two builds -> what somebody edited in them: fields, stacks, the baseline, the inputs of the build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from profilec.diagnostics import Span
from profilec.review.diff.layers import BASELINE, Layers, Wrote, holders, inner
from profilec.review.diff.leaves import is_same
from profilec.review.diff.result import ABSENT, Edit


class Edits:
    """Every edit between two builds, by layer. Registries whose source maps are the same are not read for it."""

    def __init__(self, old: Layers, new: Layers) -> None:
        self.old, self.new = old, new
        self.fields: dict[str, dict[str, Edit]] = {}
        self._inner: dict[str, dict[str, str]] = {}
        self.stacks: dict[str, Edit] = {}
        self.inputs = _inputs(old, new)
        registries = {*old.build.manifest["registries"], *new.build.manifest["registries"], BASELINE}
        for registry in sorted(registries):
            if old.digest(registry) != new.digest(registry) or self._may_hide_stacks(registry):
                self._compare(registry)

    def about(self, layer: str, pointer: str, old: Any, new: Any) -> Edit:
        """The edit of something that a layer says of itself."""
        return Edit(
            "about", self.new.title(layer), pointer, old, new, _span(self.old.get(layer)), _span(self.new.get(layer))
        )

    def field(self, layer: str, pointer: str) -> Edit | None:
        """The edit of a field in a layer that is on both sides, or of what holds it or lies in it."""
        found = self.fields.get(layer)
        if not found:
            return None
        if pointer in found:
            return found[pointer]
        if layer not in self._inner:
            self._inner[layer] = inner(found)
        known = next((each for each in holders(pointer) if each in found), self._inner[layer].get(pointer))
        return found[known] if known else None

    def baseline(self) -> Edit:
        """The edit that puts a baseline below everything, or takes it away."""
        old, new = self.old.baseline, self.new.baseline
        was, now = (each["name"] if each else ABSENT for each in (old, new))
        before, after = (Span(each["name"]) if each else None for each in (old, new))
        return Edit("baseline", (self.new if new else self.old).title(BASELINE), "", was, now, before, after)

    def _may_hide_stacks(self, registry: str) -> bool:
        """Whether the source maps are the same only since they do not say what the profiles stand on."""
        entries = [each.build.manifest["registries"].get(registry) for each in (self.old, self.new)]
        if None in entries or entries[0]["digest"] == entries[1]["digest"]:
            return False
        return not self.new.says_stacks(registry)

    def _compare(self, registry: str) -> None:
        old, new = self.old.of(registry), self.new.of(registry)
        for name in sorted(old.keys() & new.keys()):
            title = self.new.title(name)
            before, after = old[name], new[name]
            # Most layers of a registry are as they were, but for their lines.
            found = dict(_fields(title, before, after))
            if found:
                self.fields[name] = found
            parents = self._parents(name, before, after)
            if parents[0] != parents[1]:
                spans = (_of_stack(before, parents[1]), _of_stack(after, parents[0]))
                self.stacks[name] = Edit("stack", title, "", *parents, *spans)

    def _parents(self, name: str, before: Wrote, after: Wrote) -> tuple[list[str], list[str]]:
        """What a profile stands on; as far as its stack tells where one side does not say."""
        if before.stack is not None and after.stack is not None:
            return [each for each, _ in before.stack], [each for each, _ in after.stack]
        if name == BASELINE or self.old.stack(name) == self.new.stack(name):
            return [], []
        return self.old.parents(name), self.new.parents(name)


def _fields(layer: str, old: Wrote, new: Wrote) -> Iterator[tuple[str, Edit]]:
    for pointer in sorted(old.fields.keys() | new.fields.keys()):
        if not is_same(old.written(pointer), new.written(pointer)):
            values = old.value(pointer), new.value(pointer)
            yield pointer, Edit("field", layer, pointer, *values, old.place(pointer), new.place(pointer))


def _of_stack(wrote: Wrote, others: list[str]) -> Span:
    """The place of the first entry that is not among the others; of the profile where there is none."""
    return next((span for name, span in wrote.stack or () if name not in others), wrote.span)


def _span(wrote: Wrote | None) -> Span | None:
    return wrote.span if wrote else None


def _inputs(old: Layers, new: Layers) -> Edit | None:
    """The edit of how credentials are treated, which belongs to no layer."""
    was, now = (each.build.manifest["inputs"]["secrets"] for each in (old, new))
    # What is forbidden to be written out is referred to, so the artifacts are the same.
    is_other = (was == "embed") != (now == "embed")
    return Edit("inputs", "", "secrets", was, now, None, None) if is_other else None
