"""Build -> its layers: what each wrote, where, and on what it stands. Source maps are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from profilec.diagnostics import Span
from profilec.encode import decode
from profilec.review.diff.leaves import stack_name
from profilec.review.diff.result import ABSENT
from profilec.review.masking import shown
from profilec.states import Build

# How the baseline is called here: its file may have any name, also another one in the other build.
BASELINE = ""


@dataclass(frozen=True)
class Wrote:
    """One layer as its source has it: `stack` as full names with places, `fields` as (line, column, value).

    A build of an earlier version does not say what its profiles stand on: there `stack` is None.
    """

    span: Span
    stack: tuple[tuple[str, Span], ...] | None
    fields: dict[str, Any]

    def written(self, pointer: str) -> Any:
        """What was written for a field, as the source map has it, to compare; ABSENT where nothing was."""
        found = self.fields.get(pointer)
        return ABSENT if found is None else found[2]

    def value(self, pointer: str) -> Any:
        """The same as it may be shown."""
        return shown(pointer, self.written(pointer))

    def place(self, pointer: str) -> Span | None:
        written = self.fields.get(pointer)
        return None if written is None else Span(self.span.file, written[0], written[1])

    def related(self, pointer: str) -> str | None:
        """The pointer that this layer wrote for a field: its own, or of what holds it or lies in it.

        A field of the settings is written as a whole, or entry by entry; in an extension anything can take the place of
        anything.
        """
        if pointer in self.fields:
            return pointer
        for above in holders(pointer):
            # An empty map takes nothing away from what it is laid over.
            if above in self.fields and self.value(above) != {}:
                return above
        return self._inner.get(pointer)

    @cached_property
    def _inner(self) -> dict[str, str]:
        return inner(self.fields)


def holders(pointer: str) -> Iterator[str]:
    """The pointers of what holds a value, from the outermost one."""
    end = pointer.find("/", 1)
    while end > 0:
        yield pointer[:end]
        end = pointer.find("/", end + 1)


def inner(pointers: Iterable[str]) -> dict[str, str]:
    """The first of some pointers that lies in another one, for every one in which any lies."""
    found: dict[str, str] = {}
    for each in pointers:
        for above in holders(each):
            found.setdefault(above, each)
    return found


class Layers:
    """The layers of one build by name: "registry/profile", and BASELINE."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self._maps: dict[str, dict[str, Any]] = {}
        self._wrote: dict[str, Wrote] = {}
        self._stacks: dict[str, tuple[str, ...]] = {}
        self._children: dict[str, list[str]] | None = None
        self.baseline: dict[str, Any] | None = build.manifest["inputs"]["baseline"]

    def title(self, name: str) -> str:
        """The name as people know it."""
        return self.baseline["name"] if name == BASELINE and self.baseline else name or "baseline"

    def digest(self, registry: str) -> str | None:
        """The digest of a registry's source map; of the baseline's for BASELINE."""
        entry = self.baseline if registry == BASELINE else self.build.manifest["registries"].get(registry)
        return entry["source_map"]["digest"] if entry else None

    def span_of_registry(self, registry: str) -> Span | None:
        file = self._map(registry).get("file")
        return Span(file) if file else None

    def get(self, name: str) -> Wrote | None:
        found = self._wrote.get(name)
        if found is None:
            registry, _, profile = name.partition("/")
            each = self._map(registry)["profiles"].get(profile)
            if each is None:
                return None
            file = self._map(registry)["file"]
            stack = None
            if "stack" in each:
                stack = tuple((f"{above}/{slug}", Span(file, *place)) for above, slug, *place in each["stack"])
            found = self._wrote[name] = Wrote(Span(file, each["line"], each["column"]), stack, each["fields"])
        return found

    def of(self, registry: str) -> dict[str, Wrote]:
        """The layers of a registry by full name; BASELINE has one."""
        names = [f"{registry}/{slug}" if registry else BASELINE for slug in self._map(registry)["profiles"]]
        return {name: wrote for name in names if (wrote := self.get(name))}

    def stack(self, name: str) -> tuple[str, ...]:
        """A profile's layers from base to itself, without the baseline: depth first, each at its first occurrence."""
        if name not in self._stacks:
            wrote = self.get(name)
            if wrote and wrote.stack is None:
                self._stacks[name] = self._lineage(name)
            else:
                own = wrote.stack if wrote and wrote.stack else ()
                found = dict.fromkeys(each for parent, _ in own for each in self.stack(parent))
                self._stacks[name] = (*found, name)
        return self._stacks[name]

    def says_stacks(self, registry: str) -> bool:
        """Whether a registry's source map says what its profiles stand on. That of an earlier version does not."""
        return registry == BASELINE or all("stack" in each for each in self._map(registry)["profiles"].values())

    def parents(self, name: str) -> list[str]:
        """What a profile stands on as far as the stacks tell: from the top, what those above did not bring."""
        found: list[str] = []
        covered: set[str] = set()
        for each in reversed(self.stack(name)[:-1]):
            if each not in covered:
                found.append(each)
                covered.update(self.stack(each))
        return found[::-1]

    def _lineage(self, name: str) -> tuple[str, ...]:
        stack = map(stack_name, self.build.artifacts[name].document["lineage"]["stack"])
        return tuple(each for each in stack if each != BASELINE)

    def standing_on(self, name: str) -> list[str]:
        """The profiles that have a layer in their stack, itself among them; every profile for the baseline."""
        if name == BASELINE:
            maps = ((registry, self._map(registry)) for registry in self.build.manifest["registries"])
            return [f"{registry}/{slug}" for registry, each in maps for slug in each["profiles"]]
        if self._children is None:
            self._children = self._by_parent()
        found = {name: None}
        for each in (waiting := [name]):
            fresh = [child for child in self._children.get(each, ()) if child not in found]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        return list(found)

    def _by_parent(self) -> dict[str, list[str]]:
        """The profiles that name a layer in their own stacks, or have it in them where those are not known."""
        found: dict[str, list[str]] = {}
        for registry in self.build.manifest["registries"]:
            for slug, each in self._map(registry)["profiles"].items():
                name = f"{registry}/{slug}"
                own = [f"{above}/{profile}" for above, profile, *_ in each["stack"]] if "stack" in each else None
                for parent in self._lineage(name)[:-1] if own is None else own:
                    found.setdefault(parent, []).append(name)
        return found

    def _map(self, registry: str) -> dict[str, Any]:
        """A registry's source map; the baseline's in the same shape."""
        if registry not in self._maps:
            entry = self.baseline if registry == BASELINE else self.build.manifest["registries"].get(registry)
            found = decode(self.build.files[entry["source_map"]["file"]]) if entry else {"profiles": {}}
            if registry == BASELINE and entry:
                found["profiles"] = {"": {"line": None, "column": None, "fields": found["fields"]}}
            self._maps[registry] = found
        return self._maps[registry]
