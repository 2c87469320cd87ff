"""StackGraph -> a Mermaid flowchart, as GitHub and others draw it in Markdown.

Names that a source chose stand in quoted labels only, and there every character that means something to Mermaid, to
Markdown or to HTML is written as an entity.
"""

from __future__ import annotations

import re

from profilec.rendering.graph import captions
from profilec.review.graph import Node, StackGraph

# Mermaid's own limits, which a page can raise, but GitHub does not.
MAX_EDGES = 500
MAX_CHARACTERS = 50_000
# A point or hyphen before a blank begins a list to Markdown.
_PLAIN = re.compile(r"[^\W_]|[ _/()]|[.-](?=[^\W_])")
_FORMULA = re.compile(r"\$(?=\$)")


def mermaid(graph: StackGraph) -> str:
    ids = {each.name: f"n{index}" for index, each in enumerate(graph.nodes)}
    lines = ["flowchart LR", f"  accTitle: {captions.title(graph)}", f"  accDescr: {_described(graph)}"]
    for index, (registry, nodes) in enumerate(graph.by_registry.items()):
        lines.append(f'  subgraph r{index}["{_escaped(captions.heading(registry))}"]')
        lines += [f"    {ids[each.name]}{_shape(each, graph)}" for each in nodes]
        lines.append("  end")
    numbers = captions.numbered(graph)
    for edge in graph.edges:
        arrow = ("-->" if edge.position else "-.->") + (f'|"{numbers[edge]}"|' if numbers[edge] else "")
        lines.append(f"  {ids[edge.above]} {arrow} {ids[edge.below]}")
    # Strokes only: colours would have to suit every page's theme.
    lines += [
        "  classDef layer stroke-dasharray:4 3",
        "  classDef asked stroke-width:3px",
        *(f"  class {','.join(ids[each.name] for each in nodes)} {name}" for name, nodes in _classes(graph) if nodes),
    ]
    return "\n".join(lines) + "\n"


def beyond_limits(picture: str, graph: StackGraph) -> str | None:
    """Why Mermaid would not draw it, if so."""
    if len(graph.edges) > MAX_EDGES:
        return f"the picture has {len(graph.edges):,} arrows, and Mermaid draws at most {MAX_EDGES:,}"
    if len(picture) > MAX_CHARACTERS:
        return f"the picture has {len(picture):,} characters, and Mermaid draws at most {MAX_CHARACTERS:,}"
    return None


def _described(graph: StackGraph) -> str:
    # A semicolon would end the statement.
    return captions.description(graph).replace(";", ",")


def _shape(node: Node, graph: StackGraph) -> str:
    lines = [captions.slug(node), captions.model(node), captions.marks(node, graph)]
    label = "<br/>".join(_escaped(each) for each in lines if each)
    opening, closing = ("[(", ")]") if node.is_baseline else ("(", ")") if node.model else ("[", "]")
    return f'{opening}"{label}"{closing}'


def _classes(graph: StackGraph) -> list[tuple[str, list[Node]]]:
    return [
        ("layer", [each for each in graph.nodes if captions.is_layer(each)]),
        ("asked", [each for each in graph.nodes if each.name == graph.subject]),
    ]


def _escaped(text: str) -> str:
    """A text for a quoted label: what is no letter, digit or harmless sign is an entity."""
    # Two dollars begin a formula even as entities; what is set between them has no width.
    text = _FORMULA.sub("$\u200b", text)
    return "".join(each if _PLAIN.match(text, index) else f"#{ord(each)};" for index, each in enumerate(text))
