"""What `--watch` of build and check share: compile again whenever a source changes, and say what that changed."""

from __future__ import annotations

import gc
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click

from profilec import config
from profilec.builds.write import WriteError
from profilec.carried import Carried
from profilec.commands.session import Compiling, Session
from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.rendering.diff.text import as_text
from profilec.rendering.render import as_json_line
from profilec.rendering.terminal import is_terminal, visible
from profilec.review.diff import diff
from profilec.review.diff.document import as_document
from profilec.review.diff.result import Diff, SideName
from profilec.states import Build
from profilec.watching import Places, changes

_FORMATS = ("text", "short", "json")
_NAMED_SOURCES = 3


class Outcome(NamedTuple):
    """What one compile came to: its findings, the build where there is one, and what is said and told of it."""

    found: tuple[Diagnostic, ...]
    build: Build | None
    summary: str
    document: dict[str, Any]


# Compiles with what was kept. Raises `CompileError`, and `WriteError` where it writes.
Step = Callable[[Carried], Outcome]


def watch(session: Session, compiling: Compiling, step: Step) -> NoReturn:
    """Compile, and again after every change, until the command is interrupted."""
    if session.form not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise click.UsageError(f"--watch writes {known}: `{session.form}` is one document, and watching has no end")
    if session.reports:
        raise click.UsageError("--watch and --report exclude each other: use --format json, which has a line each time")
    watched = _Watched(session, step)
    watched.tell(watched.compile())
    session.say(f"watching {_sources(session, compiling)} ({watched.files()}); press Ctrl-C to stop")
    while True:
        watched.look_around()
        try:
            told = changes(watched.places.directories, lambda path: watched.places.concern(path))
            _follow(told, watched.compile, watched.tell, watched.look_around)
        except FileNotFoundError:
            # A directory went before it could be watched.
            continue
        except OSError as error:
            # Most likely the system's limit of what may be watched.
            reason = f"cannot be watched: {error.strerror or error}"
            raise OSError(error.errno, reason, _sources(session, compiling)) from error


def _follow(
    changes: Iterable[bool],
    compile: Callable[[], Outcome],
    tell: Callable[[Outcome], None],
    has_moved: Callable[[], bool],
) -> None:
    """Compile at the first word, since something may have changed before it, and at every change; until other
    directories are to be watched.

    What fails is told only once nothing has changed for a while: a file may have been half written.
    """
    failed: Outcome | None = None
    is_first = True
    for is_changed in changes:
        if not (is_changed or is_first):
            if failed:
                tell(failed)
            failed = None
            continue
        is_first = False
        outcome = compile()
        failed = outcome if outcome.build is None else None
        if not failed:
            tell(outcome)
        if has_moved():
            return


class _Watched:
    """A command that is run over and over: its configuration, what is kept between runs, and what was told last."""

    def __init__(self, session: Session, step: Step) -> None:
        self._session, self._step = session, step
        self._carried = Carried()
        self._told: Outcome | None = None
        self._good: Build | None = None
        self._seconds = 0.0
        self.places = Places(())

    def look_around(self) -> bool:
        """Take up what the last compile depended on, and say whether other directories are to be watched for it."""
        before, self.places = self.places, Places(self._looked_at())
        return before.directories != self.places.directories

    def _looked_at(self) -> set[Path]:
        """Everything that the last compile looked at, and where the configuration and policies are looked for."""
        root = self._session.config.root
        here = Path.cwd()
        folders = [each for each in (here, *here.parents) if root in (each, *each.parents)]
        found = {folder / name for folder in folders for name in config.FILES}
        return self._carried.places | found | {self._session.config.path(config.POLICIES)}

    def files(self) -> str:
        """How many files there are to read, as a phrase."""
        count = sum(each.is_file() for each in self._carried.places)
        return f"{count:,} file{'s' * (count != 1)}"

    def compile(self) -> Outcome:
        self._session.started = time.monotonic()
        try:
            if self._session.configure():
                # Kept is what was made in the same way.
                self._carried = Carried()
            return self._step(self._carried)
        except config.ConfigError as error:
            found = Diagnostic("configuration", "error", error.message, Span(error.file), hint=error.hint)
            return _failed([found])
        except CompileError as error:
            return _failed(error.diagnostics)
        except WriteError as error:
            return _failed([Diagnostic("unwritable-output", "error", str(error), Span(error.path), hint=error.hint)])
        finally:
            self._seconds = time.monotonic() - self._session.started
            # What is kept is not garbage, and looking through it takes longer than a compile.
            gc.freeze()

    def tell(self, outcome: Outcome) -> None:
        """Say what came of a compile and what the edit changed; nothing where both are as before."""
        last, self._told = self._told, outcome
        if last and _is_same(last, outcome):
            return
        found = self._diff(self._good, outcome.build) if last and outcome.build else None
        self._good = outcome.build or self._good
        session = self._session
        session.tell(outcome.found)
        if session.form == "json":
            document = {**outcome.document, "diff": found and as_document(found)}
            session.product(as_json_line(outcome.found, **document))
            return
        if found and not found.is_empty:
            session.product(_as_text(session, found))
        if outcome.build:
            mended = "good again: " if last and not last.build else ""
            said = f"{mended}{outcome.summary}{session.counted(outcome.found)}"
        else:
            said = session.tally(outcome.found) + ("; the last good one is current" if self._good else "")
        session.say(f"{said} ({self._seconds:.2f} s)")

    def _diff(self, old: Build | None, new: Build) -> Diff | None:
        # Of a build that holds credentials the earlier artifacts are gone already.
        if old is None or "embed" in (old.manifest["inputs"]["secrets"], new.manifest["inputs"]["secrets"]):
            return None
        return diff(old, new, SideName("before", "build"), SideName("after", "build"))


def _is_same(one: Outcome, other: Outcome) -> bool:
    manifests = [each.build and each.build.manifest for each in (one, other)]
    output = [each.document.get("output") for each in (one, other)]
    return one.found == other.found and manifests[0] == manifests[1] and output[0] == output[1]


def _failed(found: Iterable[Diagnostic]) -> Outcome:
    return Outcome(tuple(found), None, "", {})


def _as_text(session: Session, found: Diff) -> str:
    columns = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 0
    return as_text(found, session.paint, columns, session.verbose)


def _sources(session: Session, compiling: Compiling) -> str:
    named = [str(each) for each in session.options(compiling)["sources"]]
    more = f" and {len(named) - _NAMED_SOURCES} more" if len(named) > _NAMED_SOURCES else ""
    return ", ".join(map(visible, named[:_NAMED_SOURCES])) + more
