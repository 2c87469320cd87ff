"""Diagnostics -> SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from profilec._version import __version__
from profilec.diagnostics import Diagnostic, Span, tally
from profilec.rendering.reports import NOWHERE, as_ascii_json, sentences, with_fingerprints, worst_first

# More than these GitHub does not show, and far more it does not take.
LIMIT = 5000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """A log of one run with up to 5,000 results, the worst first; what is left out is counted in a notification."""
    # Known by the place among all: a warning more in one file must not change what the others are known by.
    known = dict(zip(map(id, diagnostics), (each for _, each in with_fingerprints(diagnostics)), strict=True))
    ranked = worst_first(diagnostics)
    shown, left = ranked[:LIMIT], ranked[LIMIT:]
    rules = sorted({each.rule for each in shown})
    # What is wrong with the sources is what the command is run for; it fails of the machine, or of how it is called.
    failed = any(each.environment or each.rule in ("configuration", "usage") for each in diagnostics)
    invocation: dict[str, Any] = {"executionSuccessful": not failed}
    if left:
        text = f"{tally(left)} more than this log holds: `profilec check --verbose` shows all"
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    driver = {"name": "profilec", "semanticVersion": __version__, "rules": [_rule(each, shown) for each in rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.rule), known[id(each)]) for each in shown],
        "properties": {"findings": len(diagnostics)},
    }
    return as_ascii_json({"version": "2.1.0", "$schema": _SCHEMA, "runs": [run]})


def _rule(rule: str, results: Sequence[Diagnostic]) -> dict[str, Any]:
    words = rule.replace("-", " ")
    more = f"docs/rules.md of engine-profiles says under `{rule}` what is found, why, and how to mend it"
    if rule == "usage":
        more = "`profilec --help` says what there is"
    level = next(each.severity for each in results if each.rule == rule)
    return {
        "id": rule,
        "shortDescription": {"text": words},
        "fullDescription": {"text": f"profilec found: {words}"},
        "help": {"text": more},
        "defaultConfiguration": {"level": level},
    }


def _result(diagnostic: Diagnostic, rule: int, fingerprint: str) -> dict[str, Any]:
    related = [
        {"id": number, "message": _message([note.message]), **_location(note.span)}
        for number, note in enumerate(diagnostic.notes)
        if note.span
    ]
    return {
        "ruleId": diagnostic.rule,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": _message(sentences(diagnostic, with_places=False)),
        "locations": [_location(diagnostic.span or Span(NOWHERE))],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"finding/v1": fingerprint},
    }


def _message(lines: list[str]) -> dict[str, str]:
    # Brackets before a parenthesis would be a link, to wherever a source says.
    return {"text": "\n".join(lines).replace("](", "] (")}


def _location(span: Span) -> dict[str, Any]:
    # Readers want a region; the first line stands for the whole file.
    column = {"startColumn": span.column} if span.column is not None else {}
    region = {"startLine": span.line or 1, **column}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}


def _uri(file: str) -> str:
    """The file's path as a reference below the root of the repository; a file URI where it is absolute."""
    path = quote(file, safe="/", errors="replace")
    return f"file://{path}" if path.startswith("/") else path
