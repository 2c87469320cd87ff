"""Every case of conformance/cases.json, asked through the public interface."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import profilec
import pytest


def number(text: str) -> float:
    """A fraction as the compiler writes it: `3.0` is an integer."""
    value = float(text)
    return int(value) if value.is_integer() else value


CASES = json.loads((Path(__file__).parent / "conformance" / "cases.json").read_text("utf-8"), parse_float=number)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    expected = case["expect"]
    if "refused" in expected:
        with pytest.raises(profilec.CompileError) as caught:
            resolve(case)
        assert expected["refused"] in {each.rule for each in caught.value.diagnostics if each.severity == "error"}
    else:
        expected = {**expected, "settings": without_empty(expected["settings"])}
        answered = answer(resolve(case))
        assert answered == expected
        # To Python `True` is 1; to a reader of JSON it is not.
        assert json.dumps(answered, sort_keys=True) == json.dumps(expected, sort_keys=True)


def resolve(case: dict[str, Any]) -> profilec.Artifact:
    texts = [profilec.Text(source["name"], source["text"]) for source in case["sources"]]
    build = profilec.compile(texts, secrets="embed")
    return profilec.find(build, case["resolve"].get("profile"), case["resolve"].get("registry"))


def answer(artifact: profilec.Artifact) -> dict[str, Any]:
    document = artifact.document
    slugs = ("registry_slug", "profile_slug")
    return {
        **{key: document[key] for key in slugs},
        "settings": without_empty(document["inference_settings"]),
        "extensions": document["extensions"],
        "lineage": [{key: layer[key] for key in slugs} for layer in document["lineage"]["stack"]],
    }


def without_empty(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without empty sections and empty typed maps, which carry nothing."""
    kept = {
        section: {name: value for name, value in fields.items() if value != {} or (section, name) not in typed_maps()}
        for section, fields in settings.items()
    }
    return {section: fields for section, fields in kept.items() if fields}


@cache
def typed_maps() -> frozenset[tuple[str, str]]:
    schema = json.loads(files("profilec.schemas").joinpath("settings.schema.json").read_text("utf-8"))
    return frozenset(
        (section, name)
        for section, fields in schema["properties"].items()
        for name, field in fields["properties"].items()
        if field["x-merge"] == "map"
    )
