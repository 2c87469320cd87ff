"""A command line in a process of its own, and small projects for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])
# What a developer's own shell may have set.
UNSET = ("NO_COLOR", "FORCE_COLOR", "PINOCCHIO_PROFILE_REGISTRIES", "ENGINE_PROFILES_BUILD", "PROFILEC_TRACEBACK")


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def rules(self) -> list[str]:
        return [each["rule"] for each in self.json["diagnostics"]]


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**kept, "PYTHONPATH": PATHS, "PYTHONUTF8": "1", **variables}


def run(*arguments: str | Path, cwd: Path, stdin: str = "", timeout: float = 120, **variables: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "profilec", *map(str, arguments)],
        cwd=cwd,
        env=environment(**variables),
        input=stdin.encode(),
        capture_output=True,
        check=False,
        timeout=timeout,
    )
    # Bytes that are no text would be a fault of their own.
    answer = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in answer.err, answer.err
    assert answer.code != 70, answer.err
    return answer


PROVIDER = """\
slug: provider-openai
profiles:
  default:
    inference_settings:
      api:
        api_keys: {openai-api-key: "${env:OPENAI_API_KEY}"}
      chat: {api_type: openai, engine: gpt-4o-mini, temperature: 1}
"""
TEAM = """\
slug: team
profiles:
  default:
    display_name: Assistant
    stack: [{registry_slug: provider-openai, profile_slug: default}]
    inference_settings:
      chat: {temperature: 0.2}
      model_info: {context_window: 128000, cost: {input: 0.15, output: 0.6}}
  careful:
    stack: [{profile_slug: default}]
    inference_settings:
      chat: {engine: gpt-4.1}
    extensions:
      acme.routing@v1: {tier: high}
"""


def make_project(directory: Path, config: str | None = 'sources = ["registries"]\n', **files: str) -> Path:
    """A project with two registries; `files` are further ones, by path with `__` for a slash."""
    texts = {"registries/10-provider.yaml": PROVIDER, "registries/20-team.yaml": TEAM}
    if config is not None:
        texts["profilec.toml"] = config
    for name, text in {**texts, **{name.replace("__", "/"): text for name, text in files.items()}}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
