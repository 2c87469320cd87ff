"""Whatever a provider sends: an answer, or one of our errors. Nothing else is raised, and nothing is half an answer."""

import json

import engineprofiles as ep
import pytest
from engine_servers import PROTOCOLS, REPLIES, STREAMS, engine, events
from engineprofiles import answers
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = [
    "choices",
    "message",
    "content",
    "delta",
    "index",
    "finish_reason",
    "reasoning",
    "refusal",
    "text",
    "type",
    "thinking",
    "error",
    "usage",
    "output",
    "summary",
    "status",
    "response",
    "incomplete_details",
    "candidates",
    "parts",
    "thought",
    "finishReason",
    "promptFeedback",
    "blockReason",
    "usageMetadata",
    "input_tokens",
    "output_tokens",
    "prompt_tokens",
    "promptTokenCount",
    "content_block",
    "stop_reason",
    "code",
    "reason",
    "details",
    "data",
    "embedding",
    "results",
    "relevance_score",
    "embeddings",
    "prompt_tokens_details",
]
WORDS = [
    *KEYS,
    "stop",
    "message_stop",
    "message_delta",
    "response.completed",
    "response.output_text.delta",
    "text_delta",
]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.floats(allow_nan=False), st.sampled_from(WORDS))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)
ENGINES = {
    api_type: engine("http://127.0.0.1:1", api_type, model_info={"cost": {"input": 1}}) for api_type in PROTOCOLS
}


def swapped(document, path, value):
    """The document with another value at one of its places."""
    if not path or not isinstance(document, (dict, list)) or not document:
        return value
    keys = sorted(document) if isinstance(document, dict) else range(len(document))
    key = keys[path[0] % len(keys)]
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[key] = swapped(document[key], path[1:], value)
    return copy


def is_sound(reply):
    assert isinstance(reply.text, str) and isinstance(reply.reasoning, (str, type(None)))
    assert reply.usage is None or all(isinstance(count, int) for count in reply.usage.values())


def read(api_type, body):
    e = ENGINES[api_type]
    try:
        is_sound(answers.reply(body, e.endpoint().protocol, e.settings, e.route().peer))
    except ep.EngineProfilesError as error:
        assert error.code in ("reply-unreadable", "refused-by-provider", "rate-limited")


def read_stream(api_type, pieces):
    e = ENGINES[api_type]
    incoming = answers.Incoming(e.endpoint().protocol, e.settings, e.route().peer)
    try:
        for piece in pieces:
            for delta in incoming.feed(piece):
                is_sound(delta)
            if incoming.is_over:
                break
        is_sound(incoming.end())
    except ep.EngineProfilesError as error:
        assert error.code in ("stream-broken", "refused-by-provider", "rate-limited")


@pytest.mark.parametrize("api_type", PROTOCOLS)
@settings(max_examples=150, deadline=None)
@given(tree=TREES, path=st.lists(st.integers(0, 3), max_size=6))
def test_any_document(api_type, tree, path):
    for document in (tree, swapped(REPLIES[api_type], path, tree)):
        read(api_type, json.dumps(document).encode())


@pytest.mark.parametrize("api_type", PROTOCOLS)
@settings(max_examples=150, deadline=None)
@given(tree=TREES, path=st.lists(st.integers(0, 7), max_size=7))
def test_any_document_in_a_stream(api_type, tree, path):
    documents = swapped(STREAMS[api_type], path, tree)
    read_stream(api_type, [events(*(documents if isinstance(documents, list) else [documents]), done=True)])
    read_stream(api_type, [events(tree)])


@pytest.mark.parametrize("api_type", PROTOCOLS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_bytes(api_type, data):
    body = bytearray(events(*STREAMS[api_type], done=True))
    for _ in range(data.draw(st.integers(0, 3))):
        position = data.draw(st.integers(0, len(body) - 1))
        body[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    cut = data.draw(st.integers(0, len(body)))
    read_stream(api_type, [bytes(body[:cut]), bytes(body[cut:])])
    read(api_type, bytes(body))


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_depth(api_type):
    deep = b"[" * 100_000
    read(api_type, deep)
    read_stream(api_type, [b"data: " + deep + b"\n\n"])


@given(tree=TREES)
@settings(max_examples=200, deadline=None)
def test_any_document_for_vectors_and_ranks(tree):
    e = ENGINES["openai"]
    for body in (json.dumps(each).encode() for each in (tree, {"data": tree}, {"embeddings": tree}, {"results": tree})):
        for read_it in (
            lambda body: answers.vectors(body, 1, e.settings, e.route().peer),
            lambda body: answers.ranks(body, 1, e.route().peer),
        ):
            try:
                read_it(body)
            except ep.EngineProfilesError as error:
                assert error.code in ("reply-unreadable", "refused-by-provider")


@pytest.mark.parametrize("text", ["nan", "inf", "-1e999", "x", ""])
def test_a_bias_that_json_has_no_number_for_is_refused(text):
    engine = ep.engines.from_config(model="gpt-4o", api_key="k", openai={"logit_bias": {"1": text}})
    with pytest.raises(ep.UnsupportedParameter) as caught:
        engine.request("hi")
    assert caught.value.details["field"] == "openai.logit_bias"
