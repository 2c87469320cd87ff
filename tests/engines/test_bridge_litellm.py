"""The bridge to LiteLLM puts the bodies of an engine on the wire, or refuses by name."""

import asyncio

import engineprofiles as ep
import pytest
from bridge_cases import CASES, MODELS, held_to_the_engine, settings
from engine_servers import KEY

litellm = pytest.importorskip("litellm")
pytestmark = [
    pytest.mark.usefixtures("unclosed"),
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning",
        "ignore::ResourceWarning",
        "ignore::UserWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    ),
]


MESSAGES = [{"role": "user", "content": "Hi"}]


def complete(arguments):
    assert litellm.completion(messages=MESSAGES, **arguments).choices[0].message.content == "Hello"


def stream(arguments):
    chunks = litellm.completion(messages=MESSAGES, **arguments)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello"


def acomplete(arguments):
    reply = asyncio.run(litellm.acompletion(messages=MESSAGES, **arguments))
    assert reply.choices[0].message.content == "Hello"


def held(bare, api_type, layer, ask, is_stream=False):
    def call(overrides):
        ask(bare.to_litellm(overrides=overrides, stream=is_stream))

    # LiteLLM sends Google's own default where nothing is set.
    adds = ("temperature",) if api_type == "gemini" else ()
    outcome = held_to_the_engine(bare, api_type, layer, call, is_stream, adds)
    if isinstance(outcome, ep.UnsupportedParameter):
        assert outcome.details["field"] in ("chat.structured_output_require_valid", "claude.user_id")


SPOKEN = [case for case in CASES if case.values[0] != "openai-responses"]
SPOKEN_MODELS = [case for case in MODELS if case.values[0] != "openai-responses"]


@pytest.mark.parametrize(("api_type", "layer"), SPOKEN)
def test_what_is_sent(bare, api_type, layer):
    held(bare, api_type, layer, complete)


@pytest.mark.parametrize(("api_type", "layer"), SPOKEN_MODELS)
def test_what_is_sent_by_async_code(bare, api_type, layer):
    held(bare, api_type, layer, acomplete)


@pytest.mark.parametrize(("api_type", "layer"), SPOKEN_MODELS)
def test_what_is_sent_for_a_stream(bare, api_type, layer):
    held(bare, api_type, layer, stream, is_stream=True)


def test_responses_are_refused_by_name(bare):
    with pytest.raises(ep.UnsupportedParameter, match="LiteLLM does not speak OpenAI Responses"):
        bare.to_litellm(overrides=settings("http://127.0.0.1:1", "openai-responses"))


def test_it_prints_no_credential(bare):
    arguments = bare.to_litellm(overrides=settings("http://127.0.0.1:1", "openai"))
    assert arguments["api_key"] == KEY
    assert KEY not in f"{arguments!r} {arguments}"
