"""Tables of models.dev become registries in the manner of the catalogue that this repository ships."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from migration_run import errors, printed
from profilec.diagnostics import Diagnostic, Report
from profilec.migration import models_dev
from profilec.migration.remarks import Remarks
from profilec.sources.tables import read_tables

SAMPLE = Path(__file__).parent / "samples" / "models-dev"
CATALOG = Path(__file__).parents[2] / "registries" / "catalog"
PROVIDER = {"name": "Acme", "env": ["ACME_API_KEY"], "npm": "@ai-sdk/openai-compatible", "api": "https://acme/v1"}
MODEL = {"name": "One", "reasoning": True, "limit": {"context": 10, "output": 5}, "cost": {"input": 1.5, "output": 2}}


def migrated(tables: dict[str, Any]) -> tuple[dict[str, Any], list[Diagnostic]]:
    remarks, report = Remarks(), Report()
    before = copy.deepcopy(tables)
    made = models_dev.migrate(tables, remarks)
    assert tables == before
    remarks.report(report)
    for each in made:
        assert errors(each.document) == []
    return {each.slug: each.document for each in made}, list(report)


@pytest.mark.parametrize(
    ("file", "profile"),
    [
        ("10-lab-openai", "gpt-oss-120b"),
        ("10-lab-deepseek", "deepseek-v4-flash"),
        ("50-openai", "provider"),
        ("50-openai", "gpt-4.1-mini"),
        ("50-groq", "provider"),
        ("50-groq", "openai.gpt-oss-120b"),
        ("50-fireworks-ai", "provider"),
        ("50-fireworks-ai", "accounts.fireworks.models.deepseek-v4-flash"),
    ],
)
def test_the_same_facts_are_written_as_in_the_catalogue(file: str, profile: str) -> None:
    registries, _ = migrated(read_tables(SAMPLE, Report()))
    wanted = yaml.safe_load((CATALOG / f"{file}.yaml").read_text("utf-8"))
    made = registries[wanted["slug"]]
    assert (made["display_name"], made["profiles"][profile]) == (wanted["display_name"], wanted["profiles"][profile])


def test_one_provider_alone_keeps_its_references_to_labs() -> None:
    tables = {
        "provider.toml": PROVIDER,
        "models/x/one.toml": {"base_model": "x/one", "cost": {"input": 1, "output": 2}},
    }
    registries, remarks = migrated(tables)
    assert registries["acme"]["profiles"]["x.one"] == {
        "stack": [{"registry_slug": "lab-x", "profile_slug": "one"}, {"profile_slug": "provider"}],
        "inference_settings": {"chat": {"engine": "x/one"}, "model_info": {"cost": {"input": 1, "output": 2}}},
    }
    assert "lies outside of what was read" in printed(remarks)


def test_what_a_layer_cannot_take_away_is_written_out() -> None:
    tables = {
        "providers/acme/provider.toml": PROVIDER,
        "providers/acme/models/one.toml": {"base_model": "x/one", "base_model_omit": ["reasoning", "limit.output"]},
        "models/x/one.toml": {**MODEL, "knowledge": "2025-01"},
    }
    registries, _ = migrated(tables)
    assert registries.keys() == {"acme"}
    assert registries["acme"]["profiles"]["one"]["stack"] == [{"profile_slug": "provider"}]
    assert registries["acme"]["profiles"]["one"]["inference_settings"]["model_info"] == {
        "id": "one",
        "name": "One",
        "context_window": 10,
        "cost": {"input": 1.5, "output": 2},
        "metadata": {"knowledge": "2025-01"},
    }


def test_the_older_way_to_inherit_is_written_out_too() -> None:
    tables = {
        "a/provider.toml": PROVIDER,
        "a/models/one.toml": MODEL,
        "b/provider.toml": PROVIDER,
        "b/models/two.toml": {"extends": {"from": "a/one", "omit": ["cost.output"]}, "name": "Two"},
        "b/models/three.toml": {"extends": {"from": "gone/one"}, "name": "Three"},
    }
    registries, remarks = migrated(tables)
    info = registries["b"]["profiles"]["two"]["inference_settings"]["model_info"]
    assert (info["id"], info["name"], info["cost"], info["context_window"]) == ("two", "Two", {"input": 1.5}, 10)
    assert "inherited from lies outside of what was read" in printed(remarks)


def test_models_whose_names_become_one_slug_stay_apart() -> None:
    tables = {"provider.toml": PROVIDER, **{f"models/{name}.toml": MODEL for name in ("a/b", "a:b", "A.B", "provider")}}
    registries, _ = migrated(tables)
    profiles = registries["acme"]["profiles"]
    assert list(profiles) == ["provider", "a.b", "a.b-2", "a.b-3", "provider-2"]
    assert profiles["a.b-2"]["inference_settings"]["chat"]["engine"] == "a:b"


@pytest.mark.parametrize(
    ("npm", "env", "variable"),
    [
        ("@ai-sdk/google", ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY"], "GEMINI_API_KEY"),
        ("@ai-sdk/google", ["GOOGLE_GENERATIVE_AI_API_KEY"], "GOOGLE_GENERATIVE_AI_API_KEY"),
        ("@ai-sdk/openai-compatible", ["ACME_ACCOUNT", "ACME_TOKEN"], "ACME_TOKEN"),
        ("@ai-sdk/openai-compatible", ["ACME"], "ACME"),
    ],
)
def test_the_variable_of_a_provider(npm: str, env: list[str], variable: str) -> None:
    registries, _ = migrated({"acme/provider.toml": {**PROVIDER, "npm": npm, "env": env}})
    keys = registries["acme"]["profiles"]["provider"]["inference_settings"]["api"]["api_keys"]
    assert list(keys.values()) == [f"${{env:{variable}}}"]


def test_a_provider_that_no_api_type_reaches_is_left_out_by_name() -> None:
    registries, remarks = migrated({"b/provider.toml": {**PROVIDER, "npm": "@ai-sdk/amazon-bedrock"}})
    assert registries == {}
    assert "no API type of the settings reaches `@ai-sdk/amazon-bedrock`" in printed(remarks)


@pytest.mark.parametrize(
    "odd", [{}, {"name": 3}, {"limit": 3, "cost": [], "modalities": "x"}, {"base_model": 3}, {"base_model": "x"}]
)
def test_a_model_of_an_odd_shape_is_no_end(odd: dict[str, Any]) -> None:
    remarks = Remarks()
    models_dev.migrate({"provider.toml": PROVIDER, "models/one.toml": odd}, remarks)


INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"limit": {"context": -5}}, "`limit.context` is not a whole number from 0 up"),
        ({"limit": {"context": INF, "output": NAN}}, "`limit.output` is not a whole number from 0 up"),
        ({"limit": {"context": 1.5}}, "`limit.context` is not a whole number from 0 up"),
        ({"limit": {"context": 2**70}}, "`limit.context` is not a whole number from 0 up"),
        ({"limit": {"context": True}}, "`limit.context` is not a whole number from 0 up"),
        ({"limit": 3}, "`limit` is not a mapping"),
        ({"name": 5}, "`name` is not text"),
        ({"name": "a\u202eb"}, "`name` is not text"),
        ({"reasoning": "yes"}, "`reasoning` is not true or false"),
        ({"modalities": {"input": ["text", 5]}}, "`modalities.input` is not a list"),
        ({"modalities": {"input": "text"}}, "`modalities.input` is not a list"),
        ({"cost": {"input": -1}}, "`cost.input` is not a number from 0 up"),
        ({"cost": {"input": INF}}, "`cost.input` is not a number from 0 up"),
        ({"cost": {"input": NAN}}, "`cost.input` is not a number from 0 up"),
        ({"cost": []}, "`cost` is not a mapping"),
        ({"family": {"a": 1}}, "`family` is not a single value"),
        ({"knowledge": NAN}, "`knowledge` is not a single value"),
    ],
)
def test_a_value_that_cannot_be_is_dropped_and_told(odd: dict[str, Any], told: str) -> None:
    good = {"limit": {"output": 5}, "cost": {"output": 2}, "knowledge": "2025-01"}
    table = {
        **good,
        **{
            key: {**good.get(key, {}), **each} if type(each) is dict and key != "family" else each
            for key, each in odd.items()
        },
    }  # type: ignore[dict-item]
    registries, remarks = migrated({"provider.toml": PROVIDER, "models/one.toml": table})
    assert told in [each.message for each in remarks if each.rule == "dropped"]
    info = registries["acme"]["profiles"]["one"]["inference_settings"]["model_info"]
    for key, field in (("cost", {"output": 2}), ("metadata", {"knowledge": "2025-01"})):
        assert info.get(key, field) == field


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"api": "https://me:canary@host/v1"}, "the address of `acme` may hold a credential"),
        ({"api": "https://host/v1?key=canary"}, "the address of `acme` may hold a credential"),
        ({"api": 5}, "the address of `acme` is no text"),
        ({"env": ["A B"]}, "`A B` is no name of a variable"),
        ({"name": "a\u202eb"}, "the name of `acme` is no text"),
        ({"name": 5}, "the name of `acme` is no text"),
    ],
)
def test_a_provider_that_cannot_be_so_is_one_without(odd: dict[str, Any], told: str) -> None:
    registries, remarks = migrated({"acme/provider.toml": {**PROVIDER, **odd}})
    assert told in [each.message for each in remarks if each.rule == "dropped"]
    assert "canary" not in str(registries) + printed(remarks)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    registries, _ = migrated({"provider.toml": PROVIDER, "models/one.toml": {"limit": {"context": 1e6}}})
    info = registries["acme"]["profiles"]["one"]["inference_settings"]["model_info"]
    assert (info["context_window"], type(info["context_window"])) == (10**6, int)
