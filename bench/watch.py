"""Sources that are edited under a running `profilec build --watch` -> seconds from a write to the new manifest."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from timing import CommandFailed

PATIENCE = 60


class Watched:
    """A build directory that a process keeps up to date."""

    def __init__(self, process: subprocess.Popen[str], out: Path) -> None:
        self.process, self.manifest = process, out / "manifest.json"
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                raise CommandFailed("the watching process says " + (self.lines or ["nothing"])[-1].strip())
            time.sleep(0.0005)

    def seconds(self, file: Path, text: str) -> float:
        """From the write of a file until another manifest is in place. Returns once the command has said so."""
        before, said = self.manifest.stat().st_ino, len(self.lines)
        start = time.perf_counter()
        file.write_text(text)
        self.wait_until(lambda: self.manifest.stat().st_ino != before)
        elapsed = time.perf_counter() - start
        self.wait_until(lambda: len(self.lines) > said)
        return elapsed


@contextmanager
def watched(command: list[str], environment: dict[str, str], out: Path) -> Iterator[Watched]:
    """A process that watches, once it does."""
    arguments = [*command, "--watch"]
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            running = Watched(process, out)
            running.wait_until(lambda: any(line.startswith("watching ") for line in running.lines))
            # What is changed before the system watches is found too, but a little later.
            time.sleep(1)
            yield running
        finally:
            process.kill()


def edits(file: Path, field: str, at: int) -> Iterator[str]:
    """The text of a file, over and over, each time with another value of one field, the first or the last one."""
    parts = re.split(rf"(?<=\b{field}: )(.*)", file.read_text())
    place = range(1, len(parts), 2)[at]
    for number in count(11):
        value = f"0.{number}" if field == "temperature" else f"'{number}'" if field == "user_id" else str(number)
        yield "".join([*parts[:place], value, *parts[place + 1 :]])
