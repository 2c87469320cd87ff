"""profilec diff: two builds, revisions or sets of sources -> what changes in effect, and because of which line."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from profilec.commands.comparing import Comparing, open_side
from profilec.commands.options import with_forms, with_programs
from profilec.commands.session import Programs, Session
from profilec.diagnostics import SEVERITIES, did_you_mean
from profilec.rendering.render import as_json
from profilec.rendering.terminal import is_terminal
from profilec.review.diff.kinds import severity_of
from profilec.review.sides import Side, is_revision, side
from profilec.rules import CHANGES

if TYPE_CHECKING:
    from profilec.review.diff.result import Diff
    from profilec.states import Build

FORMS = ("text", "json", "markdown", "html")


def _refused(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Kinds and severities, with commas between them or the option repeated."""
    words = [word.strip() for each in given for word in each.split(",")]
    for word in words:
        if word not in CHANGES and word not in SEVERITIES:
            known = f"severities are {', '.join(SEVERITIES)}; kinds are {', '.join(CHANGES)}"
            hint = did_you_mean(word, [*CHANGES, *SEVERITIES]) or known
            raise click.BadParameter(f"`{word}` is neither a kind of change nor a severity; {hint}")
    return tuple(words)


@click.command(
    epilog="""\b
Examples:
  profilec diff                            what `profilec build` would change in the project's build
  profilec diff --since main...            the branch's changes, from git itself: no checkout is touched
  profilec diff --since main               all that differs from main as it is now
  profilec diff main registries            the same, for these paths
  profilec diff v1.2 v1.3                  two revisions, each by its own configuration
  profilec diff old-build new-build        two builds, or two exported trees
  profilec diff --since origin/main... --fail-on error,price-up --format markdown"""
)
@click.argument("old", required=False)
@click.argument("new", nargs=-1, metavar="[NEW]...")
@click.option(
    "--since",
    metavar="REV",
    help="Compare a git revision with the working tree; `REV...` is where REV and HEAD parted.",
)
@click.option(
    "--baseline", type=click.Path(), metavar="FILE", help="Settings below every profile, of sides that are compiled."
)
@click.option(
    "--fail-on",
    multiple=True,
    callback=_refused,
    metavar="KIND|SEVERITY,…",
    help="Exit 1 where such a change is found: error, warning, note, or kinds such as price-up.",
)
@click.option("--exit-code", is_flag=True, help="Exit 0 where nothing differs, 2 where something does.")
@with_programs
@with_forms(FORMS, "How the diff is written.")
def command(
    session: Session,
    programs: Programs,
    old: str | None,
    new: tuple[str, ...],
    since: str | None,
    baseline: str | None,
    fail_on: tuple[str, ...],
    exit_code: bool,
) -> None:
    """Show what changes in effect between OLD and NEW, grouped by the edit that is to blame, with what it means.

    Each is a build directory, a tree that `profilec export` wrote, sources (several make one side), or a git revision
    (`git:NAME` where a file has that name; `REV...` where REV and HEAD parted). Without NEW it is the project's
    sources, without OLD the project's build. A revision beside sources is read at the same paths; otherwise its own
    configuration says what it consists of.

    Credentials show as changed, never with their value.
    """
    from profilec.review.diff import diff

    if session.form == "html" and is_terminal(sys.stdout):
        raise click.UsageError("a page is a large file, and this is a terminal: send it to a file, `> diff.html`")
    sides = session.asking(lambda: _sides(session, old, new, since))
    comparing = Comparing(baseline, programs)
    (before, before_name), (after, after_name) = (open_side(session, each, comparing) for each in sides)
    found = session.asking(lambda: diff(before, after, before_name, after_name))
    session.product(_written(session, after, found))
    _leave(session, found.kinds(), not found.is_empty, fail_on, exit_code)


def _sides(session: Session, old: str | None, new: Sequence[str], since: str | None) -> tuple[Side, Side]:
    if since is not None:
        # What is named beside it are the paths to compare.
        paths = [*([old] if old is not None else []), *new]
        _refuse_revisions(paths)
        then = side([since if since.startswith("git:") else f"git:{since}"])
        return _at_same_paths(then, side(paths) if paths else _WORKING_TREE)
    first = side([old]) if old is not None else Side("build", str(session.config.path(session.config.output)))
    if first.kind == "revision":
        _refuse_revisions(new)
    second = side(new) if new else _WORKING_TREE
    return _at_same_paths(first, second)


def _refuse_revisions(paths: Sequence[str]) -> None:
    """Several words are paths, which are read at one revision."""
    if len(paths) > 1 and any(map(is_revision, paths)):
        raise click.UsageError("two revisions take no paths: each is what its own configuration says")


def _at_same_paths(old: Side, new: Side) -> tuple[Side, Side]:
    """A revision beside sources that are named is read at their paths."""
    if old.kind == "revision" and new.kind == "sources":
        return replace(old, paths=new.paths), new
    if new.kind == "revision" and old.kind == "sources":
        return old, replace(new, paths=old.paths)
    return old, new


# The project's own sources, as they are.
_WORKING_TREE = Side("sources", "the working tree")


def _written(session: Session, new: Build, found: Diff) -> str:
    if session.form == "json":
        from profilec.review.diff.document import as_document

        return as_json([], **as_document(found))
    if session.form == "markdown":
        from profilec.rendering.diff.markdown import as_markdown

        return as_markdown(found)
    if session.form == "html":
        from profilec.rendering.report import page
        from profilec.review.changes import tables_of

        # A report that opens where the changes are.
        return page({**tables_of(new, found), "opens": "#changes"})
    from profilec.rendering.diff.text import as_text

    columns = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 0
    return as_text(found, session.paint, columns, session.verbose)


def _leave(session: Session, kinds: Counter[str], differs: bool, fail_on: Sequence[str], exit_code: bool) -> None:
    """The exit code: a change that is refused, else whether anything differs where that is asked for."""
    refused = [each for each in kinds if each in fail_on or severity_of(each) in fail_on]
    if refused:
        session.say("refused by --fail-on: " + ", ".join(f"{each} ({kinds[each]})" for each in sorted(refused)))
        raise click.exceptions.Exit(1)
    if exit_code and differs:
        raise click.exceptions.Exit(2)
