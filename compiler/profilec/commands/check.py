"""profilec check: everything that a build does but writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from profilec.commands.options import with_compiling, with_watch
from profilec.commands.reports import with_reports
from profilec.commands.session import Compiling, Session, summed_up
from profilec.rendering.render import as_json
from profilec.states import Build

if TYPE_CHECKING:
    from profilec.carried import Carried
    from profilec.commands.watching import Outcome


@click.command(
    epilog="""\b
Examples:
  profilec check                           what the project's configuration names
  profilec check registries/team           one directory
  profilec check --policies policies       hold the profiles to a project's own rules
  profilec check --format short            a line for each finding
  profilec check --watch                   again after every change, until Ctrl-C
  profilec check --format github           in CI: as annotations of the lines
  profilec check --report sarif=out.sarif  in CI: a file, too

docs/policies.md says how policies are written; profilec rules lists every rule there is."""
)
@with_compiling
@with_watch
@with_reports
def command(session: Session, compiling: Compiling, watch: bool) -> None:
    """Compile the SOURCEs, report everything that is found, and write nothing.

    Profiles are held to the built-in rules and to the project's policies: JSON Schemas in the directory `policies`
    beside the configuration, or where it or --policies says.
    """
    if watch:
        from profilec.commands import watching

        watching.watch(session, compiling, lambda carried: _again(session, compiling, carried))
    build = session.compile(compiling)
    session.tell(build.diagnostics)
    if session.form == "json":
        session.product(as_json(build.diagnostics, **_told(build)))
        return
    session.say(f"{_summary(build)}{session.counted(build.diagnostics)}")


def _again(session: Session, compiling: Compiling, carried: Carried) -> Outcome:
    from profilec.commands.watching import Outcome
    from profilec.pipeline import compile

    build = compile(carried=carried, **session.options(compiling))
    return Outcome(build.diagnostics, build, _summary(build), _told(build))


def _summary(build: Build) -> str:
    return f"compiled {summed_up(len(build.artifacts), len(build.manifest['registries']))}"


def _told(build: Build) -> dict[str, Any]:
    return {"profiles": len(build.artifacts), "build": build.manifest["build"]}
