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
from profilec.sources import sqlite as source
from profilec.sources.sqlite import HISTORY, TABLE
from profilec.states import Text
from profilec.stores.backend import Entry, Stored, StoreError, entry_of
from profilec.syntax import payload

SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} "
    "(slug TEXT PRIMARY KEY, payload_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL DEFAULT 0)"
)
_HISTORY = (
    f"CREATE TABLE IF NOT EXISTS {HISTORY} (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT, "
    "action TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, fields_json TEXT NOT NULL)"
)
_SLUGS = f"SELECT slug FROM {TABLE} WHERE typeof(slug) = 'text' ORDER BY slug"
_WAIT_SECONDS = 10.0
_OWN = (TABLE, HISTORY, "sqlite_master")
_WRITING = {
    **source.READING,
    sqlite3.SQLITE_PRAGMA: ("quick_check", "table_info"),
    sqlite3.SQLITE_TRANSACTION: None,
    sqlite3.SQLITE_CREATE_TABLE: _OWN,
    sqlite3.SQLITE_CREATE_INDEX: _OWN,
    sqlite3.SQLITE_INSERT: _OWN,
    sqlite3.SQLITE_UPDATE: _OWN,
    sqlite3.SQLITE_DELETE: _OWN,
}


class Database:
    """A database file that may not be there yet."""

    def __init__(self, path: Path) -> None:
        self.name = files.display_name(path, path, Path.cwd())
        self._path = path

    @property
    def is_there(self) -> bool:
        return self._path.exists()

    @contextmanager
    def reading(self) -> Iterator[_Content]:
        """From the bytes of the file, as a source is read: nothing beside it is made or locked."""
        with _told(self.name):
            report = Report()
            data = files.read_file(self._path, self.name, report) if self.is_there else b""
            data = source.settled(self._path, self.name, data, report) if data else data
            if data is None:
                raise StoreError(report)
            with closing(source.in_memory(data) if data else sqlite3.connect(":memory:")) as connection:
                if data and not source.is_whole(connection, self.name, report):
                    raise StoreError(report)
                yield _Content(self.name, self._path, connection)

    @contextmanager
    def changing(self) -> Iterator[_Content]:
        with _told(self.name):
            is_new = not self.is_there
            with closing(_opened(self._path, self.name)) as connection:
                try:
                    # One writer at a time from here: the others wait.
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(SCHEMA)
                    _check(connection, self.name)
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
        return [slugs.normalize(slug) for (slug,) in self._connection.execute(_SLUGS)]

    def get(self, slug: str) -> Stored | None:
        row = self._row(slug)
        if row is None:
            return None
        report = Report()
        text = Text(f"{self._name}#{TABLE}/{row[0]}", row[1], "payload", slug=row[0])
        tree = read_tree(text, report)
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
        execute = self._connection.execute
        if stored is None:
            execute(f"DELETE FROM {TABLE} WHERE slug = ?", (row[0] if row else slug,))
        elif row:
            text = payload.dump(stored.document, default_of(stored))
            values = (text, entry.at_ms, row[0])
            execute(f"UPDATE {TABLE} SET payload_json = ?, updated_at_ms = ? WHERE slug = ?", values)
        else:
            insert_row(self._connection, slug, stored, entry.at_ms)
        execute(_HISTORY)
        execute(
            f"INSERT INTO {HISTORY} (at_ms, actor, action, name, version, fields_json) VALUES (?, ?, ?, ?, ?, ?)",
            (*entry[:5], json.dumps(entry.fields, ensure_ascii=False)),
        )

    def history(self) -> list[Entry]:
        if not self._has(HISTORY):
            return []
        found = self._connection.execute(
            f"SELECT at_ms, actor, action, name, version, fields_json FROM {HISTORY} ORDER BY id"
        )
        return [entry_of(dict(zip(Entry._fields, row, strict=True)), f"{self._name}#{HISTORY}") for row in found]

    def _row(self, slug: str) -> tuple[str, str] | None:
        """A registry's row as it is spelled there."""
        if not self._has(TABLE):
            return None
        query = f"SELECT slug, payload_json FROM {TABLE} WHERE lower(trim(slug)) = ? AND typeof(payload_json) = 'text'"
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


def insert_row(connection: sqlite3.Connection, slug: str, stored: Stored, updated_at_ms: int) -> None:
    values = (slug, payload.dump(stored.document, default_of(stored)), updated_at_ms)
    connection.execute(f"INSERT INTO {TABLE} (slug, payload_json, updated_at_ms) VALUES (?, ?, ?)", values)


def _opened(path: Path, name: str) -> sqlite3.Connection:
    size = path.stat().st_size if path.exists() else 0
    if size:
        with path.open("rb") as file:
            if file.read(len(source.HEADER)) != source.HEADER:
                report = Report()
                source.broken(name, "it does not begin as a SQLite file does", report)
                raise StoreError(report)
    # No link is resolved, for SQLite puts its journal beside what it opens.
    uri = Path(os.path.abspath(path)).as_uri()  # noqa: PTH100
    connection = sqlite3.connect(f"{uri}?mode=rwc", uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    source.guard(connection, size, _WRITING)
    return connection


def _check(connection: sqlite3.Connection, name: str) -> None:
    """A change to a damaged database may damage more of it, and one to a foreign table its owner."""
    report = Report()
    if source.is_whole(connection, name, report):
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({TABLE})")}
        if missing := {"slug", "payload_json", "updated_at_ms"} - columns:
            message = f"the table `{TABLE}` has no column `{min(missing)}`"
            report.error("not-a-registry", message, Span(name), hint="name another file: this is somebody else's table")
    if report.has_errors:
        raise StoreError(report)


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
