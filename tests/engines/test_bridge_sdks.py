"""The bridges to the official SDKs put the bodies of an engine on the wire, or refuse by name."""

import asyncio

import engineprofiles as ep
import pytest
from bridge_cases import CASES, MODELS, held_to_the_engine, profile, settings
from engine_servers import KEY, Server, answer

pytest.importorskip("anthropic")
pytest.importorskip("google.genai")
pytest.importorskip("openai")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    return profile(tmp_path_factory.mktemp("build"))


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
        answer = create(call, stream)
        if stream:
            list(answer)
        call.client.close()

    outcome = held_to_the_engine(bare, api_type, layer, ask, stream)
    assert not isinstance(outcome, ep.UnsupportedParameter) or "require_valid" in str(outcome)
