"""A commit's tree -> what is at and below its paths, seen as a reader of the checkout would see it.

Links are followed here, one component after the other, and so never lead out. Directories are read when they are come
to: what nobody asks for may be missing from the clone, or be hostile.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.review.revision import Revision, refused
from profilec.review.store import Missing, Store
from profilec.sources.files import SYNTAX_BY_SUFFIX

# What lies beside a database, and has a say in whether it can be read.
BESIDE = ("-wal", "-journal")
# As many links as systems follow on the way to one file, and bytes of one; a directory's size in the store.
_MOST_LINKS, _LONGEST_LINK, _LARGEST_DIRECTORY = 40, 4096, 1 << 26
# Directories that contain themselves by many links would be walked for ever.
_MOST_STEPS = 1_000_000


class Entry(NamedTuple):
    """What a directory says of one of its names."""

    mode: int
    object: str

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


class Place(NamedTuple):
    """Where a path leads to once its links are followed, and what is there."""

    path: tuple[str, ...]
    entry: Entry


class Tree:
    """The tree of a commit."""

    def __init__(self, revision: Revision, store: Store) -> None:
        self._revision, self._store = revision, store
        self._root = Place((), Entry(stat.S_IFDIR, f"{revision.commit}^{{tree}}"))
        self._directories: dict[str, dict[str, Entry]] = {}
        self._targets: dict[str, str] = {}
        self._steps = 0

    def files(self, paths: Iterable[PurePosixPath], is_program: tuple[str, ...]) -> dict[str, Entry]:
        """The files at and below some paths, each under the path that leads to it.

        A directory that is come to again by a link is passed over, as a reader does. Where there is a program, which is
        known by its ending, it is given too, without the registries in it: these would be read twice.
        """
        found: dict[str, Entry] = {}
        again: list[tuple[str, Place, bool]] = []
        for path in paths:
            for at, entry in self._below("/".join(path.parts), again):
                found.setdefault(at, entry)
        if any(each.endswith(is_program) for each in found):
            for at, place, is_hidden in again:
                for inner, entry in self._copied(at, place, (place.path,)):
                    if is_hidden or PurePosixPath(inner).suffix.lower() not in SYNTAX_BY_SUFFIX:
                        found.setdefault(inner, entry)
        return found

    def _below(self, named: str, again: list[tuple[str, Place, bool]]) -> Iterator[tuple[str, Entry]]:
        """Files in the order in which the reader of directories comes to them: links after everything beside them."""
        place = self._find(named)
        if place is None:
            return
        if not place.entry.is_directory:
            yield from self._file(named, place)
            return
        walked: set[tuple[str, ...]] = set()
        roots = [(named, place)]
        for root in roots:
            links: list[tuple[str, Place]] = []
            waiting = [root]
            while waiting:
                at, here = waiting.pop()
                if here.path in walked:
                    again.append((at, here, False))
                    continue
                walked.add(here.path)
                for path, inner, is_link in self._entries(at, here):
                    if inner is None:
                        self._refuse_nothing(path)
                    elif not inner.entry.is_directory:
                        yield from self._file(path, inner) if is_link else [(path, inner.entry)]
                    elif path.rpartition("/")[2].startswith("."):
                        again.append((path, inner, True))
                    else:
                        (links if is_link else waiting).append((path, inner))
            roots += sorted(links)

    def _copied(self, at: str, here: Place, chain: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, Entry]]:
        for path, inner, _ in self._entries(at, here):
            if inner is None:
                continue
            if not inner.entry.is_directory:
                yield path, inner.entry
            elif inner.path not in chain and len(chain) < _MOST_LINKS:
                yield from self._copied(path, inner, (*chain, inner.path))

    def _entries(self, at: str, here: Place) -> Iterator[tuple[str, Place | None, bool]]:
        """What is in a directory: its path, where it leads to, if anywhere, and whether it is a link."""
        for name, entry in self._directory(here).items():
            path = f"{at}/{name}" if at else name
            self._step(path)
            own = (*here.path, name)
            if entry.is_link:
                yield path, self._find("/".join(own)), True
            else:
                self._refuse_submodule(entry, "/".join(own))
                yield path, Place(own, entry), False

    def _file(self, at: str, place: Place) -> Iterator[tuple[str, Entry]]:
        """A file, and what belongs to it where it lies: a database is read with what its link leads to."""
        yield at, place.entry
        for each in BESIDE:
            if (beside := self._find("/".join(place.path) + each)) is not None and not beside.entry.is_directory:
                yield at + each, beside.entry

    def _find(self, path: str) -> Place | None:
        """Where a path leads to; None where nothing is."""
        way = [self._root]
        waiting = path.split("/")[::-1]
        links: list[str] = []
        while waiting:
            self._step(path)
            name, here = waiting.pop(), way[-1]
            if not here.entry.is_directory:
                return None
            if name == "..":
                way.pop()
                if not way:
                    raise self._outside(links)
            elif name not in ("", "."):
                own = (*here.path, name)
                entry = self._directory(here).get(name)
                if entry is None:
                    return None
                if not entry.is_link:
                    self._refuse_submodule(entry, "/".join(own))
                    way.append(Place(own, entry))
                    continue
                links.append("/".join(own))
                target = self._target(entry, links[-1])
                if target.startswith("/"):
                    raise self._outside(links)
                if not target or len(links) > _MOST_LINKS:
                    return None
                waiting += target.split("/")[::-1]
        return way[-1]

    def _refuse_nothing(self, path: str) -> None:
        """A link to nothing: whoever reads the checkout finds the name of a registry, and no file behind it."""
        name = PurePosixPath(path)
        if name.suffix.lower() in SYNTAX_BY_SUFFIX and not name.name.startswith("."):
            message, span = f"`{path}` is a link to nothing", Span(f"{self._revision.name}:{path}")
            raise CompileError([Diagnostic("missing-source", "error", message, span, environment=True)])

    def _refuse_submodule(self, entry: Entry, path: str) -> None:
        if not stat.S_ISDIR(entry.mode) and not stat.S_ISREG(entry.mode):
            reason = f"is a submodule, whose files `{self._revision.name}` does not hold"
            raise refused(self._revision, path, reason)

    def _directory(self, place: Place) -> dict[str, Entry]:
        known = self._directories.get(place.entry.object)
        if known is None:
            path = "/".join(place.path)
            data = self._read(place.entry.object, "tree", _LARGEST_DIRECTORY, path or "/")
            try:
                known = self._parsed(data, path)
            except ValueError:
                raise refused(self._revision, path or "/", "is no directory that git would write") from None
            self._directories[place.entry.object] = known
        return known

    def _parsed(self, data: bytes, path: str) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        digest = len(self._revision.commit) // 2
        at = 0
        while at < len(data):
            self._step(path)
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            name = os.fsdecode(data[space + 1 : end])
            if name in found or name.casefold() in ("", ".", "..", ".git") or "/" in name:
                own = f"{path}/{name}" if path else name
                raise refused(self._revision, own, "is not a path that a revision can have")
            found[name] = Entry(int(data[at:space], 8), data[end + 1 : end + 1 + digest].hex())
            at = end + 1 + digest
        return found

    def _target(self, entry: Entry, path: str) -> str:
        if entry.object not in self._targets:
            self._targets[entry.object] = os.fsdecode(self._read(entry.object, "blob", _LONGEST_LINK, path))
        return self._targets[entry.object]

    def _read(self, name: str, kind: str, largest: int, path: str) -> bytes:
        try:
            head = self._store.ask(name)
            if head.kind != kind or head.size > largest:
                raise refused(self._revision, path, "is no directory or link that git would write")
            return b"".join(self._store.chunks(head))
        except Missing:
            raise missing(self._revision, path) from None

    def _step(self, path: str) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            reason = f"is beyond the {_MOST_STEPS:,} files and links that are followed in `{self._revision.name}`"
            raise refused(self._revision, path, reason)

    def _outside(self, links: list[str]) -> CompileError:
        reason = f"is a link that leads out of the repository, which `{self._revision.name}` does not hold"
        return refused(self._revision, links[-1], reason)


def missing(revision: Revision, path: str) -> CompileError:
    """The refusal of what a shallow or partial clone left out."""
    return refused(revision, path, f"is of `{revision.name}`, and this clone does not have it")
