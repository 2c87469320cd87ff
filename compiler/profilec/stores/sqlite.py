"""A store in a SQLite database, in the table and with the payloads that the original reads.

Its history is in the table `profile_history`, which is made with the first change; the original does not look at it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from profilec import slugs
from profilec.diagnostics import Diagnostic, Report, Span
from profilec.passes.parse import parse_tree, read_tree
from profilec.sources import files
from profilec.sources.sqlite import HEADER, TABLE
from profilec.states import Text
from profilec.stores.backend import Entry, Stored, StoreError
from profilec.syntax import payload

SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} "
    "(slug TEXT PRIMARY KEY, payload_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL DEFAULT 0)"
)
_HISTORY = (
    "CREATE TABLE IF NOT EXISTS profile_history (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT, "
    "action TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, fields_json TEXT NOT NULL)"
)
_WAIT_SECONDS = 10.0


class Database:
    """A database file that may not be there yet."""

    def __init__(self, path: Path) -> None:
        self.name = files.display_name(path, path, Path.cwd())
        self._path = path

    @contextmanager
    def reading(self) -> Iterator[_Content]:
        with _told(self.name):
            is_there = self._path.exists()
            with closing(_opened(self._path, "ro") if is_there else sqlite3.connect(":memory:")) as connection:
                yield _Content(self.name, self._path, connection)

    @contextmanager
    def changing(self) -> Iterator[_Content]:
        with _told(self.name):
            is_new = not self._path.exists()
            if not is_new and self._path.stat().st_size:
                _check_header(self._path, self.name)
            with closing(_opened(self._path, "rwc")) as connection:
                try:
                    # One writer at a time from here: the others wait.
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(SCHEMA)
                    yield _Content(self.name, self._path, connection)
                    connection.execute("COMMIT")
                except BaseException:
                    connection.execute("ROLLBACK") if connection.in_transaction else None
                    if is_new and not self._path.stat().st_size:
                        self._path.unlink()
                    raise


class _Content:
    def __init__(self, name: str, path: Path, connection: sqlite3.Connection) -> None:
        self._name, self._path, self._connection = name, path, connection

    def slugs(self) -> list[str]:
        if not self._has(TABLE):
            return []
        return [
            slugs.normalize(slug) for (slug,) in self._connection.execute(f"SELECT slug FROM {TABLE} ORDER BY slug")
        ]

    def get(self, slug: str) -> Stored | None:
        row = self._row(slug)
        if row is None:
            return None
        report = Report()
        source = Text(f"{self._name}#{TABLE}/{row[0]}", row[1], "payload", slug=row[0])
        tree = read_tree(source, report)
        document = parse_tree(tree, 0, "reference", report) if tree else None
        if tree is None or document is None or report.has_errors:
            raise StoreError(report)
        profiles = {slugs.normalize(key): each for key, each in (tree.value.get("profiles") or {}).items()}
        return Stored(
            {**tree.value, "slug": document.slug, "profiles": profiles}, document.default and document.default[0]
        )

    def replace(self, slug: str, stored: Stored | None, entry: Entry, *, is_private: bool) -> None:
        row = self._row(slug)
        if is_private and os.name != "nt":
            # What SQLite writes beside the file gets the file's mode.
            self._path.chmod(self._path.stat().st_mode & 0o700)
        if stored is None:
            self._connection.execute(f"DELETE FROM {TABLE} WHERE slug = ?", (row[0] if row else slug,))
        else:
            text = payload.dump(stored.document, default_of(stored))
            values = (row[0] if row else slug, text, entry.at_ms)
            self._connection.execute(f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?)", values)
        self._connection.execute(_HISTORY)
        self._connection.execute(
            "INSERT INTO profile_history (at_ms, actor, action, name, version, fields_json) VALUES (?, ?, ?, ?, ?, ?)",
            (*entry[:5], json.dumps(entry.fields, ensure_ascii=False)),
        )

    def history(self) -> list[Entry]:
        if not self._has("profile_history"):
            return []
        found = self._connection.execute(
            "SELECT at_ms, actor, action, name, version, fields_json FROM profile_history ORDER BY id"
        )
        return [
            Entry(at, actor, action, of, version, json.loads(fields))
            for at, actor, action, of, version, fields in found
        ]

    def _row(self, slug: str) -> tuple[str, str] | None:
        """A registry's row as it is spelled there."""
        if not self._has(TABLE):
            return None
        query = f"SELECT slug, payload_json FROM {TABLE} WHERE lower(trim(slug)) = ?"
        found: tuple[str, str] | None = self._connection.execute(query, (slug,)).fetchone()
        return found

    def _has(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self._connection.execute(query, (table,)).fetchone() is not None


def default_of(stored: Stored) -> str | None:
    """The original wants a default wherever there are profiles."""
    profiles = stored.document.get("profiles") or {}
    if stored.default in profiles:
        return stored.default
    return "default" if "default" in profiles else min(profiles, default=None)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # No link is resolved, for SQLite puts its journal beside what it opens.
    uri = Path(os.path.abspath(path)).as_uri()  # noqa: PTH100
    connection = sqlite3.connect(f"{uri}?mode={mode}", uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = off")
    return connection


def _check_header(path: Path, name: str) -> None:
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise sqlite3.DatabaseError("file is not a database")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What SQLite or the system refuses, as a finding."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = (error.strerror or "unusable").lower() if isinstance(error, OSError) else str(error)
        message = f"`{name}` cannot be changed: {reason}"
        hint = "look at the file, at who else has it open, and at its permissions"
        found = Diagnostic("unwritable-store", "error", message, Span(name), hint=hint, environment=True)
        raise StoreError([found]) from error
