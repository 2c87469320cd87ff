"""Same input, same bytes: whatever the hash seed, the locale, the clock, the place, the order of work and of files."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import profilec
import pytest

ROOT = Path(__file__).parents[2]
PATHS = [str(ROOT / "compiler"), str(ROOT / "runtime" / "python")]
BASELINE = "client: {timeout: 30, proxy_url: '${env:PROXY}'}\n"
# Findings of every kind of order: what they say may not depend on the order in which they were found.
ODD = """\
slug: odd
profiles:
  b: {inference_settings: {chat: {engine: '${X}'}}}
  a: {extensions: {a.b@v1: {x: yes, y: 010}}}
"""


def make_project(directory: Path, order: int = 1) -> Path:
    """A copy of the repository's registries, its files created in one order or the other."""
    directory.mkdir(parents=True)
    (directory / "base.yaml").write_text(BASELINE)
    (directory / "profilec.toml").write_text('sources = ["registries"]\nbaseline = "base.yaml"\n')
    for path in sorted((ROOT / "registries").rglob("*.yaml"))[::order]:
        target = directory / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (directory / "registries" / "odd.yaml").write_text(ODD)
    return directory


def tree(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def run_build(
    project: Path, output: Path, *arguments: str, python: Sequence[str] = (sys.executable,), **variables: str
) -> tuple[dict[str, str], str]:
    """The files that a build in a process of its own writes, and its findings."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(
        [*python, "-m", "profilec", "build", "--format", "short", "-o", str(output), *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return tree(output), "".join(line for line in done.stderr.splitlines(True) if not line.startswith("compiled"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("first") / "project")


@pytest.fixture(scope="module")
def expected(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str]:
    return run_build(project, tmp_path_factory.mktemp("expected") / "build")


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4294967295"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1"},
        {"HOME": "/nonexistent", "USER": "someone", "COLUMNS": "20"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda variables: "-".join(variables),
)
def test_the_environment_does_not_matter(
    project: Path, expected: tuple[dict[str, str], str], variables: dict[str, str], tmp_path: Path
) -> None:
    assert run_build(project, tmp_path / "build", **variables) == expected


def test_place_and_order_of_files_do_not_matter(expected: tuple[dict[str, str], str], tmp_path: Path) -> None:
    moved = make_project(tmp_path / "far away" / "ünïcode" / "project", order=-1)
    assert run_build(moved, tmp_path / "build") == expected


def test_the_current_directory_does_not_matter(
    project: Path, expected: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    assert run_build(project / "registries" / "catalog", tmp_path / "build") == expected


def test_a_link_to_the_checkout_does_not_matter(
    project: Path, expected: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(project)
    assert run_build(link, tmp_path / "build") == expected


def test_an_absolute_source_is_named_as_a_relative_one(
    project: Path, expected: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    assert run_build(project, tmp_path / "build", str(project / "registries")) == expected


def test_names_outside_the_project_say_nothing_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    outside = tmp_path / "secret place" / "registries" / "team.yaml"
    outside.parent.mkdir(parents=True)
    outside.write_text("slug: team\nprofiles: {default: {}}\n")
    for source in (outside, outside.parent):
        build = profilec.compile([source], root=tmp_path / "work")
        assert not any(b"secret place" in data for data in build.files.values())


@pytest.mark.parametrize("jobs", ["1", "2", "3", "7"])
def test_the_number_of_processes_does_not_matter(
    project: Path, expected: tuple[dict[str, str], str], jobs: str, tmp_path: Path
) -> None:
    assert run_build(project, tmp_path / "build", "--jobs", jobs) == expected


@cache
def compiled(root: Path) -> profilec.Build:
    return profilec.compile([root / "registries"], root / "base.yaml", root=root)


def check_same(one: profilec.Build, other: profilec.Build) -> None:
    assert one.files == other.files
    assert one.diagnostics == other.diagnostics


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("kind", ["threads", "spawn", "forkserver"])
def test_the_executor_does_not_matter(project: Path, kind: str, jobs: int) -> None:
    executor: Executor = ThreadPoolExecutor(3) if kind == "threads" else ProcessPoolExecutor(2, get_context(kind))
    with executor:
        build = profilec.compile(
            [project / "registries"], project / "base.yaml", jobs=jobs, executor=executor, root=project
        )
    check_same(build, compiled(project))


def test_copies_of_the_process_do_not_matter(project: Path) -> None:
    for jobs in (0, 2, 3, 40):
        check_same(
            profilec.compile([project / "registries"], project / "base.yaml", jobs=jobs, root=project),
            compiled(project),
        )


def test_findings_of_many_files_come_in_one_order(project: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(project / "registries", broken / "registries")
    for path in sorted((broken / "registries").rglob("*.yaml")):
        path.write_text(
            path.read_text("utf-8") + "  broken: {stack: [{profile_slug: nowhere}], nonsense: 1, b: 2, a: 3}\n", "utf-8"
        )
    found = []
    for jobs in (1, 2, 5):
        with pytest.raises(profilec.CompileError) as caught:
            profilec.compile([broken / "registries"], jobs=jobs, root=broken)
        found.append(caught.value.diagnostics)
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 50


@pytest.mark.parametrize("python", os.environ.get("PROFILEC_TEST_PYTHONS", "").split(os.pathsep))
def test_the_version_of_python_does_not_matter(
    project: Path, expected: tuple[dict[str, str], str], python: str, tmp_path: Path
) -> None:
    """PROFILEC_TEST_PYTHONS lists interpreters of other versions that have the compiler's dependencies."""
    if not python:
        pytest.skip("PROFILEC_TEST_PYTHONS names no interpreter")
    assert run_build(project, tmp_path / "build", python=[python]) == expected
