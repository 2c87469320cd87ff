"""The name of a git revision -> the commit that it means, or why git does not tell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from profilec.diagnostics import CompileError, Diagnostic, Span, did_you_mean

# What a hook is given for its own repository: with these, git would not look where the command stands.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
# A diff takes no lock that a commit beside it would wait for, and fetches nothing: an older git knows only that no
# protocol is allowed. What git says is read, so it is said in one language.
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
    "LANGUAGE": "",
}
# Git's own spelling of "since the two parted".
_PARTED = "..."
_REMEDY = re.compile(r"git config --global --add safe\.directory .+")


class Revision(NamedTuple):
    """A commit as it was named. `top` is the repository's work tree, `prefix` the current directory in it."""

    name: str
    commit: str
    top: Path
    prefix: PurePosixPath

    @property
    def label(self) -> str:
        """What stands before a file of it. Git names no file of `main...`."""
        return self.commit[:12] if ".." in self.name else self.name


def find(name: str, start: Path) -> Revision:
    """The commit that a name means in the repository around `start`; of `REV...` where REV and HEAD parted.

    Raises `CompileError` with `unknown-side` where it means none, and where git is missing or refuses to look.
    """
    parted, dots, other = name.partition(_PARTED)
    is_merge_base = bool(dots) and other in ("", "HEAD")
    asked = parted if is_merge_base else name
    try:
        top = _git(start, "rev-parse", "--show-toplevel")
        prefix = _git(start, "rev-parse", "--show-prefix")
    except OSError:
        raise _unanswered(name, "git is not installed", "install git, or compare builds") from None
    except subprocess.CalledProcessError as error:
        raise _no_repository(name, start, os.fsdecode(error.stderr)) from None
    try:
        commit = _commit(asked, start)
        if is_merge_base:
            commit = _text(_git(start, "merge-base", commit, "HEAD"))
    except (OSError, ValueError, subprocess.CalledProcessError):
        raise _unknown(name, start) from None
    return Revision(name, commit, Path(_text(top)), PurePosixPath(_text(prefix)))


def refused(revision: Revision, path: str, reason: str) -> CompileError:
    """The refusal of a file that a revision cannot give."""
    hint = "compare builds instead: compile the revision in a checkout of its own"
    span = Span(f"{revision.label}:{path}")
    return CompileError(
        [Diagnostic("unreadable-source", "error", f"`{path}` {reason}", span, hint=hint, environment=True)]
    )


def environment() -> dict[str, str]:
    """What git is run with."""
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK} | _QUIET


def _no_repository(name: str, start: Path, reason: str) -> CompileError:
    if "dubious ownership" in reason or "unsafe repository" in reason:
        remedy = _REMEDY.search(reason)
        hint = f"if you do: `{remedy[0] if remedy else f'git config --global --add safe.directory {start}'}`"
        return _unanswered(name, "git does not trust this directory, which belongs to somebody else", hint)
    if "not a git repository" in reason:
        message = f"`{name}` is no file or directory, and there is no git repository here"
        return CompileError(
            [Diagnostic("unknown-side", "error", message, hint=_nearest(name, start, []), environment=True)]
        )
    said = reason.strip().rpartition("\n")[2].removeprefix("fatal: ") or "git does not say why"
    return _unanswered(name, f"git does not look for a revision: {said}", None)


def _unanswered(name: str, reason: str, hint: str | None) -> CompileError:
    """The machine keeps git from telling whether there is such a revision."""
    message = f"`{name}` is no file or directory, and {reason}"
    return CompileError([Diagnostic("unknown-side", "error", message, hint=hint, environment=True)])


def _unknown(name: str, start: Path) -> CompileError:
    """The refusal of a revision that is not there, with the nearest branches, tags and files."""
    try:
        listed = _git(start, "for-each-ref", "--format=%(refname:short)", "--count=2000")
        known = [_text(each) for each in listed.split(b"\n") if each]
    except (OSError, subprocess.CalledProcessError):
        known = []
    message = f"`{name}` is no file or directory, and no revision of a git repository here"
    hint = _of_range(name, start) or _nearest(name, start, known)
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
    try:
        _commit(old, start)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return f"`{old}` and HEAD have no commit in common here: fetch more of both, or name `{old}` itself"


def _nearest(name: str, start: Path, revisions: list[str]) -> str:
    name = name.removesuffix("HEAD").removesuffix(_PARTED) if _PARTED in name else name
    is_remote = name.partition("/")[0] == "origin"
    fetch = f"fetch it first: `git fetch --depth=1 origin {name.removeprefix('origin/')}`" if is_remote else None
    return (
        did_you_mean(name, [*revisions, *(each.name for each in start.iterdir())])
        or fetch
        or "name a build, registries, an exported tree, or a git revision"
    )


def _commit(name: str, start: Path) -> str:
    return _text(_git(start, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))


def _git(directory: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=True, env=environment()).stdout


def _text(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))
