"""Profile + source maps -> Explanations: which layers set a field, what each wrote, and where."""

from __future__ import annotations

import json

from .errors import BadOption, printable
from .pointer import below, resolve, unknown, value_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .profile import Profile
    from .snapshot import Snapshot

LONGEST_VALUE = 200


def explain(profile: Profile, snapshot: Snapshot, field: str) -> Explanation:
    known = list(_fields(profile))
    return _explanation(profile, snapshot, resolve(_text(field, "field"), known, profile.document, profile.name))


def explain_all(profile: Profile, snapshot: Snapshot, section: str | None) -> list[Explanation]:
    known = sorted(_fields(profile))
    pointers = known if section is None else below(_text(section, "section"), known)
    if not pointers and section is not None:
        raise unknown(section, known, profile.name)
    return [_explanation(profile, snapshot, pointer) for pointer in pointers]


class Layer:
    """One layer's say on a field.

    `profile` is "registry/profile", or the baseline's name. `value` is what the layer wrote, credentials masked.
    `line` and `column` count from 1; they are None where a source has no lines, `file` where the build has no record.
    """

    __slots__ = ("column", "file", "line", "profile", "value")

    def __init__(self, profile: str, value: Any, file: str | None, line: int | None, column: int | None) -> None:
        self.profile = profile
        self.value = value
        self.file = file
        self.line = line
        self.column = column

    @property
    def place(self) -> str:
        """`file:line:column`, as far as it is known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __repr__(self) -> str:
        return f"<Layer {self.profile} {self.place}>"

    def __str__(self) -> str:
        # Without a record there is no saying what the layer wrote; its value is not null.
        written = "(not recorded)" if self.file is None else _shown(self.value)
        return "  ".join(part for part in (printable(self.profile), written, printable(self.place)) if part)


class Explanation:
    """Where one field of a profile comes from.

    `field` is its JSON Pointer, `value` its effective value, `winner` the Layer that set it, and `overridden`
    the Layers that set it before, from base to leaf.
    """

    __slots__ = ("field", "overridden", "value", "winner")

    def __init__(self, field: str, value: Any, winner: Layer, overridden: list[Layer]) -> None:
        self.field = field
        self.value = value
        self.winner = winner
        self.overridden = overridden

    def __repr__(self) -> str:
        return f"<Explanation {self.field} {self.winner!r}>"

    def __str__(self) -> str:
        # The value is printed as the layers wrote it, masked; `value` itself can be a credential in an embedding build.
        above = [f"  overrides  {layer}" for layer in reversed(self.overridden)]
        return "\n".join([printable(self.field), f"  set by     {self.winner}", *above])


def _explanation(profile: Profile, snapshot: Snapshot, pointer: str) -> Explanation:
    stack = profile.lineage.get("stack") or []
    *overridden, winner = [_layer(snapshot, stack[position], pointer) for position in _fields(profile)[pointer]]
    return Explanation(pointer, value_at(profile.document, pointer), winner, overridden)


def _layer(snapshot: Snapshot, entry: dict[str, Any], pointer: str) -> Layer:
    if "baseline" in entry:
        name, written = str(entry["baseline"]), snapshot.source_map(None) or {}
        place = (written.get("fields") or {}).get(pointer)
    else:
        registry, slug = entry["registry_slug"], entry["profile_slug"]
        name, written = f"{registry}/{slug}", snapshot.source_map(registry) or {}
        place = ((written.get("profiles") or {}).get(slug) or {}).get("fields", {}).get(pointer)
    if place is None:
        return Layer(name, None, None, None, None)
    line, column, value = place
    return Layer(name, value, written.get("file"), line, column)


def _fields(profile: Profile) -> dict[str, list[int]]:
    return profile.lineage.get("fields") or {}


def _text(value: object, option: str) -> str:
    if isinstance(value, str):
        return value
    raise BadOption(f"`{option}` is {type(value).__name__}, not text", option=option, given=value)


def _shown(value: Any) -> str:
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
