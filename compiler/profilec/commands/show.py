"""profilec show: one profile as an application gets it."""

from __future__ import annotations

from typing import Any

import click

from profilec.commands.session import Reading, Session, complete_profile, not_blank, with_reading, with_session
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

    build = session.open(reading)
    artifact = session.asking(lambda: find(build, name, registry))
    document = _masked(artifact.document)
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


def _masked(document: dict[str, Any]) -> dict[str, Any]:
    """The artifact with embedded credentials masked: what is on a screen is soon in a log."""
    from profilec.credentials import MASK, has_user_part
    from profilec.fields import secret_extensions, sections

    def hide(secret: object, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hide(secret, each) if key != "$secret" else each for key, each in value.items()}
        is_hidden = isinstance(value, str) and value and (secret is True or has_user_part(value))
        return MASK if is_hidden else value

    tables = sections()
    settings = {
        section: {
            name: hide(tables[section][name].secret, value) if tables[section][name].secret else value
            for name, value in content.items()
        }
        for section, content in document["inference_settings"].items()
    }
    known = secret_extensions()
    extensions = {
        key: {name: hide(True, each) if name in known[key] else each for name, each in payload.items()}
        if key in known and isinstance(payload, dict)
        else payload
        for key, payload in document["extensions"].items()
    }
    return {**document, "inference_settings": settings, "extensions": extensions}
