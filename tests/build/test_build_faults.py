"""Builders that are killed, that run side by side, and that run out of room: a reader always finds one whole build."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import engineprofiles
import profilec
import pytest
from build_projects import command, compile_version, contents, environment, run, text

PROFILES = 60
# Builds one version after the other until it is killed: one writes what is in memory, the other what it compiles.
BUILDER = """
import itertools, sys
sys.path.insert(0, sys.argv[1])
from build_projects import compile_version, text
import profilec
builds = [compile_version(version, {profiles}) for version in range(3)]
for number in itertools.count({start}):
    if {start} % 2:
        profilec.build(profilec.Text("r.yaml", text(number % 3, {profiles})), sys.argv[2], jobs=3)
    else:
        profilec.write(builds[number % 3], sys.argv[2])
    print(number, flush=True)
"""


def load_all(directory: Path) -> set[str]:
    """Every profile of the current build, opened as an application does; the versions that it holds, which is one."""
    profiles = engineprofiles.open(directory)
    return {profiles[name].settings["chat"]["engine"] for name in profiles}


def start_builder(directory: Path, start: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            BUILDER.format(profiles=PROFILES, start=start),
            str(Path(__file__).parent),
            str(directory),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Reader(threading.Thread):
    """Loads the build over and over, and keeps what was wrong with it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(daemon=True)
        self.directory, self.faults, self.loads = directory, [], 0  # type: ignore[var-annotated]
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                versions = load_all(self.directory)
            except Exception as error:
                self.faults.append(repr(error))
            else:
                self.loads += 1
                if len(versions) != 1:
                    self.faults.append(f"a mixture of {sorted(versions)}")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    profilec.write(compile_version(0, PROFILES), tmp_path / "build")
    reader = Reader(tmp_path / "build")
    reader.start()
    yield reader
    reader.stopping.set()
    reader.join()


def test_a_builder_killed_at_any_time_leaves_a_whole_build(tmp_path: Path, reader: Reader) -> None:
    directory = tmp_path / "build"
    chance = random.Random(1)
    for turn in range(12):
        # So that there are files to write again, as in a directory that others build into too.
        for path in directory.glob("profiles/r/*0@*.json" if turn % 3 else "nothing"):
            if path.name not in named_by(directory):
                path.unlink()
        process = start_builder(directory, turn)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        time.sleep(chance.random() * 0.05)
        process.kill()
        process.communicate()
        assert len(load_all(directory)) == 1
    written = profilec.write(compile_version(9, PROFILES), directory)
    assert written.is_new
    reader.stopping.set()
    reader.join()
    assert reader.faults == []
    assert reader.loads > 0


def named_by(directory: Path) -> set[str]:
    """The names of the artifacts of the current build and of those before it."""
    names = set()
    for path in [directory / "manifest.json", *directory.glob("history/*.json")]:
        index = json.loads((directory / json.loads(path.read_bytes())["registries"]["r"]["file"]).read_bytes())
        names |= {each["file"].rpartition("/")[2] for each in index["profiles"].values()}
    return names


def test_a_first_build_that_is_killed_can_be_repeated(tmp_path: Path) -> None:
    chance = random.Random(2)
    build = compile_version(0, PROFILES)
    for turn in range(6):
        directory = tmp_path / str(turn)
        process = start_builder(directory, turn)
        while not directory.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.02)
        process.kill()
        process.communicate()
        profilec.write(build, directory)
        assert load_all(directory) == {"version-0"}
        shutil.rmtree(directory)


def test_builders_side_by_side(tmp_path: Path, reader: Reader) -> None:
    directory = tmp_path / "build"
    (tmp_path / "sources").mkdir()
    for version in range(4):
        (tmp_path / "sources" / f"{version}.yaml").write_text(text(version, PROFILES))
    for _ in range(3):
        processes = [
            subprocess.Popen(
                command("build", f"sources/{version}.yaml", "-o", directory),
                cwd=tmp_path,
                env=environment(),
                stderr=subprocess.PIPE,
                text=True,
            )
            for version in range(4)
        ]
        for process in processes:
            _, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
    reader.stopping.set()
    reader.join()
    assert reader.faults == []
    assert len(load_all(directory)) == 1
    assert not list(directory.rglob(".tmp-*"))


def test_threads_of_one_process_side_by_side(tmp_path: Path) -> None:
    builds = [compile_version(version, 10) for version in range(3)]
    faults: list[str] = []

    def build(version: int) -> None:
        try:
            for _ in range(5):
                profilec.write(builds[version], tmp_path)
        except Exception as error:
            faults.append(repr(error))

    threads = [threading.Thread(target=build, args=[version]) for version in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(load_all(tmp_path)) == 1


def test_a_reader_that_opened_earlier_keeps_its_build(tmp_path: Path) -> None:
    profilec.write(compile_version(0, PROFILES), tmp_path)
    early = engineprofiles.open(tmp_path)
    for version in range(1, 9):
        profilec.write(compile_version(version, PROFILES), tmp_path)
    assert {early[name].settings["chat"]["engine"] for name in early} == {"version-0"}
    assert early.reload()
    assert {early[name].settings["chat"]["engine"] for name in early} == {"version-8"}


# A full disk


def test_a_limit_on_the_size_of_files_is_3_and_keeps_the_old_build(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(text(0, 3))
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 0
    before = contents(tmp_path / "build")
    (tmp_path / "r.yaml").write_text(text(1, PROFILES))
    for size, jobs in ((0, 1), (10, 1), (2000, 1), (8000, 1), (10, 3), (8000, 3)):
        done = run(
            "build", "r.yaml", f"--jobs={jobs}", "--format=json", cwd=tmp_path, preexec_fn=lambda size=size: limit(size)
        )
        assert done.returncode == 3, (size, done)
        assert "unwritable-output" in done.stdout
        assert load_all(tmp_path / "build") == {"version-0"}
        after = contents(tmp_path / "build")
        assert {path: after[path] for path in before} == before
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 0
    assert load_all(tmp_path / "build") == {"version-1"}


def limit(size: int) -> None:
    """Writing more than this into one file fails, as on a disk that is full."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if not mount or os.geteuid():
        pytest.skip("only the administrator mounts a small disk")
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("no small disk may be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="a file system of Linux")
@pytest.mark.parametrize("durable", [[], ["--durable"]], ids=["plain", "durable"])
def test_a_full_disk_is_3_and_keeps_the_old_build(tmp_path: Path, small_disk: Path, durable: list[str]) -> None:
    (tmp_path / "r.yaml").write_text(text(0, 4))
    assert run("build", "r.yaml", "-o", small_disk / "build", cwd=tmp_path).returncode == 0
    (tmp_path / "r.yaml").write_text(text(1, 60))
    for _ in range(2):
        done = run("build", "r.yaml", "-o", small_disk / "build", *durable, cwd=tmp_path)
        assert done.returncode == 3 and "no space left" in done.stderr
        assert load_all(small_disk / "build") == {"version-0"}
    # What a build could not finish does not stay, or a full disk would stay full.
    (tmp_path / "r.yaml").write_text(text(2, 4))
    assert run("build", "r.yaml", "-o", small_disk / "build", cwd=tmp_path).returncode in (0, 3)
    assert len(load_all(small_disk / "build")) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="a file system of Linux")
def test_a_read_only_disk_is_3(tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "r.yaml").write_text(text(0, 3))
    assert run("build", "r.yaml", "-o", small_disk / "build", cwd=tmp_path).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert run("build", "--check", "r.yaml", "-o", small_disk / "build", cwd=tmp_path).returncode == 0
    assert run("list", "--build", small_disk / "build", cwd=tmp_path).returncode == 0
    (tmp_path / "r.yaml").write_text(text(1, 3))
    done = run("build", "r.yaml", "-o", small_disk / "build", cwd=tmp_path)
    assert done.returncode == 3 and "read-only" in done.stderr
    assert load_all(small_disk / "build") == {"version-0"}
