"""profilec report: one HTML file that shows a whole build to whoever has a browser."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from profilec.commands.files import files_read, write_files
from profilec.commands.session import Reading, Session, summed_up, with_reading, with_session
from profilec.rendering.render import as_json
from profilec.rendering.terminal import is_terminal, visible


@click.command(
    epilog="""\b
Examples:
  profilec report -o report.html                      the project's build
  profilec report --source registries -o report.html  compile first
  profilec report --build old > old.html              another build"""
)
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Where to. [default: standard output]")
@click.option("--force", is_flag=True, help="Replace a file that is there and is no report.")
@with_reading
@with_session
def command(session: Session, reading: Reading, output: str | None, force: bool) -> None:
    """Write one HTML file with every profile: search, settings and why they are so, stacks, and what stands on what.

    The file is complete in itself and asks for nothing outside: it can be mailed, attached to a pull request, or opened
    from a disk. Credentials that a build embeds are masked in it. An earlier report is replaced, another file is not.
    """
    from profilec.rendering.report import page
    from profilec.review.tabulate import tabulate

    output = None if output == "-" else output
    if output is None and session.form == "json":
        raise click.UsageError("`--format json` tells of a file: name it with `-o`")
    if output is None and is_terminal(sys.stdout):
        raise click.UsageError("a report is a large file, and this is a terminal: name the file with `-o`")
    build = session.open(reading)
    text = page(session.asking(lambda: tabulate(build)))
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


def _is_report(path: Path) -> bool:
    """Whether a file begins as our pages do."""
    from profilec.rendering.report import SIGNATURE

    try:
        with path.open("rb") as file:
            return SIGNATURE in file.read(2000)
    except OSError:
        return False
