"""profilec store: registries that are changed where they lie."""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from profilec import slugs
from profilec.commands.options import Command, with_session
from profilec.commands.session import Session
from profilec.diagnostics import Diagnostic, Span
from profilec.rendering.render import as_json
from profilec.rendering.table import print_table
from profilec.rendering.terminal import visible
from profilec.syntax.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profilec.stores.store import Store


@click.group(
    epilog="""\b
Examples:
  profilec store put users.sqlite acme                             an empty registry
  profilec store put users.sqlite acme/assistant assistant.yaml    a profile; - reads it from stdin
  profilec store put team.yaml team/fast fast.yaml --expect-version 3 --actor ada
  profilec store list users.sqlite
  profilec store history users.sqlite acme/assistant
  profilec store delete users.sqlite acme/assistant"""
)
def command() -> None:
    """Put, delete and list the registries and profiles of a SOURCE: a YAML or JSON file, or a SQLite database.

    Every change is checked as a compile checks it before anything is written, counts `metadata.version` up, and
    replaces the file in one step. YAML keeps its comments and its order.
    """


def _with_change(command: Command) -> Command:
    """Options of a change; the command takes `change`, the keywords of the store's methods, in their place."""

    @click.option(
        "--expect-version",
        type=click.IntRange(min=0),
        metavar="N",
        help="The version you have seen, 0 for none; refuse if it is another one by now.",
    )
    @click.option("--actor", metavar="NAME", help="Who changes it, for the metadata and the history.")
    @functools.wraps(command)
    def wrapped(expect_version: int | None, actor: str | None, **others: Any) -> None:
        command(change={"expect_version": expect_version, "actor": actor}, **others)

    return wrapped


@command.command("put")
@click.argument("source")
@click.argument("name")
@click.argument("file", required=False)
@_with_change
@click.option("--set-source", metavar="TEXT", help="What `metadata.source` says from now on.")
@with_session
def put_command(
    session: Session, source: str, name: str, file: str | None, change: dict[str, Any], set_source: str | None
) -> None:
    """Put FILE, a registry or a profile in YAML or JSON, into SOURCE under NAME: REGISTRY or REGISTRY/PROFILE.

    What has that name is replaced as a whole. Without FILE an empty one is made, where there is none yet.
    """
    registry, slash, profile = name.partition("/")

    store = session.asking(lambda: _store(source))
    tree = _read(session, file) if file is not None else Tree("<nothing>", {}, "")
    if file is None:
        # A forgotten FILE must not empty what is there.
        change["expect_version"] = 0

    def put() -> int:
        if slash:
            return store.put_profile(registry, profile, tree, source=set_source, **change)
        return store.put_registry(_named(tree, registry), source=set_source, **change)

    version = session.asking(put)
    told = f"put {visible(name)} into {visible(store.name)}: version {version}"
    _tell(session, told, name, store.warnings, version=version)


@command.command("delete")
@click.argument("source")
@click.argument("name")
@_with_change
@with_session
def delete(session: Session, source: str, name: str, change: dict[str, Any]) -> None:
    """Remove NAME, REGISTRY or REGISTRY/PROFILE, from SOURCE. What others stack on stays."""
    registry, slash, profile = name.partition("/")
    store = _known(session, source)
    if slash:
        session.asking(lambda: store.delete_profile(registry, profile, **change))
    else:
        session.asking(lambda: store.delete_registry(registry, **change))
    _tell(session, f"deleted {visible(name)} from {visible(store.name)}", name)


@command.command("list")
@click.argument("source")
@with_session
def list_(session: Session, source: str) -> None:
    """Show the registries and profiles of SOURCE with their versions, and who changed them last."""
    store = _known(session, source)
    registries = session.asking(store.registries)
    found = []
    for slug, document in sorted(registries.items()):
        found.append({"name": slug, **(document.get("metadata") or {})})
        for profile, content in sorted((document.get("profiles") or {}).items()):
            found.append({"name": f"{slug}/{profile}", **((content or {}).get("metadata") or {})})
    if session.form == "json":
        session.product(as_json([], entries=found))
        return
    rows = [
        (
            each["name"],
            str(each.get("version", "")),
            _time(each.get("updated_at_ms")),
            visible(each.get("updated_by", "")),
        )
        for each in found
    ]
    print_table(("name", "version", "updated", "by"), rows, session.paint, ("version",))


@command.command("history")
@click.argument("source")
@click.argument("name", required=False)
@with_session
def history(session: Session, source: str, name: str | None) -> None:
    """Show the changes of SOURCE that were made with this command or its API, the latest first; those of NAME alone."""
    registry, _, profile = (name or "").partition("/")
    store = _known(session, source)
    entries = session.asking(lambda: store.history(registry, profile))
    if session.form == "json":
        session.product(as_json([], entries=[each._asdict() for each in entries]))
        return
    rows = [
        (
            _time(each.at_ms),
            visible(each.actor or ""),
            visible(each.action),
            visible(each.name),
            str(each.version),
            _fields(each.fields),
        )
        for each in entries
    ]
    print_table(("time", "by", "change", "name", "version", "fields"), rows, session.paint, ("version",))


def _store(source: str) -> Store:
    from profilec.stores.store import open_store

    return open_store(source)


def _known(session: Session, source: str) -> Store:
    """A store that is there: a new one is made by `put` alone."""
    store = session.asking(lambda: _store(source))
    if not store.is_there:
        hint = "look at the path; `profilec store put` makes a new one"
        message = f"`{store.name}` does not exist"
        session.fail([Diagnostic("missing-source", "error", message, Span(store.name), hint=hint, environment=True)], 3)
    return store


def _read(session: Session, file: str) -> Tree:
    """The document to be put, with its places."""
    from profilec.diagnostics import Report
    from profilec.passes.parse import read_tree
    from profilec.sources import read_one
    from profilec.states import Text

    report = Report()
    if file == "-":
        text: Any = Text("<stdin>", sys.stdin.buffer.read())
    else:
        found = read_one(Path(file), Path.cwd(), report)
        text = found[0] if found else None
    tree = read_tree(text, report) if text is not None else None
    if tree is None or report.has_errors:
        session.fail(report, 3 if all(each.environment for each in report) else 1)
    return tree


def _named(tree: Tree, registry: str) -> Tree:
    """The registry under the name that the command line has for it."""
    if not isinstance(tree.value, dict):
        return tree
    given = tree.value.get("slug")
    if given is None:
        return replace(tree, value={"slug": registry, **tree.value})
    if slugs.normalize(str(given)) != slugs.normalize(registry):
        raise click.UsageError(f"the FILE holds the registry `{visible(str(given))}`, not `{visible(registry)}`")
    return tree


def _tell(session: Session, sentence: str, name: str, found: Sequence[Diagnostic] = (), **more: Any) -> None:
    if session.form == "json":
        session.product(as_json(found, name=name, **more))
    else:
        session.tell(found)
        session.say(sentence)


def _time(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)


def _fields(fields: list[str]) -> str:
    shown = ", ".join(visible(each.lstrip("/").replace("/", ".")) for each in fields[:4])
    return shown + (f" and {len(fields) - 4} more" if len(fields) > 4 else "")
