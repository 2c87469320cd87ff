"""profilec check: everything that a build does but writing."""

from __future__ import annotations

import click

from profilec.commands.reports import with_reports
from profilec.commands.session import Compiling, Session, summed_up, with_compiling
from profilec.rendering.render import as_json


@click.command(
    epilog="""\b
Examples:
  profilec check                           what the project's configuration names
  profilec check registries/team           one directory
  profilec check --format short            a line for each finding
  profilec check --format github           in CI: as annotations of the lines
  profilec check --report sarif=out.sarif  in CI: a file, too"""
)
@with_compiling
@with_reports
def command(session: Session, compiling: Compiling) -> None:
    """Compile the SOURCEs, report everything that is found, and write nothing."""
    build = session.compile(compiling)
    session.tell(build.diagnostics)
    if session.form == "json":
        session.product(as_json(build.diagnostics, profiles=len(build.artifacts), build=build.manifest["build"]))
        return
    summary = summed_up(len(build.artifacts), len(build.manifest["registries"]))
    session.say(f"compiled {summary}{session.counted(build.diagnostics)}")
