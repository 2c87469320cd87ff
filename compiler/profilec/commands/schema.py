"""profilec schema: the JSON Schemas that ship with the package."""

from __future__ import annotations

import click

from profilec import schemas


@click.command(
    epilog="""\b
Example, for an editor with a YAML language server:
  profilec schema registry > registry.schema.json
and as the first line of a registry:
  # yaml-language-server: $schema=registry.schema.json"""
)
@click.argument("name", required=False, type=click.Choice(list(schemas.NAMES)), metavar="[NAME]")
def command(name: str | None) -> None:
    """Print the JSON Schema NAME, complete in itself; without a name, say which there are."""
    from profilec.encode import encode

    if name is None:
        width = max(map(len, schemas.NAMES))
        click.echo("".join(f"{each:{width}}  {what}\n" for each, what in schemas.NAMES.items()), nl=False)
    else:
        click.echo(encode(schemas.load(name)).decode(), nl=False)
