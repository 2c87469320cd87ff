"""Sides of a comparison -> builds: read, compiled, or compiled as a git revision has them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from profilec import config
from profilec.commands.session import Compiling, Programs, Session, variables_of
from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.review.sides import Side
from profilec.states import Build

if TYPE_CHECKING:
    from profilec.review.diff.result import SideName
    from profilec.review.revision import Revision
    from profilec.review.store import Store


class Comparing(NamedTuple):
    """What the command line says of the compiles of both sides; None leaves it to the project."""

    baseline: str | None = None
    programs: Programs = Programs()


def open_side(session: Session, side: Side, comparing: Comparing) -> tuple[Build, SideName]:
    """The build of a side, and what it is called. Ends the command where it does not compile, or cannot be read."""
    from profilec.review.diff.result import SideName

    try:
        return _open(session, side, comparing), SideName(side.name, side.kind)
    except CompileError as error:
        # Also where its configuration is at fault: 2 is what tells that the sides differ.
        session.fail(error.diagnostics, 3 if error.is_environment else 1)


def _open(session: Session, side: Side, comparing: Comparing) -> Build:
    if side.kind == "build":
        from profilec.builds.open import open_build

        return open_build(side.directory)
    if side.kind == "exported":
        from profilec.review.exported import open_exported

        return open_exported(side.directory)
    if side.revision is not None:
        from profilec.review.store import Store

        with tempfile.TemporaryDirectory(prefix="profilec-") as directory, Store(side.revision.top) as store:
            then = _Then(side.revision, store, Path(os.path.realpath(directory)))
            return then.compile(side.paths, comparing)
    return session.compile(Compiling(side.paths, comparing.baseline, programs=comparing.programs))


class _Then:
    """A project as a revision has it: its own configuration and its files, in a directory that is gone afterwards."""

    def __init__(self, revision: Revision, store: Store, top: Path) -> None:
        from profilec.review.extraction import Extraction

        self.revision, self.top = revision, top
        self.here = top / revision.prefix
        self._extraction = Extraction(revision, store, top)

    def compile(self, paths: tuple[str, ...], comparing: Comparing) -> Build:
        from profilec.pipeline import compile

        project = self._configuration()
        if project.file is None and not paths:
            raise self._nothing("has no engine profiles here: no configuration, and no sources are named")
        given = [self._given(each) for each in comparing.programs.jpath]
        libraries = [self._own(project, each) for each in project.jpath]
        baseline = self._given(comparing.baseline) if comparing.baseline is not None else None
        if baseline is None and project.baseline is not None:
            baseline = self._own(project, project.baseline)
        # Paths of the command line are seen from where it was given, those of the configuration from where that lies.
        owner = config.Config(self.here) if paths else project
        sources = [self._moved(each) for each in paths] or list(project.sources)
        written = [path for each in sources for path in _paths(each)]
        named = [self._given(path, self.here) if paths else self._own(project, path) for path in written]
        self._extract([*named, *given, *libraries, *([baseline] if baseline else [])])
        if paths and not any(map(os.path.lexists, named)):
            raise self._nothing(f"has no {', '.join(f'`{each}`' for each in paths)}")
        try:
            return compile(
                [_source(owner, each) for each in sources],
                baseline=baseline,
                # What was written then is not to be mended now.
                secrets="embed" if project.secrets == "embed" else "reference",
                jobs=0,
                root=project.root,
                **{**variables_of(project, comparing.programs), "jpath": [*given, *libraries]},
            )
        except CompileError as error:
            files = _Files(self, project.root, [*named, *([baseline] if baseline else [])])
            raise CompileError(map(files.at, error.diagnostics)) from None

    def _nothing(self, what: str) -> CompileError:
        hint = "compare with a later revision, or name what it has"
        message = f"the revision `{self.revision.name}` {what}"
        return CompileError([Diagnostic("unknown-side", "error", message, hint=hint, environment=True)])

    def _configuration(self) -> config.Config:
        """The revision's own configuration: the nearest from where the command was given up to the repository's top."""
        folders = [each for each in (self.here, *self.here.parents) if each.is_relative_to(self.top)]
        self._extract(folder / name for folder in folders for name in config.FILES)
        for folder in folders:
            try:
                found = config.load(folder, folder)
            except config.ConfigError as error:
                span = self.span(folder / error.file)
                raise CompileError(
                    [Diagnostic("configuration", "error", error.message, span, hint=error.hint)]
                ) from None
            if found.file is not None:
                return found
        return config.Config(self.here)

    def span(self, path: Path, row: str = "") -> Span:
        """A file of the revision, named as git names it."""
        return Span(f"{self.revision.label}:{Path(os.path.relpath(path, self.top)).as_posix()}{row}")

    def _given(self, written: str, start: Path = Path()) -> Path:
        """A path of the command line: the revision's where it is one of the repository, else what is there."""
        path = Path(os.path.abspath(start / written))  # noqa: PTH100 - a link is the revision's, and not followed here
        # Git names the repository by its real path, which is another one where a link leads to it.
        for each in (path, Path(os.path.realpath(path))):
            if each.is_relative_to(self.revision.top):
                return self.top / each.relative_to(self.revision.top)
        return path

    def _moved(self, written: str) -> str:
        """A source of the command line, its paths as they are to be seen from the directory of the revision."""
        moved = []
        for each in written.split(","):
            path = _path(each)
            full = self._given(path)
            is_below = path and not os.path.isabs(path) and full.is_relative_to(self.top)  # noqa: PTH117 - a text
            moved.append(each if is_below or not path else each.replace(path, str(full), 1))
        return ",".join(moved)

    def _own(self, project: config.Config, written: str) -> Path:
        """A path of the configuration, which is the revision's too: it names nothing outside of the repository."""
        path = Path(os.path.abspath(project.root / written))  # noqa: PTH100 - as above
        if path.is_relative_to(self.top):
            return path
        file = self.span(project.root / (project.file or "")).file
        raise CompileError([_outside(written, file, self.revision.name)])

    def _extract(self, paths: Iterable[Path]) -> None:
        """Bring the files of some paths here. What lies outside of the repository is no part of a revision."""
        inside = [
            PurePosixPath(each.relative_to(self.top).as_posix()) for each in paths if each.is_relative_to(self.top)
        ]
        self._extraction.take(inside)


def _source(owner: config.Config, written: str) -> str:
    """A source as the compile takes it. A database's URI is relative to wherever the command runs, so not this one."""
    kind, colon, path = written.partition(":")
    if kind == "sqlite-dsn" and colon:
        from profilec.sources import path_in

        return f"sqlite:{owner.path(path_in(kind, path.strip()))}"
    return owner.source(written)


def _paths(written: str) -> Iterator[str]:
    """What a source may name, be it one path or several, with kinds before them: what is not there is not asked for."""
    for each in (written, *written.split(",")):
        yield each.strip()
        yield _path(each)


def _path(written: str) -> str:
    """The path of one source, without its kind."""
    kind, colon, path = written.strip().partition(":")
    if not colon:
        return kind
    from profilec.sources import path_in

    return path_in(kind, path.strip())


def _outside(written: str, file: str, revision: str) -> Diagnostic:
    message = f"`{written}` is outside of the repository, and `{revision}` does not hold it"
    hint = "name the paths to compare on the command line"
    return Diagnostic("unreadable-source", "error", message, Span(file), hint=hint, environment=True)


class _Files:
    """Files as a compile names them -> as git names them: with the revision, and from the repository's top."""

    def __init__(self, then: _Then, root: Path, named: Sequence[Path]) -> None:
        from profilec.sources.files import display_name

        self._then, self._root = then, root
        self._known = {display_name(each, each, root): each for each in reversed(named)}
        # What lies outside of the project is named from the last part of what was named.
        self._tops = [root, *(each.parent for each in named if not each.is_relative_to(root))]

    def at(self, diagnostic: Diagnostic) -> Diagnostic:
        notes = tuple(replace(each, span=self._span(each.span)) for each in diagnostic.notes)
        return replace(diagnostic, span=self._span(diagnostic.span), notes=notes)

    def _span(self, span: Span | None) -> Span | None:
        # What is no file has a name of its own, such as the library that ships with the compiler.
        if span is None or span.file.startswith("<"):
            return span
        name, mark, row = span.file.partition("#")
        places = ((self._place(span.file), ""), (self._place(name), mark + row), (self._root / span.file, ""))
        path, row = next((path, row) for path, row in places if path is not None)
        return span._replace(file=self._then.span(path, row).file) if path.is_relative_to(self._then.top) else span

    def _place(self, name: str) -> Path | None:
        if name in self._known:
            return self._known[name]
        return next((top / name for top in self._tops if os.path.lexists(top / name)), None)
