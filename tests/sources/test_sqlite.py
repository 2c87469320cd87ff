"""SQLite registries: what the original wrote is read, nothing is touched, and a broken database is a finding."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import profilec
import pytest
from databases import CREATE, database, registry
from profilec import schemas
from profilec.diagnostics import Report
from profilec.passes.parse import read_tree
from profilec.states import Text
from profilec.syntax import payload

# Every section as Go writes it: all fields there, most of them not set.
GO = {
    "API": {"APIKeys": {"openai-api-key": "${env:KEY}"}, "BaseUrls": {}, "AllowHTTP": None, "AllowLocalNetworks": None},
    "Chat": {
        "Engine": "gpt-5-mini",
        "ApiType": "openai",
        "MaxResponseTokens": None,
        "TopP": None,
        "Temperature": 0,
        "Stop": None,
        "APIKeys": None,
        "Stream": False,
        "CacheType": "",
        "CacheMaxSize": 0,
        "CacheMaxEntries": 7,
        "CacheDirectory": "",
        "StructuredOutputMode": "",
        "StructuredOutputName": "answer",
        "StructuredOutputStrict": False,
        "StructuredOutputRequireValid": False,
    },
    "OpenAI": {"N": None, "StreamIncludeUsage": True, "LogitBias": {"1": "2"}},
    "Client": {"Timeout": 90_000_000_000, "TimeoutSeconds": 90, "ProxyURL": None, "HTTPClient": None},
    "Claude": None,
    "Gemini": {"APIVersion": "", "IncludeThoughts": False, "ThinkingLevel": "LOW"},
    "Ollama": {"NumCtx": 0, "MirostatEta": 0.5},
    "Embeddings": {"Type": "", "Engine": "", "Dimensions": 0, "BaseURLs": {"ollama-base-url": "http://h"}},
    "Rerank": {"Type": "llamacpp", "Engine": "", "MaxRequestBytes": 0},
    "Inference": {"seed": 0, "top_p": 0.5},
    "ModelInfo": {"context_window": 8, "cost": {"input": 0, "output": 0}},
}
YAML = {
    "api": {"api_keys": {"openai-api-key": {"$secret": "env:KEY"}}},
    "chat": {
        "engine": "gpt-5-mini",
        "api_type": "openai",
        "temperature": 0,
        "cache_max_entries": 7,
        "structured_output_name": "answer",
        "structured_output_strict": False,
    },
    "openai": {"stream-include-usage": True, "logit_bias": {"1": "2"}},
    "client": {"timeout": 90},
    "gemini": {"include_thoughts": False, "thinking_level": "LOW"},
    "ollama": {"num-ctx": 0, "mirostat-eta": 0.5},
    "embeddings": {"base_urls": {"ollama-base-url": "http://h"}},
    "rerank": {"type": "llamacpp"},
    "inference": {"seed": 0, "top_p": 0.5},
    "model_info": {"context_window": 8, "cost": {"input": 0, "output": 0}},
}


def settings(path: Path, name: str = "acme/a") -> Any:
    return profilec.compile(path, root=path.parent).artifacts[name].document["inference_settings"]


def findings(*sources: Any, root: Path) -> list[profilec.Diagnostic]:
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(list(sources), root=root)
    return [each for each in caught.value.diagnostics if each.severity == "error"]


def test_what_go_wrote_is_read_under_the_names_of_yaml(tmp_path: Path) -> None:
    assert settings(database(tmp_path / "users.sqlite", {"acme": registry("acme", "a", a=GO)})) == YAML


def test_names_of_yaml_and_of_any_case_are_read_too(tmp_path: Path) -> None:
    given = {"chat": {"api_type": "openai", "ENGINE": "m", "stream": False}, "client": {"timeout": 5}}
    found = settings(database(tmp_path / "users.db", {"acme": registry("acme", "a", a=given)}))
    assert found == {"chat": {"api_type": "openai", "engine": "m", "stream": False}, "client": {"timeout": 5}}


@pytest.mark.parametrize(
    ("client", "timeout"),
    [
        ({"Timeout": 2_000_000_000, "TimeoutSeconds": None}, 2),
        ({"Timeout": 2_000_000_000}, 2),
        ({"Timeout": None, "TimeoutSeconds": 3}, 3),
        ({"Timeout": 500_000_000, "TimeoutSeconds": 0}, 0),
        ({"Timeout": None, "TimeoutSeconds": None}, None),
    ],
)
def test_a_timeout_is_in_seconds(tmp_path: Path, client: dict[str, Any], timeout: int | None) -> None:
    path = database(tmp_path / "users.sqlite", {"acme": registry("acme", "a", a={"Client": client})})
    assert settings(path).get("client", {}).get("timeout") == timeout


def test_a_timeout_that_is_no_whole_second_is_refused(tmp_path: Path) -> None:
    given = {"Client": {"Timeout": 1_500_000_000}}
    [found] = findings(database(tmp_path / "u.sqlite", {"acme": registry("acme", "a", a=given)}), root=tmp_path)
    assert (found.rule, found.file) == ("invalid-value", "u.sqlite#profile_registries/acme")


def test_every_field_has_a_name_that_go_has_for_it() -> None:
    for section, table in schemas.load("settings")["properties"].items():
        assert table["x-go-name"]
        for name, field in table["properties"].items():
            # What is inside of these two has the same names in both.
            assert ("x-go-name" in field) == (section not in ("inference", "model_info")), name


def test_a_payload_that_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    chat = {"stream": False, "cache_type": "", "cache_max_size": 0, "temperature": 0, "stop": []}
    document = {
        "slug": "acme",
        "profiles": {"a": {"inference_settings": {**YAML, "chat": chat, "rerank": {"engine": ""}}}},
    }
    tree = read_tree(Text("x", payload.dump(document, "a"), "payload", slug="acme"), report := Report())
    assert not list(report)
    assert tree is not None
    assert tree.default == "a"
    assert tree.value["profiles"]["a"]["inference_settings"] == document["profiles"]["a"]["inference_settings"]
    written = json.loads(payload.dump(document, "a"))["profiles"]["a"]["inference_settings"]
    assert written["Client"] == {"Timeout": 90_000_000_000, "TimeoutSeconds": 90}
    assert written["API"]["APIKeys"]


def test_a_file_holds_many_registries_in_order_of_slug_and_lies_on_what_stands_before(tmp_path: Path) -> None:
    empty: dict[str, Any] = {}
    path = database(tmp_path / "u.sqlite", {"zeta": registry("zeta", x=empty), "beta": registry("beta", x=empty)})
    build = profilec.compile([{"slug": "under", "profiles": {"x": {}}}, path], root=tmp_path)
    assert build.manifest["precedence"] == ["beta", "zeta", "under"]
    assert build.manifest["default"] == "beta/x"
    assert [each["name"] for each in build.manifest["sources"]] == ["<memory>/under", "u.sqlite"]
    assert build.manifest["sources"][1]["kind"] == "sqlite"


def test_the_payload_names_the_default(tmp_path: Path) -> None:
    empty: dict[str, Any] = {}
    path = database(tmp_path / "u.sqlite", {"acme": registry("acme", "Zed", default=empty, zed=empty)})
    assert profilec.compile(path).manifest["default"] == "acme/zed"
    path = database(tmp_path / "v.sqlite", {"acme": registry("acme", "zde", default=empty, zed=empty)})
    [found] = findings(path, root=tmp_path)
    assert (found.rule, found.hint) == ("unknown-profile", "did you mean `zed`?")


@pytest.mark.parametrize(
    ("payload_json", "rule"),
    [
        ('{"slug": "acme", "profiles": {"a": {"inference_settings": {"Chat": {"Engin": "x"}}}}}', "unknown-field"),
        ('{"slug": "acme", "profiles": {"a": {"inference_settings": {"Chat": {"Engine": 1}}}}}', "wrong-type"),
        ('{"slug": "other", "profiles": {}}', "slug-mismatch"),
        (
            '{"slug": "acme", "profiles": {"a": {"inference_settings": {"Chat": {"ApiType": "", "api_type": ""}}}}}',
            "duplicate-key",
        ),
        ('{"slug": "acme", "profiles"', "json-syntax"),
        ("", "not-a-registry"),
        ("[]", "not-a-registry"),
        (b"\x00\x01", "wrong-type"),
        ('{"slug": "acme", "default_profile_slug": "a b", "profiles": {}}', "invalid-slug"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_with_its_place(tmp_path: Path, payload_json: Any, rule: str) -> None:
    path = database(tmp_path / "u.sqlite", {"acme": payload_json, "fine": registry("fine", a={})})
    [found] = findings(path, root=tmp_path)
    assert (found.rule, found.file) == (rule, "u.sqlite#profile_registries/acme")


def test_a_finding_names_the_profile(tmp_path: Path) -> None:
    path = database(tmp_path / "u.sqlite", {"acme": registry("acme", a={"chat": {"temprature": 1}})})
    [found] = findings(path, root=tmp_path)
    assert [note.message for note in found.notes] == ["in the profile `a`"]


def test_a_payload_without_a_slug_has_that_of_its_row(tmp_path: Path) -> None:
    path = database(tmp_path / "u.sqlite", {"Acme": {"slug": "", "profiles": {"a": {}}}})
    assert list(profilec.compile(path).artifacts) == ["acme/a"]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_reading_leaves_no_trace(tmp_path: Path, mode: str) -> None:
    path = database(tmp_path / "u.sqlite", {"acme": registry("acme", a={})}, mode=mode)
    before = path.stat()
    tmp_path.chmod(0o555)
    try:
        profilec.compile(path)
        assert [each.name for each in tmp_path.iterdir()] == ["u.sqlite"]
    finally:
        tmp_path.chmod(0o755)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_size, after.st_ino) == (before.st_mtime_ns, before.st_size, before.st_ino)


@pytest.mark.parametrize(
    "source", ["sqlite:{}", "sqlite-dsn:file:{}?mode=rwc", "sqlite-dsn:{}?_journal_mode=WAL", "{}"]
)
def test_a_mistyped_path_makes_no_file(tmp_path: Path, source: str) -> None:
    [found] = findings(source.format(tmp_path / "usrs.sqlite"), root=tmp_path)
    assert (found.rule, found.environment) == ("missing-source", True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "source",
    [
        "sqlite:{}",
        "sqlite-dsn:{}",
        "sqlite-dsn:file:{}?mode=rwc&cache=shared",
        "sqlite-dsn:file://{}?_busy_timeout=5",
        "{}",
    ],
)
def test_a_database_is_named_in_several_ways(tmp_path: Path, source: str) -> None:
    path = database(tmp_path / "a file?#%41.bin", {"acme": registry("acme", a={})})
    name = str(path)
    if source.startswith("sqlite-dsn:file"):
        name = name.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    elif source.startswith("sqlite-dsn"):
        path = database(tmp_path / "u.bin", {"acme": registry("acme", a={})})
        name = str(path)
    build = profilec.compile(source.format(name), root=tmp_path)
    assert list(build.artifacts) == ["acme/a"]
    assert build.manifest["sources"][0]["name"] == path.name


@pytest.mark.parametrize(
    "source", ["sqlite-dsn::memory:", "sqlite-dsn:file:x.db?mode=memory", "sqlite-dsn:file://host/x.db", "sqlite:"]
)
def test_what_is_no_file_is_refused(tmp_path: Path, source: str) -> None:
    [found] = findings(source, root=tmp_path)
    assert found.rule == "empty-source"


def test_bytes_from_memory_are_a_database_too(tmp_path: Path) -> None:
    data = database(tmp_path / "u.sqlite", {"acme": registry("acme", a={})}).read_bytes()
    assert list(profilec.compile(profilec.Text("users", data, "sqlite")).artifacts) == ["acme/a"]


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_database_that_is_being_written_is_refused(tmp_path: Path, ending: str) -> None:
    path = database(
        tmp_path / "u.sqlite", {"acme": registry("acme", a={})}, mode="wal" if ending == "-wal" else "delete"
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE profile_registries SET payload_json = hex(zeroblob(100000))")
        if ending == "-wal":
            writer.execute("COMMIT")
        assert path.with_name(path.name + ending).stat().st_size
        [found] = findings(path, root=tmp_path)
        assert (found.rule, found.environment) == ("unfinished-database", True)
        if ending == "-journal":
            writer.execute("ROLLBACK")
    if ending == "-journal":
        assert list(profilec.compile(path).artifacts) == ["acme/a"]


HOSTILE = {
    "a view": "CREATE VIEW profile_registries AS SELECT 'a' AS slug, '{}' AS payload_json",
    "an endless view": "CREATE VIEW profile_registries AS WITH RECURSIVE r(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i AS slug, '' AS payload_json FROM r",
    "no table": "CREATE TABLE other (x)",
    "other columns": "CREATE TABLE profile_registries (name TEXT)",
    "a generated column": "CREATE TABLE profile_registries (slug TEXT, "
    "payload_json TEXT GENERATED ALWAYS AS (hex(zeroblob(300000000))))",
    "a computed default of an extension": "CREATE VIRTUAL TABLE profile_registries USING fts5(slug, payload_json)",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_table_is_a_finding(tmp_path: Path, what: str) -> None:
    path = tmp_path / "u.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(HOSTILE[what])
        if what == "a generated column":
            connection.execute("INSERT INTO profile_registries (slug) VALUES ('a')")
        connection.commit()
    found = findings(path, root=tmp_path)
    assert {each.rule for each in found} <= {"not-a-registry", "broken-database"}
    assert all(len(each.message) < 400 for each in found)


def test_a_row_cannot_reach_out(tmp_path: Path) -> None:
    """A trigger, an expression index and a check run nothing that is not allowed."""
    path = tmp_path / "u.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(CREATE)
        connection.execute("CREATE INDEX i ON profile_registries (upper(payload_json))")
        connection.execute(
            "CREATE TRIGGER t AFTER UPDATE ON profile_registries BEGIN DELETE FROM profile_registries; END"
        )
        connection.execute(
            "INSERT INTO profile_registries VALUES ('acme', ?, 0)", (json.dumps(registry("acme", a={})),)
        )
        connection.commit()
    assert list(profilec.compile(path).artifacts) == ["acme/a"]


def test_damaged_databases_are_findings_and_nothing_else(tmp_path: Path) -> None:
    """Flipped bytes and cut files; what still reads as it was is another matter, and for the digest of the file."""
    whole = database(
        tmp_path / "u.sqlite", {f"r{n}": registry(f"r{n}", a={"chat": {"engine": "m" * 300}}) for n in range(40)}
    ).read_bytes()
    rng = random.Random(7)
    outcomes = []
    for number in range(250):
        data = bytearray(whole)
        if number % 5 == 0:
            del data[rng.randrange(1, len(data)) :]
        for _ in range(rng.choice((1, 1, 8))):
            at = rng.randrange(len(data))
            data[at] ^= 1 << rng.randrange(8)
        try:
            build = profilec.compile(profilec.Text("u.sqlite", bytes(data), "sqlite"))
        except profilec.CompileError as error:
            outcomes.append("refused")
            assert error.diagnostics
        else:
            outcomes.append("read")
            assert (
                build.manifest["sources"][0]["digest"]
                != profilec.compile(profilec.Text("u.sqlite", whole, "sqlite")).manifest["sources"][0]["digest"]
            )
    assert outcomes.count("refused") > 50


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(84), b"no database at all"])
def test_what_is_no_database_is_a_finding(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "u.sqlite").write_bytes(data)
    [found] = findings("sqlite:" + str(tmp_path / "u.sqlite"), root=tmp_path)
    assert found.rule in ("broken-database", "not-a-registry")


def test_a_credential_in_a_row_is_not_shown(tmp_path: Path) -> None:
    secret = "sk-canary-0123456789abcdef"
    given = {"API": {"APIKeys": {"openai-api-key": secret}}, "Chat": {"Engin": "x"}}
    path = database(tmp_path / "u.sqlite", {"acme": registry("acme", a=given)})
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(path, root=tmp_path)
    told = json.dumps([[each.as_dict(), str(each.excerpt)] for each in caught.value.diagnostics])
    assert "literal-credential" in told
    assert secret not in told


def test_a_directory_s_databases_are_read_in_order_of_path(tmp_path: Path) -> None:
    empty: dict[str, Any] = {}
    database(tmp_path / "20.sqlite", {"upper": registry("upper", a=empty)})
    (tmp_path / "10.yaml").write_text("slug: lower\nprofiles: {a: {}}\n")
    assert profilec.compile(tmp_path).manifest["precedence"] == ["upper", "lower"]
