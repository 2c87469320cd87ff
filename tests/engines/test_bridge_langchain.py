"""The bridge to LangChain puts the bodies of an engine on the wire, or refuses by name."""

import asyncio

import engineprofiles as ep
import pytest
from bridge_cases import CASES, MODELS, held_to_the_engine

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
