"""Options of the commands whose findings are what they are run for: CI's formats, on stdout and in files."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from profilec import config
from profilec.commands.files import is_own
from profilec.commands.options import Command, with_forms
from profilec.commands.session import Compiling, Session
from profilec.diagnostics import did_you_mean
from profilec.rendering.render import FORMATS
from profilec.rendering.reports import REPORTS

_IN_FILES = ("text", "json", *REPORTS)


def with_reports(command: Command) -> Command:
    """The options of `with_session` and more; the command takes a `session` in their place."""
    option = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=_reports,
        help=f"Write the findings into a file too, in one of {', '.join(_IN_FILES)}; may be repeated.",
    )
    what = "How findings are written; json and what follows it put one document on stdout."

    @functools.wraps(command)
    def with_project(session: Session, compiling: Compiling, **others: Any) -> None:
        _refuse_own(session.reports, session.config, compiling, others)
        command(session=session, compiling=compiling, **others)

    formed = with_forms((*FORMATS, *REPORTS), what)(with_project)

    @functools.wraps(formed)
    def without_project(reports: Sequence[tuple[str, Path]], compiling: Compiling, **others: Any) -> None:
        # A configuration that cannot be used is reported too, before it can say what is the project's.
        _refuse_own(reports, config.Config(Path()), compiling, others)
        formed(reports=reports, compiling=compiling, **others)

    return option(without_project)


def _refuse_own(
    reports: Iterable[tuple[str, Path]], project: config.Config, compiling: Compiling, others: Mapping[str, Any]
) -> None:
    for _, path in reports:
        if path.resolve().name in config.FILES or is_own(path, project, compiling, others.get("output")):
            raise click.UsageError(
                f"`{path}` is the project's own, read or written by this command: name another file for the report"
            )


def _reports(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, Path]]:
    reports: list[tuple[str, Path]] = []
    for each in given:
        form, equals, file = each.partition("=")
        if form not in _IN_FILES:
            hint = did_you_mean(form, _IN_FILES) or f"it is one of {', '.join(_IN_FILES)}"
            raise click.BadParameter(f"`{form}` is not a format of reports: {hint}")
        if not equals or not file.strip() or file == "-":
            raise click.BadParameter(
                f"it names no file: write {form}=FILE, or use `--format {form}` for standard output"
            )
        path = Path(file)
        if path.exists() and not path.is_file():
            # A file that is put in the place of a device would end more than this command.
            raise click.BadParameter(f"`{file}` is there already, and no file")
        if any(path.resolve() == other.resolve() for _, other in reports):
            raise click.BadParameter(f"`{file}` is named twice")
        reports.append((form, path))
    return reports
