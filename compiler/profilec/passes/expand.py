"""Graph -> Stacks: for each profile its layers from base to leaf."""

from __future__ import annotations

from profilec.states import Graph, Stack


def expand(graph: Graph) -> list[Stack]:
    """The stack of every profile, in the graph's order.

    Depth first, entries in the order written, each profile once at its first occurrence, the baseline below all.
    """
    known: dict[int, Stack] = {}
    base: Stack = (0,) if graph.has_baseline else ()
    for root in range(len(base), len(graph.layers)):
        parents = graph.parents[root]
        if len(parents) == 1 and (below := known.get(parents[0])):
            known[root] = (*below, root)
            continue
        # No path is deeper than 32, so this never goes far down.
        _expand(root, graph.parents, base, known)
    return [known[each] for each in range(len(base), len(graph.layers))]


def _expand(node: int, parents: tuple[tuple[int, ...], ...], base: Stack, known: dict[int, Stack]) -> Stack:
    stack = known.get(node)
    if stack is None:
        below = [_expand(each, parents, base, known) for each in parents[node]]
        if len(below) < 2:
            stack = (below[0] if below else base) + (node,)
        else:
            stack = (*dict.fromkeys(each for part in below for each in part), node)
        known[node] = stack
    return stack
