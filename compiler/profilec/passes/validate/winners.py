"""A field of a merged profile -> the layer that set it."""

from __future__ import annotations

from collections.abc import Mapping

from profilec.states import Graph, Layer, Merged


def winners(graph: Graph, merged: Merged) -> Mapping[str, int]:
    """The number of the layer that set each leaf, by pointer."""
    if merged.fields:
        return {pointer: merged.stack[positions[-1]] for pointer, positions in merged.fields.items()}
    return {pointer: number for number in merged.stack for pointer in graph.layers[number].fields}


def winner(graph: Graph, merged: Merged, pointer: str) -> tuple[int, Layer]:
    """The same for one leaf that is there."""
    positions = merged.fields.get(pointer)
    number = merged.stack[positions[-1]] if positions else winners(graph, merged)[pointer]
    return number, graph.layers[number]
