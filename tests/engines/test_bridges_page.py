"""docs/bridges.md: its examples run where their library is installed."""

import re
from pathlib import Path

import profilec
import pytest
from bridge_cases import REPLIES, complete
from engine_servers import Server, answer
from test_engines_page import ready

PAGE = Path(__file__).parents[2] / "docs" / "bridges.md"
EXAMPLES = re.findall(r"^<!-- (\w+) -->\n```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
LIBRARIES = {"genai": "google.genai", "langchain": "langchain_openai"}

TEAM = """slug: team
profiles:
  assistant:
    inference_settings:
      api: &api {api_keys: {openai-api-key: "${env:A_KEY}", claude-api-key: "${env:A_KEY}",
                            gemini-api-key: "${env:A_KEY}"},
                 base_urls: {openai-base-url: "SERVER/v1", claude-base-url: "SERVER", gemini-base-url: "SERVER"},
                 allow_http: {openai: true, claude: true, gemini: true},
                 allow_local_networks: {openai: true, claude: true, gemini: true}}
      chat: {engine: gpt-4.1-mini, temperature: 0.2, max_response_tokens: 100}
  writer: {inference_settings: {api: *api, chat: {api_type: claude, engine: claude-opus-4-5, temperature: 0.7}}}
  reader: {inference_settings: {api: *api, chat: {api_type: gemini, engine: gemini-2.5-flash}}}
"""


def kind_of(path):
    return "gemini" if "generateContent" in path else "claude" if path.endswith("/messages") else "openai"


def test_every_bridge_has_an_example():
    assert [name for name, _ in EXAMPLES] == ["openai", "anthropic", "genai", "langchain", "pydantic_ai", "litellm"]


@pytest.mark.usefixtures("unclosed")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "code"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_the_examples_run(name, code, tmp_path, monkeypatch):
    pytest.importorskip(LIBRARIES.get(name, name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A_KEY", "sk-canary")
    with Server(None) as server:

        def reply(handler):
            kind = kind_of(server.seen[-1].path.partition("?")[0])
            answer(200, complete(kind, ready(REPLIES[kind])), content_type="application/json")(handler)

        server.answers[0] = reply
        profilec.build([profilec.Text("team.yaml", TEAM.replace("SERVER", server.url))], tmp_path / "build")
        preamble = "" if name == "openai" else 'import engineprofiles as ep\nprofile = ep.open("build")["assistant"]\n'
        exec(compile(preamble + code, str(PAGE), "exec"), {})
    assert len(server.seen) == 1
