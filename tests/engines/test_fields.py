"""The tables of settings: complete, as the schema says, and true of what goes on the wire."""

import json

import engineprofiles as ep
import pytest
from engine_servers import engine
from engineprofiles.fields import FIELDS, OLDER_SPELLINGS
from engineprofiles.wire import table
from engineprofiles.wire.parameters import column
from profilec import schemas

SCHEMA = schemas.load("settings")["properties"]
KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "array": "list"}


def kind_of(name, schema):
    kinds = [kind for kind in schema["type"] if kind != "null"]
    entry = schema.get("additionalProperties")
    if isinstance(entry, dict):
        types = set(entry["type"]) - {"null"}
        return "credentials" if "x-secret" in entry else {"boolean": "booleans", "string": "texts"}[types.pop()]
    if "x-secret" in schema:
        return "credential"
    if kinds == ["object"]:
        return "prices" if name == "cost" else "object"
    (kind,) = kinds
    return KINDS[kind]


def test_the_table_of_fields_is_the_schema():
    wanted = {
        section: {name: f"{kind_of(name, each)} {each['x-merge']}" for name, each in schema["properties"].items()}
        for section, schema in SCHEMA.items()
    }
    assert wanted == FIELDS
    older = {
        (section, name): each["x-older-spelling-of"]
        for section, schema in SCHEMA.items()
        for name, each in schema["properties"].items()
        if "x-older-spelling-of" in each
    }
    assert older == {(section, old): new for section, each in OLDER_SPELLINGS.items() for old, new in each.items()}


def test_no_field_is_missing_from_the_table_of_the_wire():
    parts = (table.CHAT_FIELDS, table.OLLAMA_FIELDS, table.EMBEDDINGS_FIELDS, table.RERANK_FIELDS, table.SHARED_FIELDS)
    named = [field for part in parts for field in part]
    assert len(named) == len(set(named))
    assert set(named) == {f"{section}.{name}" for section, names in FIELDS.items() for name in names}


# A value for each field that is not neutral, and what else must be set for it to be sent.
VALUES = {
    "chat.engine": "m",
    "chat.stop": ["END"],
    "inference.stop": ["END"],
    "ollama.stop": ["END"],
    "openai.logit_bias": {"50256": "-100", "7": "0.5"},
    "openai.thinking_type": "enabled",
    "inference.thinking_type": "disabled",
    "inference.thinking_budget": 2048,
    "inference.reasoning_effort": "high",
    "gemini.thinking_level": "high",
    "gemini.api_version": "v1",
    "chat.structured_output_mode": "json_schema",
    "chat.structured_output_schema": '{"type": "object"}',
    "chat.structured_output_require_valid": False,
    "chat.cache_type": "memory",
}
BY_KIND = {"text": "some", "integer": 3, "number": 0.5, "boolean": True}
STRUCTURED = {
    "structured_output_mode": "json_schema",
    "structured_output_name": "answer",
    "structured_output_schema": '{"type": "object"}',
}
API_TYPES = {"openai-chat": "openai", "openai-responses": "openai-responses", "anthropic": "claude", "gemini": "gemini"}
MODELS = {"gemini.thinking_level": "gemini-3-pro", "inference.reasoning_effort": "gemini-3-pro"}


def value_of(field):
    section, _, name = field.partition(".")
    return VALUES[field] if field in VALUES else BY_KIND[FIELDS[section][name].split()[0]]


def request_with(field, api_type, policy="error", is_set=True, stream=True):
    section, _, name = field.partition(".")
    settings = {"chat": dict(STRUCTURED)} if name.startswith("structured") else {}
    if field == "inference.reasoning_summary" and api_type == "claude":
        settings["inference"] = {"thinking_type": "enabled"}
    if is_set:
        settings.setdefault(section, {})[name] = value_of(field)
    elif name == "structured_output_name":
        settings["chat"][name] = "another"  # It is wanted everywhere.
    else:
        settings.get(section, {}).pop(name, None)
    model = {"gemini": MODELS.get(field, "gemini-x"), "claude": "claude-x"}.get(api_type, "m")
    if field == "inference.reasoning_summary" and api_type == "claude":
        model = "claude-opus-4-7"
    options = {} if section == "chat" and name == "engine" else settings
    e = engine("http://127.0.0.1:1", api_type, **{"model": model, **options}, on_unsupported=policy)
    return e.request("hi", stream=stream)


def at(body, path):
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


CELLS = [
    (field, protocol, cell)
    for protocol in table.CHAT
    for field, cell in column(protocol).items()
    if field != "chat.engine"
] + [(field, "ollama", row[0]) for field, row in table.OLLAMA_FIELDS.items()]


@pytest.mark.parametrize(("field", "protocol", "cell"), CELLS)
def test_the_table_is_true_of_chat(field, protocol, cell):
    api_type = API_TYPES.get(protocol, protocol)
    if cell.startswith("!"):
        with pytest.raises(ep.UnsupportedParameter) as caught:
            request_with(field, api_type)
        error = caught.value
        assert error.details["field"] == field
        assert error.details["refused"][0]["remedy"] == cell[1:] and cell[1:] in error.hint
        assert error.details["layer"] == "options"
        dropped = request_with(field, api_type, policy="drop")
        assert dropped.body == request_with(field, api_type, is_set=False).body
    elif cell == "(in the path)":
        assert value_of(field) in request_with(field, api_type).url
    elif cell.startswith("("):
        assert request_with(field, api_type).body == request_with(field, api_type, is_set=False).body
    else:
        sent = at(request_with(field, api_type).body, cell)
        unset = at(request_with(field, api_type, policy="drop", is_set=False).body, cell)
        assert sent is not None
        # On a stream the usage is asked for unasked.
        assert sent != unset or field in ("openai.stream-include-usage", "chat.structured_output_strict")


OTHERS = [
    (field, protocol)
    for index, protocol in enumerate(table.CHAT)
    for field, row in table.CHAT_FIELDS.items()
    if not row[index]
]


@pytest.mark.parametrize(("field", "protocol"), OTHERS)
def test_fields_of_another_protocol_are_left_alone(field, protocol):
    api_type = API_TYPES[protocol]
    assert request_with(field, api_type).body == request_with(field, api_type, is_set=False).body


@pytest.mark.parametrize("field", table.OLLAMA_FIELDS)
def test_the_section_of_ollama_is_left_alone_by_others(field):
    assert request_with(field, "openai").body == request_with(field, "openai", is_set=False).body


@pytest.mark.parametrize("kind", ["openai", "ollama"])
def test_the_table_is_true_of_embeddings(kind):
    from engineprofiles.endpoint import endpoint
    from engineprofiles.settings import Settings
    from engineprofiles.wire import compose

    api = {"allow_http": {kind: True}, "allow_local_networks": {kind: True}, "api_keys": {f"{kind}-api-key": "k"}}
    for field, cell in column(f"{kind}-embeddings").items():
        section, _, name = field.partition(".")
        base = {"type": kind, "engine": "e", "base_urls": {f"{kind}-base-url": "http://localhost:1"}}
        settings = {
            "api": api,
            "embeddings": base,
            section: {**(base if section == "embeddings" else {}), name: value_of(field)},
        }
        made = Settings("x", [("overrides", settings)])
        body = compose.embed(made, endpoint(made, "embeddings"), ["a"], "error").body
        if cell.startswith("("):
            assert set(body) <= {"model", "input", "encoding_format"}
        else:
            assert at(body, cell) == value_of(field)


def test_neutral_values_are_no_reason_to_refuse():
    settings = {"n": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "logit_bias": {}}
    engine("http://127.0.0.1:1", "openai-responses", openai=settings, chat={"stop": []}).request("hi")
    for name, value in (("n", 2), ("presence_penalty", 0.1), ("logit_bias", {"1": "2"})):
        with pytest.raises(ep.UnsupportedParameter):
            engine("http://127.0.0.1:1", "openai-responses", openai={name: value}).request("hi")


def test_inference_wins_over_ollama_and_that_over_chat():
    chat, own = {"temperature": 0.1, "max_response_tokens": 1}, {"temperature": 0.2, "num-predict": 2}
    body = engine("http://127.0.0.1:1", "ollama", chat=chat).request("hi").body
    assert (body["temperature"], body["max_tokens"]) == (0.1, 1)
    body = engine("http://127.0.0.1:1", "ollama", chat=chat, ollama=own).request("hi").body
    assert (body["temperature"], body["max_tokens"]) == (0.2, 2)
    body = engine("http://127.0.0.1:1", "ollama", chat=chat, ollama=own, temperature=0, max_tokens=3).request("hi").body
    assert (body["temperature"], body["max_tokens"]) == (0, 3)


def test_all_that_is_refused_is_told_at_once():
    with pytest.raises(ep.UnsupportedParameter) as caught:
        e = engine("http://127.0.0.1:1", "openai-responses", seed=3, stop="X", openai={"n": 2})
        e.request("hi")
    assert [each["field"] for each in caught.value.details["refused"]] == [
        "openai.n",
        "inference.stop",
        "inference.seed",
    ]
    assert caught.value.code == "unsupported-parameter"


def test_on_unsupported():
    def request(policy):
        return engine("http://127.0.0.1:1", "claude", seed=3, on_unsupported=policy).request("hi")

    with pytest.raises(ep.UnsupportedParameter):
        request("error")
    with pytest.warns(UserWarning, match=r"not sent: .*`inference\.seed`"):
        warned = request("warn")
    assert warned.body == request("drop").body
    with pytest.raises(ep.BadOption, match="did you mean `drop`"):
        request("drpo")


def test_what_model_info_declares():
    info = {"metadata": {"unsupported_parameters": ["temperature", "top_p"]}}
    with pytest.raises(ep.UnsupportedParameter, match="unsupported_parameters"):
        engine("http://127.0.0.1:1", temperature=0.5, model_info=info).request("hi")
    body = (
        engine("http://127.0.0.1:1", temperature=0.5, seed=1, model_info=info, on_unsupported="drop").request("hi").body
    )
    assert json.loads(json.dumps(body)) == {"model": "m", "messages": [{"role": "user", "content": "hi"}], "seed": 1}
