"""Exported trees: what is an artifact in them, what is left alone, and what is damage."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import profilec
import pytest
from profilec.diagnostics import CompileError
from profilec.review.exported import is_exported, open_exported

SOURCES = {
    "slug": "team",
    "profiles": {
        "base": {"inference_settings": {"chat": {"engine": "small"}}},
        "default": {"stack": [{"profile_slug": "base"}], "inference_settings": {"chat": {"temperature": 1}}},
        "top": {"stack": [{"profile_slug": "default"}], "inference_settings": {"client": {"timeout": 3}}},
    },
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, artifact in profilec.compile(SOURCES).artifacts.items():
        write(tmp_path / f"{name}.json", artifact.data)
    return tmp_path


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def edit(path: Path, change: Callable[[Any], object]) -> None:
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(json.dumps(document).encode())


FOREIGN = {
    ".vscode/settings.json": b'{"editor.tabSize": 2}',
    "zz/a.json": b"[1]",
    "aa/broken.json": b'{"a":',
    "team/notes.json": b"{}",
    "build/manifest.json": b'{"format": "engine-profiles/1", "registries": {}}',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_artifact_is_left_alone(tree: Path, name: str) -> None:
    write(tree / name, FOREIGN[name])
    assert is_exported(tree)
    assert sorted(open_exported(tree).artifacts) == ["team/base", "team/default", "team/top"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes here")
def test_a_directory_and_a_pipe_are_left_alone(tree: Path) -> None:
    (tree / "team/more.json").mkdir()
    os.mkfifo(tree / "team/pipe.json")
    assert is_exported(tree)
    assert len(open_exported(tree).artifacts) == 3


def test_no_order_of_files_decides_what_a_directory_is(tmp_path: Path) -> None:
    """File systems list names as they like: one artifact of its own name is enough, wherever it comes."""
    artifact = profilec.compile(SOURCES).artifacts["team/base"].data
    for at, names in enumerate((["aa/a.json", "team/base.json", "zz/z.json"], ["zz/z.json", "team/base.json"])):
        for name in names:
            write(tmp_path / f"{at}/{name}", artifact if name.startswith("team") else b"{}")
        assert is_exported(tmp_path / str(at))
    write(tmp_path / "other/zz/z.json", artifact)
    assert not is_exported(tmp_path / "other")


def damaged(tree: Path, name: str) -> None:
    with pytest.raises(CompileError) as caught:
        open_exported(tree)
    (found,) = caught.value.diagnostics
    assert (found.rule, found.file) == ("damaged-build", f"{tree}/{name}")


@pytest.mark.parametrize("name", ["team/other.json", "zz/base.json", ".vscode/base.json"])
def test_an_artifact_under_another_name_is_damage(tree: Path, name: str) -> None:
    write(tree / name, (tree / "team/base.json").read_bytes())
    damaged(tree, name)


def test_what_is_left_of_an_artifact_is_damage(tree: Path) -> None:
    whole = (tree / "team/top.json").read_bytes()
    for data in (whole[:-20], b"", b"<<<<<<< HEAD\n" + whole):
        write(tree / "team/top.json", data)
        damaged(tree, "team/top.json")
    write(tree / "team/top.json", whole)
    # Others stack on it, so it is to be one.
    write(tree / "team/base.json", b"{}")
    damaged(tree, "team/base.json")


BROKEN: dict[str, Callable[[Any], object]] = {
    "no leaf": lambda each: each["lineage"]["fields"].update({"/inference_settings/chat/no": [0]}),
    "below a leaf": lambda each: each["lineage"]["fields"].update({"/inference_settings/chat/engine/no": [0]}),
    "no layer": lambda each: each["lineage"]["fields"].update({"/inference_settings/chat/engine": [9]}),
    "another on top": lambda each: each["lineage"]["stack"].pop(),
    "a baseline within": lambda each: each["lineage"]["stack"].insert(1, {"baseline": "base"}),
    "itself below": lambda each: each["lineage"]["stack"].insert(0, each["lineage"]["stack"][-1]),
    "no settings": lambda each: each.pop("inference_settings"),
}


@pytest.mark.parametrize("change", BROKEN)
def test_a_lineage_of_something_else_is_damage(tree: Path, change: str) -> None:
    edit(tree / "team/top.json", BROKEN[change])
    damaged(tree, "team/top.json")


def test_stacks_that_contain_each_other_are_damage(tree: Path) -> None:
    top = json.loads((tree / "team/top.json").read_bytes())["lineage"]["stack"][-1]
    edit(tree / "team/base.json", lambda each: each["lineage"]["stack"].insert(0, top))
    edit(
        tree / "team/base.json", lambda each: each["lineage"]["fields"].update({"/inference_settings/chat/engine": [1]})
    )
    damaged(tree, "team/base.json")
