"""Laws of whom a diff blames and who it says does not follow: held against what is served with the edit undone."""

from __future__ import annotations

from typing import Any

import profilec
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from profilec.review.diff.result import ABSENT, Cause, Kept

POINTER = "/inference_settings/chat/temperature"
# What each layer sets, and what it stands on: so few that layers often say the same, and often are in each other's way.
Layers = dict[str, tuple[float | None, list[str]]]
NAMES = "abcde"
_temperatures = st.sampled_from([None, 0.2, 0.5])


@st.composite
def stacks(draw: st.DrawFn, name: str) -> list[str]:
    return draw(st.lists(st.sampled_from(NAMES[: NAMES.index(name)]), max_size=3, unique=True)) if name > "a" else []


@st.composite
def edited(draw: st.DrawFn) -> tuple[Layers, Layers]:
    """Layers before and after a few edits of what they set and of what they stand on."""
    old = {name: (draw(_temperatures), draw(stacks(name))) for name in NAMES}
    new = dict(old)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        new[name] = (draw(_temperatures), new[name][1])
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
        new[name] = (new[name][0], draw(stacks(name)))
    return old, new


def compiled(layers: Layers) -> profilec.Build:
    profiles = {
        name: {
            "stack": [{"profile_slug": each} for each in stack],
            "inference_settings": {"chat": {"engine": "m", **({} if said is None else {"temperature": said})}},
        }
        for name, (said, stack) in layers.items()
    }
    return profilec.compile({"slug": "r", "profiles": profiles})


def served(layers: Layers) -> dict[str, float | None]:
    """What each profile is served."""
    artifacts = compiled(layers).artifacts.items()
    return {name: each.document["inference_settings"]["chat"].get("temperature") for name, each in artifacts}


def with_value(layers: Layers, name: str, said: Any) -> Layers:
    return {**layers, name: (None if said is ABSENT else said, layers[name][1])}


@settings(max_examples=200, deadline=None)
@given(edited())
@example(({"a": (0.2, []), "b": (None, ["a"])}, {"a": (0.3, []), "b": (0.2, ["a"])}))
@example(({"a": (0.2, []), "b": (0.5, ["a"])}, {"a": (None, []), "b": (None, ["a"])}))
@example(
    ({"a": (0.2, []), "b": (0.5, []), "c": (None, ["b"])}, {"a": (None, []), "b": (0.6, []), "c": (None, ["a", "b"])})
)
def test_what_is_said_of_those_that_do_not_follow_is_so(pair: tuple[Layers, Layers]) -> None:
    old, new = pair
    before, after = served(old), served(new)
    found = profilec.diff(compiled(old), compiled(new))
    changed = {name for name in after if before[name] != after[name]}
    assert {name for cause in found.causes for name in cause.profiles} == changed
    for cause in found.causes:
        assert cause.edit.what != "unknown"
        assert set(cause.shared) <= changed - {*cause.profiles}
        for kept in cause.kept:
            event(str(kept.kind))
            assert changed.isdisjoint(kept.profiles)
            assert {after[name] for name in kept.profiles} == {kept.value}
            holds(cause, kept, new, after)


def holds(cause: Cause, kept: Kept, new: Layers, after: dict[str, float | None]) -> None:
    """The edit without effect has none, by itself; what keeps a value does keep it."""
    layer = cause.edit.layer.partition("/")[2]
    undone = served(with_value(new, layer, cause.edit.old))
    # What is redundant may go, whatever it was; or, where it has gone, come back.
    without = undone if cause.edit.new is ABSENT else served(with_value(new, layer, ABSENT))
    for profile in kept.profiles:
        if kept.kind is None:
            assert undone[profile] != after[profile]
        elif kept.kind == "edit-shadowed":
            assert undone[profile] == after[profile]
        else:
            assert without[profile] == after[profile]
        if kept.kind != "edit-redundant":
            assert profilec.explain(compiled(new), profile, POINTER)[0].winner.layer == kept.layer


@settings(max_examples=200, deadline=None)
@given(edited())
@example(({"a": (None, []), "b": (0.5, ["a"])}, {"a": (0.2, []), "b": (None, ["a"])}))
@example(
    (
        {"a": (0.2, []), "b": (0.5, []), "c": (None, ["a", "b"])},
        {"a": (0.3, []), "b": (0.5, []), "c": (None, ["b", "a"])},
    )
)
@example(
    ({"a": (0.2, []), "b": (0.5, []), "c": (None, ["a", "b"])}, {"a": (0.3, []), "b": (0.5, []), "c": (None, ["a"])})
)
@example(
    ({"a": (None, []), "b": (0.2, []), "c": (0.5, [])}, {"a": (None, []), "b": (0.2, []), "c": (None, ["a", "b"])})
)
def test_whoever_is_blamed_has_a_part_in_it(pair: tuple[Layers, Layers]) -> None:
    """Where one of two edits alone, undone, undoes the change of a profile, that one is to blame.

    Of two stacks both may be: what comes by one and hides what the other takes away.
    """
    old, new = pair
    before = served(old)
    found = profilec.diff(compiled(old), compiled(new))
    said = [name for name in old if old[name][0] != new[name][0]]
    stacked = [name for name in old if old[name][1] != new[name][1]]
    if len(said) + len(stacked) != 2 or len(stacked) == 2:
        return
    without = {("field", f"r/{name}"): served(with_value(new, name, old[name][0])) for name in said} | {
        ("stack", f"r/{name}"): served({**new, name: (new[name][0], old[name][1])}) for name in stacked
    }
    for cause in found.causes:
        key = (cause.edit.what, cause.edit.layer)
        for name in cause.profiles:
            alone = [each for each, result in without.items() if result[name] == before[name]]
            event(f"undone by {len(alone)}")
            assert len(alone) != 1 or alone == [key], name
