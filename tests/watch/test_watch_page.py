"""The page's example: what is printed at first, and after each edit."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from watch_run import ROOT, Watching

PAGE = ROOT / "docs" / "watch.md"
_BLOCK = re.compile(r"^```(console|sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r"\(\d+\.\d\d s\)")
# What ends the report of one edit.
_LAST = re.compile(r"^(good again: )?compiled |^\d+ error")


def test_the_example_prints_what_the_page_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shutil.copytree(ROOT / "registries", tmp_path / "registries")
    (tmp_path / "profilec.toml").write_text('sources = ["registries"]\n')
    text = PAGE.read_text("utf-8")
    blocks = list(_BLOCK.finditer(text))
    printed: list[str] = []
    with Watching(tmp_path, "build") as watching:
        watching.started()
        printed.append("$ profilec build --watch\n" + "\n".join(watching.err) + "\n")
        for edit in blocks[1::2]:
            begun = len(watching.out), len(watching.err)
            subprocess.run(["bash", "-c", edit[2]], cwd=tmp_path, check=True)
            watching.until(lambda begun=begun: any(map(_LAST.match, watching.err[begun[1] :])))  # type: ignore[misc]
            # The diff is written before the line on the other stream, and may be read after it.
            watching.settle()
            printed.append("\n".join([*watching.out[begun[0] :], *watching.err[begun[1] :]]) + "\n")
    wanted = [blocks[0], *blocks[2::2]]
    if request.config.getoption("update"):
        for block, said in zip(reversed(wanted), reversed(printed), strict=True):
            text = text[: block.start(2)] + said + text[block.end(2) :]
        PAGE.write_text(text, "utf-8")
        return
    assert len(blocks) == 7
    for block, said in zip(wanted, printed, strict=True):
        assert _SECONDS.sub("(… s)", said) == _SECONDS.sub("(… s)", block[2])
