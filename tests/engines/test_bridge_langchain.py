"""The bridge to LangChain puts the bodies of an engine on the wire, or refuses by name."""

import asyncio

import engineprofiles as ep
import pytest
from bridge_cases import CASES, MODELS, held_to_the_engine, settings, whole
from engine_servers import KEY, Server

pytest.importorskip("langchain_anthropic")
pytest.importorskip("langchain_google_genai")
pytest.importorskip("langchain_openai")
# A model of LangChain is never closed.
pytestmark = [
    pytest.mark.usefixtures("unclosed"),
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning",
        "ignore::ResourceWarning",
        "ignore::UserWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    ),
]


def invoke(model):
    assert model.invoke("Hi").text == "Hello"


def stream(model):
    assert "".join(chunk.text for chunk in model.stream("Hi")) == "Hello"


def ainvoke(model):
    assert asyncio.run(model.ainvoke("Hi")).text == "Hello"


def held(bare, api_type, layer, ask, is_stream=False):
    outcome = held_to_the_engine(bare, api_type, layer, lambda o: ask(bare.to_langchain(overrides=o)), is_stream)
    assert not isinstance(outcome, ep.UnsupportedParameter) or "require_valid" in str(outcome)


@pytest.mark.parametrize(("api_type", "layer"), CASES)
def test_what_is_sent(bare, api_type, layer):
    held(bare, api_type, layer, invoke)


@pytest.mark.parametrize(("api_type", "layer"), MODELS)
def test_what_is_sent_by_async_code(bare, api_type, layer):
    held(bare, api_type, layer, ainvoke)


@pytest.mark.parametrize(("api_type", "layer"), MODELS)
def test_what_is_sent_for_a_stream(bare, api_type, layer):
    held(bare, api_type, layer, stream, is_stream=True)


@pytest.mark.parametrize("api_type", ["openai", "openai-responses", "claude", "gemini"])
def test_the_client_settings_are_honoured_and_the_credential_is_not_shown(bare, api_type):
    client = {"user_agent": "ours/1", "organization": "org-1", "timeout": 7}
    with Server(whole(api_type)) as server:
        model = bare.to_langchain(overrides=settings(server.url, api_type, {"client": client}))
        invoke(model)
    (seen,) = server.seen
    assert "ours/1" in seen.headers["user-agent"]
    assert seen.headers.get("openai-organization") == ("org-1" if api_type.startswith("openai") else None)
    assert KEY in "".join(seen.headers.values())
    assert KEY not in f"{model!r} {model}"
