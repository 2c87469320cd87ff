"""Every way in which a change takes a credential elsewhere is told as an error, and honest changes are not."""

from __future__ import annotations

from typing import Any

import profilec
import pytest

KEY = "${env:OPENAI_API_KEY}"
EVIL = "https://evil.example/v1"
Settings = dict[str, Any]


def keys(**named: str) -> Settings:
    return {f"{name}-api-key": value for name, value in named.items()}


def urls(**named: str) -> Settings:
    return {f"{name.replace('_', '-')}-base-url": value for name, value in named.items()}


def settings(api: Settings | None = None, **sections: Settings) -> Settings:
    return {"chat": {"api_type": "openai", "engine": "m"}, **sections, "api": api or {"api_keys": keys(openai=KEY)}}


def kinds(old: dict[str, Settings], new: dict[str, Settings], baselines: tuple[Any, Any] = (None, None)) -> set[str]:
    """The kinds of change between two registries of profiles; beside them one that uses the key as it is meant."""
    honest = {"slug": "a", "profiles": {"m": {"inference_settings": settings()}}}
    builds = [
        profilec.compile(
            [honest, {"slug": "r", "profiles": {name: {"inference_settings": each} for name, each in side.items()}}],
            base,
        )
        for side, base in zip((old, new), baselines, strict=True)
    ]
    return set(profilec.diff(*builds).kinds())


BASE = settings()
OWN_GATEWAY = {"api_keys": keys(openai="${env:GW_KEY}"), "base_urls": urls(openai="https://gw.example/v1")}
TWO_WAYS = {
    "api_keys": {**keys(openai="${env:GW}"), "vllm-api-key": "${env:GW}"},
    "base_urls": {**urls(openai="https://gw.example/v1"), "vllm-base-url": "http://gw.example/v1"},
    "allow_http": {"vllm": True},
}
RERANK = {"api_keys": {"cohere-api-key": "${env:CO}"}}
ERRORS: dict[str, tuple[Settings, Settings]] = {
    "the address": (BASE, settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai=EVIL)})),
    "a path of the same host": (
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai="https://gw.example/a")}),
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai="https://gw.example/b")}),
    ),
    "the key of the chat section, sent to another gateway": (
        settings(OWN_GATEWAY),
        settings(OWN_GATEWAY, chat={"api_type": "openai", "engine": "m", "api_keys": keys(openai=KEY)}),
    ),
    "the reference, beside a gateway's address": (
        settings(OWN_GATEWAY),
        settings({**OWN_GATEWAY, "api_keys": keys(openai=KEY)}),
    ),
    "the key of one provider under the name of another": (
        settings({"api_keys": keys(groq="${env:GROQ}")}, chat={"api_type": "groq", "engine": "m"}),
        settings({"api_keys": keys(groq=KEY)}, chat={"api_type": "groq", "engine": "m"}),
    ),
    "plain HTTP on the same host, by the provider": (
        settings(TWO_WAYS),
        settings(TWO_WAYS, chat={"api_type": "vllm", "engine": "m"}),
    ),
    "plain HTTP with a key of its own": (
        BASE,
        settings(
            {"api_keys": {"vllm-api-key": "${env:V}"}, "base_urls": {"vllm-base-url": "http://v.example"}},
            chat={"api_type": "vllm", "engine": "m"},
        ),
    ),
    "a role that is new": (
        settings(RERANK),
        settings({**RERANK, "base_urls": {"rerank-base-url": EVIL}}, rerank={"type": "cohere", "engine": "r"}),
    ),
    "a model on a layer that held both": (
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai=EVIL)}, chat={"api_type": "openai"}),
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai=EVIL)}),
    ),
    "an alias, in a layer without a model": (
        {"api": {"api_keys": {"claude-api-key": "${env:C}"}, "base_urls": {"anthropic-base-url": "https://a.example"}}},
        {"api": {"api_keys": {"claude-api-key": "${env:C}"}, "base_urls": {"anthropic-base-url": EVIL}}},
    ),
    "an address that is taken out": (
        {"api": {"api_keys": keys(openai="${env:GW}"), "base_urls": urls(openai="https://gw.example")}},
        {"api": {"api_keys": keys(openai="${env:GW}")}},
    ),
    "a key beside an address, in a layer without a model": (
        {"api": {"base_urls": {"acme-base-url": EVIL}}},
        {"api": {"base_urls": {"acme-base-url": EVIL}, "api_keys": {"acme-api-key": KEY}}},
    ),
    "embeddings": (
        settings(embeddings={"type": "openai", "engine": "e"}),
        settings(embeddings={"type": "openai", "engine": "e", "base_urls": urls(openai=EVIL)}),
    ),
    "an address that is a reference": (
        BASE,
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai="${env:GATEWAY}")}),
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_a_credential_that_goes_elsewhere_is_an_error(case: str) -> None:
    old, new = ERRORS[case]
    assert "endpoint-with-credential" in kinds({"p": old}, {"p": new})


REDIRECTED = settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai=EVIL)})


def test_a_profile_that_is_new_is_looked_at() -> None:
    assert "endpoint-with-credential" in kinds({"p": BASE}, {"p": BASE, "fresh": REDIRECTED})
    assert "endpoint-with-credential" in kinds({"x": settings(OWN_GATEWAY)}, {"y": REDIRECTED})
    assert "credential-written-out" in kinds({}, {"fresh": settings({"api_keys": keys(openai="sk-0123456789")})})


def test_a_name_or_default_that_means_such_a_profile_is() -> None:
    found = kinds({"p": BASE}, {"p": BASE, "m": REDIRECTED})
    assert {"endpoint-with-credential", "name-changed"} <= found
    found = kinds({"p": BASE}, {"p": BASE, "a": REDIRECTED})
    assert {"endpoint-with-credential", "default-changed"} <= found


def test_a_baseline_that_does_it_is() -> None:
    baseline = {"api": {"base_urls": urls(openai=EVIL)}}
    assert "endpoint-with-credential" in kinds({"p": BASE}, {"p": BASE}, (None, baseline))


HONEST: dict[str, tuple[Settings, Settings]] = {
    "another provider with its own key at its own address": (
        BASE,
        settings({"api_keys": {"anthropic-api-key": "${env:A}"}}, chat={"api_type": "anthropic", "engine": "m"}),
    ),
    "case, blanks and a slash": (
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai="https://gw.example/v1")}),
        settings({"api_keys": keys(openai=KEY), "base_urls": urls(openai=" https://GW.example/v1/")}),
    ),
    "the provider in other letters": (BASE, settings(chat={"api_type": " OpenAI ", "engine": "m"})),
    "the protocol of the same provider": (BASE, settings(chat={"api_type": "openai-responses", "engine": "m"})),
    "another key for the same address": (BASE, settings({"api_keys": keys(openai="${env:TEAM_KEY}")})),
    "another model": (BASE, settings(chat={"api_type": "openai", "engine": "n"})),
}


@pytest.mark.parametrize("case", HONEST)
def test_what_goes_where_it_is_meant_to_go_is_no_error(case: str) -> None:
    old, new = HONEST[case]
    assert "endpoint-with-credential" not in kinds({"p": old}, {"p": new})


def test_a_provider_in_other_letters_is_the_same_one() -> None:
    old, new = HONEST["the provider in other letters"]
    assert kinds({"p": old}, {"p": new}) == {"setting-changed"}


@pytest.mark.parametrize("mode", ["reference", "embed"])
def test_another_provider_with_an_embedded_key_of_its_own_is_no_error(mode: Any) -> None:
    old = settings({"api_keys": keys(openai="sk-one-0123456789")})
    new = settings({"api_keys": keys(anthropic="sk-two-0123456789")}, chat={"api_type": "anthropic", "engine": "m"})
    builds = [
        profilec.compile({"slug": "r", "profiles": {"p": {"inference_settings": each}}}, secrets=mode)
        for each in (old, new)
    ]
    assert "endpoint-with-credential" not in profilec.diff(*builds).kinds()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"openai": True}),
        ({"openai": False, "openai-allow-http": True}, {"openai-allow-http": True}),
        ({"anthropic": False, "claude": True}, {"claude": True}),
    ],
)
def test_plain_http_that_becomes_allowed(old: Settings, new: Settings) -> None:
    def side(flags: Settings) -> dict[str, Settings]:
        return {"p": settings({"api_keys": keys(openai=KEY), "allow_http": flags})}

    assert "http-now-allowed" in kinds(side(old), side(new))
    assert "http-now-allowed" not in kinds(side(new), side(new))
    assert "http-now-allowed" not in kinds(side(new), side(old))
