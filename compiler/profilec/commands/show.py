"""profilec show: one profile as an application gets it."""

from __future__ import annotations

from typing import Any

import click

from profilec.commands.options import complete_profile, not_blank, with_reading, with_session
from profilec.commands.session import Reading, Session
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible
from profilec.states import Artifact


@click.command(
    epilog="""\b
Examples:
  profilec show                            the build's default profile
  profilec show team-agent/assistant       one by its full name
  profilec show assistant                  the topmost one of that name
  profilec show --registry openai          a registry's default"""
)
@click.argument("name", required=False, shell_complete=complete_profile)
@with_reading
@click.option("--registry", callback=not_blank, metavar="SLUG", help="Look for NAME in this registry only.")
@with_session
def command(session: Session, reading: Reading, name: str | None, registry: str | None) -> None:
    """Show the profile NAME: its stack, what it requires, and its effective settings.

    With --format json it is the artifact, below `artifact`. Credentials that a build embeds are masked in both.
    """
    from profilec.review.find import find
    from profilec.review.masking import masked

    build = session.open(reading)
    artifact = session.asking(lambda: find(build, name, registry))
    document = masked(artifact.document)
    if session.form == "json":
        session.product(as_json([], artifact=document))
    else:
        session.product(_text(session, artifact, document))


def _text(session: Session, artifact: Artifact, document: dict[str, Any]) -> str:
    from yaml import safe_dump

    paint = session.paint
    lines = [
        paint(artifact.name, "bold")
        + (f"  {visible(document['display_name'])}" if document.get("display_name") else "")
    ]
    if document.get("description"):
        lines.append(visible(document["description"]))
    lines.append(f"{paint('stack', 'blue')}     " + " -> ".join(map(_layer, document["lineage"]["stack"])))
    if document["requires"]:
        lines.append(f"{paint('requires', 'blue')}  " + ", ".join(map(visible, document["requires"])))
    lines.append(f"{paint('digest', 'blue')}    sha256:{artifact.digest}")
    body = {key: document[key] for key in ("inference_settings", "extensions") if document[key]}
    # The dumper escapes what a terminal would act on; the breaks it leaves are its own.
    dumped = safe_dump(body, sort_keys=True, allow_unicode=True, width=100) if body else "(sets nothing)\n"
    return "\n".join(lines) + "\n\n" + "\n".join(map(visible, dumped.split("\n")))


def _layer(entry: dict[str, Any]) -> str:
    return visible(
        f"baseline {entry['baseline']}" if "baseline" in entry else f"{entry['registry_slug']}/{entry['profile_slug']}"
    )
