"""profilec build: sources -> a build directory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from profilec.commands.options import with_compiling, with_watch
from profilec.commands.reports import with_reports
from profilec.commands.session import Compiling, Session, summed_up
from profilec.diagnostics import Diagnostic, Span
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible
from profilec.states import Build

if TYPE_CHECKING:
    from profilec.carried import Carried
    from profilec.commands.watching import Outcome
    from profilec.pipeline import Built


@click.command(
    epilog="""\b
Examples:
  profilec build                           what the project's configuration names
  profilec build registries -o build       one directory
  profilec build base.yaml team.yaml       later sources stand above earlier ones
  profilec build --check                   in CI: is the committed build up to date?
  profilec build --watch                   again after every change, until Ctrl-C"""
)
@with_compiling
@click.option("-o", "--output", type=click.Path(), metavar="DIR", help="The build directory. [default: build]")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the build directory would change.")
@click.option("--durable", is_flag=True, help="Flush to the disk before the new build becomes current.")
@with_watch
@with_reports
def command(
    session: Session, compiling: Compiling, output: str | None, check: bool, durable: bool, watch: bool
) -> None:
    """Compile the SOURCEs into a build directory.

    A SOURCE is a registry file (YAML or JSON), a directory of them, or several with commas between; the project's
    configuration names them where none is given. A build that fails leaves the earlier one current.
    """
    if output == "":
        raise click.UsageError("--output names no directory")
    if watch:
        from profilec.commands import watching

        if check:
            raise click.UsageError("--watch and --check exclude each other: one goes on, the other answers once")
        watching.watch(session, compiling, lambda carried: _again(session, compiling, output, durable, carried))
    directory = _directory(session, output)
    if check:
        _check(session, session.compile(compiling), directory)
        return
    built = session.build(compiling, directory, durable)
    session.tell(built.diagnostics)
    if session.form == "json":
        session.product(as_json(built.diagnostics, **_told(built, directory)))
        return
    seconds = time.monotonic() - session.started
    session.say(f"{_summary(built, directory)}{session.counted(built.diagnostics)} ({seconds:.2f} s)")


def _directory(session: Session, output: str | None) -> str:
    return output or str(session.config.path(session.config.output))


def _again(session: Session, compiling: Compiling, output: str | None, durable: bool, carried: Carried) -> Outcome:
    from profilec.builds.open import just_built
    from profilec.commands.watching import Outcome
    from profilec.pipeline import build

    directory = _directory(session, output)
    built = build(directory=directory, durable=durable, carried=carried, **session.options(compiling))
    served = just_built(directory, built.manifest, carried.emitted, carried.files)
    return Outcome(built.diagnostics, served, _summary(built, directory), _told(built, directory))


def _told(built: Built, directory: str) -> dict[str, Any]:
    written = built.written
    counts = {"created": written.created, "unchanged": written.unchanged, "collected": written.collected}
    return {"output": directory, "build": built.manifest["build"], "files": counts}


def _summary(built: Built, directory: str) -> str:
    written = built.written
    parts = [
        f"compiled {summed_up(built.profiles, len(built.manifest['registries']))} into {visible(directory)}: "
        f"{written.created} files written",
        f"{written.unchanged} unchanged",
        *([f"{written.collected} collected"] if written.collected else []),
    ]
    return ", ".join(parts)


def _check(session: Session, build: Build, directory: str) -> None:
    from profilec.builds.write import is_current

    if not session.writing(lambda: is_current(build, directory)):
        finding = Diagnostic(
            "stale-build",
            "error",
            f"`{directory}` is not what the sources compile to",
            Span(directory),
            hint="run `profilec build`, and commit what it writes",
        )
        session.fail([*build.diagnostics, finding], 1)
    session.tell(build.diagnostics)
    if session.form == "json":
        session.product(as_json(build.diagnostics, output=directory, build=build.manifest["build"]))
        return
    compiled = f"compiled {summed_up(len(build.artifacts), len(build.manifest['registries']))}"
    session.say(f"{visible(directory)} is up to date: {compiled}{session.counted(build.diagnostics)}")
