"""Builds of small registries for the tests of writing: in this process, and in others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import profilec

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])


def text(version: int = 0, profiles: int = 20, comment: str = "") -> str:
    """A registry whose every profile says its version, so that a mixture of two builds shows."""
    lines = [f"# {comment}", "slug: r", f"display_name: version {version}", "profiles:"]
    for number in range(profiles):
        lines += [
            f"  p{number}:",
            f"    inference_settings: {{chat: {{engine: 'version-{version}', temperature: 0.{number}}}}}",
        ]
    return "\n".join([*lines, "  default: {stack: [{profile_slug: p0}]}"]) + "\n"


def compile_version(version: int = 0, profiles: int = 20, comment: str = "", **options: Any) -> profilec.Build:
    return profilec.compile(profilec.Text("r.yaml", text(version, profiles, comment)), **options)


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def identities(directory: Path) -> dict[str, tuple[int, int]]:
    """What a rewrite would change, of every file."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name != ".lock":
            status = path.stat()
            found[path.relative_to(directory).as_posix()] = (status.st_ino, status.st_mtime_ns)
    return found


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PATHS, "PYTHONDONTWRITEBYTECODE": "1"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "profilec", *map(str, arguments)]


def run(*arguments: str | Path, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **more,
    )
    assert "Traceback" not in done.stderr and "bug:" not in done.stderr, done.stderr
    return done
