"""What the commands share: options, the project's configuration, and how findings leave."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from profilec import config
from profilec.credentials import MODES
from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.rendering.render import FORMATS, as_json, render, tally
from profilec.rendering.terminal import Painter, is_terminal, wants_colour
from profilec.states import Build

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def output_options(function: F) -> F:
    function = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How findings are written; json puts one document on stdout.",
    )(function)
    function = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour; auto also heeds NO_COLOR and FORCE_COLOR.",
    )(function)
    return click.option("-v", "--verbose", is_flag=True, help="Show notes too, not only their number.")(function)


def compile_options(function: F) -> F:
    function = click.option(
        "--jobs", type=click.IntRange(min=0), default=0, metavar="N", help="Processes that parse; 0 takes what pays."
    )(function)
    function = click.option(
        "--secrets",
        type=click.Choice(MODES),
        default=None,
        help="What becomes of a credential written in a source. [default: reference]",
    )(function)
    function = click.option(
        "--baseline", type=click.Path(), default=None, metavar="FILE", help="Settings below every profile."
    )(function)
    return click.argument("sources", nargs=-1, metavar="[SOURCE]...")(function)


def reading_options(function: F) -> F:
    function = click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="SOURCE",
        help="Compile this source instead of reading a build; may be repeated.",
    )(function)
    return click.option(
        "--build",
        "directory",
        type=click.Path(),
        default=None,
        metavar="DIR",
        help="The build to read. [default: the project's]",
    )(function)


class Session:
    """One run of a command."""

    def __init__(self, form: str, color: str, verbose: bool) -> None:
        self.form, self.verbose = form, verbose
        self.paint = Painter(wants_colour(color, sys.stdout))
        self.paint_findings = Painter(wants_colour(color, sys.stderr))
        self.started = time.monotonic()
        try:
            self.config = config.load(Path.cwd())
        except config.ConfigError as error:
            self.fail([Diagnostic("configuration", "error", error.message, Span(error.file), hint=error.hint)], 2)

    def compile(
        self, sources: Sequence[str], baseline: str | None = None, secrets: str | None = None, jobs: int = 0
    ) -> Build:
        """Compile with what the command line says, else with what the project says. Ends the command on errors."""
        from profilec.pipeline import compile

        project = self.config
        named = list(sources) or [project.source(each) for each in project.sources]
        if not named and os.environ.get("PINOCCHIO_PROFILE_REGISTRIES"):
            named = [os.environ["PINOCCHIO_PROFILE_REGISTRIES"]]
        if baseline is None and project.baseline is not None:
            baseline = str(project.path(project.baseline))
        try:
            return compile(
                named,
                # A path, never a list of sources.
                Path(baseline) if baseline is not None else None,
                secrets or project.secrets,  # type: ignore[arg-type]
                jobs,
                root=project.root,
                severities=project.rules,
                clock=self._progress,
            )
        except CompileError as error:
            self.fail(error.diagnostics, 3 if error.is_environment else 1)

    def open(self, directory: str | None, sources: Sequence[str]) -> Build:
        """The build that a reading command speaks of: a build directory, or sources compiled in memory."""
        from profilec.builds.open import open_build

        if directory is not None and sources:
            raise click.UsageError("--build and --source exclude each other: name a build, or sources to compile")
        if sources:
            build = self.compile(sources)
            self.tell([each for each in build.diagnostics if each.severity != "note"])
            return build
        return self.asking(lambda: open_build(directory or self.config.path(self.config.output)))

    def asking(self, question: Callable[[], T]) -> T:
        """The answer to a question about a build, or the end of the command with the finding."""
        try:
            return question()
        except CompileError as error:
            self.fail(error.diagnostics, 3 if error.is_environment else 1)

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Findings for people, on stderr; JSON comes with the product."""
        if self.form != "json":
            sys.stderr.write(render(diagnostics, self.form, self.paint_findings, self.verbose))

    def say(self, text: str) -> None:
        """One line of what was done, on stderr."""
        if self.form != "json":
            sys.stderr.write(text + "\n")

    def product(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def fail(self, diagnostics: Iterable[Diagnostic], code: int, **more: Any) -> NoReturn:
        """End the command with findings."""
        found = list(diagnostics)
        if self.form == "json":
            self.product(as_json(found, **more))
        else:
            self.tell(found)
            if self.form == "text":
                hidden = 0 if self.verbose else sum(each.severity == "note" for each in found)
                self.say(tally(found) + (" (--verbose shows them)" if hidden else ""))
        raise click.exceptions.Exit(code)

    def _progress(self, phase: str) -> None:
        if self.form != "json" and is_terminal(sys.stderr) and time.monotonic() - self.started > 0.5:
            sys.stderr.write(
                f"\r\x1b[K{phase}: done after {time.monotonic() - self.started:.1f} s"
                + ("\r\x1b[K" if phase == "emit" else "")
            )
            sys.stderr.flush()
