"""Builds for reports: one with everything that a report shows, one beside an older self, and one of many profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import profilec
from profilec.review.changes import changes
from profilec.review.diff import diff
from profilec.review.diff.document import as_document
from profilec.review.tabulate import listed, tabulate

PROVIDER = """\
slug: provider
display_name: The providers
profiles:
  default:
    inference_settings:
      api: {api_keys: {openai-api-key: "${env:OPENAI_API_KEY}"}}
      chat: {api_type: openai, temperature: 1}
  small:
    stack: [{profile_slug: default}]
    inference_settings:
      chat: {engine: gpt-4.1-mini, stop: [END]}
      model_info: {context_window: 9000, max_output_tokens: 4000, cost: {input: 0.075, output: 10}}
  large:
    stack: [{profile_slug: default}]
    inference_settings:
      chat: {engine: gpt-4.1}
      model_info: {context_window: 128000, cost: {input: 0.6, output: 8}}
"""
TEAM = """\
slug: team
profiles:
  default:
    display_name: Assistant
    description: |
      Answers what people ask.
      Nothing else.
    stack:
      - {registry_slug: provider, profile_slug: small}
      - {profile_slug: careful}
    inference_settings:
      chat: {max_response_tokens: 500}
    extensions:
      acme.routing@v1: {tier: high}
  careful:
    stack: [{registry_slug: provider, profile_slug: default}]
    inference_settings: {chat: {temperature: 0}}
  local:
    inference_settings:
      chat: {api_type: ollama, engine: llama3}
      model_info: {cost: {input: 0, output: 0}}
"""
EDITED_PROVIDER = PROVIDER.replace("input: 0.6, output: 8", "input: 4, output: 8").replace(
    "temperature: 1}", "temperature: 0.5}"
)
EDITED_TEAM = (
    TEAM.replace("  local:\n", "  nearby:\n")
    .replace("tier: high", "tier: low")
    .replace("display_name: Assistant", "display_name: The assistant")
)


def small(directory: Path, **options: Any) -> profilec.Build:
    """Two registries on a baseline, with a diamond of stacks."""
    baseline = directory / "base.yaml"
    baseline.write_text("client: {timeout: 60}\nchat: {temperature: 0.7}\n", "utf-8")
    texts = [profilec.Text("provider.yaml", PROVIDER), profilec.Text("team.yaml", TEAM)]
    return profilec.compile(texts, baseline=baseline, root=directory, **options)


def many(count: int) -> profilec.Build:
    profiles = "".join(
        f"  p{number}: {{stack: [{{profile_slug: default}}], inference_settings: {{chat: {{engine: m-{number}}}}}}}\n"
        for number in range(count)
    )
    text = "slug: many\nprofiles:\n  default: {inference_settings: {chat: {api_type: openai}}}\n" + profiles
    return profilec.compile(profilec.Text("many.yaml", text))


def compared(old: profilec.Build, new: profilec.Build) -> dict[str, Any]:
    """The tables of a build, with what changed since an older one."""
    numbers = {name: number for number, name in enumerate(listed(new))}
    return {**tabulate(new), "changes": changes(as_document(diff(old, new)), numbers)}


def edited() -> dict[str, Any]:
    """The tables of a build beside an older one: a price, a common field, a name and more were edited."""
    old, new = (
        profilec.compile([profilec.Text("provider.yaml", provider), profilec.Text("team.yaml", team)])
        for provider, team in ((PROVIDER, TEAM), (EDITED_PROVIDER, EDITED_TEAM))
    )
    return compared(old, new)
