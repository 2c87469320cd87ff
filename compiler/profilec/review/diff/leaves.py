"""Two artifacts of one profile -> the values that differ, each by its JSON Pointer.

Together they are the whole difference: laid over the old artifact they give the new one. `/lineage/stack` stands for
`profile.stack.lineage` in the metadata too, which is the same list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profilec import encode
from profilec.fields import EXTENSIONS, SETTINGS, Strategy, sections, token
from profilec.review.diff.result import ABSENT, Leaf
from profilec.review.masking import shown

LINEAGE = "/lineage/fields/"
STACK = "/lineage/stack"
_SEPARATE = ("inference_settings", "extensions", "metadata", "lineage")
_COPY = "profile.stack.lineage"


def leaves(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Leaf]:
    """Every leaf that differs, in the order of an artifact's parts; what it effects comes first."""
    return [
        *_settings(old["inference_settings"], new["inference_settings"]),
        *_compared(_spread(old["extensions"], EXTENSIONS), _spread(new["extensions"], EXTENSIONS)),
        *_compared(_about(old), _about(new)),
        *_stack(old["lineage"]["stack"], new["lineage"]["stack"]),
        *_lineage(old["lineage"]["fields"], new["lineage"]["fields"]),
    ]


def is_effective(pointer: str) -> bool:
    """Whether a leaf is a value that an application is served: a setting, or an extension's."""
    return pointer.startswith((f"{SETTINGS}/", f"{EXTENSIONS}/"))


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; what is not equal to Python need not be encoded."""
    return one is other or (one == other and encode.is_same(one, other))


def _about(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is neither a setting nor lineage: names, descriptions, version, source, required credentials."""
    outer = {key: value for key, value in document.items() if key not in _SEPARATE}
    inner = {key: value for key, value in document["metadata"].items() if key != _COPY}
    return {**_keyed(outer, "/"), **_keyed(inner, "/metadata/")}


def _lineage(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Leaf]:
    # Positions are whole numbers, so that what is equal is the same; most lineages are.
    if old != new:
        yield from _compared(_keyed(old, LINEAGE), _keyed(new, LINEAGE))


def _keyed(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {prefix + token(key): value for key, value in values.items()}


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Leaf]:
    for section in sorted(old.keys() | new.keys()):
        before, after = old.get(section, {}), new.get(section, {})
        if not is_same(before, after):
            yield from _compared(_fields(section, before), _fields(section, after))


def _fields(section: str, content: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    table = sections().get(section, {})
    for name, value in content.items():
        pointer = f"{SETTINGS}/{token(section)}/{token(name)}"
        field = table.get(name)
        # What a later version knows, and this one does not, may be a map.
        if _is_map(value) and (field is None or field.strategy in (Strategy.MAP, Strategy.DEEP)):
            found.update(_spread(value, pointer))
        else:
            found[pointer] = value
    return found


def _spread(values: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The leaves of a free map: scalars, lists, references and empty maps."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        below = f"{pointer}/{token(key)}"
        found.update(_spread(value, below) if _is_map(value) else {below: value})
    return found


def _is_map(value: Any) -> bool:
    return value.__class__ is dict and bool(value) and "$secret" not in value


def _compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Leaf]:
    for pointer in sorted(old.keys() | new.keys()):
        before, after = old.get(pointer, ABSENT), new.get(pointer, ABSENT)
        if not is_same(before, after):
            yield Leaf(pointer, shown(pointer, before), shown(pointer, after))


def _stack(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Leaf]:
    """The stack as a whole; where the layers are the same ones, what is said of each."""
    if is_same(old, new):
        return
    if [stack_name(each) for each in old] != [stack_name(each) for each in new]:
        yield Leaf(STACK, old, new)
        return
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        prefix = f"{STACK}/{index}/"
        yield from _compared(_keyed(before, prefix), _keyed(after, prefix))


def stack_name(entry: Mapping[str, Any]) -> str:
    """A layer's full name; empty for the baseline, whose file may have any name."""
    return "" if "baseline" in entry else f"{entry['registry_slug']}/{entry['profile_slug']}"
