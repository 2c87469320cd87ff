"""The bridges to the official SDKs put the bodies of an engine on the wire, or refuse by name."""

import asyncio
import sys

import engineprofiles as ep
import pytest
from bridge_cases import CASES, MODELS, held_to_the_engine, settings, whole
from engine_servers import KEY, Server, answer

pytest.importorskip("anthropic")
pytest.importorskip("google.genai")
pytest.importorskip("openai")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MESSAGES = [{"role": "user", "content": "Hi"}]


def create(call, stream):
    """The call of the SDK, with the words of its protocol for the messages."""
    if call.protocol == "gemini":
        models = call.client.models
        method = models.generate_content_stream if stream else models.generate_content
        return method(contents="Hi", **call.arguments)
    if call.protocol == "openai-responses":
        items = [{"type": "message", **message} for message in MESSAGES]
        return call.client.responses.create(input=items, **call.arguments)
    resource = call.client.chat.completions if call.protocol == "openai-chat" else call.client.messages
    return resource.create(messages=MESSAGES, **call.arguments)


def bridge(profile, api_type):
    return {"claude": profile.to_anthropic, "gemini": profile.to_genai}.get(api_type, profile.to_openai)


@pytest.mark.parametrize(("api_type", "layer"), CASES)
def test_what_is_sent(bare, api_type, layer):
    held(bare, api_type, layer, stream=False)


@pytest.mark.parametrize(("api_type", "layer"), MODELS)
def test_what_is_sent_for_a_stream(bare, api_type, layer):
    held(bare, api_type, layer, stream=True)


def held(bare, api_type, layer, stream):
    def ask(overrides):
        options = {} if api_type == "gemini" else {"stream": stream}
        call = bridge(bare, api_type)(overrides=overrides, **options)
        reply = create(call, stream)
        if stream:
            list(reply)
        call.client.close()

    outcome = held_to_the_engine(bare, api_type, layer, ask, stream)
    assert not isinstance(outcome, ep.UnsupportedParameter) or "require_valid" in str(outcome)


# What is sent beside the body, and what is not.


def asked(bare, api_type, layer, path="", **environment):
    """The one request that reaches the server."""
    with Server(whole(api_type)) as server:
        overrides = settings(server.url, api_type, layer)
        for key, url in overrides["api"]["base_urls"].items():
            overrides["api"]["base_urls"][key] = url + path
        call = bridge(bare, api_type)(overrides=overrides)
        create(call, False)
        call.client.close()
    (seen,) = server.seen
    return seen


API_TYPES = ["openai", "openai-responses", "claude", "gemini"]
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-other",
    "OPENAI_BASE_URL": "http://127.0.0.1:1",
    "OPENAI_ORG_ID": "org-other",
    "OPENAI_PROJECT_ID": "project-other",
    "ANTHROPIC_API_KEY": "sk-other",
    "ANTHROPIC_AUTH_TOKEN": "sk-other",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
    "GOOGLE_API_KEY": "sk-other",
    "GOOGLE_GENAI_API_VERSION": "v1",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
}


@pytest.mark.parametrize("api_type", API_TYPES)
def test_the_environment_of_the_sdk_is_without_effect(bare, api_type, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    seen = asked(bare, api_type, {})
    assert not any("other" in value for value in seen.headers.values())
    assert KEY in "".join(seen.headers.values())


@pytest.mark.parametrize("api_type", API_TYPES)
def test_the_client_settings_are_honoured(bare, api_type):
    client = {"user_agent": "ours/1", "organization": "org-1"}
    seen = asked(bare, api_type, {"client": client})
    assert "ours/1" in seen.headers["user-agent"]  # Google's adds its own.
    assert seen.headers.get("openai-organization") == ("org-1" if api_type.startswith("openai") else None)


@pytest.mark.parametrize("api_type", API_TYPES)
def test_a_proxy_is_asked(bare, api_type, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Server(whole(api_type)) as proxy:
        client = {"proxy_url": proxy.url.replace("//", "//me:word@")}
        layer = settings("http://provider.test", api_type, {"client": client})
        call = bridge(bare, api_type)(overrides=layer)
        create(call, False)
        call.client.close()
    assert proxy.seen[0].path.startswith("http://provider.test/")
    assert proxy.seen[0].headers["proxy-authorization"] == "Basic bWU6d29yZA=="


@pytest.mark.parametrize("api_type", API_TYPES)
def test_the_environments_proxies_can_be_turned_off(bare, api_type, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert asked(bare, api_type, {"client": {"proxy_from_environment": False}})


@pytest.mark.parametrize("api_type", API_TYPES)
def test_redirects_are_not_followed(bare, api_type):
    with Server(answer(307, b"", location="/elsewhere")) as server:
        call = bridge(bare, api_type)(overrides=settings(server.url, api_type))
        with pytest.raises(Exception, match=r"307|[Rr]edirect"):
            create(call, False)
        call.client.close()
    assert {seen.path.partition("?")[0] for seen in server.seen} == {server.seen[0].path.partition("?")[0]}


@pytest.mark.parametrize("api_type", ["openai", "claude"])
def test_a_server_that_asks_for_no_credential_is_shown_none(bare, api_type, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    seen = asked(bare, api_type, {"api": {"api_keys": {f"{api_type}-api-key": ""}, **_allowed(api_type)}})
    assert seen.headers.get("authorization", "Bearer -") == "Bearer -"
    assert "x-api-key" not in seen.headers


def _allowed(api_type):
    return {"allow_http": {api_type: True}, "allow_local_networks": {api_type: True}}


@pytest.mark.parametrize("api_type", ["openai", "claude"])
def test_a_query_of_the_base_url_is_kept(bare, api_type):
    assert "api-version=7" in asked(bare, api_type, {}, path="?api-version=7").path


def test_a_query_that_cannot_be_sent_is_refused(bare):
    with pytest.raises(ep.UnsupportedParameter, match=r"`api\.base_urls` .*has no place for it"):
        asked(bare, "gemini", {}, path="?a=1")


@pytest.mark.parametrize("api_type", API_TYPES)
@pytest.mark.parametrize(("timeout", "seconds"), [(None, 60), (7, 7), (0, None)])
def test_the_time_limit_is_the_engines(bare, api_type, timeout, seconds):
    layer = {} if timeout is None else {"client": {"timeout": timeout}}
    call = bridge(bare, api_type)(overrides=settings("http://127.0.0.1:1", api_type, layer))
    if api_type == "gemini":
        assert call.client._api_client._http_options.timeout == (None if seconds is None else seconds * 1000)
    else:
        assert call.client.timeout == seconds
    call.client.close()


@pytest.mark.parametrize("api_type", API_TYPES)
def test_no_credential_is_shown(bare, api_type):
    call = bridge(bare, api_type)(overrides=settings("http://127.0.0.1:1", api_type))
    assert KEY not in f"{call!r} {call.client!r} {call.arguments!r}"
    assert repr(call).startswith("<SdkCall ")
    call.client.close()


@pytest.mark.parametrize(
    ("api_type", "method"), [("claude", "to_openai"), ("gemini", "to_anthropic"), ("openai", "to_genai")]
)
def test_another_protocol_is_refused_by_name(bare, api_type, method):
    with pytest.raises(ep.UnsupportedParameter) as caught:
        getattr(bare, method)(overrides=settings("http://127.0.0.1:1", api_type), on_unsupported="drop")
    assert caught.value.details["field"] == "chat.api_type"
    assert caught.value.hint == f"use `profile.{bridge(bare, api_type).__name__}()`, or `profile.engine()`"


def test_on_unsupported(bare):
    overrides = settings("http://127.0.0.1:1", "claude", {"inference": {"seed": 3, "temperature": 0.5}})
    with pytest.raises(ep.UnsupportedParameter, match=r"`inference\.seed` \(set by overrides\)"):
        bare.to_anthropic(overrides=overrides)
    with pytest.warns(UserWarning, match="not sent") as caught:
        call = bare.to_anthropic(overrides=overrides, on_unsupported="warn")
    assert caught[0].filename == __file__
    assert call.arguments == {"model": "claude-opus-4-5", "max_tokens": 4096, "extra_body": {"temperature": 0.5}}
    assert bare.to_anthropic(overrides=overrides, on_unsupported="drop").arguments == call.arguments
    with pytest.raises(ep.BadOption, match="did you mean `drop`"):
        bare.to_anthropic(overrides=overrides, on_unsupported="drpo")


def test_a_checked_reply_is_not_promised(bare):
    chat = {"structured_output_require_valid": True}
    with pytest.raises(ep.UnsupportedParameter, match="require_valid"):
        bare.to_openai(overrides=settings("http://127.0.0.1:1", "openai", {"chat": chat}))
    bare.to_openai(
        overrides=settings("http://127.0.0.1:1", "openai", {"chat": {**chat, "structured_output_require_valid": False}})
    )


def test_the_addresses_are_checked(bare):
    overrides = settings("http://127.0.0.1:1", "openai")
    del overrides["api"]["allow_local_networks"]
    with pytest.raises(ep.AddressRefused):
        bare.to_openai(overrides=overrides)


def test_a_baseline_lies_below(bare, monkeypatch):
    baseline = {"inference": {"temperature": 0.1}, "api": {"api_keys": {"openai-api-key": "k"}}}
    assert bare.to_openai(baseline=baseline).arguments == {"model": "m", "temperature": 0.1}


@pytest.mark.parametrize("api_type", API_TYPES)
def test_async_clients(bare, api_type):
    with Server(whole(api_type)) as server:
        overrides = settings(server.url, api_type)

        async def ask():
            options = {} if api_type == "gemini" else {"asynchronous": True}
            call = bridge(bare, api_type)(overrides=overrides, **options)
            if api_type == "gemini":
                await call.client.aio.models.generate_content(contents="Hi", **call.arguments)
                await call.client.aio.aclose()
                call.client.close()
            else:
                await create(call, False)
                await call.client.close()

        asyncio.run(ask())
    assert KEY in "".join(server.seen[0].headers.values())


@pytest.mark.parametrize("name", ["openai", "anthropic", "genai", "langchain", "pydantic_ai", "litellm"])
def test_a_library_that_is_missing_is_named(bare, name, monkeypatch):
    api_type = {"anthropic": "claude", "genai": "gemini"}.get(name, "openai")
    root = {"genai": "google.genai", "langchain": "langchain_openai"}.get(name, name)
    for module in [each for each in sys.modules if each == root or each.startswith(f"{root}.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, root, None)
    with pytest.raises(ep.BadOption, match="is not installed") as caught:
        getattr(bare, f"to_{name}")(overrides=settings("http://127.0.0.1:1", api_type))
    assert caught.value.hint == f'pip install "engine-profiles[{name.replace("_", "-")}]"'
