"""The commands that write registries, in processes of their own; and what Jsonnet programs are given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_run import run

TEAM = "slug: team\nprofiles:\n  default:  # everyone's\n    inference_settings: {chat: {engine: m}}\n"
SECRET = "sk-canary-0123456789abcdef"


@pytest.fixture(params=["team.yaml", "team.json", "team.sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    (tmp_path / "base.yaml").write_text(TEAM)
    assert run("store", "put", request.param, "team", "base.yaml", cwd=tmp_path).code == 0
    place: str = request.param
    return place


def test_a_life_in_a_store(store: str, tmp_path: Path) -> None:
    profile = "stack: [{profile_slug: default}]\n"
    done = run("store", "put", store, "Team/Fast", "-", "--actor", "ada", cwd=tmp_path, stdin=profile)
    assert (done.code, done.out, done.err) == (0, "", f"put Team/Fast into {store}: version 1\n")
    done = run("store", "put", store, "team/fast", "-", "--format", "json", cwd=tmp_path, stdin=profile)
    assert done.json == {"diagnostics": [], "name": "team/fast", "version": 2}
    entries = run("store", "list", store, "--format", "json", cwd=tmp_path).json["entries"]
    assert [(each["name"], each.get("version")) for each in entries] == [
        ("team", 3),
        ("team/default", 1),
        ("team/fast", 2),
    ]
    entries = run("store", "history", store, "team/fast", "--format", "json", cwd=tmp_path).json["entries"]
    assert [(each["action"], each["actor"], each["version"]) for each in entries] == [
        ("put", None, 2),
        ("put", "ada", 1),
    ]
    assert "ada" in run("store", "history", store, cwd=tmp_path).out
    assert run("check", store, cwd=tmp_path).code == 0
    assert run("store", "delete", store, "team/fast", "--expect-version", "1", cwd=tmp_path).code == 1
    assert run("store", "delete", store, "team/fast", "--expect-version", "2", cwd=tmp_path).code == 0
    assert run("store", "delete", store, "team", cwd=tmp_path).code == 0
    done = run("store", "list", store, "--format", "json", cwd=tmp_path)
    # A file that held the registry is gone.
    assert done.json.get("entries") == [] if store.endswith("sqlite") else done.rules == ["missing-source"]


def test_findings_of_what_is_put_point_into_its_file(store: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("inference_settings:\n  chat: {temprature: 1}\n  api: {api_keys: 3}\n")
    done = run("store", "put", store, "team/bad", "bad.yaml", "--format", "json", cwd=tmp_path)
    assert done.code == 1
    found = [(each["rule"], each["file"], each["line"]) for each in done.json["diagnostics"]]
    assert found == [("unknown-field", "bad.yaml", 2), ("wrong-type", "bad.yaml", 3)]


def test_nothing_is_emptied_by_a_forgotten_file(store: str, tmp_path: Path) -> None:
    assert run("store", "put", store, "team/default", "--format", "json", cwd=tmp_path).rules == ["version-conflict"]
    assert run("store", "put", store, "team", "--format", "json", cwd=tmp_path).rules == ["version-conflict"]
    assert run("store", "put", store, "team/new", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "rule"),
    [
        (["put", "{}", "team/x", "missing.yaml"], 3, "missing-source"),
        (["put", "{}", "tame/x"], 1, "unknown-registry"),
        (["delete", "{}", "team/nope"], 1, "unknown-profile"),
        (["delete", "{}", "nope"], 1, "unknown-registry"),
        (["put", "x.jsonnet", "team"], 1, "unknown-source"),
        (["put", "no/such/team.yaml", "team"], 3, "unwritable-store"),
        (["put", "{}", "other", "base.yaml"], 2, "usage"),
        (["delete", "{}", "team", "--expect-version", "9"], 1, "version-conflict"),
    ],
)
def test_what_is_refused(store: str, tmp_path: Path, arguments: list[str], code: int, rule: str) -> None:
    before = (tmp_path / store).read_bytes()
    done = run("store", *(each.format(store) for each in arguments), "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (code, [rule])
    assert (tmp_path / store).read_bytes() == before


def test_a_credential_is_kept_and_never_shown(store: str, tmp_path: Path) -> None:
    profile = f"inference_settings: {{api: {{api_keys: {{openai-api-key: {SECRET}}}}}, chat: {{engine: m}}}}\n"
    shown = [
        run("store", "put", store, "team/own", "-", "--format", form, cwd=tmp_path, stdin=profile)
        for form in ("text", "json")
    ]
    shown.append(run("store", "put", store, "team/own", "-", cwd=tmp_path, stdin=profile.replace("engine", "engin")))
    shown += [run("store", *more, store, cwd=tmp_path) for more in (("list",), ("history",))]
    shown.append(run("convert", store, "out.json", cwd=tmp_path))
    assert [each.code for each in shown] == [0, 0, 1, 0, 0, 0]
    assert not any(SECRET in each.out + each.err for each in shown)
    assert SECRET in (tmp_path / "out.json").read_text()
    assert (tmp_path / "out.json").stat().st_mode & 0o077 == 0


def test_convert(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEAM)
    (tmp_path / "b.jsonnet").write_text("{slug: 'b', profiles: {default: {}}}")
    assert (
        run("convert", ".", "all.sqlite", cwd=tmp_path).err
        == "converted 2 profiles of 2 registries: wrote all.sqlite\n"
    )
    done = run("convert", "all.sqlite", "out", "--to", "json", "--format", "json", cwd=tmp_path)
    assert done.json["files"] == ["out/b.json", "out/team.json"]
    assert json.loads((tmp_path / "out" / "b.json").read_text()) == {"slug": "b", "profiles": {"default": {}}}
    assert run("convert", "all.sqlite", "one.yaml", "--format", "json", cwd=tmp_path).rules == ["one-registry"]
    assert run("convert", "a.yaml", "out/b.json", "--format", "json", cwd=tmp_path).rules == ["already-there"]
    assert run("convert", "a.yaml", "out/b.json", "--force", cwd=tmp_path).code == 0
    assert run("convert", "a.yaml", "x.jsonnet", cwd=tmp_path).code == 2
    assert run("convert", "missing", "x.json", cwd=tmp_path).code == 3
    (tmp_path / "bad.yaml").write_text("slug: bad\nprofils: {}\n")
    assert run("convert", "bad.yaml", "x.json", "--format", "json", cwd=tmp_path).rules == ["unknown-field"]
    assert not (tmp_path / "x.json").exists()


PROGRAM = """\
function(tier='low') {
  slug: std.extVar('who'),
  profiles: {default: {
    inference_settings: {chat: {engine: (import 'lib.libsonnet').model, temperature: std.extVar('heat')}},
    extensions: {'test.tier@v1': tier},
  }},
}
"""


def test_programs_are_given_what_the_command_line_and_the_project_say(tmp_path: Path) -> None:
    (tmp_path / "team.jsonnet").write_text(PROGRAM)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "lib.libsonnet").write_text("{model: 'm'}")
    given = ["--ext-str", "who=team", "--ext-code", "heat=1/2", "--jpath", "lib"]
    done = run("show", "--source", "team.jsonnet", *given, "--tla-str", "tier=high", "--format", "json", cwd=tmp_path)
    assert done.json["artifact"]["inference_settings"] == {"chat": {"engine": "m", "temperature": 0.5}}
    assert done.json["artifact"]["extensions"] == {"test.tier@v1": "high"}
    (tmp_path / "profilec.toml").write_text(
        'sources = ["team.jsonnet"]\njpath = ["lib"]\n[ext-str]\nwho = "project"\n[ext-code]\nheat = "1"\n'
    )
    (tmp_path / "below").mkdir()
    assert run("build", "--ext-str", "WHO", cwd=tmp_path).code == 2
    done = run("build", "--ext-str", "who", "--tla-code", "tier={a: 1}", cwd=tmp_path / "below", who="from-environment")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "build" / "manifest.json").read_text())
    assert manifest["default"] == "from-environment/default"
    assert [each["name"] for each in manifest["inputs"]["imports"]] == ["lib/lib.libsonnet"]
    assert [(each["kind"], each["name"]) for each in manifest["inputs"]["variables"]] == [
        ("ext-code", "heat"),
        ("ext-str", "who"),
        ("tla-code", "tier"),
    ]
    assert "from-environment" not in json.dumps(manifest["inputs"])


def test_a_changed_import_or_variable_makes_a_build_stale(tmp_path: Path) -> None:
    (tmp_path / "t.jsonnet").write_text(
        "{slug: 't', profiles: {a: (import 'lib.libsonnet')}, description: std.extVar('d')}"
    )
    (tmp_path / "lib.libsonnet").write_text("{}")
    given = ["t.jsonnet", "--ext-str", "d=x"]
    assert run("build", *given, cwd=tmp_path).code == 0
    assert run("build", "--check", *given, cwd=tmp_path).code == 0
    assert run("build", "--check", "t.jsonnet", "--ext-str", "d=y", cwd=tmp_path).code == 1
    (tmp_path / "lib.libsonnet").write_text("{ }")
    assert run("build", "--check", *given, cwd=tmp_path).code == 1


@pytest.mark.parametrize(
    "text", ["ext-str = 3\n", "[ext-str]\na = 3\n", 'jpath = "lib"\n', 'jpath = [""]\n', "[tla_str]\n"]
)
def test_a_configuration_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "profilec.toml").write_text(text)
    done = run("check", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (2, ["configuration"])
