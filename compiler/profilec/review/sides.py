"""What somebody calls a side of a comparison -> which kind it is: a build, an exported tree, sources, a revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from profilec.builds.write import MANIFEST
from profilec.diagnostics import CompileError
from profilec.encode import decode
from profilec.review import revision
from profilec.review.exported import is_exported
from profilec.review.revision import Revision
from profilec.sources import KINDS

_EXPLICIT = "git:"


@dataclass(frozen=True, slots=True)
class Side:
    """One side as it was named. `paths` are its sources; a revision without any is read as its own project says."""

    kind: Literal["build", "exported", "sources", "revision"]
    name: str
    paths: tuple[str, ...] = ()
    revision: Revision | None = None

    @property
    def directory(self) -> Path:
        return Path(self.name)


def side(words: Sequence[str]) -> Side:
    """What the words name. A path that is there is never taken for a revision; `git:NAME` always is one.
    `REV...` is where REV and HEAD parted.

    Raises `CompileError` with `unknown-side` where they name nothing, and where git cannot tell.
    """
    if len(words) != 1:
        return Side("sources", " ".join(words), tuple(words))
    name = words[0]
    if name.startswith(_EXPLICIT):
        return _revision(name.removeprefix(_EXPLICIT))
    path = Path(name)
    if os.path.lexists(path):
        if _is_build(path):
            return Side("build", name)
        return Side("exported" if path.is_dir() and is_exported(path) else "sources", name, (name,))
    if "," in name or name.partition(":")[0] in KINDS:
        return Side("sources", name, (name,))
    return _revision(name)


def is_revision(word: str) -> bool:
    """Whether a word alone names a revision."""
    try:
        return side([word]).kind == "revision"
    except CompileError:
        return False


def _revision(name: str) -> Side:
    return Side("revision", name, (), revision.find(name, Path.cwd()))


def _is_build(path: Path) -> bool:
    """Whether a directory holds a build, also one of a format that this version does not know, or a damaged one."""
    try:
        manifest = decode((path / MANIFEST).read_bytes())
    except OSError:
        return False
    except ValueError:
        return (path / "profiles").is_dir()
    return isinstance(manifest, dict) and str(manifest.get("format", "")).startswith("engine-profiles/")
