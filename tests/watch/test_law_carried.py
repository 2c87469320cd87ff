"""Whatever is edited between two compiles, one that takes over what the other left gives what a cold one gives."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import profilec
import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from profilec.carried import Carried
from profilec.rendering.render import render
from profilec.rendering.terminal import Painter

SLUGS = ("a", "b", "c")
NAMES = ("default", "p", "q")
FILES = ("1.yaml", "2.yaml", "3.json", "sub/4.yaml")
# Values that Python takes for the same, and JSON does not; and one with which a map gives way to a scalar.
VALUES = (1, True, 1.5, 0, False, "1", None, {"x": 1}, {"x": True}, {}, [1], [True])
BASELINES = ("{}\n", *("\n" * above + f"client: {{timeout: {n}}}\n" for above in (0, 1) for n in (1, 2, "soon")))
BROKEN = "slug: [\n"
URLS = (None, "https://one.example/v1", "http://two.example/v1")
# What profiles are held to: by versions, which are each profile's own, by values, which are inherited; or by nothing.
POLICIES = (
    None,
    {"message": "old", "severity": "warning", "layers": True, "schema": {"required": ["nothing"]}},
    {"message": "no", "select": ["a/*"], "severity": "error", "schema": {"$ref": "#/$defs/x", "$defs": {"x": True}}},
    {
        "message": "one",
        "severity": "warning",
        "schema": {
            "properties": {"extensions": {"properties": {"x.y@v1": {"properties": {"v": {"not": {"const": 1}}}}}}}
        },
    },
    {"message": "none", "severity": "warning", "select": ["nowhere/*"], "schema": {}},
)
REFS = st.tuples(st.sampled_from((*SLUGS, "nowhere")), st.sampled_from(NAMES))
DISCREET = Painter(False)


def new_profile() -> dict[str, Any]:
    return {
        "stack": [],
        "value": 1,
        "window": None,
        "watermark": None,
        "version": 0,
        "key": None,
        "url": None,
        "model": None,
    }


def as_source(registry: dict[str, Any]) -> str:
    """A registry as JSON, which is YAML too. Lines are moved by blank ones before it and between profiles."""
    profiles = []
    for name, each in registry["profiles"].items():
        model_info = {"context_window": each["window"], "quality_high_watermark": each["watermark"]}
        written = {
            "stack": [{"registry_slug": slug, "profile_slug": profile} for slug, profile in each["stack"]],
            "inference_settings": {
                "model_info": model_info,
                "api": {
                    "api_keys": {"openai-api-key": each["key"]},
                    "base_urls": {"openai-base-url": each["url"]},
                    "allow_http": {"openai": each["url"] == URLS[2] or None},
                },
                "chat": {"engine": each["model"]},
            },
            "extensions": {"x.y@v1": {"v": each["value"]}},
            "metadata": {"version": each["version"]},
        }
        profiles.append(f"{json.dumps(name)}: {json.dumps(written)}")
    head = {"slug": registry["slug"], "display_name": registry["title"]}
    return (
        "\n" * registry["above"]
        + json.dumps(head)[:-1]
        + ', "profiles": {'
        + (",\n" + "\n" * registry["between"]).join(profiles)
        + "}}\n"
    )


class Edits(RuleBasedStateMachine):
    """A directory of registries that is compiled after each edit: warm and cold, to a disk and in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="profilec-carried-"))
        self.sources, self.out = self.home / "sources", self.home / "out"
        self.baseline = self.home / "base.yaml"
        self.policies = self.home / "policies"
        self.sources.mkdir()
        self.files: dict[str, dict[str, Any]] = {}
        self.on_disk, self.in_memory = Carried(), Carried()
        self.manifest: bytes | None = None

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @initialize()
    def begin(self) -> None:
        self.write_baseline("{}\n")
        for file, slug in zip(FILES[:2], SLUGS, strict=False):
            self.add_file(file, slug)

    @rule(file=st.sampled_from(FILES), slug=st.sampled_from(SLUGS))
    def add_file(self, file: str, slug: str) -> None:
        profiles = {"default": new_profile(), "p": new_profile() | {"stack": [(slug, "default")]}}
        self.files[file] = {
            "slug": slug,
            "title": None,
            "profiles": profiles,
            "above": 0,
            "between": 0,
        }
        self.save(file)

    def save(self, file: str) -> None:
        path = self.sources / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(as_source(self.files[file]), "utf-8")

    def edit(self, file: str, change: Callable[[dict[str, Any]], object]) -> None:
        if file in self.files:
            change(self.files[file])
            self.save(file)

    def edit_profile(self, file: str, name: str, **changes: Any) -> None:
        self.edit(file, lambda registry: registry["profiles"].setdefault(name, new_profile()).update(changes))

    @rule(file=st.sampled_from(FILES), name=st.sampled_from(NAMES), value=st.sampled_from(VALUES))
    def change_a_value(self, file: str, name: str, value: Any) -> None:
        self.edit_profile(file, name, value=value)

    @rule(file=st.sampled_from(FILES), name=st.sampled_from(NAMES), version=st.integers(0, 2))
    def change_a_version(self, file: str, name: str, version: int) -> None:
        self.edit_profile(file, name, version=version)

    @rule(file=st.sampled_from(FILES), name=st.sampled_from(NAMES), refs=st.lists(REFS, max_size=2))
    def change_a_stack(self, file: str, name: str, refs: list[tuple[str, str]]) -> None:
        self.edit_profile(file, name, stack=refs)

    @rule(
        file=st.sampled_from(FILES),
        name=st.sampled_from(NAMES),
        field=st.sampled_from(["window", "watermark"]),
        number=st.sampled_from([None, 10, 20]),
    )
    def set_one_of_two_that_must_agree(self, file: str, name: str, field: str, number: int | None) -> None:
        self.edit_profile(file, name, **{field: number})

    @rule(file=st.sampled_from(FILES), name=st.sampled_from(NAMES), key=st.sampled_from([None, "sk-1", "${env:KEY}"]))
    def write_a_credential(self, file: str, name: str, key: str | None) -> None:
        self.edit_profile(file, name, key=key)

    @rule(
        file=st.sampled_from(FILES),
        name=st.sampled_from(NAMES),
        url=st.sampled_from(URLS),
        model=st.sampled_from([None, "m"]),
    )
    def send_it_elsewhere(self, file: str, name: str, url: str | None, model: str | None) -> None:
        self.edit_profile(file, name, url=url, model=model)

    @rule(policy=st.sampled_from(POLICIES))
    def write_a_policy(self, policy: dict[str, Any] | None) -> None:
        self.policies.mkdir(exist_ok=True)
        (self.policies / "always.json").write_text('{"message": "x", "schema": {}}')
        if policy is None:
            (self.policies / "own.json").unlink(missing_ok=True)
        else:
            (self.policies / "own.json").write_text(json.dumps(policy))

    @rule(file=st.sampled_from(FILES), name=st.sampled_from(NAMES))
    def remove_a_profile(self, file: str, name: str) -> None:
        self.edit(file, lambda registry: registry["profiles"].pop(name, None))

    @rule(file=st.sampled_from(FILES), above=st.integers(0, 2), between=st.integers(0, 2))
    def move_lines(self, file: str, above: int, between: int) -> None:
        self.edit(file, lambda registry: registry.update(above=above, between=between))

    @rule(file=st.sampled_from(FILES), title=st.sampled_from([None, "A", "B"]))
    def change_the_registry(self, file: str, title: str | None) -> None:
        self.edit(file, lambda registry: registry.update(title=title))

    @rule(one=st.sampled_from(FILES), other=st.sampled_from(FILES))
    def swap_two_files(self, one: str, other: str) -> None:
        if one in self.files and other in self.files:
            self.files[one], self.files[other] = self.files[other], self.files[one]
            self.save(one)
            self.save(other)

    @rule(one=st.sampled_from(FILES), other=st.sampled_from(FILES))
    def rename_a_file(self, one: str, other: str) -> None:
        if one in self.files and other not in self.files:
            self.files[other] = self.files.pop(one)
            (self.sources / one).unlink()
            self.save(other)

    @rule(file=st.sampled_from(FILES))
    def remove_a_file(self, file: str) -> None:
        if self.files.pop(file, None):
            (self.sources / file).unlink()

    @rule(file=st.sampled_from(FILES))
    def break_a_file(self, file: str) -> None:
        if file in self.files:
            (self.sources / file).write_text(BROKEN)

    @rule(file=st.sampled_from(FILES))
    def mend_or_touch_a_file(self, file: str) -> None:
        if file in self.files:
            self.save(file)
            os.utime(self.sources / file)

    @rule(text=st.sampled_from(BASELINES))
    def write_baseline(self, text: str) -> None:
        self.baseline.write_text(text)

    @rule(value=st.sampled_from([1, True]), slug=st.sampled_from(SLUGS))
    def write_a_database(self, value: Any, slug: str) -> None:
        registry = {"slug": slug, "profiles": {"q": {"slug": "q", "extensions": {"x.y@v1": {"v": value}}}}}
        with closing(sqlite3.connect(self.sources / "5.sqlite")) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS profile_registries (slug TEXT PRIMARY KEY, payload_json)")
            connection.execute("INSERT OR REPLACE INTO profile_registries VALUES (?, ?)", (slug, json.dumps(registry)))

    @rule()
    def remove_the_database(self) -> None:
        (self.sources / "5.sqlite").unlink(missing_ok=True)

    @precondition(lambda self: self.manifest)
    @rule(which=st.randoms(use_true_random=False))
    def remove_a_file_of_the_build(self, which: Any) -> None:
        path = which.choice(sorted(path for path in self.out.rglob("*.json") if path.name != "manifest.json"))
        path.unlink()

    @precondition(lambda self: self.manifest)
    @rule()
    def remove_the_build(self) -> None:
        shutil.rmtree(self.out)
        self.manifest = None

    @invariant()
    def warm_is_cold(self) -> None:
        cold = self.home / "cold"
        shutil.rmtree(cold, ignore_errors=True)
        wanted, findings = self.build(cold, None)
        found, told = self.build(self.out, self.on_disk)
        assert told == findings
        assert found == wanted
        event(f"compiles: {wanted is not None}")
        if wanted is not None:
            self.manifest = wanted["manifest.json"]
        elif self.manifest:
            assert (self.out / "manifest.json").read_bytes() == self.manifest
        compiled, told = self.compile(None)
        assert self.compile(self.in_memory) == (compiled, told)
        assert compiled == wanted and told == findings

    def named_policies(self) -> list[Path]:
        return [self.policies] if self.policies.is_dir() else []

    def build(self, out: Path, carried: Carried | None) -> tuple[dict[str, bytes] | None, str]:
        try:
            built = profilec.build(
                self.sources, out, self.baseline, root=self.home, carried=carried, policies=self.named_policies()
            )
        except profilec.CompileError as error:
            return None, shown(error.diagnostics)
        served = profilec.open_build(out)
        return {path: served.files[path] for path in served.files}, shown(built.diagnostics)

    def compile(self, carried: Carried | None) -> tuple[dict[str, bytes] | None, str]:
        try:
            build = profilec.compile(
                self.sources, self.baseline, root=self.home, carried=carried, policies=self.named_policies()
            )
        except profilec.CompileError as error:
            return None, shown(error.diagnostics)
        assert {each.data for each in build.artifacts.values()} <= set(build.files.values())
        return dict(build.files), shown(build.diagnostics)


def shown(diagnostics: tuple[profilec.Diagnostic, ...]) -> str:
    return render(diagnostics, "text", DISCREET)


Edits.TestCase.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEdits = Edits.TestCase


@pytest.mark.parametrize(
    "edit",
    [
        {"1.yaml": "slug: a\nprofiles: {default: {extensions: {x.y@v1: {v: true}}}}\n"},
        {"1.yaml": "slug: a\nprofiles: {default: {extensions: {x.y@v1: {v: 1.5}}}}\n"},
        # The later file is another one of the chain then, and by its slug would come first.
        {"2.yaml": "slug: b\nprofiles: {default: {}}\n", "3.yaml": "slug: c\nprofiles: {default: {}}\n"},
        {"2.yaml": "slug: 0\nprofiles: {default: {}}\n"},
        {"1.yaml": None},
    ],
)
def test_what_is_easily_taken_for_the_same(tmp_path: Path, edit: dict[str, str | None]) -> None:
    sources, carried = tmp_path / "in", Carried()
    sources.mkdir()
    (sources / "1.yaml").write_text("slug: a\nprofiles: {default: {extensions: {x.y@v1: {v: 1}}}}\n")
    (sources / "9.yaml").write_text("slug: d\nprofiles: {default: {}}\n")
    profilec.compile(sources, carried=carried)
    for name, text in edit.items():
        if text is None:
            (sources / name).unlink()
        else:
            (sources / name).write_text(text)
        assert profilec.compile(sources, carried=carried).files == profilec.compile(sources).files


def test_an_edit_emits_what_it_changes(tmp_path: Path) -> None:
    carried = Carried()

    def build() -> profilec.Built:
        return profilec.build(tmp_path / "in", tmp_path / "out", root=tmp_path, carried=carried)

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.yaml").write_text("slug: a\nprofiles: {default: {}, p: {}}\n")
    (tmp_path / "in" / "2.yaml").write_text("slug: b\nprofiles: {default: {}}\n")
    build()
    before = dict(carried.emitted)
    (tmp_path / "in" / "1.yaml").write_text("slug: a\nprofiles: {default: {}, p: {description: new}}\n")
    built = build()
    assert [name for name, each in carried.emitted.items() if each is not before[name]] == ["a/p"]
    # The artifact and the index: no place has moved, and a source map has no descriptions.
    assert built.written.created == 2


@pytest.mark.parametrize("name", ["base.yaml", "in/1.yaml", "in", "in/sub", "in/x.libsonnet", "lib/x.libsonnet"])
def test_every_place_that_was_looked_at_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "base.yaml").write_text("{}\n")
    (tmp_path / "in" / "1.yaml").write_text("slug: a\nprofiles: {default: {}}\n")
    (tmp_path / "in" / "2.jsonnet").write_text("import 'x.libsonnet'\n")
    carried = Carried()
    with pytest.raises(profilec.CompileError):
        profilec.compile(tmp_path / "in", tmp_path / "base.yaml", carried=carried, jpath=[tmp_path / "lib"])
    # The import is nowhere yet.
    assert tmp_path / name in carried.places


def test_a_policy_is_held_against_what_was_kept(tmp_path: Path) -> None:
    """A profile that is kept still counts: the policy that it is held to protects something."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.yaml").write_text("slug: a\nprofiles: {default: {inference_settings: {chat: {engine: m}}}}\n")
    policy = profilec.Text("own.json", '{"message": "x", "select": ["a/*"], "schema": {}}')
    carried = Carried()
    for _ in range(2):
        build = profilec.compile(tmp_path / "in", root=tmp_path, carried=carried, policies=[policy])
        assert build.diagnostics == ()
