"""a provider on this machine -> what an engine costs beside the official SDKs and LiteLLM, as ratios.

Every row is a process of its own, in turns: from its start to an engine or client, and to the first text of a stream;
and, once connected, a call and the first text of a stream. It judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from timing import CommandFailed, Stage, Times, in_turns, ratio

CALLS = 100
LABELS = {
    "start": "process start to engine or client",
    "first": "process start to the first text",
    "call": "a call, connected",
    "stream": "the first text of a stream, connected",
}
# Each defines `call()` and `texts()`, which yields the texts of a stream.
ENGINE = """
import engineprofiles as ep
allowed = {{"{kind}": True}}
engine = ep.engines.from_config(model="m", api_type="{kind}", base_url=URL + "{base}", api_key="k", max_tokens=9,
                                api={{"allow_http": allowed, "allow_local_networks": allowed}})
def call():
    return engine.run("Hi").text
def texts():
    return (delta.text for delta in engine.stream("Hi"))
"""
FLOOR = """
import http.client, json
connection = http.client.HTTPConnection(URL.partition("//")[2])
def ask(stream):
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": "m", "max_tokens": 9, "messages": messages, "stream": stream}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    return connection.getresponse()
def call():
    return json.loads(ask(False).read())["choices"][0]["message"]["content"]
def texts():
    response = ask(True)
    while line := response.readline():
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])["choices"][0]["delta"].get("content")
    response.close()
"""
OPENAI = """
import openai
client = openai.OpenAI(api_key="k", base_url=URL + "/v1")
asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
def call():
    return client.chat.completions.create(**asked).choices[0].message.content
def texts():
    return (chunk.choices[0].delta.content for chunk in client.chat.completions.create(**asked, stream=True))
"""
ANTHROPIC = """
import anthropic
client = anthropic.Anthropic(api_key="k", base_url=URL)
asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
def call():
    return client.messages.create(**asked).content[0].text
def texts():
    for event in client.messages.create(**asked, stream=True):
        if event.type == "content_block_delta":
            yield event.delta.text
"""
GENAI = """
from google import genai
client = genai.Client(api_key="k", http_options=genai.types.HttpOptions(base_url=URL, api_version="v1beta"))
asked = {"model": "m", "contents": "Hi", "config": {"max_output_tokens": 9}}
def call():
    return client.models.generate_content(**asked).text
def texts():
    return (chunk.text for chunk in client.models.generate_content_stream(**asked))
"""
LITELLM = """
import litellm
asked = {"model": "openai/m", "api_base": URL + "/v1", "api_key": "k", "max_tokens": 9,
         "messages": [{"role": "user", "content": "Hi"}]}
def call():
    return litellm.completion(**asked).choices[0].message.content
def texts():
    return (chunk.choices[0].delta.content for chunk in litellm.completion(**asked, stream=True))
"""
# Row -> its program, and the row it is held against.
ROWS = {
    "engine, openai": (ENGINE.format(kind="openai", base="/v1"), None),
    "openai": (OPENAI, "engine, openai"),
    "litellm": (LITELLM, "engine, openai"),
    "http.client and json": (FLOOR, "engine, openai"),
    "engine, claude": (ENGINE.format(kind="claude", base=""), None),
    "anthropic": (ANTHROPIC, "engine, claude"),
    "engine, gemini": (ENGINE.format(kind="gemini", base=""), None),
    "google-genai": (GENAI, "engine, gemini"),
}
START = "\nimport os; os._exit(0)\n"
FIRST = f"\nassert next(texts()) == 'READY'{START}"
WARM = """
import json, time
from statistics import median
def timed(act):
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
def first():
    start = time.perf_counter()
    pieces = texts()
    text = next(pieces)
    spent = time.perf_counter() - start
    assert text == "READY"
    for _ in pieces:
        pass
    return spent
assert call() == "READY"
first()
print(json.dumps({"call": median(timed(call) for _ in range(CALLS)), "stream": median(first() for _ in range(CALLS))}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="how often each row is run (9)")
    parser.add_argument("--litellm", default=sys.executable, metavar="PYTHON", help="an interpreter that has litellm")
    arguments = parser.parse_args()
    command = [sys.executable, str(Path(__file__).with_name("provider.py"))]
    with (
        tempfile.TemporaryDirectory(prefix="engine-profiles-bench-") as work,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as provider,
    ):
        try:
            assert provider.stdout is not None
            measure(Stage(Path(work)), f"http://127.0.0.1:{int(provider.stdout.readline())}", arguments)
        finally:
            provider.kill()


def measure(stage: Stage, url: str, arguments: argparse.Namespace) -> None:
    pythons = {name: arguments.litellm if name == "litellm" else sys.executable for name in ROWS}
    commands = {
        name: [pythons[name], "-c", f"URL = {url!r}\nCALLS = {CALLS}\n{code}"] for name, (code, _) in ROWS.items()
    }
    able = [name for name in ROWS if is_able(name, partial(stage.seconds, with_tail(commands[name], FIRST)))]
    print(f"{arguments.rounds} rounds, {CALLS} calls each; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")
    for kind, tail in (("start", START), ("first", FIRST)):
        jobs = {name: partial(stage.seconds, with_tail(commands[name], tail)) for name in able}
        show(kind, in_turns(jobs, arguments.rounds))
    warm: dict[str, Times] = {"call": {name: [] for name in able}, "stream": {name: [] for name in able}}
    for number in range(arguments.rounds):
        for name in able if number % 2 == 0 else reversed(able):
            command = with_tail(commands[name], WARM)
            done = subprocess.run(command, env=stage.environment(), capture_output=True, text=True, check=True)
            for kind, seconds in json.loads(done.stdout.splitlines()[-1]).items():
                warm[kind][name].append(seconds)
    for kind, times in warm.items():
        show(kind, times)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def with_tail(command: list[str], tail: str) -> list[str]:
    return [*command[:-1], command[-1] + tail]


def is_able(name: str, run: Callable[[], float]) -> bool:
    """Once untimed, which also writes bytecode. A row that fails says why and is left out."""
    try:
        run()
    except (CommandFailed, OSError) as reason:
        print(f"{name:<32}  {reason}")
        return False
    return True


def show(kind: str, times: Times) -> None:
    print()
    print(f"{LABELS[kind]:<40}{'median':>12}{'/ engine':>12}")
    for name in times:
        reference = ROWS[name][1]
        against = f"{ratio(times, name, reference):.2f}" if reference in times else ""
        print(f"{name:<40}{median(times[name]) * 1e3:>9.2f} ms{against:>12}")


if __name__ == "__main__":
    main()
