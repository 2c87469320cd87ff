"""StackGraph -> DOT, the language of Graphviz.

Every string is quoted; quotes and backslashes in it are escaped, and `&`, with which Graphviz begins an entity.
"""

from __future__ import annotations

from profilec.rendering.graph import captions
from profilec.rendering.terminal import visible
from profilec.review.graph import Edge, Node, StackGraph


def dot(graph: StackGraph) -> str:
    lines = [
        "digraph {",
        '  graph [rankdir=LR, fontname="Helvetica", labeljust=l, tooltip=' + _quoted(captions.description(graph)) + "]",
        f"  label={_quoted(captions.title(graph))}",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#57606a", fontname="Helvetica"]',
        '  edge [color="#57606a", fontname="Helvetica", fontsize=10, arrowsize=0.7]',
    ]
    for index, (registry, nodes) in enumerate(graph.by_registry.items()):
        lines.append(f"  subgraph cluster_{index} {{")
        lines.append(f'    graph [label={_quoted(captions.heading(registry))}, style="rounded,filled",')
        lines.append('      color="#d0d7de", fillcolor="#f6f8fa"]')
        lines += [f"    {_quoted(each.name)} [{_node(each, graph)}]" for each in nodes]
        lines.append("  }")
    numbers = captions.numbered(graph)
    lines += [
        f"  {_quoted(edge.above)} -> {_quoted(edge.below)} [{_edge(edge, numbers[edge])}]" for edge in graph.edges
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _node(node: Node, graph: StackGraph) -> str:
    lines = [captions.slug(node), captions.model(node), captions.marks(node, graph)]
    # A break between lines is an escape of DOT's own, so it is set after the lines are escaped.
    label = "\\n".join(_escaped(each) for each in lines if each)
    attributes = [f'label="{label}"', f"tooltip={_quoted(captions.told(node))}"]
    if node.is_baseline:
        attributes.append("shape=cylinder, style=filled")
    elif not node.model:
        attributes.append('style="dashed,filled"')
    if node.name == graph.subject:
        attributes.append('penwidth=2.5, color="#0969da"')
    return ", ".join(attributes)


def _edge(edge: Edge, number: str) -> str:
    attributes = [f"tooltip={_quoted(captions.edge_told(edge))}"]
    if number:
        attributes.append(f'taillabel="{number}"')
    if edge.position is None:
        attributes.append("style=dashed")
    return ", ".join(attributes)


def _quoted(text: str) -> str:
    return f'"{_escaped(visible(text))}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
