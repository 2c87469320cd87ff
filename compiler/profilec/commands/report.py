"""profilec report: one HTML file that shows a whole build to whoever has a browser."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from profilec.commands.files import files_read, write_files
from profilec.commands.options import with_reading, with_session
from profilec.commands.session import Compiling, Reading, Session, summed_up
from profilec.rendering.render import as_json
from profilec.rendering.terminal import is_terminal, visible
from profilec.states import Build

if TYPE_CHECKING:
    from profilec.review.diff.result import Diff


@click.command(
    epilog="""\b
Examples:
  profilec report -o report.html                      the project's build
  profilec report --source registries -o report.html  compile first
  profilec report --since main -o report.html         with what changed since a revision
  profilec report --against old-build -o report.html  or since another build"""
)
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Where to. [default: standard output]")
@click.option("--force", is_flag=True, help="Replace a file that is there and is no report.")
@click.option("--since", metavar="REV", help="Show what changed since a git revision, too.")
@click.option("--against", metavar="OLD", help="The same for a build, an exported tree, or sources.")
@with_reading
@with_session
def command(
    session: Session, reading: Reading, output: str | None, force: bool, since: str | None, against: str | None
) -> None:
    """Write one HTML file with every profile: search, settings and why they are so, stacks, and what stands on what.

    The file is complete in itself and asks for nothing outside: it can be mailed, attached to a pull request, or opened
    from a disk. Credentials that a build embeds are masked in it. An earlier report is replaced, another file is not.
    """
    from profilec.rendering.report import page
    from profilec.review.changes import tables_of
    from profilec.review.tabulate import tabulate

    output = None if output == "-" else output
    if output is None and session.form == "json":
        raise click.UsageError("`--format json` tells of a file: name it with `-o`")
    if output is None and is_terminal(sys.stdout):
        raise click.UsageError("a report is a large file, and this is a terminal: name the file with `-o`")
    if since is not None and against is not None:
        raise click.UsageError("--since and --against exclude each other: a report compares with one side")
    is_compared = since is not None or against is not None
    build = _as_it_is(session) if is_compared and not (reading.directory or reading.sources) else session.open(reading)
    older = against if since is None else f"git:{since.removeprefix('git:')}"
    found = _diff(session, reading, build, older) if older is not None else None
    text = page(session.asking(lambda: tables_of(build, found) if found else tabulate(build)))
    counts = summed_up(len(build.artifacts), len(build.manifest["registries"]))
    if output is None:
        session.product(text)
        session.say(f"a report on {counts}")
        return
    path = Path(output)
    write_files(session, {path: text}, read=files_read(session, reading, build), force=force or _is_report(path))
    size = len(text.encode())
    if session.form == "json":
        session.product(as_json([], file=path.as_posix(), size=size, profiles=len(build.artifacts)))
    session.say(f"wrote {visible(str(path))}: {counts}, {size / 1e6:.1f} MB")


def _as_it_is(session: Session) -> Build:
    """The project's sources, compiled: what changed must not be hidden by a build that nobody made anew."""
    return session.compile(Compiling(is_judged=False))


def _diff(session: Session, reading: Reading, build: Build, older: str) -> Diff:
    """What changed between an older side and the build that is reported."""
    from profilec.commands.comparing import Comparing, open_side
    from profilec.review.diff import diff
    from profilec.review.diff.result import SideName
    from profilec.review.sides import side

    old = session.asking(lambda: side([older]))
    if old.kind == "revision":
        # Beside sources that are named, a revision is read at their paths.
        old = replace(old, paths=reading.sources)
    before, name = open_side(session, old, Comparing(None, reading.programs))
    if reading.directory:
        own = SideName(reading.directory, "build")
    else:
        own = SideName(" ".join(reading.sources) or "the working tree", "sources")
    return session.asking(lambda: diff(before, build, name, own))


def _is_report(path: Path) -> bool:
    """Whether a file begins as our pages do."""
    from profilec.rendering.report import SIGNATURE

    try:
        with path.open("rb") as file:
            return SIGNATURE in file.read(2000)
    except OSError:
        return False
