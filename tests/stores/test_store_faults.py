"""What goes wrong around a store: hostile and foreign databases, damaged histories, links, logs, locks, owners."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import profilec
import pytest
from profilec import StoreError, VersionConflict, open_store
from profilec.stores import file
from profilec.stores.sqlite import SCHEMA

BASE = {"slug": "team", "profiles": {"default": {"description": "d"}}}
SECRET = "sk-canary-0123456789abcdef"
FILES = ["team.yaml", "team.json", "team.sqlite"]
# Leaves changes in the log beside a database, as a program that dies does.
CRASH = """
import os, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA journal_mode = wal")
c.execute("PRAGMA wal_autocheckpoint = 0")
c.execute("UPDATE profile_registries SET payload_json = replace(payload_json, '\\"d\\"', '\\"changed\\"')")
os._exit(0)
"""


def refused(change: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        change()
    return caught.value.diagnostics[0].rule


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    path = tmp_path / "team.sqlite"
    open_store(path).put_registry(BASE)
    subprocess.run([sys.executable, "-c", CRASH, str(path)], check=True)
    assert (tmp_path / "team.sqlite-wal").stat().st_size
    return path


def test_a_database_with_a_log_is_not_replaced(logged: Path, tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("slug: team\n")
    before = logged.read_bytes()
    assert refused(lambda: profilec.convert(tmp_path / "team.yaml", logged, "sqlite", force=True)) == "unwritable-store"
    assert logged.read_bytes() == before


def test_a_log_is_seen_through_a_link(logged: Path, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    link = tmp_path / "below" / "link.sqlite"
    link.symlink_to(logged)
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(link)
    assert caught.value.diagnostics[0].rule == "unfinished-database"


def test_a_change_finishes_what_a_log_holds(logged: Path) -> None:
    open_store(logged).put_profile("team", "new", {})
    assert open_store(logged).profile("team", "default")["description"] == "changed"


@pytest.mark.parametrize("place", FILES)
def test_what_has_no_version_is_there_all_the_same(tmp_path: Path, place: str) -> None:
    profilec.convert(BASE, tmp_path / place, place.rpartition(".")[2])
    with pytest.raises(VersionConflict) as caught:
        open_store(tmp_path / place).put_profile("team", "default", {}, expect_version=0)
    assert (caught.value.expected, caught.value.actual) == (0, 0)
    with pytest.raises(VersionConflict) as caught:
        open_store(tmp_path / place).put_profile("team", "other", {}, expect_version=3)
    assert caught.value.actual is None


@pytest.mark.parametrize("place", [*FILES, None])
def test_what_comes_back_is_not_what_was_seen(tmp_path: Path, place: str | None) -> None:
    store = open_store(place and tmp_path / place)
    store.put_registry(BASE)
    assert store.put_profile("team", "a", {}) == 1
    store.delete_profile("team", "a")
    assert store.put_profile("team", "a", {}) == 2
    with pytest.raises(VersionConflict):
        store.put_profile("team", "a", {}, expect_version=1)


def made(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for each in statements:
            connection.execute(each)
        connection.commit()
    return path


ROW = """INSERT INTO profile_registries (slug, payload_json) VALUES ('team', '{"slug": "team", "profiles": {}}')"""
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r"
HOSTILE = {
    "an endless trigger": f"CREATE TRIGGER t AFTER UPDATE ON profile_registries BEGIN {ENDLESS}; END",
    "a trigger that rewrites": "CREATE TRIGGER t AFTER UPDATE ON profile_registries BEGIN "
    "UPDATE profile_registries SET payload_json = '{}'; END",
    "an endless index": "CREATE INDEX i ON profile_registries (length(hex(zeroblob(200000000))))",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_database_is_not_changed(tmp_path: Path, what: str) -> None:
    path = made(tmp_path / "u.sqlite", SCHEMA, ROW)
    if what == "an endless index":
        made(path, "DELETE FROM profile_registries", HOSTILE[what])
    else:
        made(path, HOSTILE[what])
    before = path.read_bytes()
    store = open_store(path)
    change = (lambda: store.put_registry(BASE)) if "index" in what else (lambda: store.put_profile("team", "a", {}))
    assert refused(change) in ("unwritable-store", "broken-database")
    assert path.read_bytes() == before


def test_a_damaged_database_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "u.sqlite"
    store = open_store(path)
    store.put_registry({"slug": "team", "profiles": {f"p{n}": {"description": "x" * 500} for n in range(60)}})
    data = path.read_bytes()
    path.write_bytes(data[:-4096])
    before = path.read_bytes()
    assert refused(lambda: open_store(path).put_profile("team", "a", {})) in ("unwritable-store", "broken-database")
    assert refused(open_store(path).registries) in ("unwritable-store", "broken-database")
    assert path.read_bytes() == before


def test_columns_in_another_order_and_more_of_them(tmp_path: Path) -> None:
    table = (
        "CREATE TABLE profile_registries (payload_json TEXT, more TEXT DEFAULT 'm', slug TEXT, updated_at_ms INTEGER)"
    )
    store = open_store(made(tmp_path / "u.sqlite", table, ROW))
    store.put_profile("team", "a", {})
    store.put_registry({"slug": "other"})
    assert list(store.registries()) == ["other", "team"]
    with closing(sqlite3.connect(tmp_path / "u.sqlite")) as connection:
        assert connection.execute("SELECT slug, more FROM profile_registries ORDER BY slug").fetchall() == [
            ("other", "m"),
            ("team", "m"),
        ]


def test_a_foreign_table_or_view_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "t.sqlite", "CREATE TABLE profile_registries (name TEXT)")
    assert refused(lambda: open_store(path).put_registry(BASE)) == "not-a-registry"
    path = made(tmp_path / "v.sqlite", "CREATE VIEW profile_registries AS SELECT 1 AS slug")
    assert refused(open_store(path).registries) == "not-a-registry"
    assert refused(lambda: open_store(path).put_registry(BASE)) in ("unwritable-store", "not-a-registry")


def test_looking_makes_no_file(tmp_path: Path) -> None:
    path = made(tmp_path / "u.sqlite", "PRAGMA journal_mode = wal", SCHEMA, ROW)
    store = open_store(path)
    assert list(store.registries()) == ["team"]
    assert store.history() == []
    assert [each.name for each in tmp_path.iterdir()] == ["u.sqlite"]


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "[]",
        '{"at_ms": "x"}',
        '{"at_ms": 1, "actor": null, "action": "put", "name": "a", "version": 1, "fields": 5}',
        "\x00",
    ],
)
def test_a_damaged_history_is_a_finding(tmp_path: Path, line: str) -> None:
    store = open_store(tmp_path / "team.yaml")
    store.put_registry(BASE)
    with (tmp_path / "team.yaml.history.jsonl").open("a") as history:
        history.write(line + "\n")
    assert refused(store.history) == "broken-history"
    assert store.registries()


def test_a_change_whose_entry_cannot_be_written_is_not_made(tmp_path: Path) -> None:
    store = open_store(tmp_path / "team.yaml")
    (tmp_path / "team.yaml.history.jsonl").mkdir()
    assert refused(lambda: store.put_registry(BASE)) == "unwritable-store"
    assert store.registries() == {}


@pytest.mark.parametrize("place", FILES)
def test_a_name_that_is_no_text(tmp_path: Path, place: str) -> None:
    store = open_store(tmp_path / place)
    assert refused(lambda: store.put_registry(BASE, actor="a\udcff")) == "not-utf8"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", FILES)
def test_a_credential_is_warned_of(tmp_path: Path, place: str) -> None:
    store = open_store(tmp_path / place)
    store.put_registry(BASE)
    store.put_profile("team", "a", {"inference_settings": {"api": {"api_keys": {"k": SECRET}}}})
    assert [each.rule for each in store.warnings] == ["literal-credential"]
    assert SECRET not in str(store.warnings)
    store.put_profile("team", "b", {})
    assert store.warnings == ()


def test_a_lock_that_is_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_WAIT_SECONDS", 0.05)
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert refused(lambda: open_store(tmp_path / "team.yaml").put_registry(BASE)) == "unwritable-store"
    finally:
        os.close(handle)
    open_store(tmp_path / "team.yaml").put_registry(BASE)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("place", FILES)
def test_the_owner_stays(tmp_path: Path, place: str) -> None:
    store = open_store(tmp_path / place)
    store.put_registry(BASE)
    os.chown(tmp_path / place, 65534, 65534)
    store.put_profile("team", "a", {})
    assert (tmp_path / place).stat().st_uid == 65534
