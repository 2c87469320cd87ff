"""`profilec … --watch` in a process of its own, whose lines are waited for: nothing here sleeps and hopes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])
UNSET = ("NO_COLOR", "FORCE_COLOR", "PINOCCHIO_PROFILE_REGISTRIES", "ENGINE_PROFILES_BUILD", "PROFILEC_TRACEBACK")
# A loaded machine takes its time; who waits so long waits for nothing.
PATIENCE = 60


def provider(model: str = "gpt-4o-mini", comment: str = "") -> str:
    return f"{comment}slug: provider\nprofiles:\n  default:\n    inference_settings: {{chat: {{engine: {model}}}}}\n"


TEAM = "slug: team\nprofiles:\n  default: {stack: [{registry_slug: provider, profile_slug: default}]}\n"
BROKEN = "slug: [\n"


def make_project(directory: Path) -> Path:
    (directory / "registries").mkdir(parents=True)
    (directory / "profilec.toml").write_text('sources = ["registries"]\n')
    (directory / "registries" / "10-provider.yaml").write_text(provider())
    (directory / "registries" / "20-team.yaml").write_text(TEAM)
    return directory


class Watching:
    """A command that watches. `out` and `err` are the lines so far."""

    def __init__(self, project: Path, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in UNSET}
        self.project = project
        self.process = subprocess.Popen(
            [sys.executable, "-m", "profilec", *arguments, "--watch"],
            cwd=project,
            env={**environment, "PYTHONPATH": PATHS, "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Who runs the tests in the background has them ignore interrupts, and what they start too.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self.readers = [self._reader(self.process.stdout, self.out), self._reader(self.process.stderr, self.err)]

    def _reader(self, stream: IO[str] | None, lines: list[str]) -> threading.Thread:
        assert stream is not None
        thread = threading.Thread(target=lambda: [lines.append(line.rstrip("\n")) for line in stream], daemon=True)
        thread.start()
        return thread

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for each in self.readers:
            each.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end and self.process.poll() is None, "\n".join([*self.out, *self.err])
            time.sleep(0.01)

    def started(self) -> Watching:
        self.until(lambda: any(each.startswith("watching ") for each in self.err))
        return self

    @contextmanager
    def telling(self, *words: str) -> Iterator[None]:
        """What happens within makes the command say each of the words, on either stream, after it began."""
        begun = len(self.out), len(self.err)
        yield
        self.until(lambda: all(word in "\n".join(self.out[begun[0] :] + self.err[begun[1] :]) for word in words))

    def settle(self) -> None:
        """Wait until both streams have said nothing for a moment."""
        before = -1
        while before != (now := len(self.out) + len(self.err)):
            before = now
            time.sleep(0.3)

    def write(self, name: str, text: str) -> None:
        """Put a file in its place in one step: what is half written is another test's matter."""
        path = self.project / name
        beside = path.with_name(f".{path.name}.tmp")
        beside.write_text(text, "utf-8")
        beside.replace(path)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def model_of(project: Path, name: str = "team/default") -> Any:
    """The model that the current build serves."""
    manifest = json.loads((project / "build" / "manifest.json").read_bytes())
    registry, _, profile = name.partition("/")
    index = json.loads((project / "build" / manifest["registries"][registry]["file"]).read_bytes())
    return index["profiles"][profile].get("model")
