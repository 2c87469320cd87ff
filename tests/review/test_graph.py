"""Who stands on whom, held to the stacks that a compile flattened."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import profilec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profilec.diagnostics import Span
from profilec.encode import encode
from profilec.review.graph import StackGraph, graph, impact

Registry = dict[str, Any]
SLUGS = ["a", "b", "c.d", "default"]


def document(slug: str, profiles: dict[str, list[tuple[str, str]]]) -> Registry:
    stacks = {
        profile: {"stack": [{"registry_slug": registry, "profile_slug": each} for registry, each in stack]}
        for profile, stack in profiles.items()
    }
    return {"slug": slug, "profiles": stacks}


@st.composite
def chains(draw: st.DrawFn) -> list[Registry]:
    """Two registries whose profiles stand on any of those drawn before, in any order."""
    order = draw(st.permutations([(registry, slug) for registry in ("one", "two") for slug in SLUGS]))
    drawn: dict[str, dict[str, list[tuple[str, str]]]] = {"one": {}, "two": {}}
    for index, (registry, slug) in enumerate(order):
        stacks = st.lists(st.sampled_from(order[:index]), max_size=3, unique=True) if index else st.just([])
        drawn[registry][slug] = draw(stacks)
    return [document(slug, profiles) for slug, profiles in drawn.items()]


def stack_of(build: profilec.Build, name: str) -> list[str]:
    return [
        f"baseline {each['baseline']}" if "baseline" in each else f"{each['registry_slug']}/{each['profile_slug']}"
        for each in build.artifacts[name].document["lineage"]["stack"]
    ]


def expanded(drawn: StackGraph, name: str) -> list[str]:
    """The stack that a graph's edges lead to: base first, each layer at its first occurrence."""
    below = [each for edge in drawn.edges_down[name] for each in expanded(drawn, edge.below)]
    return list(dict.fromkeys([*below, name]))


def names(drawn: StackGraph) -> list[str]:
    return [each.name for each in drawn.nodes]


def without_stacks(build: profilec.Build) -> profilec.Build:
    """The build as a version wrote it whose source maps had no stacks."""
    files = dict(build.files)
    for registry in build.manifest["registries"].values():
        source_map = json.loads(files[registry["source_map"]["file"]])
        for profile in source_map["profiles"].values():
            del profile["stack"]
        files[registry["source_map"]["file"]] = encode(source_map)
    return dataclasses.replace(build, files=files)


law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@law
@given(chains(), st.sampled_from([None, {"chat": {"temperature": 1}}]))
def test_the_edges_lead_to_the_stack_of_every_profile(chain: list[Registry], baseline: Any) -> None:
    build = profilec.compile(chain, baseline)
    whole = graph(build)
    for name in build.artifacts:
        wanted = stack_of(build, name)
        one = graph(build, name)
        assert sorted(names(one)) == sorted(wanted)
        # Every base stands on the baseline, so it comes first.
        assert expanded(one, name) == expanded(whole, name) == wanted
        assert set(one.edges) == {each for each in whole.edges if each.above in wanted}


@law
@given(chains())
def test_an_impact_is_every_profile_whose_stack_has_the_name(chain: list[Registry]) -> None:
    build = profilec.compile(chain)
    for name in build.artifacts:
        drawn = impact(build, name)
        assert sorted(names(drawn)) == sorted(each for each in build.artifacts if name in stack_of(build, each))
        assert drawn.edges == tuple(
            each for each in graph(build).edges if each.above in names(drawn) and each.below in names(drawn)
        )


@law
@given(chains(), st.sampled_from([None, {"chat": {"temperature": 1}}]))
def test_an_older_build_tells_entries_that_give_its_stacks(chain: list[Registry], baseline: Any) -> None:
    build = profilec.compile(chain, baseline)
    written, whole = graph(build), graph(without_stacks(build))
    for name in build.artifacts:
        assert expanded(whole, name) == stack_of(build, name)
        # An entry that another one brings along cannot be told, and none is made up.
        assert len(whole.edges_down[name]) <= len(written.edges_down[name])
    assert {each.span.line for each in whole.edges if each.span} <= {None}


def test_a_registry_is_its_profiles_and_what_they_stand_on() -> None:
    chain = [
        document("low", {"base": [], "unused": []}),
        document("mid", {"default": [("low", "base")], "lone": []}),
        document("top", {"default": [("mid", "default")]}),
    ]
    drawn = graph(profilec.compile(chain), registry=" MID ")
    assert (drawn.scope, drawn.subject, drawn.default) == ("registry", "mid", "top/default")
    assert names(drawn) == ["mid/default", "mid/lone", "low/base"]
    assert [(each.above, each.below) for each in drawn.edges] == [("mid/default", "low/base")]


def test_edges_have_the_places_of_their_entries() -> None:
    texts = [
        profilec.Text("low.yaml", "slug: low\nprofiles:\n  default: {}\n  more: {}\n"),
        profilec.Text(
            "top.yaml",
            "slug: top\nprofiles:\n  default:\n    stack:\n"
            "      - {registry_slug: low, profile_slug: more}\n      - {registry_slug: low, profile_slug: default}\n",
        ),
    ]
    drawn = graph(profilec.compile(texts, {"chat": {"temperature": 1}}), "default")
    assert [(each.below, each.position, each.span) for each in drawn.edges] == [
        ("low/more", 1, Span("top.yaml", 5, 44)),
        ("low/default", 2, Span("top.yaml", 6, 44)),
        ("baseline <baseline>", None, None),
        ("baseline <baseline>", None, None),
    ]
    assert [each.span for each in drawn.profiles] == [
        Span("top.yaml", 3, 3),
        Span("low.yaml", 3, 3),
        Span("low.yaml", 4, 3),
    ]
    assert [each.is_baseline for each in drawn.nodes] == [False, False, False, True]


def test_a_node_says_what_a_list_shows() -> None:
    build = profilec.compile(
        {
            "slug": "r",
            "profiles": {
                "default": {
                    "display_name": "Chat",
                    "inference_settings": {"chat": {"engine": "m", "api_type": "openai"}},
                },
                "e": {"inference_settings": {"embeddings": {"engine": "n", "type": "ollama"}}},
                "layer": {},
            },
        }
    )
    shown = {each.profile: (each.display_name, each.model, each.provider, each.kind) for each in graph(build).nodes}
    assert shown == {
        "default": ("Chat", "m", "openai", None),
        "e": (None, "n", "ollama", "embeddings"),
        "layer": (None, None, None, None),
    }


def test_only_the_files_that_are_needed_are_read(tmp_path: Path) -> None:
    chain = [
        document("low", {"base": []}),
        document("other", {"default": []}),
        document("top", {"default": [("low", "base")]}),
    ]
    profilec.write(profilec.compile(chain), tmp_path)
    for file in [
        *tmp_path.glob("profiles/low/*"),
        *tmp_path.glob("profiles/other/*"),
        *tmp_path.glob("sources/other@*"),
    ]:
        file.unlink()
    assert names(graph(profilec.open_build(tmp_path), "top/default")) == ["top/default", "low/base"]
    with pytest.raises(profilec.CompileError):
        graph(profilec.open_build(tmp_path))


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"name": "defualt"}, "unknown-profile"),
        ({"registry": "tpo"}, "unknown-registry"),
        ({"name": "default", "registry": "tpo"}, "unknown-registry"),
        ({"name": "tpo/default"}, "unknown-registry"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(asked: dict[str, str], rule: str) -> None:
    build = profilec.compile(document("top", {"default": []}))
    questions: Iterable[Any] = [graph, impact] if "name" in asked else [graph]
    for question in questions:
        with pytest.raises(profilec.CompileError) as caught:
            question(build, **asked)
        (found,) = caught.value.diagnostics
        assert (found.rule, found.hint) in [(rule, "did you mean `default`?"), (rule, "did you mean `top`?")]


def test_a_registry_where_a_profile_is_wanted_is_told() -> None:
    build = profilec.compile(document("top", {"default": []}))
    with pytest.raises(profilec.CompileError) as caught:
        graph(build, "top")
    assert caught.value.diagnostics[0].hint == "`top` is a registry; a profile of it is written `top/PROFILE`"
