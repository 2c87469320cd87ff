"""Findings -> the same, with files named as the repository names them: what CI shows them by."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from profilec.diagnostics import Diagnostic, Note, Span


def from_repository(diagnostics: Iterable[Diagnostic], root: Path) -> list[Diagnostic]:
    """The findings of a project whose root may lie below the repository's."""
    try:
        root = Path.cwd() / root
    except FileNotFoundError:
        # Nothing can be found from a directory that is gone.
        return list(diagnostics)
    repository = _repository(root)
    known: dict[str, tuple[str, str]] = {}

    def moved(span: Span | None) -> tuple[Span | None, str]:
        if span is None:
            return None, ""
        if span.file not in known:
            known[span.file] = _moved(span.file, root, repository)
        file, row = known[span.file]
        return span._replace(file=file), row

    found = []
    for each in diagnostics:
        span, row = moved(each.span)
        notes = [Note(note.message, moved(note.span)[0]) for note in each.notes]
        found.append(replace(each, span=span, notes=(*notes, *([Note(f"in `{row}`")] if row else []))))
    return found


def _repository(root: Path) -> Path:
    """The directory above that git keeps, else the one that the CI server names; else the project's own root."""
    for directory in (root, *root.parents):
        if (directory / ".git").exists():
            return directory
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        if (named := os.environ.get(name)) and root.is_relative_to(directory := Path(named).resolve()):
            return directory
    return root


def _moved(file: str, root: Path, repository: Path) -> tuple[str, str]:
    """A file seen from the repository, and the row that the name goes on with; unchanged where there is none."""
    # A finding of the command itself may name a file as its reader did, from where he stands.
    for start in (root, Path.cwd()):
        for name, row in ((file, ""), (file.partition("#")[0], file.partition("#")[2])):
            path = Path(os.path.normpath(start / name))
            if name and os.path.lexists(path):
                return (path.relative_to(repository).as_posix() if path.is_relative_to(repository) else name), row
    return file, ""
