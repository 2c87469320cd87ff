"""Diagnostics -> workflow commands, which GitHub shows as annotations on the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence

from profilec.diagnostics import Diagnostic, tally
from profilec.rendering.reports import sentences, worst_first
from profilec.rendering.terminal import visible

# Of each step GitHub keeps ten of a kind; what comes after them is lost without a word.
LIMIT = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def github(diagnostics: Sequence[Diagnostic]) -> str:
    """A line for each of the ten worst findings, then one that counts the others. Empty where there are none."""
    ranked = worst_first(diagnostics)
    lines = [_annotation(each) for each in ranked[:LIMIT]]
    if left := ranked[LIMIT:]:
        text = f"{tally(left)} more: `profilec check` shows all"
        lines.append(f"::notice title=profilec::{_data(text)}")
    return "".join(f"{line}\n" for line in lines)


def _annotation(diagnostic: Diagnostic) -> str:
    properties = {
        "file": diagnostic.file,
        "line": diagnostic.line,
        "col": diagnostic.column,
        "title": diagnostic.rule,
    }
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    # The log shows the text alone, so the place is in it too.
    place = f"{visible(str(diagnostic.span))}: " if diagnostic.span else ""
    text = "\n".join(sentences(diagnostic))
    return f"::{_COMMANDS[diagnostic.severity]} {said}::{_data(place + text)}"


def _data(text: str) -> str:
    """Text as the runner decodes it. What a source contains is visible by now, so a line break here is our own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
