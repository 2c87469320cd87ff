"""Against llmock, an independent server of the protocols: raw bodies, and faults it thought of."""

import asyncio

import engineprofiles as ep
import pytest
from engine_servers import EVERY, STREAMED, WHOLE, engine

pytest.importorskip("llmock")

PROVIDERS = {"openai": "openai", "openai-responses": "openai", "claude": "anthropic", "gemini": "gemini"}


@pytest.fixture
def base(llmock):
    """api type -> the server's address, without what `engine` puts behind it."""
    return lambda api_type: llmock.base_url(PROVIDERS[api_type]).removesuffix("/v1")


@pytest.mark.parametrize("api_type", PROVIDERS)
@pytest.mark.parametrize("call", EVERY)
def test_a_reply(llmock, base, api_type, call):
    llmock.reply("Grüße 🎈")
    text = call(engine(base(api_type), api_type, temperature=0.5, max_tokens=50))
    assert text == "Grüße 🎈"
    (request,) = llmock.requests
    assert request.completed
    assert request.stream is (call in STREAMED)


@pytest.mark.parametrize("api_type", PROVIDERS)
def test_usage_and_end(llmock, base, api_type):
    e = engine(base(api_type), api_type, model_info={"cost": {"input": 1, "output": 1}})
    reply = e.run("How many tokens are in this question?")
    *_, last = e.stream("And how many are in this one?")
    for each in (reply, last):
        assert each.finish_reason == "stop"
        assert each.usage["input_tokens"] > 0 and each.usage["output_tokens"] > 0 and each.cost > 0
    e.close()


@pytest.mark.parametrize("api_type", PROVIDERS)
@pytest.mark.parametrize("call", EVERY)
def test_it_recovers_from_a_rate_limit(llmock, base, api_type, call):
    llmock.rate_limit(times=2, retry_after=0.01)
    assert call(engine(base(api_type), api_type))
    assert len(llmock.requests) == 3
    llmock.assert_resilient()


@pytest.mark.parametrize("api_type", PROVIDERS)
@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_what_it_refuses(llmock, base, api_type, call, status, monkeypatch):
    monkeypatch.setattr("engineprofiles.retry.ATTEMPTS", 1)  # After a 503 it wants a second between them.
    llmock.fail(status, times=3)
    with pytest.raises(ep.ProviderRefused) as caught:
        call(engine(base(api_type), api_type))
    assert caught.value.status == status
    assert caught.value.details["provider_message"] not in ("", "no message")


@pytest.mark.parametrize("api_type", PROVIDERS)
@pytest.mark.parametrize("call", WHOLE)
def test_it_is_too_slow(llmock, base, api_type, call):
    llmock.delay(1.0)
    with pytest.raises(ep.Timeout):
        call(engine(base(api_type), api_type, timeout=0.3))


@pytest.mark.parametrize("api_type", PROVIDERS)
@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt", "stall"])
def test_streams_that_break(llmock, base, api_type, call, fault):
    llmock.reply("one two three four five six seven eight nine ten")
    getattr(llmock, fault)(after_chunks=3, **({"seconds": 4.0} if fault == "stall" else {}))
    with pytest.raises(ep.StreamBroken):
        call(engine(base(api_type), api_type, timeout=1))


def test_structured_output(llmock, base):
    chat = {
        "structured_output_mode": "json_schema",
        "structured_output_name": "answer",
        "structured_output_schema": '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], '
        '"additionalProperties": false}',
        "structured_output_require_valid": True,
    }
    for api_type in ("openai", "openai-responses", "gemini"):
        e = engine(base(api_type), api_type, chat=chat)
        assert '"n"' in e.run("hi").text
        e.close()


def test_embeddings(llmock):
    api = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
    section = {"type": "openai", "engine": "text-embedding-3-small"}
    e = ep.engines.from_config(embeddings=section, api=api, base_url=llmock.base_url("openai"), api_key="k")
    found = e.embed(["one", "two", "three"])
    assert [len(vector) for vector in found.vectors] == [1536] * 3
    assert asyncio.run(e.aembed(["one text"] * 5)).usage["input_tokens"] > 0
    e.close()
