"""Git's store -> objects, one at a time: a process that answers as long as it is asked, and nothing of it in memory.

Git itself is asked: it knows alternates, packs and worktrees. No hook and no filter is run, and nothing is fetched.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple, Self, cast

from profilec.review.revision import environment

_CHUNK = 1 << 20


class Missing(Exception):
    """This clone does not have an object, or not all of it."""


class Head(NamedTuple):
    """What kind an object is of, and how many bytes it has."""

    kind: str
    size: int


class Store:
    """The objects of a repository. After `ask`, `chunks` gives the object's bytes, all of which are to be taken."""

    def __init__(self, top: Path) -> None:
        self._git = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=top,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        self._questions = cast(IO[bytes], self._git.stdin)
        self._answers = cast(IO[bytes], self._git.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever stops in the middle of an object leaves the process waiting.
        self._git.kill()
        self._answers.close()
        with suppress(OSError):
            self._questions.close()
        self._git.wait()

    def ask(self, name: str) -> Head:
        """Raises `Missing` for an object that this clone does not have: git says so, or ends."""
        try:
            self._questions.write(f"{name}\n".encode())
            self._questions.flush()
        except OSError:
            raise Missing from None
        words = self._answers.readline().split()
        if len(words) != 3:
            raise Missing
        return Head(words[1].decode(), int(words[2]))

    def chunks(self, head: Head) -> Iterator[bytes]:
        left = head.size
        while left:
            chunk = self._answers.read(min(left, _CHUNK))
            if not chunk:
                raise Missing
            left -= len(chunk)
            yield chunk
        self._answers.read(1)
