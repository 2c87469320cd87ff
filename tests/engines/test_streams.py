"""Event streams: read whatever way they are cut into pieces, and an error where they are not whole."""

import asyncio

import engineprofiles as ep
import pytest
from engine_servers import (
    PROTOCOLS,
    STREAMED,
    STREAMS,
    Server,
    answer,
    engine,
    events,
    stream,
    streamed,
)
from engineprofiles.sse import Events, Malformed
from hypothesis import given, settings
from hypothesis import strategies as st

NAMED = ("claude", "openai-responses")


def body(api_type, documents=None, done=None):
    is_done = api_type == "openai" if done is None else done
    return events(*(STREAMS[api_type] if documents is None else documents), names=api_type in NAMED, done=is_done)


# The format

TEXTS = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=20)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXTS, st.lists(TEXTS, min_size=1, max_size=3)), max_size=4),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.data(),
)
def test_events_do_not_depend_on_how_they_are_cut(written, line_break, data):
    """Any split of the bytes gives the same events, with any line break, comments between them."""
    lines = [b"\xef\xbb\xbf: a comment"]
    for name, texts in written:
        lines += [b"event: " + name.encode(), *(b"data: " + text.encode() for text in texts), b": x", b"id: 7", b""]
    encoded = line_break.join(lines) + line_break
    cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=8)))
    reader, found = Events(), []
    for begin, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True):
        found += reader.feed(encoded[begin:end])
    assert found == [(name, "\n".join(texts)) for name, texts in written]
    assert reader.is_between


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
def test_events_byte_by_byte(line_break):
    reader, found = Events(), []
    for byte in line_break.join([b"event: a", b"data: 1", b"data: 2", b"", b"", b"data:3", b"", b""]):
        found += reader.feed(bytes([byte]))
    assert found == [("a", "1\n2"), ("", "3")]


def test_what_is_no_event_stream(monkeypatch):
    with pytest.raises(Malformed, match="UTF-8"):
        Events().feed(b"data: \xff\n")
    monkeypatch.setattr("engineprofiles.sse.LARGEST_EVENT", 100)
    reader = Events()
    assert len([reader.feed(b"data: " + b"x" * 80 + b"\n\n") for _ in range(5)]) == 5  # Each event for itself.
    for endless in (b"x" * 101, b"data: xxxxxxx\n" * 10):
        with pytest.raises(Malformed, match="over 100 bytes"):
            Events().feed(endless)


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_stream_cut_into_bytes(api_type, call):
    text = body(api_type).replace(b"Hel", "Hé🎈l".encode()).replace(b"\n", b"\r\n")
    pieces = [text[i : i + 1] for i in range(len(text))]
    with Server(stream(*pieces)) as server:
        assert call(engine(server.url, api_type)) == "Hé🎈llo"


# The Deltas


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_the_last_delta_tells_the_rest(api_type):
    prices = {"input": 1, "output": 10, "cache_read": 0.5}
    with Server(streamed(api_type)) as server, engine(server.url, api_type, model_info={"cost": prices}) as e:
        *deltas, last = e.stream("hi")
        (again,) = [delta for delta in asyncio.run(collect(e)) if delta.finish_reason]
    assert [delta.text for delta in deltas] == ["Hel", "lo"]
    assert not any(delta.finish_reason or delta.usage for delta in deltas)
    assert (last.text, last.finish_reason) == ("", "stop")
    assert last.usage == {"input_tokens": 10, "output_tokens": 2, "cache_read_tokens": 4}
    assert last.cost == pytest.approx((6 * 1 + 4 * 0.5 + 2 * 10) / 1e6)
    assert (again.usage, again.cost) == (last.usage, last.cost)


async def collect(e):
    return [delta async for delta in e.astream("hi")]


REASONING = {
    "openai": [
        {"choices": [{"delta": {"reasoning_content": "Hm"}}]},
        {"choices": [{"delta": {"reasoning": "m"}}]},
        {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "!"}]}]}}]},
        {"choices": [{"index": 1, "delta": {"content": "another choice"}}]},
        {"choices": [{"delta": {"content": [{"type": "text", "text": "Yes"}]}, "finish_reason": "length"}]},
    ],
    "openai-responses": [
        {"type": "response.reasoning_summary_text.delta", "delta": "Hm"},
        {"type": "response.reasoning_text.delta", "delta": "m!"},
        {"type": "response.output_text.delta", "delta": "Yes"},
        {
            "type": "response.incomplete",
            "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        },
    ],
    "claude": [
        {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hmm!"}},
        {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "abc"}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Yes"}},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ],
    "gemini": [
        {"candidates": [{"content": {"parts": [{"text": "Hmm!", "thought": True}]}}]},
        {"candidates": [{"content": {"parts": [{"text": "Yes"}]}, "finishReason": "MAX_TOKENS"}]},
    ],
}


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_reasoning_comes_apart_from_the_text(api_type):
    with Server(stream(body(api_type, REASONING[api_type]))) as server:
        deltas = list(engine(server.url, api_type).stream("hi"))
    assert "".join(delta.text for delta in deltas) == "Yes"
    assert "".join(delta.reasoning or "" for delta in deltas) == "Hmm!"
    assert deltas[-1].finish_reason == "length"


def test_a_refusal():
    chat = [
        {"choices": [{"delta": {"refusal": "I will not"}}]},
        {"choices": [{"delta": {}, "finish_reason": "content_filter"}]},
    ]
    responses = [
        {"type": "response.refusal.delta", "delta": "I will not"},
        {"type": "response.completed", "response": {"status": "completed"}},
    ]
    for api_type, documents, reason in (("openai", chat, "content_filter"), ("openai-responses", responses, "refusal")):
        with Server(stream(body(api_type, documents))) as server:
            deltas = list(engine(server.url, api_type).stream("hi"))
        assert ["".join(delta.text for delta in deltas), deltas[-1].finish_reason] == ["I will not", reason]


def test_a_blocked_prompt():
    with Server(stream(body("gemini", [{"promptFeedback": {"blockReason": "SAFETY"}}]))) as server:
        (last,) = engine(server.url, "gemini").stream("hi")
    assert last.finish_reason == "content_filter"


def test_a_stream_without_its_marker_is_whole_when_it_says_why_it_ended():
    with Server(stream(body("openai", done=False))) as server:
        assert [call(engine(server.url)) for call in STREAMED] == ["Hello", "Hello"]


# Faults: each is an error, after the Deltas that came before it


def broken(call, server, api_type, match, error=ep.StreamBroken, **options):
    with server, pytest.raises(error, match=match) as caught:
        call(engine(server.url, api_type, **options))
    return caught.value


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_stream_that_is_cut(api_type, call):
    first = body(api_type, STREAMS[api_type][:-1], done=False)
    for pieces in ([first[: len(first) // 2]], [first[:30]]):
        error = broken(call, Server(stream(*pieces, end=b"")), api_type, "closed within it")
        assert error.code == "stream-broken"
        assert error.details["received"] == len(pieces[0])
        assert error.details["profile"] == "config"


@pytest.mark.parametrize("call", STREAMED)
def test_a_stream_of_known_length_that_is_cut(call):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "10000")
        handler.end_headers()
        handler.wfile.write(body("openai", STREAMS["openai"][:4], done=False))  # It has said why it ended.
        handler.close_connection = True

    broken(call, Server(cut), "openai", "closed within it")


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_stream_that_ends_early_though_politely(api_type, call):
    # The documents up to the one before that which says why the answer ended.
    count = {"openai": 3, "openai-responses": 3, "claude": 7, "gemini": 1}[api_type]
    documents = STREAMS[api_type][:count]
    broken(call, Server(stream(body(api_type, documents, done=False))), api_type, "ended without saying why")
    broken(call, Server(stream(body(api_type, documents, done=True))), api_type, "ended without saying why")
    half = body(api_type, done=False)[:-3]
    broken(call, Server(stream(half)), api_type, "ended without saying why")


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_stream_that_stalls(api_type, call):
    first = body(api_type, STREAMS[api_type][:2], done=False)
    server = Server(stream(first, 4, b""))
    broken(call, server, api_type, r"nothing came for 0\.8 s, which is `client\.timeout`", timeout=0.8)


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize(
    "piece", [b"data: {oops\n\n", b"data: [1]\n\n", b'data: "x"\n\n', b"data: \xff\n\n", b"data: 3\n\n"]
)
def test_a_stream_with_a_garbled_piece(api_type, call, piece):
    first = body(api_type, STREAMS[api_type][:2], done=False)
    broken(call, Server(stream(first, piece)), api_type, "not what the protocol says|not UTF-8")


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_what_is_no_stream_at_all(api_type, call):
    for nothing in (answer(200, b""), answer(200, b"<html>"), answer(200, {"choices": []}), stream()):
        broken(call, Server(nothing), api_type, "ended without saying why")


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_document_where_a_stream_was_asked_for(api_type, call):
    told = answer(200, {"error": {"message": "no such deployment", "type": "x"}}, content_type="application/json")
    with Server(told) as server, pytest.raises(ep.ProviderRefused, match="no such deployment"):
        call(engine(server.url, api_type))
    page = answer(200, b"<html>\n\n</html>", content_type="text/html; charset=utf-8")
    broken(call, Server(page), api_type, "it is text/html, not an event stream")


ERRORS = {
    "openai": {"error": {"message": "out of capacity", "type": "server_error"}},
    "openai-responses": {"type": "error", "message": "out of capacity", "code": "server_error"},
    "claude": {"type": "error", "error": {"type": "overloaded_error", "message": "out of capacity"}},
    "gemini": {"error": {"code": 503, "status": "UNAVAILABLE", "message": "out of capacity"}},
}


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_an_error_told_in_the_middle(api_type, call):
    documents = [*STREAMS[api_type][:2], ERRORS[api_type]]
    server = Server(stream(body(api_type, documents)))
    error = broken(call, server, api_type, "out of capacity", ep.ProviderRefused)
    assert error.status is None
    assert len(server.seen) == 1  # What has begun is not asked again.


def test_a_rate_limit_told_in_the_middle():
    told = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    broken(STREAMED[0], Server(stream(body("claude", [told]))), "claude", "slow down", ep.RateLimited)
    failed = {"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}}
    broken(STREAMED[0], Server(stream(body("openai-responses", [failed]))), "openai-responses", "slow", ep.RateLimited)


def test_what_came_before_the_fault_was_given():
    first, fault = body("openai", STREAMS["openai"][:3], done=False), b"data: {oops\n\n"
    for pieces in ((first, fault), (first + fault,)):
        with Server(stream(*pieces)) as server:
            deltas = engine(server.url).stream("hi")
            assert [next(deltas).text, next(deltas).text] == ["Hel", "lo"]
            with pytest.raises(ep.StreamBroken):
                next(deltas)


@pytest.mark.parametrize("call", STREAMED)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_texts_that_are_none(api_type, call):
    odd = {
        "openai": {"choices": [{"delta": {"content": 3}}]},
        "openai-responses": {"type": "response.output_text.delta", "delta": {"x": 1}},
        "claude": {"type": "content_block_delta", "delta": {"type": "text_delta", "text": None}},
        "gemini": {"candidates": [{"content": {"parts": [{"text": 3}]}}]},
    }
    broken(call, Server(stream(body(api_type, [odd[api_type]]))), api_type, "not what the protocol says")


def test_messages_are_checked_when_the_stream_is_asked_for():
    with Server(streamed("openai")) as server:
        with pytest.raises(ep.BadOption):
            engine(server.url).stream([{"role": "tool", "content": "x"}])
        assert server.seen == []
