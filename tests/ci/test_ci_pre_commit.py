""".pre-commit-hooks.yaml: what pre-commit takes, and each hook run by it in a repository."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from ci_project import BROKEN, ROOT, TEAM, Done, commit, git, make_repository, run, with_profilec

FILE = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {each["id"]: each for each in yaml.safe_load(FILE.read_text("utf-8"))}


def pre_commit(directory: Path, home: Path, *arguments: str) -> Done:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return run(command, directory, PATH=with_profilec(home), PRE_COMMIT_HOME=str(home / "pre-commit"))


def with_hook(project: Path, hook: str, **changes: str) -> None:
    """A configuration with a hook as it is, but run by the `profilec` that is on the path."""
    kept = {key: value for key, value in HOOKS[hook].items() if not key.startswith(("language", "additional"))}
    config = {"repos": [{"repo": "local", "hooks": [kept | {"language": "system"} | changes]}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps(config))
    git(project, "add", "-A")


def test_the_manifest_is_what_pre_commit_takes(tmp_path: Path) -> None:
    done = pre_commit(ROOT, tmp_path, "validate-manifest", str(FILE))
    assert done.code == 0, done.out
    assert HOOKS.keys() == {"profilec-check", "profilec-build", "profilec-build-check"}


def test_the_hooks_install_what_the_compiler_needs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert all(each["additional_dependencies"] == extras["compiler"] for each in HOOKS.values())


def test_check_stops_a_commit_that_does_not_compile(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    with_hook(project, "profilec-check")
    good = pre_commit(project, tmp_path, "run")
    assert good.code == 0 and "Passed" in good.out, good.out
    (project / "registries" / "20-team.yaml").write_text(BROKEN)
    git(project, "add", "-A")
    bad = pre_commit(project, tmp_path, "run")
    assert bad.code == 1 and "help: did you mean `temperature`?" in bad.out
    # Once, whatever number of files is staged.
    assert bad.out.count("error[unknown-field]") == 1


def test_build_writes_and_build_check_only_compares(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    with_hook(project, "profilec-build-check")
    stale = pre_commit(project, tmp_path, "run")
    assert stale.code == 1 and "stale-build" in stale.out and not (project / "build").exists()
    with_hook(project, "profilec-build")
    assert pre_commit(project, tmp_path, "run").code == 0
    with_hook(project, "profilec-build-check")
    assert pre_commit(project, tmp_path, "run").code == 0
    commit(project)
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("0.2", "0.9"))
    with_hook(project, "profilec-build")
    changed = pre_commit(project, tmp_path, "run")
    assert changed.code == 1 and "files were modified by this hook" in changed.out


def test_a_file_that_is_deleted_is_seen(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    with_hook(project, "profilec-check")
    # Nothing else is staged, whose name could run the hook.
    commit(project)
    git(project, "rm", "-q", "registries/10-provider.yaml")
    done = pre_commit(project, tmp_path, "run")
    assert done.code == 1 and "error[unknown-registry]" in done.out, done.out


def test_a_project_that_lies_deeper_is_checked_with_its_own_rules(tmp_path: Path) -> None:
    project = make_repository(tmp_path, "config")
    with (project / "profilec.toml").open("a") as file:
        file.write('rules = {baseline-field = "error"}\n')
    (project / "registries" / "20-team.yaml").write_text(TEAM + "      client: {timeout: 3}\n")
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (entry,) = re.findall(r"`entry: (profilec -C config check)`", page)
    with_hook(project.parent, "profilec-check", entry=entry)
    done = pre_commit(project.parent, tmp_path, "run")
    assert done.code == 1 and "error[baseline-field]" in done.out, done.out


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_always_runs_and_once(hook: str) -> None:
    assert HOOKS[hook]["always_run"] is True and HOOKS[hook]["pass_filenames"] is False
    assert not {"files", "types", "exclude"} & HOOKS[hook].keys()


def test_the_page_shows_a_configuration_that_uses_them(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (text,) = re.findall(r"^```yaml\n(repos:.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(text)
    done = pre_commit(tmp_path, tmp_path, "validate-config", str(file))
    assert done.code == 0, done.out
    assert {each["id"] for each in yaml.safe_load(text)["repos"][0]["hooks"]} <= HOOKS.keys()
    assert re.findall(r"^\| `([\w-]+)` \| (?:comp|wri)", page, re.MULTILINE) == list(HOOKS)
