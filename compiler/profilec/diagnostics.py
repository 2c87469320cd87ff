"""What a pass has to say of its input: diagnostics, collected in a report.

A diagnostic is data. It is written where the mistake is found and laid out by `render` alone.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from profilec.rules import ADJUSTABLE
from profilec.rules import Severity as Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_CHOICES = (*SEVERITIES, "off")


class Span(NamedTuple):
    """A place in a source. Lines and columns count from 1, in characters; None where the source has none."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that belongs to a finding, or a remark without a place."""

    message: str
    span: Span | None = None


class Excerpt(NamedTuple):
    """The line that a finding points at, what may be a credential in it masked.

    `at` is where the place is in the line, from 0; None where a mask before it moved it.
    """

    line: str
    at: int | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what was found and expected, where, other places, and a way to mend it."""

    rule: str
    severity: Severity
    message: str
    span: Span | None = None
    notes: tuple[Note, ...] = ()
    hint: str | None = None
    excerpt: Excerpt | None = field(default=None, compare=False)
    environment: bool = False

    @property
    def file(self) -> str | None:
        return self.span.file if self.span else None

    @property
    def line(self) -> int | None:
        return self.span.line if self.span else None

    @property
    def column(self) -> int | None:
        return self.span.column if self.span else None

    def as_dict(self) -> dict[str, object]:
        """The finding as plain JSON data, in the shape that `--format json` prints."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "notes": [
                {
                    "message": note.message,
                    "file": note.span.file if note.span else None,
                    "line": note.span.line if note.span else None,
                    "column": note.span.column if note.span else None,
                }
                for note in self.notes
            ],
            "hint": self.hint,
        }


class CompileError(Exception):
    """The sources do not compile. `diagnostics` holds every finding, warnings included, in order of place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        # Without an error it is a severity that the caller refuses too.
        errors = [each for each in self.diagnostics if each.severity == "error"] or self.diagnostics
        worst = min(errors, key=lambda each: SEVERITIES.index(each.severity), default=None)
        place = f"{worst.span}: " if worst and worst.span else ""
        super().__init__(tally(errors) + (f", the first: {place}{worst.message}" if worst else ""))

    @property
    def is_environment(self) -> bool:
        """True where only the machine is at fault: a source that is missing or cannot be read."""
        errors = [each for each in self.diagnostics if each.severity == "error"]
        return bool(errors) and all(each.environment for each in errors)

    @property
    def is_configuration(self) -> bool:
        """True where only the project's configuration is at fault."""
        errors = [each for each in self.diagnostics if each.severity == "error"]
        return bool(errors) and all(each.rule == "configuration" for each in errors)


class Report:
    """Where the passes put their findings. `severities` are a project's own, by rule; "off" drops the rule."""

    def __init__(self, severities: Mapping[str, str] | None = None) -> None:
        self._severities = dict(severities or {})
        self._found: list[Diagnostic] = []
        self._about: tuple[Note, ...] = ()
        self.has_errors = False

    @contextmanager
    def about(self, profile: str) -> Iterator[None]:
        """Say of every finding meanwhile which profile it is about: for sources without lines that would tell."""
        self._about = (Note(f"in the profile `{profile[:200]}`"),)
        try:
            yield
        finally:
            self._about = ()

    def error(
        self,
        rule: str,
        message: str,
        span: Span | None = None,
        *,
        notes: Iterable[Note] = (),
        hint: str | None = None,
        environment: bool = False,
    ) -> None:
        self.add(Diagnostic(rule, "error", message, span, tuple(notes), hint, environment=environment))

    def advise(
        self, rule: str, message: str, span: Span | None = None, *, notes: Iterable[Note] = (), hint: str | None = None
    ) -> None:
        """Report a finding of a rule that has its severity from the project, or else from `ADJUSTABLE`."""
        self.add(Diagnostic(rule, ADJUSTABLE[rule], message, span, tuple(notes), hint))

    def add(self, diagnostic: Diagnostic) -> None:
        severity: str = diagnostic.severity
        if diagnostic.rule in ADJUSTABLE and severity != "error":
            severity = self._severities.get(diagnostic.rule, severity)
        if severity == "off":
            return
        if severity != diagnostic.severity:
            diagnostic = replace(diagnostic, severity=severity)  # type: ignore[arg-type]
        if self._about:
            diagnostic = replace(diagnostic, notes=(*diagnostic.notes, *self._about))
        self.has_errors = self.has_errors or severity == "error"
        self._found.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for each in diagnostics:
            self.add(each)

    def __iter__(self) -> Iterator[Diagnostic]:
        """The findings in order of place, each once, so that the order of work never shows."""
        return iter(sorted(dict.fromkeys(self._found), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    return (
        diagnostic.file or "",
        diagnostic.line or 0,
        diagnostic.column or 0,
        diagnostic.rule,
        diagnostic.message,
    )


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of each severity, as "2 errors, 1 warning"; empty where there are none."""
    counts = Counter(each.severity for each in diagnostics)
    return ", ".join(f"{counts[each]} {each}{'s' * (counts[each] != 1)}" for each in SEVERITIES if counts[each])


def worst(diagnostics: Sequence[Diagnostic], limit: int) -> list[Diagnostic]:
    """As many of the findings as the limit allows, errors before others, in the order they came in."""
    by_severity = sorted(range(len(diagnostics)), key=lambda at: SEVERITIES.index(diagnostics[at].severity))
    return [diagnostics[at] for at in sorted(by_severity[:limit])]


def unfit(rule: str, severity: object) -> tuple[str, str | None] | None:
    """What is wrong with the severity that someone gives to a rule, and how to mend it; None where nothing is."""
    if rule not in ADJUSTABLE:
        known = "these can be changed: " + ", ".join(f"`{each}`" for each in ADJUSTABLE)
        return f"`{rule}` is not a rule whose severity can be changed", did_you_mean(rule, ADJUSTABLE) or known
    if severity not in _CHOICES:
        near = did_you_mean(severity, _CHOICES) if isinstance(severity, str) else None
        return f"the severity of `{rule}` is one of {', '.join(_CHOICES)}", near
    return None


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that look most like `name`, best first; none where nothing comes near."""
    # A cut-off keeps the look-up quadratic in short words only: a hostile name may be a megabyte long.
    return difflib.get_close_matches(name[:200].lower(), sorted(known)[:2000], n=limit, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that offers the nearest names, or None."""
    near = nearest(name, known)
    return "did you mean " + " or ".join(f"`{each}`" for each in near) + "?" if near else None
