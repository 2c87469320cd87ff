"""Texts -> Policies: a project's own rules, ready to be held against compiled profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from profilec import schemas, slugs
from profilec.diagnostics import Note, Report, Span
from profilec.passes.parse import read_tree, shape
from profilec.passes.parse.policy_schema import faults
from profilec.rules import CHANGES, RULES
from profilec.states import Policy, Text, Value
from profilec.syntax.tree import Tree

_ALL = (("*", "*"),)


def parse_policies(sources: Iterable[Text | Value], report: Report) -> list[Policy]:
    """Read every policy, in the order of their names, and report what is wrong with each."""
    policies: dict[str, Policy] = {}
    taken: dict[str, Span] = {}
    for source in sources:
        tree = read_tree(source, report)
        if tree is None:
            continue
        name = _name(source, tree, report)
        policy = _policy(name, tree, report)
        if not _is_free(name, tree, taken, report):
            continue
        taken[name] = tree.span()
        if policy:
            policies[name] = policy
    return [policies[name] for name in sorted(policies)]


def _name(source: Text | Value, tree: Tree, report: Report) -> str:
    """The rule's name: that of the file, or the `name` of a mapping, which has no file."""
    if isinstance(source, Text):
        return source.name.rpartition("/")[2].removesuffix(".json")
    name = tree.value.pop("name", None)
    if not isinstance(name, str):
        report.error("missing-field", "a policy that is a mapping has no `name`", tree.span(), hint="write `name: …`")
        return ""
    return name


def _is_free(name: str, tree: Tree, taken: dict[str, Span], report: Report) -> bool:
    """Whether a rule may be called so."""
    if name and not slugs.is_slug(name):
        report.error(
            "invalid-slug",
            f"`{name}` is not a name for a rule, which a policy's file gives it",
            tree.span(),
            hint="rename the file: lower-case letters, digits, `.`, `_` and `-`, such as `price-of-production.json`",
        )
    elif name in RULES or name in CHANGES:
        hint = "rename the file; `profilec rules` lists the names that are taken"
        report.error("configuration", f"the policy `{name}` has the name of a built-in rule", tree.span(), hint=hint)
    elif name in taken:
        report.error(
            "configuration",
            f"two policies are called `{name}`",
            tree.span(),
            notes=[Note("the other one", taken[name])],
            hint="rename one of the files",
        )
    else:
        return True
    return False


def _policy(name: str, tree: Tree, report: Report) -> Policy | None:
    if not shape.check_policy(tree, report):
        return None
    value = tree.value
    select = _select(tree, report) if "select" in value else _ALL
    is_met = _decider(tree, report)
    if select is None or is_met is None:
        return None
    return Policy(
        name=name,
        description=value.get("description", ""),
        select=select,
        severity=value.get("severity", "error"),
        message=value["message"],
        hint=value.get("hint"),
        has_layers=value.get("layers", False),
        schema=value["schema"],
        is_met=is_met,
        span=tree.value_span(value, "select") if "select" in value else tree.span(),
    )


def _select(tree: Tree, report: Report) -> tuple[tuple[str, str], ...] | None:
    """The globs over registry and profile. One without a slash is about registries."""
    written = tree.value["select"]
    found = []
    for index, each in enumerate(written):
        registry, slash, profile = slugs.normalize(each).partition("/")
        if not registry or "/" in profile or (slash and not profile):
            report.error(
                "invalid-value",
                f"`{each[:100]}` selects nothing: it is no glob over `registry/profile`",
                tree.value_span(written, index),
                hint="write `prod-*` for registries, `prod-*/*` or `*/assistant` for profiles",
            )
            continue
        found.append((registry, profile or "*"))
    return tuple(found) if len(found) == len(written) else None


def _decider(tree: Tree, report: Report) -> Callable[[Any], bool] | None:
    """The policy's schema as a question to artifacts, or None where it is no JSON Schema."""
    schema = tree.value["schema"]
    found = faults(schema)
    for path, message, hint, is_key in found:
        span = tree.key_span(tree.at(["schema", *path[:-1]]), path[-1]) if is_key else tree.span_at(["schema", *path])
        report.error("policy-schema", message, span, hint=hint)
    return None if found else schemas.decider_of(schema)
