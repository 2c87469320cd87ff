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


LAYOUTS = {
    "a mapping over several lines": "slug: team\nprofiles:\n  a:\n    inference_settings: {\n"
    "      chat: {engine: x},   # the engine\n      # why this limit\n      model_info: {context_window: 5}}\n",
    "a list over several lines": "slug: team\nprofiles:\n  a:\n    inference_settings:\n      chat:\n"
    "        stop: [a,   # first\n"
    "               b]   # second\n",
    "an explicit key": "slug: team\nprofiles:\n  ? a\n  : {description: x}\n  z: {}  \n\n\n# two blanks above\n",
    "marks of a document": "---\n# head\nslug: team\nprofiles:\n  a: {}\n...\n# after\n",
    "a folded text": 'slug: team\ndescription: "several\n  lines, \\u00e9 \\x41"\nprofiles:\n'
    "  a: {description: plain\n      text}\n",
    "a byte order mark": "\ufeffslug: team\nprofiles:\n  a: {}\n",
    "another word for null": "slug: team\nprofiles:\n  a: {inference_settings: ~}\n",
    "no line end": "slug: team\nprofiles:\n  a: {}",
    "empty profiles": "slug: team   # who\nprofiles: {}   # none yet\n",
}


@pytest.mark.parametrize("what", LAYOUTS)
def test_another_profile_loses_no_line_of_any_layout(tmp_path: Path, what: str) -> None:
    path = tmp_path / "team.yaml"
    path.write_bytes(LAYOUTS[what].encode())
    open_store(path, clock=lambda: 1.0).put_profile("team", "new", {"description": "d"})
    before, after = LAYOUTS[what].splitlines(), path.read_bytes().decode().splitlines()
    gone = [each[1:] for each in unified_diff(before, after, n=0, lineterm="") if re.match("-(?!--)", each)]
    assert gone == (["profiles: {}   # none yet"] if what == "empty profiles" else [])
    assert "none yet" in path.read_text() or what != "empty profiles"
    assert sorted(open_store(path).registry("team")["profiles"]) == (
        ["new"] if "empty" in what else sorted({"a", "new", *("z" * ("explicit" in what))})
    )


def test_a_comment_within_what_changes_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(LAYOUTS["a list over several lines"])
    with pytest.raises(StoreError) as caught:
        open_store(path).put_profile("team", "a", {"inference_settings": {"chat": {"stop": ["c"]}}})
    assert caught.value.diagnostics[0].rule == "shared-layout"
    assert path.read_text() == LAYOUTS["a list over several lines"]


@pytest.mark.parametrize(
    ("old", "new"), [("1", True), ("true", 1), ("[1, 2]", [True, 2]), ("0", False), ("{a: 1}", {"a": True})]
)
def test_what_python_takes_for_the_same_is_changed(tmp_path: Path, old: str, new: object) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(f"slug: team\nprofiles:\n  a: {{extensions: {{acme.x@v1: {{flag: {old}}}}}}}\n")
    store = open_store(path)
    store.put_profile("team", "a", {"extensions": {"acme.x@v1": {"flag": new}}})
    assert repr(store.profile("team", "a")["extensions"]) == repr({"acme.x@v1": {"flag": new}})
    assert store.history()[0].fields
