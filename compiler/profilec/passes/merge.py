"""Stacks -> Merged: each profile's effective values, and which layers set each of them.

Layers are folded from base to leaf by the strategies of the settings schema. Values are shared, never changed. A stack
that begins as another one is folded from there on: profiles on a common base cost one layer each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from profilec.fields import EXTENSIONS, Strategy, sections, structured_sections, token
from profilec.states import Graph, Layer, Merged, Stack

_NOTHING = Merged((), {}, {}, {})


def merge(graph: Graph, stacks: Sequence[Stack], lineage: bool = True) -> Iterator[Merged]:
    """Merge every stack, in the order given. Without `lineage` the fields stay empty: only benchmarks want that."""
    shared = {stack[:-1] for stack in stacks}
    known: dict[Stack, Merged] = {(): _NOTHING}
    for stack in stacks:
        length = len(stack) - 1
        while stack[:length] not in known:
            length -= 1
        merged = known[stack[:length]]
        for end in range(length + 1, len(stack) + 1):
            merged = fold(merged, graph.layers[stack[end - 1]], stack[:end], lineage)
            if merged.stack in shared:
                known[merged.stack] = merged
        yield merged


def fold(base: Merged, layer: Layer, stack: Stack, lineage: bool = True) -> Merged:
    """Lay one layer over what is merged below it."""
    fields = dict(base.fields)
    # What the layer writes without effect: an empty map over one that holds something.
    idle: set[str] = set()
    settings = _settings(base.settings, layer.settings, fields, idle) if layer.settings else base.settings
    extensions = base.extensions
    if layer.extensions:
        extensions = _deep(base.extensions, layer.extensions, EXTENSIONS, fields, idle)
    if lineage:
        position = (len(stack) - 1,)
        for pointer in layer.fields:
            if pointer not in idle:
                fields[pointer] = fields.get(pointer, ()) + position
    return Merged(stack, settings, extensions, fields)


def _settings(
    below: dict[str, Any], over: dict[str, Any], fields: dict[str, tuple[int, ...]], idle: set[str]
) -> dict[str, Any]:
    merged = dict(below)
    structured = structured_sections()
    for section, content in over.items():
        base = merged.get(section)
        if base is None:
            merged[section] = content
            continue
        joined = merged[section] = {**base, **content}
        for name, strategy in structured[section].items():
            if name in base and name in content:
                if strategy is Strategy.MAP:
                    joined[name] = {**base[name], **content[name]}
                else:
                    joined[name] = _deep(base[name], content[name], sections()[section][name].pointer, fields, idle)
    return merged


def _deep(below: Any, over: Any, pointer: str, fields: dict[str, tuple[int, ...]], idle: set[str]) -> Any:
    """Lay one value of a free map over another: maps join, everything else replaces.

    Where a map gives way to something else, or comes in its place, the lineage of what was there ends.
    """
    if _is_map(below) and _is_map(over):
        if not over:
            if below:
                idle.add(pointer)
            return below
        if below:
            merged = dict(below)
            for key, value in over.items():
                merged[key] = (
                    _deep(below[key], value, f"{pointer}/{token(key)}", fields, idle) if key in below else value
                )
            return merged
    elif not _is_map(below) and not _is_map(over):
        return over
    _forget(fields, pointer)
    return over


def _is_map(value: Any) -> bool:
    # A reference to a credential is one value, though it is written as an object.
    return value.__class__ is dict and "$secret" not in value


def _forget(fields: dict[str, tuple[int, ...]], pointer: str) -> None:
    for each in [each for each in fields if each == pointer or each.startswith(pointer + "/")]:
        del fields[each]
