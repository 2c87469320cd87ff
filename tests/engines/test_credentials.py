"""Credentials: looked up when an engine is built, missing with a reason, and never seen again."""

import asyncio
import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import engineprofiles as ep
import pytest
from engine_servers import (
    EVERY,
    KEY,
    STREAMS,
    Server,
    answer,
    engine,
    events,
    hang_up,
    run,
    sleep,
    stream,
    whole,
)
from engineprofiles import credentials
from engineprofiles.credentials import Credential, LookupFailed


@pytest.fixture(autouse=True)
def _resolvers(monkeypatch):
    monkeypatch.setattr(credentials, "_RESOLVERS", dict(credentials._RESOLVERS))


# Looking up


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("SOME_KEY", f" {KEY}\n")
    assert credentials.look_up("env:SOME_KEY") == KEY
    for value, told in (("", "is empty"), (" ", "is empty"), ("a\nb", "no header can carry"), ("ключ", "no header")):
        monkeypatch.setenv("SOME_KEY", value)
        with pytest.raises(LookupFailed, match=told):
            credentials.look_up("env:SOME_KEY")
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(LookupFailed, match="`SOME_KEY` is not set"):
        credentials.look_up("env:SOME_KEY")


def test_from_a_file(tmp_path):
    file = tmp_path / "key"
    for written in (KEY, f"{KEY}\n", f"{KEY}\r\n"):
        file.write_text(written, newline="")
        assert credentials.look_up(f"file:{file}") == KEY
    file.write_bytes(b"k" * (64 << 10))
    assert len(credentials.look_up(f"file:{file}")) == 64 << 10
    refused = (
        (b"k" * (64 << 10) + b"k", "over 65536 bytes"),
        (b"\n", "is empty"),
        (b"\xff", "not text"),
        (b"a\nb", "header"),
    )
    for data, told in refused:
        file.write_bytes(data)
        with pytest.raises(LookupFailed, match=told):
            credentials.look_up(f"file:{file}")
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(LookupFailed, match="cannot be used"):
            credentials.look_up(f"file:{path}")


def test_other_schemes_are_registered(monkeypatch):
    with pytest.raises(LookupFailed, match="scheme `vault`") as caught:
        credentials.look_up("vault:secret/openai")
    assert "register_resolver('vault', function)" in caught.value.hint
    ep.register_resolver("vault", lambda path: f"{KEY}-of-{path}")
    assert credentials.look_up("vault:secret/openai") == f"{KEY}-of-secret/openai"

    def fail(path):
        raise PermissionError(f"denied for {KEY}")

    for resolver, told in (
        (fail, "gave PermissionError"),
        (lambda path: None, "gave no text"),
        (lambda path: "", "empty"),
    ):
        ep.register_resolver("vault", resolver)
        with pytest.raises(LookupFailed, match=told) as caught:
            credentials.look_up("vault:secret/openai")
        assert KEY not in str(caught.value)
    for scheme, resolver in (("", str), ("a:b", str), (3, str), ("vault", "text")):
        with pytest.raises(ep.BadOption):
            ep.register_resolver(scheme, resolver)


def test_an_engine_looks_up_when_it_is_built(build, monkeypatch):
    profile = ep.open(build)["careful"]
    with pytest.raises(ep.MissingCredential) as caught:
        profile.engine()
    assert str(caught.value) == (
        "`api.api_keys.openai-api-key` of profile `team/careful` refers to `env:OPENAI_API_KEY` (set by "
        "provider/default at provider.yaml:5:40): the environment variable `OPENAI_API_KEY` is not set\n"
        "help: set OPENAI_API_KEY where this runs"
    )
    assert caught.value.code == "missing-credential"
    assert caught.value.details == {
        "profile": "team/careful",
        "field": "api.api_keys.openai-api-key",
        "layer": "provider/default at provider.yaml:5:40",
        "reference": "env:OPENAI_API_KEY",
    }
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    e = profile.engine()
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    assert e.request("hi").revealed_headers()["Authorization"] == f"Bearer {KEY}"


def test_a_request_needs_no_credential(build):
    request = ep.open(build)["careful"].request("hi")
    assert request.url == "https://api.openai.com/v1/chat/completions"
    assert str(request.headers["Authorization"]) == "Bearer ********"
    assert request.headers["Authorization"].reference == "env:OPENAI_API_KEY"
    with pytest.raises(LookupFailed):
        request.revealed_headers()


def test_a_credential_that_no_layer_names(profiles):
    with pytest.raises(ep.MissingCredential, match=r"no layer sets `api\.api_keys\.groq-api-key`") as caught:
        profiles["careful"].engine(overrides={"chat": {"api_type": "groq"}})
    assert caught.value.details["reference"] is None
    with pytest.raises(ep.MissingCredential, match="`env:GROQ_API_KEY`"):
        ep.engines.from_config(model="m", api_type="groq", api={"api_keys": {"openai-api-key": KEY}})


def test_a_key_of_one_provider_never_goes_to_another(profiles):
    profile = profiles["careful"]
    for kind in ("groq", "mistral", "claude", "gemini", "openrouter"):
        with pytest.raises(ep.MissingCredential):
            profile.engine(overrides={"chat": {"api_type": kind}})


@pytest.mark.parametrize(
    ("api_type", "keys", "taken"),
    [
        ("claude", {"claude-api-key": "a", "anthropic-api-key": "b"}, "a"),
        ("anthropic", {"claude-api-key": "a", "anthropic-api-key": "b"}, "b"),
        ("anthropic", {"claude-api-key": "a"}, "a"),
        ("openai-responses", {"openai-api-key": "a"}, "a"),
        ("openai-responses", {"openai-api-key": "a", "openai-responses-api-key": "b"}, "b"),
        (
            "open-responses",
            {"openai-api-key": "a", "openai-responses-api-key": "b", "open-responses-api-key": "c"},
            "c",
        ),
        ("fireworks", {"openai-api-key": "a", "fireworks-api-key": "b"}, "b"),
        ("llamacpp", {"llama.cpp-api-key": "a"}, "a"),
    ],
)
def test_under_which_names_keys_are(api_type, keys, taken):
    allowed = {"allow_http": {api_type: True}, "allow_local_networks": {api_type: True}}
    for own in ({}, {"api_keys": dict.fromkeys(keys, "own")}):
        e = ep.engines.from_config(model="m", api_type=api_type, api={"api_keys": keys, **allowed}, chat=own)
        (credential,) = e.endpoint().credentials
        assert credential.reveal().removeprefix("Bearer ") == ("own" if own else taken)


def test_no_credential_where_none_is_wanted():
    for key in ("", None):
        with Server(whole("openai")) as server:
            e = engine(server.url, "llamacpp", api_key=key)
            run(e)
        assert "authorization" not in server.seen[0].headers
    # A server of the local network may do without, whatever it speaks.
    assert engine("http://127.0.0.1:1", "openai", api_key=None).endpoint().headers == {}
    with pytest.raises(ep.MissingCredential):
        engine("https://api.example.com", api_key=None)
    assert engine("https://api.example.com", api_key="").endpoint().headers == {}


def test_the_environments_key_goes_to_its_own_provider_alone(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert ep.engines.from_config(model="gpt-4.1").endpoint().credentials[0].reveal() == f"Bearer {KEY}"
    with pytest.raises(ep.MissingCredential, match="no credential for `openai`"):
        ep.engines.from_config(model="gpt-4.1", base_url="https://elsewhere.example/v1")
    section = {"base_urls": {"openai-base-url": "https://elsewhere.example/v1"}}
    with pytest.raises(ep.MissingCredential):
        ep.engines.from_config(model="gpt-4.1", api=section)


# Before a deployment


def test_missing(build, monkeypatch, tmp_path):
    everything = {
        "provider/claude": ["file:/nowhere/key"],
        "provider/default": ["env:OPENAI_API_KEY"],
        "team/careful": ["env:OPENAI_API_KEY"],
        "team/default": ["env:OPENAI_API_KEY"],
        "team/opus": ["file:/nowhere/key"],
    }
    assert ep.missing(build) == ep.missing(ep.open(build)) == ep.missing(str(build)) == everything
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert ep.missing(build) == {name: each for name, each in everything.items() if each == ["file:/nowhere/key"]}
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", str(build))
    ep.register_resolver("file", lambda path: KEY)
    assert ep.missing() == {}
    with pytest.raises(ep.BuildNotFound):
        ep.missing(tmp_path)


# A planted credential is nowhere to be seen


def test_a_credential_prints_as_stars():
    credential = Credential(KEY, "env:X").after("Bearer ")
    for text in (repr(credential), str(credential), f"{credential}", f"{credential:>20}", f"{[credential]}"):
        assert KEY not in text and "Bearer ********" in text
    for failing in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            failing(credential)
    assert credential.reveal() == f"Bearer {KEY}"
    with pytest.raises(AttributeError):
        _ = credential.__dict__


HERE = str(Path(__file__).parent)


def everywhere(error):
    """All that shows of an error: itself, its details, and its traceback with the variables of each frame."""
    shown = [str(error), repr(error), repr(error.args), repr(error.__dict__)]
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(HERE)]
        shown += list(told.format(chain=False))
        error = error.__cause__ or error.__context__
    return "\n".join(shown)


echoing = {"error": {"message": f"the key {KEY} is not known", "type": KEY}}
FAULTS = {
    "401": answer(401, echoing, x_request_id=KEY),
    "429": answer(429, echoing, retry_after="3600"),
    "500": answer(500, f"<html>{KEY}".encode()),
    "redirect": answer(302, b"", location=f"https://elsewhere.example/?key={KEY}"),
    "closed": hang_up,
    "late": sleep(0.5, whole("openai")),
    "not json": answer(200, KEY.encode()),
    "not http": lambda handler: handler.wfile.write(f"{KEY}\r\n\r\n".encode()),
    "bad length": lambda handler: handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\n\r\n".encode()),
    "bad chunk": stream(end=f"{KEY}\r\n".encode()),
    "error inside": stream(events(echoing)),
    "garbled": stream(f"data: {KEY}\n\n".encode()),
    "cut": stream(events(STREAMS["openai"][1]), end=b""),
    "ended": stream(events(STREAMS["openai"][1])),
}


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_shows_it(fault, call, caplog):
    caplog.set_level(logging.DEBUG, "engineprofiles")
    for api_type in ("openai", "claude", "gemini"):
        with Server(FAULTS[fault]) as server:
            try:
                call(engine(server.url, api_type, timeout=0.2))
            except ep.EngineProfilesError as error:
                echoes = fault in ("not json", "error inside", "garbled", "not http") or fault in ("401", "429", "500")
                shown = everywhere(error) if not echoes else str(error) + repr(error) + repr(error.details)
                assert KEY not in shown
            else:
                pytest.fail("no error")
    assert KEY not in caplog.text


def test_nothing_shows_it_when_nobody_listens(caplog):
    caplog.set_level(logging.DEBUG, "engineprofiles")
    proxy = {"proxy_url": f"http://user:{KEY}@127.0.0.1:1"}
    for client in ({}, proxy):
        for call in EVERY:
            with pytest.raises(ep.ConnectionFailed) as caught:
                call(engine("http://10.1.2.3:1" if client else "http://127.0.0.1:1", client=client))
            assert KEY not in everywhere(caught.value)
    assert KEY not in caplog.text


def test_no_object_shows_it():
    e = engine(f"http://user:{KEY}@127.0.0.1:1", "claude", client={"proxy_url": f"http://u:{KEY}@p:1"})
    request = e.request("hi")
    shown = [repr(each) for each in (e, request, e.endpoint(), e.endpoint().headers, request.headers, e._links)]
    assert KEY not in "".join(shown)


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": f"{KEY}\nX-Injected: 1"},
        {"api_key": 3, "model": KEY},
        {"base_url": f"http://user:{KEY}@api.example.com"},
        {"base_url": f"ftp://user:{KEY}@api.example.com"},
        {"base_url": f"https://user:{KEY}@"},
        {"base_url": f"https://user:{KEY}@[::1"},
        {"client": {"proxy_url": f"socks5://user:{KEY}@p:1"}},
        {"client": {"proxy_url": f"http://user:{KEY}@p:port"}},
        {"api": {"api_keys": {"openai-api-key": [KEY]}}},
        {"chat": {"api_keys": KEY}},
    ],
)
def test_no_refusal_of_options_shows_it(options):
    with pytest.raises(ep.EngineProfilesError) as caught:
        ep.engines.from_config(**{"model": "m", "api_key": "k", **options})
    error = caught.value
    assert KEY not in f"{error} {error!r} {error.details}" or options.get("model") == KEY


def test_a_cancelled_call_shows_nothing():
    async def cancel():
        with pytest.raises(asyncio.TimeoutError) as caught:
            await asyncio.wait_for(engine(server.url).arun("hi"), 0.2)
        return caught.value

    with Server(sleep(2, whole("openai"))) as server:
        assert KEY not in str(asyncio.run(cancel()))
