"""Small chains and policies for the tests of both."""

from __future__ import annotations

from typing import Any

import profilec
from profilec.diagnostics import Diagnostic

PROVIDER = """\
slug: provider
profiles:
  default:
    inference_settings:
      api:
        api_keys: {openai-api-key: "${env:OPENAI_API_KEY}"}
      chat: {api_type: openai}
      model_info:
        cost: {input: 3, output: 12}
"""
PROD = """\
slug: prod-eu
profiles:
  base:
    stack: [{registry_slug: provider, profile_slug: default}]
    inference_settings:
      chat: {engine: gpt-4o}
      model_info: {context_window: 128000}
  one: {stack: [{profile_slug: base}]}
  two: {stack: [{profile_slug: base}], inference_settings: {chat: {temperature: 2}}}
  three: {stack: [{profile_slug: one}]}
"""
CHAIN = [profilec.Text("10-provider.yaml", PROVIDER), profilec.Text("20-prod.yaml", PROD)]


def at(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the field at a dotted path of the artifact."""
    for step in reversed(path.split(".")):
        schema = {"properties": {step: schema}}
    return schema


def setting(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    return at(f"inference_settings.{path}", schema)


def policy(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "own", "message": "not ours", "schema": schema, **more}


def found(*policies: Any, chain: Any = CHAIN, **options: Any) -> list[Diagnostic]:
    """What a compile says, whether it goes on or not; notes of no interest here aside."""
    try:
        diagnostics = profilec.compile(chain, policies=policies, **options).diagnostics
    except profilec.CompileError as error:
        diagnostics = error.diagnostics
    return [each for each in diagnostics if each.rule not in ("default-by-order", "no-default-profile")]


def told(*policies: Any, **options: Any) -> list[tuple[str, str]]:
    """Place and message of each finding."""
    return [(str(each.span), each.message) for each in found(*policies, **options)]
