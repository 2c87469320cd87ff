"""profilec build: sources -> a build directory."""

from __future__ import annotations

import time

import click

from profilec.commands.session import Session, compile_options, output_options
from profilec.diagnostics import Diagnostic, Span
from profilec.rendering.render import as_json, tally
from profilec.rendering.terminal import visible
from profilec.states import Build


@click.command(
    epilog="""\b
Examples:
  profilec build                           what the project's configuration names
  profilec build registries -o build       one directory
  profilec build base.yaml team.yaml       later sources stand above earlier ones
  profilec build --check                   in CI: is the committed build up to date?"""
)
@compile_options
@click.option(
    "-o", "--output", type=click.Path(), default=None, metavar="DIR", help="The build directory. [default: build]"
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the build directory would change.")
@click.option("--durable", is_flag=True, help="Flush to the disk before the new build becomes current.")
@output_options
def command(
    sources: tuple[str, ...],
    baseline: str | None,
    secrets: str | None,
    jobs: int,
    output: str | None,
    check: bool,
    durable: bool,
    form: str,
    color: str,
    verbose: bool,
) -> None:
    """Compile the SOURCEs into a build directory.

    A SOURCE is a registry file (YAML or JSON), a directory of them, or several with commas between; the project's
    configuration names them where none is given. A build that fails leaves the earlier one current.
    """
    from profilec.builds.write import WriteError, is_current, write

    session = Session(form, color, verbose)
    build = session.compile(sources, baseline, secrets, jobs)
    directory = output or str(session.config.path(session.config.output))
    if check:
        _check(session, build, directory, is_current(build, directory))
        return
    try:
        written = write(build, directory, durable=durable)
    except WriteError as error:
        finding = Diagnostic("unwritable-output", "error", str(error), Span(error.path), hint=error.hint)
        session.fail([*build.diagnostics, finding], 3)
    session.tell(build.diagnostics)
    if form == "json":
        counts = {"created": written.created, "unchanged": written.unchanged, "collected": written.collected}
        session.product(as_json(build.diagnostics, output=directory, build=build.manifest["build"], files=counts))
        return
    session.say(
        f"{_compiled(build)} into {visible(directory)}: {written.created} files written, {written.unchanged} unchanged"
        + (f", {written.collected} collected" if written.collected else "")
        + _found(build, verbose)
        + f" ({time.monotonic() - session.started:.2f} s)"
    )


def _check(session: Session, build: Build, directory: str, is_up_to_date: bool) -> None:
    if not is_up_to_date:
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
    session.say(f"{visible(directory)} is up to date: {_compiled(build)}{_found(build, session.verbose)}")


def _compiled(build: Build) -> str:
    return f"compiled {len(build.artifacts)} profiles of {len(build.manifest['registries'])} registries"


def _found(build: Build, verbose: bool) -> str:
    found = tally(build.diagnostics)
    return f"; {found}" + ("" if verbose or "note" not in found else " (--verbose shows them)") if found else ""
