"""What people have -> registries: one module for each origin, a pure function from plain data to plain data.

`Migrated` holds documents in the form of a registry, keys in the order a person would write them. What became of
everything else is in `Remarks`, with its place. Nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Migrated:
    """One registry that was made. `file` is the name it asks for in a directory, `heading` its first line, if any."""

    document: dict[str, Any]
    file: str
    heading: str = ""

    @property
    def slug(self) -> str:
        return str(self.document["slug"])
