"""profilec convert: registries in another form."""

from __future__ import annotations

from pathlib import Path

import click

from profilec.commands.options import with_programs, with_session
from profilec.commands.session import Programs, Session, summed_up
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible


@click.command(
    epilog="""\b
Examples:
  profilec convert users.sqlite registries/       a YAML file for each registry
  profilec convert registries users.sqlite        all of them in one database
  profilec convert team.jsonnet team.json"""
)
@click.argument("source")
@click.argument("destination")
@click.option(
    "--to",
    "kind",
    type=click.Choice(["yaml", "json", "sqlite"]),
    help="What to write. [default: by the ending of DESTINATION; yaml in a directory]",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@with_programs
@with_session
def command(session: Session, source: str, destination: str, kind: str | None, force: bool, programs: Programs) -> None:
    """Write the registries of SOURCE, of any kind, to DESTINATION: a YAML or JSON file, a database, or a directory.

    A YAML or JSON file holds one registry, so several go into a directory, each in a file of its own. Comments and
    anchors of the source are not carried over.
    """
    from profilec.sources import inputs_of
    from profilec.sources.files import SYNTAX_BY_SUFFIX
    from profilec.stores.convert import KINDS, convert

    prefix, colon, rest = destination.partition(":")
    if colon and prefix in KINDS and not kind:
        kind, destination = prefix, rest
    kind = kind or SYNTAX_BY_SUFFIX.get(Path(destination).suffix.lower(), "yaml")
    if kind not in KINDS:
        raise click.UsageError(f"{kind} is not written: name a .yaml, .json or .sqlite file, or a directory")
    inputs, root = inputs_of(**session.given_to(programs)), session.config.root
    done = session.asking(lambda: convert(source, Path(destination), kind, force=force, root=root, inputs=inputs))
    if session.form == "json":
        session.product(as_json(done.diagnostics, files=[str(path) for path in done.files]))
        return
    session.tell(done.diagnostics)
    files = (
        visible(str(done.files[0])) if len(done.files) == 1 else f"{len(done.files)} files in {visible(destination)}"
    )
    session.say(f"converted {summed_up(done.profiles, done.registries)}: wrote {files}")
