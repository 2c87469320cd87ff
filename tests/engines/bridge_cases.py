"""fields and models -> settings of each protocol, and what an engine sends for them: what every bridge is held to."""

import copy
import re

import engineprofiles as ep
import pytest
from engine_servers import BASES, KEY, REPLIES, STREAMS, Server, answer, events, stream
from engineprofiles.wire import table
from test_fields import API_TYPES, STRUCTURED, value_of


def settings(url, api_type, *layers):
    """Overrides that ask a server on this machine, with further {section: {field: value}} laid on top."""
    names = {"openai-responses": "open-responses"}
    name = names.get(api_type, api_type)
    merged = {
        "api": {
            "api_keys": {f"{name}-api-key": KEY},
            "base_urls": {f"{name}-base-url": url + BASES.get(api_type, "/v1")},
            "allow_http": {api_type: True},
            "allow_local_networks": {api_type: True},
        },
        "chat": {
            "engine": {"claude": "claude-opus-4-5", "gemini": "gemini-x"}.get(api_type, "m"),
            "api_type": api_type,
        },
    }
    for layer in layers:
        for section, fields in layer.items():
            merged[section] = {**merged.get(section, {}), **fields}
    return merged


def field_cases():
    """(api type, layer) of every field of the table, alone, and of all that usually go together."""
    for protocol, api_type in API_TYPES.items():
        for field, row in table.CHAT_FIELDS.items():
            section, _, name = field.partition(".")
            if row[table.CHAT.index(protocol)] and field != "chat.engine":
                layer = {"chat": dict(STRUCTURED)} if name.startswith("structured") else {}
                layer[section] = {**layer.get(section, {}), name: value_of(field)}
                yield pytest.param(api_type, layer, id=f"{api_type}-{field}")


COMMON = {"inference": {"temperature": 0.5, "top_p": 0.9, "max_response_tokens": 99}}
_MODELS = [
    ("openai", "gpt-4.1", {"inference": {**COMMON["inference"], "stop": ["END"], "seed": 7}}),
    ("openai", "gpt-5-mini", {"inference": {"reasoning_effort": "low", "max_response_tokens": 99}}),
    ("openai", "gpt-5.1", {"inference": {**COMMON["inference"], "reasoning_effort": "none"}}),
    ("openai", "o1-mini", {"inference": {**COMMON["inference"], "stop": ["END"]}, "model_info": {"reasoning": False}}),
    ("openai", "o3", {"inference": {"max_response_tokens": 99, "seed": 7}}),
    ("openai", "gpt-5-mini", {"inference": COMMON["inference"], "model_info": {"reasoning": False}}),
    ("mistral", "mistral-small", {"inference": {**COMMON["inference"], "seed": 7, "stop": ["END"]}}),
    ("ollama", "llama3", {"ollama": {"temperature": 0.3, "num-predict": 9, "stop": ["END"]}}),
    ("openai-responses", "gpt-4.1", COMMON),
    ("openai-responses", "gpt-5-mini", {"inference": {"reasoning_effort": "low", "reasoning_summary": "auto"}}),
    ("openai-responses", "gpt-5-mini", {"inference": COMMON["inference"], "model_info": {"reasoning": False}}),
    ("openai-responses", "o3-pro", {"openai": {"include_reasoning_encrypted": True, "parallel_tool_calls": False}}),
    ("claude", "claude-opus-4-5", {**COMMON, "claude": {"top_k": 4, "user_id": "u1"}}),
    ("claude", "claude-3-haiku-20240307", {"chat": {"stop": ["END"], "temperature": 0}}),
    ("claude", "claude-sonnet-4-5", {"inference": {"thinking_budget": 2048, "max_response_tokens": 9000}}),
    ("claude", "claude-opus-4-7", {"inference": {"thinking_type": "enabled", "reasoning_effort": "high"}}),
    (
        "claude",
        "claude-sonnet-5",
        {"inference": {"reasoning_effort": "low"}, "model_info": {"max_output_tokens": 64000}},
    ),
    ("claude", "claude-fable-5", {"inference": {"max_response_tokens": 99}}),
    ("claude", "claude-opus-4-6", COMMON),
    ("claude", "claude-haiku-5", COMMON),
    ("claude", "m", COMMON),
    ("openai", "gpt-5-chat-latest", COMMON),
    ("openai-responses", "gpt-5-chat-latest", COMMON),
    ("gemini", "gemini-3.6-flash", COMMON),
    ("gemini", "gemini-2.5-flash", {"inference": {**COMMON["inference"], "stop": ["END"], "seed": 7}}),
    ("gemini", "gemini-2.5-flash", {"gemini": {"thinking_budget": 0}}),
    ("gemini", "gemini-2.5-pro", {"gemini": {"thinking_budget": 512, "include_thoughts": True}}),
    ("gemini", "gemini-3-pro", {"gemini": {"thinking_level": "low"}, **COMMON}),
    (
        "gemini",
        "gemini-3.5-flash",
        {"inference": {"reasoning_effort": "high", "seed": 1}, "gemini": {"api_version": "v1"}},
    ),
]


def model_cases():
    for number, (api_type, model, layer) in enumerate(_MODELS):
        chat = {**layer.get("chat", {}), "engine": model}
        yield pytest.param(api_type, {**layer, "chat": chat}, id=f"{number}-{model}")


FIELDS = list(field_cases())
MODELS = list(model_cases())
CASES = [*FIELDS, *MODELS]


# What frameworks want in an answer beside what the protocols' examples in engine_servers have.
_COMPLETE = {
    "openai": {"id": "1", "object": "chat.completion", "created": 1, "model": "m"},
    "openai-responses": {
        "id": "1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    },
    "claude": {"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None},
    "gemini": {},
}
_PART = {"item_id": "2", "output_index": 0, "content_index": 0}


def complete(api_type, document):
    document = {**_COMPLETE[api_type], **document}
    for output in document.get("output", []):
        if output["type"] == "message":
            output.update(id="2", role="assistant", status="completed")
            output["content"][0]["annotations"] = []
    document["output"] = [each for each in document.get("output", []) if each["type"] == "message"]
    for usage in (document.get("usage"), document.get("usageMetadata")):
        if usage:
            usage.update(total_tokens=12) if "usage" in document else usage.update(totalTokenCount=12)
            for kind in ("input", "output"):
                usage.setdefault(f"{kind}_tokens_details", {"cached_tokens": 4, "reasoning_tokens": 0})
    return document


def whole(api_type):
    return answer(200, complete(api_type, copy.deepcopy(REPLIES[api_type])), content_type="application/json")


def streamed(api_type):
    documents = copy.deepcopy(STREAMS[api_type])
    for number, document in enumerate(documents):
        if api_type == "openai":
            document.update(_COMPLETE["openai"], object="chat.completion.chunk")
        if api_type == "openai-responses":
            document.update(_PART, sequence_number=number, logprobs=[])
        if document.get("type") == "message_start":
            document["message"] = complete("claude", {"content": [], "stop_reason": None, **document["message"]})
            document["message"]["usage"]["output_tokens"] = 1
        if document.get("type") == "message_delta":
            document["delta"]["stop_sequence"] = None
        if "response" in document:
            document["response"] = complete("openai-responses", {"output": [], **document["response"]})
    named = api_type in ("claude", "openai-responses")
    return stream(events(*documents, names=named, done=api_type == "openai"))


def held_to_the_engine(profile, api_type, layer, ask, is_stream=False, adds=()):
    """Ask by an engine and by `ask(overrides)`; both bodies are equal, or it refuses what it cannot carry.

    `adds` are names that the library sends of its own accord. Returns the request, the bridge's refusal, or None
    where the wire refuses too.
    """
    with Server(streamed(kind_of(api_type)) if is_stream else whole(kind_of(api_type))) as server:
        overrides = settings(server.url, api_type, layer)
        try:
            request = profile.request("Hi", stream=is_stream, overrides=overrides)
        except ep.UnsupportedParameter as error:
            with pytest.raises(ep.UnsupportedParameter) as caught:
                ask(overrides)
            refused = {each["field"] for each in caught.value.details["refused"]}
            assert {each["field"] for each in error.details["refused"]} <= refused
            return None
        try:
            ask(overrides)
        except ep.UnsupportedParameter as error:
            written = {f"{section}.{field}" for section, fields in layer.items() for field in fields}
            assert {each["field"] for each in error.details["refused"]} <= written
            assert not server.seen
            return error
        (seen,) = server.seen
    sent, wanted = comparable(seen.body), comparable(request.body)
    for name in adds:
        for part, own in ((sent, wanted), (sent.get("generationConfig") or {}, wanted.get("generationConfig") or {})):
            if name not in own:
                part.pop(name, None)
    if sent.get("generationConfig") == {}:
        del sent["generationConfig"]
    assert sent == wanted, (sent, wanted)
    assert seen.path.partition("?")[0] == re.sub(r"^http://[^/]*", "", request.url).partition("?")[0]
    for name, value in request.revealed_headers().items():
        if name.lower() in ("authorization", "x-api-key", "x-goog-api-key", "anthropic-version", "openai-organization"):
            assert seen.headers[name.lower()] == value
    return seen


def kind_of(api_type):
    return api_type if api_type in BASES else "openai"


def comparable(body):
    """A body without what means the same: how a text is written, the case of names, and what happens anyway."""
    body = camel(body)
    for name, neutral in (
        ("stream", False),
        ("safetySettings", []),
        ("responseModalities", ["TEXT"]),
        ("candidateCount", 1),
    ):
        for part in (body, body.get("generationConfig") or {}):
            if part.get(name) == neutral:
                del part[name]
    if body.get("generationConfig") == {}:
        del body["generationConfig"]
    for key in ("messages", "input", "contents"):
        if key in body:
            body[key] = texts(body[key])
    return body


def camel(body):
    """Names as the wire of Gemini has them, but for those that a JSON Schema gives."""
    if not isinstance(body, dict):
        return body
    return {
        re.sub("_([a-z])", lambda m: m[1].upper(), key): value if "chema" in key else camel(value)
        for key, value in body.items()
    }


def texts(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return texts(value.get("text") or value.get("content") or value.get("parts") or [])
