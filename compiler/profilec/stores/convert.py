"""Registries of any source -> the same registries in YAML, JSON or SQLite.

What the registries say is carried over as it was written, references to credentials among it; anchors are written out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from profilec.diagnostics import CompileError, Diagnostic, Report, Span
from profilec.passes.parse import parse_tree, read_tree
from profilec.rendering.excerpts import with_excerpts
from profilec.replacing import replace_file
from profilec.sources import Source, inputs_of, read
from profilec.sources import sqlite as database
from profilec.states import Document
from profilec.stores.backend import Stored, StoreError
from profilec.stores.sqlite import SCHEMA, insert_row
from profilec.syntax.dump import to_json, to_yaml

if TYPE_CHECKING:
    from profilec.sources.jsonnet import Inputs

KINDS = ("yaml", "json", "sqlite")


class Converted(NamedTuple):
    """What `convert` wrote: the files, and how many registries and profiles are in them."""

    files: list[Path]
    registries: int
    profiles: int
    diagnostics: tuple[Diagnostic, ...]


def convert(
    sources: Source | Iterable[Source],
    destination: Path,
    kind: str,
    *,
    force: bool = False,
    root: Path | None = None,
    inputs: Callable[[], Inputs] | None = None,
) -> Converted:
    """Write the registries of the sources to a file, or each to a file of its own in a directory.

    `kind` is one of `KINDS`. A YAML or JSON file holds one registry, so for several the destination is a directory.
    `inputs` makes what Jsonnet programs are given.
    Raises `CompileError` where the sources do not compile by themselves, and `StoreError` where there is a file and
    `force` is not said.
    """
    report = Report()
    root = (root or Path.cwd()).absolute()
    chain = read(sources, inputs or inputs_of({}, {}, {}, {}, ()), root, report)
    registries: list[tuple[Document, Stored]] = []
    for text in chain.texts:
        tree = read_tree(text, report)
        document = parse_tree(tree, text.origin, "reference", report) if tree else None
        if tree is not None and document is not None:
            value = {key: each for key, each in tree.value.items() if not key.startswith("x-")}
            registries.append(
                (document, Stored({**value, "slug": document.slug}, document.default and document.default[0]))
            )
    if report.has_errors:
        raise CompileError(with_excerpts(report, chain.readable))
    files = _files(registries, destination, kind, report)
    _stop_if_there(files, force)
    is_private = any(each.rule == "literal-credential" for each in report)
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data, is_private)
    profiles = sum(len(document.layers) for document, _ in registries)
    told = tuple(each for each in report if each.rule in ("literal-credential", "default-changes"))
    return Converted(list(files), len(registries), profiles, told)


def _files(
    registries: list[tuple[Document, Stored]], destination: Path, kind: str, report: Report
) -> dict[Path, bytes]:
    """What is to be written, by file."""
    if kind == "sqlite":
        return {destination: _database(registries)}
    make, ending = (to_yaml, "yaml") if kind == "yaml" else (to_json, "json")
    is_directory = destination.is_dir() or not destination.suffix
    if len(registries) > 1 and not is_directory:
        message = f"`{destination.name}` is one file, and there are {len(registries)} registries"
        hint = "name a directory, where each gets a file of its own, or a SQLite database"
        raise StoreError([Diagnostic("one-registry", "error", message, Span(str(destination)), hint=hint)])
    files = {}
    for document, stored in registries:
        _look_at_default(document, report)
        path = destination / f"{document.slug}.{ending}" if is_directory else destination
        if path in files:
            raise StoreError([_duplicate(document)])
        files[path] = make(stored.document).encode()
    return files


def _database(registries: list[tuple[Document, Stored]]) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(SCHEMA)
        for document, stored in registries:
            updated = (stored.document.get("metadata") or {}).get("updated_at_ms", 0)
            try:
                insert_row(connection, document.slug, stored, updated)
            except sqlite3.IntegrityError:
                raise StoreError([_duplicate(document)]) from None
        connection.commit()
        return bytes(connection.serialize())


def _duplicate(document: Document) -> Diagnostic:
    message = f"the registry `{document.slug}` is defined twice"
    return Diagnostic("duplicate-registry", "error", message, document.span, hint="leave one of the sources out")


def _look_at_default(document: Document, report: Report) -> None:
    """A file has no field for the default; what a compile will take may be another one."""
    named = document.default[0] if document.default else None
    taken = "default" if "default" in document.layers else min(document.layers, default=None)
    if named is not None and named != taken:
        report.advise(
            "default-changes",
            f"the default of `{document.slug}` was `{named}`, and in a file it is `{taken}`",
            document.span,
            hint="name the default profile `default`, or let a profile `default` stack on it",
        )


def _stop_if_there(files: Iterable[Path], force: bool) -> None:
    for path in files:
        if path.exists() and (beside := database.beside(path)):
            message = f"`{path}{beside}` holds changes of the database that is to be replaced"
            hint = "end the program that writes to it, or name another file"
            found_one = Diagnostic("unwritable-store", "error", message, Span(str(path)), hint=hint, environment=True)
            raise StoreError([found_one])
    found = [path for path in files if path.exists()]
    if found and not force:
        raise StoreError(
            Diagnostic(
                "already-there",
                "error",
                f"`{path}` is there already",
                Span(str(path)),
                hint="say --force to replace it",
            )
            for path in found
        )
