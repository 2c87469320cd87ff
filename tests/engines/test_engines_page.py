"""docs/engines.md: its tables are the program's, and its examples run."""

import re
from pathlib import Path

import engineprofiles
import profilec
import pytest
from engine_servers import REPLIES, STREAMS, Server, answer, events, stream
from engineprofiles.providers import CHAT
from engineprofiles.wire import table

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
NAMES = {
    "openai-chat": "Chat Completions",
    "openai-responses": "Responses",
    "anthropic": "Messages",
    "gemini": "generateContent",
}


def shown(cell):
    if not cell:
        return "–"
    if cell.startswith("!"):
        return f"no: {cell[1:]}"
    return cell[1:-1] if cell.startswith("(") else f"`{cell}`"


def rows(header, lines):
    head = f"| {' | '.join(header)} |\n|{'---|' * len(header)}\n"
    return head + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fields():
    chat = [(f"`{field}`", *map(shown, row)) for field, row in table.CHAT_FIELDS.items()]
    ollama = [(f"`{field}`", *map(shown, row)) for field, row in table.OLLAMA_FIELDS.items()]
    embeddings = [(f"`{field}`", *map(shown, row)) for field, row in table.EMBEDDINGS_FIELDS.items()]
    rerank = [(f"`{field}`", *map(shown, row)) for field, row in table.RERANK_FIELDS.items()]
    shared = [(f"`{field}`", text) for field, text in table.SHARED_FIELDS.items()]
    return "\n".join(
        [
            rows(("field", *(NAMES[protocol] for protocol in table.CHAT)), chat),
            rows(("field", "Chat Completions of `ollama`", "embeddings of `ollama`"), ollama),
            rows(("field", "embeddings of `openai`", "of `ollama`"), embeddings),
            rows(("field", "rerank of `llamacpp`", "of `cohere`"), rerank),
            rows(("field", "for every protocol"), shared),
        ]
    )


def providers():
    lines = [
        (f"`{kind}`", NAMES[each.protocol], each.base_url or "to be set", ", ".join(each.names))
        for kind, each in CHAT.items()
    ]
    return rows(("api type", "protocol", "base URL", "names, the first that is set wins"), lines)


@pytest.mark.parametrize(("name", "wanted"), [("providers", providers), ("fields", fields)])
def test_the_tables_are_the_programs(name, wanted, request):
    text = PAGE.read_text("utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, rest = text.split(begin)
    found, after = rest.split(end)
    if request.config.getoption("update"):
        PAGE.write_text(before + begin + wanted() + end + after, "utf-8")
    else:
        assert found == wanted()


def test_every_error_is_on_the_page():
    named = [getattr(engineprofiles, name) for name in engineprofiles.__all__]
    codes = {each.code for each in named if isinstance(each, type) and issubclass(each, Exception)}
    page = PAGE.read_text("utf-8")
    missing = {code for code in codes if f"`{code}`" not in page}
    # The root of the tree, and two of the loader alone.
    assert missing == {"engine-profiles", "unknown-field", "no-default-profile"}


TEAM = """slug: team
profiles:
  assistant:
    inference_settings:
      api: {api_keys: {openai-api-key: "${env:OPENAI_API_KEY}"}, base_urls: {openai-base-url: "SERVER/v1"},
            allow_http: {openai: true, rerank: true}, allow_local_networks: {openai: true, rerank: true}}
      chat:
        engine: gpt-4.1-mini
        temperature: 0.2
        max_response_tokens: 100
      model_info: {cost: {input: 0.5, output: 2, cache_read: 0.25}}
  search:
    stack: [{profile_slug: assistant}]
    inference_settings:
      api: {base_urls: {rerank-base-url: SERVER}}
      embeddings: {type: openai, engine: text-embedding-3-small, dimensions: 2}
      rerank: {type: llamacpp, engine: bge-reranker-v2-m3}
  careful:
    inference_settings: {api: {api_keys: {openai-api-key: "${env:CAREFUL_API_KEY}"}}, chat: {engine: gpt-4.1}}
"""


def ready(document):
    if isinstance(document, dict):
        return {key: ready(value) for key, value in document.items()}
    if isinstance(document, list):
        return [ready(each) for each in document]
    return (
        {"Hello": "READY", "Hel": "REA", "lo": "DY"}.get(document, document) if isinstance(document, str) else document
    )


def provider(server):
    """Answers every request as the one of its kind should be."""

    def write(handler):
        asked = server.seen[-1]
        if asked.path == "/v1/embeddings":
            rows = [{"index": index, "embedding": [1, 2]} for index in range(len(asked.body["input"]))]
            answer(200, {"data": rows})(handler)
        elif asked.path == "/v1/rerank":
            answer(200, {"results": [{"index": 1, "relevance_score": 0.9}]})(handler)
        elif asked.body.get("stream"):
            stream(events(*ready(STREAMS["openai"]), done=True))(handler)
        else:
            answer(200, ready(REPLIES["openai"]))(handler)

    return write


def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engineprofiles.credentials._RESOLVERS", dict(_resolvers()))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    Path("cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with Server(None) as server:
        server.answers[0] = provider(server)
        profilec.build([profilec.Text("team.yaml", TEAM.replace("SERVER", server.url))], tmp_path / "build")
        namespace = {}
        blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), namespace)
    assert len(blocks) >= 9
    assert capsys.readouterr().out == "READY" * 2


def _resolvers():
    from engineprofiles import credentials

    return credentials._RESOLVERS
