"""profilec init: a first project, small and complete."""

from __future__ import annotations

import os
from pathlib import Path

import click

from profilec import schemas
from profilec.commands.options import with_session
from profilec.commands.session import Session
from profilec.diagnostics import Diagnostic, Span
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible

_SCHEMA = ".profilec/registry.schema.json"
_MODELINE = f"# yaml-language-server: $schema=../{_SCHEMA}\n"

_CONFIG = """\
# What `profilec build` compiles, and where to. Later sources stand above earlier ones.
sources = ["registries"]
output = "build"

# Warnings can be raised to errors, or turned off.
# [rules]
# literal-credential = "error"
"""

_PROVIDER = (
    _MODELINE
    + """\
# How to reach the provider. Others stack on this.
slug: provider-openai
profiles:
  default:
    display_name: OpenAI
    inference_settings:
      api:
        api_keys:
          openai-api-key: ${env:OPENAI_API_KEY}
      chat:
        api_type: openai
        engine: gpt-4o-mini
"""
)

_TEAM = (
    _MODELINE
    + """\
# What the team uses. A field that is set here wins over the layers below.
slug: team
profiles:
  default:
    display_name: Assistant
    stack:
      - registry_slug: provider-openai
        profile_slug: default
    inference_settings:
      chat:
        temperature: 0.2
  careful:
    display_name: Careful assistant
    description: For answers that are checked by no one.
    stack:
      - profile_slug: default
    inference_settings:
      chat:
        engine: gpt-4.1
        temperature: 0
"""
)


@click.command(
    epilog="""\b
Example:
  mkdir my-profiles && cd my-profiles
  profilec init && profilec build"""
)
@click.argument("directory", default=".", type=click.Path())
@with_session
def command(session: Session, directory: str) -> None:
    """Write a first project into DIRECTORY (default: here): a configuration, two registries, a schema for editors.

    A file that is there already is never overwritten.
    """
    from profilec.encode import encode

    root = Path(directory)
    files = {
        "profilec.toml": _CONFIG,
        "registries/10-provider-openai.yaml": _PROVIDER,
        "registries/20-team.yaml": _TEAM,
        _SCHEMA: encode(schemas.load("registry")).decode(),
    }
    taken = [name for name in files if os.path.lexists(root / name)]
    if taken:
        session.fail(
            [
                Diagnostic(
                    "already-there",
                    "error",
                    f"`{name}` is there already; nothing was written",
                    Span(str(root / name)),
                    hint="run `profilec init NEW-DIRECTORY`",
                )
                for name in taken
            ],
            1,
        )
    try:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            session.say(f"wrote {visible(str(path))}")
    except OSError as error:
        reason = (error.strerror or "unwritable").lower()
        session.fail(
            [
                Diagnostic(
                    "unwritable-output",
                    "error",
                    f"`{error.filename}` cannot be written: {reason}",
                    hint="look at the permissions, or name another directory",
                )
            ],
            3,
        )
    if session.form == "json":
        session.product(as_json([], files=[(root / name).as_posix() for name in files]))
    session.say(f"next: {'' if directory == '.' else f'cd {visible(directory)} && '}profilec build")
