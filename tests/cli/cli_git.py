"""Git repositories for tests, whatever the developer's own git is set to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(directory: Path, *arguments: str, stdin: bytes = b"", **variables: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env={**os.environ, **_GIT, **variables},
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def commit(directory: Path) -> None:
    if not (directory / ".git").exists():
        git(directory, "init", "-q", "-b", "main")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "--allow-empty", "-m", "a change")
