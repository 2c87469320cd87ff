"""Paths of a revision -> a directory with their files, and nothing beside it. No checkout is touched.

No link is ever made: where one leads to, its files are written. So a path of a hostile tree is only ever a path.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from profilec.diagnostics import CompileError
from profilec.review.revision import Revision, refused
from profilec.review.store import Head, Missing, Store
from profilec.review.tree import BESIDE, Entry, Tree, missing
from profilec.sources.files import LARGEST, SYNTAX_BY_SUFFIX

_LARGE_FILE_POINTER = b"version https://git-lfs.github.com/spec/"
_PROGRAMS = (".jsonnet", ".libsonnet")
_SOURCES = (*SYNTAX_BY_SUFFIX, *(f"{suffix}{each}" for suffix in SYNTAX_BY_SUFFIX for each in BESIDE))
# How many of the largest sources fit: a blob takes no room in git however often links lead to it.
_TOGETHER = 4


class Extraction:
    """A directory that takes files of a revision, each once. `largest` is the size of a file that is not refused."""

    def __init__(self, revision: Revision, store: Store, into: Path, largest: int = LARGEST) -> None:
        self._revision, self._store, self._into, self._largest = revision, store, into, largest
        self._tree = Tree(revision, store)
        self._left = _TOGETHER * largest
        self._written: set[str] = set()
        self._folded: set[str] = set()

    def take(self, paths: Iterable[PurePosixPath]) -> None:
        """Write what a compile may read of the files at and below paths of the repository.

        A path that the revision does not have is passed over. Raises `CompileError` for what a revision cannot give: a
        submodule, a file that is kept elsewhere, is too large or was not fetched, a link that leads out.
        """
        named = list(paths)
        found = self._wanted(self._tree.files(named, _PROGRAMS), {"/".join(each.parts) for each in named})
        new = {path: entry for path, entry in found.items() if path not in self._written}
        self._folded |= {_folded(path) for path in new}
        for path, entry in new.items():
            if any(_folded(str(each)) in self._folded for each in PurePosixPath(path).parents):
                reason = "is below a path that is a file where names differ in case alone"
                raise refused(self._revision, path, reason)
            self._write(path, entry)
            self._written.add(path)

    def _wanted(self, found: dict[str, Entry], named: set[str]) -> dict[str, Entry]:
        """Files that are named, registries, and what lies beside them; everything where a program may import it."""
        if any(each.endswith(_PROGRAMS) for each in found):
            return found
        wanted = {*named, *(f"{each}{beside}" for each in named for beside in BESIDE)}
        return {path: each for path, each in found.items() if path in wanted or path.lower().endswith(_SOURCES)}

    def _write(self, path: str, entry: Entry) -> None:
        try:
            head = self._store.ask(entry.object)
            if head.kind != "blob" or head.size > self._largest:
                raise refused(self._revision, path, "is not a file of an ordinary kind and size")
            self._left -= head.size
            if self._left < 0:
                reason = f"is beyond the {_TOGETHER * self._largest:,} bytes that are read of `{self._revision.name}`"
                raise refused(self._revision, path, reason)
            self._copy(path, self._checked(path, head))
        except Missing:
            raise missing(self._revision, path) from None
        except (OSError, ValueError) as error:
            raise self._unwritable(path, error) from None

    def _checked(self, path: str, head: Head) -> Iterator[bytes]:
        start = b""
        for chunk in self._store.chunks(head):
            start = start or chunk
            if start.startswith(_LARGE_FILE_POINTER):
                reason = f"is kept outside of git, and `{self._revision.name}` holds only a pointer to it"
                raise refused(self._revision, path, reason)
            yield chunk

    def _copy(self, path: str, chunks: Iterable[bytes]) -> None:
        place = self._into / path
        # Nothing here is a link; were one there all the same, the file would be written wherever it leads to.
        if not Path(os.path.realpath(place.parent)).is_relative_to(os.path.realpath(self._into)):
            raise refused(self._revision, path, "is not a path that a revision can have")
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)

    def _unwritable(self, path: str, error: OSError | ValueError) -> CompileError:
        reason = ((error.strerror if isinstance(error, OSError) else None) or "not a file's name").lower()
        return refused(self._revision, path, f"cannot be written into a directory for the time being: {reason}")


def _folded(path: str) -> str:
    """A path as file systems see it that keep names apart by less than their bytes."""
    return unicodedata.normalize("NFC", path).casefold()
