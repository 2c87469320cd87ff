"""examples/smoke.py, as whoever has a key runs it: the repository's own profiles, against a server of this machine."""

import os
import subprocess
import sys
from pathlib import Path

import engineprofiles
import profilec
import pytest
from engine_servers import KEY, REPLIES, STREAMS, Server, answer, events, stream

REPOSITORY = Path(__file__).parents[2]
OVERLAY = """slug: here
profiles:
  gemini-2.5-flash-lite:
    stack: [{registry_slug: team-agent, profile_slug: gemini-2.5-flash-lite}]
    inference_settings:
      api:
        base_urls: {gemini-base-url: SERVER}
        allow_http: {gemini: true}
        allow_local_networks: {gemini: true}
"""


def gemini(handler):
    if "stream" in handler.path:
        stream(events(*STREAMS["gemini"]))(handler)
    else:
        answer(200, REPLIES["gemini"])(handler)


@pytest.fixture
def smoke(tmp_path):
    def run(server, *arguments, **environment):
        sources = [str(REPOSITORY / "registries"), profilec.Text("here.yaml", OVERLAY.replace("SERVER", server.url))]
        profilec.build(sources, tmp_path / "build")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINOCCHIO_", "ENGINE_"))}
        kept["PYTHONPATH"] = str(Path(engineprofiles.__file__).parent.parent)
        command = [sys.executable, REPOSITORY / "examples" / "smoke.py", *arguments, "--build", tmp_path / "build"]
        return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=60)

    return run


def test_it_asks_gemini_by_default(smoke):
    with Server(gemini) as server:
        done = smoke(server, GEMINI_API_KEY=KEY)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == [
        "profile:here/gemini-2.5-flash-lite: gemini-2.5-flash-lite at 127.0.0.1 over gemini",
        "run:    'Hello', stop, {'input_tokens': 10, 'output_tokens': 2, 'cache_read_tokens': 4}, 0.00000144 USD",
        "stream: 'Hello' in 2 pieces, stop, {'input_tokens': 10, 'output_tokens': 2, 'cache_read_tokens': 4}, "
        "0.00000144 USD",
    ]
    whole, streamed = server.seen
    assert whole.path == "/v1beta/models/gemini-2.5-flash-lite:generateContent"
    assert streamed.path == "/v1beta/models/gemini-2.5-flash-lite:streamGenerateContent?alt=sse"
    assert whole.body == streamed.body
    assert whole.body["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 0}
    assert whole.headers["x-goog-api-key"] == KEY


def test_another_profile_and_no_key(smoke):
    with Server(gemini) as server:
        done = smoke(server, PINOCCHIO_PROFILE="team-agent/quality")
        assert done.returncode in (1, 2)
        done = smoke(server)
        assert (done.returncode, done.stdout) == (2, "")
        assert "refers to `env:GEMINI_API_KEY`" in done.stderr
        done = smoke(server, "gemini-2.5-flash-lit")
        assert done.returncode == 1
        assert "unknown-profile: " in done.stderr and "did you mean" in done.stderr
    assert server.seen == []


def test_what_the_provider_refuses(smoke):
    with Server(
        answer(400, {"error": {"message": f"API key not valid: {KEY}", "status": "INVALID_ARGUMENT"}})
    ) as server:
        done = smoke(server, GEMINI_API_KEY=KEY)
    assert done.returncode == 1
    assert done.stderr.startswith("refused-by-provider: 127.0.0.1 refused with status 400: API key not valid: ********")
    assert "Traceback" not in done.stderr and KEY not in done.stderr
