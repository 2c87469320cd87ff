"""What holds for every older document: the result compiles, is of today, and accounts for all that there was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from migration_run import errors, migrated, printed
from profilec.migration.flags import ENTRIES, SECTIONS, documented

NAMES = st.sampled_from(["default", "fast", "Fast", "gpt-4o", "4.10", "my profile", "ünï", "x" * 140, "-", "__"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**6),
    st.floats(0, 2, allow_nan=False),
    st.sampled_from(
        ["yes", "off", "30s", "4096", "0.7", "1e3", "text", "", " 12 ", "9" * 30, "${env:NAME}", "null", "~"]
    ),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=2))
FLAGS = sorted(
    {flag for name in SECTIONS for flag in documented(name)}
    | {f"{provider}{ending}" for provider in ("openai", "claude", "acme") for ending in ENTRIES}
    | {"ai-temprature", "port", "reasoning-effort", "num_ctx"}
)
FLAGGED = st.dictionaries(st.sampled_from(FLAGS), VALUES, max_size=5)
OLD_SECTIONS = st.dictionaries(st.sampled_from(list(SECTIONS)), st.one_of(FLAGGED, st.none()), max_size=4)
RUNTIMES = st.fixed_dictionaries(
    {},
    optional={
        "step_settings_patch": st.builds(lambda *parts: {**parts[0], **parts[1]}, OLD_SECTIONS, st.just({"mcp": {}})),
        "system_prompt": st.sampled_from(["", "Be brief.", 3]),
        "middlewares": st.lists(st.sampled_from(["trace", {"name": "agentmode"}]), max_size=2),
        "tools": st.lists(st.sampled_from(["search", "shell"]), max_size=2),
        "version": st.just(3),
    },
)
PROFILES = st.builds(
    lambda sections, more: {**sections, **more},
    OLD_SECTIONS,
    st.fixed_dictionaries(
        {},
        optional={
            "runtime": RUNTIMES,
            "display_name": st.just("A name"),
            "inference_settings": st.fixed_dictionaries(
                {},
                optional={
                    "chat": st.just({"engine": "m", "temperature": 0.5}),
                    "client": st.just({"timeout_second": 30}),
                    "api_keys": st.just({"api_keys": {"openai-api-key": "literal-1"}}),
                },
            ),
        },
    ),
)
# In a map anything else is another program's; in a registry it may be a mistake, which the compiler finds.
STRANGERS = st.fixed_dictionaries({}, optional={"server": st.just({"port": "text"}), "openai-api-key": st.just("text")})
MAPS = st.dictionaries(
    NAMES, st.builds(lambda *parts: parts[0] | parts[1], PROFILES, STRANGERS), min_size=1, max_size=3
)
MAPS = MAPS.filter(lambda value: any(value.values()))
REGISTRIES = st.fixed_dictionaries(
    {"profiles": st.dictionaries(st.sampled_from(["default", "Default", "fast", "deep"]), PROFILES, max_size=3)},
    optional={
        "slug": st.just("team"),
        "default_profile_slug": st.sampled_from(["fast", "default", "gone", None]),
        "registries": st.sampled_from([None, {}, {"other": {"profiles": {"default": {}}}}]),
    },
)
BUNDLES = st.builds(
    lambda registries: {"registries": registries},
    st.dictionaries(
        st.sampled_from(["a", "b c"]), REGISTRIES.map(lambda each: {**each, "slug": None} and each), max_size=2
    ),
)
CONFIGURATIONS = st.builds(lambda registry: {"app": {}, "profiles": registry["profiles"]}, REGISTRIES)
DOCUMENTS = st.one_of(MAPS, REGISTRIES, BUNDLES, CONFIGURATIONS)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_what_is_made_compiles_and_need_not_be_migrated_again(document: dict[str, Any]) -> None:
    made, _ = migrated(document)
    for registry in made:
        assert errors(registry) == []
        again, remarks = migrated(registry)
        assert remarks == []
        assert again == [registry]


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_every_text_is_in_the_result_or_below_a_remark(document: dict[str, Any]) -> None:
    marked = _marked(document, iter(range(10**6)))
    made, remarks = migrated(marked)
    kept = {leaf for registry in made for leaf in _texts(registry)}
    told = printed(remarks)
    for path, text in _leaves(marked):
        if text in kept or any(f"`{step[:60]}`" in told or f"`{step[:100]}`" in told for step in path):
            continue
        section = next((SECTIONS[step][0] for step in path if step in SECTIONS), None)
        assert section and f"`{section}." in told, (path, told)


@settings(max_examples=100, deadline=None)
@given(MAPS)
def test_no_credential_is_shown_or_kept(document: dict[str, Any]) -> None:
    for profile in document.values():
        profile["openai-chat"] = {"openai-api-key": "canary-1", "openai-base-url": "https://me:canary-2@host/v1"}
    made, remarks = migrated(document)
    assert "canary" not in printed(remarks)
    assert "canary" not in str(made)


def _marked(value: Any, numbers: Iterator[int]) -> Any:
    """The same with each text made the only one of its kind, so that it can be found again."""
    if isinstance(value, dict):
        return {key: _marked(each, numbers) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, numbers) for each in value]
    return f"text-{next(numbers)}" if value == "text" else value


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in items:
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, str) and value.startswith("text-"):
        yield path, value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
