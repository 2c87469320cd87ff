"""A project in a git repository, and programs run in it as a CI server runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PROVIDER = """\
slug: provider-openai
profiles:
  default:
    inference_settings:
      chat: {api_type: openai, engine: gpt-4o-mini}
"""
TEAM = """\
slug: team
profiles:
  default:
    stack: [{registry_slug: provider-openai, profile_slug: default}]
    inference_settings:
      chat: {temperature: 0.2}
"""
BROKEN = TEAM.replace("temperature", "temprature")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def make_repository(home: Path, below: str = ".") -> Path:
    """A repository with a project that compiles, and one commit. Returns the project's directory."""
    repository = home / "repository"
    project = repository / below
    (project / "registries").mkdir(parents=True)
    (project / "profilec.toml").write_text('sources = ["registries"]\n')
    (project / "registries" / "10-provider.yaml").write_text(PROVIDER)
    (project / "registries" / "20-team.yaml").write_text(TEAM)
    git(repository, "init", "-q", "-b", "main")
    commit(repository)
    return project


def commit(repository: Path) -> str:
    """Commit everything. Returns the revision."""
    git(repository, "add", "-A")
    git(repository, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "change", "--allow-empty")
    return git(repository, "rev-parse", "HEAD").strip()


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(**variables: str) -> dict[str, str]:
    """Of a CI server, as far as it matters: `profilec` is on the path, and nobody's own git or profiles are."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI_", "GIT_", "PINOCCHIO_", "ENGINE_PROFILES_", "PRE_COMMIT"))
    }
    paths = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])
    return kept | {"PYTHONPATH": paths, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **variables}


def with_profilec(home: Path) -> str:
    """A search path on which `profilec` is this checkout's."""
    programs = home / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "profilec"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m profilec "$@"\n')
    program.chmod(0o755)
    return f"{programs}{os.pathsep}{os.environ['PATH']}"


def run(command: list[str], cwd: Path, **variables: str) -> Done:
    done = subprocess.run(command, cwd=cwd, env=environment(**variables), capture_output=True, timeout=300)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def check_schema(schema: str, file: Path) -> None:
    """Hold a file to a schema that check-jsonschema carries."""
    done = run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)], file.parent)
    assert done.code == 0, done.out + done.err
