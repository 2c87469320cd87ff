"""Documents migrated in memory, as the command does it, and what is said of them."""

from __future__ import annotations

from typing import Any

from profilec.diagnostics import Diagnostic, Report
from profilec.migration import legacy
from profilec.migration.litellm import read
from profilec.migration.remarks import Remarks
from profilec.passes.parse import parse
from profilec.rendering.render import render
from profilec.rendering.terminal import Painter
from profilec.states import Text
from profilec.syntax import yaml
from profilec.syntax.dump import to_yaml


def migrated(document: Any, origin: str = "legacy") -> tuple[list[Any], list[Diagnostic]]:
    """The registries, and the remarks, of a document or of its text."""
    text = document if isinstance(document, str) else to_yaml(document)
    report, remarks = Report(), Remarks()
    tree = yaml.parse("old.yaml", text, report)
    assert tree is not None and not list(report), (text, list(report))
    made = (legacy if origin == "legacy" else read).migrate(tree, "old", remarks)
    remarks.report(report)
    return [each.document for each in made], list(report)


def errors(document: Any) -> list[Diagnostic]:
    """What the compiler has to say against a registry."""
    report = Report()
    parse(Text("made.yaml", to_yaml(document)), "forbid", report)
    return [each for each in report if each.severity == "error"]


def printed(remarks: list[Diagnostic]) -> str:
    return render(remarks, "text", Painter(False))
