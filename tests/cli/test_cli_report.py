"""profilec report: where the page goes, what it never replaces, and what it compares with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_run import PROVIDER, TEAM, contents, environment, make_project, run


def tables(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="tables">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_it_is_a_product_and_the_same_every_time(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert run("build", cwd=tmp_path).code == 0
    pages = [run("report", cwd=tmp_path, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert pages[0].code == 0 and pages[0].out == pages[1].out
    assert pages[0].out.startswith("<!doctype html>")
    assert pages[0].err == "a report on 3 profiles of 2 registries\n"
    assert [each["slug"] for each in tables(pages[0].out)["profiles"]] == ["careful", "default", "default"]
    assert "changes" not in tables(pages[0].out)


def test_it_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    make_project(tmp_path)
    done = run("report", "--source", "registries", "-o", "out/report.html", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert re.fullmatch(r"wrote out/report.html: 3 profiles of 2 registries, 0\.\d MB\n", done.err)
    told = run("report", "--source", "registries", "-o", "out/report.html", "--format", "json", cwd=tmp_path).json
    size = (tmp_path / "out/report.html").stat().st_size
    assert told == {"diagnostics": [], "file": "out/report.html", "size": size, "profiles": 3}


def test_a_report_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert run("build", cwd=tmp_path).code == 0
    assert run("report", "-o", "report.html", cwd=tmp_path).code == 0
    first = (tmp_path / "report.html").read_text("utf-8")
    (tmp_path / "registries/20-team.yaml").write_text(TEAM.replace("0.2", "0.3"), "utf-8")
    assert run("report", "-o", "report.html", "--source", "registries", cwd=tmp_path).code == 0
    assert (tmp_path / "report.html").read_text("utf-8") != first
    (tmp_path / "other.html").write_text("<!doctype html><title>mine</title>", "utf-8")
    before = contents(tmp_path)
    refused = run("report", "-o", "other.html", "--format", "json", cwd=tmp_path)
    assert refused.code == 1 and refused.rules == ["already-there"]
    assert contents(tmp_path) == before
    assert run("report", "-o", "other.html", "--force", cwd=tmp_path).code == 0


@pytest.mark.parametrize("target", ["registries/20-team.yaml", "build/manifest.json"])
def test_what_was_read_is_never_replaced(target: str, tmp_path: Path) -> None:
    make_project(tmp_path)
    assert run("build", cwd=tmp_path).code == 0
    before = contents(tmp_path)
    refused = run("report", "-o", target, "--force", "--format", "json", cwd=tmp_path)
    assert refused.code == 1 and refused.rules == ["already-there"]
    assert contents(tmp_path) == before


def test_without_a_file_json_has_nothing_to_tell_of(tmp_path: Path) -> None:
    make_project(tmp_path)
    done = run("report", "--format", "json", cwd=tmp_path)
    assert done.code == 2 and "name it with `-o`" in done.err


def test_it_shows_what_changed_since_another_build(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert run("build", "-o", "old", cwd=tmp_path).code == 0
    (tmp_path / "registries/20-team.yaml").write_text(TEAM.replace("temperature: 0.2", "temperature: 0.3"), "utf-8")
    # The project's build is not made anew: what is compared are the sources as they are.
    done = run("report", "--against", "old", cwd=tmp_path)
    changes = tables(done.out)["changes"]
    assert (changes["old"], changes["new"], changes["changed"], changes["total"]) == ("old", "the working tree", 2, 3)
    (cause,) = changes["causes"]
    assert (cause["layer"], cause["old"], cause["new"], cause["profiles"]) == ("team/default", 0.2, 0.3, [0, 1])
    assert run("report", "--against", "old", "--since", "HEAD", cwd=tmp_path).code == 2


@pytest.mark.parametrize("reading", [[], ["--source", "registries"]])
def test_it_shows_what_changed_since_a_revision(reading: list[str], tmp_path: Path) -> None:
    make_project(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    (tmp_path / "registries/10-provider.yaml").write_text(PROVIDER.replace("gpt-4o-mini", "gpt-5"), "utf-8")
    changes = tables(run("report", "--since", "HEAD", *reading, cwd=tmp_path).out)["changes"]
    assert [cause["field"] for cause in changes["causes"]] == ["chat.engine"]
    unknown = run("report", "--since", "nowhere", "-o", "x.html", "--format", "json", cwd=tmp_path)
    assert unknown.code == 3 and unknown.rules == ["unknown-side"]


def test_where_there_is_no_build_it_says_so(tmp_path: Path) -> None:
    make_project(tmp_path)
    done = run("report", "-o", "report.html", "--format", "json", cwd=tmp_path)
    assert done.rules == ["no-build"]
    assert not (tmp_path / "report.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_is_spared(tmp_path: Path) -> None:
    make_project(tmp_path)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "profilec", "report", "--source", "registries"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), stdout=theirs, stderr=subprocess.PIPE, text=True)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2 and "this is a terminal: name the file with `-o`" in done.stderr
