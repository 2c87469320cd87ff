"""The pages' examples, run in order as a new user would: consoles in one shell, Python where the shell stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r"\(\d+\.\d\d s\)")


# Who commits, and nothing of a developer's own settings.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
# What a reader has before the first command of a page.
TEAM = """\
# What the team uses.
slug: team
profiles:
  default:          # everyone's
    inference_settings:
      chat: {engine: gpt-4.1-mini, temperature: 0.2}
"""
CAREFUL = "stack: [{profile_slug: default}]\ninference_settings:\n  chat: {temperature: 0}\n"
OPENAI = """\
slug: openai
profiles:
  provider:
    inference_settings: {chat: {api_type: openai-responses}}
  gpt-4.1-mini:
    stack: [{profile_slug: provider}]
    inference_settings: {chat: {engine: gpt-4.1-mini}}
  gpt-5-mini:
    stack: [{profile_slug: provider}]
    inference_settings: {chat: {engine: gpt-5-mini}}
"""
HOUSE = """\
slug: team
profiles:
  base:
    inference_settings: {chat: {temperature: 0.3}}
  careful:
    stack: [{profile_slug: base}]
    inference_settings: {chat: {temperature: 0}}
  assistant:
    stack:
      - {registry_slug: openai, profile_slug: gpt-4.1-mini}
      - {profile_slug: base}
  reviewer:
    stack:
      - {registry_slug: openai, profile_slug: gpt-5-mini}
      - {profile_slug: careful}
      - {profile_slug: base}
"""
PAGES: dict[str, dict[str, str]] = {
    "README.md": {"profilec.toml": 'sources = ["registries"]\n'},
    "docs/graph.md": {
        "profilec.toml": 'sources = ["openai.yaml", "team.yaml", "mine.yaml"]\n',
        "openai.yaml": OPENAI,
        "team.yaml": HOUSE,
        "mine.yaml": "slug: mine\nprofiles:\n  default:\n    stack: [{registry_slug: team, profile_slug: assistant}]\n",
    },
    "docs/stores.md": {"team.yaml": TEAM, "careful.yaml": CAREFUL},
    "docs/ci.md": {"team.yaml": TEAM},
    "docs/diff.md": {"profilec.toml": 'sources = ["registries"]\n'},
}


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_print_what_the_page_says(page: str, tmp_path: Path) -> None:
    shell = _Shell(tmp_path, PAGES[page])
    ran = 0
    for language, text in _BLOCK.findall((REPOSITORY / page).read_text("utf-8")):
        ran += 1
        if language == "python":
            shell.python(text)
            continue
        for command, wanted in _commands(text):
            assert _SECONDS.sub("(… s)", shell.run(command)) == _SECONDS.sub("(… s)", wanted), command
    assert ran >= 4


def _commands(block: str) -> list[tuple[str, str]]:
    """Each command of a console with what it prints."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


class _Shell:
    """Runs commands one after the other; a change of directory lasts."""

    def __init__(self, home: Path, files: dict[str, str]) -> None:
        self.directory = home / "checkout"
        self.directory.mkdir()
        self.state = home / "directory"
        shutil.copytree(REPOSITORY / "registries", self.directory / "registries")
        for name, text in files.items():
            (self.directory / name).write_text(text, "utf-8")
        programs = home / "bin"
        programs.mkdir()
        program = programs / "profilec"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m profilec "$@"\n', "utf-8")
        program.chmod(0o755)
        paths = os.pathsep.join(str(REPOSITORY / each) for each in ("compiler", "runtime/python"))
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("PINOCCHIO_", "ENGINE_PROFILES_"))
        }
        self.environment = kept | GIT | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": paths}

    def run(self, command: str) -> str:
        script = f"{command}\ncode=$?; pwd > '{self.state}'; exit $code"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.directory = Path(self.state.read_text("utf-8").strip())
        return done.stdout + (f"[exit code {done.returncode}]\n" if done.returncode else "")

    def python(self, text: str) -> None:
        subprocess.run([sys.executable, "-c", text], cwd=self.directory, env=self.environment, check=True)
