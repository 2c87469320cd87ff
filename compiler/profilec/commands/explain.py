"""profilec explain: which layer set a field, on which line, and what it overrode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from profilec.commands.options import complete_profile, with_reading, with_session
from profilec.commands.session import Reading, Session
from profilec.encode import compact
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible
from profilec.review.explain import Explanation, Setting


@click.command(
    epilog="""\b
Examples:
  profilec explain assistant                     every field of the profile
  profilec explain assistant chat.engine         one field, with what it overrode
  profilec explain assistant model_info          all fields of a section
  profilec explain assistant --source registries compile first"""
)
@click.argument("name", shell_complete=complete_profile)
@click.argument("field", required=False)
@with_reading
@with_session
def command(session: Session, reading: Reading, name: str, field: str | None) -> None:
    """Say which layer of the profile NAME set FIELD, at which line of which file, and what it overrode.

    FIELD is dotted (chat.engine) or a JSON Pointer; a section explains every field in it, and no FIELD explains all.
    """
    from profilec.review.explain import explain

    build = session.open(reading)
    explanations: list[Explanation] = session.asking(lambda: explain(build, name, field))
    if session.form == "json":
        profile = explanations[0].profile if explanations else session.asking(lambda: _name(build, name))
        session.product(as_json([], profile=profile, fields=[_as_dict(each) for each in explanations]))
    elif field is not None:
        session.product("".join(_chain(session, each) for each in explanations))
    else:
        session.product(_table(session, explanations))


def _name(build: Any, name: str) -> str:
    from profilec.review.find import find

    return find(build, name).name


def _chain(session: Session, explanation: Explanation) -> str:
    """One field with its winner and every value below it."""
    settings = [("set by", explanation.winner), *(("overrides", each) for each in explanation.overridden)]
    widths = [
        max(len(_value(each.value)) for _, each in settings),
        max(len(visible(each.layer)) for _, each in settings),
    ]
    lines = [session.paint(visible(explanation.field), "bold")]
    for role, each in settings:
        head = session.paint(f"{role:9}", "green" if each is explanation.winner else "dim")
        cells = f"{_value(each.value):{widths[0]}}  {visible(each.layer):{widths[1]}}"
        lines.append(f"  {head}  {cells}  {session.paint(_place(each), 'blue')}")
    return "\n".join(lines) + "\n"


def _table(session: Session, explanations: Sequence[Explanation]) -> str:
    """Every field on a line: value, winner, place, and how many values it overrode."""
    if not explanations:
        return "(sets nothing)\n"
    rows = [
        (visible(each.field), _cut(_value(each.winner.value)), visible(each.winner.layer), each)
        for each in explanations
    ]
    widths = [max(len(str(row[index])) for row in rows) for index in range(3)]
    lines = []
    for field, value, layer, each in rows:
        more = f"  (overrides {len(each.overridden)})" if each.overridden else ""
        place = session.paint(_place(each.winner), "blue")
        lines.append(
            f"{field:{widths[0]}}  {value:{widths[1]}}  {layer:{widths[2]}}  {place}{session.paint(more, 'dim')}"
        )
    return "\n".join(lines) + "\n"


def _as_dict(explanation: Explanation) -> dict[str, Any]:
    return {
        "field": explanation.field,
        "pointer": explanation.pointer,
        "winner": _setting(explanation.winner),
        "overridden": [_setting(each) for each in explanation.overridden],
    }


def _setting(setting: Setting) -> dict[str, Any]:
    span = setting.span
    return {"layer": setting.layer, "value": setting.value, "file": span.file, "line": span.line, "column": span.column}


def _value(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"$secret"}:
        return visible(f"${{{value['$secret']}}}")
    return visible(compact(value))


def _place(setting: Setting) -> str:
    return visible(str(setting.span))


def _cut(text: str, width: int = 48) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
