"""profilec check: everything that a build does but writing."""

from __future__ import annotations

import click

from profilec.commands.session import Compiling, Session, with_compiling, with_session
from profilec.rendering.render import as_json


@click.command(
    epilog="""\b
Examples:
  profilec check                           what the project's configuration names
  profilec check registries/team           one directory
  profilec check --format short            a line for each finding"""
)
@with_compiling
@with_session
def command(session: Session, compiling: Compiling) -> None:
    """Compile the SOURCEs, report everything that is found, and write nothing."""
    build = session.compile(compiling)
    if session.form == "json":
        session.product(as_json(build.diagnostics, profiles=len(build.artifacts), build=build.manifest["build"]))
        return
    session.tell(build.diagnostics)
    session.say(session.summed_up(len(build.artifacts), build.manifest) + session.counted(build.diagnostics))
