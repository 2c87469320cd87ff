"""Policies and rules on the command line, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_run import contents, make_project, run
from profilec.rules import CHANGES, RULES

PRICE = json.dumps(
    {
        "description": "what it may cost",
        "select": ["team"],
        "message": "too dear",
        "schema": {
            "properties": {
                "inference_settings": {
                    "properties": {"model_info": {"properties": {"cost": {"properties": {"output": {"maximum": 0.5}}}}}}
                }
            }
        },
    },
    indent=1,
)
TOLD = "too dear: `model_info.cost.output` is 0.6, where at most 0.5 is wanted"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path, policies__price=PRICE)


def rename(project: Path, name: str) -> None:
    (project / "policies" / "price").rename(project / "policies" / name)


def test_the_directory_beside_the_configuration_is_taken_without_a_word(project: Path) -> None:
    rename(project, "price.json")
    done = run("check", "--format", "short", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"registries/20-team.yaml:8:50: error[price]: {TOLD}\n"
    # From below the root the same.
    assert run("check", "--format", "short", cwd=project / "registries") == done


def test_a_directory_without_policies_is_none(project: Path) -> None:
    assert run("check", cwd=project).code == 0


@pytest.mark.parametrize(
    ("config", "options", "code"),
    [
        ("policies = []\n", [], 0),
        ('policies = ["rules/own.json"]\n', [], 1),
        ("policies = []\n", ["--policies", "rules"], 1),
        ('policies = ["rules"]\n', ["--policies", "rules/own.json"], 1),
        ('policies = ["nowhere"]\n', [], 3),
        ("", ["--policies", ""], 2),
        ("policies = 3\n", [], 2),
        ('polices = ["rules"]\n', [], 2),
    ],
)
def test_the_configuration_names_them_and_options_win(
    tmp_path: Path, config: str, options: list[str], code: int
) -> None:
    project = make_project(tmp_path, 'sources = ["registries"]\n' + config)
    (project / "rules").mkdir()
    (project / "rules" / "own.json").write_text(PRICE)
    for command in ("check", "build"):
        assert run(command, *options, cwd=project).code == code
    assert (project / "build" / "manifest.json").exists() == (code == 0)


def test_a_build_that_breaks_one_leaves_the_last_good_one(project: Path) -> None:
    assert run("build", cwd=project).code == 0
    before = contents(project / "build")
    rename(project, "price.json")
    registry = project / "registries" / "20-team.yaml"
    registry.write_text(registry.read_text().replace("careful", "cautious"))
    done = run("build", cwd=project)
    assert done.code == 1 and "error[price]" in done.err
    assert contents(project / "build") == before


def test_who_only_looks_does_not_judge(project: Path) -> None:
    rename(project, "price.json")
    for command in (["list"], ["show", "team/default"], ["explain", "team/default"]):
        assert run(*command, "--source", "registries", cwd=project).code == 0
    # What is handed on is.
    for options in (["out"], ["--to", "litellm", "-o", "out"]):
        done = run("export", *options, "--source", "registries", cwd=project)
        assert done.code == 1 and "error[price]" in done.err
    assert not (project / "out").exists()


def test_a_name_that_is_taken_is_a_matter_of_the_configuration(project: Path) -> None:
    rename(project, "wrong-type.json")
    done = run("check", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (2, ["configuration"])
    assert run("rules", cwd=project).code == 2


def test_rules_lists_every_rule(project: Path) -> None:
    rename(project, "price.json")
    config = project / "profilec.toml"
    config.write_text(config.read_text() + '[rules]\nbaseline-field = "error"\nnot-a-reference = "off"\n')
    by_name = {each["rule"]: each for each in run("rules", "--format", "json", cwd=project).json["rules"]}
    assert by_name.keys() == {*RULES, *CHANGES, "price"}
    assert list(by_name) == sorted(by_name)
    assert by_name["baseline-field"] == {
        "rule": "baseline-field",
        "severity": "error",
        "default": "warning",
        "is_adjustable": True,
        "is_policy": False,
        "summary": RULES["baseline-field"].summary,
        "page": "docs/rules.md#baseline-field",
    }
    assert by_name["not-a-reference"]["severity"] == "off"
    assert by_name["price"] == {
        "rule": "price",
        "severity": "error",
        "default": "error",
        "is_adjustable": False,
        "is_policy": True,
        "summary": "what it may cost",
        "page": "policies/price.json",
    }
    lines = run("rules", cwd=project).out.splitlines()
    assert len(lines) == len(by_name) + 1
    (line,) = [each for each in lines if each.startswith("baseline-field")]
    assert line.split("  ")[0] == "baseline-field" and "error (not warning)" in line


HOSTILE = "\x1b[2J\u202e\n::error::"


def test_nothing_that_a_terminal_obeys_comes_through(project: Path) -> None:
    rename(project, "price.json")
    policy = json.loads(PRICE)
    policy |= {"message": HOSTILE, "hint": HOSTILE, "description": HOSTILE}
    # Escapes in JSON, so that the file itself is one that a reviewer can read.
    (project / "policies" / "price.json").write_text(json.dumps(policy))
    broken = {
        "message": "m",
        "select": [f"{HOSTILE}/a/b"],
        "schema": {HOSTILE: 1, "pattern": f"({HOSTILE}"},
        HOSTILE: 1,
    }
    (project / "broken.json").write_text(json.dumps(broken))
    (project / "schema.json").write_text(json.dumps({"message": "m", "schema": {HOSTILE: 1, "$ref": HOSTILE}}))
    commands = [["check"], ["rules"], ["check", "--policies", "broken.json"], ["check", "--policies", "schema.json"]]
    for command in commands:
        for form in ("text", "short", "json"):
            done = run(*command, "--format", form, cwd=project)
            shown = done.out + done.err
            assert "\x1b" not in shown and "\u202e" not in shown
            assert not any(line.startswith("::error") for line in shown.splitlines())
    assert "\\x1b[2J" in run("check", cwd=project).err


def test_the_schema_of_policies_is_printed(project: Path) -> None:
    assert run("schema", "policy", cwd=project).json["title"] == "Policy"
