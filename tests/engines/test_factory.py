"""Engines of a profile and of options alone: which profile, which options, and what the debug log tells."""

import logging

import engineprofiles as ep
import pytest
from engine_servers import REPLIES, Server, answer, engine, run, whole

engines = ep.engines


@pytest.fixture(autouse=True)
def _here(build, monkeypatch):
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", str(build))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-7f3a9c")


def test_which_profile(monkeypatch, caplog):
    """Each step of the order, and the rule that the debug log names."""
    caplog.set_level(logging.DEBUG, "engineprofiles")
    monkeypatch.delenv("PINOCCHIO_PROFILE", raising=False)
    steps = [
        (lambda: engines.from_profile(), "team/default", "the build's default"),
        (lambda: engines.from_profile(profile="careful"), "team/careful", "given as argument"),
        (lambda: engines.from_profile("provider/default", profile="careful"), "provider/default", "given as argument"),
        (lambda: engines.from_profile("", profile="careful"), "team/careful", "given as argument"),
    ]
    for make, name, rule in steps:
        caplog.clear()
        assert make().name == f"profile:{name}"
        assert f"profile {name}: {rule}" in caplog.text
    monkeypatch.setenv("PINOCCHIO_PROFILE", "careful")
    assert engines.from_profile().name == "profile:team/careful"
    assert "profile team/careful: from PINOCCHIO_PROFILE" in caplog.text
    assert engines.from_profile(profile="team/default").name == "profile:team/default"
    assert engines.from_profile("team/default").name == "profile:team/default"


def test_which_build(build, monkeypatch, tmp_path):
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", str(tmp_path / "none"))
    for given in (build, str(build), ep.open(build)):
        assert engines.from_profile("careful", build=given).name == "profile:team/careful"
    with pytest.raises(ep.BuildNotFound):
        engines.from_profile("careful")
    with pytest.raises(ep.UnknownProfile, match="did you mean `careful`"):
        engines.from_profile("carefull", build=build)


def test_every_option():
    e = engines.from_profile(
        "careful",
        model="gpt-4.1-nano",
        max_tokens=10,
        temperature=0.5,
        top_p=0.25,
        stop="END",
        seed=7,
        timeout=1.5,
        api_key="own",
        base_url="https://gateway.example/v1",
        openai={"n": 2},
        client={"user_agent": "acme"},
        baseline={"client": {"organization": "org"}, "chat": {"temperature": 2}},
    )
    request = e.request("hi")
    assert request.url == "https://gateway.example/v1/chat/completions"
    assert request.body == {
        "model": "gpt-4.1-nano",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 10,
        "temperature": 0.5,
        "top_p": 0.25,
        "stop": ["END"],
        "seed": 7,
        "n": 2,
    }
    assert request.revealed_headers()["Authorization"] == "Bearer own"
    assert (request.headers["User-Agent"], request.headers["OpenAI-Organization"]) == ("acme", "org")
    assert e.settings.get("client.timeout") == 1.5
    assert e.settings.layer("inference.seed") == "options"


def test_an_option_wins_over_every_section_of_a_profile():
    sections = {
        "inference": {"temperature": 1, "stop": ["A"]},
        "chat": {"temperature": 2, "api_keys": {"openai-api-key": "a"}},
    }
    body = engines.from_profile("careful", **sections, temperature=0, stop=["B"]).request("hi").body
    assert (body["temperature"], body["stop"]) == (0, ["B"])
    headers = engines.from_profile("careful", **sections, api_key="b").request("hi").revealed_headers()
    assert headers["Authorization"] == "Bearer b"


def test_another_api_type():
    e = engines.from_profile("careful", api_type="claude", model="claude-3-5-haiku-latest", api_key="own")
    assert e.request("hi").url == "https://api.anthropic.com/v1/messages"
    assert e.request("hi").revealed_headers()["x-api-key"] == "own"


def test_refusals_name_the_layer(build, monkeypatch):
    with pytest.raises(ep.MissingCredential, match=r"`claude-api-key`|claude-api-key.*`file:/nowhere/key`"):
        engines.from_profile("opus")
    e = engines.from_profile("opus", api_key="own")
    with pytest.raises(ep.UnsupportedParameter) as caught:
        e.request("hi")
    assert str(caught.value) == (
        "profile `team/opus` cannot ask `claude-opus-4-7` over Anthropic Messages: `chat.temperature` (set by "
        "team/opus at team.yaml:12:22): claude-opus-4-7 does not take it\n"
        "help: chat.temperature: stack on a profile that does not set it; or leave it out with "
        'on_unsupported="drop"'
    )
    dropped = engines.from_profile("opus", api_key="own", on_unsupported="drop").request("hi")
    assert "temperature" not in dropped.body


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("maxTokens", "max_tokens"),
        ("apiKey", "api_key"),
        ("baseURL", "base_url"),
        ("baseUrl", "base_url"),
        ("topP", "top_p"),
        ("apiType", "api_type"),
        ("provider", "api_type"),
        ("timeoutSeconds", "timeout"),
        ("timeoutMs", "timeout"),
        ("modelInfo", "model_info"),
        ("temprature", "temperature"),
        ("gemni", "gemini"),
    ],
)
def test_unknown_options_name_the_nearest(option, meant):
    for make in (engines.from_profile, engines.from_config):
        with pytest.raises(ep.BadOption, match=f"`{option}` is no option\nhelp: did you mean `{meant}`") as caught:
            make(**{option: 3})
        assert caught.value.details["option"] == option


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"temperature": "hot"}, "the option `temperature` is str"),
        ({"max_tokens": 1.5}, "is float, where an integer belongs"),
        ({"timeout": 0}, "`timeout` is not a number of seconds above 0"),
        ({"timeout": True}, "`timeout` is not a number"),
        ({"timeout": "3"}, "`timeout` is not a number"),
        ({"gemini": 3}, "`gemini` of `options` is int"),
        ({"gemini": {"thinkingBudget": 3}}, "`gemini.thinkingBudget` of `options` is no setting"),
        ({"api_key": 3}, "belongs"),
        ({"stop": 3}, "a list of texts belongs"),
        ({"on_unsupported": "ignore"}, "`on_unsupported` is `ignore`"),
    ],
)
def test_options_that_cannot_be_used(options, told):
    with pytest.raises(ep.BadOption) as caught:
        engines.from_profile("careful", **options)
    assert told in str(caught.value)


def test_options_of_from_profile_alone():
    for option in ("profile", "build", "baseline"):
        with pytest.raises(ep.BadOption):
            engines.from_config(model="m", **{option: None})


# Options alone


@pytest.mark.parametrize(
    ("model", "url", "header"),
    [
        ("gpt-4o-mini", "https://api.openai.com/v1/chat/completions", "env:OPENAI_API_KEY"),
        ("gpt-5-mini", "https://api.openai.com/v1/responses", "env:OPENAI_API_KEY"),
        ("o3", "https://api.openai.com/v1/responses", "env:OPENAI_API_KEY"),
        ("claude-sonnet-4-5", "https://api.anthropic.com/v1/messages", "env:ANTHROPIC_API_KEY"),
        (
            "gemini-2.5-flash-lite",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash-lite:generateContent",
            "env:GEMINI_API_KEY",
        ),
    ],
)
def test_a_model_alone_is_enough(monkeypatch, model, url, header):
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    variable = header.removeprefix("env:")
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ep.MissingCredential, match=f"`{header}` .set by the default.: .*{variable}` is not set"):
        engines.from_config(model=model)
    monkeypatch.setenv(variable, "own")
    e = engines.from_config(model=model)
    assert e.name == "config"
    assert e.request("hi").url == url
    assert e.endpoint().credentials[0].reference == header


def test_other_providers_by_name(monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", "own")
    monkeypatch.setenv("GOOGLE_API_KEY", "google")
    request = engines.from_config(model="m", api_type="groq").request("hi")
    assert request.url == "https://api.groq.com/openai/v1/chat/completions"
    assert engines.from_config(model="gemini-x").endpoint().credentials[0].reference == "env:GOOGLE_API_KEY"
    with pytest.raises(ep.AddressRefused, match=r"`api\.base_urls\.anyscale-base-url`"):
        engines.from_config(model="m", api_type="anyscale")
    with pytest.raises(ep.AddressRefused, match=r"allow_http\.ollama"):
        engines.from_config(model="m", api_type="ollama")


def test_an_api_type_that_is_not_known():
    with pytest.raises(ep.UnknownProvider, match=r"`chat\.api_type` of profile `config` is `gorq`") as caught:
        engines.from_config(model="m", api_type="gorq", api_key="k")
    assert caught.value.code == "unknown-provider"
    assert caught.value.details["nearest"][0] == "groq"
    assert "did you mean `groq`? Else set `api.base_urls.gorq-base-url`" in caught.value.hint
    e = engines.from_config(model="m", api_type="acme", base_url="https://acme.example/v1", api_key="k")
    assert e.request("hi").url == "https://acme.example/v1/chat/completions"
    for section in ("embeddings", "rerank"):
        with pytest.raises(ep.UnknownProvider, match=f"`{section}.type`"):
            engines.from_config(**{section: {"type": "acme", "engine": "e"}})


def test_no_model_at_all(profiles):
    for make in (lambda: engines.from_config(temperature=1), lambda: profiles["provider/layer"].engine()):
        with pytest.raises(ep.NoEngine, match="is a layer") as caught:
            make()
        assert (caught.value.code, caught.value.details["field"]) == ("no-engine", "chat.engine")
    with pytest.raises(ep.NoEngine):
        profiles["provider/layer"].request("hi")
    e = profiles["careful"].engine()
    with pytest.raises(ep.NoEngine, match="for embeddings"):
        e.embed(["a"])
    with pytest.raises(ep.NoEngine, match="for rerank"):
        e.rerank("q", ["a"])


def test_a_section_for_another_role_that_cannot_be_used(profiles):
    """A profile for chat that carries along embeddings without a credential is fine, until they are asked for."""
    section = {"embeddings": {"type": "ollama", "engine": "nomic"}}
    e = profiles["careful"].engine(overrides=section)
    assert e.request("hi")
    with pytest.raises(ep.AddressRefused, match=r"allow_http\.ollama"):
        e.embed(["a"])
    with pytest.raises(ep.AddressRefused):
        engines.from_config(**section)
    with pytest.raises(ep.BadOption, match="chat, embeddings, rerank"):
        e.endpoint("speech")


def test_sections_that_are_left_alone_are_named(caplog):
    caplog.set_level(logging.DEBUG, "engineprofiles")
    engines.from_config(model="m", api_key="k", claude={"top_k": 3}, openai={"n": 1}, gemini={"thinking_budget": 0})
    assert "the section `claude` is left alone by openai-chat" in caplog.text
    assert "`gemini`" in caplog.text and "`openai`" not in caplog.text


# Embeddings and reranking

ALLOWED = dict.fromkeys(("openai", "ollama", "rerank", "llamacpp", "cohere"), True)
API = {"allow_http": ALLOWED, "allow_local_networks": ALLOWED}


def test_embeddings_of_openai():
    rows = [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1.5, 2]}]
    with Server(whole("openai", {"data": rows, "usage": {"prompt_tokens": 8, "total_tokens": 8}})) as server:
        section = {"type": "openai", "engine": "text-embedding-3-small", "dimensions": 2}
        e = engines.from_config(embeddings=section, api=API, base_url=f"{server.url}/v1", api_key="own",
                                model_info={"cost": {"input": 0.02}})  # fmt: skip
        found = e.embed(["a", "b"])
        assert e.embed([]).vectors == []
    assert found.vectors == [[1.5, 2], [3, 4]]
    assert (found.usage, found.cost) == ({"input_tokens": 8, "output_tokens": 0}, pytest.approx(8 * 0.02 / 1e6))
    (seen,) = server.seen
    assert (seen.path, seen.headers["authorization"]) == ("/v1/embeddings", "Bearer own")
    assert seen.body == {
        "model": "text-embedding-3-small",
        "input": ["a", "b"],
        "dimensions": 2,
        "encoding_format": "float",
    }


def test_embeddings_of_ollama():
    with Server(answer(200, {"embeddings": [[1, 2, 3]], "prompt_eval_count": 4})) as server:
        section = {"type": "ollama", "engine": "nomic", "dimensions": 3}
        e = engines.from_config(embeddings=section, api=API, base_url=server.url, ollama={"num-ctx": 99})
        assert e.embed(["a"]).usage == {"input_tokens": 4, "output_tokens": 0}
    (seen,) = server.seen
    assert seen.path == "/api/embed" and "authorization" not in seen.headers
    assert seen.body == {"model": "nomic", "input": ["a"], "dimensions": 3, "options": {"num_ctx": 99}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"data": []}, "0 vectors for 1 texts"),
        ({"data": [{"index": 0, "embedding": [1, 2, 3]}]}, r"`embeddings\.dimensions` is 2, its vectors have 3"),
        ({"data": [{"index": 0, "embedding": "AAAA"}]}, "not what the protocol says"),
        ({}, "'data' is missing"),
    ],
)
def test_embeddings_that_are_not_what_was_asked_for(document, told):
    with Server(answer(200, document)) as server, pytest.raises(ep.ReplyUnreadable, match=told):
        section = {"type": "openai", "engine": "e", "dimensions": 2}
        engines.from_config(embeddings=section, api=API, base_url=server.url, api_key="k").embed(["a"])


def test_texts_that_are_none():
    e = engines.from_config(embeddings={"type": "openai", "engine": "e"}, api_key="k")
    for texts in ("a text", [3]):
        with pytest.raises(ep.BadOption):
            e.embed(texts)


@pytest.mark.parametrize(("kind", "path"), [("llamacpp", "/v1/rerank"), ("cohere", "/v2/rerank")])
def test_reranking(kind, path):
    rows = [{"index": 0, "relevance_score": 0.1}, {"index": 2, "relevance_score": 0.9}]
    with Server(answer(200, {"results": rows})) as server:
        e = engines.from_config(rerank={"type": kind, "engine": "bge"}, api=API, base_url=server.url, api_key="own")
        ranked = e.rerank("q", ["a", "b", "c"], top_n=2)
    assert [(each.index, each.score) for each in ranked] == [(2, 0.9), (0, 0.1)]
    (seen,) = server.seen
    assert (seen.path, seen.headers["authorization"]) == (path, "Bearer own")
    assert seen.body == {"model": "bge", "query": "q", "documents": ["a", "b", "c"], "top_n": 2}


def test_limits_of_reranking():
    with Server(answer(200, {"results": [], "padding": "x" * 200})) as server:
        limits = {"max_request_bytes": 100, "max_response_bytes": 100}
        e = engines.from_config(rerank={"type": "llamacpp", "engine": "e", **limits}, api=API, base_url=server.url)
        with pytest.raises(ep.ReplyUnreadable, match="over 100 bytes"):
            e.rerank("q", ["a"])
        with pytest.raises(ep.BadOption, match=r"`rerank\.max_request_bytes` of profile `config` is 100"):
            e.rerank("q", ["a" * 100])
    assert len(server.seen) == 1
    with pytest.raises(ep.AddressRefused, match="rerank-base-url"):
        engines.from_config(rerank={"type": "llamacpp", "engine": "e"})
    for rows in ([{"index": 7, "relevance_score": 1}], [{"index": 0, "relevance_score": 1}] * 2, [{"index": 0}]):
        with Server(answer(200, {"results": rows})) as server, pytest.raises(ep.ReplyUnreadable):
            engines.from_config(rerank={"type": "llamacpp", "engine": "e"}, api=API, base_url=server.url).rerank(
                "q", ["a"]
            )


# model_info


def test_limits_and_cost(profiles):
    def profile(**info):
        made = profiles["careful"]
        made.settings["model_info"] = info
        return made

    assert profile().effective_context_limit is profile().hard_context_limit is profile().cost({}) is None
    both = profile(context_window=1000, quality_high_watermark=600)
    assert (both.effective_context_limit, both.hard_context_limit) == (600, 1000)
    assert profile(context_window=1000).effective_context_limit == 1000
    assert profile(context_window=1000, quality_high_watermark=0).effective_context_limit == 0
    usage = {
        "input_tokens": 1_000_000,
        "output_tokens": 500_000,
        "cache_read_tokens": 300_000,
        "cache_write_tokens": 200_000,
    }
    prices = {"input": 2, "output": 10, "cache_read": 0.5, "cache_write": 4}
    assert profile(cost=prices).cost(usage) == pytest.approx(0.5 * 2 + 0.3 * 0.5 + 0.2 * 4 + 0.5 * 10)
    assert profile(cost={}).cost(usage) == 0
    # Without a price of its own, what is cached is input like the rest.
    assert profile(cost={"input": 2, "output": 10}).cost(usage) == pytest.approx(1 * 2 + 0.5 * 10)
    # A provider's counts do not always add up; nothing is ever paid back.
    odd = {"input_tokens": 1, "output_tokens": 0, "cache_read_tokens": 5}
    assert profile(cost={"input": 2, "cache_read": 0}).cost(odd) == 0
    # What is not known is no number.
    for unknown in ({"input": 1.0}, {"output": 2.0}, {"input": 1.0, "output": -2.0}, {"input": 1.0, "output": 10**400}):
        assert profile(cost=unknown).cost(usage) is None
    for unknown in ({"input_tokens": 10}, {**usage, "output_tokens": True}, {**usage, "input_tokens": -1}):
        assert profile(cost=prices).cost(unknown) is None
    assert profile(cost=prices).cost({**usage, "input_tokens": 10**400}) is None


def test_a_reply_costs(profiles):
    with Server(whole("openai")) as server:
        e = profiles["careful"].engine(overrides={
            "api": {**API, "base_urls": {"openai-base-url": server.url}},
            "model_info": {"cost": {"input": 1, "output": 10, "cache_read": 0.5}},
        })  # fmt: skip
        reply = e.run("hi")
        assert run(e) == "Hello"
    assert reply.usage == {"input_tokens": 10, "output_tokens": 2, "cache_read_tokens": 4}
    assert reply.cost == pytest.approx((6 + 2 + 20) / 1e6)
    assert reply.raw == REPLIES["openai"]


@pytest.mark.parametrize("counts", [{"prompt_tokens": 10}, {"prompt_tokens": 10, "completion_tokens": -2}])
def test_a_count_that_is_not_told_is_not_known(counts):
    with Server(answer(200, {**REPLIES["openai"], "usage": counts})) as server:
        found = engine(server.url, model_info={"cost": {"input": 1.0, "output": 2.0}}).run("hi")
    assert (found.usage, found.cost) == ({"input_tokens": 10}, None)


def test_numbers_that_no_float_holds():
    huge = int("9" * 400)
    counts = {"prompt_tokens": huge, "completion_tokens": huge}
    prices = {"cost": {"input": 1.0, "output": 1.0}}
    with Server(answer(200, {**REPLIES["openai"], "usage": counts})) as server:
        assert engine(server.url, model_info=prices).run("hi").cost is None
    choice = {"index": 0, "message": {"content": "1e999"}, "finish_reason": "stop"}
    with Server(answer(200, {"choices": [choice]})) as server, pytest.raises(ep.ReplyUnreadable):
        structured = {"structured_output_mode": "json_schema", "structured_output_name": "x"}
        structured |= {"structured_output_schema": '{"type":"integer"}', "structured_output_require_valid": True}
        engine(server.url, chat=structured).run("hi")
    rows = {"results": [{"index": 0, "relevance_score": huge}]}
    with Server(answer(200, rows)) as server, pytest.raises(ep.ReplyUnreadable):
        rerank = {"type": "llamacpp", "engine": "e"}
        engines.from_config(rerank=rerank, api=API, base_url=server.url).rerank("q", ["a"])
