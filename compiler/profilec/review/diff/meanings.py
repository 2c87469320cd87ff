"""Two artifacts, and what differs -> what that means: who is asked, where, for how much, within what limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profilec.credentials import MASK
from profilec.encode import compact
from profilec.endpoints import MODELS
from profilec.fields import SETTINGS
from profilec.review.diff.leaves import is_effective, leaves
from profilec.review.diff.redirects import By, Went, allowances, redirects
from profilec.review.diff.result import ABSENT, Leaf, Meaning
from profilec.review.explain import dotted
from profilec.review.masking import is_credential

COST = f"{SETTINGS}/model_info/cost"
_CONTEXT = (("model_info", "context_window"), ("model_info", "quality_high_watermark"))
_OUTPUT = (
    ("model_info", "max_output_tokens"),
    ("chat", "max_response_tokens"),
    ("inference", "max_response_tokens"),
)
# An artifact that says nothing, to compare a new one with.
_EMPTY: Mapping[str, Any] = {
    "inference_settings": {},
    "extensions": {},
    "metadata": {},
    "lineage": {"stack": [], "fields": {}},
}
_IN_USD = "price in USD per million tokens"
_ABILITIES = {"structured_output": "structured output", "tool_call": "tool calls", "attachment": "attachments"}


def meanings(old: Mapping[str, Any], new: Mapping[str, Any], changed: Sequence[Leaf], went: Went) -> list[Meaning]:
    """What the leaves mean; of most there is nothing to say but that a setting changed."""
    by_pointer = {each.pointer: each for each in changed if is_effective(each.pointer)}
    before, after = old["inference_settings"], new["inference_settings"]
    found = list(redirects(before, after, by_pointer, went)) if _may_redirect(by_pointer) else []
    told = {pointer for each in found for pointer in each.pointers}
    found += allowances(before, after, by_pointer)
    found += _credentials({pointer: leaf for pointer, leaf in by_pointer.items() if pointer not in told})
    for say in (_models, _prices, _limits, _abilities, _proxy):
        found += say(by_pointer)
    return found


def of_new(document: Mapping[str, Any], went: Went) -> list[Meaning]:
    """What a profile that is new means: where it sends credentials that others have, and what it allows."""
    settings = document["inference_settings"]
    by_pointer = {each.pointer: each for each in leaves(_EMPTY, document) if is_effective(each.pointer)}
    kept = ("endpoint-with-credential", "http-now-allowed", "local-network-now-allowed")
    found = [*redirects({}, settings, by_pointer, went), *allowances({}, settings, by_pointer)]
    return [each for each in found if each.kind in kept]


def written_out(pointer: str, old: Any, new: Any) -> Meaning | None:
    """What it means that a layer holds a credential itself, and did not: the artifact may not show it."""
    if new != MASK or old == MASK:
        return None
    name = pointer.rpartition("/")[2]
    return Meaning("credential-written-out", f"`{name}` holds a credential itself in its source", (pointer,))


def _may_redirect(by_pointer: By) -> bool:
    return any(
        "/base_urls/" in each or "/api_keys/" in each or each.endswith(("/api_type", "/type", "/engine"))
        for each in by_pointer
    )


def _models(by_pointer: By) -> Iterator[Meaning]:
    for section, kind in MODELS.values():
        for name, meaning, what in (("engine", "model-changed", "model"), (kind, "provider-changed", "provider")):
            leaf = by_pointer.get(f"{SETTINGS}/{section}/{name}")
            if leaf is not None and _plain(leaf.old) != _plain(leaf.new):
                of = "" if section == "chat" else f" for {section}"
                yield Meaning(meaning, f"{what}{of}: {_told(leaf.old)} -> {_told(leaf.new)}", (leaf.pointer,))


def _plain(value: Any) -> Any:
    """A name as it is looked up: blanks around it, and capitals, say nothing."""
    return value.strip().lower() if isinstance(value, str) else value


def _prices(by_pointer: By) -> Iterator[Meaning]:
    leaf = by_pointer.get(COST)
    if leaf is None:
        return
    before, after = leaf.old, leaf.new
    if before is ABSENT or after is ABSENT:
        kind = "price-known" if before is ABSENT else "price-unknown"
        yield Meaning(kind, f"{_IN_USD}: {_price(before)} -> {_price(after)}", (COST,))
        return
    # What a table of prices leaves out costs nothing where the table is empty, and nobody knows what elsewhere.
    pairs = [(name, _rate(before, name), _rate(after, name)) for name in sorted({*before, *after})]
    known = [(name, was, now) for name, was, now in pairs if was is not None and now is not None]
    kind = _kind_of_price(known, is_lost=any(now is None for _, was, now in pairs if was is not None))
    said = ", ".join(_rate_change(name, was, now) for name, was, now in pairs if was != now)
    yield Meaning(kind, f"{_IN_USD}: {said or 'free'}", (COST,))


def _kind_of_price(known: Sequence[tuple[str, float, float]], is_lost: bool) -> str:
    """Any price that rises counts, whatever else falls beside it."""
    if any(now > was for _, was, now in known):
        return "price-up"
    if is_lost:
        return "price-unknown"
    return "price-down" if any(now < was for _, was, now in known) else "price-known"


def _rate(cost: Mapping[str, float], name: str) -> float | None:
    return cost.get(name, None if cost else 0)


def _rate_change(name: str, was: float | None, now: float | None) -> str:
    ways = f"{name} {_number(was)} -> {_number(now)}"
    return f"{ways} ({_percent(was, now)})" if was and now is not None else ways


def _price(cost: Any) -> str:
    if cost is ABSENT:
        return "unknown"
    return ", ".join(f"{name} {_number(each)}" for name, each in sorted(cost.items())) or "free"


def _limits(by_pointer: By) -> Iterator[Meaning]:
    for fields, what in ((_CONTEXT, "context"), (_OUTPUT, "output")):
        for section, name in fields:
            leaf = by_pointer.get(f"{SETTINGS}/{section}/{name}")
            if leaf is not None:
                yield _limit(leaf, what)


def _limit(leaf: Leaf, what: str) -> Meaning:
    """A limit that is not stated is taken for no limit of ours: the model's own, or the provider's."""
    was, now = leaf.old, leaf.new
    both = was is not ABSENT and now is not ABSENT
    is_less = now < was if both else now is not ABSENT and what == "output" and "model_info" not in leaf.pointer
    is_less = is_less or (now is ABSENT and "model_info" in leaf.pointer)
    share = f" ({_percent(was, now)})" if both and was else ""
    message = f"{dotted(leaf.pointer)}: {_tokens(was)} -> {_tokens(now)}{share}"
    return Meaning(f"{what}-{'shrunk' if is_less else 'grown'}", message, (leaf.pointer,))


def _tokens(value: Any) -> str:
    return "not stated" if value is ABSENT else f"{value:,} token{'s' * (value != 1)}"


def _abilities(by_pointer: By) -> Iterator[Meaning]:
    info = f"{SETTINGS}/model_info"
    if (leaf := by_pointer.get(f"{info}/input")) is not None:
        was, now = ([] if each is ABSENT else each for each in (leaf.old, leaf.new))
        for lost, kind in ((was, "capability-lost"), (now, "capability-gained")):
            names = [each for each in lost if each not in (now if lost is was else was)]
            if names:
                yield Meaning(kind, f"input: {', '.join(map(str, names))}", (leaf.pointer,))
    for pointer, name in (
        (f"{info}/reasoning", "reasoning"),
        *((f"{info}/metadata/{k}", v) for k, v in _ABILITIES.items()),
    ):
        leaf = by_pointer.get(pointer)
        if leaf is not None and (leaf.old is True) != (leaf.new is True):
            kind = "capability-gained" if leaf.new is True else "capability-lost"
            yield Meaning(kind, name + ("" if leaf.new is not ABSENT else ", which nobody states any more"), (pointer,))


def _credentials(by_pointer: By) -> Iterator[Meaning]:
    for pointer in filter(is_credential, by_pointer):
        was, now = by_pointer[pointer].old, by_pointer[pointer].new
        has_was, has_now = (each is not ABSENT and each != "" for each in (was, now))
        name = f"`{pointer.rpartition('/')[2]}`"
        if now == MASK and was != MASK:
            yield Meaning("credential-written-out", f"{name} holds the credential itself", (pointer,))
        elif has_was and has_now:
            ways = "its value changes" if now == MASK else f"{_reference(was)} -> {_reference(now)}"
            yield Meaning("credential-changed", f"{name}: {ways}", (pointer,))
        elif has_was or has_now:
            kind, which = ("credential-added", now) if has_now else ("credential-removed", was)
            yield Meaning(kind, f"{name}: {_reference(which)}", (pointer,))


def _proxy(by_pointer: By) -> Iterator[Meaning]:
    for name in ("proxy_url", "proxy_from_environment"):
        leaf = by_pointer.get(f"{SETTINGS}/client/{name}")
        if leaf is not None:
            yield Meaning("proxy-changed", f"{name}: {_told(leaf.old)} -> {_told(leaf.new)}", (leaf.pointer,))


def _told(value: Any) -> str:
    if value is ABSENT:
        return "(not set)"
    return (
        _reference(value)
        if isinstance(value, dict) and "$secret" in value
        else (value if isinstance(value, str) and value else compact(value))
    )


def _reference(value: Any) -> str:
    return f"${{{value['$secret']}}}" if isinstance(value, dict) and "$secret" in value else MASK


def _number(value: Any) -> str:
    if value is ABSENT or value is None:
        return "unknown"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


def _percent(was: float, now: float) -> str:
    share = (now - was) / was * 100
    return f"{share:+,.0f} %" if abs(share) >= 1 else f"{share:+.2g} %"
