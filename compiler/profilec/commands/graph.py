"""profilec graph: what a profile stands on, what stands on it, or all of it, as a tree or a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from profilec.commands.files import files_read, write_files
from profilec.commands.options import complete_profile, not_blank, with_forms, with_reading
from profilec.commands.session import Reading, Session
from profilec.rendering.render import FORMATS, as_json
from profilec.rendering.terminal import Painter, visible

if TYPE_CHECKING:
    from profilec.review.graph import StackGraph
    from profilec.states import Build

_PICTURES = ("mermaid", "dot", "svg")
_FORM_BY_ENDING = {
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".json": "json",
    ".txt": "text",
}


@click.command(
    epilog="""\b
Examples:
  profilec graph assistant                      the stack of one profile, as a tree
  profilec graph --impact team-agent/base       everything that a change of it reaches
  profilec graph assistant -o assistant.svg     a picture; also .mmd (Mermaid), .dot, .json, .txt
  profilec graph --registry team-agent --format mermaid
  profilec graph --source registries            compile first, then show all profiles"""
)
@click.argument("name", required=False, shell_complete=complete_profile)
@with_reading
@click.option("--registry", callback=not_blank, metavar="SLUG", help="This registry; with a name: look for it there.")
@click.option(
    "--impact",
    callback=not_blank,
    metavar="NAME",
    shell_complete=complete_profile,
    help="Everything that stands on the profile NAME.",
)
@click.option(
    "-o",
    "--output",
    callback=not_blank,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write to FILE, whose ending says in which form.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there and is no picture.")
@with_forms((*FORMATS, *_PICTURES), "How the graph is written; short is about findings.")
def command(
    session: Session,
    reading: Reading,
    name: str | None,
    registry: str | None,
    impact: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Show what the profile NAME stands on, down to its base; without NAME, what all profiles stand on.

    Each step has the model in effect and the place of the stack entry that leads there; `*` marks the build's
    default. With several entries, later ones override earlier ones.
    """
    if name is not None and impact is not None:
        raise click.UsageError("NAME and --impact exclude each other: ask what it stands on, or what stands on it")
    form = session.form
    written_as = _form_of(output, form) if output is not None else None
    build = session.open(reading)
    graph = session.asking(lambda: _graph(build, name, registry, impact))
    if output is None or form == "json":
        session.product(_rendered(graph, form, session.paint))
    if output is not None and written_as is not None:
        text = _rendered(graph, written_as, Painter(False))
        may_replace = force or written_as in _PICTURES
        write_files(session, {Path(output): text}, read=files_read(session, reading, build), force=may_replace)
    _tell(session, graph, written_as or form, output)


def _form_of(output: str, form: str) -> str:
    """What is written to a file: as --format says where that is a picture, else by the file's ending."""
    if form in _PICTURES:
        return form
    ending = Path(output).suffix.lower()
    if ending not in _FORM_BY_ENDING:
        known = ", ".join(_FORM_BY_ENDING)
        found = f"`{visible(output)}` ends in none of {known}"
        raise click.UsageError(f"{found}: name a file that does, or say --format {'|'.join(_PICTURES)}")
    return _FORM_BY_ENDING[ending]


def _graph(build: Build, name: str | None, registry: str | None, impact: str | None) -> StackGraph:
    from profilec.review import graph

    return graph.impact(build, impact, registry) if impact is not None else graph.graph(build, name, registry)


def _rendered(graph: StackGraph, form: str, paint: Painter) -> str:
    if form == "json":
        from profilec.rendering.graph.document import document

        return as_json([], graph=document(graph))
    if form == "mermaid":
        from profilec.rendering.graph.mermaid import mermaid

        return mermaid(graph)
    if form == "dot":
        from profilec.rendering.graph.dot import dot

        return dot(graph)
    if form == "svg":
        from profilec.rendering.graph.svg import svg

        return svg(graph)
    from profilec.rendering.graph.text import text

    return text(graph, paint)


def _tell(session: Session, graph: StackGraph, form: str, output: str | None) -> None:
    """What the product leaves open, on stderr."""
    from profilec.rendering.graph.captions import counted, impact_told

    if graph.scope == "impact":
        session.say(impact_told(graph))
    if output is not None:
        session.say(f"wrote {visible(output)}: {counted(graph)}")
    if form == "mermaid":
        from profilec.rendering.graph.mermaid import beyond_limits, mermaid

        if reason := beyond_limits(mermaid(graph), graph):
            session.say(f"{reason}: narrow it with NAME, --registry or --impact, or take --format svg")
