"""action.yml and the script it runs: what a change says on GitHub, as far as it can be run without GitHub."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from ci_project import BROKEN, ROOT, TEAM, check_schema, commit, git, make_repository, run, with_profilec

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = ROOT / "docs" / "ci.md"
SCRIPT = ROOT / ".ci" / "action.sh"
HAS_DIFF = (ROOT / "compiler" / "profilec" / "commands" / "diff.py").exists()
with_diff = pytest.mark.skipif(not HAS_DIFF, reason="this checkout has no `profilec diff`")
# What the action's inputs are by default, by the variable that the script reads.
INPUTS = {"DIRECTORY": ".", "SOURCES": "", "OUTPUT": "", "FAIL_ON": "", "BASE": "", "DIFF_FAIL_ON": "", "SARIF": ""}


class Step(NamedTuple):
    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    comment: str


def run_action(project: Path, home: Path, **inputs: str) -> Step:
    """The last step of the action, with the runner's files."""
    files = {name: home / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    variables = {name: str(file) for name, file in files.items()}
    temporary = home / "runner temp"
    temporary.mkdir(exist_ok=True)
    done = run(
        ["bash", str(SCRIPT), "run"],
        project,
        PATH=with_profilec(home),
        RUNNER_TEMP=str(temporary),
        GITHUB_ACTION_PATH=str(ROOT),
        **variables,
        **{**INPUTS, **inputs},
    )
    outputs = parsed(files["GITHUB_OUTPUT"].read_text("utf-8"))
    comment = Path(outputs["comment"]).read_text("utf-8") if outputs.get("comment") else ""
    return Step(done.code, done.out + done.err, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), comment)


def parsed(text: str) -> dict[str, str]:
    """The outputs as the runner reads them."""
    found = re.findall(r"^([\w-]+)<<(\w+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
    assert len({delimiter for _, delimiter, _ in found}) == len(found)
    return {name: value for name, _, value in found}


def test_a_project_that_compiles_is_built_and_described(tmp_path: Path) -> None:
    project = make_repository(tmp_path, "config")
    step = run_action(project.parent, tmp_path, DIRECTORY="config", SARIF="out.sarif")
    assert step.code == 0, step.log
    manifest = json.loads((project / "build" / "manifest.json").read_bytes())
    assert step.outputs == {
        "build-id": manifest["build"],
        "changed": "",
        "comment": step.outputs["comment"],
        "findings": "0",
    }
    assert step.outputs.keys() == ACTION["outputs"].keys()
    assert (
        f"The engine profiles compile: build `{manifest['build'][:19]}`." in step.summary and "```" not in step.summary
    )
    assert step.comment == "<!-- engine-profiles -->\nThe engine profiles compile.\n"
    assert json.loads((project / "out.sarif").read_bytes())["runs"][0]["results"] == []


def test_a_project_that_does_not_compile_is_annotated_and_fails(tmp_path: Path) -> None:
    project = make_repository(tmp_path, "config")
    (project / "registries" / "20-team.yaml").write_text(BROKEN)
    step = run_action(project.parent, tmp_path, DIRECTORY="config", BASE="HEAD")
    assert step.code == 1
    # The repository's name for the file, whatever directory the project lies in.
    assert "::error file=config/registries/20-team.yaml,line=6,col=14,title=unknown-field::" in step.log
    assert (step.outputs["build-id"], step.outputs["changed"], step.outputs["findings"]) == ("", "", "1")
    for text in (step.summary, step.comment):
        assert "not compile" in text and "help: did you mean `temperature`?" in text
    assert not (project / "build").exists()


def test_warnings_fail_where_they_are_to(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    (project / "registries" / "20-team.yaml").write_text(TEAM + "      client: {timeout: 3}\n")
    step = run_action(project, tmp_path)
    assert (step.code, step.outputs["findings"]) == (0, "1")
    assert step.log.count("::warning ") == 1 and "warning[baseline-field]" in step.summary
    assert run_action(project, tmp_path, FAIL_ON="warning").code == 1


@with_diff
def test_what_is_refused_compiles_and_is_compared(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("0.2", "0.9") + "      client: {timeout: 3}\n")
    step = run_action(project, tmp_path, FAIL_ON="warning", BASE="HEAD")
    assert (step.code, step.outputs["build-id"], step.outputs["changed"]) == (1, "", "true"), step.log
    for text in (step.summary, step.comment):
        assert "The engine profiles compile, **and are refused by `fail-on: warning`**" in text
        assert "warning[baseline-field]" in text and "not compile" not in text
        assert "`chat.temperature`" in text and "0.9" in text
    assert not (project / "build").exists()


@with_diff
def test_a_refused_comment_keeps_to_its_limit(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    body = "inference_settings: {chat: {engine: m}, client: {timeout: 3}}"
    many = "".join(f"  profile-{number}: {{display_name: '{'ж' * 90}', {body}}}\n" for number in range(900))
    (project / "registries" / "30-many.yaml").write_text(f"slug: many\nprofiles:\n{many}", "utf-8")
    step = run_action(project, tmp_path, FAIL_ON="warning", BASE="HEAD")
    assert step.code == 1 and step.outputs["changed"] == "true"
    assert len(step.comment) <= 65_536 and "more lines: `profilec check` shows all" in step.comment
    assert "### Engine profiles" in step.comment


def test_a_build_that_cannot_be_written_is_no_reason_to_say_that_nothing_compiles(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    step = run_action(project, tmp_path, OUTPUT="profilec.toml", BASE="HEAD")
    assert step.code != 0 and step.outputs["changed"] == "false"
    for text in (step.summary, step.comment):
        assert "the build could not be written" in text and "not compile" not in text


def test_what_goes_wrong_is_told(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    assert run_action(project, tmp_path, SOURCES="missing.yaml").code == 3
    misuse = run_action(project, tmp_path, FAIL_ON="eror")
    assert (misuse.code, misuse.outputs["findings"]) == (2, "0") and "eror" in misuse.log
    unwritable = run_action(project, tmp_path, OUTPUT="profilec.toml")
    assert unwritable.code != 0 and "title=unwritable-output::" in unwritable.log
    assert unwritable.outputs["build-id"] == ""


def test_inputs_stay_arguments(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    marker = tmp_path / "ran"
    for hostile in (f"$(touch '{marker}')", f"'; touch '{marker}'; '", f"`touch '{marker}'`", "--help", "-h", "a b\n*"):
        for name in INPUTS:
            run_action(project, tmp_path, **{"BASE": "HEAD", name: hostile})
    assert not marker.exists()
    option = run_action(project, tmp_path, SOURCES="--version")
    assert option.code == 3 and "title=missing-source::--version: " in option.log
    (project / "odd $(x) name").mkdir()
    (project / "registries" / "10-provider.yaml").rename(project / "odd $(x) name" / "a.yaml")
    step = run_action(project, tmp_path, SOURCES="odd $(x) name\n\n  \nregistries\n", OUTPUT="out put")
    assert step.code == 0 and (project / "out put" / "manifest.json").exists(), step.log


def test_what_a_source_says_stays_within_its_block(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    name = "`````\\n::error::x <script> ${{ github.token }}"
    lines = "".join(f'  "{name}{number}": 1\n' for number in range(30))
    (project / "registries" / "30-odd.yaml").write_text(f"slug: odd\nprofiles:\n{lines}")
    step = run_action(project, tmp_path)
    assert step.code == 1
    assert not any(line.startswith("::error::") for line in step.log.splitlines())
    for text in (step.summary, step.comment):
        (fence,) = re.findall(r"^(`+)text$", text, re.MULTILINE)
        inside = text.split(f"{fence}text\n", 1)[1].split(f"\n{fence}\n", 1)
        assert len(inside) == 2 and f"{fence}" not in inside[0] and "<script>" not in inside[1]


def test_summary_and_comment_keep_to_their_limits(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    body = "".join(f"  profile-{number}: {{ключ-{number}: '{'х' * 60}'}}\n" for number in range(6000))
    (project / "registries" / "30-many.yaml").write_text(f"slug: many\nprofiles:\n{body}", "utf-8")
    step = run_action(project, tmp_path)
    assert (step.code, step.outputs["findings"]) == (1, "6000")
    assert step.log.count("::error ") == 10 and "5990 errors more" in step.log
    assert 500_000 < len(step.summary.encode()) <= 1_000 * 1024 and len(step.comment) <= 65_536
    for text in (step.summary, step.comment):
        assert re.search(r"^… and \d+ more lines: `profilec check` shows all\n```$", text, re.MULTILINE)


@with_diff
def test_a_change_is_compared_with_the_base(tmp_path: Path) -> None:
    project = make_repository(tmp_path, "config")
    base = commit(project)
    same = run_action(project, tmp_path, BASE=base)
    assert (same.code, same.outputs["changed"]) == (0, "false"), same.log
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("0.2", "0.9"))
    changed = run_action(project, tmp_path, BASE=base)
    assert (changed.code, changed.outputs["changed"]) == (0, "true"), changed.log
    for text in (changed.summary, changed.comment):
        assert "temperature" in text and "0.9" in text
    assert changed.comment.startswith("<!-- engine-profiles -->\n") and len(changed.comment) <= 65_536
    token = re.findall(r"^::stop-commands::(\w+)$", changed.log, re.MULTILINE)
    assert len(token) == 1 and f"::{token[0]}::\n" in changed.log
    refused = run_action(project, tmp_path, BASE=base, DIFF_FAIL_ON="note,warning,error")
    assert (refused.code, refused.outputs["changed"]) == (1, "true") and "0.9" in refused.comment


@with_diff
@pytest.mark.parametrize("base", ["nowhere", "--output=x", "-x"])
def test_a_base_that_is_not_there_is_told(tmp_path: Path, base: str) -> None:
    project = make_repository(tmp_path)
    step = run_action(project, tmp_path, BASE=base)
    assert step.code != 0 and "::error title=engine-profiles::" in step.log
    assert step.outputs["build-id"] and step.outputs["changed"] == ""
    for text in (step.summary, step.comment):
        assert "The engine profiles compile" in text and "**Nothing was compared: the base is no" in text


@with_diff
def test_a_base_that_does_not_compile_is_told(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    (project / "registries" / "20-team.yaml").write_text(BROKEN + "  odd: `````\n")
    base = commit(project)
    (project / "registries" / "20-team.yaml").write_text(TEAM)
    step = run_action(project, tmp_path, BASE=base)
    assert (step.code, step.outputs["changed"]) == (1, ""), step.log
    for text in (step.summary, step.comment):
        assert "**Nothing was compared: the base does not compile.**" in text
        assert "registries/20-team.yaml:" in text and text.count("```") >= 2
    assert "::error title=engine-profiles::Nothing was compared: the base does not compile" in step.log


@with_diff
def test_a_base_that_does_not_compile_keeps_to_the_limit(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    many = "".join(f"  p{number}: {{ключ-{number}: '{'х' * 60}'}}\n" for number in range(3000))
    (project / "registries" / "30-many.yaml").write_text(f"slug: many\nprofiles:\n{many}", "utf-8")
    base = commit(project)
    (project / "registries" / "30-many.yaml").unlink()
    step = run_action(project, tmp_path, BASE=base)
    assert step.outputs["changed"] == "" and len(step.comment) <= 65_536
    assert "ключ-1" in step.comment and re.search(r"\n… .*\n", step.comment)


@with_diff
@pytest.mark.parametrize("inputs", [{}, {"SOURCES": "registries"}], ids=str)
def test_a_base_without_a_project_is_no_failure(tmp_path: Path, inputs: dict[str, str]) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    base = commit(repository)
    project = make_repository(tmp_path, "config")
    step = run_action(repository, tmp_path, DIRECTORY="config", BASE=base, **inputs)
    assert (step.code, step.outputs["changed"]) == (0, "true"), step.log
    assert (project / "build").exists()
    for text in (step.summary, step.comment):
        assert "**The base has no engine profiles: everything is new.**" in text and "unknown-side" not in text


@with_diff
def test_what_others_did_to_the_base_is_no_change(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    (project / ".gitignore").write_text("/build/\n")
    commit(project)
    git(project, "checkout", "-q", "-b", "branch")
    git(project, "checkout", "-q", "main")
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("0.2", "0.9"))
    base = commit(project)
    git(project, "checkout", "-q", "branch")
    step = run_action(project, tmp_path, BASE=base)
    assert (step.code, step.outputs["changed"]) == (0, "false"), step.comment
    # A clone of one commit does not know where the two parted.
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=branch", f"file://{project}", "shallow")
    shallow = run_action(tmp_path / "shallow", tmp_path, BASE=base)
    assert (shallow.code, shallow.outputs["changed"]) == (0, "true"), shallow.log


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    step = run_action(make_repository(tmp_path), tmp_path, DIRECTORY="nowhere", BASE="HEAD")
    assert step.code == 2 and "`nowhere` cannot be changed to" in step.log
    assert "**The engine profiles were not compiled.**" in step.comment


def test_the_action_passes_every_input_by_a_variable() -> None:
    install, last = ACTION["runs"]["steps"]
    assert last["env"].keys() == INPUTS.keys()
    used = re.findall(r"inputs\.([\w-]+)", json.dumps(ACTION["runs"]))
    assert set(used) == ACTION["inputs"].keys()
    for step in (install, last):
        assert "${{" not in step["run"] and step["shell"] == "bash"
    # Each output is one that the script writes; a test above holds it to the same names.
    assert all(f"outputs.{name} " in each["value"] for name, each in ACTION["outputs"].items())


def test_it_is_what_its_schema_wants() -> None:
    check_schema("vendor.github-actions", ROOT / "action.yml")


def test_the_page_shows_a_workflow_that_uses_it(tmp_path: Path) -> None:
    (workflow,) = re.findall(r"^```yaml\n(on:.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "workflow.yml"
    file.write_text(workflow, "utf-8")
    check_schema("vendor.github-workflows", file)
    (job,) = yaml.safe_load(workflow)["jobs"].values()
    (action,) = [each for each in job["steps"] if "engine-profiles@" in each.get("uses", "")]
    assert action["with"].keys() <= ACTION["inputs"].keys()
    used = re.findall(rf"steps\.{action['id']}\.outputs\.([\w-]+)", workflow)
    assert used and set(used) <= ACTION["outputs"].keys()
    # What a pull request says never becomes a part of a script.
    assert not any("${{" in each.get("run", "") for each in job["steps"])


def test_a_change_is_judged_by_the_base_where_the_page_says_so(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    settings = {"properties": {"chat": {"properties": {"engine": {"const": "gpt-4o-mini"}}}}}
    policy = {"message": "only small models", "schema": {"properties": {"inference_settings": settings}}}
    (project / "policies").mkdir()
    (project / "policies" / "small-models.json").write_text(json.dumps(policy))
    (project / "profilec.toml").write_text('sources = ["registries"]\nrules = {baseline-field = "warning"}\n')
    base = commit(project)
    (project / "policies" / "small-models.json").unlink()
    (project / "profilec.toml").write_text('sources = ["registries"]\nrules = {baseline-field = "off"}\n')
    body = TEAM + "      client: {timeout: 3}\n"
    (project / "registries" / "20-team.yaml").write_text(body.replace("{temperature: 0.2}", "{engine: gpt-9}"))
    git(project, "worktree", "add", "-q", "--detach", ".base", base)
    (line,) = re.findall(r"^        run: (profilec -C .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    path = with_profilec(tmp_path)
    assert run(["sh", "-c", "profilec check"], project, PATH=path).code == 0
    judged = run(["sh", "-c", line], project, PATH=path)
    assert judged.code == 1 and "error[small-models]" in judged.err and "warning[baseline-field]" in judged.err, (
        judged.err
    )
