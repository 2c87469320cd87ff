"""The commands by name. Each is a module of its own, imported when it is run."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

from profilec._version import __version__

_SUMMARIES = {
    "build": "Compile the sources into a build directory.",
    "check": "Compile the sources and report what is found; write nothing.",
    "convert": "Write registries in another form: YAML, JSON or SQLite.",
    "diff": "Compare two builds, revisions or sets of sources: what changes in effect, and why.",
    "explain": "Say which layer set a field, and what it overrode.",
    "export": "Write artifacts under stable names, or as another program's configuration.",
    "graph": "Show what a profile stands on, and what stands on it: text, Mermaid, DOT, SVG.",
    "init": "Write a first project to start from.",
    "list": "Show the profiles: model, provider, context window, price.",
    "migrate": "Turn older profiles, or another program's models, into registries.",
    "report": "Write one HTML file that shows every profile, for a browser.",
    "rules": "List every rule with its severity, a project's own policies among them.",
    "schema": "Print a JSON Schema, for editors and other checkers.",
    "show": "Show one profile as an application gets it.",
    "store": "Put, delete and list the profiles of a registry file or database.",
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_SUMMARIES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _SUMMARIES:
            return None
        command: click.Command = import_module(f"profilec.commands.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_SUMMARIES.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], _SUMMARIES, n=1)
            if near:
                raise click.UsageError(f"No such command '{args[0]}'. Did you mean '{near[0]}'?", ctx) from error
            raise


def _change_to(context: click.Context, option: click.Parameter, directories: tuple[str, ...]) -> None:
    """Go there before anything is read; each is seen from the one before it."""
    for each in directories:
        try:
            os.chdir(each)
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "no path").lower()
            raise click.BadParameter(f"`{each}` cannot be changed to: {reason}", context, option) from None


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Start with:
  profilec init              write a first project here
  profilec build             compile it into build/
  profilec explain NAME      see where each field comes from

Exit codes: 0 done, 1 findings, 2 wrong usage or configuration, 3 the machine (disk, permissions, a missing
source), 70 a bug, 130 interrupted.""",
)
@click.option(
    "-C",
    "--directory",
    multiple=True,
    metavar="DIR",
    callback=_change_to,
    expose_value=False,
    help="Run in this directory, as if it were the current one.",
)
@click.version_option(__version__, prog_name="profilec", message="%(prog)s %(version)s")
def profilec(**_: Any) -> None:
    """Compile layered engine profiles into flat, validated JSON artifacts that say where each field came from."""
