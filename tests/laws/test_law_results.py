"""Laws that hold for every result, whatever the registries."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import engineprofiles
import engineprofiles.pointer
import law_fold
import profilec
import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from law_strategies import Registry, baselines, chains, extensions, free, profiles, settings_maps
from law_texts import as_json, as_yaml

law = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def documents(build: profilec.Build) -> dict[str, dict[str, Any]]:
    return {name: artifact.document for name, artifact in build.artifacts.items()}


def exact(value: Any) -> str:
    """To Python `True` is 1, and 1.0 too; to a reader of JSON they are not."""
    return json.dumps(value, sort_keys=True)


@law
@given(chains(), baselines)
def test_every_leaf_has_a_lineage_and_every_lineage_a_leaf(chain: list[Registry], baseline: Any) -> None:
    for document in documents(profilec.compile(chain, baseline)).values():
        leaves = [
            leaf
            for root in ("inference_settings", "extensions")
            if document[root]
            for leaf in law_fold.leaves(document[root], f"/{root}")
        ]
        fields = document["lineage"]["fields"]
        assert sorted(fields) == sorted(leaves)
        for positions in fields.values():
            assert positions == sorted(set(positions))
            assert positions and positions[0] >= 0 and positions[-1] < len(document["lineage"]["stack"])


@law
@given(chains(), baselines)
def test_results_are_those_of_a_simple_fold(chain: list[Registry], baseline: Any) -> None:
    built = documents(profilec.compile(chain, baseline))
    expected = law_fold.resolve(chain, baseline)
    assert sorted(built) == sorted(expected)
    for name, document in built.items():
        event(f"{len(document['lineage']['stack'])} layers")
        for part in ("inference_settings", "extensions", "lineage"):
            assert exact(document[part]) == exact(expected[name][part]), part


@law
@given(settings_maps(), extensions)
def test_a_layer_over_itself_changes_no_value(own: dict[str, Any], extended: dict[str, Any]) -> None:
    layer = {"inference_settings": own, "extensions": extended}
    registry = {"slug": "r", "profiles": {"below": layer, "default": {**layer, "stack": [{"profile_slug": "below"}]}}}
    built = documents(profilec.compile(registry))
    below, over = built["r/below"], built["r/default"]
    assert exact(over["inference_settings"]) == exact(below["inference_settings"])
    assert exact(over["extensions"]) == exact(below["extensions"])
    assert below["lineage"]["fields"].keys() == over["lineage"]["fields"].keys()
    assert set(map(tuple, over["lineage"]["fields"].values())) <= {(0, 1)}


@law
@given(profiles("default", [], "r"))
def test_an_empty_layer_over_one_is_that_one(profile: dict[str, Any]) -> None:
    over = {"stack": [{"profile_slug": "default"}], "inference_settings": {"chat": None}, "extensions": {}}
    built = documents(profilec.compile({"slug": "r", "profiles": {"default": profile, "over": over}}))
    for part in ("inference_settings", "extensions"):
        assert exact(built["r/over"][part]) == exact(built["r/default"][part])
    assert built["r/over"]["lineage"]["fields"] == built["r/default"]["lineage"]["fields"]


@law
@given(chains(), baselines)
def test_inputs_are_unchanged(chain: list[Registry], baseline: Any) -> None:
    before = copy.deepcopy((chain, baseline))
    profilec.compile(chain, baseline)
    assert exact((chain, baseline)) == exact(before)


@law
@given(st.lists(free, min_size=2, max_size=6))
def test_free_maps_join_as_in_a_simple_fold(payloads: list[Any]) -> None:
    layers = {
        f"p{index}": {
            "extensions": {"a.b@v1": payload},
            "inference_settings": {"model_info": {"metadata": payload if isinstance(payload, dict) else None}},
            "stack": [{"profile_slug": f"p{index - 1}"}] if index else [],
        }
        for index, payload in enumerate(payloads)
    }
    chain = [{"slug": "r", "profiles": layers}]
    expected = law_fold.resolve(chain, None)
    for name, document in documents(profilec.compile(chain)).items():
        for part in ("inference_settings", "extensions", "lineage"):
            assert exact(document[part]) == exact(expected[name][part]), part


@law
@given(chains())
def test_a_profile_does_not_depend_on_those_above_it(chain: list[Registry]) -> None:
    """Values are shared between profiles; none may change another's. So leaving the leaves out changes nothing."""
    whole = documents(profilec.compile(chain))
    used = {
        (entry["registry_slug"], entry["profile_slug"])
        for document in whole.values()
        for entry in document["lineage"]["stack"][:-1]
    }
    rest = copy.deepcopy(chain)
    for registry in rest:
        registry["profiles"] = {
            slug: profile for slug, profile in (registry["profiles"] or {}).items() if (registry["slug"], slug) in used
        }
    for name, document in documents(profilec.compile(rest)).items():
        assert exact(document) == exact(whole[name])


@law
@example([{"slug": "r", "profiles": {"p": {"extensions": {"a.b@v1": {"ends in a blank ": 1, "/": {"": 2}}}}}}], None)
@given(chains(), baselines)
def test_explain_tells_the_value_of_every_field(chain: list[Registry], baseline: Any) -> None:
    build = profilec.compile(chain, baseline)
    for name, artifact in build.artifacts.items():
        document = artifact.document
        explained = {each.pointer: each for each in profilec.explain(build, name)}
        assert explained.keys() == document["lineage"]["fields"].keys()
        for pointer, explanation in explained.items():
            value, shown = engineprofiles.pointer.value_at(document, pointer), explanation.winner.value
            # A literal is shown masked; everything else as it stands in the artifact.
            if shown == "********":
                assert isinstance(value, dict) and set(value) == {"$secret"}
            else:
                assert exact(shown) == exact(value)
            again = profilec.explain(build, name, pointer)
            assert explanation in again
            assert len(explanation.overridden) + 1 == len(document["lineage"]["fields"][pointer])


@settings(law, max_examples=40)
@given(chains(), baselines)
def test_a_build_that_was_written_is_the_build(chain: list[Registry], baseline: Any) -> None:
    build = profilec.compile(chain, baseline)
    with tempfile.TemporaryDirectory() as directory:
        profilec.write(build, directory)
        opened = profilec.open_build(directory)
        assert opened.manifest == build.manifest
        assert documents(opened) == documents(build)
        assert {name: each.data for name, each in opened.artifacts.items()} == {
            name: each.data for name, each in build.artifacts.items()
        }
        assert dict(opened.files) == build.files
        for name in build.artifacts:
            assert profilec.explain(opened, name) == profilec.explain(build, name)
        served = engineprofiles.open(directory)
        assert list(served) == sorted(build.artifacts)
        assert served.names() == json.loads(build.files[build.manifest["names"]["file"]])["names"]
        for name, artifact in build.artifacts.items():
            assert exact(served[name].document) == exact(artifact.document)
            told = {each.field: each.winner for each in served[name].explain_all()}
            for explanation in profilec.explain(build, name):
                winner = told[explanation.pointer]
                assert exact(winner.value) == exact(explanation.winner.value)
                assert (winner.profile, winner.file) == (explanation.winner.layer, explanation.winner.span.file)
        files = {path.relative_to(directory).as_posix() for path in Path(directory).rglob("*") if path.is_file()}
        assert {each for each in files if not each.startswith("history/")} - {".lock"} == set(build.files)


@law
@given(chains(), st.booleans())
def test_yaml_json_and_python_give_the_same_bytes(chain: list[Registry], as_bytes: bool) -> None:
    def text(name: str, content: str) -> profilec.Text:
        return profilec.Text(name, content.encode() if as_bytes else content)

    yaml = profilec.compile([text(f"{each['slug']}.yaml", as_yaml(each)) for each in chain])
    json_ = profilec.compile([text(f"{each['slug']}.json", as_json(each)) for each in chain])
    python = profilec.compile(chain)
    assert yaml.manifest["build"] == json_.manifest["build"] == python.manifest["build"]
    for name, artifact in python.artifacts.items():
        assert yaml.artifacts[name].data == json_.artifacts[name].data == artifact.data


@pytest.mark.parametrize("spelling", ["3", "3.0", "30e-1", "0.3e1", "3.000", "+3"])
def test_one_number_has_one_spelling_in_an_artifact(spelling: str) -> None:
    text = profilec.Text(
        "r.yaml", f"slug: r\nprofiles: {{p: {{inference_settings: {{chat: {{temperature: {spelling}}}}}}}}}"
    )
    assert b'"temperature": 3\n' in profilec.compile(text).artifacts["r/p"].data
