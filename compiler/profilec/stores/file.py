"""A store in a YAML or JSON file, which holds one registry. Its history is in `FILE.history.jsonl` beside it.

Comments, order and layout of YAML stay as they are. The file is replaced in one step, and keeps its mode; with a
credential in it, it is its owner's alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from profilec import slugs
from profilec.builds.lock import locked_directory
from profilec.diagnostics import Diagnostic, Report, Span
from profilec.passes.parse import parse_tree, read_tree
from profilec.replacing import replace_file
from profilec.sources import files
from profilec.states import Text
from profilec.stores.backend import Entry, Stored, StoreError, entry_of
from profilec.syntax.dump import to_json, to_yaml

_WAIT_SECONDS = 10.0


class File:
    """A registry file that may not be there yet. `kind` is "yaml" or "json"."""

    def __init__(self, path: Path, kind: str) -> None:
        self.name = files.display_name(path, path, Path.cwd())
        # Through a link the file is replaced, not the link.
        self._path, self._kind = Path(os.path.realpath(path)), kind

    @property
    def is_there(self) -> bool:
        return self._path.exists()

    @contextmanager
    def reading(self) -> Iterator[_Content]:
        with _told(self.name):
            yield _Content(self.name, self._path, self._kind)

    @contextmanager
    def changing(self) -> Iterator[_Content]:
        # The directory is locked, since the file itself is another one after each change.
        with _told(self.name), locked_directory(self._path.parent, _WAIT_SECONDS):
            yield _Content(self.name, self._path, self._kind)


class _Content:
    def __init__(self, name: str, path: Path, kind: str) -> None:
        self._name, self._path, self._kind = name, path, kind
        self._history = path.with_name(f"{path.name}.history.jsonl")
        self._text = ""
        self._stored = self._read()

    def slugs(self) -> list[str]:
        return [self._stored.document["slug"]] if self._stored else []

    def get(self, slug: str) -> Stored | None:
        return self._stored if slug in self.slugs() else None

    def replace(self, slug: str, stored: Stored | None, entry: Entry, *, is_private: bool) -> None:
        if self._stored and slug not in self.slugs():
            message = f"`{self._name}` holds the registry `{self.slugs()[0]}`, and a file holds one"
            hint = f"put `{slug}` into a file of its own, or into a SQLite database"
            raise StoreError([Diagnostic("one-registry", "error", message, Span(self._name), hint=hint)])
        text = None if stored is None else self._edited(stored).encode()
        # Opened first: a change whose entry cannot be written is not made.
        with self._history.open("a", encoding="utf-8") as history:
            if text is None:
                self._path.unlink()
            else:
                replace_file(self._path, text, is_private)
            history.write(json.dumps(entry._asdict(), ensure_ascii=False) + "\n")

    def history(self) -> list[Entry]:
        try:
            lines = self._history.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        place = f"{self._name}.history.jsonl"
        return [entry_of(_object(line), f"{place}:{number}") for number, line in enumerate(lines, 1) if line.strip()]

    def _read(self) -> Stored | None:
        report = Report()
        if not self._path.exists():
            return None
        data = files.read_file(self._path, self._name, report)
        tree = read_tree(Text(self._name, data, self._kind), report) if data else None
        document = parse_tree(tree, 0, "reference", report) if tree else None
        if report.has_errors:
            raise StoreError(report)
        if tree is None or document is None:
            return None
        # The mark is no part of the tree, and stays.
        self._text = data.decode() if data else ""
        return Stored({**tree.value, "slug": document.slug, "profiles": _normal(tree.value.get("profiles"))})

    def _edited(self, stored: Stored) -> str:
        if self._kind == "json":
            return to_json(stored.document)
        if self._stored is None:
            return to_yaml(stored.document)
        from profilec.stores.editing import edited

        text = edited(self._text, self._stored.document, stored.document)
        if text is None:
            message = f"`{self._name}` is laid out so that this change would touch other parts of it"
            hint = "make the change in an editor: anchors, aliases or merge keys join what is to differ"
            raise StoreError([Diagnostic("shared-layout", "error", message, Span(self._name), hint=hint)])
        return text


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _normal(profiles: dict[str, object] | None) -> dict[str, object]:
    return {slugs.normalize(slug): profile for slug, profile in (profiles or {}).items()}


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What the system refuses, as a finding."""
    try:
        yield
    except OSError as error:
        message = f"`{name}` cannot be changed: {(error.strerror or 'unusable').lower()}"
        hint = "look at the file, its directory and their permissions"
        found = Diagnostic("unwritable-store", "error", message, Span(name), hint=hint, environment=True)
        raise StoreError([found]) from error
