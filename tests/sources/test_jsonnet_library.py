"""engineprofiles.libsonnet: what it makes compiles to what the same YAML does, and wrong use is told at the call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import profilec
import pytest
from jsonnet_run import run
from profilec.diagnostics import Span

HEAD = "local ep = import 'engineprofiles.libsonnet';\n"
YAML = """
slug: team
display_name: Team
metadata: {version: 3}
profiles:
  default:
    display_name: Default
    description: For all.
    stack: [{registry_slug: provider, profile_slug: default}, {profile_slug: house}]
    inference_settings:
      chat: {api_type: openai, engine: gpt-4o, temperature: 0.2}
      api:
        api_keys: {openai-api-key: "${env:KEY}"}
        base_urls: {openai-base-url: "https://example.com"}
    extensions: {acme.routing@v1: {tier: standard}}
    metadata: {version: 2}
  house: {}
  mini: {stack: [{profile_slug: default}]}
  mini-cold: {stack: [{profile_slug: default}], inference_settings: {chat: {temperature: 0}}}
"""
PROGRAM = """
ep.registry('team', [
  {
    default: ep.profile(
      display_name='Default',
      description='For all.',
      stack=['provider/default', 'house'],
      settings=[
        ep.settings.model('openai', 'gpt-4o'),
        ep.settings.set('chat.temperature', 0.2),
        ep.settings.credential('openai', ep.env('KEY')),
        ep.settings.base_url('openai', 'https://example.com'),
      ],
      extensions=ep.extension('acme.routing', 1, { tier: 'standard' }),
      metadata={ version: 2 },
    ),
    house: ep.profile(),
  },
  ep.family('default', [{ mini: {} }, { '': {}, cold: ep.profile(ep.settings.set('chat.temperature', 0)) }]),
], display_name='Team', metadata={ version: 3 })
"""


ENV = "ep.env: the name of an environment variable has letters, digits and `_`"


def value(directory: Path, text: str) -> Any:
    return run(directory, HEAD + text).value


def test_a_registry_is_what_one_would_write_as_yaml(tmp_path: Path) -> None:
    provider = {"slug": "provider", "profiles": {"default": {}}}
    evaluated = value(tmp_path, PROGRAM)
    text = profilec.Text("team.yaml", YAML)
    wanted = profilec.compile([provider, text])
    found = profilec.compile([provider, evaluated])
    assert {name: each.data for name, each in found.artifacts.items()} == {
        name: each.data for name, each in wanted.artifacts.items()
    }


def test_families_combine_by_the_rules_of_layers(tmp_path: Path) -> None:
    text = """ep.family(
      ep.profile({ chat: { stop: ['a', 'b'], n: 1 }, model_info: { cost: { input: 1, output: 2 } } }),
      [
        { x: { inference_settings: { chat: { stop: [] } } }, y: {} },
        { '': {}, free: { inference_settings: { model_info: { cost: { input: 0 } }, chat: { n: null } } } },
      ])"""
    cost, none = {"input": 1, "output": 2}, {"cost": {"input": 0}}
    assert value(tmp_path, text) == {
        "x": {"inference_settings": {"chat": {"stop": [], "n": 1}, "model_info": {"cost": cost}}},
        "x-free": {"inference_settings": {"chat": {"stop": [], "n": None}, "model_info": none}},
        "y": {"inference_settings": {"chat": {"stop": ["a", "b"], "n": 1}, "model_info": {"cost": cost}}},
        "y-free": {"inference_settings": {"chat": {"stop": ["a", "b"], "n": None}, "model_info": none}},
    }


def test_a_family_of_hundreds(tmp_path: Path) -> None:
    text = """
      local engines = { ['m' + i]: ep.profile(ep.settings.set('chat.engine', 'm' + i)) for i in std.range(1, 20) };
      local heats = { ['t' + i]: ep.profile(ep.settings.set('chat.temperature', i)) for i in std.range(1, 20) };
      ep.registry('large', ep.family('base', [engines, heats]))"""
    assert len(value(tmp_path, text)["profiles"]) == 400


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ep.registry(1, {})", "ep.registry: `slug` is a value of type number, where a text is wanted"),
        (
            "ep.registry('t', [4])",
            "ep.registry('t'): the profiles hold a value of type number, where an object of profiles by name is wanted",
        ),
        (
            "ep.registry('t', { a: 1 })",
            "ep.registry('t'): the profile `a` is a value of type number, where a profile is wanted",
        ),
        (
            "ep.registry('t', { a: { chat: {} } })",
            "ep.registry('t'): the profile `a` has the key `chat`, which no profile has: "
            "settings stand below `inference_settings`, or in `ep.profile(settings={…})`",
        ),
        (
            "ep.registry('t', [{ a: {}, b: {} }, { b: {}, a: {} }, { c: {} }])",
            "ep.registry('t'): two of the objects of profiles have `a`, `b`",
        ),
        ("ep.profile(stack=['a/b/c'])", "ep.on: `a/b/c` is neither 'profile' nor 'registry/profile'"),
        ("ep.profile(stack='/a')", "ep.on: `/a` is neither 'profile' nor 'registry/profile'"),
        ("ep.on(4)", "ep.on: a value of type number stands where 'registry/profile' is wanted"),
        (
            "ep.profile([4])",
            "ep.profile: `settings` holds a value of type number, where an object, or a list of objects, is wanted",
        ),
        ("ep.profile(setings={})", "function has no parameter setings"),
        (
            "ep.family('a', [1])",
            "ep.family: the variants hold a value of type number, where an object of changes by name is wanted",
        ),
        ("ep.family('a', { '': {} })", "ep.family: a variant has no name"),
        (
            "ep.family('a', { b: { chat: {} } })",
            "ep.family: the variant `b` has the key `chat`, which no profile has: "
            "settings stand below `inference_settings`, or in `ep.profile(settings={…})`",
        ),
        ("ep.family(4, { b: {} })", "ep.family: the base is a value of type number, where a profile is wanted"),
        ("ep.overlay(4, {})", "ep.overlay: the profile is a value of type number, where a profile is wanted"),
        # What was written may be the credential itself.
        ("ep.env('sk-hunter2')", ENV),
        ("ep.env('')", ENV),
        ("ep.file('')", "ep.file: `` is not a path"),
        (
            "ep.settings.credential('openai', 'sk-hunter2')",
            "`ep.settings.credential` is given no reference for `openai`; write `ep.env('NAME')` or `ep.file('PATH')`",
        ),
    ],
)
def test_wrong_use_is_told_at_the_call(tmp_path: Path, text: str, message: str) -> None:
    finding = run(tmp_path, HEAD + f"local it = 1;\n  [{text}]").finding
    assert finding.message == message
    # What is made for each name is reached through the value, so the engine tells no narrower place than the list.
    assert finding.span in (Span("registries/0.jsonnet", 3, 3), Span("registries/0.jsonnet", 3, 4))


def test_a_name_twice_in_a_family_is_refused(tmp_path: Path) -> None:
    finding = run(tmp_path, HEAD + "ep.family('a', [{ a: {}, 'a-b': {} }, { '': {}, b: {} }])").finding
    assert "a-b" in finding.message and finding.message.startswith("duplicate field")
