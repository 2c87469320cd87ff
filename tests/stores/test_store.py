"""Stores: the same promises over YAML, JSON, SQLite and memory."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import profilec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from profilec import Store, StoreError, VersionConflict, open_store
from profilec.stores.sqlite import SCHEMA

PLACES = ["team.yaml", "team.json", "team.sqlite", None]
BASE = {"slug": "team", "profiles": {"default": {"inference_settings": {"chat": {"engine": "m"}}}}}
SECRET = "sk-canary-0123456789abcdef"


class Clock:
    """Seconds that pass when they are asked for."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture(params=PLACES, ids=str)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield open_store(request.param and tmp_path / request.param, clock=Clock())


def refused(change: Callable[[], object]) -> profilec.Diagnostic:
    with pytest.raises(StoreError) as caught:
        change()
    return caught.value.diagnostics[0]


def test_what_is_put_is_there(store: Store) -> None:
    assert store.registries() == {}
    assert store.put_registry(BASE) == 1
    assert store.put_profile("TEAM", " Fast ", {"display_name": "yes", "stack": [{"profile_slug": "default"}]}) == 1
    found = store.registry("team")
    assert list(found["profiles"]) == ["default", "fast"]
    assert store.profile("team", "FAST")["display_name"] == "yes"
    assert store.profile("team", "default")["inference_settings"] == {"chat": {"engine": "m"}}
    build = profilec.compile(list(store.registries().values()))
    assert build.artifacts["team/fast"].document["inference_settings"] == {"chat": {"engine": "m"}}


def test_a_store_s_file_is_a_source(tmp_path: Path) -> None:
    for place in PLACES[:3]:
        assert place
        store = open_store(tmp_path / place)
        store.put_registry(BASE)
        store.put_profile("team", "fast", {"stack": [{"profile_slug": "default"}]})
        artifact = profilec.compile(tmp_path / place).artifacts["team/fast"].document
        assert artifact["metadata"]["profile.version"] == 1


def test_versions_are_counted_and_who_and_when_is_kept(store: Store) -> None:
    store.put_registry({**BASE, "metadata": {"version": 40, "tags": ["a"], "created_by": "nobody"}}, actor="ada")
    assert store.put_profile("team", "fast", {}, actor="bob", source="ui") == 1
    assert store.put_profile("team", "fast", {"description": "d", "metadata": {"version": 9, "created_by": "eve"}}) == 2
    assert store.profile("team", "fast")["metadata"] == {
        "source": "ui",
        "version": 2,
        "created_at_ms": 1002000,
        "updated_at_ms": 1003000,
        "created_by": "bob",
        "updated_by": "bob",
    }
    assert store.registry("team")["metadata"] == {
        "version": 3,
        "created_at_ms": 1001000,
        "updated_at_ms": 1003000,
        "created_by": "ada",
        "updated_by": "bob",
        "tags": ["a"],
    }


def test_a_registry_that_is_put_again_counts_only_the_profiles_that_changed(store: Store) -> None:
    store.put_registry({"slug": "team", "profiles": {"a": {"description": "1"}, "b": {"description": "1"}}})
    store.put_registry({"slug": "team", "profiles": {"a": {"description": "1"}, "b": {"description": "2"}, "c": {}}})
    versions = {slug: each["metadata"]["version"] for slug, each in store.registry("team")["profiles"].items()}
    assert versions == {"a": 1, "b": 2, "c": 1}


def test_an_expected_version_that_is_not_there_refuses(store: Store) -> None:
    store.put_registry(BASE, expect_version=0)
    store.put_profile("team", "fast", {}, expect_version=0)
    before = store.registries()
    for change in (
        lambda: store.put_profile("team", "fast", {"description": "lost"}, expect_version=2),
        lambda: store.delete_profile("team", "fast", expect_version=0),
        lambda: store.put_registry(BASE, expect_version=0),
        lambda: store.delete_registry("team", expect_version=1),
    ):
        with pytest.raises(VersionConflict) as caught:
            change()
        assert caught.value.diagnostics[0].rule == "version-conflict"
        assert str(caught.value.expected) in str(caught.value.diagnostics[0].message)
        assert caught.value.actual != caught.value.expected
    assert store.registries() == before


def test_deletes(store: Store) -> None:
    store.put_registry(BASE)
    store.put_profile("team", "fast", {"stack": [{"profile_slug": "default"}]})
    assert refused(lambda: store.delete_profile("team", "default")).rule == "unknown-profile"
    store.delete_profile("team", "fast")
    assert list(store.registry("team")["profiles"]) == ["default"]
    store.delete_registry("team")
    assert store.registries() == {}
    assert [(each.action, each.name) for each in store.history()] == [
        ("delete", "team"),
        ("delete", "team/fast"),
        ("put", "team/fast"),
        ("put", "team"),
    ]


@pytest.mark.parametrize(
    ("profile", "rule"),
    [
        ({"inference_settings": {"chat": {"temprature": 1}}}, "unknown-field"),
        ({"inference_settings": {"chat": {"temperature": "1"}}}, "wrong-type"),
        ({"stack": [{"profile_slug": "nope"}]}, "unknown-profile"),
        ({"stack": [{"profile_slug": "fast"}]}, "stack-cycle"),
        ({"slug": "other"}, "slug-mismatch"),
        ({"extensions": {"bad": 1}}, "invalid-extension-key"),
        ({"inference_settings": {"model_info": {"metadata": {"x": float("nan")}}}}, "unsafe-number"),
        ([], "wrong-type"),
    ],
)
def test_what_would_not_compile_is_not_written(store: Store, profile: Any, rule: str) -> None:
    store.put_registry(BASE)
    before, history = store.registries(), store.history()
    assert refused(lambda: store.put_profile("team", "fast", profile)).rule == rule
    assert (store.registries(), store.history()) == (before, history)


def test_a_stack_on_another_registry_is_for_the_chain_to_look_at(store: Store) -> None:
    store.put_registry(BASE)
    store.put_profile("team", "fast", {"stack": [{"registry_slug": "elsewhere", "profile_slug": "x"}]})


def test_names_that_are_not_there(store: Store) -> None:
    store.put_registry(BASE)
    assert refused(lambda: store.put_profile("taem", "x", {})).hint == "did you mean `team`?"
    assert refused(lambda: store.profile("team", "defalt")).hint == "did you mean `default`?"
    assert refused(lambda: store.delete_registry("other")).rule == "unknown-registry"
    assert refused(lambda: store.put_profile("team", "a b", {})).rule == "invalid-slug"


def test_the_history_tells_which_fields_changed_and_no_value(store: Store) -> None:
    store.put_registry(BASE)
    chat = {"engine": "m", "temperature": 1}
    store.put_profile("team", "fast", {"inference_settings": {"chat": chat}}, actor="ada")
    store.put_profile(
        "team", "fast", {"inference_settings": {"chat": {**chat, "engine": "n"}, "api": {"api_keys": {"k": SECRET}}}}
    )
    latest, first, _ = store.history("team")
    assert first.fields == ["/inference_settings/chat/engine", "/inference_settings/chat/temperature"]
    assert latest.fields == ["/inference_settings/api/api_keys/k", "/inference_settings/chat/engine"]
    assert (first.actor, first.version, latest.version) == ("ada", 1, 2)
    assert store.history("team", "fast") == [latest, first]
    assert SECRET not in str(store.history())


@pytest.mark.parametrize("place", PLACES[:3])
def test_a_credential_makes_the_file_its_owner_s(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    store = open_store(path)
    store.put_registry(BASE)
    path.chmod(0o664)
    store.put_profile("team", "a", {"description": "the mode stays"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    store.put_profile("team", "a", {"inference_settings": {"api": {"api_keys": {"k": SECRET}}}})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.put_profile("team", "b", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", PLACES[:3])
def test_what_is_there_and_broken_is_not_written_over(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.write_bytes(b"slug: team\nprofils: {}\n" if place.endswith("yaml") else b"no registry")
    before = path.read_bytes()
    found = refused(lambda: open_store(path).put_registry(BASE))
    assert found.rule in ("unknown-field", "json-syntax", "broken-database")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [place]


@pytest.mark.parametrize("place", ["team.yaml", "team.json"])
def test_a_file_holds_one_registry(tmp_path: Path, place: str) -> None:
    store = open_store(tmp_path / place)
    store.put_registry(BASE)
    assert refused(lambda: store.put_registry({"slug": "other"})).rule == "one-registry"
    open_store(tmp_path / "many.sqlite").put_registry(BASE)
    open_store(tmp_path / "many.sqlite").put_registry({"slug": "other"})
    assert list(open_store(tmp_path / "many.sqlite").registries()) == ["other", "team"]


def test_through_a_link_the_file_is_changed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "team.yaml").symlink_to("real/team.yaml")
    (tmp_path / "real" / "team.yaml").write_text("slug: team\nprofiles: {}\n")
    open_store(tmp_path / "team.yaml").put_profile("team", "a", {})
    assert (tmp_path / "team.yaml").is_symlink()
    assert "a:" in (tmp_path / "real" / "team.yaml").read_text()


def test_jsonnet_cannot_be_written(tmp_path: Path) -> None:
    assert refused(lambda: open_store(tmp_path / "x.jsonnet")).rule == "unknown-source"


@pytest.mark.parametrize("place", PLACES[:3])
def test_a_directory_that_is_not_there_is_the_machine_s_fault(tmp_path: Path, place: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "no" / place).put_registry(BASE)
    assert caught.value.is_environment


def test_the_original_reads_what_is_written_to_sqlite(tmp_path: Path) -> None:
    """The columns, the names of Go, nanoseconds, a slug in every profile, and a default."""
    store = open_store(tmp_path / "u.sqlite", clock=Clock())
    chat = {"api_type": "openai", "max_response_tokens": 5}
    store.put_registry(
        {"slug": "Acme", "profiles": {"b": {}, "a": {"inference_settings": {"chat": chat, "client": {"timeout": 3}}}}}
    )
    with closing(sqlite3.connect(tmp_path / "u.sqlite")) as connection:
        [(slug, text, updated)] = connection.execute("SELECT slug, payload_json, updated_at_ms FROM profile_registries")
    payload = json.loads(text)
    assert (slug, updated, payload["slug"], payload["default_profile_slug"]) == ("acme", 1001000, "acme", "a")
    assert payload["profiles"]["a"]["slug"] == "a"
    assert payload["profiles"]["a"]["inference_settings"] == {
        "Chat": {"ApiType": "openai", "MaxResponseTokens": 5},
        "Client": {"Timeout": 3_000_000_000, "TimeoutSeconds": 3},
    }


def test_a_database_s_default_and_other_tables_stay(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "u.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE mine (x)")
        connection.execute(SCHEMA)
        payload = {
            "slug": "ACME",
            "default_profile_slug": "z",
            "profiles": {"z": {"slug": "z"}, "default": {"slug": "default"}},
        }
        connection.execute("INSERT INTO profile_registries VALUES (' ACME', ?, 1)", (json.dumps(payload),))
        connection.commit()
    store = open_store(tmp_path / "u.sqlite")
    store.put_profile("acme", "b", {})
    assert profilec.compile(tmp_path / "u.sqlite").manifest["default"] == "acme/z"
    store.delete_profile("acme", "z")
    assert profilec.compile(tmp_path / "u.sqlite").manifest["default"] == "acme/default"
    with closing(sqlite3.connect(tmp_path / "u.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM mine, profile_registries").fetchone() == (0,)
        assert connection.execute("SELECT slug FROM profile_registries").fetchall() == [(" ACME",)]


# What a profile may hold, small: texts that YAML could take for something else among it.
TEXTS = some.sampled_from(
    ["yes", "010", "1e3", "null", "~", "a: b", "# c", " x ", "l\nm\n", "ü", "", "2026-01-01", "-", "'q'"]
)
PROFILES = some.fixed_dictionaries(
    {},
    optional={
        "display_name": TEXTS,
        "inference_settings": some.fixed_dictionaries(
            {},
            optional={
                "chat": some.fixed_dictionaries(
                    {},
                    optional={
                        "engine": TEXTS,
                        "stream": some.booleans(),
                        "cache_max_size": some.integers(0, 2),
                        "temperature": some.sampled_from([0, 0.5, 1]),
                        "stop": some.lists(TEXTS, max_size=2),
                    },
                ),
                "client": some.fixed_dictionaries({}, optional={"timeout": some.integers(0, 3)}),
            },
        ),
        "extensions": some.dictionaries(
            some.just("a.b@v1"),
            some.recursive(
                TEXTS | some.none() | some.booleans(), lambda each: some.dictionaries(TEXTS, each) | some.lists(each)
            ),
            max_size=1,
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(changes=some.lists(some.tuples(some.sampled_from("abc"), PROFILES | some.none()), max_size=5))
def test_every_place_holds_the_same_after_the_same_changes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, dict[str, Any] | None]]
) -> None:
    directory = tmp_path_factory.mktemp("stores")
    found = []
    for place in PLACES:
        store = open_store(place and directory / place, clock=Clock())
        store.put_registry({"slug": "team", "profiles": {"default": {}}})
        for slug, profile in changes:
            if profile is not None:
                store.put_profile("team", slug, profile)
            elif slug in store.registry("team")["profiles"]:
                store.delete_profile("team", slug)
        found.append(store.registries())
        assert open_store(place and directory / place).registries() == found[-1] if place else True
    assert found[0] == found[1] == found[2] == found[3]
