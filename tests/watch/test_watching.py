"""`--watch` as it is used: a real process, real files, real signals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import profilec
import pytest
from profilec.commands.watching import Outcome, _follow
from watch_run import BROKEN, PATHS, TEAM, Watching, make_project, model_of, provider

PROVIDER = "registries/10-provider.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


def test_an_edit_is_built_and_its_diff_is_told(project: Path) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        assert watching.err[0].startswith(
            "compiled 2 profiles of 2 registries into build: 7 files written, 0 unchanged ("
        )
        assert watching.err[1] == "watching registries (2 files); press Ctrl-C to stop"
        with watching.telling("5 files written, 2 unchanged"):
            watching.write(PROVIDER, provider("gpt-4.1"))
        assert model_of(project) == "gpt-4.1"
        assert watching.out[0] == "before -> after: 2 of 2 profiles change in effect"
        assert "    warning[model-changed]: model: gpt-4o-mini -> gpt-4.1" in watching.out


def test_check_tells_the_diff_and_writes_nothing(project: Path) -> None:
    with Watching(project, "check") as watching:
        watching.started()
        with watching.telling("2 of 2 profiles change in effect", "compiled 2 profiles"):
            watching.write(PROVIDER, provider("gpt-4.1"))
    assert not (project / "build").exists()


def test_a_failed_edit_leaves_the_last_good_build_and_mending_says_so(project: Path) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        before = (project / "build" / "manifest.json").read_bytes()
        with watching.telling("error[yaml-syntax]", "1 error; the last good one is current"):
            watching.write(PROVIDER, BROKEN)
        assert (project / "build" / "manifest.json").read_bytes() == before
        with watching.telling("good again: compiled 2 profiles"):
            watching.write(PROVIDER, provider())
        assert watching.out == []


def test_sources_that_do_not_compile_at_first_are_watched(project: Path) -> None:
    (project / PROVIDER).write_text(BROKEN)
    with Watching(project, "build") as watching:
        watching.started()
        assert not (project / "build").exists()
        with watching.telling("good again: compiled 2 profiles of 2 registries into build"):
            watching.write(PROVIDER, provider())
        assert model_of(project) == "gpt-4o-mini"


def rename_over(path: Path, text: str) -> None:
    """As an editor saves: a new file beside it, which takes its place."""
    beside = path.with_name(f"{path.name}.tmp")
    beside.write_text(text)
    beside.replace(path)


def move_away_first(path: Path, text: str) -> None:
    """As another one saves: the old file is moved to a copy, and a new one is written."""
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(text)


def replace_the_directory(path: Path, text: str) -> None:
    """As a deployment does: the whole directory is another one."""
    other = path.parent.with_name("registries.new")
    shutil.copytree(path.parent, other)
    (other / path.name).write_text(text)
    path.parent.rename(path.parent.with_name("registries.old"))
    other.rename(path.parent)


def in_two_steps(path: Path, text: str) -> None:
    """As a slow writer does: half of the file is no YAML."""
    middle = text.index("{") + 3
    with path.open("w") as file:
        file.write(text[:middle])
        file.flush()
        file.write(text[middle:])


@pytest.mark.parametrize("save", [rename_over, move_away_first, replace_the_directory, in_two_steps])
def test_every_way_of_saving_is_seen(project: Path, save: Callable[[Path, str], None]) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        for model in ("gpt-4.1", "gpt-5"):
            with watching.telling(f"-> {model}", "compiled 2 profiles"):
                save(project / PROVIDER, provider(model))
                shutil.rmtree(project / "registries.old", ignore_errors=True)
            assert model_of(project) == model


def test_new_directories_files_and_links_are_followed(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shared.yaml").write_text("slug: shared\nprofiles: {default: {}}\n")
    with Watching(project, "build") as watching:
        watching.started()
        with watching.telling("3 profiles of 3 registries"):
            (project / "registries" / "sub").mkdir()
            watching.write("registries/sub/30-more.yaml", "slug: more\nprofiles: {default: {}}\n")
        with watching.telling("4 profiles of 3 registries"):
            watching.write("registries/sub/30-more.yaml", "slug: more\nprofiles: {default: {}, p: {}}\n")
        with watching.telling("5 profiles of 4 registries"):
            (project / "registries" / "40-shared.yaml").symlink_to(elsewhere / "shared.yaml")
        with watching.telling("6 profiles of 4 registries"):
            (elsewhere / "shared.yaml").write_text("slug: shared\nprofiles: {default: {}, p: {}}\n")
        with watching.telling("4 profiles of 3 registries"):
            (project / "registries" / "40-shared.yaml").unlink()


def test_a_directory_that_goes_is_a_finding_and_may_come_back(project: Path) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        with watching.telling("error[missing-source]: `registries` does not exist"):
            (project / "registries").rename(project / "gone")
        with watching.telling("good again"):
            (project / "gone").rename(project / "registries")
        with watching.telling("-> gpt-4.1"):
            watching.write(PROVIDER, provider("gpt-4.1"))


def test_what_else_a_compile_reads_is_watched(project: Path) -> None:
    (project / "lib").mkdir()
    (project / "base.yaml").write_text("client: {timeout: 1}\n")
    (project / "registries" / "30-made.jsonnet").write_text("import 'made.libsonnet'\n")
    with Watching(project, "check", "--baseline", "base.yaml", "--jpath", "lib") as watching:
        watching.started()
        with watching.telling("compiled 3 profiles of 3 registries"):
            watching.write("lib/made.libsonnet", "{slug: 'made', profiles: {default: {}}}\n")
        with watching.telling("compiled 4 profiles of 3 registries"):
            watching.write("lib/made.libsonnet", "{slug: 'made', profiles: {default: {}, p: {}}}\n")
        with watching.telling("error[wrong-type]"):
            watching.write("base.yaml", "client: {timeout: soon}\n")
        with watching.telling("client.timeout 1 -> 2"):
            watching.write("base.yaml", "client: {timeout: 2}\n")


def test_the_configuration_is_taken_up(project: Path) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        with watching.telling("error[configuration]"):
            watching.write("profilec.toml", 'sourcs = ["registries"]\n')
        with watching.telling("into other: 7 files written"):
            watching.write("profilec.toml", 'sources = ["registries"]\noutput = "other"\n')
    assert (project / "other" / "manifest.json").read_bytes() == (project / "build" / "manifest.json").read_bytes()


def test_what_is_no_source_and_what_changes_nothing_says_nothing(project: Path) -> None:
    (project / "profilec.toml").write_text('sources = ["."]\noutput = "out"\n')
    with Watching(project, "build") as watching:
        watching.started()
        watching.write("notes.txt", "no source")
        watching.write("registries/.hidden.yaml", BROKEN)
        watching.write("out/stray.yaml", BROKEN)
        os.utime(project / PROVIDER)
        with watching.telling("-> gpt-4.1", "compiled"):
            watching.write(PROVIDER, provider("gpt-4.1"))
        assert sum(each.startswith("compiled") for each in watching.err) == 2
        assert watching.out.count(watching.out[0]) == 1


def test_json_is_a_line_for_each_time(project: Path) -> None:
    with Watching(project, "build", "--format", "json") as watching:
        watching.until(lambda: len(watching.out) == 1)
        watching.write(PROVIDER, provider("gpt-4.1"))
        watching.until(lambda: len(watching.out) == 2)
        watching.write(PROVIDER, BROKEN)
        watching.until(lambda: len(watching.out) == 3)
    first, second, third = map(json.loads, watching.out)
    assert (first["diff"], first["files"]["created"]) == (None, 7)
    assert second["diff"]["summary"]["changed"] == 2
    assert [each["rule"] for each in third["diagnostics"]] == ["yaml-syntax"]
    assert watching.err == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_ends_when_it_is_told_to(project: Path, number: int, code: int) -> None:
    with Watching(project, "build") as watching:
        assert watching.started().end(number) == code
    said = [each for each in watching.err[2:] if each]
    assert said == (["interrupted"] if number == signal.SIGINT else [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--check"], "--watch and --check exclude each other"),
        (["check", "--format", "sarif"], "--watch writes text, short, json: `sarif` is one document"),
    ],
)
def test_what_does_not_go_with_it_is_refused(project: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "profilec", *arguments, "--watch"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_a_failure_is_told_once_nothing_has_changed_for_a_while() -> None:
    broken, good = Outcome((), None, "broken", {}), Outcome((), profilec.Build({}, {}, {}), "good", {})
    told: list[str] = []

    def follow(changes: list[bool], outcomes: list[Outcome]) -> list[str]:
        told.clear()
        left = iter(outcomes)
        _follow(changes, lambda: next(left), lambda each: told.append(each.summary), lambda: False)
        assert next(left, None) is None
        return told

    # At the first word it is compiled whatever that is; the others say whether something changed.
    assert follow([False], [good]) == ["good"]
    assert follow([False, False], [good]) == ["good"]
    assert follow([False, True, True], [good, broken, good]) == ["good", "good"]
    assert follow([False, True, False, False], [good, broken]) == ["good", "broken"]
    assert follow([True, True, True, False], [broken, broken, broken]) == ["broken"]


def test_many_files_at_once_are_taken_up_together(project: Path) -> None:
    with Watching(project, "build") as watching:
        watching.started()
        with watching.telling("compiled 3 profiles of 3 registries"):
            for name, text in (("a", TEAM.replace("team", "a")), ("b", "slug: provider\nprofiles: {default: {}}\n")):
                watching.write(f"registries/{name}.yaml", text)
            (project / PROVIDER).unlink()


def test_an_import_that_is_new_is_watched(project: Path) -> None:
    (project / "registries" / "30-made.jsonnet").write_text("{slug: 'made', profiles: {default: {}}}\n")
    with Watching(project, "check") as watching:
        watching.started()
        with watching.telling("error[jsonnet-import]"):
            watching.write("registries/30-made.jsonnet", "import 'made.libsonnet'\n")
        with watching.telling("good again"):
            watching.write("registries/made.libsonnet", "{slug: 'made', profiles: {default: {}}}\n")
