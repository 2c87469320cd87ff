"""StackGraph -> a tree for a terminal: from each profile down to its base, or, for an impact, upwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from profilec.diagnostics import Span
from profilec.rendering.graph.captions import model
from profilec.rendering.terminal import Painter, visible, width
from profilec.review.graph import Node, StackGraph

# Further out, a long name would push the columns of all others off the screen.
_WIDEST = 72


class _Line(NamedTuple):
    branch: str
    node: Node
    span: Span | None
    is_repeated: bool


def text(graph: StackGraph, paint: Painter) -> str:
    """A line for each step: name, model, and the place of the stack entry that leads there.

    What hangs below a node is shown where the node comes first.
    """
    lines = list(_lines(graph))
    names = [each.branch + _name(each, graph) for each in lines]
    columns = [[width(each) for each in names], [width(model(each.node)) for each in lines]]
    widths = [max([each for each in column if each <= _WIDEST], default=0) for column in columns]
    return "".join(_painted(each, graph, widths, paint) for each in lines)


def _lines(graph: StackGraph) -> Iterator[_Line]:
    nodes = {each.name: each for each in graph.nodes}
    if graph.scope == "impact":
        steps = {name: [(edge.above, edge.span) for edge in edges] for name, edges in graph.edges_up.items()}
        leading = graph.edges_down
    else:
        steps = {name: [(edge.below, edge.span) for edge in edges] for name, edges in graph.edges_down.items()}
        leading = graph.edges_up
    shown: set[str] = set()

    def tree(name: str, span: Span | None, first: str, further: str) -> Iterator[_Line]:
        # In one stack a profile counts where it comes first, so what has nothing below it is marked too.
        is_repeated = name in shown and (graph.scope == "stack" or bool(steps[name]))
        yield _Line(first, nodes[name], span, is_repeated)
        if is_repeated:
            return
        shown.add(name)
        for index, (each, place) in enumerate(steps[name], start=1):
            is_last = index == len(steps[name])
            yield from tree(
                each, place, further + ("└─ " if is_last else "├─ "), further + ("   " if is_last else "│  ")
            )

    for each in graph.nodes:
        if not leading[each.name]:
            yield from tree(each.name, each.span, "", "")


def _name(line: _Line, graph: StackGraph) -> str:
    is_default = line.node.name == graph.default
    return visible(line.node.name) + (" *" if is_default else "") + (" (see above)" if line.is_repeated else "")


def _painted(line: _Line, graph: StackGraph, widths: list[int], paint: Painter) -> str:
    name, named = _name(line, graph), model(line.node)
    is_asked = line.node.name == graph.subject
    gaps = [" " * max(0, each - width(cell)) for each, cell in zip(widths, [line.branch + name, named], strict=True)]
    place = visible(str(line.span)) if line.span else ""
    cells = [
        (paint(line.branch, "dim") if line.branch else "") + (paint(name, "bold") if is_asked else name) + gaps[0],
        (named if line.node.model else paint(named, "dim")) + gaps[1],
        paint(place, "blue") if place else "",
    ]
    while cells and not cells[-1].strip():
        cells.pop()
    return "  ".join(cells).rstrip() + "\n"
