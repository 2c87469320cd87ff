"""Paths -> texts: the registry files of a path, and what is in each."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from profilec.diagnostics import Report, Span, nearest
from profilec.encode import decode

# In a directory only these are registries; a path that is named may end in anything.
SYNTAX_BY_SUFFIX = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".jsonnet": "jsonnet",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
_SQLITE_HEADER = b"SQLite format 3"
# No source may be larger.
LARGEST = 1 << 30


class Found(NamedTuple):
    """A registry file, its name in findings, and the directory that was named, where it lies in one."""

    path: Path
    name: str
    tree: Path | None


def find(path: Path, kind: str, root: Path, report: Report, places: set[Path]) -> Iterator[Found]:
    """Each registry file below `path`, in order of path; the path itself where it is a file.

    `places` takes the directories where was looked.
    """
    name = display_name(path, path, root)
    places.add(path)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        unreadable(path, name, error, report)
        return
    if not stat.S_ISDIR(mode):
        yield Found(path, name, None)
        return
    if kind:
        report.error(
            "unreadable-source",
            f"`{name}` is a directory, where a {kind} file is wanted",
            Span(name),
            hint="name the directory without a kind",
            environment=True,
        )
        return
    if _is_build(path):
        report.error(
            "no-registries",
            f"`{name}` is a build, which holds no registry",
            Span(name),
            hint="name the sources that it was compiled from",
        )
        return
    found = sorted(_walk(path, name, report, places), key=lambda each: each.relative_to(path).parts)
    if not found and not report.has_errors:
        report.error(
            "no-registries",
            f"the directory `{name}` holds no registry",
            Span(name),
            hint=f"registries end in {', '.join(SYNTAX_BY_SUFFIX)}",
        )
    for each in found:
        yield Found(each, display_name(each, path, root), path)


def display_name(path: Path, named: Path, root: Path) -> str:
    """A file's name in findings and artifacts: relative to the root, or from the last part of what was named."""
    # No link is resolved: the name is what the user wrote, and the same on every machine.
    full = Path(os.path.abspath(path))  # noqa: PTH100
    above = root if full.is_relative_to(root) else Path(os.path.abspath(named)).parent  # noqa: PTH100
    return _text(full.relative_to(above).as_posix())


def _text(path: str) -> str:
    """A name that is not UTF-8 on the disk is told by its bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_file(path: Path, name: str, report: Report) -> bytes | None:
    """One file's bytes, or None where they cannot be read."""
    try:
        # Looked at before it is opened: the open of a pipe waits for a writer.
        status = path.stat()
        with path.open("rb") if stat.S_ISREG(status.st_mode) else nullcontext() as file:
            if file is None or not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                report.error(
                    "unreadable-source",
                    f"`{name}` is not a file of an ordinary kind and size",
                    Span(name),
                    environment=True,
                )
                return None
            return file.read()
    except (OSError, ValueError) as error:
        unreadable(path, name, error, report)
        return None


def kind_of(path: Path, data: bytes) -> str:
    """The kind of source that a file is where no one says: by its first bytes, else by its ending."""
    return "sqlite" if data.startswith(_SQLITE_HEADER) else SYNTAX_BY_SUFFIX.get(path.suffix.lower(), "yaml")


def _walk(path: Path, name: str, report: Report, places: set[Path]) -> Iterator[Path]:
    def complain(error: OSError) -> None:
        below = Path(name, Path(error.filename).relative_to(path)).as_posix()
        unreadable(Path(error.filename), _text(below), error, report)

    # A link is followed once everything beside it has been walked, and no directory is walked twice: links may lead
    # in circles, or branch.
    walked: set[tuple[int, int]] = set()
    roots = [path]
    for root in roots:
        links = []
        for folder, folders, names in os.walk(root, onerror=complain):
            status = Path(folder).stat()
            is_new = (status.st_dev, status.st_ino) not in walked and not _is_build(Path(folder))
            walked.add((status.st_dev, status.st_ino))
            if is_new:
                places.add(Path(folder))
            folders[:] = [each for each in folders if is_new and not each.startswith(".")]
            links += [link for each in folders if os.path.islink(link := Path(folder, each))]  # noqa: PTH114 - never raises
            for each in names if is_new else ():
                if not each.startswith(".") and Path(each).suffix.lower() in SYNTAX_BY_SUFFIX:
                    yield Path(folder, each)
        roots += sorted(links)


def _is_build(folder: Path) -> bool:
    """Whether a directory is what a compile wrote, and so none of its sources."""
    file = folder / "manifest.json"
    try:
        if (folder / ".lock").is_file() and (folder / "history").is_dir():
            # Whoever wrote it may have been stopped before there was a manifest.
            return True
        manifest = decode(file.read_bytes()) if file.is_file() else None
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and str(manifest.get("format")).startswith("engine-profiles/")


def unreadable(path: Path, name: str, error: OSError | ValueError, report: Report) -> None:
    """Report that the machine does not give access to what was named."""
    if isinstance(error, FileNotFoundError):
        siblings = _siblings(path)
        near = nearest(path.name, siblings, 1)
        hint = f"did you mean `{near[0]}`?" if near else "look at the path; it is read from the current directory"
        report.error("missing-source", f"`{name}` does not exist", Span(name), hint=hint, environment=True)
    else:
        reason = ((error.strerror if isinstance(error, OSError) else None) or "not a file's name").lower()
        report.error(
            "unreadable-source",
            f"`{name}` cannot be read: {reason}",
            Span(name),
            hint="look at its permissions",
            environment=True,
        )


def _siblings(path: Path) -> list[str]:
    try:
        return [each.name for each in path.parent.iterdir()]
    except OSError:
        return []
