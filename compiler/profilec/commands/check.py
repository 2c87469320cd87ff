"""profilec check: everything that a build does but writing."""

from __future__ import annotations

import click

from profilec.commands.session import Compiling, Session, summed_up, with_compiling, with_session
from profilec.rendering.render import as_json


@click.command(
    epilog="""\b
Examples:
  profilec check                           what the project's configuration names
  profilec check registries/team           one directory
  profilec check --policies policies       hold the profiles to a project's own rules
  profilec check --format short            a line for each finding

docs/policies.md says how policies are written; profilec rules lists every rule there is."""
)
@with_compiling
@with_session
def command(session: Session, compiling: Compiling) -> None:
    """Compile the SOURCEs, report everything that is found, and write nothing.

    Profiles are held to the built-in rules and to the project's policies: JSON Schemas in the directory `policies`
    beside the configuration, or where it or --policies says.
    """
    build = session.compile(compiling)
    if session.form == "json":
        session.product(as_json(build.diagnostics, profiles=len(build.artifacts), build=build.manifest["build"]))
        return
    session.tell(build.diagnostics)
    summary = summed_up(len(build.artifacts), len(build.manifest["registries"]))
    session.say(f"compiled {summary}{session.counted(build.diagnostics)}")
