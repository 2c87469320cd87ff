"""StackGraph -> plain data, as `profilec schema graph` describes it."""

from __future__ import annotations

from typing import Any

from profilec.diagnostics import Span
from profilec.review.graph import Edge, Node, StackGraph


def document(graph: StackGraph) -> dict[str, Any]:
    return {
        "scope": graph.scope,
        "subject": graph.subject,
        "nodes": [_node(each, graph.default) for each in graph.nodes],
        "edges": [_edge(each) for each in graph.edges],
    }


def _node(node: Node, default: str | None) -> dict[str, Any]:
    if node.is_baseline:
        return {"name": node.name, "baseline": node.span.file}
    named = {"display_name": node.display_name, "model": node.model, "provider": node.provider, "kind": node.kind}
    return {
        "name": node.name,
        "registry": node.registry,
        "profile": node.profile,
        "is_default": node.name == default,
        **{key: value for key, value in named.items() if value is not None},
        **_place(node.span),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"from": edge.above, "to": edge.below, "position": edge.position, **_place(edge.span)}


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": None, "line": None, "column": None}
    return {"file": span.file, "line": span.line, "column": span.column}
