"""profilec check: everything that a build does but writing."""

from __future__ import annotations

import click

from profilec.commands.build import _compiled, _found
from profilec.commands.session import Session, compile_options, output_options
from profilec.rendering.render import as_json


@click.command(
    epilog="""\b
Examples:
  profilec check                           what the project's configuration names
  profilec check registries/team           one directory
  profilec check --format short            a line for each finding"""
)
@compile_options
@output_options
def command(
    sources: tuple[str, ...], baseline: str | None, secrets: str | None, jobs: int, form: str, color: str, verbose: bool
) -> None:
    """Compile the SOURCEs, report everything that is found, and write nothing."""
    session = Session(form, color, verbose)
    build = session.compile(sources, baseline, secrets, jobs)
    session.tell(build.diagnostics)
    if form == "json":
        session.product(as_json(build.diagnostics, profiles=len(build.artifacts), build=build.manifest["build"]))
    session.say(_compiled(build) + _found(build, verbose))
