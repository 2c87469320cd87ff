"""Build -> a build directory: only what changed is written, and one atomic step makes it current.

Every file but the manifest is named by its content. Whatever happens before the manifest is replaced leaves the old
build whole; what is left lying about is collected by a later build.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from profilec.builds.lock import locked
from profilec.encode import decode, sha256
from profilec.states import Build

MANIFEST = "manifest.json"
FOLDERS = ("profiles", "registries", "sources", "history")
KEPT_MANIFESTS = 5
# A reader that opened an earlier manifest may still read what that one names.
_GRACE_SECONDS = 3600
_OWN_NAMES = re.compile(
    r"names@[0-9a-f]{16}\.json|(?:registries|sources|profiles/[^/]+)/[^/]+@[0-9a-f]{16}\.json"
    r"|history/[0-9a-f]{64}\.json|(?:.*/)?\.tmp-[0-9a-f]+"
)


class WriteError(Exception):
    """The build directory cannot be written; the build that was current still is. `path` is what could not be."""

    def __init__(self, path: str, reason: str, hint: str) -> None:
        super().__init__(f"`{path}` {reason}")
        self.path, self.reason, self.hint = path, reason, hint


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: numbers of files, and whether the manifest is a new one."""

    created: int
    unchanged: int
    collected: int
    is_new: bool


def write(build: Build, directory: str | os.PathLike[str], *, durable: bool = False) -> Written:
    """Make `build` the current build of a directory, which is created where it is missing.

    `durable` flushes everything to the disk before the manifest is replaced. Raises `WriteError`; then nothing has
    changed for a reader.
    """
    with opened(directory, is_private=build.manifest["inputs"]["secrets"] == "embed") as target:
        created = sum(target.put(path, data) for path, data in build.files.items() if path != MANIFEST)
        return target.commit(build.files[MANIFEST], set(build.files), created, durable=durable)


@contextmanager
def opened(
    directory: str | os.PathLike[str], *, is_private: bool, whole: Collection[str] = frozenset()
) -> Iterator[Target]:
    """Prepare a build directory and hold its lock. Raises `WriteError` for whatever the system refuses meanwhile.

    `whole` are files that the caller has put there before: they are not read again, but only missed.
    """
    root = Path(directory)
    with _refusals(root, "written"):
        _prepare(root, is_private)
        with locked(root / ".lock") as lock:
            yield Target(root, is_private, lock, whole)


@contextmanager
def _refusals(root: Path, action: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        path = os.fsdecode(error.filename) if error.filename else str(root)
        reason = (error.strerror or "unusable").lower()
        raise WriteError(path, f"cannot be {action}: {reason}", _remedy(error)) from error


class Target:
    """A build directory that is being written: files first, in any order and by any copy of this process."""

    def __init__(self, root: Path, is_private: bool, lock: int, whole: Collection[str] = frozenset()) -> None:
        self._root, self._is_private, self._lock = root, is_private, lock
        # To list the directories is far quicker than to ask for each file.
        self.whole = set(_listed(root)).intersection(whole) if whole else set()
        self._prefix = str(root) + os.sep
        self._mode = 0o600 if is_private else 0o666
        self._folders: set[str] = set()

    def leave_lock(self) -> None:
        """In a copy of the process: the lock belongs to the original alone."""
        os.close(self._lock)

    def put(self, path: str, data: bytes) -> bool:
        """Write a file that is not there yet. One that is there is left alone if it is whole, else mended."""
        if path in self.whole:
            return False
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            _make_folder(self._root / folder, self._is_private)
            self._folders.add(folder)
        full = self._prefix + path
        try:
            handle = os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, self._mode)
        except FileExistsError:
            is_whole = _read(Path(full)) == data
            if not is_whole or (self._is_private and _is_open(Path(full))):
                _replace(Path(full), data, self._is_private)
            return not is_whole
        _fill(handle, data, full)
        return True

    def discard(self, paths: Iterable[str]) -> None:
        """Take back what was put and is not wanted after all."""
        for path in paths:
            with suppress(FileNotFoundError):
                (self._root / path).unlink()

    def commit(self, manifest: bytes, files: set[str], created: int, *, durable: bool) -> Written:
        """Make the build whose files have been put the current one, and collect what no kept build names."""
        earlier = _read(self._root / MANIFEST) or b""
        is_new = earlier != manifest
        if is_new or self._is_private:
            _remember(self._root, manifest, self._is_private)
        if durable:
            _flush(self._root)
        if is_new or (self._is_private and _is_open(self._root / MANIFEST)):
            _replace(self._root / MANIFEST, manifest, self._is_private)
            if durable:
                _flush(self._root)
        # What an embedding build left holds credentials, and is not kept for anyone.
        grace = 0 if b'"secrets": "embed"' in earlier and not self._is_private else _GRACE_SECONDS
        collected = _collect(self._root, files, 0 if self._is_private else KEPT_MANIFESTS, grace)
        return Written(created, len(files) - 1 - created, collected, is_new)


def is_current(build: Build, directory: str | os.PathLike[str]) -> bool:
    """Whether a write would change nothing that a reader can be served. Raises `WriteError` where it cannot be told."""
    root = Path(directory)
    with _refusals(root, "read"):
        return all(_read(root / path) == data for path, data in build.files.items())


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space; the earlier build is still current"
    if isinstance(error, NotADirectoryError | FileExistsError):
        return "remove the file that is in the way, or name another directory with `--output`"
    return "look at the directory and its permissions, or name another one with `--output`"


def _prepare(root: Path, is_private: bool) -> None:
    root.mkdir(0o700 if is_private else 0o777, parents=True, exist_ok=True)
    if is_private:
        root.chmod(0o700)
    for folder in FOLDERS:
        _make_folder(root / folder, is_private)


def _make_folder(path: Path, is_private: bool) -> None:
    # A link in here, perhaps from a pull request, would make the build write somewhere else.
    if path.is_symlink():
        raise WriteError(str(path), "is a link", "remove it: a build directory holds its own files")
    path.mkdir(0o700 if is_private else 0o777, exist_ok=True)
    if is_private:
        path.chmod(0o700)


def _is_open(path: Path) -> bool:
    """Whether others than the owner may use a file, which for a link nobody can say."""
    return os.name == "posix" and stat.S_IMODE(path.lstat().st_mode) & 0o077 != 0


def _fill(handle: int, data: bytes, path: str) -> None:
    try:
        try:
            written = os.write(handle, data)
            while written < len(data):
                written += os.write(handle, data[written:])
        finally:
            os.close(handle)
    except OSError as error:
        error.filename = path
        with suppress(OSError):
            Path(path).unlink()
        raise


def _replace(path: Path, data: bytes, is_private: bool) -> None:
    """Put a file in the place of another, or of none, in one step."""
    temporary = path.with_name(f".tmp-{os.getpid():x}{time.monotonic_ns():x}")
    _fill(
        os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600 if is_private else 0o666),
        data,
        str(temporary),
    )
    try:
        _rename(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _rename(temporary: Path, path: Path) -> None:
    # Windows refuses while a reader has the old file open, which is never for long.
    for pause in (0.01, 0.05, 0.25, 1.0) if os.name == "nt" else ():
        try:
            temporary.replace(path)
            return
        except PermissionError:
            time.sleep(pause)
    temporary.replace(path)


def _remember(root: Path, manifest: bytes, is_private: bool) -> None:
    """Put the manifest into the history; with credentials in the build there is none."""
    if is_private:
        for path in (root / "history").glob("*.json"):
            path.unlink()
        return
    path = root / "history" / f"{sha256(manifest)}.json"
    if _read(path) == manifest:
        os.utime(path)
    else:
        _replace(path, manifest, is_private)


def _collect(root: Path, files: set[str], keep: int, grace: float) -> int:
    """Remove the files that no kept manifest names, once they are old enough."""
    history = [f"history/{each.name}" for each in _history(root)]
    kept, surplus = set(history[:keep]), set(history[keep:])
    oldest = time.time() - grace
    strays = list(_own_files(root, files | kept))
    strays = [path for path in strays if path in surplus or _is_older(root / path, oldest)]
    if not strays:
        return 0
    named = {path for each in kept for path in _named_by(root, each, files)}
    collected = 0
    for path in strays:
        if path not in named:
            with suppress(FileNotFoundError):
                (root / path).unlink()
                collected += 1
    return collected


def _history(root: Path) -> list[Path]:
    """The manifests of the history that are what their names say, the latest first."""
    found = [each for each in (root / "history").glob("*.json") if each.stem == sha256(_read(each) or b"")]
    return sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name), reverse=True)


def _listed(root: Path) -> Iterator[str]:
    for folder in ("registries", "sources", *_folders_of_profiles(root)):
        yield from (f"{folder}/{name}" for name in os.listdir(root / folder))  # noqa: PTH208 - a tenth of the time
    yield from (each.name for each in root.glob("names@*"))


def _own_files(root: Path, named: set[str]) -> Iterator[str]:
    """The files whose names are of the kinds that a build writes, without those that are named."""
    for folder in ("", *FOLDERS, *_folders_of_profiles(root)):
        with suppress(FileNotFoundError), os.scandir(root / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}".removeprefix("/")
                if path not in named and _OWN_NAMES.fullmatch(path) and entry.is_file(follow_symlinks=False):
                    yield path


def _folders_of_profiles(root: Path) -> list[str]:
    # Not through a link: what it leads to is not the build's.
    with os.scandir(root / "profiles") as entries:
        return [f"profiles/{each.name}" for each in entries if each.is_dir(follow_symlinks=False)]


def _named_by(root: Path, manifest: str, known: set[str]) -> Iterator[str]:
    """The files that an earlier manifest names. Indexes that the current one names too need not be read."""
    try:
        document = decode((root / manifest).read_bytes())
        for registry in document["registries"].values():
            yield registry["file"]
            yield registry["source_map"]["file"]
            if registry["file"] not in known:
                index = decode((root / registry["file"]).read_bytes())
                yield from (each["file"] for each in index["profiles"].values())
        yield document["names"]["file"]
        if baseline := document["inputs"]["baseline"]:
            yield baseline["source_map"]["file"]
    except (OSError, ValueError, KeyError, TypeError):
        # A history that cannot be read keeps nothing alive.
        return


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def _read(path: Path) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - half the time of Path.open, for every file of a build
            return file.read()
    except FileNotFoundError:
        return None


def _flush(root: Path) -> None:
    """Everything written so far reaches the disk: one call for the whole file system where there is one."""
    if sys.platform == "linux":
        import ctypes

        handle = os.open(root, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(root))
        finally:
            os.close(handle)
    elif hasattr(os, "sync"):
        os.sync()


_BINARY = getattr(os, "O_BINARY", 0)
