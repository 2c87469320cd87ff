"""The bodies that official SDKs put on the wire for the same settings are ours, key for key."""

import base64
import re

import pytest
from engine_servers import KEY, Server, answer, engine, streamed, whole
from engineprofiles import engines

anthropic = pytest.importorskip("anthropic")
genai = pytest.importorskip("google.genai")
openai = pytest.importorskip("openai")

IMAGE = b"\x89PNG\r\n\x1a\n0000"
DATA_URL = "data:image/png;base64," + base64.b64encode(IMAGE).decode()
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
CHAT = {
    "structured_output_mode": "json_schema",
    "structured_output_name": "answer",
    "structured_output_schema": '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], '
    '"additionalProperties": false}',
}
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image", "data": IMAGE}]},
]


def recorded(api_type, ours, theirs, is_stream):
    """What reaches the server from both: bodies, and the headers that authenticate."""
    good = streamed(api_type) if is_stream else whole(api_type)
    with Server(good) as server:
        e = engine(server.url, api_type, **ours)
        _ = list(e.stream(MESSAGES)) if is_stream else e.run(MESSAGES)
        e.close()
        theirs(server.url, is_stream)
    mine, official = server.seen
    assert mine.path.partition("?")[0] == official.path.partition("?")[0]
    return mine, official


# A model's end of life is no matter of the wire.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
BOTH = pytest.mark.parametrize("is_stream", [False, True], ids=["run", "stream"])


@BOTH
def test_openai_chat(is_stream):
    ours = {
        "model": "gpt-5.1",
        "max_tokens": 99,
        "seed": 7,
        "openai": {"n": 1, "parallel_tool_calls": True},
        "inference": {"reasoning_effort": "none"},
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["END"],
        "chat": CHAT,
        "client": {"organization": "org-1"},
    }

    def theirs(url, is_stream):
        with openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", organization="org-1", max_retries=0) as client:
            answer = client.chat.completions.create(
                model="gpt-5.1",
                messages=[
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello"},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What?"},
                            {"type": "image_url", "image_url": {"url": DATA_URL}},
                        ],
                    },
                ],
                max_completion_tokens=99,
                seed=7,
                n=1,
                reasoning_effort="none",
                temperature=0.5,
                top_p=0.9,
                stop=["END"],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
                },
                **({"stream": True, "stream_options": {"include_usage": True}} if is_stream else {}),
            )
            _ = list(answer)

    mine, official = recorded("openai", ours, theirs, is_stream)
    assert mine.body == official.body
    for name in ("authorization", "openai-organization", "content-type"):
        assert mine.headers[name] == official.headers[name]


@BOTH
def test_openai_responses(is_stream):
    ours = {
        "model": "gpt-5.1",
        "max_tokens": 99,
        "openai": {"reasoning_summary": "auto", "include_reasoning_encrypted": True, "parallel_tool_calls": False},
        "inference": {"reasoning_effort": "low"},
        "chat": CHAT,
    }

    def theirs(url, is_stream):
        with openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0) as client:
            answer = client.responses.create(
                model="gpt-5.1",
                instructions="Be brief.",
                input=[
                    {"type": "message", "role": "user", "content": "Hi"},
                    {"type": "message", "role": "assistant", "content": "Hello"},
                    {
                        "type": "message",
                        "role": "user",
                        "content": [
                            {"type": "input_text", "text": "What?"},
                            {"type": "input_image", "image_url": DATA_URL},
                        ],
                    },
                ],
                max_output_tokens=99,
                reasoning={"effort": "low", "summary": "auto"},
                include=["reasoning.encrypted_content"],
                parallel_tool_calls=False,
                text={"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}},
                **({"stream": True} if is_stream else {}),
            )
            _ = list(answer)

    mine, official = recorded("openai-responses", ours, theirs, is_stream)
    assert mine.body == official.body
    assert mine.headers["authorization"] == official.headers["authorization"]


@BOTH
def test_anthropic(is_stream):
    ours = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 4000,
        "stop": ["END"],
        "claude": {"user_id": "u-1"},
        "inference": {"thinking_budget": 2048},
        "chat": CHAT,
    }

    def theirs(url, is_stream):
        with anthropic.Anthropic(
            api_key=KEY, base_url=url, max_retries=0, default_headers={"anthropic-version": "2023-06-01"}
        ) as client:
            answer = client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=4000,
                system="Be brief.",
                messages=[
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello"},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What?"},
                            {
                                "type": "image",
                                "source": {
                                    "type": "base64",
                                    "media_type": "image/png",
                                    "data": base64.b64encode(IMAGE).decode(),
                                },
                            },
                        ],
                    },
                ],
                stop_sequences=["END"],
                metadata={"user_id": "u-1"},
                thinking={"type": "enabled", "budget_tokens": 2048},
                output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
                # `create` without a stream adds nothing; with one it adds `stream` alone.
                **({"stream": True} if is_stream else {}),
            )
            if is_stream:
                _ = list(answer)

    mine, official = recorded("claude", ours, theirs, is_stream)
    assert mine.body == official.body
    assert mine.headers["anthropic-version"] == official.headers["anthropic-version"]


def camel(value):
    """The SDK writes some keys with underscores; the protocol takes both spellings, and documents this one."""
    if isinstance(value, dict):
        return {re.sub("_([a-z])", lambda found: found[1].upper(), key): camel(each) for key, each in value.items()}
    return [camel(each) for each in value] if isinstance(value, list) else value


@BOTH
def test_gemini(is_stream):
    ours = {
        "model": "gemini-2.5-flash",
        "max_tokens": 99,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["END"],
        "seed": 7,
        "gemini": {"thinking_budget": 512, "include_thoughts": True},
        "chat": CHAT,
    }

    def theirs(url, is_stream):
        types = genai.types
        client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url, api_version="v1beta"))
        ask = client.models.generate_content_stream if is_stream else client.models.generate_content
        answer = ask(
            model="gemini-2.5-flash",
            contents=[
                types.Content(role="user", parts=[types.Part.from_text(text="Hi")]),
                types.Content(role="model", parts=[types.Part.from_text(text="Hello")]),
                types.Content(
                    role="user",
                    parts=[
                        types.Part.from_text(text="What?"),
                        types.Part.from_bytes(data=IMAGE, mime_type="image/png"),
                    ],
                ),
            ],
            config=types.GenerateContentConfig(
                system_instruction="Be brief.",
                max_output_tokens=99,
                temperature=0.5,
                top_p=0.9,
                stop_sequences=["END"],
                seed=7,
                thinking_config=types.ThinkingConfig(thinking_budget=512, include_thoughts=True),
                response_mime_type="application/json",
                response_json_schema=SCHEMA,
            ),
        )
        if is_stream:
            _ = list(answer)
        client.close()

    mine, official = recorded("gemini", ours, theirs, is_stream)
    body = camel(official.body)
    # The SDK writes the role into the system instruction, which has none.
    body["systemInstruction"] = {"parts": body["systemInstruction"]["parts"]}
    assert mine.body == body
    assert mine.headers["x-goog-api-key"] == official.headers["x-goog-api-key"] == KEY


def test_openai_embeddings():
    section = {"type": "openai", "engine": "text-embedding-3-small", "dimensions": 2}
    api = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
    rows = [{"index": i, "embedding": [1.0, 2.0], "object": "embedding"} for i in range(2)]
    with Server(answer(200, {"data": rows, "model": "m", "object": "list"}, content_type="application/json")) as server:
        e = engines.from_config(embeddings=section, api=api, base_url=f"{server.url}/v1", api_key=KEY)
        ours = e.embed(["a", "b"]).vectors
        e.close()
        with openai.OpenAI(api_key=KEY, base_url=f"{server.url}/v1") as client:
            found = client.embeddings.create(
                model="text-embedding-3-small", input=["a", "b"], dimensions=2, encoding_format="float"
            )
    assert ours == [row.embedding for row in found.data]
    mine, official = server.seen
    assert (mine.body, mine.path) == (official.body, official.path)
