"""The options that commands share: each takes some of them off the command line, and hands over one value for them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from profilec import config
from profilec.commands.session import Compiling, Programs, Reading, Session
from profilec.credentials import MODES, Mode
from profilec.diagnostics import CompileError
from profilec.rendering.render import FORMATS

Command = Callable[..., None]


def complete_profile(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of profiles for a shell, from the project's build."""
    from profilec.builds.open import open_build

    try:
        project = config.load(Path.cwd())
        names = list(open_build(project.path(project.output)).artifacts)
    except (CompileError, config.ConfigError):
        return []
    short = dict.fromkeys(name.partition("/")[2] for name in names)
    return [name for name in [*short, *names] if name.startswith(incomplete)]


def with_session(command: Command) -> Command:
    """Options of output; the command takes a `session` in their place."""
    return with_forms(FORMATS, "How findings are written; json puts one document on stdout.")(command)


def with_forms(forms: Sequence[str], what: str) -> Callable[[Command], Command]:
    """The same for a command whose product has forms of its own."""
    return functools.partial(_with_session, forms=forms, what=what)


def _with_session(command: Command, forms: Sequence[str], what: str) -> Command:
    @click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True, help=what)
    @click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour; auto also heeds NO_COLOR and FORCE_COLOR.",
    )
    @click.option("-v", "--verbose", is_flag=True, help="Show notes too, not only their number.")
    @functools.wraps(command)
    def wrapped(form: str, color: str, verbose: bool, reports: Sequence[tuple[str, Path]] = (), **others: Any) -> None:
        command(session=Session(form, color, verbose, reports), **others)

    return wrapped


def with_programs(command: Command) -> Command:
    """Options of Jsonnet programs; the command takes `programs` in their place."""

    def variable(kind: str, what: str) -> Callable[[Command], Command]:
        return click.option(f"--{kind}", multiple=True, metavar="NAME=VALUE", callback=_variables, help=what)

    @variable("ext-str", "An external variable of Jsonnet programs; NAME alone takes its value from the environment.")
    @variable("ext-code", "The same as Jsonnet code.")
    @variable("tla-str", "An argument of Jsonnet programs that are functions.")
    @variable("tla-code", "The same as Jsonnet code.")
    @click.option("--jpath", multiple=True, metavar="DIR", help="A directory that Jsonnet programs may import from.")
    @functools.wraps(command)
    def wrapped(jpath: tuple[str, ...], **others: Any) -> None:
        variables = {kind: others.pop(kind.replace("-", "_")) for kind in config.VARIABLES}
        command(programs=Programs(variables, jpath), **others)

    return wrapped


def _variables(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    variables = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals and name not in os.environ:
            raise click.BadParameter(f"`{name}` has no value: write {name}=VALUE, or set the variable of that name")
        value = value if equals else os.environ[name]
        try:
            value.encode()
        except UnicodeEncodeError:
            raise click.BadParameter(f"the value of `{name}` is not UTF-8") from None
        variables[name] = value
    return variables


def with_compiling(command: Command) -> Command:
    """Options of a compile; the command takes a `compiling` in their place."""

    @click.argument("sources", nargs=-1, metavar="[SOURCE]...")
    @click.option("--baseline", type=click.Path(), metavar="FILE", help="Settings below every profile.")
    @click.option(
        "--secrets",
        type=click.Choice(MODES),
        help="What becomes of a credential written in a source. [default: reference]",
    )
    @click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "note"]),
        help="Exit 1 for findings of this severity too, and write nothing. Errors do so anyway.",
    )
    @click.option(
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Processes that parse; 0 takes what pays. [default: 0]",
    )
    @with_policies
    @with_programs
    @functools.wraps(command)
    def wrapped(
        sources: tuple[str, ...],
        baseline: str | None,
        secrets: Mode | None,
        fail_on: str | None,
        jobs: int,
        programs: Programs,
        policies: tuple[str, ...],
        **others: Any,
    ) -> None:
        command(compiling=Compiling(sources, baseline, secrets, jobs, fail_on, programs, policies), **others)

    return wrapped


def with_policies(command: Command) -> Command:
    """The option of a project's own rules; the command takes `policies`."""
    return click.option(
        "--policies",
        multiple=True,
        metavar="PATH",
        callback=_none_blank,
        help="A policy, or a directory of them; may be repeated. [default: the project's]",
    )(command)


def _none_blank(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for each in values:
        not_blank(context, parameter, each)
    return values


def with_watch(command: Command) -> Command:
    """The option of a command that may go on and on; the command takes `watch`."""
    return click.option(
        "--watch",
        is_flag=True,
        help="Do it again whenever a source changes, and show what the edit changed in effect. With --format json each "
        "time is one line. Ctrl-C ends it, with exit code 130.",
    )(command)


def not_blank(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that has to name something: an unset variable of a script names nothing."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty", context, parameter)
    return value


def with_reading(command: Command) -> Command:
    """Options of what is read; the command takes a `reading` in their place."""

    @click.option("--build", "directory", type=click.Path(), metavar="DIR", help="The build. [default: the project's]")
    @click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="SOURCE",
        help="Compile this source instead of reading a build; may be repeated.",
    )
    @with_programs
    @functools.wraps(command)
    def wrapped(directory: str | None, sources: tuple[str, ...], programs: Programs, **others: Any) -> None:
        command(reading=Reading(directory, sources, programs), **others)

    return wrapped
