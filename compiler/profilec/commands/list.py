"""profilec list: the profiles of a build, a line each."""

from __future__ import annotations

from typing import Any

import click

from profilec.commands.options import not_blank, with_reading, with_session
from profilec.commands.session import Reading, Session
from profilec.rendering.render import as_json
from profilec.rendering.table import print_table
from profilec.rendering.terminal import visible

_COLUMNS = ("registry", "profile", "model", "provider", "context", "USD per 1M in/out")
_RIGHT = ("context",)


@click.command(
    epilog="""\b
Examples:
  profilec list                            the project's build
  profilec list --registry team-agent      one registry
  profilec list --source registries        compile first"""
)
@with_reading
@click.option("--registry", callback=not_blank, metavar="SLUG", help="Only the profiles of this registry.")
@with_session
def command(session: Session, reading: Reading, registry: str | None) -> None:
    """Show the profiles: registry, profile, model, provider, context window in tokens, price.

    Prices are in USD per million tokens of input and output. A profile without a model is a layer that others stack
    on. `*` marks the build's default.
    """
    from profilec.review.find import find, summaries

    build = session.open(reading)
    if registry is not None:
        registry = registry.strip().lower()
        session.asking(lambda: registry in build.manifest["registries"] or find(build, None, registry))
    rows = {
        name: summary
        for name, summary in session.asking(lambda: summaries(build)).items()
        if registry is None or name.partition("/")[0] == registry
    }
    order = {slug: index for index, slug in enumerate(build.manifest["precedence"])}
    names = sorted(rows, key=lambda name: (order[name.partition("/")[0]], name))
    default = build.manifest["default"]
    if session.form == "json":
        profiles = [{"name": name, "is_default": name == default, **rows[name]} for name in names]
        session.product(as_json([], profiles=profiles))
        return
    print_table(_COLUMNS, [_row(name, rows[name], name == default) for name in names], session.paint, _RIGHT)


def _row(name: str, summary: dict[str, Any], is_default: bool) -> tuple[str, ...]:
    registry, _, profile = name.partition("/")
    window = summary.get("context_window")
    return (
        registry,
        profile + (" *" if is_default else ""),
        visible(str(summary.get("model") or "(layer)")),
        visible(str(summary.get("provider", ""))),
        f"{window:,}" if window is not None else "",
        _price(summary.get("cost")),
    )


def _price(cost: dict[str, Any] | None) -> str:
    """What is not set is blank; it may cost nothing, or something that nobody knows."""
    if cost == {}:
        return "free"
    prices = [cost.get("input"), cost.get("output")] if cost else [None, None]
    if prices == [None, None]:
        return ""
    is_free = None not in prices and cost and not any(cost.values())
    return "free" if is_free else " / ".join("" if each is None else f"{each:g}" for each in prices)
