"""Laws of policies: a finding exactly where an artifact breaks the schema, at the line that the lineage names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import profilec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from law_strategies import chains
from policy_cases import policy
from profilec.schemas import decider_of, describer_of
from profilec.schemas.walk import spelled_out

SLOW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def texts(chain: list[dict[str, Any]]) -> list[profilec.Text]:
    """The registries as JSON with lines, so that each value has a place of its own."""
    return [profilec.Text(f"{index}.json", json.dumps(each, indent=1)) for index, each in enumerate(chain)]


def places(build: profilec.Build) -> Mapping[str, Any]:
    maps = [json.loads(data) for path, data in build.files.items() if path.startswith("sources/")]
    return {each["registry_slug"]: each for each in maps}


@SLOW
@given(chains(), st.data())
def test_a_value_is_told_at_the_place_of_the_layer_that_won(chain: list[dict[str, Any]], data: st.DataObject) -> None:
    build = profilec.compile(texts(chain))
    leaves = [
        (name, pointer) for name in build.artifacts for pointer in build.artifacts[name].document["lineage"]["fields"]
    ]
    if not leaves:
        return
    name, pointer = data.draw(st.sampled_from(leaves))
    document = build.artifacts[name].document
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    value: Any = document
    for step in steps:
        value = value[step]
    schema: dict[str, Any] = {"not": {"const": value}}
    for step in reversed(steps):
        schema = {"properties": {step: schema}}
    judged = policy(schema, select=[name], severity="warning", layers=True)
    (finding,) = [each for each in profilec.compile(texts(chain), policies=[judged]).diagnostics if each.rule == "own"]
    winner = document["lineage"]["stack"][document["lineage"]["fields"][pointer][-1]]
    source = places(build)[winner["registry_slug"]]
    line, column, _ = source["profiles"][winner["profile_slug"]]["fields"][pointer]
    assert finding.span == profilec.Span(source["file"], line, column)


conditions = st.one_of(
    st.sampled_from(
        [
            False,
            {"required": ["chat"]},
            {"required": ["chat", "api"]},
            {"not": {"required": ["client"]}},
            {"maxProperties": 1},
            {"minProperties": 2},
            {"additionalProperties": False, "properties": {"chat": {}}},
            {"propertyNames": {"pattern": "^[a-m]"}},
            {"properties": {"chat": {"type": "object", "properties": {"engine": {"pattern": "^[a-z]"}}}}},
            {"properties": {"chat": {"properties": {"temperature": {"maximum": 0}, "stop": {"minItems": 2}}}}},
            {"properties": {"model_info": {"anyOf": [{"required": ["cost"]}, {"required": ["context_window"]}]}}},
            {"patternProperties": {"": {"additionalProperties": {"type": ["string", "object"]}}}},
            {"unevaluatedProperties": False, "properties": {"api": True}},
            {"oneOf": [{"required": ["api"]}, {"required": ["chat"]}]},
            {"if": {"required": ["chat"]}, "then": {"required": ["api"]}, "else": False},
            {"dependentRequired": {"chat": ["client"]}},
            {"contains": {}, "uniqueItems": True, "type": "array"},
        ]
    )
)


@SLOW
@given(chains(), conditions, st.sampled_from(["inference_settings", "extensions"]))
def test_a_finding_is_told_exactly_where_an_artifact_breaks_the_schema(
    chain: list[dict[str, Any]], condition: Any, section: str
) -> None:
    schema = {"properties": {section: condition}}
    build = profilec.compile(chain, policies=[policy(schema, severity="warning", layers=True)])
    told = [each for each in build.diagnostics if each.rule == "own"]
    validator = jsonschema.Draft202012Validator(schema)
    broken = [name for name, each in build.artifacts.items() if not validator.is_valid(each.document)]
    assert bool(told) == bool(broken)
    for each in told:
        assert each.span and each.message.startswith("not ours: ")


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(conditions, lambda inner: st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=3)})),
    st.recursive(
        st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "z"]),
        lambda inner: (
            st.dictionaries(st.sampled_from(["chat", "api", "client", "engine"]), inner, max_size=3)
            | st.lists(inner, max_size=2)
        ),
    ),
)
def test_false_spelled_out_means_the_same(schema: Any, document: Any) -> None:
    before = json.dumps(schema)
    assert describer_of(spelled_out(schema)).is_valid(document) == decider_of(schema)(document)
    assert json.dumps(schema) == before
