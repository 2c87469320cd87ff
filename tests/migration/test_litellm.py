"""A model_list becomes profiles, is compiled, and comes back the same; what cannot is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import profilec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_run import errors, migrated, printed
from profilec.diagnostics import Report
from profilec.migration.litellm.table import PROVIDERS, per_million, per_token
from profilec.migration.litellm.write import model_list
from profilec.migration.secrets import needs_reference

PRICES = st.integers(0, 10**6).map(lambda digits: float(f"{digits}e-9"))
ENGINES = st.sampled_from(["gpt-4o", "facebook/opt-125m", "Llama-3.1:8b"])
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0, 0.2, 1]),
        "top_p": st.just(0.9),
        "max_tokens": st.integers(1, 10**5),
        "stop": st.lists(st.sampled_from(["END", "###"]), max_size=2),
        "stream": st.booleans(),
        "n": st.just(1),
        "presence_penalty": st.just(0.1),
        "frequency_penalty": st.just(-0.5),
        "logit_bias": st.just({"50256": -100}),
        "parallel_tool_calls": st.booleans(),
        "reasoning_effort": st.just("high"),
        "seed": st.integers(0, 99),
        "top_k": st.just(20),
        "timeout": st.just(300),
        "organization": st.just("org-1"),
        "thinking": st.sampled_from([{"type": "enabled", "budget_tokens": 1024}, {"type": "disabled"}]),
        "response_format": st.just({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}),
        "rpm": st.just(480),
        "metadata_of_ours": st.just({"tags": ["a", None]}),
        "api_base": st.sampled_from(["http://10.0.0.1:8000/v1", "os.environ/BASE"]),
        "api_key": st.sampled_from(["os.environ/KEY_1", "os.environ/KEY_2"]),
    },
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("1"),
        "mode": st.just("chat"),
        "max_input_tokens": st.integers(0, 10**6),
        "max_output_tokens": st.integers(0, 10**6),
        "input_cost_per_token": PRICES,
        "output_cost_per_token": PRICES,
        "cache_read_input_token_cost": PRICES,
        "cache_creation_input_token_cost": PRICES,
        "supports_vision": st.booleans(),
        "supports_pdf_input": st.booleans(),
        "supports_reasoning": st.booleans(),
        "supports_function_calling": st.booleans(),
        "supports_response_schema": st.booleans(),
    },
)
DEPLOYMENTS = st.builds(
    lambda name, prefix, engine, params, facts: {
        "model_name": name,
        "litellm_params": {"model": f"{prefix}/{engine}", **params},
        **({"model_info": facts} if facts else {}),
    },
    st.sampled_from(["gpt-4o", "anthropic/claude", "fast", "Fast One"]),
    st.sampled_from([*PROVIDERS, "openai/responses"]),
    ENGINES,
    PARAMS,
    FACTS,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(DEPLOYMENTS, min_size=1, max_size=4))
def test_a_model_list_comes_back_as_it_was(deployments: list[dict[str, Any]]) -> None:
    made, _ = migrated({"model_list": deployments}, "litellm")
    assert errors(made[0]) == []
    assert _sorted(_written(made)) == _sorted(list(map(_as_written, deployments)))


def test_every_model_of_the_repository_comes_back_as_it_was() -> None:
    build = profilec.compile(str(Path(__file__).parents[2] / "registries"))
    first = model_list([each.document for each in build.artifacts.values()], Report())
    made, _ = migrated({"model_list": first}, "litellm")
    assert len(first) > 500
    assert _sorted(_written(made)) == _sorted(first)


@given(PRICES)
def test_prices_keep_their_digits(price: float) -> None:
    assert per_token(per_million(price)) == price
    assert len(repr(per_million(price))) <= 12


def test_a_price_of_a_token_is_one_of_a_million() -> None:
    assert [per_million(1.5e-07), per_million(0.00001), per_million(0)] == [0.15, 10, 0]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"model": "azure/gpt-4o"}, "no API type of the settings reaches `azure`"),
        ({"model": "bedrock/anthropic.claude-v2"}, "reaches `bedrock`"),
        ({"model": "vertex_ai/gemini-pro"}, "reaches `vertex_ai`"),
        ({"model": "openai/*"}, "is a route for any model"),
        ({"model": "unheard-of"}, "reaches the model `unheard-of`"),
        ({"model": 3}, "without `model_name` or `litellm_params.model`"),
    ],
)
def test_what_no_profile_can_name_is_left_out_by_name(params: dict[str, Any], told: str) -> None:
    made, remarks = migrated({"model_list": [{"model_name": "m", "litellm_params": params}]}, "litellm")
    assert made == []
    assert told in printed(remarks)


@pytest.mark.parametrize(
    ("name", "model", "more"),
    [
        ("", "openai/gpt-4o", {}),
        (" ", "openai/gpt-4o", {}),
        ("m", "openai/", {}),
        ("m", "", {"api_base": "http://h"}),
        ("m", "openai/responses/", {}),
        ("", "openai/", {}),
        ("m", "", {"custom_llm_provider": "openai"}),
    ],
)
def test_a_deployment_without_a_name_or_a_model_is_left_out(name: str, model: str, more: dict[str, str]) -> None:
    deployment = {"model_name": name, "litellm_params": {"model": model, **more}}
    made, remarks = migrated({"model_list": [deployment]}, "litellm")
    assert made == []
    assert [each.message for each in remarks] == ["a deployment without `model_name` or `litellm_params.model`"]


@pytest.mark.parametrize(
    ("param", "value", "told"),
    [
        ("timeout", 1.5, "`timeout` is no number of whole seconds"),
        ("timeout", "soon", "`timeout` is no number of whole seconds"),
        ("temperature", "hot", "`temperature` is not a number"),
        ("max_tokens", [1], "`max_tokens` is not a whole number"),
        ("max_completion_tokens", 7, "`max_completion_tokens` sets a field that is set already"),
    ],
)
def test_why_a_value_is_not_in_its_field_is_told(param: str, value: Any, told: str) -> None:
    params = {"model": "openai/m", "max_tokens": 5, param: value}
    made, remarks = migrated({"model_list": [{"model_name": "m", "litellm_params": params}]}, "litellm")
    assert f"{told}: it is in the extension `litellm.deployment@v1`" in printed(remarks)
    assert made[0]["profiles"]["m"]["extensions"]["litellm.deployment@v1"] == {"params": {param: value}}


def test_what_of_a_deployment_is_no_value_is_told() -> None:
    params = {"model": "openai/m", "api_base": 5, "api_key": "os.environ/K", "input_cost_per_token": "cheap"}
    info = {"output_cost_per_token": -1}
    deployments = [
        {"model_name": "m", "litellm_params": params, "model_info": info},
        {"model_name": "n", "litellm_params": {"model": "openai/m"}, "model_info": [1]},
    ]
    made, remarks = migrated({"model_list": deployments}, "litellm")
    assert errors(made[0]) == []
    told = [each.message for each in remarks if each.rule == "dropped"]
    assert told == [
        "`m` is left out: its address is no text",
        "`model_info` is no mapping",
    ]
    del params["api_base"]
    _, remarks = migrated({"model_list": deployments}, "litellm")
    told = [each.message for each in remarks if each.rule == "dropped"]
    assert told == [
        "`input_cost_per_token` is no price",
        "`output_cost_per_token` is no price",
        "`model_info` is no mapping",
    ]


@pytest.mark.parametrize("section", ["chat", "embeddings"])
def test_a_profile_whose_model_has_no_name_is_left_out_and_told(section: str) -> None:
    document = {"registry_slug": "r", "profile_slug": "p", "inference_settings": {section: {"engine": ""}}}
    report = Report()
    assert model_list([document], report) == []
    assert [(each.message, each.notes[0].message) for each in report] == [
        ("a profile whose model has no name is left out", "in `r/p`")
    ]


def test_a_literal_key_never_gets_the_name_of_another_account() -> None:
    """The machine has that variable, and would send it to whom it is not for."""
    deployments = [
        {"model_name": "a", "litellm_params": {"model": "openai/a", "api_key": "os.environ/OPENAI_API_KEY"}},
        {"model_name": "b", "litellm_params": {"model": "openai/b", "api_key": "canary-1"}},
        {"model_name": "c", "litellm_params": {"model": "openai/c", "api_key": "canary-2", "api_base": "http://c/v1"}},
        {"model_name": "d", "litellm_params": {"model": "groq/d", "api_key": "canary-3"}},
        {"model_name": "e", "litellm_params": {"model": "openai/e", "api_base": "http://e/v1"}},
    ]
    made, remarks = migrated({"model_list": deployments}, "litellm")
    keys = {each["model_name"]: each["litellm_params"].get("api_key") for each in _written(made)}
    assert keys == {
        "a": "os.environ/OPENAI_API_KEY",
        "b": "os.environ/PROVIDER_OPENAI_2_API_KEY",
        "c": "os.environ/PROVIDER_OPENAI_3_API_KEY",
        "d": "os.environ/GROQ_API_KEY",
        "e": None,
    }
    assert "canary" not in printed(remarks) + str(made)


@pytest.mark.parametrize("name", ["aws_secret_access_key", "azure_ad_token", "extra_headers", "vertex_credentials"])
def test_a_parameter_that_may_be_a_credential_is_not_carried_along(name: str) -> None:
    value = {"Authorization": "canary"} if name == "extra_headers" else "canary"
    params = {"model": "openai/gpt-4o", name: value, "rpm": 3}
    made, remarks = migrated({"model_list": [{"model_name": "m", "litellm_params": params}]}, "litellm")
    assert "canary" not in printed(remarks) + str(made)
    assert f"`{name}` may hold a credential" in printed(remarks)
    assert made[0]["profiles"]["m"]["extensions"] == {"litellm.deployment@v1": {"params": {"rpm": 3}}}


# What the look of a key, of a text, or of what it stands below gives away.
SUSPECTS: dict[str, Any] = {
    "key": {"aws_secret_access_key": "canary"},
    "camel case": {"awsSecretAccessKey": "canary"},
    "token": {"token": "canary"},
    "number": {"password": 481516234201},
    "numbered": {"api_key_2": "canary", "token2": "canary"},
    "header": {"extra_headers": {"X-Trace": "canary"}},
    "cookie": {"cookie": "canary"},
    "below": {"credentials": {"any one": ["canary"]}},
    "in a list": {"fallbacks": [{"model": "m", "api_key": "canary"}]},
    "named": {"variables": [{"name": "API_TOKEN", "value": "canary"}]},
    "in a text": {"my_note": "token=canary"},
    "in a text of lines": {"my_note": "first\npassword: canary"},
    "in json": {"my_note": '{"api_key": "canary"}'},
    "address": {"my_url": "https://me:canary@host/v1"},
    "address in a text": {"my_note": "see https://me:canary@host/v1 for more"},
    "query": {"my_url": "https://host/v1?x=1&api_key=canary"},
    "prefix": {"my_note": "it is sk-canary-0123456789 today"},
    "bearer": {"my_note": "Bearer canary0123456789"},
    "as a key": {"sk-canary-0123456789": True},
}
HARMLESS = {
    "rpm": 480,
    "max_tokens_per_day": 10**6,
    "output_cost_per_reasoning_token": 1e-06,
    "input_cost_per_token_above_200k_tokens": 5e-06,
    "aws_session_token": "os.environ/AWS_TOKEN",
    "supports_tokens": True,
    "note": "of the keyboard team, ops@example.com",
    "tags": ["eu", None],
}


@pytest.mark.parametrize("part", ["params", "model_info", "deployment"])
@pytest.mark.parametrize("kind", SUSPECTS)
def test_what_may_be_a_credential_rides_along_in_neither_direction(kind: str, part: str) -> None:
    deployment: dict[str, Any] = {"model_name": "m", "litellm_params": {"model": "openai/gpt-4o"}, "model_info": {}}
    target = {"params": deployment["litellm_params"], "model_info": deployment["model_info"], "deployment": deployment}
    target[part] |= {**SUSPECTS[kind], **HARMLESS}
    made, remarks = migrated({"model_list": [deployment]}, "litellm")
    assert not re.search("canary|481516234201", str(made) + printed(remarks))
    assert made[0]["profiles"]["m"]["extensions"] == {"litellm.deployment@v1": {part: HARMLESS}}
    assert [each.rule for each in remarks].count("dropped") == len(SUSPECTS[kind])

    profile = made[0]["profiles"]["m"]
    profile["extensions"] = {"litellm.deployment@v1": {part: {**SUSPECTS[kind], **HARMLESS}}}
    report = Report()
    (written,) = model_list([each.document for each in profilec.compile(made).artifacts.values()], report)
    told = printed(list(report))
    assert not re.search("canary|481516234201", str(written) + told)
    assert told.count("may hold a credential") == len(SUSPECTS[kind])
    home = {"params": "litellm_params", "model_info": "model_info"}.get(part)
    assert HARMLESS.items() <= (written[home] if home else written).items()


@pytest.mark.parametrize(
    ("extension", "told"),
    [
        ({"model_name": "sk-canary-0123456789"}, "`model_name` of `litellm.deployment@v1` may hold a credential"),
        ({"model_name": ["m"]}, "`model_name` of `litellm.deployment@v1` is no text"),
        ({"params": ["canary"]}, "`params` of `litellm.deployment@v1` is no mapping"),
        ({"parms": {"token": "canary"}}, "`parms` of `litellm.deployment@v1` is no part of a deployment"),
        (["canary"], "`litellm.deployment@v1` is no mapping"),
    ],
)
def test_what_of_the_extension_is_not_written_is_told(extension: Any, told: str) -> None:
    settings_ = {"chat": {"api_type": "openai", "engine": "m"}}
    document = {
        "registry_slug": "r",
        "profile_slug": "p",
        "inference_settings": settings_,
        "extensions": {"litellm.deployment@v1": extension},
    }
    report = Report()
    assert model_list([document], report) == [{"model_name": "p", "litellm_params": {"model": "openai/m"}}]
    assert told in printed(list(report))
    assert "canary" not in printed(list(report))


def test_an_address_with_a_key_in_it_is_a_credential() -> None:
    base = "https://host/v1?api_key=canary"
    params = {"model": "openai/gpt-4o", "api_base": base, "api_key": "os.environ/K"}
    made, remarks = migrated({"model_list": [{"model_name": "m", "litellm_params": params}]}, "litellm")
    assert "canary" not in str(made) + printed(remarks)
    account = made[0]["profiles"]["provider-openai"]["inference_settings"]["api"]
    assert account["base_urls"] == {"openai-base-url": "${env:PROVIDER_OPENAI_API_BASE}"}
    api = {"api_keys": {"openai-api-key": "${env:K}"}, "base_urls": {"openai-base-url": base}}
    profile = {"inference_settings": {"api": api, "chat": {"api_type": "openai", "engine": "m"}}}
    build = profilec.compile({"slug": "t", "profiles": {"a": profile}})
    report = Report()
    assert model_list([each.document for each in build.artifacts.values()], report) == []
    assert "canary" not in printed(list(report))
    # An address whose path has such a sign is none.
    assert needs_reference("userinfo", "https://host:8080/v1/@cf/models") is False


def test_what_a_model_list_has_no_place_for_is_told_with_the_profiles() -> None:
    registry = {
        "slug": "team",
        "profiles": {
            "base": {"inference_settings": {"api": {"api_keys": {"claude-api-key": "${file:/run/key}"}}}},
            "a": {
                "stack": [{"profile_slug": "base"}],
                "inference_settings": {
                    "chat": {"api_type": "claude", "engine": "m", "cache_type": "disk"},
                    "model_info": {"input": ["text", "smell"], "metadata": {"family": "x"}},
                },
            },
            "b": {"inference_settings": {"chat": {"api_type": "own", "engine": "n", "cache_type": "disk"}}},
        },
    }
    report = Report()
    written = model_list([each.document for each in profilec.compile(registry).artifacts.values()], report)
    assert written == [
        {"model_name": "a", "litellm_params": {"model": "anthropic/m"}},
        {"model_name": "b", "litellm_params": {"model": "openai/n"}},
    ]
    told = {each.message: each.notes[0].message for each in report}
    assert told == {
        "a credential is looked up in a file, which a model_list cannot say": "in `team/a`",
        "a model_list has no place for the modality `smell`": "in `team/a`",
        "a model_list has no place for `model_info.metadata.family`": "in `team/a`",
        "a model_list has no place for `chat.cache_type`": "in `team/a`, `team/b`",
        "no provider of a model_list is called `own`; it is written as `openai`": "in `team/b`",
    }


def test_a_model_of_embeddings_is_one_wherever_a_profile_names_it() -> None:
    openai = {"api_type": "openai-responses"}
    settings_by_profile = {
        "both": {"chat": {**openai, "engine": "e"}, "embeddings": {"type": "openai", "engine": "e"}},
        "by-name": {"chat": {**openai, "engine": "text-embedding-3-small"}},
        "chat-first": {"chat": {**openai, "engine": "m"}, "embeddings": {"type": "openai", "engine": "e"}},
        "ollama": {"embeddings": {"type": "ollama", "engine": "nomic-embed-text"}},
    }
    profiles = {name: {"inference_settings": each} for name, each in settings_by_profile.items()}
    build = profilec.compile({"slug": "t", "profiles": profiles})
    written = model_list([each.document for each in build.artifacts.values()], Report())
    models = {each["model_name"]: (each["litellm_params"]["model"], each.get("model_info")) for each in written}
    assert models == {
        "both": ("openai/e", {"mode": "embedding"}),
        "by-name": ("openai/text-embedding-3-small", {"mode": "embedding"}),
        "chat-first": ("openai/responses/m", None),
        "ollama": ("ollama/nomic-embed-text", {"mode": "embedding"}),
    }


def test_what_rides_along_is_not_taken_over_by_what_stacks_on_it() -> None:
    """Two deployments of one name are one model to the proxy, and an id is one deployment's."""
    source = {
        "model_name": "a/b",
        "litellm_params": {"model": "hosted_vllm/m", "api_base": "http://h/v1", "rpm": 3},
        "model_info": {"id": "1", "mode": "chat"},
    }
    (proxy,), _ = migrated({"model_list": [source]}, "litellm")
    on_it = {"stack": [{"registry_slug": "old", "profile_slug": "a.b"}]}
    claude = {"api": {"api_keys": {"claude-api-key": "${env:C}"}}, "chat": {"api_type": "claude", "engine": "c"}}
    team = {"slug": "team", "profiles": {"mine": on_it, "other": {**on_it, "inference_settings": claude}}}
    build = profilec.compile([proxy, team])
    written = model_list([each.document for each in build.artifacts.values()], Report())
    mine = {**source, "model_name": "mine", "model_info": {"mode": "chat"}}
    other = {"model": "anthropic/c", "api_key": "os.environ/C", "rpm": 3}
    assert written == [source, mine, {"model_name": "other", "litellm_params": other, "model_info": {"mode": "chat"}}]


def test_an_embedded_credential_is_never_written_out() -> None:
    settings_ = {"api": {"api_keys": {"openai-api-key": "canary"}}, "chat": {"api_type": "openai", "engine": "m"}}
    build = profilec.compile({"slug": "t", "profiles": {"a": {"inference_settings": settings_}}}, secrets="embed")
    report = Report()
    written = model_list([each.document for each in build.artifacts.values()], report)
    assert written == [{"model_name": "a", "litellm_params": {"model": "openai/m"}}]
    assert [each.message for each in report] == ["a credential itself is never written out"]


@pytest.mark.parametrize("address", ["https://me:canary@host/v1", "${file:/run/address}"])
def test_a_key_is_not_sent_elsewhere_because_its_address_cannot_be_written(address: str) -> None:
    api = {"api_keys": {"openai-api-key": "${env:K}"}, "base_urls": {"openai-base-url": address}}
    settings_ = {"api": api, "chat": {"api_type": "openai", "engine": "m"}}
    build = profilec.compile({"slug": "t", "profiles": {"a": {"inference_settings": settings_}}}, secrets="embed")
    report = Report()
    assert model_list([each.document for each in build.artifacts.values()], report) == []
    assert "a profile whose address cannot be written is left out" in [each.message for each in report]
    assert "canary" not in printed(list(report))


def _written(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    build = profilec.compile(made[0])
    report = Report()
    written = model_list([each.document for each in build.artifacts.values()], report)
    assert not list(report), list(report)
    return written


def _as_written(deployment: dict[str, Any]) -> dict[str, Any]:
    """The same as it is written: a provider's usual variable is spelled out, an address that is implied is not."""
    params = deployment["litellm_params"]
    prefix = params["model"].partition("/")[0]
    if "api_key" not in params and "api_base" not in params and PROVIDERS[prefix].variable:
        params = {**params, "api_key": f"os.environ/{PROVIDERS[prefix].variable}"}
    return {**deployment, "litellm_params": params}


def _sorted(deployments: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(_ordered(each)) for each in deployments)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
