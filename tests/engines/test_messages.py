"""Messages on the wire: text, images, system, several turns; structured output; and replies as they come back."""

import base64
import json

import engineprofiles as ep
import pytest
from engine_servers import PROTOCOLS, REPLIES, WHOLE, Server, answer, engine, whole

PNG = b"\x89PNG\r\n\x1a\n0000"
ENCODED = base64.b64encode(PNG).decode()
TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "developer", "content": "Be kind."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": [{"type": "text", "text": "What"}, " is this?"]},
]


def body(api_type, messages="hi", **options):
    return engine("http://127.0.0.1:1", api_type, **options).request(messages).body


def test_several_turns():
    assert body("openai", TURNS)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "What is this?"},
    ]
    rest = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "What is this?"},
    ]
    sent = body("openai-responses", TURNS)
    assert (sent["instructions"], sent["input"]) == (
        "Be brief.\n\nBe kind.",
        [{"type": "message", **turn} for turn in rest],
    )
    sent = body("claude", TURNS)
    assert (sent["system"], sent["messages"]) == ("Be brief.\n\nBe kind.", rest)
    sent = body("gemini", TURNS)
    assert sent["systemInstruction"] == {"parts": [{"text": "Be brief.\n\nBe kind."}]}
    assert sent["contents"] == [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"text": "Hello"}]},
        {"role": "user", "parts": [{"text": "What"}, {"text": " is this?"}]},
    ]


def test_a_text_that_utf_8_cannot_hold():
    with Server(whole("openai")) as server:
        for call in WHOLE:
            assert call(engine(server.url), "half a pair: \ud83d") == "Hello"
    assert [seen.body["messages"][0]["content"] for seen in server.seen] == ["half a pair: \ud83d"] * 2


def test_a_system_message_further_on():
    late = [*TURNS, {"role": "system", "content": "Now in French."}, {"role": "user", "content": "And?"}]
    assert body("openai", late)["messages"][5]["role"] == "system"
    assert body("openai-responses", late)["input"][3]["role"] == "system"
    for api_type in ("claude", "gemini"):
        with pytest.raises(ep.BadOption, match=r"`messages\[5\]` is a system message after the conversation began"):
            body(api_type, late)


def image(**part):
    return [{"role": "user", "content": ["Look", {"type": "image", **part}]}]


@pytest.mark.parametrize(
    "part",
    [
        {"data": PNG},
        {"data": bytearray(PNG), "media_type": "image/png"},
        {"url": f"data:image/png;base64,{ENCODED}"},
        {"file": "FILE"},
    ],
)
def test_images_as_bytes(part, tmp_path):
    (tmp_path / "x").write_bytes(PNG)
    if "file" in part:
        part = {"file": tmp_path / "x"}
    url = f"data:image/png;base64,{ENCODED}"
    messages = image(**part)
    assert body("openai", messages)["messages"][0]["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    assert body("openai-responses", messages)["input"][0]["content"] == [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": url},
    ]
    assert body("claude", messages)["messages"][0]["content"][1] == {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": ENCODED},
    }
    assert body("gemini", messages)["contents"][0]["parts"] == [
        {"text": "Look"},
        {"inlineData": {"mimeType": "image/png", "data": ENCODED}},
    ]


def test_images_by_url():
    url = "https://example.com/cat.jpg"
    for messages in (image(url=url), [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]):
        assert body("openai", messages)["messages"][0]["content"][-1] == {
            "type": "image_url",
            "image_url": {"url": url},
        }
        assert body("openai-responses", messages)["input"][0]["content"][-1]["image_url"] == url
        assert body("claude", messages)["messages"][0]["content"][-1]["source"] == {"type": "url", "url": url}
        assert body("gemini", messages)["contents"][0]["parts"][-1] == {
            "fileData": {"fileUri": url, "mimeType": "image/jpeg"}
        }


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF0000WEBPVP8 "])
def test_kinds_of_images(data):
    kind = {b"\xff": "jpeg", b"G": "gif", b"R": "webp"}[data[:1]]
    assert body("gemini", image(data=data))["contents"][0]["parts"][1]["inlineData"]["mimeType"] == f"image/{kind}"


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (image(), "has 0 of `url`, `data` and `file`"),
        (image(url="https://x", data=PNG), "has 2 of"),
        (image(url="ftp://x"), "no http, https, gs or data URL"),
        (image(url=3), "no http"),
        (image(url="data:image/png,x"), "not base64"),
        (image(data="text"), "is str, not bytes"),
        (image(data=b"text"), "no PNG, JPEG, GIF or WebP"),
        (image(file="/nowhere/x.png"), "cannot be read: No such file"),
        (image(file=3.5), "cannot be read: TypeError"),
        ([{"role": "user", "content": 3}], "is int"),
        ([{"role": "user", "content": [3]}], "is no text and no image"),
        ([{"role": "user", "content": [{"type": "audio"}]}], "is no text and no image"),
        ([{"role": "assistant", "content": [{"type": "image", "data": PNG}]}], "not of the user"),
        ([{"role": "tool", "content": "x"}], "is not system, user or assistant"),
        ([{"role": "system", "content": "x"}], "nothing for the model to answer"),
        ([], "nothing for the model to answer"),
        (None, "is NoneType"),
        ([{"role": "user"}], "has no `role` and `content`"),
    ],
)
def test_messages_that_cannot_be_used(messages, told):
    for api_type in PROTOCOLS:
        with pytest.raises(ep.BadOption) as caught:
            body(api_type, messages)
        assert told in str(caught.value)
        assert caught.value.details["option"] == "messages"


def test_a_model_that_takes_no_images():
    assert body("openai", image(data=PNG), model_info={"input": ["text", "image"]})
    with pytest.raises(ep.UnsupportedParameter, match=r"`model_info\.input` .set by options.: it has no `image`"):
        body("openai", image(data=PNG), model_info={"input": ["text"]})


# Structured output

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}, "why": {"type": ["string", "null"]}},
    "required": ["answer", "why"],
    "additionalProperties": False,
}
CHAT = {
    "structured_output_mode": "JSON_Schema",
    "structured_output_name": "answer",
    "structured_output_description": "The answer",
    "structured_output_schema": json.dumps(SCHEMA),
}
DESCRIBED = {"description": "The answer", **SCHEMA}


def test_structured_output_on_the_wire():
    named = {"name": "answer", "description": "The answer", "schema": SCHEMA, "strict": True}
    assert body("openai", chat=CHAT)["response_format"] == {"type": "json_schema", "json_schema": named}
    assert body("openai-responses", chat=CHAT)["text"] == {"format": {"type": "json_schema", **named}}
    assert body("claude", chat=CHAT)["output_config"] == {"format": {"type": "json_schema", "schema": DESCRIBED}}
    assert body("gemini", chat=CHAT)["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": DESCRIBED,
    }
    lax = body("openai", chat={**CHAT, "structured_output_strict": False})["response_format"]["json_schema"]
    assert lax["strict"] is False
    assert "response_format" not in body("openai", chat={**CHAT, "structured_output_mode": "off"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"structured_output_mode": "yaml"}, "mode"),
        ({"structured_output_name": ""}, "mode"),
        ({"structured_output_schema": ""}, "mode"),
        ({"structured_output_schema": "{oops"}, "schema"),
        ({"structured_output_schema": "[]"}, "schema"),
        ({"structured_output_schema": "{}"}, "schema"),
    ],
)
def test_structured_output_that_is_not_whole(change, field):
    for api_type in PROTOCOLS:
        with pytest.raises(ep.UnsupportedParameter) as caught:
            body(api_type, chat={**CHAT, **change})
        assert caught.value.details["field"] == f"chat.structured_output_{field}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"answer": 4, "why": null}', None),
        ('{"answer": 4.0, "why": "so"}', None),
        ('{"answer": "4", "why": null}', "$.answer is not of type integer"),
        ('{"answer": 4}', "$ has no `why`"),
        ('{"answer": 4, "why": 3}', "not of type string or null"),
        ('{"answer": true, "why": null}', "$.answer is not of type integer"),
        ('{"answer": 4, "why": null, "x": 1}', "$.x is not allowed"),
        ("[]", "$ is not of type object"),
        ('{"answer": 4,', "it is not JSON"),
        ("", "it is not JSON"),
    ],
)
def test_require_valid(text, told):
    reply = {"choices": [{"message": {"content": text}, "finish_reason": "length"}]}
    chat = {**CHAT, "structured_output_require_valid": True}
    with Server(whole("openai", reply)) as server:
        for call in WHOLE:
            e = engine(server.url, chat=chat)
            if told is None:
                assert call(e) == text
                continue
            with pytest.raises(ep.ReplyUnreadable) as caught:
                call(e)
            assert told in str(caught.value) and "ended with 'length'" in str(caught.value)
        assert engine(server.url, chat=CHAT).run("hi").text == text


SCHEMAS = [
    {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
    {"enum": [1, "a", None, [1]]},
    {"const": {"a": 1}},
    {"anyOf": [{"type": "string", "minLength": 2}, {"type": "number", "minimum": 0, "exclusiveMaximum": 5}]},
    {"oneOf": [{"type": "integer"}, {"type": "number", "maximum": 3}]},
    {"allOf": [{"type": "object"}, {"required": ["a"]}]},
    {"not": {"type": "string", "pattern": "^a"}},
    {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"a": {"$ref": "#/$defs/node"}}}}},
    {"prefixItems": [{"type": "string"}], "items": False},
    {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1}},
    {"type": ["integer", "boolean"], "exclusiveMinimum": 0, "description": "x"},
    True,
    False,
]
VALUES = [None, True, False, 0, 1, 2.0, 2.5, 5, -1, "", "a", "ab", [], [1], [1, 2], [1, 2, 3], ["a"], ["a", 1], {}]
VALUES += [{"a": 1}, {"a": {}}, {"a": {"a": 3}}, {"a": {"a": {}}}, {"a": "b"}, {"a": "bb"}, [True], [[1]]]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_check_agrees_with_jsonschema(schema):
    from engineprofiles.schema_check import problem
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)
    for value in VALUES:
        assert (problem(value, schema) is None) == validator.is_valid(value), (schema, value)


# Replies


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_plain_reply(api_type):
    with Server(whole(api_type)) as server:
        reply = engine(server.url, api_type, model_info={"cost": {"input": 1, "output": 1}}).run("hi")
    assert (reply.text, reply.finish_reason, reply.reasoning, reply.raw) == ("Hello", "stop", None, REPLIES[api_type])
    assert reply.usage == {"input_tokens": 10, "output_tokens": 2, "cache_read_tokens": 4}
    assert reply.cost == pytest.approx(12e-6)


THOUGHTFUL = {
    "openai": {"choices": [{"message": {"content": "Yes", "reasoning_content": "Hm"}, "finish_reason": "stop"}]},
    "openai-responses": {
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {
                "type": "message",
                "content": [{"type": "output_text", "text": "Y"}, {"type": "output_text", "text": "es"}],
            },
        ],
    },
    "claude": {
        "content": [{"type": "thinking", "thinking": "Hm", "signature": "x"}, {"type": "text", "text": "Yes"}],
        "stop_reason": "stop_sequence",
    },
    "gemini": {
        "candidates": [
            {
                "content": {"parts": [{"text": "Hm", "thought": True}, {"text": "Y"}, {"text": "es"}]},
                "finishReason": "STOP",
            }
        ]
    },
}


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_reply_with_thoughts_and_without_usage(api_type):
    with Server(whole(api_type, THOUGHTFUL[api_type])) as server:
        reply = engine(server.url, api_type, model_info={"cost": {}}).run("hi")
    assert (reply.text, reply.reasoning, reply.finish_reason, reply.usage, reply.cost) == (
        "Yes",
        "Hm",
        "stop",
        None,
        None,
    )


def finished(api_type, word):
    return {
        "openai": {"choices": [{"message": {"content": "x"}, "finish_reason": word}]},
        "openai-responses": {"status": "incomplete", "incomplete_details": {"reason": word}, "output": []},
        "claude": {"content": [{"type": "text", "text": "x"}], "stop_reason": word},
        "gemini": {"candidates": [{"finishReason": word}]},
    }[api_type]


@pytest.mark.parametrize(
    ("api_type", "word", "told"),
    [
        ("openai", "length", "length"),
        ("openai", "content_filter", "content_filter"),
        ("openai", "tool_calls", "tool_calls"),
        ("openai", None, None),
        ("openai-responses", "max_output_tokens", "length"),
        ("openai-responses", "content_filter", "content_filter"),
        ("claude", "max_tokens", "length"),
        ("claude", "model_context_window_exceeded", "length"),
        ("claude", "refusal", "refusal"),
        ("claude", "tool_use", "tool_calls"),
        ("claude", "pause_turn", "pause_turn"),
        ("gemini", "MAX_TOKENS", "length"),
        ("gemini", "SAFETY", "content_filter"),
        ("gemini", "PROHIBITED_CONTENT", "content_filter"),
        ("gemini", "SOMETHING_NEW", "something_new"),
    ],
)
def test_why_an_answer_ended(api_type, word, told):
    with Server(whole(api_type, finished(api_type, word))) as server:
        assert engine(server.url, api_type).run("hi").finish_reason == told


def test_refusals_and_blocks():
    chat = {"choices": [{"message": {"content": None, "refusal": "No"}, "finish_reason": "stop"}]}
    responses = {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No"}]}]}
    for api_type, document in (("openai", chat), ("openai-responses", responses)):
        with Server(whole(api_type, document)) as server:
            reply = engine(server.url, api_type).run("hi")
        assert (reply.text, reply.finish_reason) == ("No", "refusal")
    with Server(whole("gemini", {"promptFeedback": {"blockReason": "SAFETY"}})) as server:
        reply = engine(server.url, "gemini").run("hi")
    assert (reply.text, reply.finish_reason) == ("", "content_filter")


def test_usage_as_each_provider_counts():
    counted = {
        "openai": {"prompt_tokens": 9, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 3}},
        "openai-responses": {"input_tokens": 9, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 3}},
        "gemini": {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 3},
    }
    for api_type, counts in counted.items():
        name = "usageMetadata" if api_type == "gemini" else "usage"
        with Server(whole(api_type, {**REPLIES[api_type], name: counts})) as server:
            usage = engine(server.url, api_type).run("hi").usage
        assert usage == {"input_tokens": 9, "output_tokens": 5, "reasoning_tokens": 3}
    counts = {"input_tokens": 2, "output_tokens": 5, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 3}
    with Server(whole("claude", {**REPLIES["claude"], "usage": counts})) as server:
        usage = engine(server.url, "claude").run("hi").usage
    assert usage == {"input_tokens": 9, "output_tokens": 5, "cache_read_tokens": 4, "cache_write_tokens": 3}


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_an_error_in_a_successful_answer(api_type):
    told = {"error": {"message": "the model is not loaded", "type": "server_error"}}
    with Server(answer(200, told)) as server, pytest.raises(ep.ProviderRefused, match="server_error: the model is not"):
        engine(server.url, api_type).run("hi")
