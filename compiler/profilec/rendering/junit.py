"""Diagnostics -> JUnit XML, which most CI servers show as tests."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from xml.etree import ElementTree

from profilec.diagnostics import Diagnostic, tally
from profilec.rendering.render import render
from profilec.rendering.reports import worst_first
from profilec.rendering.terminal import Painter, visible

# Of those that XML has no place for, the only ones that `visible` leaves.
_NOT_XML = re.compile("[\ufffe\uffff]")
_WHOLE = {"name": "compile", "classname": "profilec"}


def junit(diagnostics: Sequence[Diagnostic], refused: Collection[str] = ("error",)) -> str:
    """A suite with a test for each file that has findings, and one for what has no place in a file.

    A test keeps its name while lines move, so that servers tell what is newly broken. It fails of the findings that are
    refused, and shows the others as its output.
    """
    by_file: dict[str, list[Diagnostic]] = {"": []}
    for each in diagnostics:
        by_file.setdefault(_text(each.file or ""), []).append(each)
    failed = sum(any(each.severity in refused for each in found) for found in by_file.values())
    counts = {"name": "profilec", "tests": str(len(by_file)), "failures": str(failed), "errors": "0"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {**counts, "skipped": "0", "time": "0"})
    for file, found in by_file.items():
        # No file can have both names of the one that stands for all.
        names = {"name": file, "classname": "profilec.files", "file": file}
        test = ElementTree.SubElement(suite, "testcase", (names if file else _WHOLE) | {"time": "0"})
        _fill(test, worst_first(found), refused)
    ElementTree.indent(suites)
    # Whatever is not ASCII is written as a reference: the same bytes, whatever the encoding of standard output.
    body: bytes = ElementTree.tostring(suites, "us-ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body.decode()}\n'


def _fill(test: ElementTree.Element, found: list[Diagnostic], refused: Collection[str]) -> None:
    failures = [each for each in found if each.severity in refused]
    if failures:
        first = failures[0]
        message = first.message if len(failures) == 1 else f"{tally(failures)}, the first: {first.message}"
        failure = ElementTree.SubElement(test, "failure", {"type": first.rule, "message": _text(message)})
        failure.text = _laid_out(failures)
    if others := [each for each in found if each.severity not in refused]:
        ElementTree.SubElement(test, "system-out").text = _laid_out(others)


def _laid_out(found: list[Diagnostic]) -> str:
    """The findings as people see them. The line breaks are the layout's own."""
    return _xml(render(found, "text", Painter(False)))


def _text(text: str) -> str:
    return _xml(visible(text))


def _xml(text: str) -> str:
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
