"""One run of a command: the project's configuration, what is compiled or read, and how findings leave."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

import click

from profilec import config
from profilec.credentials import Mode
from profilec.diagnostics import CompileError, Diagnostic, Severity, Span, tally, worst
from profilec.rendering.render import as_json, render
from profilec.rendering.reports import REPORTS, report
from profilec.rendering.terminal import Painter, fit, is_terminal, wants_colour
from profilec.states import Build

if TYPE_CHECKING:
    from profilec.pipeline import Built

T = TypeVar("T")
# What --fail-on refuses besides errors.
_REFUSED: dict[str | None, tuple[Severity, ...]] = {
    None: (),
    "error": (),
    "warning": ("warning",),
    "note": ("warning", "note"),
}
# How many findings are laid out in full, unless all are wanted.
_SHOWN = 100


class Programs(NamedTuple):
    """What the command line gives to Jsonnet programs: variables by kind, and directories of libraries."""

    variables: dict[str, dict[str, str]] = {}  # noqa: RUF012 - none is ever added
    jpath: tuple[str, ...] = ()


class Compiling(NamedTuple):
    """What the command line says of a compile; None and () leave it to the project.

    `is_judged`: whether profiles are held to policies. Who only looks at them wants to see them all the same.
    """

    sources: tuple[str, ...] = ()
    baseline: str | None = None
    secrets: Mode | None = None
    jobs: int = 0
    fail_on: str | None = None
    programs: Programs = Programs()
    policies: tuple[str, ...] = ()
    is_judged: bool = True


class Reading(NamedTuple):
    """What a reading command reads: a build directory, or sources to compile first; else the project's build."""

    directory: str | None
    sources: tuple[str, ...]
    programs: Programs = Programs()


class Session:
    """One run of a command."""

    def __init__(self, form: str, color: str, verbose: bool, reports: Sequence[tuple[str, Path]] = ()) -> None:
        self.form, self.verbose, self.reports = form, verbose, reports
        # The severities that make the command fail.
        self.refused: tuple[Severity, ...] = ("error",)
        self.config = config.Config(Path())
        fit(sys.stdout, is_document=form not in ("text", "short"))
        self.paint = Painter(wants_colour(color, sys.stdout))
        self.paint_findings = Painter(wants_colour(color, sys.stderr))
        self.started = time.monotonic()
        try:
            self.config = config.load(Path.cwd())
        except FileNotFoundError:
            message = "the current directory does not exist any more"
            self.fail([Diagnostic("missing-source", "error", message, hint="change to one that does")], 3)
        except config.ConfigError as error:
            self.fail([Diagnostic("configuration", "error", error.message, Span(error.file), hint=error.hint)], 2)

    def compile(self, compiling: Compiling) -> Build:
        """Compile in memory. Ends the command on errors."""
        from profilec.pipeline import compile

        return self.asking(lambda: compile(**self.options(compiling)))

    def configure(self) -> bool:
        """Read the project's configuration again, and say whether it is another one. Raises `ConfigError`."""
        before, self.config = self.config, config.load(Path.cwd())
        return self.config != before

    def build(self, compiling: Compiling, directory: str, durable: bool) -> Built:
        """Compile into a directory. Ends the command on errors, those of the directory too."""
        from profilec.pipeline import build

        return self.writing(
            lambda: self.asking(lambda: build(directory=directory, durable=durable, **self.options(compiling)))
        )

    def writing(self, step: Callable[[], T]) -> T:
        """The result of a step that uses a build directory, or the end of the command where that cannot be one."""
        from profilec.builds.write import WriteError

        try:
            return step()
        except WriteError as error:
            span = Span(error.path)
            self.fail([Diagnostic("unwritable-output", "error", str(error), span, hint=error.hint)], 3)

    def options(self, compiling: Compiling) -> dict[str, Any]:
        """What the command line says of a compile, else what the project says."""
        project = self.config
        self.refused = ("error", *_REFUSED[compiling.fail_on])
        sources = list(compiling.sources) or [project.source(each) for each in project.sources]
        if not sources and (named := os.environ.get("PINOCCHIO_PROFILE_REGISTRIES")):
            sources = [named]
        baseline = compiling.baseline
        if baseline is None and project.baseline is not None:
            baseline = str(project.path(project.baseline))
        return {
            "sources": sources,
            # A path, never a list of sources.
            "baseline": Path(baseline) if baseline is not None else None,
            "secrets": compiling.secrets or project.secrets,
            "jobs": compiling.jobs,
            "root": project.root,
            "severities": project.rules,
            "fail_on": _REFUSED[compiling.fail_on],
            "policies": self.policies(compiling.policies) if compiling.is_judged else [],
            "clock": self._progress,
            **self.given_to(compiling.programs),
        }

    def policies(self, named: Sequence[str]) -> list[Path]:
        """The policies that the command line names, else the project's."""
        return [Path(each) for each in named] or [self.config.path(each) for each in self.config.policies]

    def given_to(self, programs: Programs) -> dict[str, Any]:
        """What Jsonnet programs are given, as options of a compile: what the command line says joins the project's."""
        jpath = [*programs.jpath, *map(self.config.path, self.config.jpath)]
        return {**variables_of(self.config, programs), "jpath": jpath}

    def open(self, reading: Reading, is_judged: bool = False) -> Build:
        """The build that a reading command speaks of. What is to be handed on is judged, what is looked at is not."""
        from profilec.builds.open import open_build

        if reading.directory is not None and reading.sources:
            raise click.UsageError("--build and --source exclude each other: name a build, or sources to compile")
        if reading.sources:
            build = self.compile(Compiling(reading.sources, programs=reading.programs, is_judged=is_judged))
            self.tell([each for each in build.diagnostics if each.severity != "note"])
            return build
        directory = reading.directory or self.config.path(self.config.output)
        return self.asking(lambda: open_build(directory))

    def asking(self, question: Callable[[], T]) -> T:
        """The answer to a question about a build, or the end of the command with the finding."""
        try:
            return question()
        except CompileError as error:
            self.fail(error.diagnostics, 3 if error.is_environment else 2 if error.is_configuration else 1)

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Findings for people, on stderr; JSON comes with the product. Who gets thousands is shown some.

        What CI reads is one document on stdout. Ends the command where a report that was asked for cannot be written.
        """
        if failures := self._write_reports(diagnostics):
            self.fail([*diagnostics, *failures], 3)
        found = self._shown(diagnostics)
        if self.form in REPORTS:
            self.product(report(self.form, self._placed(found), self.refused))
        if self.form == "json" or self.form in REPORTS:
            return
        shown = found if self.verbose or self.form == "short" else worst(found, _SHOWN)
        sys.stderr.write(render(shown, self.form, self.paint_findings))
        if len(found) > len(shown):
            self.say(f"and {len(found) - len(shown):,} more (--verbose shows them)")

    def _shown(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Notes are shown on request, and where they are what makes the command fail."""
        return [each for each in diagnostics if self._shows_notes or each.severity != "note"]

    @property
    def _shows_notes(self) -> bool:
        return self.verbose or "note" in self.refused

    def _placed(self, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
        from profilec.commands.places import from_repository

        return from_repository(diagnostics, self.config.root)

    def _write_reports(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Write the files that were asked for, once. The findings say which could not be written."""
        from profilec.replacing import replace_file

        reports, self.reports = self.reports, ()
        found = self._placed(self._shown(diagnostics)) if reports else []
        failures = []
        for form, path in reports:
            try:
                # Behind a link the file itself is replaced.
                replace_file(path.resolve(), report(form, found, self.refused).encode(), is_private=False)
            except OSError as error:
                message = f"the report `{path}` cannot be written: {(error.strerror or 'unwritable').lower()}"
                hint = "look at the directory and its permissions, or name another place"
                failures.append(Diagnostic("unwritable-output", "error", message, hint=hint, environment=True))
        return failures

    def say(self, text: str) -> None:
        """One line of what was done, on stderr."""
        if self.form != "json":
            sys.stderr.write(text + "\n")

    def product(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def fail(self, diagnostics: Iterable[Diagnostic], code: int) -> NoReturn:
        """End the command with findings."""
        found = list(diagnostics)
        found += self._write_reports(found)
        if self.form == "json":
            self.product(as_json(found))
        self.tell(found)
        if self.form not in ("short", "json"):
            self.say(self.tally(found))
        raise click.exceptions.Exit(code)

    def tally(self, diagnostics: Sequence[Diagnostic]) -> str:
        """How many findings there are, and how to see those that are only counted."""
        found = tally(diagnostics)
        notes = sum(each.severity == "note" for each in diagnostics)
        return found + (
            f" (--verbose shows {'it' if notes == 1 else 'them'})" if notes and not self._shows_notes else ""
        )

    def counted(self, diagnostics: Sequence[Diagnostic]) -> str:
        """The findings' numbers as the end of a sentence."""
        return f"; {self.tally(diagnostics)}" if diagnostics else ""

    def _progress(self, phase: str) -> None:
        passed = time.monotonic() - self.started
        if self.form == "json" or not is_terminal(sys.stderr) or passed < 0.5:
            return
        # The last phase leaves the line to what comes.
        sys.stderr.write("\r\x1b[K" if phase == "emit" else f"\r\x1b[K{phase}: done after {passed:.1f} s")
        sys.stderr.flush()


def variables_of(project: config.Config, programs: Programs) -> dict[str, Any]:
    """The variables of Jsonnet programs by kind, as options of a compile; the command line's win."""
    return {
        kind.replace("-", "_"): {**project.variables.get(kind, {}), **programs.variables.get(kind, {})}
        for kind in config.VARIABLES
    }


def summed_up(profiles: int, registries: int) -> str:
    """How much there is, in one phrase."""
    return f"{profiles} profile{'s' * (profiles != 1)} of {registries} registr{'y' if registries == 1 else 'ies'}"
