"""A change of a YAML file touches what is to change: comments, order, quotes and layout of all else stay."""

from __future__ import annotations

import re
from difflib import unified_diff
from pathlib import Path

import pytest
from profilec import StoreError, open_store

REGISTRIES = Path(__file__).parents[2] / "registries"
TEXT = """\
# yaml-language-server: $schema=registry.schema.json

slug: team      # who
x-shared: &limits {max_response_tokens: 4096}   # room for anchors
profiles:
  # the first
  default:     # where it begins

    display_name: 'Default'
    stack:
        - registry_slug: provider   # elsewhere
          profile_slug:  default
    inference_settings:
      chat: {<<: *limits, engine: "gpt-5-mini",  temperature: 0.20}
      openai:
        # two of them
        n:   2
      model_info:
        input: [text,   image]
        metadata: {a: 010, b: ~, c: 1e3}
    description: |
      Several
      lines

  Fast:
    <<: &fast
      description: >-
        folded
        text
    stack: [{profile_slug: default}]
  careful: *fast
  # the last word
"""


# What the store itself keeps, and the numbers of lines.
OWN = re.compile(r"@@|[+-] *(metadata:$|version:|updated_at_ms:|created_at_ms:)")


def change(path: Path, profile: str, **fields: object) -> list[str]:
    """Lines that a put of a profile with these fields adds and removes, without the metadata's."""
    before = path.read_text().splitlines()
    store = open_store(path, clock=lambda: 1.0)
    found = {**store.profile("team", profile), **fields}
    store.put_profile("team", profile, found)
    after = path.read_text().splitlines()
    lines = [each for each in unified_diff(before, after, n=0, lineterm="") if each[:3] not in ("---", "+++")]
    return [each for each in lines if not OWN.match(each)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "team.yaml").write_text(TEXT)
    return tmp_path / "team.yaml"


def test_a_changed_text(path: Path) -> None:
    assert change(path, "default", display_name="yes") == ["-    display_name: 'Default'", '+    display_name: "yes"']


def test_a_changed_field_far_down(path: Path) -> None:
    settings = open_store(path).profile("team", "default")["inference_settings"]
    settings["openai"]["n"] = 3
    assert change(path, "default", inference_settings=settings) == ["-        n:   2", "+        n: 3"]


def test_a_field_beside_a_merge_key(path: Path) -> None:
    settings = open_store(path).profile("team", "default")["inference_settings"]
    settings["chat"]["temperature"] = 0.5
    [gone, come] = change(path, "default", inference_settings=settings)
    assert "<<: *limits" in come
    assert "0.5" in come
    assert "0.20" in gone


def test_a_new_field_and_a_field_less(path: Path) -> None:
    settings = open_store(path).profile("team", "default")["inference_settings"]
    del settings["model_info"]["metadata"]["b"]
    settings["claude"] = {"top_k": 1}
    lines = change(path, "default", inference_settings=settings)
    assert [each for each in lines if each.startswith("-")] == ["-        metadata: {a: 010, b: ~, c: 1e3}"]
    assert "+      claude:" in lines


def test_a_new_profile_comes_last_and_moves_nothing(path: Path) -> None:
    open_store(path).put_profile("team", "new", {"description": "010", "stack": [{"profile_slug": "default"}]})
    text = path.read_text()
    assert text.startswith(TEXT[: TEXT.index("  careful")])
    assert '    description: "010"\n' in text
    assert "# the last word" in text


def test_a_deleted_profile_takes_only_its_own_lines(path: Path) -> None:
    open_store(path).delete_profile("team", "careful")
    assert path.read_text().startswith(TEXT[: TEXT.index("  careful")])
    assert "careful" not in path.read_text()


def test_a_profile_that_is_an_alias_is_written_out_and_the_other_stays(path: Path) -> None:
    open_store(path).put_profile("team", "careful", {"description": "own"})
    store = open_store(path)
    assert store.profile("team", "careful")["description"] == "own"
    assert store.profile("team", "fast")["description"] == "folded text"


def test_what_a_merge_key_brings_cannot_be_taken_away(path: Path) -> None:
    settings = open_store(path).profile("team", "default")["inference_settings"]
    del settings["chat"]["max_response_tokens"]
    before = path.read_text()
    with pytest.raises(StoreError) as caught:
        change(path, "default", inference_settings=settings)
    assert caught.value.diagnostics[0].rule == "shared-layout"
    assert path.read_text() == before


def test_line_ends_stay(path: Path) -> None:
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    open_store(path).put_profile("team", "new", {})
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")


def files() -> list[Path]:
    return [each for each in sorted(REGISTRIES.rglob("*.yaml")) if each.stat().st_size < 60_000]


@pytest.mark.parametrize("file", files(), ids=lambda each: each.name)
def test_real_registries_keep_every_other_line(tmp_path: Path, file: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(file.read_bytes())
    store = open_store(path, clock=lambda: 1.0)
    [(slug, document)] = store.registries().items()
    profile = min(document["profiles"])
    store.put_profile(slug, profile, {**document["profiles"][profile], "description": "another one"})
    lines = unified_diff(file.read_text().splitlines(), path.read_text().splitlines(), n=0, lineterm="")
    gone = [each for each in lines if each.startswith("-") and not each.startswith("---")]
    assert len(gone) <= 4, gone
    assert all("description" in each or "version" in each or "updated" in each for each in gone), gone
