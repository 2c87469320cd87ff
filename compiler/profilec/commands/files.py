"""Texts -> files that a command was asked for: each whole or not at all, and none that is there is lost by accident."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from profilec import config
from profilec.commands.session import Compiling, Reading, Session
from profilec.diagnostics import Diagnostic, Span
from profilec.replacing import replace_file
from profilec.sources.files import SYNTAX_BY_SUFFIX
from profilec.states import Build

# What is read of a directory of sources, libraries or policies.
_READ = (*SYNTAX_BY_SUFFIX, ".libsonnet")


def write_files(
    session: Session, files: Mapping[Path, str], *, read: Iterable[Path], force: bool, private: bool = False
) -> None:
    """Write every file, or end the command before the first where one is in the way.

    What was `read` is never replaced, under whatever name. A file that holds the very text is left alone. `private`
    files are readable by their owner only.
    """
    inputs = {_identity(path) for path in read} - {None}
    lost = [path for path in files if _identity(path) in inputs]
    if lost:
        session.fail([_input(path) for path in lost], 1)
    taken = [path for path, text in files.items() if os.path.lexists(path) and not _holds(path, text)]
    if taken and not force:
        session.fail([_taken(path) for path in taken], 1)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if force or path not in taken:
                replace_file(path, text.encode(), private)
    except OSError as error:
        session.fail([unwritable(error)], 3)


def files_read(session: Session, reading: Reading, build: Build) -> Iterator[Path]:
    """The files that a build was made of, as far as they are there, the build's own, and all that is the project's."""
    project = session.config
    yield from (project.path(source["name"]) for source in build.manifest["sources"])
    named = [*reading.sources, *map(project.source, project.sources)]
    builds = [project.path(project.output), *([Path(reading.directory)] if reading.directory else [])]
    for each in (*_paths_in(named), *builds, *map(project.path, project.policies)):
        yield from each.rglob("*") if each.is_dir() else [each]
    yield from (project.path(each) for each in (project.file, project.baseline) if each)


def is_own(path: Path, project: config.Config, compiling: Compiling, output: str | None = None) -> bool:
    """Whether a file is the configuration, in the build, or what a compile reads or would read the next time."""
    place, identity = path.resolve(), _identity(path)
    builds = [project.path(project.output), *([Path(output)] if output else [])]
    if any(place.is_relative_to(each.resolve()) for each in builds):
        return True
    named = list(_named(project, compiling))
    directories = [each for each in named if each.is_dir()]
    if place.suffix.lower() in _READ and any(place.is_relative_to(each.resolve()) for each in directories):
        return True
    # A source that is not there yet is one all the same.
    if place in {each.resolve() for each in named}:
        return True
    below = (file for each in directories for file in each.rglob("*") if file.suffix.lower() in _READ)
    return identity is not None and identity in {_identity(each) for each in (*named, *below)}


def _named(project: config.Config, compiling: Compiling) -> Iterator[Path]:
    """The files and directories that a command line or a project names for a compile to read."""
    environment = os.environ.get("PINOCCHIO_PROFILE_REGISTRIES")
    sources = [*compiling.sources, *map(project.source, project.sources), *([environment] if environment else [])]
    yield from _paths_in(sources)
    yield from (Path(each) for each in (compiling.baseline, *compiling.policies, *compiling.programs.jpath) if each)
    written = (project.file, project.baseline, *project.policies, *project.jpath)
    yield from (project.path(each) for each in written if each)


def _paths_in(sources: Iterable[str]) -> Iterator[Path]:
    """What sources name, without their kinds."""
    for each in sources:
        for named in [each] if Path(each).exists() else each.split(","):
            text = named.strip() if Path(named.strip()).exists() else named.partition(":")[2].strip()
            if text:
                yield Path(text)


def unwritable(error: OSError) -> Diagnostic:
    reason = (error.strerror or "unwritable").lower()
    return Diagnostic(
        "unwritable-output",
        "error",
        f"`{error.filename}` cannot be written: {reason}",
        hint="look at the permissions, or name another place",
        environment=True,
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, whatever links lead to it; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _holds(path: Path, text: str) -> bool:
    try:
        return path.is_file() and path.read_bytes() == text.encode()
    except OSError:
        return False


def _taken(path: Path) -> Diagnostic:
    return Diagnostic(
        "already-there",
        "error",
        f"`{path}` is there already; nothing was written",
        Span(str(path)),
        hint="name another place, or replace it with `--force`",
    )


def _input(path: Path) -> Diagnostic:
    message = f"`{path}` is what was read; nothing was written"
    return Diagnostic("already-there", "error", message, Span(str(path)), hint="name another place")
