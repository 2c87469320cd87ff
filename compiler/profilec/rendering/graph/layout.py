"""StackGraph -> where everything lies in a picture: columns by depth, a band of rows for each registry.

A profile stands left of all that it stands on, so that arrows lead to the right. An edge over several columns is led
through a gap of its own in those between. Few passes and no chance: the same graph lies the same way every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from profilec.review.graph import Edge, Node, StackGraph

HEIGHT, GAP = 40.0, 10.0
BAND_HEAD, BAND_FOOT, BAND_GAP, MARGIN = 26.0, 12.0, 14.0, 16.0
# From one edge to the next where they leave a node, and how high the gap is that one is led through.
_PORT, _THROUGH = 10.0, 6.0
# Between columns: more where many edges have to bend.
_COLUMN_GAP, _BEND, _WIDEST_GAP = 72.0, 1.5, 200.0
_SWEEPS = 4


class Box(NamedTuple):
    node: Node
    x: float
    y: float
    width: float
    height: float


class Band(NamedTuple):
    """A registry's rows, over all columns; `registry` is empty for the baseline."""

    registry: str
    y: float
    height: float


class Path(NamedTuple):
    """An edge as the points that it is led through, two for each column between its ends."""

    edge: Edge
    points: tuple[tuple[float, float], ...]


class Layout(NamedTuple):
    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]
    paths: tuple[Path, ...]
    width: float
    height: float


@dataclass(slots=True, eq=False)
class _Item:
    """What takes up a part of a column: a node, or the gap that an edge is led through."""

    node: Node | None
    column: int
    band: int
    height: float
    left: list[_Item] = field(default_factory=list)
    right: list[_Item] = field(default_factory=list)
    y: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def layout(graph: StackGraph, width_of: Callable[[Node], float]) -> Layout:
    """Lay a graph out. `width_of` tells how wide a node has to be."""
    columns = _columns(graph)
    bands = {registry: index for index, registry in enumerate(graph.by_registry)}
    down = graph.edges_down
    items = {
        each.name: _Item(
            each, columns[each.name], bands[each.registry], max(HEIGHT, _PORT * (1 + len(down[each.name])))
        )
        for each in graph.nodes
    }
    chains = [_chain(items[edge.above], items[edge.below]) for edge in graph.edges]
    cells: dict[tuple[int, int], list[_Item]] = {}
    for item in _unique([*items.values(), *(each for chain in chains for each in chain)]):
        cells.setdefault((item.band, item.column), []).append(item)
    placed = _place_bands(cells, list(bands))
    _arrange(cells, placed)
    xs, widths = _place_columns(items.values(), width_of)
    boxes = [
        Box(node, xs[item.column], item.y, widths[item.column], item.height)
        for node, item in zip(graph.nodes, items.values(), strict=True)
    ]
    starts = [start for name, edges in down.items() for start in _starts(items[name], len(edges))]
    paths = [_path(*each, xs, widths) for each in zip(graph.edges, chains, starts, strict=True)]
    right = max((xs[each] + widths[each] for each in xs), default=0.0)
    bottom = placed[-1].y + placed[-1].height if placed else 0.0
    return Layout(tuple(boxes), tuple(placed), tuple(paths), right + 2 * MARGIN, bottom + MARGIN)


def _columns(graph: StackGraph) -> dict[str, int]:
    """The column of each node: what stands on nothing is in the last one, and everything as near to it as it can be."""
    down, depth = graph.edges_down, dict[str, int]()

    def measured(name: str) -> int:
        # No path is deeper than 32.
        if name not in depth:
            depth[name] = 1 + max((measured(edge.below) for edge in down[name]), default=-1)
        return depth[name]

    deepest = max(map(measured, down), default=0)
    return {name: deepest - depth[name] for name in down}


def _chain(above: _Item, below: _Item) -> list[_Item]:
    """An edge as what it leads over, from end to end, each joined to the next."""
    through = [_Item(None, column, above.band, _THROUGH) for column in range(above.column + 1, below.column)]
    chain = [above, *through, below]
    for left, right in pairwise(chain):
        left.right.append(right)
        right.left.append(left)
    return chain


def _unique(items: Iterable[_Item]) -> list[_Item]:
    return list({id(each): each for each in items}.values())


def _place_bands(cells: dict[tuple[int, int], list[_Item]], registries: Sequence[str]) -> list[Band]:
    """A band is as high as its fullest column."""
    heights = [0.0] * len(registries)
    for (band, _), items in cells.items():
        heights[band] = max(heights[band], _needed(items))
    bands = []
    y = MARGIN
    for registry, height in zip(registries, heights, strict=True):
        bands.append(Band(registry, y, BAND_HEAD + height + BAND_FOOT))
        y += bands[-1].height + BAND_GAP
    return bands


def _needed(items: Sequence[_Item]) -> float:
    return sum(each.height for each in items) + GAP * (len(items) - 1)


def _arrange(cells: dict[tuple[int, int], list[_Item]], bands: Sequence[Band]) -> None:
    """Order each cell by where its neighbours lie, then move everything towards them, there and back a few times."""
    order = sorted(cells)
    for key in order:
        _set_down(cells[key], bands[key[0]], lambda item: 0.0)
    by_column = sorted(order, key=lambda key: (key[1], key[0]))
    for sweep in range(_SWEEPS):
        to_the_right = sweep % 2
        for key in by_column if to_the_right else reversed(by_column):
            aim = _aim_left if to_the_right else _aim_right
            # Sorting is stable, so what has the same aim stays in the order of the names.
            cells[key].sort(key=aim)
            _set_down(cells[key], bands[key[0]], aim)


def _aim_left(item: _Item) -> float:
    return _mean(item.left) if item.left else item.middle


def _aim_right(item: _Item) -> float:
    return _mean(item.right) if item.right else item.middle


def _mean(items: Sequence[_Item]) -> float:
    return sum(each.middle for each in items) / len(items)


def _set_down(items: Sequence[_Item], band: Band, aim: Callable[[_Item], float]) -> None:
    """Set the items of a cell one below the other, each as near to its aim as those before and behind it leave."""
    aims = [aim(each) - each.height / 2 for each in items]
    top = band.y + BAND_HEAD
    for item, wanted in zip(items, aims, strict=True):
        item.y = max(top, wanted)
        top = item.y + item.height + GAP
    bottom = band.y + band.height - BAND_FOOT
    for item in reversed(items):
        item.y = min(item.y, bottom - item.height)
        bottom = item.y - GAP


def _place_columns(
    items: Iterable[_Item], width_of: Callable[[Node], float]
) -> tuple[dict[int, float], dict[int, float]]:
    widths: dict[int, float] = {}
    bends: dict[int, int] = {}
    for each in items:
        if each.node is not None:
            widths[each.column] = max(widths.get(each.column, 0.0), width_of(each.node))
            bends[each.column] = bends.get(each.column, 0) + len(each.right)
    xs, x = {}, 2 * MARGIN
    for column in sorted(widths):
        xs[column] = x
        x += widths[column] + min(_WIDEST_GAP, _COLUMN_GAP + _BEND * bends[column])
    return xs, widths


def _starts(item: _Item, count: int) -> list[float]:
    """Where the edges of a stack leave their node: below each other, the first entry topmost."""
    return [item.y + item.height / (count + 1) * index for index in range(1, count + 1)]


def _path(edge: Edge, chain: Sequence[_Item], start: float, xs: dict[int, float], widths: dict[int, float]) -> Path:
    first, *through, last = chain
    points = [(xs[first.column] + widths[first.column], start)]
    for each in through:
        points += [(xs[each.column], each.middle), (xs[each.column] + widths[each.column], each.middle)]
    return Path(edge, (*points, (xs[last.column], last.middle)))
