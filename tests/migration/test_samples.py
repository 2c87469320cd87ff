"""Files in the shape that real ones have, migrated: beside each stands what is printed and written.

`pytest --update` rewrites what is wanted; read the diff.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "samples"
PATHS = os.pathsep.join(str(Path(__file__).parents[2] / each) for each in ("compiler", "runtime/python"))
CASES = {
    **{
        f"legacy/{each.name}": "legacy" for each in sorted((SAMPLES / "legacy").glob("*.*")) if each.suffix != ".wanted"
    },
    "litellm/config.yaml": "litellm",
    "models-dev": "models-dev",
}


@pytest.mark.parametrize("name", CASES)
def test_sample(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source = SAMPLES / name
    arguments = ["--from", CASES[name], source.name, "-o", str(tmp_path / "made"), "--format", "short"]
    done = subprocess.run(
        [sys.executable, "-m", "profilec", "migrate", *arguments],
        cwd=source.parent,
        env={**os.environ, "PYTHONPATH": PATHS, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""
    made = sorted((tmp_path / "made").glob("*")) if (tmp_path / "made").exists() else []
    printed = done.stderr.replace(f"{tmp_path}{os.sep}", "")
    found = f"exit code {done.returncode}\n{printed}" + "".join(
        f"\n=== {path.name}\n{path.read_text('utf-8')}" for path in made
    )
    assert "not-a-real" not in found, "a credential is shown"
    wanted = source.with_name(f"{source.name}.wanted")
    if request.config.getoption("--update"):
        wanted.write_text(found, "utf-8", newline="\n")
    assert found == wanted.read_text("utf-8")
