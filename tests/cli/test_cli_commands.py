"""Every command: its exit code, what goes to stdout and what to stderr, and its one JSON document."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import jsonschema_rs
import pytest
from cli_run import PATHS, TEAM, Done, contents, environment, make_project, run

BROKEN = TEAM.replace("temperature", "temprature")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


@pytest.fixture
def built(project: Path) -> Path:
    assert run("build", cwd=project).code == 0
    return project


# Exit codes


def test_build_writes_and_says_so_on_stderr(project: Path) -> None:
    done = run("build", cwd=project)
    assert (done.code, done.out) == (0, "")
    assert "compiled 3 profiles of 2 registries into build: " in done.err
    assert (project / "build" / "manifest.json").is_file()


def test_check_writes_nothing(project: Path) -> None:
    before = contents(project)
    done = run("check", cwd=project)
    assert (done.code, done.out) == (0, "")
    assert "compiled 3 profiles of 2 registries" in done.err
    assert contents(project) == before


@pytest.mark.parametrize("command", ["build", "check"])
def test_errors_are_1_and_on_stderr(tmp_path: Path, command: str) -> None:
    project = make_project(tmp_path, **{"registries__30-x.yaml": "slug: x\nprofiles: 1\n"})
    done = run(command, cwd=project)
    assert (done.code, done.out) == (1, "")
    assert "error[wrong-type]" in done.err
    assert "  --> registries/30-x.yaml:2:11" in done.err
    assert not (project / "build").exists()


def test_warnings_are_0(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        **{"registries__30-x.yaml": "slug: x\nprofiles: {default: {inference_settings: {client: {timeout: 3}}}}\n"},
    )
    done = run("check", cwd=project)
    assert done.code == 0
    assert "warning[baseline-field]" in done.err
    assert run("check", "--fail-on", "warning", cwd=project).code == 1
    assert run("build", "--fail-on", "warning", cwd=project).code == 1
    assert run("check", "--fail-on", "error", cwd=project).code == 0
    assert not (project / "build" / "manifest.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--nonsense"],
        ["nonsense"],
        ["build", "--secrets", "none"],
        ["build", "--jobs", "-1"],
        ["build", "--jobs", "many"],
        ["check", "--format", "xml"],
        ["explain"],
        ["list", "--build", "build", "--source", "registries"],
        ["schema", "nonsense"],
        ["show", "a", "b"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(project: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=project)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_no_command_shows_what_there_is(project: Path) -> None:
    done = run(cwd=project)
    for command in ("build", "check", "explain", "init", "list", "schema", "show"):
        assert f"  {command}" in done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["build", "--jbos", "2"], "--jobs"),
        (["build", "--ouput", "x"], "--output"),
        (["show", "--registy", "x"], "--registry"),
        (["biuld"], "build"),
        (["explian", "x"], "explain"),
        (["schema", "registri"], "registry"),
        (["check", "--format", "jsn"], "json"),
        (["check", "--secrets", "forbidden"], "forbid"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_misspelling_is_answered_with_the_nearest(project: Path, arguments: list[str], nearest: str) -> None:
    done = run(*arguments, cwd=project)
    assert done.code == 2
    assert nearest in done.err


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_missing_source_is_3(project: Path, command: str) -> None:
    done = run(command, "registris", cwd=project)
    assert (done.code, done.out) == (3, "")
    assert "error[missing-source]: `registris` does not exist" in done.err
    assert "did you mean `registries`?" in done.err


@pytest.mark.parametrize("command", [["show"], ["list"], ["explain", "default"]], ids=lambda each: each[0])
def test_no_build_is_3_and_names_the_remedy(project: Path, command: list[str]) -> None:
    done = run(*command, cwd=project)
    assert (done.code, done.out) == (3, "")
    assert "no-build" in done.err and "profilec build" in done.err


def test_an_interrupt_is_130(built: Path) -> None:
    with (built / "build" / ".lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # The build needs a folder before it waits for the lock, so that one appears when it is there.
        target = built / "build" / "sources"
        target.rename(built / "elsewhere")
        process = subprocess.Popen(
            [sys.executable, "-m", "profilec", "build"],
            cwd=built,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
            # Who runs the tests in the background has them ignore interrupts, and what they start too.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        while not target.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "interrupted"


@pytest.mark.parametrize(
    "command", ["list", "show", "explain default", "schema registry", "show --format json", "--help"]
)
def test_a_reader_that_has_had_enough_is_no_error(built: Path, command: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "profilec", *command.split()],
        cwd=built,
        env=environment(),
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(theirs)
    assert done.stderr == ""
    # What a shell says of a process that the signal of a closed pipe has ended; 1 would mean findings.
    assert done.returncode in (0, 141)


def test_a_closed_stdout_is_no_traceback(built: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m profilec list >&-"],
        cwd=built,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr and "bug:" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_stdout_is_3(built: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "profilec", "list"],
            cwd=built,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "Traceback" not in done.stderr and "bug:" not in done.stderr
    assert done.returncode == 3


# JSON


def json_cases() -> list[tuple[str, list[str], int]]:
    return [
        ("built", ["build"], 0),
        ("built", ["build", "--check"], 0),
        ("built", ["check"], 0),
        ("built", ["list"], 0),
        ("built", ["list", "--registry", "team"], 0),
        ("built", ["show"], 0),
        ("built", ["show", "careful"], 0),
        ("built", ["explain", "careful"], 0),
        ("built", ["explain", "careful", "chat.engine"], 0),
        ("built", ["show", "--source", "registries"], 0),
        ("built", ["init", "new"], 0),
        ("built", ["init"], 1),
        ("built", ["check", "broken.yaml"], 1),
        ("built", ["build", "broken.yaml"], 1),
        ("built", ["build", "--check", "registries/10-provider.yaml"], 1),
        ("built", ["show", "nobody"], 1),
        ("built", ["show", "--registry", "nowhere"], 1),
        ("built", ["explain", "nobody"], 1),
        ("built", ["explain", "default", "chat.nothing"], 1),
        ("built", ["list", "--registry", "nowhere"], 1),
        ("built", ["check", "missing.yaml"], 3),
        ("built", ["check", "registries", "--baseline", "missing.yaml"], 3),
        ("built", ["build", "-o", "profilec.toml"], 3),
        ("built", ["list", "--build", "nowhere"], 3),
        ("built", ["check", "empty"], 1),
        ("misconfigured", ["check"], 2),
        ("misconfigured", ["show"], 2),
        ("misconfigured", ["init", "new"], 2),
        ("built", ["check", "--nonsense"], 2),
        ("built", ["show", "--build", "a", "--source", "b"], 2),
    ]


@pytest.mark.parametrize(
    ("state", "arguments", "code"),
    json_cases(),
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_json_is_one_document_on_stdout(tmp_path: Path, state: str, arguments: list[str], code: int) -> None:
    project = make_project(tmp_path, **{"broken.yaml": BROKEN})
    (project / "empty").mkdir()
    if state == "built":
        assert run("build", cwd=project).code == 0
    else:
        (project / "profilec.toml").write_text("surces = []\n")
    done = run(*arguments, "--format", "json", cwd=project)
    assert done.code == code, done
    # Wrong usage is told in words too: who made the mistake is seldom who reads the JSON.
    assert done.err == "" or "Usage: profilec" in done.err
    document = done.json
    for each in document["diagnostics"]:
        assert each.keys() == {"rule", "severity", "message", "file", "line", "column", "notes", "hint"}
        assert each["severity"] in ("error", "warning", "note")
    assert any(each["severity"] == "error" for each in document["diagnostics"]) == (code != 0)


def test_json_tells_what_a_build_did(project: Path) -> None:
    document = run("build", "--format", "json", cwd=project).json
    manifest = json.loads((project / "build" / "manifest.json").read_bytes())
    assert document["build"] == manifest["build"]
    assert document["output"] == "build"
    assert document["files"]["unchanged"] == 0 and document["files"]["created"] > 3
    again = run("build", "--format", "json", cwd=project).json
    assert again["files"] == {"created": 0, "unchanged": document["files"]["created"], "collected": 0}


# Formats of findings


def test_short_is_a_line_for_each_finding(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "slug: r\nprofiles:\n  p:\n    b: 1\n    inference_settings: {chat: {engine: 3, temprature: 1}}\n"
    )
    done = run("check", "r.yaml", "--format", "short", cwd=tmp_path)
    lines = done.err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["r.yaml:4:5", "r.yaml:5:41", "r.yaml:5:44"]
    assert all("error[" in line for line in lines)
    assert (done.code, done.out) == (1, "")


def test_text_shows_the_line_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "slug: r\nprofiles:\n  ключ: {}\n  p:\n    inference_settings: {chat: {temprature: 1}}\n"
    )
    done = run("check", "r.yaml", cwd=tmp_path)
    assert "error[unknown-field]" in done.err
    assert "  --> r.yaml:5:33" in done.err
    assert (
        " 5 |     inference_settings: {chat: {temprature: 1}}\n   |                                 ^^^^^^^^^^"
        in done.err
    )
    assert "help: did you mean `temperature`?" in done.err
    assert done.err.endswith("2 errors\n")


def test_notes_are_counted_and_shown_on_request(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("slug: r\nprofiles: {a: {}}\n")
    quiet, verbose = run("check", "r.yaml", cwd=tmp_path), run("check", "r.yaml", "-v", cwd=tmp_path)
    assert "default-by-order" not in quiet.err and "1 note (--verbose shows" in quiet.err
    assert "note[default-by-order]" in verbose.err


# Colour


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_is_as_wanted(tmp_path: Path, arguments: list[str], variables: dict[str, str], coloured: bool) -> None:
    project = make_project(tmp_path, **{"broken.yaml": BROKEN})
    assert run("build", cwd=project).code == 0
    for command in (["check", "broken.yaml"], ["check", "broken.yaml", "--format", "short"], ["explain", "careful"]):
        done = run(*command, *arguments, cwd=project, **variables)
        assert ("\x1b[" in done.err + done.out) == coloured
    done = run("check", "broken.yaml", "--format", "json", *arguments, cwd=project, **variables)
    assert "\x1b" not in done.out + done.err


# What is read: a build or sources


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["list", "--registry", " TEAM "],
        ["show"],
        ["show", "careful"],
        ["show", "Team/Careful"],
        ["show", "--registry", "provider-openai"],
        ["explain", "careful"],
        ["explain", "careful", "chat.engine"],
        ["explain", "careful", "chat"],
        ["explain", "careful", "/inference_settings/chat/engine"],
        ["explain", "careful", "model_info.cost.input"],
        ["explain", "team/careful", "extensions"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_build_and_its_sources_give_the_same_answer(built: Path, command: list[str], form: str) -> None:
    project = run(*command, "--format", form, cwd=built)
    named = run(*command, "--format", form, "--build", "build", cwd=built)
    sources = run(*command, "--format", form, "--source", "registries", cwd=built)
    assert project.code == 0 and project.out
    assert project.out == named.out == sources.out


def test_list_shows_every_profile(built: Path) -> None:
    lines = run("list", cwd=built).out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["team", "careful"],
        ["team", "default"],
        ["provider-openai", "default"],
    ]
    assert "default *" in lines[2] and "128,000" in lines[1] and "0.15 / 0.6" in lines[1]
    profiles = run("list", "--format", "json", cwd=built).json["profiles"]
    assert [(each["name"], each["is_default"]) for each in profiles] == [
        ("team/careful", False),
        ("team/default", True),
        ("provider-openai/default", False),
    ]


def test_show_json_is_the_artifact(built: Path) -> None:
    artifact = run("show", "careful", "--format", "json", cwd=built).json["artifact"]
    file = next((built / "build" / "profiles" / "team").glob("careful@*.json"))
    assert artifact == json.loads(file.read_bytes())


def test_explain_names_line_layer_and_value(built: Path) -> None:
    done = run("explain", "careful", "chat.engine", cwd=built)
    assert done.out.splitlines()[0] == "chat.engine"
    winner, overridden = (line.split() for line in done.out.splitlines()[1:])
    assert winner == ["set", "by", '"gpt-4.1"', "team/careful", "registries/20-team.yaml:12:22"]
    assert overridden == ["overrides", '"gpt-4o-mini"', "provider-openai/default", "registries/10-provider.yaml:7:40"]


def test_an_unknown_name_is_answered_with_the_nearest(built: Path) -> None:
    assert "did you mean `careful`?" in run("show", "carful", cwd=built).err
    assert "did you mean `team`?" in run("show", "--registry", "taem", cwd=built).err
    assert "did you mean `team`?" in run("show", "taem/default", cwd=built).err
    assert "did you mean `chat.engine`?" in run("explain", "careful", "chat.engin", cwd=built).err


@pytest.mark.parametrize(
    "name", ["", " ", "/", "team/", "/careful", "a/b/c", "..", "team/../x", "\x1b[31m", "ключ", "a" * 5000]
)
def test_odd_names_are_unknown(built: Path, name: str) -> None:
    """A name that is no slug is no profile, and a blank one is not the default."""
    done = run("show", name, cwd=built)
    assert "\x1b" not in done.err
    if name.strip():
        assert (done.code, done.out) == (1, "")


# init, schema, completion


def test_init_writes_a_project_that_compiles(tmp_path: Path) -> None:
    done = run("init", "new", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    build = run("build", "--fail-on", "warning", cwd=tmp_path / "new")
    assert build.code == 0
    assert run("list", cwd=tmp_path / "new").out.count("\n") == 4
    assert {"profilec.toml"} <= {path.name for path in (tmp_path / "new").iterdir()}


def test_init_never_overwrites(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).code == 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text("# mine\n")
    before = contents(tmp_path)
    assert run("init", cwd=tmp_path).code == 1
    assert contents(tmp_path) == before
    next(tmp_path.rglob("10-*.yaml")).unlink()
    before = contents(tmp_path)
    done = run("init", cwd=tmp_path)
    assert done.code == 1 and "nothing was written" in done.err
    assert contents(tmp_path) == before


def test_init_into_a_file_or_through_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert run("init", "file", cwd=tmp_path).code in (1, 3)
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "profilec.toml").symlink_to(tmp_path / "outside.toml")
    assert run("init", "project", cwd=tmp_path).code in (1, 3)
    assert not (tmp_path / "outside.toml").exists()


@pytest.mark.parametrize("name", ["registry", "settings", "artifact", "index", "manifest", "source-map", "names"])
def test_schema_prints_what_validates(built: Path, name: str) -> None:
    done = run("schema", name, cwd=built)
    assert (done.code, done.err) == (0, "")
    validator = jsonschema_rs.Draft202012Validator(json.loads(done.out), offline=True)
    patterns = {
        "artifact": "profiles/*/*",
        "index": "registries/*",
        "manifest": "manifest.json",
        "source-map": "sources/*",
        "names": "names@*",
    }
    if name in patterns:
        files = list((built / "build").glob(patterns[name]))
        assert files
        for file in files:
            validator.validate(json.loads(file.read_bytes()))
            assert not validator.is_valid({**json.loads(file.read_bytes()), "nonsense": 1})
    elif name == "registry":
        assert validator.is_valid({"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": "m"}}}}})
        assert not validator.is_valid(
            {"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engin": "m"}}}}}
        )
    else:
        assert validator.is_valid({"chat": {"engine": "m"}}) and not validator.is_valid({"chta": {}})


def test_schema_without_a_name_lists_them(tmp_path: Path) -> None:
    done = run("schema", cwd=tmp_path)
    assert done.code == 0
    assert {line.split()[0] for line in done.out.splitlines()} >= {"registry", "settings", "artifact", "manifest"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(tmp_path: Path, shell: str) -> None:
    done = run(cwd=tmp_path, _PROFILEC_COMPLETE=f"{shell}_source")
    assert done.code == 0, done
    assert "profilec" in done.out and "_PROFILEC_COMPLETE" in done.out


def test_completion_knows_commands_options_and_profiles(built: Path) -> None:
    def complete(*words: str) -> list[str]:
        line = " ".join(["profilec", *words])
        variables = {"COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        done = run(cwd=built, _PROFILEC_COMPLETE="bash_complete", **variables)
        return [each.partition(",")[2] for each in done.out.splitlines()]

    assert complete("bu") == ["build"]
    assert "--secrets" in complete("build", "--se")
    assert complete("build", "--secrets", "f") == ["forbid"]
    assert "careful" in complete("show", "c")


def test_version_needs_no_project(tmp_path: Path) -> None:
    (tmp_path / "profilec.toml").write_text("not toml")
    done = run("--version", cwd=tmp_path)
    assert done.code == 0 and done.out.startswith("profilec ")


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", [[], ["build"], ["check"], ["explain"], ["init"], ["list"], ["schema"], ["show"]])
def test_help_needs_no_project(tmp_path: Path, command: list[str], option: str) -> None:
    (tmp_path / "profilec.toml").write_text("not toml")
    done = run(*command, option, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "Usage: profilec" in done.out


# Without the compiler's dependencies

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
sys.argv[0] = "profilec"
import runpy
runpy.run_module("profilec", run_name="__main__", alter_sys=False)
"""


def run_without(blocked: list[str], *arguments: str, cwd: Path) -> Done:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKER.format(blocked=blocked), *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_without_click_it_says_what_to_install(tmp_path: Path) -> None:
    done = run_without(["click"], "build", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1 and 'pip install "engine-profiles[compiler]"' in done.err


def test_without_any_site_package_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "profilec", "build"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and 'pip install "engine-profiles[compiler]"' in done.stderr


@pytest.mark.parametrize("module", ["yaml", "orjson"])
def test_without_another_dependency_it_says_what_to_install(project: Path, module: str) -> None:
    done = run_without([module], "build", cwd=project)
    assert (done.code, done.out) == (2, "")
    assert module in done.err and 'pip install "engine-profiles[compiler]"' in done.err


def test_without_the_fast_validator_the_build_is_the_same(built: Path, project: Path) -> None:
    before = contents(built / "build")
    done = run_without(["jsonschema_rs"], "build", "-o", "other", cwd=project)
    assert done.code == 0, done.err
    assert contents(project / "other") == before


def test_without_the_c_parser_the_build_is_the_same(built: Path, project: Path) -> None:
    before = contents(built / "build")
    done = run_without(["_yaml", "yaml._yaml"], "build", "-o", "other", cwd=project)
    assert done.code == 0, done.err
    assert contents(project / "other") == before


@pytest.fixture
def guarded(project: Path) -> Path:
    """A project, where the system keeps this process from what it may not touch."""
    (project / "locked").touch(0)
    probe = "import pathlib; pathlib.Path('locked').read_bytes()"
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=project,
        preexec_fn=None if os.geteuid() else give_up_capabilities,
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        pytest.skip("nothing is forbidden to this process")
    return project


def test_an_unreadable_source_is_3(guarded: Path) -> None:
    odd = os.fsdecode(b"registries/b\xff")
    (guarded / odd).mkdir()
    for name in ("registries/20-team.yaml", "registries", odd):
        path = guarded / name
        mode = path.stat().st_mode
        path.chmod(0)
        try:
            done = run_unprivileged("check", "registries", "--format", "json", cwd=guarded)
        finally:
            path.chmod(mode)
        assert done.code == 3, done
        assert done.rules == ["unreadable-source"]
        assert done.json["diagnostics"][0]["file"] == name.replace("\udcff", "\\xff")
    # What is in it can be told, and not be read.
    (guarded / "registries").chmod(0o400)
    try:
        done = run_unprivileged("check", "registries", "--format", "json", cwd=guarded)
    finally:
        (guarded / "registries").chmod(0o700)
    assert done.code == 3 and set(done.rules) == {"unreadable-source"}


def test_an_unreadable_configuration_or_build_is_no_bug(guarded: Path) -> None:
    assert run("build", cwd=guarded).code == 0
    for path, code in (
        (guarded / "build" / "manifest.json", 3),
        (next(guarded.glob("build/registries/team@*")), 3),
        (guarded / "profilec.toml", 2),
    ):
        mode = path.stat().st_mode
        path.chmod(0)
        try:
            assert run_unprivileged("list", cwd=guarded).code in (1, code)
        finally:
            path.chmod(mode)


def test_an_output_that_may_not_be_written_is_3(guarded: Path) -> None:
    assert run("build", cwd=guarded).code == 0
    before = contents(guarded / "build")
    (guarded / "registries" / "20-team.yaml").write_text(TEAM.replace("careful", "other"))
    folders = [path for path in (guarded / "build").rglob("*") if path.is_dir()]
    for path in (guarded / "build", *folders):
        path.chmod(0o555)
    try:
        done = run_unprivileged("build", "--format", "json", cwd=guarded)
        assert done.code == 3, done
        assert "unwritable-output" in done.rules
        assert contents(guarded / "build") == before
        done = run_unprivileged("build", "-o", "build/further/down", cwd=guarded)
        assert done.code == 3 and "permission denied" in done.err
    finally:
        for path in (guarded / "build", *folders):
            path.chmod(0o755)
    assert run_unprivileged("build", cwd=guarded).code == 0


def run_unprivileged(*arguments: str, cwd: Path) -> Done:
    """Root reads and writes everything, so the command runs without the capabilities that let it."""
    done = subprocess.run(
        [sys.executable, "-m", "profilec", *arguments],
        cwd=cwd,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        preexec_fn=None if os.geteuid() else give_up_capabilities,
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def give_up_capabilities() -> None:
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) if libc else ():
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


# Loaded before any process is started: what runs between fork and exec should do little.
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (None, ""),
        ({}, "free"),
        ({"input": 0, "output": 0}, "free"),
        ({"input": 0}, "0 /"),
        ({"output": 0.6}, "/ 0.6"),
        ({"input": 3, "output": 15}, "3 / 15"),
        ({"input": 0, "output": 0, "cache_read": 1}, "0 / 0"),
        ({"cache_read": 1}, ""),
    ],
)
def test_a_price_that_is_not_set_is_blank(tmp_path: Path, cost: dict[str, float] | None, shown: str) -> None:
    settings = {"chat": {"engine": "m", "api_type": "openai"}, "model_info": {"cost": cost}}
    (tmp_path / "r.json").write_text(json.dumps({"slug": "r", "profiles": {"p": {"inference_settings": settings}}}))
    line = run("list", "--source", "r.json", cwd=tmp_path).out.splitlines()[1]
    assert line.partition("openai")[2].strip() == shown


@pytest.mark.parametrize(
    ("field", "explained"),
    [
        ("embeddings.type", "/inference_settings/embeddings/type"),
        ("embeddings.type.foo", None),
        ("/inference_settings/embeddings/type/foo", None),
        ("model_info.cost.input", "/inference_settings/model_info/cost"),
        ("/inference_settings/model_info/cost/input", "/inference_settings/model_info/cost"),
        ("model_info.cost.output", None),
        ("model_info.cost.input.x", None),
        ("chat.stop.1", "/inference_settings/chat/stop"),
        ("chat.stop.2", None),
        ("chat.stop.x", None),
        ("api.api_keys.a.b.$secret", "/inference_settings/api/api_keys/a.b"),
        ("extensions.a.b@v1.list.0.d.e", "/extensions/a.b@v1/list"),
        ("extensions.a.b@v1.list.0.d", None),
    ],
)
def test_a_field_within_a_value_is_explained_where_it_is_there(
    tmp_path: Path, field: str, explained: str | None
) -> None:
    settings = {
        "chat": {"stop": ["x", "y"]},
        "embeddings": {"type": "openai"},
        "model_info": {"cost": {"input": 1}},
        "api": {"api_keys": {"a.b": "${env:K}"}},
    }
    profile = {"inference_settings": settings, "extensions": {"a.b@v1": {"list": [{"d.e": 1}]}}}
    (tmp_path / "r.json").write_text(json.dumps({"slug": "r", "profiles": {"p": profile}}))
    done = run("explain", "p", field, "--source", "r.json", "--format", "json", cwd=tmp_path)
    if explained:
        assert [each["pointer"] for each in done.json["fields"]] == [explained]
    else:
        assert (done.code, done.rules) == (1, ["unknown-field"])


def test_text_stops_at_a_hundred_findings_errors_first(tmp_path: Path) -> None:
    """Warnings that stand above hide no error; what is not shown is counted, and other formats have it all."""
    warnings = "".join(f"  w{n}: {{inference_settings: {{client: {{timeout: 1}}}}}}\n" for n in range(150))
    (tmp_path / "a.yaml").write_text("slug: a\nprofiles:\n" + warnings)
    errors = "".join(f"  e{n}: {{mistake: 1}}\n" for n in range(90))
    (tmp_path / "b.yaml").write_text("slug: b\nprofiles:\n" + errors)
    text = run("check", "a.yaml", "b.yaml", cwd=tmp_path).err
    assert (text.count("warning[baseline-field]"), text.count("error[unknown-field]")) == (10, 90)
    assert text.index("warning[") < text.index("error[")
    assert text.endswith("and 140 more (--verbose shows them)\n90 errors, 150 warnings\n")
    for arguments in (["--verbose"], ["--format", "short"], ["--format", "json"]):
        done = run("check", "a.yaml", "b.yaml", *arguments, cwd=tmp_path)
        assert (done.out + done.err).count("unknown-field") == 90
        assert (done.out + done.err).count("baseline-field") == 150
        assert "more" not in done.err
    done = run("check", "a.yaml", cwd=tmp_path)
    assert done.code == 0 and "and 50 more (--verbose shows them)\ncompiled" in done.err


def test_a_command_runs_in_another_directory(tmp_path: Path) -> None:
    make_project(tmp_path / "a" / "b")
    for words in (["-C", "a/b"], ["--directory", "a", "-C", "b"], ["--directory=a/b"]):
        done = run(*words, "check", "--report", "junit=x.xml", cwd=tmp_path)
        assert (done.code, "compiled 3 profiles" in done.err) == (0, True), done.err
        (tmp_path / "a" / "b" / "x.xml").unlink()
    gone = run("-C", "a/c", "check", "--format", "json", cwd=tmp_path)
    assert (gone.code, gone.rules) == (2, ["usage"])
    assert "`a/c` cannot be changed to: no such file or directory" in gone.err
    assert run("-C", "", "check", cwd=tmp_path).code == 2
