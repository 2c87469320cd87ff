"""A git revision -> a directory with the files of some paths as they were then. No checkout is touched.

Git itself is asked for trees and blobs: it knows alternates, packs and worktrees. No hook and no filter is run.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from profilec.diagnostics import CompileError, Diagnostic, Span, did_you_mean
from profilec.sources.files import SYNTAX_BY_SUFFIX

# What lies beside a database, and has a say in whether it can be read.
_BESIDE = ("-wal", "-journal")
_LARGE_FILE_POINTER = b"version https://git-lfs.github.com/spec/"
# Git's own spelling of "since the two parted".
_PARTED = "..."
_LINK, _SUBMODULE = "120000", "160000"


class Revision(NamedTuple):
    """A commit as it was named. `top` is the repository's work tree, `prefix` the current directory in it."""

    name: str
    commit: str
    top: Path
    prefix: PurePosixPath


class Entry(NamedTuple):
    """One entry of a commit's tree."""

    mode: str
    blob: str
    path: str


def find(name: str, start: Path) -> Revision | None:
    """The commit that a name means in the repository around `start`; None where it means none.

    `REV...` and `REV...HEAD` are the commit where REV and HEAD parted, their merge base.
    """
    parted, dots, other = name.partition(_PARTED)
    is_merge_base = bool(dots) and other in ("", "HEAD")
    asked = parted if is_merge_base else name
    try:
        top = _git(start, "rev-parse", "--show-toplevel")
        prefix = _git(start, "rev-parse", "--show-prefix")
        commit = _git(start, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{asked}^{{commit}}")
        if is_merge_base:
            commit = _git(start, "merge-base", _text(commit), "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return None
    return Revision(name, _text(commit), Path(_text(top)), PurePosixPath(_text(prefix)))


def unknown(name: str, start: Path, message: str) -> CompileError:
    """The refusal of a revision that is not there, with the nearest branches, tags and files."""
    try:
        listed = _git(start, "for-each-ref", "--format=%(refname:short)", "--count=2000")
        known = [_text(each) for each in listed.split(b"\n") if each]
    except (OSError, subprocess.CalledProcessError):
        known = []
    asked = name.removesuffix("HEAD").removesuffix(_PARTED) if _PARTED in name else name
    is_remote = asked.partition("/")[0] == "origin"
    fetch = f"fetch it first: `git fetch --depth=1 origin {asked.removeprefix('origin/')}`" if is_remote else None
    hint = (
        _of_range(name, start)
        or did_you_mean(asked, [*known, *(each.name for each in start.iterdir())])
        or fetch
        or "name a build, registries, an exported tree, or a git revision"
    )
    return CompileError([Diagnostic("unknown-side", "error", message, hint=hint, environment=True)])


def _of_range(name: str, start: Path) -> str | None:
    """What to write for git's range of two revisions, which is no single side."""
    old, dots, new = name.partition("..")
    if not dots:
        return None
    is_parted, new = new.startswith("."), new.removeprefix(".")
    if not is_parted:
        return f"name both: `profilec diff {old or 'HEAD'} {new or 'HEAD'}`"
    if new not in ("", "HEAD"):
        return f"name both: `profilec diff $(git merge-base {old or 'HEAD'} {new}) {new}`"
    if find(old, start):
        return f"`{old}` and HEAD have no commit in common here: fetch more of both, or name `{old}` itself"
    return None


def extract(revision: Revision, paths: Iterable[PurePosixPath], into: Path) -> None:
    """Write the files at and below paths of the repository into a directory, links with what they lead to.

    A path that the revision does not have is passed over. Raises `CompileError` for what a revision cannot give: a
    submodule, a file that is kept elsewhere, a link that leads out.
    """
    waiting = list(dict.fromkeys(paths))
    done: set[str] = set()
    while waiting:
        entries = [each for each in _wanted(_tree(revision, waiting), waiting) if each.path not in done]
        done.update(each.path for each in entries)
        links: dict[str, bytes] = {}
        for entry, data in _blobs(revision, entries):
            if entry.mode == _LINK:
                links[entry.path] = data
            else:
                _write(into, entry, data, revision)
        waiting = [_link(into, path, _text(target), revision) for path, target in links.items()]


def _tree(revision: Revision, paths: list[PurePosixPath]) -> list[Entry]:
    named = [str(each) for each in paths]
    # Paths are taken as they are, not as patterns; "." names everything.
    below = [] if "." in named else ["--", *named]
    listed = _git(revision.top, "ls-tree", "-r", "-z", "--full-tree", revision.commit, *below)
    found = []
    for line in listed.split(b"\0"):
        if line:
            head, _, path = line.partition(b"\t")
            mode, _, blob = head.decode().split(" ")
            found.append(Entry(mode, blob, os.fsdecode(path)))
    return found


def _wanted(entries: list[Entry], named: list[PurePosixPath]) -> list[Entry]:
    """What a compile may read: files that are named, registries, and what lies beside them.

    Where there is a program everything is wanted, since it may import it.
    """
    for each in entries:
        if {"", ".", "..", ".git"} & set(each.path.split("/")):
            raise _refused(each.path, "is not a path that a revision can have")
    if any(each.path.endswith((".jsonnet", ".libsonnet")) for each in entries):
        return entries
    endings = (*SYNTAX_BY_SUFFIX, *(f"{suffix}{each}" for suffix in SYNTAX_BY_SUFFIX for each in _BESIDE))
    files = set(map(str, named))
    return [each for each in entries if each.mode == _LINK or each.path in files or each.path.lower().endswith(endings)]


def _blobs(revision: Revision, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
    for each in entries:
        if each.mode == _SUBMODULE:
            raise _refused(each.path, f"is a submodule, whose files `{revision.name}` does not hold")
    request = "".join(f"{each.blob}\n" for each in entries).encode()
    answer = memoryview(_git(revision.top, "cat-file", "--batch", stdin=request))
    at = 0
    for each in entries:
        head = bytes(answer[at : at + 200]).partition(b"\n")[0]
        words = head.split(b" ")
        if len(words) != 3:
            raise _refused(each.path, f"is of `{revision.name}`, and this clone does not have it")
        start = at + len(head) + 1
        at = start + int(words[2]) + 1
        yield each, bytes(answer[start : at - 1])


def _write(into: Path, entry: Entry, data: bytes, revision: Revision) -> None:
    if data.startswith(_LARGE_FILE_POINTER):
        raise _refused(entry.path, f"is kept outside of git, and `{revision.name}` holds only a pointer to it")
    path = into / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(into: Path, path: str, target: str, revision: Revision) -> PurePosixPath:
    """Make a link, and tell where it leads within the repository."""
    leads = PurePosixPath(os.path.normpath(PurePosixPath(path).parent / target))
    if leads.is_absolute() or leads.parts[:1] == ("..",):
        raise _refused(path, f"is a link that leads out of the repository, which `{revision.name}` does not hold")
    here = into / path
    here.parent.mkdir(parents=True, exist_ok=True)
    here.symlink_to(target)
    return leads


def _refused(path: str, reason: str) -> CompileError:
    message = f"`{path}` {reason}"
    hint = "compare builds instead: compile the revision in a checkout of its own"
    return CompileError([Diagnostic("unreadable-source", "error", message, Span(path), hint=hint, environment=True)])


def _git(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    # A diff asks for nothing that is not in the clone, and takes no lock that a commit beside it would wait for.
    quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    done = subprocess.run(["git", *arguments], cwd=directory, input=stdin, capture_output=True, check=True, env=quiet)
    return done.stdout


def _text(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))
