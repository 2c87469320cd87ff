"""What a command reads: the project's configuration, sources in every state, and what stands in for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_run import PROVIDER, TEAM, environment, make_project, run


def names(cwd: Path, *arguments: str, **variables: str) -> list[str]:
    done = run("list", "--format", "json", *arguments, cwd=cwd, **variables)
    assert done.code == 0, done
    return [each["name"] for each in done.json["profiles"]]


# The configuration


@pytest.mark.parametrize("below", ["", "registries", "deep/er"])
@pytest.mark.parametrize("file", ["profilec.toml", "pyproject.toml"])
def test_the_nearest_configuration_counts_wherever_one_stands(tmp_path: Path, file: str, below: str) -> None:
    """Paths in it are relative to its own directory, and so are the names of files in findings."""
    project = make_project(tmp_path / "project", config=None)
    table = "[tool.profilec]\n" if file == "pyproject.toml" else ""
    (project / file).write_text(f'{table}sources = ["registries"]\noutput = "out/put"\nbaseline = "base.yaml"\n')
    (project / "base.yaml").write_text("chat: {stream: true}\n")
    (project / below).mkdir(parents=True, exist_ok=True)
    done = run("build", cwd=project / below)
    assert done.code == 0, done
    assert (project / "out" / "put" / "manifest.json").is_file()
    told = run("explain", "careful", "chat.stream", cwd=project / below).out
    assert "base.yaml:1:16" in told and "../" not in told
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("engine", "engin"))
    assert "--> registries/20-team.yaml:12:14" in run("check", cwd=project / below).err


def test_a_profilec_toml_stands_before_a_pyproject(tmp_path: Path) -> None:
    project = make_project(tmp_path, **{"pyproject.toml": '[tool.profilec]\nsources = ["nowhere"]\n'})
    assert run("check", cwd=project).code == 0


def test_a_pyproject_without_a_table_is_passed_over(tmp_path: Path) -> None:
    project = make_project(tmp_path, **{"inner/pyproject.toml": "[project]\nname = 'x'\n"})
    assert run("check", cwd=project / "inner").code == 0


def test_arguments_stand_before_the_configuration(tmp_path: Path) -> None:
    project = make_project(
        tmp_path, 'sources = ["nowhere"]\noutput = "a"\nbaseline = "none.yaml"\nsecrets = "forbid"\n'
    )
    (project / "b.yaml").write_text("client: {timeout: 3}\n")
    (project / "c.yaml").write_text(
        "slug: c\nprofiles: {default: {inference_settings: {api: {api_keys: {k: literal}}}}}\n"
    )
    assert run("build", "c.yaml", "--baseline", "b.yaml", cwd=project).code == 1
    assert run("build", "c.yaml", "--baseline", "b.yaml", "--secrets", "reference", "-o", "z", cwd=project).code == 0
    assert (project / "z" / "manifest.json").is_file() and not (project / "a").exists()


def test_arguments_are_relative_to_the_current_directory(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    done = run("build", "20-team.yaml", "10-provider.yaml", "-o", "out", cwd=project / "registries")
    assert done.code == 0
    assert (project / "registries" / "out" / "manifest.json").is_file()
    build = project / "registries" / "out"
    assert (
        "registries/20-team.yaml:12:22" in run("explain", "careful", "chat.engine", "--build", build, cwd=tmp_path).out
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("surces = []\n", "did you mean `sources`?"),
        ("sources = 'registries'\n", "list"),
        ("sources = [1]\n", "list"),
        ("sources = ['']\n", "an entry of `sources` is empty"),
        ("sources = ['registries', ' ']\n", "an entry of `sources` is empty"),
        ("output = ''\n", "`output` is empty"),
        ("baseline = ' '\n", "`baseline` is empty"),
        ("output = 3\n", "text"),
        ("secrets = 'forbidden'\n", "did you mean `forbid`?"),
        ("[rules]\nbaseline-feild = 'off'\n", "did you mean `baseline-field`?"),
        ("[rules]\nbaseline-field = 'fatal'\n", "error"),
        ("[rules]\nbaseline-field = ['off']\n", "error"),
        ("[rules]\nunknown-field = 'off'\n", "not a rule"),
        ("rules = 1\n", "table"),
        ("sources = [\n", "TOML"),
        ("sources = []\nsources = []\n", "TOML"),
        ("\xff", "TOML"),
        ("[[rules]]\n", "table"),
    ],
)
def test_a_configuration_that_is_wrong_is_2_and_says_where(tmp_path: Path, config: str, said: str) -> None:
    project = make_project(tmp_path, config)
    if config == "\xff":
        (project / "profilec.toml").write_bytes(b"\xff")
    done = run("check", cwd=project)
    assert (done.code, done.out) == (2, "")
    assert "profilec.toml" in done.err and said in done.err


@pytest.mark.parametrize("text", ["[tool]\nprofilec = 3\n", "[[tool.profilec]]\n", "tool.profilec = 'registries'\n"])
def test_a_pyprojects_own_table_is_a_table(tmp_path: Path, text: str) -> None:
    done = run("check", cwd=make_project(tmp_path, config=None, **{"pyproject.toml": text}))
    assert done.code == 2 and "`tool.profilec` is a table" in done.err


@pytest.mark.parametrize("below", [".", "deep/er"])
def test_a_list_in_one_text_is_the_same_from_anywhere(tmp_path: Path, below: str) -> None:
    config = 'sources = ["registries/10-provider.yaml, yaml:registries/20-team.yaml", "a,b.yaml"]\n'
    project = make_project(tmp_path, config, **{"a,b.yaml": "slug: comma\nprofiles: {default: {}}\n"})
    (project / below).mkdir(parents=True, exist_ok=True)
    done = run("check", cwd=project / below)
    assert "compiled 4 profiles of 3 registries" in done.err


@pytest.mark.parametrize("command", ["list", "show"])
def test_a_registry_without_a_name_is_wrong_usage(tmp_path: Path, command: str) -> None:
    project = make_project(tmp_path)
    assert run("build", cwd=project).code == 0
    for value in ("", " "):
        done = run(command, "--registry", value, cwd=project)
        assert (done.code, done.out) == (2, "") and "--registry" in done.err


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\nprofilec = 1\n", "[[tool]]\nprofilec = {}\n"])
def test_an_odd_pyproject_is_2_or_passed_over(tmp_path: Path, text: str) -> None:
    project = make_project(tmp_path, config=None, **{"pyproject.toml": text})
    assert run("check", "registries", cwd=project).code in (0, 2)


@pytest.mark.parametrize(("severity", "code", "shown"), [("error", 1, True), ("note", 0, False), ("off", 0, False)])
def test_severities_are_the_projects(tmp_path: Path, severity: str, code: int, shown: bool) -> None:
    text = "slug: r\nprofiles: {default: {inference_settings: {client: {timeout: 3}}}}\n"
    make_project(tmp_path, f"[rules]\nbaseline-field = '{severity}'\n", **{"r.yaml": text})
    done = run("check", "r.yaml", cwd=tmp_path)
    assert done.code == code and ("baseline-field" in done.err) == shown


# Sources


def test_sources_in_a_variable(tmp_path: Path) -> None:
    project = make_project(tmp_path, config=None)
    value = "registries/10-provider.yaml, yaml:registries/20-team.yaml"
    assert run("build", cwd=project, PINOCCHIO_PROFILE_REGISTRIES=value).code == 0
    assert names(project) == ["team/careful", "team/default", "provider-openai/default"]
    (project / "profilec.toml").write_text('sources = ["registries/10-provider.yaml"]\n')
    assert run("build", cwd=project, PINOCCHIO_PROFILE_REGISTRIES=value).code == 0
    assert names(project) == ["provider-openai/default"]


@pytest.mark.parametrize("value", ["a.yaml,,b.yaml", ",a.yaml", "a.yaml,", "a.yaml, ,b.yaml", ",", " "])
def test_an_empty_entry_is_refused(tmp_path: Path, value: str) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"slug: {name}\nprofiles: {{default: {{}}}}\n")
    for done in (
        run("check", value, "--format", "json", cwd=tmp_path),
        run("check", "--format", "json", cwd=tmp_path, PINOCCHIO_PROFILE_REGISTRIES=value),
    ):
        assert done.code == 1
        assert "empty-source" in done.rules


def test_a_comma_in_a_files_name_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "a,b.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    assert run("check", "a,b.yaml", cwd=tmp_path).code == 0


def test_a_later_source_stands_above(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"slug: {name}\nprofiles: {{default: {{}}}}\n")
    assert names(tmp_path, "--source", "a.yaml", "--source", "b.yaml") == ["b/default", "a/default"]
    assert names(tmp_path, "--source", "b.yaml,a.yaml") == ["a/default", "b/default"]
    assert names(tmp_path, "--source", ".") == ["b/default", "a/default"]


def test_only_registries_are_taken_from_a_directory(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        **{
            "registries/README.md": "# no: [",
            "registries/.hidden.yaml": "no: [",
            "registries/.git/x.yaml": "no: [",
            "registries/x.yaml~": "no: [",
            "registries/UPPER.YML": PROVIDER.replace("provider-openai", "upper"),
        },
    )
    assert run("build", cwd=project).code == 0
    assert "upper/default" in names(project)


@pytest.mark.parametrize(
    ("content", "code", "rule"),
    [
        (b"", 1, "not-a-registry"),
        (b"\n\n", 1, "not-a-registry"),
        (b"# only a comment\n", 1, "not-a-registry"),
        (b"\xef\xbb\xbf", 1, "not-a-registry"),
        (b"---\n...\n", 1, "not-a-registry"),
        (b"just text", 1, "not-a-registry"),
        (b"[]", 1, "not-a-registry"),
        (b"\x7fELF\x02\x01\x01\x00\x00\xff", 1, "not-utf8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 1, "not-utf8"),
        (b"\x1f\x8b\x08\x00", 1, "not-utf8"),
        (b"\x00" * 100, 1, "hidden-character"),
        (b"slug: r\xe9\n", 1, "not-utf8"),
        ("slug: r\n".encode("utf-16"), 1, "not-utf8"),
    ],
)
@pytest.mark.parametrize("name", ["r.yaml", "r.json", "r.unknown"])
def test_files_that_are_no_registry(tmp_path: Path, name: str, content: bytes, code: int, rule: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("check", name, "--format", "json", cwd=tmp_path)
    assert done.code == code
    assert done.rules == [rule] or (name == "r.json" and done.rules == ["json-syntax"])
    assert done.json["diagnostics"][0]["file"] == name
    assert done.json["diagnostics"][0]["hint"] or rule == "hidden-character" or name == "r.json"


def test_directories_without_registries(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("check", "empty", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (1, ["no-registries"])
    done = run("check", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (1, ["no-registries"])
    done = run("check", "yaml:empty", "--format", "json", cwd=tmp_path)
    assert done.code == 3


@pytest.mark.parametrize("source", ["yml:a.yaml", "YAML:a.yaml", "sqlit:a.db", "yaml:", "json: ", "yaml://"])
def test_a_source_of_no_kind_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "a.yaml").write_text("slug: a\nprofiles: {default: {}}\n")
    done = run("check", source, "--format", "json", cwd=tmp_path)
    assert done.code in (1, 2, 3) and done.json["diagnostics"]


@pytest.mark.parametrize("source", ["yaml:r", "yaml://r", "r", "./r", "yaml:./r"])
def test_a_source_by_its_kind(tmp_path: Path, source: str) -> None:
    (tmp_path / "r").write_text("slug: r\nprofiles: {default: {}}\n")
    assert run("check", source, cwd=tmp_path).code == 0


def test_one_file_named_twice(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    done = run("check", "registries", "registries/20-team.yaml", "--format", "json", cwd=project)
    assert (done.code, done.rules) == (1, ["duplicate-registry"])
    (finding,) = done.json["diagnostics"]
    assert (finding["file"], finding["line"]) == ("registries/20-team.yaml", 1)
    assert finding["notes"][0]["file"] == "registries/20-team.yaml"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("where", ["named", "in a directory"])
def test_a_pipe_is_no_registry_and_is_not_waited_for(tmp_path: Path, where: str) -> None:
    (tmp_path / "r").mkdir()
    os.mkfifo(tmp_path / "r" / "pipe.yaml")
    done = run("check", "r/pipe.yaml" if where == "named" else "r", "--format", "json", cwd=tmp_path, timeout=10)
    assert (done.code, done.rules) == (3, ["unreadable-source"])


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_registry(tmp_path: Path, device: str) -> None:
    (tmp_path / "link.yaml").symlink_to(device)
    for source in (device, "link.yaml"):
        done = run("check", source, "--format", "json", cwd=tmp_path, timeout=10)
        assert (done.code, done.rules) == (3, ["unreadable-source"])


def test_links_that_lead_nowhere_or_in_circles(tmp_path: Path) -> None:
    directory = tmp_path / "r"
    directory.mkdir()
    (directory / "a.yaml").write_text("slug: a\nprofiles: {default: {}}\n")
    (directory / "loop").symlink_to(directory)
    assert run("check", "r", cwd=tmp_path).code == 0
    (directory / "dangling.yaml").symlink_to("nowhere")
    done = run("check", "r", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (3, ["missing-source"])
    (directory / "dangling.yaml").unlink()
    (directory / "self.yaml").symlink_to("self.yaml")
    done = run("check", "r", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (3, ["unreadable-source"])


def test_a_linked_directory_is_read_once_at_its_first_place(tmp_path: Path) -> None:
    """Like any other directory, however many links lead to it and wherever they stand."""
    for name in ("r/a", "r/z", "elsewhere/deep"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "elsewhere" / "deep" / "x.yaml").write_text("slug: x\nprofiles: {default: {}}\n")
    (tmp_path / "r" / "m").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "r" / "n").symlink_to(tmp_path / "elsewhere")
    # Each of the two leads into the other.
    (tmp_path / "r" / "a" / "to-z").symlink_to(tmp_path / "r" / "z")
    (tmp_path / "r" / "z" / "to-a").symlink_to(tmp_path / "r" / "a")
    (tmp_path / "r" / "z" / "up").symlink_to(tmp_path / "r")
    (tmp_path / "r" / "z" / "y.yaml").write_text("slug: y\nprofiles: {default: {}}\n")
    assert run("build", "r", cwd=tmp_path).code == 0
    manifest = json.loads((tmp_path / "build" / "manifest.json").read_bytes())
    assert [each["name"] for each in manifest["sources"]] == ["r/m/deep/x.yaml", "r/z/y.yaml"]


def test_links_that_branch_do_not_multiply(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / "r" / str(number)).mkdir(parents=True)
        for name in ("left", "right"):
            (tmp_path / "r" / str(number) / name).symlink_to(tmp_path / "r" / str(number + 1))
    (tmp_path / "r" / "40").mkdir()
    (tmp_path / "r" / "40" / "a.yaml").write_text("slug: a\nprofiles: {default: {}}\n")
    assert run("check", "r", cwd=tmp_path, timeout=20).code == 0


@pytest.mark.parametrize("source", [".", "a", "a/.."])
def test_a_build_below_a_directory_is_passed_over(tmp_path: Path, source: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "r.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    for output in ("build", "a/deep/out"):
        for _ in range(2):
            done = run("build", source, "-o", output, cwd=tmp_path)
            assert done.code == 0, done.err
    # A registry may be called so, and what cannot be read says nothing.
    (tmp_path / "a" / "manifest.json").write_text('{"slug": "m", "profiles": {"default": {}}}')
    assert "of 2 registries" in run("check", source, cwd=tmp_path).err
    (tmp_path / "a" / "manifest.json").write_text("[")
    assert run("check", source, "--format", "json", cwd=tmp_path).rules == ["json-syntax"]


def test_a_build_that_was_never_finished_is_passed_over_too(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    assert run("build", ".", cwd=tmp_path).code == 0
    (tmp_path / "build" / "manifest.json").unlink()
    assert run("build", ".", cwd=tmp_path).code == 0
    # Folders of such names alone make no build.
    for name in ("history", "profiles", "registries"):
        (tmp_path / "mine" / name).mkdir(parents=True)
    (tmp_path / "mine" / "profiles" / "m.yaml").write_text("slug: m\nprofiles: {default: {}}\n")
    assert "of 2 registries" in run("check", ".", cwd=tmp_path).err


def test_a_build_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    assert run("build", "r.yaml", cwd=tmp_path).code == 0
    done = run("check", "build", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (1, ["no-registries"])
    assert "`build` is a build" in done.json["diagnostics"][0]["message"]


def test_a_file_below_a_file_or_with_a_long_name_is_3(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("slug: a\n")
    for source in ("a.yaml/b.yaml", "x" * 300 + ".yaml"):
        assert run("check", source, cwd=tmp_path).code == 3
        assert run("check", "a.yaml", "--baseline", source, cwd=tmp_path).code == 3


def test_a_file_whose_name_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    try:
        with open(os.fsencode(tmp_path / "r") + b"/a\xff.yaml", "wb") as file:  # noqa: PTH123
            file.write(b"slug: a\nprofiles: {default: {}}\n")
    except OSError:
        pytest.skip("this file system takes only text")
    done = subprocess.run(
        [sys.executable, "-m", "profilec", "build", "r"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1, 3), done.stderr
    for path in tmp_path.rglob("*.json"):
        path.read_bytes().decode()


@pytest.mark.parametrize("where", ["directory", "list", "text", "empty", "wrapped"])
def test_baselines_that_cannot_be_one(tmp_path: Path, where: str) -> None:
    project = make_project(tmp_path)
    content = {"list": "[1]", "text": "text", "empty": "", "wrapped": "inference_settings: {chat: {engine: m}}\n"}
    if where == "directory":
        (project / "base").mkdir()
    else:
        (project / "base").write_text(content[where])
    done = run("check", "--baseline", "base", "--format", "json", cwd=project)
    assert done.code == {"directory": 3, "empty": 0}.get(where, 1)


def test_a_deleted_current_directory_is_no_bug(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && {sys.executable} -m profilec check registries"
    done = subprocess.run(["bash", "-c", script], env=environment(), capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stderr
