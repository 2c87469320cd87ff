"""The command migrate: what it writes and when it does not, what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from cli_run import TEAM, contents, run

OLD = """\
# of long ago
fast:
  ai-chat: {ai-engine: gpt-4o, ai-temperature: "0.2"}
  openai-chat: {openai-api-key: canary-1234567890}
deep:
  ai-chat: {ai-engine: o3}
"""
BUNDLE = "registries:\n  a: {profiles: {default: {}}}\n  b: {profiles: {default: {}}}\n"
PROXY = "model_list:\n  - {model_name: m, litellm_params: {model: openai/gpt-4o, api_key: canary-1234567890}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("profiles.yaml", OLD), ("bundle.yaml", BUNDLE), ("team.yaml", TEAM), ("config.yaml", PROXY)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_one_registry_goes_to_standard_output_and_the_remarks_beside_it(project: Path) -> None:
    done = run("migrate", "profiles.yaml", cwd=project)
    assert done.code == 0
    assert done.out.startswith("slug: profiles\nprofiles:\n  fast:\n")
    assert "warning[literal-credential]" in done.err
    assert "note[migrated]" in done.err, "notes are shown without being asked for: they are what was done"
    assert "canary" not in done.out + done.err
    (project / "registries").mkdir()
    (project / "registries" / "made.yaml").write_text(done.out, "utf-8")
    assert run("check", "registries", cwd=project).code == 0


def test_what_was_written_need_not_be_migrated_again(project: Path) -> None:
    assert run("migrate", "profiles.yaml", "-o", "made.yaml", cwd=project).code == 0
    before = contents(project)
    again = run("migrate", "made.yaml", "-o", "again.yaml", cwd=project)
    assert (again.code, again.out) == (0, "")
    assert again.err == "made.yaml is a registry already: nothing to do\n"
    assert contents(project) == before


def test_several_registries_need_a_directory(project: Path) -> None:
    assert run("migrate", "bundle.yaml", cwd=project).code == 2
    assert run("migrate", "bundle.yaml", "-o", "made.yaml", cwd=project).code == 2
    assert not (project / "made.yaml").exists()
    assert run("migrate", "bundle.yaml", "profiles.yaml", "-o", "made", cwd=project).code == 0
    assert sorted(contents(project / "made")) == ["a.yaml", "b.yaml", "profiles.yaml"]


def test_two_registries_of_one_name_are_refused(project: Path) -> None:
    done = run("migrate", "profiles.yaml", "bundle.yaml", "--slug", "a", "-o", "made", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["duplicate-registry"])
    assert not (project / "made").exists()


def test_a_file_that_is_there_is_replaced_only_by_force(project: Path) -> None:
    (project / "made.yaml").write_text("mine\n", "utf-8")
    (project / "made.yaml").chmod(0o640)
    refused = run("migrate", "profiles.yaml", "-o", "made.yaml", cwd=project)
    assert refused.code == 1
    assert "error[already-there]" in refused.err
    assert (project / "made.yaml").read_text("utf-8") == "mine\n"
    assert run("migrate", "profiles.yaml", "-o", "made.yaml", "--force", cwd=project).code == 0
    assert (project / "made.yaml").read_text("utf-8").startswith("slug: profiles\n")
    assert stat.S_IMODE((project / "made.yaml").stat().st_mode) == 0o640
    # The very same text is in no one's way.
    assert run("migrate", "profiles.yaml", "-o", "made.yaml", cwd=project).code == 0


def test_nothing_is_written_where_one_of_several_is_in_the_way(project: Path) -> None:
    (project / "made").mkdir()
    (project / "made" / "b.yaml").write_text("mine\n", "utf-8")
    assert run("migrate", "bundle.yaml", "-o", "made", cwd=project).code == 1
    assert contents(project / "made") == {"b.yaml": b"mine\n"}


@pytest.mark.parametrize("place", ["profiles.yaml", "soft.yaml", "hard.yaml", "there/../profiles.yaml", "."])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_file_that_is_read_is_never_replaced(project: Path, place: str, force: list[str]) -> None:
    (project / "soft.yaml").symlink_to("profiles.yaml")
    (project / "hard.yaml").hardlink_to(project / "profiles.yaml")
    (project / "there").mkdir()
    before = contents(project)
    done = run("migrate", "team.yaml", "profiles.yaml", "-o", place, *force, "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["already-there"])
    assert contents(project) == before
    assert (project / "soft.yaml").is_symlink()


def test_no_input_is_replaced_by_what_another_becomes(project: Path) -> None:
    (project / "b.yaml").write_text(TEAM, "utf-8")
    (project / "in").mkdir()
    (project / "in" / "link.yaml").symlink_to("../a.yaml")
    (project / "a.yaml").write_text(OLD, "utf-8")
    before = contents(project)
    for inputs in (["bundle.yaml", "b.yaml"], ["bundle.yaml", "in/link.yaml", "--slug", "own"]):
        assert run("migrate", *inputs, "-o", ".", "--force", cwd=project).code == 1
        assert contents(project) == before


def test_a_table_that_is_read_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "provider.toml").write_text('name = "Acme"\nnpm = "@ai-sdk/openai"\n', "utf-8")
    (tmp_path / "made.yaml").hardlink_to(tmp_path / "acme" / "provider.toml")
    before = contents(tmp_path)
    done = run("migrate", "--from", "models-dev", "acme", "-o", "made.yaml", "--force", cwd=tmp_path)
    assert (done.code, contents(tmp_path)) == (1, before)


def test_excerpts_are_of_the_file_that_is_named(project: Path) -> None:
    """What is read and what is made may have one name, in two directories."""
    (project / "profilec.toml").write_text("", "utf-8")
    (project / "sub").mkdir()
    done = run("migrate", "../profiles.yaml", "-o", "profiles.yaml", cwd=project / "sub")
    assert done.code == 0
    assert ' 3 |   ai-chat: {ai-engine: gpt-4o, ai-temperature: "0.2"}' in done.err


def test_check_only_tells(project: Path) -> None:
    before = contents(project)
    assert run("migrate", "profiles.yaml", "team.yaml", "--check", "-o", "made", cwd=project).code == 1
    assert run("migrate", "team.yaml", "--check", cwd=project).code == 0
    # Several registries need no directory to be told of.
    assert run("migrate", "bundle.yaml", "--check", cwd=project).code == 1
    assert contents(project) == before


def test_json_is_one_document_with_the_text_or_the_file(project: Path) -> None:
    told = run("migrate", "profiles.yaml", "team.yaml", "--format", "json", cwd=project).json
    assert told["current"] == ["team.yaml"]
    assert [each["registry"] for each in told["outputs"]] == ["profiles"]
    assert told["outputs"][0]["text"].startswith("slug: profiles\n")
    assert {each["rule"] for each in told["diagnostics"]} == {"dropped", "migrated", "literal-credential"}
    written = run("migrate", "profiles.yaml", "-o", "made/x.json", "--format", "json", cwd=project)
    assert written.json["outputs"] == [{"registry": "profiles", "profiles": 2, "file": "made/x.json"}]
    assert json.loads((project / "made" / "x.json").read_text("utf-8"))["slug"] == "profiles"
    assert "canary" not in written.out + written.err


@pytest.mark.parametrize(("file", "origin"), [("profiles.yaml", "legacy"), ("config.yaml", "litellm")])
def test_credentials_are_kept_only_when_asked_for_and_for_their_owner(project: Path, file: str, origin: str) -> None:
    done = run("migrate", "--from", origin, file, "--keep-credentials", "-o", "made.yaml", cwd=project)
    assert done.code == 0
    assert "canary" not in done.out + done.err
    assert "canary-1234567890" in (project / "made.yaml").read_text("utf-8")
    assert stat.S_IMODE((project / "made.yaml").stat().st_mode) == 0o600


def test_severities_of_the_project_hold(project: Path) -> None:
    (project / "profilec.toml").write_text('[rules]\ndropped = "error"\nmigrated = "off"\n', "utf-8")
    done = run("migrate", "profiles.yaml", "-o", "made.yaml", "--format", "json", cwd=project)
    assert done.code == 1
    assert sorted({(each["rule"], each["severity"]) for each in done.json["diagnostics"]}) == [
        ("dropped", "error"),
        ("literal-credential", "warning"),
    ]
    assert not (project / "made.yaml").exists()


def test_what_does_not_compile_is_written_and_said(project: Path) -> None:
    """The older format let a typo pass; where it stands is easiest seen in what was made."""
    (project / "old.yaml").write_text(
        "slug: team\ndefault_profile_slug: a\nprofiles: {a: {inference_settings: {chat: {temprature: 1}}}}\n", "utf-8"
    )
    done = run("migrate", "old.yaml", "-o", "made.yaml", "--format", "json", cwd=project)
    assert done.code == 1
    error = next(each for each in done.json["diagnostics"] if each["severity"] == "error")
    assert (error["rule"], error["file"]) == ("unknown-field", "made.yaml")
    assert "temprature" in (project / "made.yaml").read_text("utf-8").splitlines()[error["line"] - 1]


def test_a_stack_on_a_registry_that_is_not_there_is_no_mistake(project: Path) -> None:
    (project / "old.yaml").write_text(
        "slug: t\nprofiles: {default: {stack: [{registry_slug: other, profile_slug: x}], ai-chat: {ai-engine: m}}}\n",
        "utf-8",
    )
    assert run("migrate", "old.yaml", cwd=project).code == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("just text", "not-a-registry"),
        ("[1, 2]", "not-a-registry"),
        ("", "not-a-registry"),
        ("a: [", "yaml-syntax"),
        ("a: {ai-chat: {ai-engine: x}}\n---\nb: {}\n", "multiple-documents"),
        ("__proto__: {ai-chat: {ai-engine: x}}", "unsafe-key"),
        ("a: {ai-chat: {ai-temperature: .nan}}", "unsafe-number"),
        ("a: {ai-chat: {ai-engine: \u202ex}}", "hidden-character"),
    ],
)
@pytest.mark.parametrize("origin", ["legacy", "litellm"])
def test_what_is_no_document_of_its_origin_is_a_finding(project: Path, text: str, rule: str, origin: str) -> None:
    (project / "odd.yaml").write_text(text, "utf-8")
    done = run("migrate", "--from", origin, "odd.yaml", "--format", "json", cwd=project)
    assert done.code == 1
    assert rule in done.rules


@pytest.mark.parametrize("model_list", ["5", "text", "{a: b}", "", "true"])
def test_a_model_list_that_is_no_list_is_a_finding(tmp_path: Path, model_list: str) -> None:
    (tmp_path / "config.yaml").write_text(f"a: 1\nmodel_list: {model_list}\n", "utf-8")
    done = run("migrate", "--from", "litellm", "config.yaml", "--format", "json", cwd=tmp_path)
    (finding,) = done.json["diagnostics"]
    assert (done.code, finding["rule"], finding["line"]) == (1, "not-a-registry", 2)


def test_that_nothing_was_made_is_said(project: Path) -> None:
    (project / "empty.yaml").write_text("model_list: []\n", "utf-8")
    done = run("migrate", "--from", "litellm", "empty.yaml", cwd=project)
    assert (done.code, done.out, done.err) == (0, "", "no registry was made\n")
    assert run("migrate", "--from", "models-dev", ".", "--format", "json", cwd=project).rules == ["not-a-registry"]


def test_what_the_machine_refuses_ends_with_3(project: Path) -> None:
    missing = run("migrate", "gone.yaml", "--format", "json", cwd=project)
    assert (missing.code, missing.rules) == (3, ["missing-source"])
    assert run("migrate", "--from", "models-dev", "gone", cwd=project).code == 3
    assert run("migrate", "profiles.yaml", "-o", "team.yaml/made.yaml", cwd=project).code == 3


@pytest.mark.skipif(os.name == "nt", reason="modes are of Unix")
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_ends_with_3(project: Path) -> None:
    (project / "made").mkdir(0o500)
    assert run("migrate", "profiles.yaml", "-o", "made", cwd=project).code == 3


def test_a_finding_of_an_older_format_names_the_command_that_mends_it(project: Path) -> None:
    (project / "my profiles.yaml").write_text(OLD, "utf-8")
    finding = run("check", "my profiles.yaml", "--format", "json", cwd=project).json["diagnostics"][0]
    assert finding["rule"] == "legacy-format"
    assert "`profilec migrate 'my profiles.yaml'`" in finding["hint"]
    assert run("migrate", "my profiles.yaml", "-o", "my-profiles.yaml", cwd=project).code == 0
    assert run("check", "my-profiles.yaml", cwd=project).code == 0


def test_a_credential_of_a_middleware_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "slug: p\nprofiles:\n  a:\n    runtime:\n      system_prompt: 'the password: is blue'\n"
        "      middlewares: [{name: m, config: {api_key: sk-canary-0123456789abcdef}}]\n"
    )
    done = run("migrate", "p.yaml", cwd=tmp_path)
    assert "sk-canary" not in done.out + done.err
    assert "middlewares" in done.err and "the password: is blue" in done.out


def test_a_key_does_not_outlive_the_address_that_it_is_for(tmp_path: Path) -> None:
    models = tmp_path / "providers" / "acme" / "models"
    models.mkdir(parents=True)
    (models.parent / "provider.toml").write_text(
        'name = "Acme"\nenv = ["ACME_API_KEY"]\nnpm = "@ai-sdk/openai-compatible"\napi = "https://${HOST}/v1"\n'
    )
    (models / "m.toml").write_text('name = "M"\n[limit]\ncontext = 5\noutput = 5\n')
    done = run("migrate", "--from", "models-dev", ".", cwd=tmp_path)
    assert done.code == 0 and "the address of `acme`" in done.err
    assert "ACME_API_KEY" not in done.out
