"""profilec rules: every rule that a check reports by, the project's own among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from profilec.commands.options import with_policies, with_session
from profilec.commands.session import Session
from profilec.diagnostics import CompileError, Report
from profilec.rendering.excerpts import with_excerpts
from profilec.rendering.render import as_json
from profilec.rendering.table import print_table
from profilec.rendering.terminal import visible
from profilec.rules import CHANGES, CHANGES_PAGE, PAGE, RULES
from profilec.states import Policy

_COLUMNS = ("rule", "severity", "can be changed", "about", "page")


class Line(NamedTuple):
    """A rule as it is listed. `severity` is the project's, "off" among them; `default` what it is otherwise."""

    rule: str
    severity: str
    default: str
    is_adjustable: bool
    is_policy: bool
    summary: str
    page: str


@click.command(
    epilog="""\b
Examples:
  profilec rules                           the built-in rules, and the project's policies
  profilec rules --policies drafts         with other policies than the project's
  profilec rules --format json | jq -r '.rules[] | select(.severity == "error") | .rule'"""
)
@with_policies
@with_session
def command(session: Session, policies: tuple[str, ...]) -> None:
    """List every rule, and every kind of change that a diff tells: severity, what it is about, and its page.

    Severities are changed below [rules] in the configuration. A policy, which is a project's own rule, has its severity
    in its file.
    """
    own = session.asking(lambda: _policies(session.policies(policies), session.config.root))
    lines = sorted([*_built_in(session.config.rules), *_of_changes(), *map(_of_policy, own)])
    if session.form == "json":
        session.product(as_json([], rules=[each._asdict() for each in lines]))
        return
    print_table(_COLUMNS, [_row(each) for each in lines], session.paint)


def _policies(paths: Sequence[Path], root: Path) -> list[Policy]:
    from profilec.passes.parse.policy import parse_policies
    from profilec.sources.policies import read_policies

    report = Report()
    texts = read_policies(paths, root, report)
    policies = parse_policies(texts, report)
    if report.has_errors:
        raise CompileError(with_excerpts(report, texts))
    return policies


def _built_in(severities: Mapping[str, str]) -> Iterator[Line]:
    for name, rule in RULES.items():
        severity = severities.get(name, rule.severity)
        yield Line(name, severity, rule.severity, rule.is_adjustable, False, rule.summary, f"{PAGE}#{name}")


def _of_changes() -> Iterator[Line]:
    """The kinds of change that a diff tells, which have their places in one table of its page."""
    for name, rule in CHANGES.items():
        page = f"{CHANGES_PAGE}#kinds-of-change"
        yield Line(name, rule.severity, rule.severity, False, False, rule.summary, page)


def _of_policy(policy: Policy) -> Line:
    about = policy.description or policy.message
    return Line(policy.name, policy.severity, policy.severity, False, True, about, policy.span.file)


def _row(line: Line) -> tuple[str, ...]:
    changed = "" if line.severity == line.default else f" (not {line.default})"
    where = "in its file" if line.is_policy else "yes" if line.is_adjustable else ""
    return (line.rule, line.severity + changed, where, visible(line.summary), visible(line.page))
