"""Settings schema -> strategies for registries: every field by its type, stacks that end, extensions, nulls."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

SAFE = 2**53 - 1
Registry = dict[str, Any]


@cache
def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files("profilec.schemas").joinpath(f"{name}.schema.json").read_text("utf-8"))
    return loaded


# Texts that a careless reader takes for something else stand beside the arbitrary ones.
texts = st.one_of(
    st.sampled_from(
        ["", " ", "yes", "010", "null", "~", "1e3", "<<", "#", "a: b", "- a", "ünï\u2028", "\ufeff", "\x00\x7f"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
# `$` first would read as a reference, or as the object of one.
keys = st.one_of(
    st.sampled_from(
        ["", "a", "b", "a/b", "~", "~1", "a~b", "0", "a.b", "ключ", "constructor", "<<", "cost", "slug", "profile_slug"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$_"), max_size=4),
)
integers = st.one_of(st.integers(-3, 3), st.integers(-SAFE, SAFE))
numbers = st.one_of(
    integers, st.floats(-(2**53 - 1), 2**53 - 1, allow_nan=False), st.sampled_from([0.0, -0.0, 3.0, 1e15, 1e-7])
)
free = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
references = st.sampled_from(
    ["${env:OPENAI_API_KEY}", "${OTHER_KEY}", "${file:/run/secrets/key}", {"$secret": "env:A_1"}, {"$secret": "file:k"}]
)
credentials = st.one_of(st.just(""), references, st.sampled_from(["sk-literal", "another literal"]))
urls = st.one_of(
    st.sampled_from(
        ["", "https://api.example.com/v1", "http://localhost:11434", "http://user:word@proxy.example.com:8080"]
    ),
    references,
)
# A map's keys are names that people give, and a literal's key says which variable it moves to.
names = st.sampled_from(["openai-api-key", "openai-base-url", "9lives", "a/b", "x~y", "Ünï", "a.b"])
# Such limits never clash between layers: each watermark lies below each window.
LIMITS = {"quality_high_watermark": st.integers(0, 1000), "context_window": st.integers(1000, SAFE)}


def value_of(field: str, of: dict[str, Any]) -> SearchStrategy[Any]:
    """What a field may hold, null included, as its schema says."""
    kinds = of["type"] if isinstance(of["type"], list) else [of["type"]]
    if field in LIMITS:
        return LIMITS[field]
    if of.get("x-merge") == "unit":
        prices = {name: st.floats(0, 1e6) | st.integers(0, 100) | st.none() for name in of["properties"]}
        return st.none() | st.fixed_dictionaries({}, optional=prices)
    if of.get("x-merge") == "deep":
        return st.none() | st.dictionaries(keys, free, max_size=3)
    if of.get("x-secret") is True:
        return credentials
    if of.get("x-secret") == "userinfo":
        return urls
    if isinstance(of.get("additionalProperties"), dict):
        entry = value_of("", of["additionalProperties"])
        return st.none() | st.dictionaries(names, st.none() | entry, max_size=3)
    by_kind = {
        "string": texts,
        "integer": integers if "minimum" not in of else st.integers(of["minimum"], SAFE),
        "number": numbers,
        "boolean": st.booleans(),
        "array": st.lists(texts, max_size=3),
        "null": st.none(),
    }
    return st.one_of([by_kind[kind] for kind in kinds])


@cache
def fields() -> list[tuple[str, str, SearchStrategy[Any]]]:
    return [
        (section, name, value_of(name, field))
        for section, content in schema("settings")["properties"].items()
        for name, field in content["properties"].items()
    ]


@st.composite
def settings_maps(draw: st.DrawFn) -> dict[str, Any]:
    """Some fields of some sections, beside a few sections that are null or empty."""
    drawn: dict[str, Any] = {}
    for section, name, values in draw(st.lists(st.sampled_from(fields()), max_size=8)):
        drawn.setdefault(section, {})[name] = draw(values)
    for section in draw(st.lists(st.sampled_from(list(schema("settings")["properties"])), max_size=2)):
        drawn.setdefault(section, draw(st.sampled_from([None, {}])))
    return drawn


oauth = st.fixed_dictionaries(
    {}, optional={"access_token": st.none() | credentials, "client_secret": credentials, "kind": texts, "more": free}
)
extensions = st.fixed_dictionaries(
    {}, optional={"acme.routing@v1": free, " Acme.Limits@v2": free, "pinocchio.oauth@v1": oauth}
)
metadata = st.none() | st.fixed_dictionaries({}, optional={"source": texts, "version": st.integers(0, 9)})


@st.composite
def profiles(draw: st.DrawFn, slug: str, earlier: list[tuple[str, str]], registry: str) -> dict[str, Any]:
    profile: dict[str, Any] = {}
    if draw(st.booleans()):
        profile["inference_settings"] = draw(st.none() | settings_maps())
    if draw(st.booleans()):
        profile["inference_settings"] = draw(settings_maps())
    if draw(st.booleans()):
        profile["extensions"] = draw(st.none() | extensions)
    if draw(st.booleans()):
        profile["metadata"] = draw(metadata)
    if draw(st.booleans()):
        profile["display_name"] = draw(st.none() | texts)
    if draw(st.integers(0, 4)) == 0:
        profile["slug"] = draw(st.sampled_from([slug, f" {slug.upper()} "]))
    if earlier:
        stack = []
        for where, what in draw(st.lists(st.sampled_from(earlier), max_size=3)):
            entry: dict[str, Any] = {"profile_slug": what}
            if where != registry:
                entry["registry_slug"] = where
            elif draw(st.booleans()):
                entry["registry_slug"] = draw(st.sampled_from([where, where.upper(), None, " "]))
            stack.append(entry)
        if stack or draw(st.booleans()):
            profile["stack"] = stack
    return profile


@st.composite
def chains(draw: st.DrawFn) -> list[Registry]:
    """A few registries whose profiles stack on one another, across registries in both directions, without a cycle."""
    registries = draw(st.sampled_from([["one"], ["one", "two"], ["two", "one", "0.three"]]))
    slugs = draw(st.lists(st.sampled_from(["default", "a", "b.c", "con", "4o"]), min_size=1, max_size=5))
    drawn: dict[str, Registry] = {}
    earlier: list[tuple[str, str]] = []
    for slug in slugs:
        registry = draw(st.sampled_from(registries))
        document = drawn.setdefault(registry, {"slug": registry, "profiles": {}})
        if slug not in document["profiles"]:
            document["profiles"][slug] = draw(profiles(slug, earlier, registry))
            earlier.append((registry, slug))
    for registry in registries:
        document = drawn.setdefault(registry, {"slug": registry, "profiles": draw(st.none() | st.just({}))})
        if draw(st.booleans()):
            document["metadata"] = draw(metadata)
    order = draw(st.permutations(registries))
    return [drawn[registry] for registry in order]


baselines = st.none() | settings_maps()
