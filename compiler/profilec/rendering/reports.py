"""Diagnostics -> a document that CI reads: which formats there are, and what they have in common."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from importlib import import_module
from typing import Any

from profilec.diagnostics import SEVERITIES, Diagnostic, tally
from profilec.rendering.terminal import visible

# Each is a module beside this one, imported when it is wanted, with a function of the same name.
REPORTS = ("github", "gitlab", "sarif", "junit")
# What readers that insist on a file are shown for a finding that has none.
NOWHERE = "profilec.toml"


def report(form: str, diagnostics: Sequence[Diagnostic], refused: Collection[str] = ("error",)) -> str:
    """The whole document, also where nothing was found. `refused` are the severities that make the command fail."""
    if form == "json":
        from profilec.rendering.render import as_json

        return as_json(diagnostics)
    if form == "text":
        from profilec.rendering.render import render
        from profilec.rendering.terminal import Painter

        return render(diagnostics, form, Painter(False)) + (tally(diagnostics) or "nothing found") + "\n"
    write = getattr(import_module(f"profilec.rendering.{form}"), form)
    document: str = write(diagnostics, refused) if form == "junit" else write(diagnostics)
    return document


def worst_first(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Errors before warnings before notes, each in the order they came in."""
    return sorted(diagnostics, key=lambda each: SEVERITIES.index(each.severity))


def sentences(diagnostic: Diagnostic, with_places: bool = True) -> list[str]:
    """What a finding says, a line for each: the message, how to mend it, and the notes. Visible in any reader."""
    lines = [diagnostic.message, *([f"help: {diagnostic.hint}"] if diagnostic.hint else [])]
    for note in diagnostic.notes:
        if note.span is None or with_places:
            lines.append(f"note: {note.message}" + (f" ({note.span})" if note.span else ""))
    return [visible(line) for line in lines]


def with_fingerprints(diagnostics: Sequence[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with what it is known by from run to run: neither its line nor its severity is part of that.

    Where the same is found several times in a file, the order tells one from the other.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for each in diagnostics:
        # What the notes remark without a place is the profile, for sources without lines.
        known = (each.rule, each.file or "", each.message, *(note.message for note in each.notes if not note.span))
        seen[known] += 1
        text = json.dumps([*known, seen[known]])
        yield each, hashlib.sha256(text.encode()).hexdigest()


def as_ascii_json(document: Any) -> str:
    """A document that is the same bytes whatever the encoding of standard output."""
    return json.dumps(document, indent=2) + "\n"
