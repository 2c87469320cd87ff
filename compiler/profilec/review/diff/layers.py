"""Build -> its layers: what each wrote, where, and on what it stands. Source maps are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from profilec.diagnostics import Span
from profilec.encode import decode
from profilec.fields import EXTENSIONS
from profilec.review.diff.result import ABSENT
from profilec.states import Build

# How the baseline is called here: its file may have any name, also another one in the other build.
BASELINE = ""


class Wrote(NamedTuple):
    """One layer as its source has it: `stack` as full names with places, `fields` as (line, column, value)."""

    span: Span
    stack: tuple[tuple[str, Span], ...]
    fields: dict[str, Any]

    def value(self, pointer: str) -> Any:
        """What was written for a field, credentials masked; ABSENT where nothing was."""
        written = self.fields.get(pointer)
        return ABSENT if written is None else written[2]

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
        above = pointer
        while above.count("/") > (2 if above.startswith(EXTENSIONS) else 3):
            above = above.rpartition("/")[0]
            if above in self.fields:
                return above
        return next((each for each in self.fields if each.startswith(f"{pointer}/")), None)


class Layers:
    """The layers of one build by name: "registry/profile", and BASELINE."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self._maps: dict[str, dict[str, Wrote]] = {}
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

    def get(self, name: str) -> Wrote | None:
        return self.of(name.partition("/")[0]).get(name)

    def of(self, registry: str) -> dict[str, Wrote]:
        """The layers of a registry by full name; BASELINE has one."""
        if registry not in self._maps:
            self._maps[registry] = dict(self._read(registry))
        return self._maps[registry]

    def stack(self, name: str) -> tuple[str, ...]:
        """A profile's layers from base to itself, without the baseline: depth first, each at its first occurrence."""
        if name not in self._stacks:
            wrote = self.get(name)
            found = dict.fromkeys(each for parent, _ in (wrote.stack if wrote else ()) for each in self.stack(parent))
            self._stacks[name] = (*found, name)
        return self._stacks[name]

    def standing_on(self, name: str) -> list[str]:
        """The profiles that have a layer in their stack, itself among them; every profile for the baseline."""
        if self._children is None:
            self._children = {}
            for registry in self.build.manifest["registries"]:
                for child, wrote in self.of(registry).items():
                    for parent, _ in wrote.stack:
                        self._children.setdefault(parent, []).append(child)
        if name == BASELINE:
            return [each for registry in self.build.manifest["registries"] for each in self.of(registry)]
        found = {name: None}
        for each in (waiting := [name]):
            fresh = [child for child in self._children.get(each, ()) if child not in found]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        return list(found)

    def _read(self, registry: str) -> Iterator[tuple[str, Wrote]]:
        if registry == BASELINE:
            if self.baseline:
                document = decode(self.build.files[self.baseline["source_map"]["file"]])
                yield BASELINE, Wrote(Span(document["file"]), (), document["fields"])
            return
        entry = self.build.manifest["registries"].get(registry)
        document = decode(self.build.files[entry["source_map"]["file"]]) if entry else {"profiles": {}}
        file = document.get("file", "")
        for slug, each in document["profiles"].items():
            name = f"{registry}/{slug}"
            # A build of an earlier version does not say what its profiles stand on.
            stack = [(f"{above}/{profile}", Span(file, *place)) for above, profile, *place in each.get("stack", ())]
            yield name, Wrote(Span(file, each["line"], each["column"]), tuple(stack), each["fields"])
