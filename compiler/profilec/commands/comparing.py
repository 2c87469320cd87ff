"""Sides of a comparison -> builds: read, compiled, or compiled as a git revision has them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
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
        with tempfile.TemporaryDirectory(prefix="profilec-") as directory:
            return _Then(side.revision, Path(os.path.realpath(directory))).compile(side.paths, comparing)
    return session.compile(Compiling(side.paths, comparing.baseline, programs=comparing.programs))


class _Then:
    """A project as a revision has it: its own configuration and its files, in a directory that is gone afterwards."""

    def __init__(self, revision: Revision, top: Path) -> None:
        self.revision, self.top = revision, top
        self.here = top / revision.prefix
        self.here.mkdir(parents=True, exist_ok=True)

    def compile(self, paths: tuple[str, ...], comparing: Comparing) -> Build:
        from profilec.pipeline import compile

        self._extract(folder / name for folder in (self.here, *self.here.parents) for name in config.FILES)
        project = self._configuration()
        if project.file is None and not paths:
            raise self._nothing("has no engine profiles here: no configuration, and no sources are named")
        # Paths of the command line are seen from where it was given, those of the configuration from where that lies.
        sources = [(config.Config(self.here), each) for each in paths] or [(project, each) for each in project.sources]
        baseline = self.here / comparing.baseline if comparing.baseline is not None else None
        if baseline is None and project.baseline is not None:
            baseline = project.root / project.baseline
        jpath = [
            *(self.here / each for each in comparing.programs.jpath),
            *(project.root / each for each in project.jpath),
        ]
        named = [path for owner, written in sources for path in _paths(owner.root, written)]
        self._extract([*named, *jpath, *([baseline] if baseline else [])])
        if paths and not any(map(os.path.lexists, named)):
            raise self._nothing(f"has no {', '.join(f'`{each}`' for each in paths)}")
        try:
            return compile(
                [_source(owner, written) for owner, written in sources],
                baseline=baseline,
                # What was written then is not to be mended now.
                secrets="embed" if project.secrets == "embed" else "reference",
                jobs=0,
                root=project.root,
                **{**variables_of(project, comparing.programs), "jpath": jpath},
            )
        except CompileError as error:
            raise CompileError(map(self._at, error.diagnostics)) from None

    def _nothing(self, what: str) -> CompileError:
        hint = "compare with a later revision, or name what it has"
        message = f"the revision `{self.revision.name}` {what}"
        return CompileError([Diagnostic("unknown-side", "error", message, hint=hint, environment=True)])

    def _configuration(self) -> config.Config:
        try:
            return config.load(self.here, self.top)
        except config.ConfigError as error:
            found = Diagnostic("configuration", "error", error.message, Span(error.file), hint=error.hint)
            raise CompileError([self._at(found)]) from None

    def _extract(self, paths: Iterable[Path]) -> None:
        """Bring the files of some paths here. What lies outside of the repository is no part of a revision."""
        from profilec.review.revision import extract

        inside = []
        for path in paths:
            full = Path(os.path.abspath(path))  # noqa: PTH100 - a link is the revision's, and not followed here
            if full.is_relative_to(self.top):
                inside.append(PurePosixPath(full.relative_to(self.top).as_posix()))
        extract(self.revision, inside, self.top)

    def _at(self, diagnostic: Diagnostic) -> Diagnostic:
        """The finding, its file named as git names one of a revision."""
        span, name = diagnostic.span, self.revision.name
        if ".." in name:
            # Git names no file of `main...`.
            name = self.revision.commit[:12]
        return replace(diagnostic, span=span._replace(file=f"{name}:{span.file}")) if span else diagnostic


def _source(owner: config.Config, written: str) -> str:
    """A source as the compile takes it. A database's URI is relative to wherever the command runs, so not this one."""
    kind, colon, path = written.partition(":")
    if kind == "sqlite-dsn" and colon:
        from profilec.sources import path_in

        return f"sqlite:{owner.path(path_in(kind, path.strip()))}"
    return owner.source(written)


def _paths(root: Path, written: str) -> Iterator[Path]:
    """What a source may name, be it one path or several, with kinds before them: what is not there is not asked for."""
    for each in (written, *written.split(",")):
        yield root / each.strip()
        kind, colon, path = each.strip().partition(":")
        if colon:
            from profilec.sources import path_in

            yield root / path_in(kind, path.strip())
