"""Text -> Document: one registry, with a position for everything in it, well-formed in itself."""

from __future__ import annotations

from collections.abc import Sequence

from profilec.credentials import Mode
from profilec.diagnostics import Report
from profilec.passes.parse import shape
from profilec.passes.parse.layers import LayerReader
from profilec.passes.parse.registry import check_model_info, registry
from profilec.passes.parse.safety import check_safety
from profilec.states import Document, Layer, Parsed, Text, Value
from profilec.syntax import json, payload, plain, yaml
from profilec.syntax.decode import decode
from profilec.syntax.tree import Tree

_SYNTAXES = {"yaml": yaml.parse, "json": json.parse}


def parse(source: Text | Value, secrets: Mode, report: Report) -> Document | None:
    """Read one registry. None where it cannot be read at all; findings, and there may be others, are in the report."""
    tree = read_tree(source, report)
    return None if tree is None else parse_tree(tree, source.origin, secrets, report)


def parse_tree(tree: Tree, origin: int, secrets: Mode, report: Report) -> Document | None:
    """The same for what `read_tree` made of a source."""
    return registry(tree, origin, secrets, report) if shape.check_registry(tree, report) else None


def parse_many(sources: Sequence[Text | Value], secrets: Mode) -> list[Parsed]:
    """Parse some of the texts, each with a report of its own: what one process does of many."""
    parsed = []
    for each in sources:
        report = Report()
        parsed.append(Parsed(parse(each, secrets, report), tuple(report)))
    return parsed


def parse_baseline(source: Text | Value, secrets: Mode, report: Report) -> Layer | None:
    """Read a document of inference settings, the lowest layer of every profile."""
    tree = read_tree(source, report)
    if tree is None or not shape.check_settings(tree, report):
        return None
    settings, extensions, fields = LayerReader(tree, secrets, True, report).read(tree.value, None)
    check_model_info(settings.get("model_info", {}), fields, tree.span(), report)
    return Layer("", tree.name, None, None, 0, "", (), settings, extensions, fields, tree.name, (None, None))


def read_tree(source: Text | Value, report: Report) -> Tree | None:
    """The tree of a source, or None where it has none that any other check could take."""
    tree: Tree | None = None
    if isinstance(source, Value):
        tree = plain.parse(source.name, source.value, report)
    elif (text := decode(source, report)) is not None:
        if source.syntax == "payload":
            tree = payload.parse(source, text, report)
        else:
            tree = _SYNTAXES[source.syntax](source.name, text, report)
    return tree if tree is not None and check_safety(tree, report) else None
