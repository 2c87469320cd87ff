"""Writers in processes of their own: none loses what another wrote, and one that is killed leaves a whole file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import profilec
import pytest
from profilec import open_store

COMPILER = Path(__file__).parents[2] / "compiler"
PLACES = ["team.yaml", "team.json", "team.sqlite"]
# Profiles of its own, and a count in one that all of them share, changed by what was seen last.
WRITER = """
import sys
from profilec import VersionConflict, open_store
path, who, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(path)
for number in range(rounds):
    store.put_profile("team", f"{who}-{number}", {"description": "x" * 2000}, actor=who)
    while True:
        seen = store.profile("team", "shared")
        seen["extensions"] = {"test.count@v1": seen["extensions"]["test.count@v1"] + 1}
        try:
            store.put_profile("team", "shared", seen, expect_version=seen["metadata"]["version"], actor=who)
            break
        except VersionConflict:
            pass
    print(number, flush=True)
"""


def writer(path: Path, who: str, rounds: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(COMPILER)}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), who, str(rounds)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def prepared(path: Path) -> None:
    open_store(path).put_registry({"slug": "team", "profiles": {"shared": {"extensions": {"test.count@v1": 0}}}})


@pytest.mark.parametrize("place", PLACES)
def test_writers_at_once_lose_nothing(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    prepared(path)
    processes = [writer(path, who, 8) for who in ("ada", "bob", "eve")]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
    document = open_store(path).registry("team")
    assert len(document["profiles"]) == 1 + 3 * 8
    assert document["profiles"]["shared"]["extensions"] == {"test.count@v1": 24}
    assert document["profiles"]["shared"]["metadata"]["version"] == 1 + 24
    assert document["metadata"]["version"] == 1 + 2 * 24
    assert len(open_store(path).history()) == 1 + 2 * 24


@pytest.mark.parametrize("place", PLACES)
def test_a_writer_that_is_killed_leaves_what_it_had_written(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    prepared(path)
    for round_ in range(4):
        with writer(path, f"w{round_}", 1000) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.02 * round_)
            process.send_signal(signal.SIGKILL)
        # The next writer goes on at once, and finds a whole registry with all that was finished.
        store = open_store(path)
        store.put_profile("team", f"after-{round_}", {})
        assert f"w{round_}-0" in store.registry("team")["profiles"]
    build = profilec.compile(path)
    assert "team/after-3" in build.artifacts


@pytest.mark.parametrize("place", PLACES)
def test_a_reader_meanwhile_sees_whole_registries(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    prepared(path)
    seen = []
    with writer(path, "ada", 12) as process:
        while process.poll() is None:
            try:
                seen.append(len(profilec.compile(path).artifacts))
            except profilec.CompileError as error:
                assert place.endswith("sqlite"), error.diagnostics
                assert {each.rule for each in error.diagnostics} == {"unfinished-database"}
        assert process.stderr is not None
        assert process.returncode == 0, process.stderr.read()
    assert seen == sorted(seen)
    assert seen[-1] > 1
