"""Registry directory -> seconds spent in each phase of the compiler, measured inside one process.

The two functions here are all that the bench knows of the compiler's inside.
"""

from __future__ import annotations

from pathlib import Path


def phase_times(directory: Path) -> dict[str, float]:
    """Seconds by phase, in pipeline order, of one compilation; empty where the compiler offers no clock to read."""
    return {}


def without_lineage(command: list[str]) -> list[str] | None:
    """The command that does the same build but records no lineage, or None where there is no such way."""
    return None
