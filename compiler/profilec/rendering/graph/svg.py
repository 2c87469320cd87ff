"""StackGraph -> an SVG picture that stands alone: no script, nothing from elsewhere, light or dark as its reader.

It is laid out by `layout`; all text is in one fixed-width font, so that its width is known without measuring it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape

from profilec.rendering.graph import captions
from profilec.rendering.graph.layout import MARGIN, Band, Box, Path, layout
from profilec.rendering.terminal import visible, width
from profilec.review.graph import Node, StackGraph

_CELL, _PADDING, _HEAD, _FOOT = 7.3, 14.0, 34.0, 26.0
# In cells; the whole text is told where the pointer rests.
_WIDEST = 34
# What no XML document may hold, and `visible` leaves.
_NO_XML = re.compile("[\ufffe\uffff]")
_STYLE = """\
.profile-graph { color-scheme: light dark; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.profile-graph .page { fill: #ffffff; }
.profile-graph text { fill: #1f2328; }
.profile-graph .heading { font-size: 15px; font-weight: 600; }
.profile-graph .faint { fill: #59636e; }
.profile-graph .slug { font-weight: 600; }
.profile-graph .mark { fill: #0969da; font-size: 11px; font-weight: 400; }
.profile-graph .number { fill: #59636e; font-size: 9px; }
.profile-graph .band { fill: #f6f8fa; stroke: #d1d9e0; }
.profile-graph .node rect { fill: #ffffff; stroke: #59636e; }
.profile-graph .layer rect { fill: #f6f8fa; stroke-dasharray: 4 3; }
.profile-graph .layer .slug { font-weight: 400; }
.profile-graph .asked rect { stroke: #0969da; stroke-width: 2.5; }
.profile-graph .edge { fill: none; stroke: #818b98; stroke-width: 1.3; }
.profile-graph .implied { stroke-dasharray: 4 3; }
.profile-graph .tip { fill: #818b98; }
@media (prefers-color-scheme: dark) {
  .profile-graph .page { fill: #0d1117; }
  .profile-graph text { fill: #f0f6fc; }
  .profile-graph .faint, .profile-graph .number { fill: #9198a1; }
  .profile-graph .mark { fill: #4493f8; }
  .profile-graph .band { fill: #151b23; stroke: #3d444d; }
  .profile-graph .node rect { fill: #0d1117; stroke: #9198a1; }
  .profile-graph .layer rect { fill: #151b23; }
  .profile-graph .asked rect { stroke: #4493f8; }
  .profile-graph .edge { stroke: #656c76; }
  .profile-graph .tip { fill: #656c76; }
}
"""


def svg(graph: StackGraph) -> str:
    laid = layout(graph, lambda node: _box_width(node, graph))
    heading, legend = captions.title(graph), _legend(graph)
    wide = max(laid.width, _CELL * 1.25 * width(heading) + 2 * MARGIN, _CELL * width(legend) + 2 * MARGIN)
    high = _HEAD + laid.height + _FOOT
    numbers = captions.numbered(graph)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="profile-graph" role="img" width="{wide:.0f}" '
            f'height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">',
            f"<title>{_escaped(heading)}</title>",
            f"<desc>{_escaped(captions.description(graph))}</desc>",
            f"<style>\n{_STYLE}</style>",
            '<rect class="page" width="100%" height="100%"/>',
            f'<text class="heading" x="{MARGIN:g}" y="28">{_escaped(heading)}</text>',
            f'<g transform="translate(0 {_HEAD:g})">',
            *(_band(each, wide) for each in laid.bands),
            *(_path(each) for each in laid.paths),
            *(_box(each, graph) for each in laid.boxes),
            *(_number(each, numbers[each.edge]) for each in laid.paths if numbers[each.edge]),
            "</g>",
            f'<text class="faint" x="{MARGIN:g}" y="{high - 14:.0f}">{_escaped(legend)}</text>',
            "</svg>\n",
        ]
    )


def _legend(graph: StackGraph) -> str:
    parts = [captions.counted(graph), "an arrow leads to what a profile stands on"]
    if any(captions.numbered(graph).values()):
        parts.append("later numbers win")
    if any(map(captions.is_layer, graph.nodes)):
        parts.append("dashed: a layer, without a model")
    return " · ".join(parts)


def _box_width(node: Node, graph: StackGraph) -> float:
    first, second = _cut(captions.slug(node)), _cut(captions.model(node))
    mark = captions.marks(node, graph)
    return max(width(f"{first}  {mark}" if mark else first), width(second)) * _CELL + 2 * _PADDING


def _band(band: Band, wide: float) -> str:
    name = _escaped(captions.heading(band.registry))
    return (
        f'<rect class="band" x="{MARGIN:g}" y="{band.y:.1f}" width="{wide - 2 * MARGIN:.1f}" '
        f'height="{band.height:.1f}" rx="8"/>\n'
        f'<text class="faint" x="{MARGIN + 10:g}" y="{band.y + 17:.1f}">{name}</text>'
    )


def _path(path: Path) -> str:
    (x, y), *_, (end, last) = path.points
    steps = [f"M{x:.1f} {y:.1f}"]
    for index, ((left, top), (right, bottom)) in enumerate(pairwise([*path.points[:-1], (end - 6, last)])):
        bend = (right - left) / 2
        # Every second step leads straight through a column.
        curve = f"C{left + bend:.1f} {top:.1f} {right - bend:.1f} {bottom:.1f} {right:.1f} {bottom:.1f}"
        steps.append(f"H{right:.1f}" if index % 2 else curve)
    implied = "" if path.edge.position else " implied"
    told = _escaped(captions.edge_told(path.edge))
    return (
        f'<path class="edge{implied}" d="{" ".join(steps)}"><title>{told}</title></path>'
        f'<path class="tip" d="M{end:.1f} {last:.1f} l-8 -3.5 v7 z"/>'
    )


def _number(path: Path, number: str) -> str:
    """The position of a stack's entry, within its node, where no edge crosses it."""
    x, y = path.points[0]
    return f'<text class="number" x="{x - 4:.1f}" y="{y + 3:.1f}" text-anchor="end">{number}</text>'


def _box(box: Box, graph: StackGraph) -> str:
    node = box.node
    kinds = [
        "node",
        *(["layer"] if captions.is_layer(node) else []),
        *(["asked"] if node.name == graph.subject else []),
    ]
    slug, model = _escaped(_cut(captions.slug(node))), _escaped(_cut(captions.model(node)))
    mark = captions.marks(node, graph)
    marked = f'<tspan class="mark" dx="{_CELL:g}">{mark}</tspan>' if mark else ""
    middle = box.height / 2
    second = f'<text class="faint" x="{_PADDING:g}" y="{middle + 13:.1f}">{model}</text>' if model else ""
    return (
        f'<g class="{" ".join(kinds)}" transform="translate({box.x:.1f} {box.y:.1f})">'
        f"<title>{_escaped(captions.told(node))}</title>"
        f'<rect width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
        f'<text class="slug" x="{_PADDING:g}" y="{middle - 3 if model else middle + 4:.1f}">{slug}{marked}</text>'
        f"{second}</g>"
    )


def _cut(text: str) -> str:
    if width(text) <= _WIDEST:
        return text
    while width(text) > _WIDEST - 1:
        text = text[:-1]
    return text + "…"


def _escaped(text: str) -> str:
    return escape(_NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text)))
