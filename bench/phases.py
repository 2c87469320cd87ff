"""Registry directory -> seconds spent in each phase of the compiler, measured inside one process.

The two functions here are all that the bench knows of the compiler's inside.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

# A whole process that does what `profilec build SOURCES -o OUT` does, but for recording and emitting the fields.
_WITHOUT_LINEAGE = """
import os, sys, profilec
sources, out = sys.argv[1:]
profilec.build(sources, out, jobs=0, lineage=False)
os._exit(0)
"""


def phase_times(directory: Path) -> dict[str, float]:
    """Seconds by phase, in pipeline order, of one compilation in this process."""
    import profilec

    times: dict[str, float] = {}
    last = time.perf_counter()

    def clock(phase: str) -> None:
        nonlocal last
        now = time.perf_counter()
        times[phase] = now - last
        last = now

    build = profilec.compile(str(directory), clock=clock)
    with tempfile.TemporaryDirectory(dir=directory.parent) as out:
        last = time.perf_counter()
        profilec.write(build, out)
        clock("write")
    return times


def without_lineage(command: list[str]) -> list[str] | None:
    """The command that does the same build but records no lineage. `command` is `profilec build SOURCES -o OUT`."""
    sources, out = command[command.index("build") + 1], command[-1]
    return [sys.executable, "-c", _WITHOUT_LINEAGE, sources, out]
