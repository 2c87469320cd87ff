"""Two artifacts of one profile -> credentials that go where they did not go, and addresses that are other ones.

A pull request need not hold a credential to take one along: it leaves the reference alone and moves the address, or the
other way round. So what counts is the pair: which credential goes to which address. A pair that is new is compared with
where the credential went before, in this profile, or anywhere in the old build.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from profilec.credentials import MASK
from profilec.endpoints import MODELS, Endpoint, allows, endpoints, names_beside, normalized
from profilec.fields import SETTINGS
from profilec.review.diff.result import ABSENT, Leaf, Meaning
from profilec.review.explain import dotted
from profilec.states import Build

Settings = Mapping[str, Any]
By = Mapping[str, Leaf]
Pairs = Collection[tuple[str, str]]
# The addresses that a credential went to in the old build, by what tells it apart.
Went = Callable[[str], Collection[str]]
_NOWHERE = "an address that nobody states"
_ALLOWANCES = (
    ("http", "http-now-allowed", "plain HTTP"),
    ("local-networks", "local-network-now-allowed", "the local network"),
)


class Destinations:
    """Where credentials went in a build. It is read once, and only where a credential turns up in a new place."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._known: dict[str, set[str]] | None = None

    def __call__(self, key: str) -> Collection[str]:
        if self._known is None:
            self._known = {}
            for artifact in self._build.artifacts.values():
                if b'"$secret"' in artifact.data or b"api_keys" in artifact.data:
                    for each in endpoints(artifact.document["inference_settings"]):
                        if each.key:
                            self._known.setdefault(each.key, set()).add(each.address)
        return self._known.get(key, ())


def redirects(old: Settings, new: Settings, by_pointer: By, went: Went) -> Iterator[Meaning]:
    """What is to be said of where requests go. `old` is empty for a profile that is new."""
    before = endpoints(old)
    pairs = {(each.key, each.address) for each in before}
    told: set[str] = set()
    for now in endpoints(new):
        was = next((each for each in before if each.role == now.role), None)
        if was and (was.key, was.address) == (now.key, now.address):
            continue
        pointers = _pointers(now, was, by_pointer)
        if meaning := _of_endpoint(now, was, pointers, pairs, old, went):
            told.update(pointers)
            yield meaning
        if was and was.key and now.key and was.key != now.key and pointers:
            told.update(each for each in pointers if "/api_keys/" in each)
            ways = "its value changes" if was.credential == now.credential else f"{_named(was)} -> {_named(now)}"
            is_embedded = now.credential == MASK and was.credential != MASK
            yield Meaning(
                "credential-written-out" if is_embedded else "credential-changed", f"{now.role}: {ways}", pointers
            )
    for pointer, leaf in by_pointer.items():
        if pointer not in told and "/base_urls/" in pointer:
            yield _of_url(leaf, new)
    yield from _of_keys(new, by_pointer, told, went)


def allowances(old: Settings, new: Settings, by_pointer: By) -> Iterator[Meaning]:
    """What engines may use that they refused before, whichever of a provider's names says so."""
    for what, kind, words in _ALLOWANCES:
        prefix = f"{SETTINGS}/api/allow_{what.replace('-', '_')}/"
        changed = {
            each: each.removeprefix(prefix).removesuffix(f"-allow-{what}")
            for each in by_pointer
            if each.startswith(prefix)
        }
        for beside in dict.fromkeys(map(names_beside, changed.values())):
            if any(allows(new, what, each) and not allows(old, what, each) for each in beside):
                pointers = tuple(pointer for pointer, name in changed.items() if name in beside)
                yield Meaning(kind, f"{words} is allowed for `{changed[pointers[0]]}`", pointers)


def _of_endpoint(
    now: Endpoint, was: Endpoint | None, pointers: tuple[str, ...], pairs: Pairs, old: Settings, went: Went
) -> Meaning | None:
    """What it means that requests of one role go elsewhere, or with another credential."""
    if not pointers or (now.key and (now.key, now.address) in pairs):
        return None
    if not now.key:
        is_other = was is not None and was.address != now.address and bool(now.url_at or was.url_at)
        ways = f"{was.url or _NOWHERE} -> {now.url or _NOWHERE}" if was else ""
        message = f"{now.role} requests go to another address: {ways}"
        return Meaning("endpoint-changed", message, pointers) if is_other else None
    earlier = sorted({address for key, address in pairs if key == now.key})
    if not earlier:
        earlier = sorted(went(now.key))
        if now.address in earlier and not now.is_in_the_clear:
            return None
    if not (earlier or _is_held(now, old) or now.is_in_the_clear or _moves(now, was)):
        return None
    clear = ", in the clear" if now.is_in_the_clear else ""
    before = ", ".join(earlier) or (was.url if was else "") or "nowhere"
    message = f"{_credential(now)} goes to another address{clear}: {before} -> {now.url or _NOWHERE}"
    return Meaning("endpoint-with-credential", message, pointers)


def _moves(now: Endpoint, was: Endpoint | None) -> bool:
    """Whether the address that a layer set is another one, though the credential is another one too."""
    return was is not None and was.key != "" and was.address != now.address and now.url_at != ""


def _is_held(now: Endpoint, old: Settings) -> bool:
    """Whether the credential stood in the profile before, and goes to an address that a layer set."""
    if not now.url_at:
        return False
    tables = [(section.get("api_keys") or {}) for section in old.values() if isinstance(section, dict)]
    held = [value for table in tables for value in table.values() if isinstance(value, dict)]
    return any(value.get("$secret") == now.key for value in held)


def _pointers(now: Endpoint, was: Endpoint | None, by_pointer: By) -> tuple[str, ...]:
    """The changed fields that have a say in where requests of a role go; the model's only where there is no other."""
    section, name = MODELS[now.role]
    kind, engine = f"{SETTINGS}/{section}/{name}", f"{SETTINGS}/{section}/engine"
    places = [now.url_at, now.credential_at, *((was.url_at, was.credential_at) if was else ()), kind]
    found = tuple(dict.fromkeys(each for each in places if each in by_pointer))
    return found or ((engine,) if engine in by_pointer else ())


def _of_url(leaf: Leaf, settings: Settings) -> Meaning:
    """A base URL that no model here uses: who stacks on it may."""
    field = dotted(leaf.pointer)
    old, new = ((normalized(each) if isinstance(each, str) else each) for each in (leaf.old, leaf.new))
    ways = f"{_told(leaf.old)} -> {_told(leaf.new)}"
    names = names_beside(leaf.pointer.rpartition("/")[2].removesuffix("-base-url"))
    held = [
        key
        for section in settings.values()
        for key, value in (section.get("api_keys") or {}).items()
        if value and key.removesuffix("-api-key") in names
    ]
    if held and old != new:
        message = f"`{field}` changes beside the credential `{held[0]}`: {ways}"
        return Meaning("endpoint-with-credential", message, (leaf.pointer,))
    return Meaning("endpoint-changed", f"`{field}` changes: {ways}", (leaf.pointer,))


def _of_keys(settings: Settings, by_pointer: By, told: set[str], went: Went) -> Iterator[Meaning]:
    """A credential that no model here uses, beside a base URL that it never went to."""
    for pointer, leaf in by_pointer.items():
        reference = leaf.new.get("$secret") if isinstance(leaf.new, dict) else None
        if pointer in told or "/api_keys/" not in pointer or not isinstance(reference, str):
            continue
        names = names_beside(pointer.rpartition("/")[2].removesuffix("-api-key"))
        tables = (section.get("base_urls") or {} for section in settings.values())
        urls = [url for table in tables for key, url in table.items() if key.removesuffix("-base-url") in names]
        known = went(reference)
        for url in urls:
            if isinstance(url, str) and known and normalized(url) not in known:
                message = f"the credential `{reference}` goes to another address: {', '.join(sorted(known))} -> {url}"
                yield Meaning("endpoint-with-credential", message, (pointer,))


def _named(endpoint: Endpoint) -> str:
    return "one that is embedded" if endpoint.credential == MASK else f"`{endpoint.credential}`"


def _credential(endpoint: Endpoint) -> str:
    return "a credential" if endpoint.credential in (None, MASK) else f"the credential `{endpoint.credential}`"


def _told(value: Any) -> str:
    if value is ABSENT:
        return "(not set)"
    return f"${{{value['$secret']}}}" if isinstance(value, dict) and "$secret" in value else str(value)
