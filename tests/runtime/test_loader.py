"""Opening a build, finding profiles, and refusing what is not as it was built."""

import json
import logging
import os
import pickle
import subprocess
import sys
import zipfile

import engineprofiles as ep
import pytest
from runtime_build import REGISTRIES, encode, registries, sha256, write_build


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("PINOCCHIO_PROFILE", "ENGINE_PROFILES_BUILD", "ENGINE_PROFILES_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def build(tmp_path):
    directory = tmp_path / "build"
    directory.mkdir()
    write_build(directory)
    return directory


class Recording:
    """A package resource that notes which files were opened."""

    def __init__(self, path, opened):
        self.path, self.opened = path, opened

    def joinpath(self, name):
        return Recording(self.path / name, self.opened)

    def open(self, mode):
        self.opened.append(self.path.name.split("@")[0])
        return self.path.open(mode)


# Opening


def test_open_takes_text_pathlike_and_traversable(build, tmp_path):
    archive = tmp_path / "build.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for each in build.rglob("*.json"):
            file.write(each, f"inner/{each.relative_to(build).as_posix()}")
    for path in (str(build), build, zipfile.Path(archive, "inner/")):
        assert ep.open(path)["assistant"].settings["chat"]["engine"] == "gpt-5-mini"


def test_open_takes_a_package_resource(build, tmp_path):
    package = tmp_path / "acme"
    package.mkdir()
    (package / "__init__.py").touch()
    build.rename(package / "build")
    code = (
        "import importlib.resources as r, engineprofiles as ep\n"
        "print(ep.open(r.files('acme') / 'build').get().name)\n"
        "print(ep.open(r.files('acme').joinpath('build')).get('layer').explain_all())"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "team-agent/assistant\n[]\n"


def test_open_without_a_path(build, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    profiles = ep.open()
    monkeypatch.chdir("/")
    assert profiles.get().name == "team-agent/assistant"  # chdir does not move an opened build
    with pytest.raises(ep.BuildNotFound, match="the default"):
        ep.open()
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", str(build))
    assert ep.open().get().name == "team-agent/assistant"
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="from ENGINE_PROFILES_BUILD"):
        ep.open()
    monkeypatch.setenv("ENGINE_PROFILES_BUILD", "  ")
    monkeypatch.chdir(tmp_path)
    assert len(ep.open()) == 6


def test_nothing_to_open(build, tmp_path):
    for path in (tmp_path, tmp_path / "none", build / "manifest.json"):
        with pytest.raises(ep.BuildNotFound) as caught:
            ep.open(path)
        assert caught.value.code == "no-build"
        assert caught.value.details == {"path": str(path), "rule": "given as argument"}
        assert "\nhelp: run `profilec build" in str(caught.value)
    with pytest.raises(ep.BadOption):
        ep.open(3)


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b", "x" * 5000, "loop"])
def test_what_cannot_be_a_build_is_of_the_tree_too(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ep.BuildNotFound, match="cannot be read"):
        ep.open(path)


def test_a_file_that_cannot_be_one_is_damage(build):
    write_build(build, names={"file": "x" * 300, "digest": "0" * 64, "size": 1})
    with pytest.raises(ep.ArtifactDamaged, match="cannot be read"):
        ep.open(build)["assistant"]


def test_a_look_up_reads_no_more_than_it_needs(build):
    opened = []
    profiles = ep.open(Recording(build, opened))
    assert opened == ["manifest.json"]
    profiles.get("assistant")
    assert opened == ["manifest.json", "names", "team-agent", "assistant"]
    profiles.get("assistant")
    assert opened[4:] == ["assistant"]
    del opened[:]
    ep.open(Recording(build, opened)).get()
    assert opened == ["manifest.json", "team-agent", "assistant"]
    assert profiles and len(opened) == 3  # truth is not len(), which reads every index


# Names


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("team-agent/assistant", "team-agent/assistant"),
        ("assistant", "team-agent/assistant"),
        ("default", "provider-openai/default"),
        ("gpt-4.1", "team-agent/gpt-4.1"),
        ("provider-openai/gpt-4.1", "provider-openai/gpt-4.1"),
        ("  Team-Agent / ASSISTANT\n", "team-agent/assistant"),
        ("constructor", "team-agent/constructor"),
    ],
)
def test_names(build, name, found):
    profiles = ep.open(build)
    assert profiles[name].name == profiles.get(name).name == found
    assert name in profiles


@pytest.mark.parametrize(
    "name", ["__proto__", "team-agent/__proto__", "team-agent/toString", "team-agent/", "a/b/c", "", "assıstant", "K"]
)
def test_names_that_are_not_there(build, name):
    profiles = ep.open(build)
    assert name not in profiles
    with pytest.raises(KeyError) as caught:
        profiles[name]
    assert caught.value.code in ("unknown-profile", "unknown-registry")


@pytest.mark.parametrize("name", ["__proto__/default", "constructor/default", "/assistant", "/"])
def test_registries_that_are_not_there(build, name):
    profiles = ep.open(build)
    assert name not in profiles
    with pytest.raises(ep.UnknownRegistry):
        profiles[name]
    with pytest.raises(ep.UnknownRegistry):
        profiles.get(registry=name.partition("/")[0] or "-")


def test_case_folds_ascii_only(build):
    source = registries()
    source["team-agent"]["profiles"]["k"] = source["team-agent"]["profiles"]["assistant"]
    write_build(build, source)
    profiles = ep.open(build)
    assert "K" in profiles
    assert "\N{KELVIN SIGN}" not in profiles


def test_the_mapping(build):
    profiles = ep.open(build)
    assert list(profiles) == [
        "provider-openai/default",
        "provider-openai/gpt-4.1",
        "provider-openai/layer",
        "team-agent/assistant",
        "team-agent/constructor",
        "team-agent/gpt-4.1",
    ]
    assert len(profiles) == 6
    assert [profiles[name].name for name in profiles] == list(profiles)
    assert profiles.names()["gpt-4.1"] == "team-agent/gpt-4.1"
    assert profiles.default == "team-agent/assistant"
    assert profiles.manifest["precedence"] == ["team-agent", "provider-openai"]
    assert profiles.build == profiles.manifest["build"]
    assert profiles.digest == sha256((build / "manifest.json").read_bytes())
    assert 3 not in profiles
    with pytest.raises(ep.BadOption):
        profiles[3]
    assert repr(profiles) == f"<Profiles {str(build)!r} build {profiles.build[:16]}>"


def test_an_unknown_profile_says_everything(build, monkeypatch):
    monkeypatch.setenv("PINOCCHIO_PROFILE", "asistant")
    with pytest.raises(ep.UnknownProfile) as caught:
        ep.open(build).get()
    error = caught.value
    assert isinstance(error, KeyError)
    assert error.message == (
        "no profile `asistant` (from PINOCCHIO_PROFILE); looked in `team-agent`, `provider-openai`"
    )
    assert str(error) == error.message + "\nhelp: did you mean `assistant`?"
    assert error.details == {
        "asked": "asistant",
        "rule": "from PINOCCHIO_PROFILE",
        "looked_in": ["team-agent", "provider-openai"],
        "nearest": ["assistant"],
    }
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.details) == (str(error), error.details)


def test_an_unknown_qualified_profile_or_registry(build):
    profiles = ep.open(build)
    with pytest.raises(ep.UnknownProfile) as caught:
        profiles["team-agent/assistent"]
    assert str(caught.value) == (
        "no profile `team-agent/assistent` (given as argument); looked in `team-agent`\n"
        "help: did you mean `team-agent/assistant`?"
    )
    with pytest.raises(ep.UnknownRegistry) as caught:
        profiles["team-agnet/assistant"]
    assert str(caught.value) == (
        "no registry `team-agnet` (given as argument); the build has `provider-openai`, `team-agent`\n"
        "help: did you mean `team-agent`?"
    )


def test_what_was_asked_for_is_clipped_and_escaped(build):
    with pytest.raises(ep.UnknownProfile) as caught:
        ep.open(build)["\x1b[31m" + "x" * 5000]
    assert "\x1b" not in str(caught.value) and len(str(caught.value)) < 500


# Selection


def test_argument_then_environment_then_default(build, monkeypatch):
    profiles = ep.open(build)
    assert profiles.get().name == "team-agent/assistant"
    monkeypatch.setenv("PINOCCHIO_PROFILE", " \t")
    assert profiles.get().name == "team-agent/assistant"
    monkeypatch.setenv("PINOCCHIO_PROFILE", " Layer ")
    assert profiles.get().name == profiles.get("").name == "provider-openai/layer"
    assert profiles.get("constructor").name == "team-agent/constructor"
    assert profiles.get(registry="provider-openai").name == "provider-openai/default"


def test_a_name_within_a_registry(build):
    profiles = ep.open(build)
    assert profiles.get("gpt-4.1", registry="Provider-OpenAI").name == "provider-openai/gpt-4.1"
    assert profiles.get("provider-openai/gpt-4.1", "provider-openai").name == "provider-openai/gpt-4.1"
    with pytest.raises(ep.BadOption, match="is not of registry"):
        profiles.get("team-agent/assistant", "provider-openai")
    with pytest.raises(ep.UnknownProfile):
        profiles.get("assistant", "provider-openai")
    for arguments in ({"name": 3}, {"registry": b"x"}):
        with pytest.raises(ep.BadOption):
            profiles.get(**arguments)


def test_no_default(build):
    source = registries()
    source["team-agent"]["default_profile"] = None
    write_build(build, source, default=None)
    profiles = ep.open(build)
    assert profiles.default is None
    for registry in (None, "team-agent"):
        with pytest.raises(ep.NoDefaultProfile) as caught:
            profiles.get(registry=registry)
        assert (caught.value.code, caught.value.details) == ("no-default-profile", {"registry": registry})


def test_the_debug_log_says_which_rule_chose(build, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG, "engineprofiles")
    profiles = ep.open(build)
    profiles.get()
    profiles.get(registry="provider-openai")
    monkeypatch.setenv("PINOCCHIO_PROFILE", "layer")
    profiles.get()
    profiles["layer"]
    assert [record.getMessage() for record in caplog.records] == [
        "profile team-agent/assistant: the build's default",
        "profile provider-openai/default: the default of registry provider-openai",
        "profile provider-openai/layer: from PINOCCHIO_PROFILE",
        "profile provider-openai/layer: given as argument",
    ]


@pytest.mark.parametrize(
    ("value", "written"), [("1", "profile team-agent/assistant: the build's default\n"), ("0", "")]
)
def test_the_debug_log_by_environment(build, value, written):
    code = "import sys, engineprofiles as ep; ep.open(sys.argv[1]).get()"
    path = os.pathsep.join(p for p in sys.path if p)
    environment = {**os.environ, "PYTHONPATH": path, "ENGINE_PROFILES_DEBUG": value}
    command = [sys.executable, "-c", code, str(build)]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr == written


# A profile


def test_a_profile(build):
    profile = ep.open(build)["assistant"]
    assert (profile.name, profile.registry_slug, profile.profile_slug) == (
        "team-agent/assistant",
        "team-agent",
        "assistant",
    )
    assert (profile.display_name, profile.description) == ("Assistant", "Helps")
    assert profile.settings is profile.document["inference_settings"]
    assert profile.model_info["cost"] == {"input": 0.25, "output": 2}
    assert profile.extensions == {"acme.tools@v1": {"a/b": True}}
    assert profile.metadata == {"profile.version": 3}
    assert profile.lineage["stack"][0] == {"baseline": "base.yaml"}
    assert profile.requires == ["env:OPENAI_API_KEY"]
    (file,) = build.glob("profiles/team-agent/assistant@*")
    assert profile.digest == sha256(file.read_bytes())
    assert profile.document == json.loads(file.read_bytes())
    assert repr(profile) == f"<Profile team-agent/assistant {profile.digest[:16]}>"


def test_what_is_left_out(build):
    profile = ep.open(build)["layer"]
    assert (profile.display_name, profile.description, profile.model_info) == (None, None, {})
    assert (profile.extensions, profile.metadata, profile.requires) == ({}, {}, [])


def test_is_engine(build):
    profiles = ep.open(build)
    assert {name: profiles[name].is_engine for name in profiles} == {
        "provider-openai/default": True,
        "provider-openai/gpt-4.1": True,
        "provider-openai/layer": False,
        "team-agent/assistant": True,
        "team-agent/constructor": True,  # embeddings
        "team-agent/gpt-4.1": True,  # rerank
    }


def test_changing_one_profile_changes_no_other(build):
    profiles = ep.open(build)
    profiles["assistant"].settings["chat"]["engine"] = "changed"
    assert profiles["assistant"].settings["chat"]["engine"] == "gpt-5-mini"


def test_keys_of_objects_are_only_keys(build):
    source = registries()
    source["team-agent"]["profiles"]["odd"] = {
        "inference_settings": {"chat": {"engine": "x", "__proto__": {"polluted": 1}, "__class__": 2}},
        "lineage": {"stack": [], "fields": {}},
    }
    write_build(build, source)
    profile = ep.open(build)["odd"]
    assert profile.settings["chat"]["__proto__"] == {"polluted": 1}
    assert not hasattr(profile, "polluted") and type(profile) is ep.Profile


# Explaining


def layers(explanation):
    return [
        (each.profile, each.value, each.file, each.line, each.column)
        for each in [explanation.winner, *explanation.overridden]
    ]


@pytest.mark.parametrize(
    "field",
    [
        "chat.engine",
        "inference_settings.chat.engine",
        "/inference_settings/chat/engine",
        "/chat/engine",
    ],
)
def test_explain(build, field):
    explanation = ep.open(build)["assistant"].explain(field)
    assert isinstance(explanation, ep.Explanation) and isinstance(explanation.winner, ep.Layer)
    assert (explanation.field, explanation.value) == ("/inference_settings/chat/engine", "gpt-5-mini")
    assert layers(explanation) == [
        ("team-agent/assistant", "gpt-5-mini", "registries/team/20-team.yaml", 12, 9),
        ("base.yaml", "gpt-4", "base.yaml", 2, 3),
        ("provider-openai/default", "gpt-5", "registries/openai.yaml", 8, 9),
    ]
    assert str(explanation) == (
        "/inference_settings/chat/engine\n"
        '  set by     team-agent/assistant  "gpt-5-mini"  registries/team/20-team.yaml:12:9\n'
        '  overrides  provider-openai/default  "gpt-5"  registries/openai.yaml:8:9\n'
        '  overrides  base.yaml  "gpt-4"  base.yaml:2:3'
    )


@pytest.mark.parametrize(
    ("field", "pointer", "value"),
    [
        ("openai.logit_bias.1.5", "/inference_settings/openai/logit_bias/1.5", 3),
        ("extensions.acme.tools@v1.a/b", "/extensions/acme.tools@v1/a~1b", True),
        ("/extensions/acme.tools@v1/a~1b", "/extensions/acme.tools@v1/a~1b", True),
        ("model_info.cost.input", "/inference_settings/model_info/cost", {"input": 0.25, "output": 2}),
        ("/model_info/cost/output", "/inference_settings/model_info/cost", {"input": 0.25, "output": 2}),
    ],
)
def test_explain_keys_with_dots_and_units(build, field, pointer, value):
    explanation = ep.open(build)["assistant"].explain(field)
    assert (explanation.field, explanation.value) == (pointer, value)
    assert explanation.overridden == []


def test_explain_shows_a_credential_as_the_source_map_does(build):
    source = registries()
    source["team-agent"]["profiles"]["assistant"]["inference_settings"]["api"]["api_keys"]["openai-api-key"] = "sk-1234"
    write_build(build, source)
    profile = ep.open(build)["assistant"]
    explanation = profile.explain("api.api_keys.openai-api-key")
    assert explanation.value == "sk-1234"
    assert '"…"' in str(explanation)
    for shown in (explanation, explanation.winner, profile):
        assert "sk-1234" not in str(shown) + repr(shown)


def test_explain_a_layer_without_lines_or_record(build):
    profile = ep.open(build)["assistant"]
    assert profile.explain("model_info.context_window").winner.place == "registries/team/20-team.yaml"
    write_build(build, inputs={"secrets": "reference", "baseline": None})
    winner = ep.open(build)["assistant"].explain("client.timeout").winner
    assert (winner.profile, winner.file, winner.value) == ("base.yaml", None, None)
    assert str(winner) == "base.yaml  (not recorded)"


def test_explain_a_field_that_no_layer_sets(build):
    profile = ep.open(build)["assistant"]
    with pytest.raises(ep.UnknownField) as caught:
        profile.explain("chat.engin")
    assert str(caught.value) == (
        "no layer of profile `team-agent/assistant` sets `chat.engin`\nhelp: did you mean `chat.engine`?"
    )
    for field in ("/inference_settings/chat/engin", "model_info.cost.bogus", "", "/", "__proto__", "chat.", ".chat"):
        with pytest.raises(ep.UnknownField):
            profile.explain(field)
    with pytest.raises(ep.UnknownField, match=r"is a section .*\n.*explain_all\('chat'\)"):
        profile.explain("chat")
    with pytest.raises(ep.BadOption):
        profile.explain(None)


def test_explain_a_field_that_names_two(build):
    source = registries()
    lineage = source["team-agent"]["profiles"]["assistant"]["lineage"]
    lineage["fields"] |= {"/extensions/a.b": [2], "/extensions/a/b": [2]}
    write_build(build, source)
    with pytest.raises(ep.UnknownField, match=r"ask for `/extensions/a\.b`, `/extensions/a/b`"):
        ep.open(build)["assistant"].explain("extensions.a.b")


def test_explain_a_section(build):
    profile = ep.open(build)["assistant"]

    def fields(*section):
        return [each.field for each in profile.explain_all(*section)]

    assert fields() == sorted(REGISTRIES["team-agent"]["profiles"]["assistant"]["lineage"]["fields"])
    chat = ["/inference_settings/chat/api_type", "/inference_settings/chat/engine"]
    assert fields("chat") == fields("inference_settings.chat") == fields("/inference_settings/chat") == chat
    assert fields("extensions.acme.tools@v1") == fields("extensions") == ["/extensions/acme.tools@v1/a~1b"]
    assert fields("chat.engine") == chat[1:]
    assert len(fields("inference_settings")) == 7
    with pytest.raises(ep.UnknownField):
        fields("cha")


# Damage


def files(build):
    return {file.relative_to(build).as_posix().split("@")[0]: file for file in build.rglob("*@*.json")}


def use_everything(profiles):
    for name in profiles:
        profiles[name].explain_all()
    profiles.get("assistant").explain_all()


def test_an_undamaged_build_is_used_in_full(build):
    use_everything(ep.open(build))


FILES = ["names", "registries/team-agent", "profiles/team-agent/assistant", "sources/team-agent", "sources/baseline"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flip", "truncate", "append", "empty", "remove", "directory"])
def test_damage_is_found_and_named(build, name, damage):
    file = files(build)[name]
    data = file.read_bytes()
    if damage in ("remove", "directory"):
        file.unlink()
        if damage == "directory":
            file.mkdir()
    else:
        flipped = data.replace(b'"format"', b'"fOrmat"')
        file.write_bytes({"flip": flipped, "truncate": data[:-1], "append": data + b" ", "empty": b""}[damage])
    with pytest.raises(ep.ArtifactDamaged) as caught:
        use_everything(ep.open(build))
    assert caught.value.code == "damaged-build"
    assert caught.value.details["file"] == file.relative_to(build).as_posix()
    assert "deploy the whole build directory again" in caught.value.hint
    told = {"flip": "its SHA-256 is", "remove": "is missing", "directory": "is missing", "append": "it has more"}
    assert told.get(damage, f"bytes, it has {len(data[:-1]) if damage == 'truncate' else 0}") in caught.value.message


@pytest.mark.parametrize("size", [1 << 19, 3 << 20])
def test_damage_is_found_in_small_and_large_files(build, size):
    source = registries()
    source["team-agent"]["profiles"]["assistant"]["description"] = "x" * size
    write_build(build, source)
    assert len(ep.open(build)["assistant"].description) == size
    file = files(build)["profiles/team-agent/assistant"]
    for each in build.glob("profiles/team-agent/assistant@*"):
        file = max(file, each, key=lambda f: f.stat().st_size)
    data = bytearray(file.read_bytes())
    data[size // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ep.ArtifactDamaged, match="SHA-256"):
        ep.open(build)["assistant"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"text"', b"\xff{}", b"[" * 100_000, b'{"format": "engine-profiles/1"}']
)
def test_a_damaged_manifest(build, data):
    (build / "manifest.json").write_bytes(data)
    with pytest.raises(ep.ArtifactDamaged, match=r"manifest\.json"):
        ep.open(build)


@pytest.mark.parametrize("entry", [None, 3, {}, {"file": "x"}, {"file": "x", "digest": "0", "size": "1"}])
def test_a_manifest_that_does_not_say_enough(build, entry):
    write_build(build, names=entry)
    with pytest.raises(ep.ArtifactDamaged, match="no file, size and digest for `names`"):
        ep.open(build)["assistant"]


@pytest.mark.parametrize("format", ["engine-profiles/2", "", None, 1, ["engine-profiles/1"]])
def test_an_unknown_format(build, format):
    write_build(build, format=format)
    with pytest.raises(ep.FormatUnknown) as caught:
        ep.open(build)
    assert caught.value.details == {"file": "manifest.json", "found": format, "known": ["engine-profiles/1"]}
    assert "upgrade `engine-profiles`" in caught.value.hint


def test_an_unknown_format_of_an_artifact(build):
    source = registries()
    source["team-agent"]["profiles"]["assistant"]["format"] = "engine-profiles/2"
    write_build(build, source)
    with pytest.raises(ep.FormatUnknown, match="profiles/team-agent/assistant@"):
        ep.open(build)["assistant"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside.json",
        "x/../../outside.json",
        "{root}/outside.json",
        "..\\outside.json",
        "C:outside.json",
        "./a",
        "a//b",
        ".",
        "a\0b",
    ],
)
def test_no_file_name_leads_out_of_the_directory(build, name):
    data = encode({"format": "engine-profiles/1", "names": {"assistant": "team-agent/assistant"}})
    (build.parent / "outside.json").write_bytes(data)
    name = name.replace("{root}", str(build.parent))
    write_build(build, names={"file": name, "digest": sha256(data), "size": len(data)})
    with pytest.raises(ep.ArtifactDamaged, match="outside its directory"):
        ep.open(build)["assistant"]


def test_an_artifact_of_another_profile(build):
    source = registries()
    source["team-agent"]["profiles"]["assistant"]["profile_slug"] = "other"
    write_build(build, source)
    with pytest.raises(ep.ArtifactDamaged, match="another profile"):
        ep.open(build)["assistant"]


def test_a_pinned_manifest(build):
    digest = sha256((build / "manifest.json").read_bytes())
    for pin in (digest, f"sha256:{digest}", f" SHA256:{digest.upper()} "):
        assert ep.open(build, manifest=pin).digest == digest
    with pytest.raises(ep.ArtifactDamaged, match=r"manifest\.json"):
        ep.open(build, manifest="0" * 64)
    for pin in ("", "sha256:", digest[:-1], digest + "0", "g" * 64, "md5:" + digest, 3):
        with pytest.raises(ep.BadOption):
            ep.open(build, manifest=pin)


# Reloading


def changed():
    source = registries()
    source["team-agent"]["profiles"]["assistant"]["inference_settings"]["chat"]["engine"] = "gpt-6"
    return source


def test_reload(build):
    profiles = ep.open(build)
    old, digest = profiles["assistant"], profiles.digest
    assert profiles.reload() is False
    write_build(build, changed())
    assert profiles["assistant"].settings["chat"]["engine"] == "gpt-5-mini"  # until asked to
    assert profiles.reload() is True
    assert profiles["assistant"].settings["chat"]["engine"] == "gpt-6"
    assert (old.settings["chat"]["engine"], profiles.digest == digest) == ("gpt-5-mini", False)
    assert old.explain("chat.engine").value == "gpt-5-mini"
    assert profiles.reload() is False


def test_a_failed_reload_keeps_the_old_build(build):
    profiles = ep.open(build)
    for data in (b"{", b'{"format": "engine-profiles/9"}', b'{"format": "engine-profiles/1", "registries": 3}'):
        (build / "manifest.json").write_bytes(data)
        with pytest.raises(ep.EngineProfilesError):
            profiles.reload()
    (build / "manifest.json").unlink()
    with pytest.raises(ep.BuildNotFound):
        profiles.reload()
    assert profiles["assistant"].settings["chat"]["engine"] == "gpt-5-mini"


def test_a_pinned_build_reloads_only_what_is_pinned(build):
    profiles = ep.open(build, manifest=sha256((build / "manifest.json").read_bytes()))
    write_build(build, changed())
    with pytest.raises(ep.ArtifactDamaged):
        profiles.reload()
    assert profiles.reload(manifest=sha256((build / "manifest.json").read_bytes())) is True
    assert profiles.reload() is False


def test_a_build_collected_meanwhile_says_to_reload(build):
    profiles = ep.open(build)
    for file in build.rglob("*@*.json"):
        file.unlink()
    write_build(build, changed())
    with pytest.raises(ep.ArtifactDamaged, match=r"profiles\.reload\(\)"):
        profiles["assistant"]
    profiles.reload()
    assert profiles["assistant"].settings["chat"]["engine"] == "gpt-6"


def test_every_error_is_of_the_tree_and_has_a_code_of_its_own():
    names = [name for name in ep.__all__ if isinstance(getattr(ep, name), type)]
    errors = [getattr(ep, name) for name in names if issubclass(getattr(ep, name), Exception)]
    assert len(errors) == 20
    assert all(issubclass(error, ep.EngineProfilesError) for error in errors)
    assert len({error.code for error in errors}) == 20
    for error in errors:
        assert str(error("what")) == "what"
        assert str(error("what", "do this", asked=1)) == "what\nhelp: do this"
    with pytest.raises(AttributeError):
        _ = ep.nothing
