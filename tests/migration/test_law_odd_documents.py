"""Whatever a document holds where something is expected, a migration ends with registries and remarks, not a bug."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from migration_run import errors, migrated
from profilec.diagnostics import Report
from profilec.migration import legacy, models_dev
from profilec.migration.litellm.write import model_list
from profilec.migration.remarks import Remarks

KEYS = st.sampled_from(
    """slug profiles registries default_profile_slug app profile active runtime step_settings_patch ai-chat ai-engine
    ai-stop openai-api-key openai-chat embeddings inference_settings api_keys api chat engine client timeout_second
    proxy_url model_info cost input metadata extensions pinocchio.oauth@v1 access_token middlewares tools stack x-a
    model_list model_name litellm_params model api_key api_base thinking budget_tokens response_format json_schema
    schema strict mode input_cost_per_token max_tokens supports_vision logit_bias custom_llm_provider params
    provider deployment""".split()  # noqa: SIM905
)
TEXTS = ["openai/gpt-4o", "gpt-4o", "os.environ/A", "${env:A}", "a/b/c", "", " ", "*", "embedding", "$", "é", "groq"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-1e6, 1e6),
    st.sampled_from(TEXTS),
)
ODD = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
PARAMS = st.dictionaries(KEYS, ODD, max_size=5).map(lambda each: {"model": "openai/gpt-4o", **each})
DEPLOYMENTS = st.fixed_dictionaries(
    {"model_name": st.just("m"), "litellm_params": PARAMS}, optional={"model_info": ODD, "blocked": ODD}
)
FACTS = "name npm env api base_model base_model_omit extends cost limit modalities reasoning knowledge"
TABLES = st.dictionaries(
    st.sampled_from(FACTS.split()),
    st.one_of(ODD, st.sampled_from(["x/b", {"from": "/a", "omit": ["cost.input"]}, ["cost.input", "name.x"]])),
)
PROVIDERS = TABLES.map(lambda each: {**each, "npm": "@ai-sdk/openai"})


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, ODD, min_size=1, max_size=4))
def test_older_formats(document: dict[str, Any]) -> None:
    if legacy.shape_of(document) is not None:
        migrated(document)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(st.one_of(DEPLOYMENTS, ODD), max_size=3), ODD))
def test_configurations_of_a_proxy(deployments: Any) -> None:
    migrated({"model_list": deployments}, "litellm")


@settings(max_examples=200, deadline=None)
@given(PROVIDERS, TABLES, TABLES)
def test_tables_of_models_dev(provider: dict[str, Any], one: dict[str, Any], two: dict[str, Any]) -> None:
    tables = {"p/provider.toml": provider, "p/models/a.toml": one, "p/models/c.toml": one, "models/x/b.toml": two}
    for made in models_dev.migrate(tables, Remarks()):
        assert errors(made.document) == []


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, ODD, max_size=4))
def test_what_an_extension_brings_back(extra: dict[str, Any]) -> None:
    """Anyone may write the extension; an export makes the best of it."""
    document = {
        "registry_slug": "r",
        "profile_slug": "p",
        "inference_settings": {"chat": {"api_type": "openai", "engine": "m"}},
        "extensions": {"litellm.deployment@v1": extra},
    }
    assert model_list([document], Report())[0]["litellm_params"]["model"]
