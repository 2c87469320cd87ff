"""profilec graph: what it prints, where it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from cli_run import contents, make_project, run
from profilec import schemas

TREE = """\
team/careful                   gpt-4.1      registries/20-team.yaml:9:3
└─ team/default *              gpt-4o-mini  registries/20-team.yaml:10:28
   └─ provider-openai/default  gpt-4o-mini  registries/20-team.yaml:5:60
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("project"))
    assert run("build", cwd=project).code == 0
    return project


def test_a_stack_is_a_tree(built: Path) -> None:
    done = run("graph", "careful", cwd=built)
    assert (done.code, done.out, done.err) == (0, TREE, "")


def test_without_a_name_all_profiles_are_shown(built: Path) -> None:
    assert run("graph", cwd=built).out == TREE
    assert run("graph", "--registry", "provider-openai", cwd=built).out.count("\n") == 1


def test_sources_are_compiled_first(built: Path) -> None:
    done = run("graph", "careful", "--source", "registries", cwd=built)
    assert (done.out, done.code) == (TREE, 0)


def test_an_impact_is_a_tree_upwards_and_a_number_on_stderr(built: Path) -> None:
    done = run("graph", "--impact", "provider-openai/default", cwd=built)
    assert done.out == (
        "provider-openai/default  gpt-4o-mini  registries/10-provider.yaml:3:3\n"
        "└─ team/default *        gpt-4o-mini  registries/20-team.yaml:5:60\n"
        "   └─ team/careful       gpt-4.1      registries/20-team.yaml:10:28\n"
    )
    assert done.err == "2 profiles of 1 registry stand on `provider-openai/default`\n"
    assert run("graph", "--impact", "careful", cwd=built).err == "nothing stands on `team/careful`\n"


def test_json_is_one_document_and_what_its_schema_says(built: Path) -> None:
    accepts = jsonschema_rs.Draft202012Validator(schemas.load("graph"), offline=True)
    for arguments in (["careful"], [], ["--registry", "team"], ["--impact", "default"], ["nothing"]):
        done = run("graph", *arguments, "--format", "json", cwd=built)
        assert done.err == ""
        assert [each.message for each in accepts.iter_errors(done.json)] == []
        assert ("graph" in done.json) is (done.code == 0)
    shown = run("graph", "careful", "--format", "json", cwd=built).json["graph"]
    assert (shown["scope"], shown["subject"]) == ("stack", "team/careful")
    assert shown["edges"][0] == {
        "from": "team/careful",
        "to": "team/default",
        "position": 1,
        "file": "registries/20-team.yaml",
        "line": 10,
        "column": 28,
    }
    assert [each["name"] for each in shown["nodes"] if each["is_default"]] == ["team/default"]


def test_a_baseline_lies_below_every_base(tmp_path: Path) -> None:
    accepts = jsonschema_rs.Draft202012Validator(schemas.load("graph"), offline=True)
    project = make_project(
        tmp_path, 'sources = ["registries"]\nbaseline = "base.yaml"\n', **{"base.yaml": "chat: {temperature: 1}\n"}
    )
    assert run("build", cwd=project).code == 0
    assert run("graph", cwd=project).out == TREE + "      └─ baseline base.yaml\n"
    shown = run("graph", "--format", "json", cwd=project).json
    assert accepts.is_valid(shown)
    assert shown["graph"]["nodes"][-1] == {"name": "baseline base.yaml", "baseline": "base.yaml"}
    nowhere = {"position": None, "file": None, "line": None, "column": None}
    assert shown["graph"]["edges"][-1] == {"from": "provider-openai/default", "to": "baseline base.yaml", **nowhere}


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("a.svg", "<svg "),
        ("a.mmd", "flowchart LR\n"),
        ("A.MERMAID", "flowchart LR\n"),
        ("a.dot", "digraph {\n"),
        ("new/a.gv", "digraph {\n"),
        ("a.json", '{\n  "diagnostics": [],\n  "graph": {'),
        ("a.txt", TREE),
    ],
)
def test_the_ending_says_what_is_written(built: Path, file: str, begins: str) -> None:
    done = run("graph", "careful", "-o", file, "--color", "always", cwd=built)
    assert (done.code, done.out, done.err) == (0, "", f"wrote {file}: 3 profiles of 2 registries\n")
    assert (built / file).read_text("utf-8").startswith(begins)
    again = run("graph", "default", "-o", file, cwd=built)
    if file.endswith((".json", ".txt")):
        # That may be anything; a picture is drawn anew.
        assert (again.code, "is there already; nothing was written" in again.err) == (1, True)
        again = run("graph", "default", "-o", file, "--force", cwd=built)
    assert again.err == f"wrote {file}: 2 profiles of 2 registries\n"


@pytest.mark.parametrize("file", ["build/manifest.json", "registries/20-team.yaml", "profilec.toml"])
def test_nothing_of_the_project_is_replaced(built: Path, file: str) -> None:
    before = (built / file).read_bytes()
    for form in ("dot", "svg"):
        done = run("graph", "--format", form, "-o", file, "--force", cwd=built)
        assert (done.code, "is what was read; nothing was written" in done.err) == (1, True)
    assert (built / file).read_bytes() == before


def test_a_picture_that_is_asked_for_is_written_whatever_the_ending(built: Path) -> None:
    assert run("graph", "--format", "dot", "-o", "picture", cwd=built).code == 0
    assert (built / "picture").read_text("utf-8") == run("graph", "--format", "dot", cwd=built).out


def test_json_goes_to_stdout_besides_a_picture(built: Path) -> None:
    done = run("graph", "careful", "--format", "json", "-o", "besides.svg", cwd=built)
    assert (done.json["graph"]["subject"], done.err) == ("team/careful", "")
    assert (built / "besides.svg").read_text("utf-8").startswith("<svg ")


def test_the_same_build_is_the_same_picture(built: Path) -> None:
    for form in ("mermaid", "dot", "svg", "json", "text"):
        one, other = (run("graph", "--format", form, cwd=built, PYTHONHASHSEED=seed).out for seed in "12")
        assert one == other != ""


def test_a_source_is_never_replaced(built: Path) -> None:
    before = contents(built / "registries")
    done = run("graph", "--format", "svg", "-o", "registries/20-team.yaml", cwd=built)
    assert done.code == 1
    assert "error[already-there]: `registries/20-team.yaml` is what was read" in done.err
    assert contents(built / "registries") == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["careful", "--impact", "default"], "NAME and --impact exclude each other"),
        (["-o", "graph.png"], "`graph.png` ends in none of .svg, .mmd, "),
        (["-o", ""], "it is empty"),
        (["--impact", " "], "it is empty"),
        (["--source", "registries", "--build", "build"], "--build and --source exclude each other"),
        (["--format", "png"], "'png' is not one of"),
    ],
)
def test_wrong_usage_is_2(built: Path, arguments: list[str], said: str) -> None:
    done = run("graph", *arguments, cwd=built)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (built / "graph.png").exists()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["carful"], "did you mean `careful`?"),
        (["--impact", "carful"], "did you mean `careful`?"),
        (["--registry", "taem"], "did you mean `team`?"),
        (["team"], "`team` is a registry; a profile of it is written `team/PROFILE`"),
    ],
)
def test_an_unknown_name_is_1_and_says_the_nearest(built: Path, arguments: list[str], hint: str) -> None:
    done = run("graph", *arguments, "--format", "svg", cwd=built)
    assert (done.code, done.out) == (1, "")
    assert f"help: {hint}\n\n1 error\n" in done.err


def test_what_mermaid_does_not_draw_is_said(tmp_path: Path) -> None:
    profiles = {f"p{index}": {"stack": [{"profile_slug": "base"}]} for index in range(501)}
    (tmp_path / "r.json").write_text(json.dumps({"slug": "r", "profiles": {"base": {}, **profiles}}))
    done = run("graph", "--source", "r.json", "--format", "mermaid", cwd=tmp_path)
    assert done.out.count(" --> ") == 501
    assert "the picture has 501 arrows, and Mermaid draws at most 500: narrow it with NAME" in done.err
    assert "Mermaid" not in run("graph", "--source", "r.json", "--format", "svg", cwd=tmp_path).err
