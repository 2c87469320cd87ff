"""fields and models -> settings of each protocol, and what an engine sends for them: what every bridge is held to."""

import re

import engineprofiles as ep
import profilec
import pytest
from engine_servers import BASES, KEY, Server, streamed, whole
from engineprofiles.wire import table
from test_fields import API_TYPES, STRUCTURED, value_of

TEXT = "slug: team\nprofiles: {default: {inference_settings: {chat: {engine: m}}}}"


def profile(directory):
    profilec.build([profilec.Text("team.yaml", TEXT)], directory)
    return ep.open(directory).get()


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
        "chat": {"engine": {"claude": "claude-opus-4-5", "gemini": "gemini-x"}.get(api_type, "m"), "api_type": api_type},
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
    ("claude", "claude-sonnet-5", {"inference": {"reasoning_effort": "low"}, "model_info": {"max_output_tokens": 64000}}),
    ("claude", "claude-fable-5", {"inference": {"max_response_tokens": 99}}),
    ("claude", "m", COMMON),
    ("gemini", "gemini-2.5-flash", {"inference": {**COMMON["inference"], "stop": ["END"], "seed": 7}}),
    ("gemini", "gemini-2.5-flash", {"gemini": {"thinking_budget": 0}}),
    ("gemini", "gemini-2.5-pro", {"gemini": {"thinking_budget": 512, "include_thoughts": True}}),
    ("gemini", "gemini-3-pro", {"gemini": {"thinking_level": "low"}, **COMMON}),
    ("gemini", "gemini-3.5-flash", {"inference": {"reasoning_effort": "high", "seed": 1}, "gemini": {"api_version": "v1"}}),
]


def model_cases():
    for number, (api_type, model, layer) in enumerate(_MODELS):
        chat = {**layer.get("chat", {}), "engine": model}
        yield pytest.param(api_type, {**layer, "chat": chat}, id=f"{number}-{model}")


FIELDS = list(field_cases())
MODELS = list(model_cases())
CASES = [*FIELDS, *MODELS]


def held_to_the_engine(profile, api_type, layer, ask, stream=False):
    """Ask by an engine and by `ask(overrides)`; both bodies are equal, or it refuses what it cannot carry.

    Returns both requests, or None where the bridge, or the wire, refuses a field of the layer by name.
    """
    with Server(streamed(kind_of(api_type)) if stream else whole(kind_of(api_type))) as server:
        overrides = settings(server.url, api_type, layer)
        try:
            request = profile.request("Hi", stream=stream, overrides=overrides)
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
    assert comparable(seen.body) == comparable(request.body)
    assert seen.path.partition("?")[0] == re.sub(r"^http://[^/]*", "", request.url).partition("?")[0]
    for name, value in request.revealed_headers().items():
        if name.lower() in ("authorization", "x-api-key", "x-goog-api-key", "anthropic-version", "openai-organization"):
            assert seen.headers[name.lower()] == value
    return seen


def kind_of(api_type):
    return api_type if api_type in BASES else "openai"


def comparable(body):
    """A body without what means the same: how a text of the user is written, and names in snake case."""
    body = camel(body)
    for key in ("messages", "input", "contents"):
        if key in body:
            body[key] = texts(body[key])
    if body.get("stream") is False:
        del body["stream"]
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
