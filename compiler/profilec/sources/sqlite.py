"""A SQLite database -> a text for each registry that it holds: the rows of the table that the original writes.

The bytes that were read are opened in memory, so that nothing is created, migrated or locked, and what was digested is
what is compiled. A hostile database meets an authorizer, limits, and a budget of steps.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from profilec.diagnostics import Report, Span
from profilec.sources import files
from profilec.states import Text

HEADER = b"SQLite format 3\0"
TABLE = "profile_registries"
HISTORY = "profile_history"
_ROWS = f"SELECT slug, payload_json FROM {TABLE} ORDER BY slug"
_LONGEST = 1 << 28
_HEAD = 100
# Seconds to wait for a change that is being made; most take a few thousandths.
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
# Far above what the two queries take: quick_check has some hundred steps for each page.
_STEPS_PER_BYTE, _FEWEST_STEPS = 2, 5_000_000
READING: Mapping[int, Collection[str] | None] = {
    sqlite3.SQLITE_SELECT: None,
    sqlite3.SQLITE_READ: (TABLE, HISTORY, "sqlite_master"),
    sqlite3.SQLITE_PRAGMA: ("quick_check",),
    sqlite3.SQLITE_FUNCTION: ("lower", "trim", "typeof"),
}
# The bytes 18 and 19 of a file say whether there is a log beside it, which a database in memory cannot have.
_VERSIONS, _WITHOUT_LOG = slice(18, 20), b"\x01\x01"


def path_of(dsn: str) -> str:
    """The file that a data source name speaks of; empty where that is none. Its parameters have no say here."""
    parts = urlsplit(dsn) if dsn.startswith("file:") else None
    path = unquote(parts.path) if parts else dsn.partition("?")[0]
    is_memory = path == ":memory:" or "mode=memory" in dsn.partition("?")[2]
    return "" if is_memory or (parts and parts.netloc not in ("", "localhost")) else path


def settled(path: Path, name: str, data: bytes, report: Report) -> bytes | None:
    """The bytes of a database between two changes, or None where a change does not come to its end.

    `data` is what has been read of it. What a writer has not brought to the file yet lies in another one beside it.
    """
    for pause in _PAUSES:
        if not (ending := beside(path)) and _head(path) == data[:_HEAD]:
            return data
        time.sleep(pause)
        if (again := files.read_file(path, name, report)) is None:
            return None
        data = again
    report.error(
        "unfinished-database",
        f"`{name}{ending}` holds changes that are not in the database yet" if ending else f"`{name}` is being written",
        Span(name),
        hint="end the program that writes to it, or open the database once with sqlite3, which finishes them",
        environment=True,
    )
    return None


def beside(path: Path) -> str:
    """The ending of the file beside a database that has changes for it, if there is one."""
    for log in logs(path):
        with suppress(OSError):
            if log.stat().st_size:
                return "-" + log.name.rpartition("-")[2]
    return ""


def logs(path: Path) -> list[Path]:
    """The files beside a database in which SQLite keeps changes, there or not."""
    # A link leads to the database, beside which they lie.
    path = path.resolve()
    return [path.with_name(path.name + ending) for ending in ("-wal", "-journal")]


def _head(path: Path) -> bytes:
    """The beginning of the file, where each change is counted."""
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def rows(name: str, data: bytes, origin: int, report: Report) -> Iterator[Text]:
    """Each registry of a database, by slug. The place of one is `NAME#profile_registries/SLUG`."""
    if not data.startswith(HEADER):
        broken(name, "it does not begin as a SQLite file does", report)
        return
    try:
        with closing(in_memory(data)) as connection:
            if is_whole(connection, name, report):
                for slug, payload in connection.execute(_ROWS):
                    yield from _row(name, slug, payload, origin, report)
    except (sqlite3.Error, MemoryError, UnicodeDecodeError) as error:
        broken(name, str(error) or type(error).__name__, report)


def in_memory(data: bytes) -> sqlite3.Connection:
    """The database of a file's bytes, to be read and nothing else."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data[: _VERSIONS.start] + _WITHOUT_LOG + data[_VERSIONS.stop :])
    guard(connection, len(data), READING)
    return connection


def guard(connection: sqlite3.Connection, size: int, allowed: Mapping[int, Collection[str] | None]) -> None:
    """Bound what a database of so many bytes can make its reader do. `allowed` names the tables by action; no trigger
    or view is ever followed."""

    def authorize(action: int, first: str | None, second: str | None, database: str | None, inner: str | None) -> int:
        names = allowed.get(action, ())
        is_allowed = inner is None and (names is None or first in names or second in names)
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    left = iter(range(max(_FEWEST_STEPS, _STEPS_PER_BYTE * size) // 10_000))
    connection.set_progress_handler(lambda: next(left, None) is None, 10_000)
    connection.execute("PRAGMA trusted_schema = off")
    connection.execute("PRAGMA cell_size_check = on")
    connection.set_authorizer(authorize)


def is_whole(connection: sqlite3.Connection, name: str, report: Report) -> bool:
    """Whether the database has the table of registries, and is not damaged."""
    table = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone()
    if table is None or table[0] != "table":
        report.error(
            "not-a-registry",
            f"the database has no table `{TABLE}`" + (f", but a {table[0]} of that name" if table else ""),
            Span(name),
            hint="`profilec store put` and `profilec convert` write databases that have it",
        )
        return False
    for (found,) in connection.execute("PRAGMA quick_check"):
        if found != "ok":
            broken(name, found, report)
            return False
    return True


def _row(name: str, slug: object, payload: object, origin: int, report: Report) -> Iterator[Text]:
    place = f"{name}#{TABLE}/{slug[:128] if isinstance(slug, str) else '?'}"
    if isinstance(slug, str) and isinstance(payload, str):
        yield Text(place, payload, "payload", origin, slug)
    else:
        wrong = "slug" if not isinstance(slug, str) else "payload_json"
        report.error("wrong-type", f"`{wrong}` of a row is no text", Span(place), hint="write it as text")


def broken(name: str, reason: str, report: Report) -> None:
    """Report what makes a database unreadable."""
    report.error(
        "broken-database",
        f"`{name}` cannot be read as a database: {_first(reason)}",
        Span(name),
        hint="restore it from a copy; `sqlite3 FILE .recover` saves what can be saved",
    )


def _first(reason: str) -> str:
    """The first thing that is wrong; a check says before it in which database."""
    lines = [line for line in reason.splitlines() if not line.startswith("***")]
    return (lines or [reason])[0][:200]
