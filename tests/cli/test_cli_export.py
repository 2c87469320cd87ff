"""The command export: artifacts under stable names, and a proxy's configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_run import contents, make_project, run
from profilec.syntax.scalars import Scalars


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path)
    assert run("build", cwd=tmp_path).code == 0
    return tmp_path


def test_artifacts_lie_under_stable_names(project: Path) -> None:
    assert run("export", "rendered", cwd=project).code == 0
    there = contents(project / "rendered")
    assert sorted(there) == ["provider-openai/default.json", "team/careful.json", "team/default.json"]
    assert json.loads(there["team/careful.json"])["inference_settings"]["chat"]["engine"] == "gpt-4.1"
    shown = run("show", "careful", "--format", "json", cwd=project).json["artifact"]
    assert json.loads(there["team/careful.json"]) == shown


def test_a_second_export_writes_what_changed_and_removes_what_is_gone(project: Path) -> None:
    run("export", "rendered", cwd=project)
    (project / "rendered" / "README.md").write_text("ours\n", "utf-8")
    (project / "rendered" / "team" / "notes.json").write_text("{}\n", "utf-8")
    assert run("export", "rendered", "--check", cwd=project).code == 0
    team = project / "registries" / "20-team.yaml"
    text = team.read_text("utf-8")
    team.write_text(text[: text.index("  careful:")].replace("0.2", "0.3"), "utf-8")
    run("build", cwd=project)
    stale = run("export", "rendered", "--check", "--format", "json", cwd=project)
    assert (stale.code, stale.rules) == (1, ["stale-build"])
    done = run("export", "rendered", "--format", "json", cwd=project)
    assert done.json["files"] == {"written": 1, "unchanged": 1, "removed": 1}
    assert sorted(contents(project / "rendered")) == [
        "README.md",
        "provider-openai/default.json",
        "team/default.json",
        "team/notes.json",
    ]


def test_a_file_of_another_kind_is_never_replaced(project: Path) -> None:
    (project / "rendered" / "team").mkdir(parents=True)
    (project / "rendered" / "team" / "careful.json").write_text('{"format": "mine"}', "utf-8")
    done = run("export", "rendered", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["already-there"])
    assert sorted(contents(project / "rendered")) == ["team/careful.json"]


def test_an_export_writes_through_no_link(project: Path) -> None:
    (project / "rendered").mkdir()
    (project / "elsewhere").mkdir()
    (project / "rendered" / "team").symlink_to("../elsewhere")
    done = run("export", "rendered", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["already-there"])
    assert contents(project / "elsewhere") == {}


def test_an_embedding_build_is_not_exported(project: Path) -> None:
    (project / "registries" / "10-provider.yaml").write_text(
        "slug: provider-openai\nprofiles:\n  default:\n    inference_settings:\n"
        "      api: {api_keys: {openai-api-key: canary-1234567890}}\n      chat: {engine: m}\n",
        "utf-8",
    )
    assert run("build", "--secrets", "embed", cwd=project).code == 0
    done = run("export", "rendered", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["literal-credential"])
    assert not (project / "rendered").exists()
    proxy = run("export", "--to", "litellm", cwd=project)
    assert proxy.code == 0
    assert "canary" not in proxy.out + proxy.err


def test_a_model_list_of_all_or_of_some_profiles(project: Path) -> None:
    every = run("export", "--to", "litellm", cwd=project)
    assert every.code == 0
    assert every.out.count("model_name:") == 3
    # Two registries have a `default`: the proxy would take them for one model.
    assert "model_name: team/default" in every.out
    assert "api_key: os.environ/OPENAI_API_KEY" in every.out
    one = run("export", "--to", "litellm", "--profile", "careful", "--source", "registries", cwd=project)
    assert one.out.count("model_name:") == 1
    assert "input_cost_per_token: 1.5e-07" in one.out
    assert Scalars()["1.5e-07"] == 1.5e-07
    assert run("export", "--to", "litellm", "--profile", "gone", cwd=project).code == 1


def test_a_configuration_that_is_there_is_replaced_only_by_force(project: Path) -> None:
    (project / "config.yaml").write_text("general_settings: {}\n", "utf-8")
    assert run("export", "--to", "litellm", "-o", "config.yaml", cwd=project).code == 1
    assert run("export", "--to", "litellm", "-o", "config.yaml", "--check", cwd=project).code == 1
    assert (project / "config.yaml").read_text("utf-8") == "general_settings: {}\n"
    assert run("export", "--to", "litellm", "-o", "config.yaml", "--force", cwd=project).code == 0
    assert run("export", "--to", "litellm", "-o", "config.yaml", "--check", cwd=project).code == 0


@pytest.mark.parametrize("source", ["registries", "registries/20-team.yaml", "link.yaml"])
def test_a_source_is_never_replaced(project: Path, source: str) -> None:
    (project / "link.yaml").hardlink_to(project / "registries" / "20-team.yaml")
    before = contents(project)
    provider = [] if source == "registries" else ["--source", "registries/10-provider.yaml"]
    sources = [*provider, "--source", source]
    for place in ("registries/20-team.yaml", "link.yaml"):
        done = run("export", "--to", "litellm", *sources, "-o", place, "--force", "--format", "json", cwd=project)
        assert (done.code, done.rules) == (1, ["already-there"])
        assert contents(project) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--to", "litellm", "rendered"],
        ["--to", "litellm", "--check"],
        ["rendered", "-o", "x"],
        ["rendered", "--profile", "careful"],
        ["rendered", "--build", "b", "--source", "s"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(project: Path, arguments: list[str]) -> None:
    assert run("export", *arguments, cwd=project).code == 2


def test_no_build_ends_with_3(tmp_path: Path) -> None:
    assert run("export", "rendered", cwd=tmp_path).code == 3
