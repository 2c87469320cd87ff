"""Texts to evaluate -> what became of each, from a child process that is ended when it passes a limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import IO, Literal, NamedTuple

from profilec.sources import jsonnet_child as child

_SCRIPT = Path(child.__file__)
# What an interpreter may need to start at all; no program sees any of it.
_KEPT_VARIABLES = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_START_SECONDS = 30.0
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use: seconds on the clock, and bytes."""

    # The largest catalogue known, 100,000 profiles from one program, takes 26 s.
    seconds: float = 30.0
    # Address space, the interpreter's own 100 MiB included.
    memory: int = 1024 * _MEBIBYTE
    # The JSON of those 100,000 profiles; the engine needs three times as much to hand it over.
    output: int = 128 * _MEBIBYTE
    # One imported file, and all of them together: they are kept here, each read once.
    file: int = 64 * _MEBIBYTE
    files: int = 256 * _MEBIBYTE


class Outcome(NamedTuple):
    """What became of a text: a result as JSON, the engine's complaint, or the limit that was passed.

    `text` of a limit is "time", "memory", "output", or how the process died.
    """

    kind: Literal["result", "error", "limit"]
    text: str


# Base directory and what is imported -> the engine's name of the file and its bytes, or None where it is refused.
Answer = Callable[[str, str], tuple[str, bytes] | None]


class Unavailable(Exception):
    """The engine cannot be started; the message says why."""


class Worker:
    """One child at a time, for as many texts as there are. A child that dies is followed by another one.

    Raises `Unavailable` where there is no engine.
    """

    def __init__(self, groups: Mapping[str, Mapping[str, str]], limits: Limits) -> None:
        self._limits = limits
        self._inputs = list(child.pack_inputs(groups))
        self._process: subprocess.Popen[bytes] | None = None
        engine = find_spec("_jsonnet")
        if engine is None or not engine.origin:
            raise Unavailable("the package `jsonnet` is not installed")
        self._engine = engine.origin

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def evaluate(self, name: str, text: str, seconds: float, answer: Answer) -> Outcome:
        """Evaluate a text under a name. `answer` is asked for each import."""
        if self._process is None:
            self._start()
        try:
            with self._clock(seconds) as clock:
                outcome = self._converse(name, text, answer)
        except child.Overlong:
            self._end()
            return Outcome("limit", "output")
        except (EOFError, OSError):
            cause = self._end(is_dead=True)
            return Outcome("limit", "time" if clock.has_struck else cause)
        except BaseException:
            self._end()
            raise
        if clock.has_struck or outcome.text == "memory":
            self._end()
        return outcome

    def _converse(self, name: str, text: str, answer: Answer) -> Outcome:
        sink, source = self._pipes()
        child.send(sink, child.EVALUATE, name.encode(), text.encode())
        while True:
            kind, parts = child.receive(source, self._limits.output)
            if kind == child.IMPORT:
                found = answer(*(part.decode("utf-8", "replace") for part in parts))
                if found is None:
                    child.send(sink, child.REFUSED)
                else:
                    child.send(sink, child.FILE, found[0].encode(), found[1])
                continue
            result = parts[0].decode("utf-8", "replace")
            if kind == child.RESULT:
                return Outcome("result", result)
            return Outcome("error" if kind == child.ERROR else "limit", result)

    def _start(self) -> None:
        limits = self._limits
        arguments = [self._engine, os.getpid(), limits.memory, ceil(limits.seconds), limits.output]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", str(_SCRIPT), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What `std.trace` prints may be a credential.
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            )
            sink, source = self._pipes()
            with self._clock(_START_SECONDS):
                child.send(sink, child.INPUTS, *self._inputs)
                child.receive(source, 0)
        except (OSError, EOFError, ValueError, child.Overlong):
            self._end()
            raise Unavailable("the package `jsonnet` cannot be loaded in a process of its own") from None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        return process.stdin, process.stdout

    def _clock(self, seconds: float) -> _Clock:
        if self._process is None:
            raise EOFError
        return _Clock(seconds, self._process)

    def _end(self, is_dead: bool = False) -> str:
        """End the child, if there is one. Returns what it died of, where it did so by itself."""
        process, self._process = self._process, None
        if process is None:
            return ""
        if is_dead:
            # Its pipe is closed, and in a moment its status tells of what it died.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_START_SECONDS)
        process.kill()
        status = process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        return _cause(status)


class _Clock:
    """Kills a process that takes too long: a reader that waits on its pipe then sees the end of it."""

    def __init__(self, seconds: float, process: subprocess.Popen[bytes]) -> None:
        self.has_struck = False
        self._process = process
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> _Clock:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        # A process with a second thread cannot be copied.
        self._timer.join()

    def _strike(self) -> None:
        self.has_struck = True
        self._process.kill()


def _cause(status: int) -> str:
    if status < 0:
        with suppress(ValueError):
            number = signal.Signals(-status)
            return "time" if number.name == "SIGXCPU" else number.name
    return f"exit status {status}"
