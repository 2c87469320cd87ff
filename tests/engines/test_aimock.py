"""Against aimock, an independent server of the protocols in JavaScript: headers, credentials, and its chaos.

`make` installs it where npm is; without it these tests are passed over.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import engineprofiles as ep
import pytest
from engine_servers import EVERY, KEY, PROTOCOLS, STREAMED, engine

PROGRAM = Path(__file__).parent / "node_modules/.bin/llmock"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(not (NODE and PROGRAM.exists()), reason="aimock is not installed (needs npm)")
FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "boom"}, "response": {"error": {"message": "slow down", "type": "x"}, "status": 429}},
        {"match": {"userMessage": "hi"}, "response": {"content": "Hello there"}},
    ]
}
PATHS = {
    "openai": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "claude": "/v1/messages",
    "gemini": "/v1beta/models/m:",
}


@pytest.fixture(scope="module")
def aimock(tmp_path_factory):
    """Its address; it takes no other key than ours."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("aimock")
    (home / "fixtures.json").write_text(json.dumps(FIXTURES))
    url = f"http://127.0.0.1:{port}"
    command = [NODE, PROGRAM, "-p", str(port), "-f", home / "fixtures.json"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, "AIMOCK_API_KEYS": KEY}, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert server.poll() is None, (home / "log").read_text()
                time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def control(url, path, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    request = urllib.request.Request(f"{url}/__aimock/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read() or b"null")


@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize("call", EVERY)
def test_replies_and_headers(aimock, api_type, call):
    e = engine(aimock, api_type, client={"user_agent": f"acme/{api_type}"})
    assert call(e) == "Hello there"
    e.close()
    *_, entry = control(aimock, "journal")
    assert entry["path"].startswith(PATHS[api_type])
    assert entry["headers"]["user-agent"] == f"acme/{api_type}"
    assert entry["headers"]["content-type"] == "application/json"
    assert entry["headers"]["accept"] == ("text/event-stream" if call in STREAMED else "application/json")


@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize("call", EVERY)
def test_another_key_is_refused(aimock, api_type, call):
    with pytest.raises(ep.ProviderRefused) as caught:
        call(engine(aimock, api_type, api_key="sk-another"))
    assert caught.value.status == 401
    assert "sk-another" not in str(caught.value)


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_a_rate_limit(aimock, api_type, monkeypatch):
    monkeypatch.setattr("engineprofiles.retry.ATTEMPTS", 1)  # It wants a second between them.
    for call in EVERY:
        with pytest.raises(ep.RateLimited, match="slow down"):
            call(engine(aimock, api_type), "boom")


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_what_it_does_not_know(aimock, api_type):
    with pytest.raises(ep.ProviderRefused) as caught:
        engine(aimock, api_type).run("an unmatched question")
    assert caught.value.status == 404


@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize("chaos", [{"disconnectRate": 1}, {"malformedRate": 1}])
def test_its_chaos(aimock, api_type, chaos):
    control(aimock, "chaos", "POST", chaos)
    try:
        for call in EVERY:
            with pytest.raises((ep.ConnectionFailed, ep.StreamBroken, ep.ReplyUnreadable)):
                call(engine(aimock, api_type))
    finally:
        control(aimock, "chaos", "DELETE")


def test_embeddings(aimock):
    api = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
    section = {"type": "openai", "engine": "text-embedding-3-small", "dimensions": 64}
    e = ep.engines.from_config(embeddings=section, api=api, base_url=f"{aimock}/v1", api_key=KEY)
    assert [len(vector) for vector in e.embed(["one", "two"]).vectors] == [64, 64]
    e.close()
