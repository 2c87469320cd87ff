"""The schemas that ship: two validators agree on every document, and a real build is what its schemas say."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import profilec
import pytest
import referencing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from law_strategies import chains, free
from profilec import schemas
from profilec.rendering.graph import document as drawn
from profilec.rendering.render import as_json
from profilec.review.graph import graph

ROOT = Path(__file__).parents[2]
NAMES = list(schemas.NAMES)


@cache
def validators(name: str) -> tuple[Any, Any]:
    schema = schemas.load(name)
    slow = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())
    return slow, jsonschema_rs.Draft202012Validator(schema, offline=True)


@cache
def catalogue() -> profilec.Build:
    return profilec.compile([ROOT / "registries"], {"client": {"timeout": 30}}, root=ROOT)


def schema_of(path: str) -> str:
    if path == "manifest.json":
        return "manifest"
    folder = path.partition("/")[0] if "/" in path else "names"
    return {"profiles": "artifact", "registries": "index", "sources": "source-map", "names": "names"}[folder]


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.load(name))
    jsonschema_rs.Draft202012Validator(schemas.load(name), offline=True)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_complete_in_themselves(name: str) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [each for value in node.values() for each in references(value)]
        return [each for value in node for each in references(value)] if isinstance(node, list) else []

    assert all(each.startswith("#") for each in references(schemas.load(name)))


def test_every_file_of_a_real_build_is_what_its_schema_says() -> None:
    build = catalogue()
    seen = set()
    for path, data in build.files.items():
        document, name = json.loads(data), schema_of(path)
        _, fast = validators(name)
        assert [f"{path}{list(each.instance_path)}: {each.message}" for each in fast.iter_errors(document)] == []
        if name not in seen:
            slow, _ = validators(name)
            assert slow.is_valid(document)
        seen.add(name)
    assert seen == set(NAMES) - {"registry", "settings", "graph"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chains())
def test_every_file_of_any_build_is_what_its_schema_says(chain: list[dict[str, Any]]) -> None:
    for document in chain:
        assert validators("registry")[1].is_valid(document)
    for path, data in profilec.compile(chain).files.items():
        document, (slow, fast) = json.loads(data), validators(schema_of(path))
        assert [each.message for each in fast.iter_errors(document)] == []
        assert slow.is_valid(document)


SAMPLE = {
    "slug": "r",
    "display_name": "R",
    "x-anchors": [1],
    "metadata": {"source": "s", "version": 1, "tags": ["a"]},
    "profiles": {
        "default": {"slug": "default", "description": "d", "stack": [{"profile_slug": "p", "registry_slug": None}]},
        "p": {
            "inference_settings": {
                "api": {"api_keys": {"a-key": {"$secret": "env:A"}, "b": "${B}"}, "allow_http": {"a": True}},
                "chat": {"engine": "m", "temperature": 0.5, "stop": ["x"], "stream": False, "max_response_tokens": 5},
                "client": {"timeout": 3, "proxy_url": "http://p"},
                "model_info": {"context_window": 9, "cost": {"input": 1}, "metadata": {"k": [1, {"l": None}]}},
            },
            "extensions": {"acme.a@v1": {"k": 1}, "pinocchio.oauth@v1": {"access_token": "${T}"}},
        },
    },
}


@cache
def originals(name: str) -> list[Any]:
    """Documents of every format to begin with, one of them with everything in it."""
    if name == "registry":
        return [SAMPLE]
    if name == "settings":
        return [SAMPLE["profiles"]["p"]["inference_settings"]]  # type: ignore[index]
    build = profilec.compile(SAMPLE, {"client": {"timeout": 30}})
    if name == "graph":
        return [json.loads(as_json([], graph=drawn.document(graph(build))))]
    return [json.loads(data) for path, data in build.files.items() if schema_of(path) == name]


# A line break at the end is where the `$` of two regular expression dialects differ.
odd = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 1.5, 3.0, 1e16, 2**53, 2**70, "", "a", "a\n", "A", "env:", "env:\n", "ſ", [], {}, [[]]]
    ),
    free,
).map(copy.deepcopy)


@st.composite
def mutants(draw: st.DrawFn, name: str) -> Any:
    """One of the documents with a few places changed, left out, or joined by something new."""
    document = copy.deepcopy(draw(st.sampled_from(originals(name))))
    for _ in range(draw(st.integers(1, 3))):
        node = document
        while True:
            if not isinstance(node, dict | list) or not node:
                break
            step = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if isinstance(node[step], dict | list) and node[step] and draw(st.integers(0, 3)):
                node = node[step]
                continue
            change = draw(st.sampled_from(["replace", "append", "remove", "add", "rename"]))
            if change == "replace":
                node[step] = draw(odd)
            elif change == "append" and isinstance(node[step], str):
                node[step] += draw(st.sampled_from(["\n", " ", "\u0661", "/"]))
            elif change == "remove":
                del node[step]
            elif isinstance(node, dict) and change == "add":
                node[draw(st.sampled_from(["default", "a\n", "x-", "fields", "baseline", ""]))] = draw(odd)
            elif isinstance(node, dict):
                node[step + draw(st.sampled_from(["\n", "A", "-"]))] = node.pop(step)
            else:
                node.append(draw(odd))
            break
    return document


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_validators_agree_on_every_document(name: str, data: st.DataObject) -> None:
    document = data.draw(mutants(name))
    slow, fast = validators(name)
    assert slow.is_valid(document) == fast.is_valid(document)
