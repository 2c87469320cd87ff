"""Commands -> seconds of whole processes, and jobs taken in turns -> ratios.

A ratio is formed inside a round, and the median of the rounds is taken: a slow minute of the machine meets every job
of its rounds and cancels out. The order is reversed every other round, so that nobody is always first.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

Times = dict[str, list[float]]


class CommandFailed(Exception):
    """A measured process did not exit with 0; the text says how."""


class Stage:
    """A directory in which processes run, blind to the settings and caches of whoever runs them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.home = directory / "home"

    def seconds(self, command: list[str], out: Path | None = None) -> float:
        """Time of one process. `out` is emptied first, and caches are: neither is part of the time."""
        for emptied in filter(None, (self.home, out)):
            shutil.rmtree(emptied, ignore_errors=True)
            emptied.mkdir(parents=True)
        environment = self.environment()
        start = time.perf_counter()
        done = subprocess.run(command, cwd=self.directory, env=environment, capture_output=True)
        elapsed = time.perf_counter() - start
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["nothing on stderr"]
            raise CommandFailed(f"exit code {done.returncode}: {said[-1]}")
        return elapsed

    def environment(self) -> dict[str, str]:
        ours = ("PINOCCHIO_", "ENGINE_PROFILES_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        home = str(self.home)
        # Packages installed for the user are found by way of the home directory, which is replaced here.
        user_base = site.getuserbase()
        # What is installed has its bytecode beside it; so has a checkout, wherever writing it is switched off.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**kept, "HOME": home, "XDG_CACHE_HOME": home, "LOCALAPPDATA": home, "PYTHONUSERBASE": user_base}


def in_turns(jobs: Mapping[str, Callable[[], float]], rounds: int) -> Times:
    """Seconds of each job in each round."""
    times: Times = {name: [] for name in jobs}
    for number in range(rounds):
        for name in list(jobs) if number % 2 == 0 else reversed(list(jobs)):
            times[name].append(jobs[name]())
    return times


def ratio(times: Times, name: str, reference: str) -> float:
    return median(own / other for own, other in zip(times[name], times[reference], strict=True))
