"""What must not leave: credentials, and characters that a terminal obeys."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import profilec
import pytest
from cli_run import Done, environment, run

# No detector knows it: only the field that it stands in says what it is.
CANARY = "k4n4ry"
_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")

FIELDS = {
    "api": "api: {{api_keys: {{openai: {}}}}}",
    "api-block": "api:\n        api_keys:\n          openai: {}",
    "chat": "chat: {{engine: m, api_keys: {{'my provider': {}}}}}",
    "embeddings": "embeddings: {{api_keys: {{x: {}}}, base_urls: {{}}}}",
    "next line": "api:\n        api_keys:\n          openai:\n            {}",
    "flow over lines": "api: {{api_keys: {{\n            openai:\n            {}\n        }}}}",
}
LITERALS = {
    "plain": CANARY,
    "quoted": f'"{CANARY}"',
    "with spaces": f"'some {CANARY} words'",
    "folded": f"'first\n\n              {CANARY}'",
    "tagged": f"!!str {CANARY}",
    "anchored": f"&key {CANARY}",
    "escaped": '"\\x6b4n4ry"',
}
URLS = {
    "user": f"https://{CANARY}@host/v1",
    "password": f"https://user:{CANARY}@host/v1",
    "password with a sign": f"https://user:p@{CANARY}@host/v1",
    "without slashes": f"https:user:{CANARY}@host/v1",
    "quoted": f"'https://user:{CANARY}@host/v1'",
    "socks": f"socks5h://user:{CANARY}@host",
}
URL_FIELDS = {
    "base": "api: {{base_urls: {{openai-base-url: '{}'}}}}",
    "embeddings": "embeddings: {{base_urls: {{x: '{}'}}}}",
    "proxy": "client: {{proxy_url: '{}'}}",
    "proxy-block": "client:\n        proxy_url:\n          '{}'",
}
# What stands beside a credential, or instead of one, and draws an error to its line.
MISTAKES = {
    "unknown field on the line": "api: {{api_keys: {{openai: {}}}, nonsense: 1}}",
    "unknown section on the line": "{{api: {{api_keys: {{openai: {}}}}}, chta: {{}}}}",
    "duplicate key": "api:\n        api_keys:\n          openai: x\n          openai: {}",
    "duplicate key before": "api:\n        api_keys:\n          openai: {}\n          openai: x",
    "duplicate in flow": "api: {{api_keys: {{openai: {}, openai: {}}}}}",
    "list": "api: {{api_keys: {{openai: [{}]}}}}",
    "list of keys": "api: {{api_keys: [{}]}}",
    "bare": "api: {{api_keys: {}}}",
    "mapping": "api: {{api_keys: {{openai: {{value: {}}}}}}}",
    "mapping with a mapping": "api: {{api_keys: {{openai: {{$secret: {{a: {}}}}}}}}}",
    "secret of no scheme": "api: {{api_keys: {{openai: {{$secret: {}}}}}}}",
    "secret of a scheme": "api: {{api_keys: {{openai: {{$secret: 'vault:{}'}}}}}}",
    "half a reference": "api: {{api_keys: {{openai: '${{env:A}}{}'}}}}",
    "half a reference before": "api: {{api_keys: {{openai: '{}${{env:A}}'}}}}",
    "broken reference": "api: {{api_keys: {{openai: '${{{}'}}}}",
    "reference of no scheme": "api: {{api_keys: {{openai: '${{vault:{}}}'}}}}",
    "reference to no name": "api: {{api_keys: {{openai: '${{env:{}-x}}'}}}}",
    "older place": "api_keys: {{openai: {}}}",
    "older section": "openai-chat: {{openai-api-key: {}}}",
    "unclosed": "api: {{api_keys: {{openai: {}, x: [",
    "unclosed quote": "api: {{api_keys: {{openai: '{}",
    "tab": "api:\n\t  api_keys: {{openai: {}}}",
    "unknown tag": "api: {{api_keys: {{openai: !vault {}}}}}",
    "wrong tag": "api: {{api_keys: {{openai: !!int {}}}}}",
    "unknown anchor": "api: {{api_keys: {{openai: {}, x: *nowhere}}}}",
    "proxy list": "client: {{proxy_url: ['http://user:{}@host']}}",
    "typed": "api: {{api_keys: {{openai: {}}}}}\n      chat: {{temperature: hot}}",
    "hidden character": "api: {{api_keys: {{openai: {}\u200b}}}}",
    "control character": "api: {{api_keys: {{openai: {}\x07}}}}",
    "proto": "api: {{api_keys: {{openai: {}, __proto__: x}}}}",
}
EXTENSION = "extensions: {{pinocchio.oauth@v1: {{{}: {}}}}}"
NUMBERS = {
    "whole": "4815162342",
    "fraction": "48.15162342",
    "huge": "481516234248151623424815162342",
    "odd": "0x481516234",
}


def registry(*settings: str, extensions: str = "") -> str:
    """A registry with a profile for each text of settings."""
    profiles = (
        f"  p{number}:\n    inference_settings:\n      {each}\n    {extensions}\n"
        for number, each in enumerate(settings)
    )
    return "slug: r\nprofiles:\n" + "".join(profiles)


def all_outputs(directory: Path, text: str, canary: str, *arguments: str, syntax: str = "yaml") -> list[Done]:
    """Every command over one registry, in every format; the canary is in no output and in no file of the build."""
    (directory / f"r.{syntax}").write_bytes(text.encode())
    outputs = [
        run("build", f"r.{syntax}", "-v", "--format", form, "-o", f"out-{form}", *arguments, cwd=directory)
        for form in ("text", "short", "json")
    ]
    if outputs[0].code == 0:
        for command in (
            ["show"],
            ["show", "--format", "json"],
            ["explain", "p0"],
            ["explain", "p0", "--format", "json"],
            ["list"],
        ):
            outputs.append(run(*command, "--build", "out-text", cwd=directory))
        outputs.append(run("explain", "p0", "inference_settings", "--build", "out-text", cwd=directory))
    for done in outputs:
        assert canary not in done.out + done.err
    for path in directory.rglob("*.json"):
        if path.parent != directory:
            assert canary not in path.read_text("utf-8"), path
    return outputs


@pytest.mark.parametrize("mode", ["reference", "forbid"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_literal_in_a_credentials_field_never_shows(tmp_path: Path, field: str, mode: str) -> None:
    text = registry(*(FIELDS[field].format(literal) for literal in LITERALS.values()))
    done = all_outputs(tmp_path, text, CANARY, "--secrets", mode)
    assert done[0].code == (mode == "forbid")
    assert done[0].err.count("[literal-credential]") == len(LITERALS)


@pytest.mark.parametrize("mode", ["reference", "forbid"])
@pytest.mark.parametrize("field", URL_FIELDS)
def test_a_urls_user_part_never_shows(tmp_path: Path, field: str, mode: str) -> None:
    text = registry(*(URL_FIELDS[field].format(url.strip("'")) for url in URLS.values()))
    done = all_outputs(tmp_path, text, CANARY, "--secrets", mode)
    assert done[0].code == (mode == "forbid")
    assert done[0].err.count("[literal-credential]") == len(URLS)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "client_secret"])
def test_a_token_in_an_extension_never_shows(tmp_path: Path, name: str) -> None:
    literals = [CANARY, f"[{CANARY}]", f"{{a: {CANARY}}}", f"{{$secret: {CANARY}}}", f"{{$secret: 'env:{CANARY} x'}}"]
    for number, literal in enumerate(literals):
        (tmp_path / str(number)).mkdir()
        text = registry("{}", extensions=EXTENSION.format(name, literal))
        done = all_outputs(tmp_path / str(number), text, CANARY)
        assert done[0].code == (number > 0)


def test_a_token_in_json_never_shows(tmp_path: Path) -> None:
    extension = {"Pinocchio.OAuth@v1 ": {"access_token": CANARY, "client_secret": CANARY}}
    text = json.dumps({"slug": "r", "profiles": {"p0": {"extensions": extension}}})
    assert all_outputs(tmp_path, text, CANARY, syntax="json")[0].code == 0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_near_a_credential_does_not_show_it(tmp_path: Path, mistake: str) -> None:
    literal = f"l1t {CANARY} x" if mistake == "list" else CANARY
    pattern = MISTAKES[mistake]
    text = registry(pattern.format(*[literal] * pattern.count("{}")))
    done = all_outputs(tmp_path, text, CANARY)
    assert done[0].code == 1 or mistake == "typed"


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_in_a_credentials_field_never_shows(tmp_path: Path, kind: str) -> None:
    text = registry(*(field.format(NUMBERS[kind]) for field in FIELDS.values()))
    assert all_outputs(tmp_path, text, NUMBERS[kind][2:10])[0].code == 1
    text = (
        '{"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"api_keys": {"x": ' + NUMBERS[kind] + "}}}}}}"
    )
    all_outputs(tmp_path, text, NUMBERS[kind][2:10], syntax="json")


ONE_LINERS = [
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x": "k4n4ry"}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x": "k4n4ry",}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x": "k4n4ry}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x": k4n4ry}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x": "k4n4ry\n"}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"x":\n"k4n4ry"}}}}}} x',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys":\n{"x": ["k4n4ry"]}}}}}}',
]


@pytest.mark.parametrize("text", ONE_LINERS, ids=range(7))
def test_json_on_one_line_does_not_show_it(tmp_path: Path, text: str) -> None:
    all_outputs(tmp_path, text, CANARY, syntax="json")


# Longer than a line for people: what is shown of it is cut on both sides.
PAD = "x-pad, " * 200


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_on_a_long_line_does_not_show_it(tmp_path: Path, mistake: str) -> None:
    pattern = MISTAKES[mistake]
    text = registry(pattern.format(*[f"{CANARY} {CANARY}: {CANARY}"] * pattern.count("{}")))
    all_outputs(tmp_path, text.replace("\n", f" # {PAD}\n"), CANARY)
    (tmp_path / "flow").mkdir()
    text = registry(pattern.format(*[CANARY] * pattern.count("{}")))
    all_outputs(tmp_path / "flow", text.replace("inference_settings:\n      {", f"x: '{PAD}', y: {{"), CANARY)


@pytest.mark.parametrize("text", ONE_LINERS, ids=range(7))
@pytest.mark.parametrize("mistake", ["", '"mistake": 1, ', '"mistake" 1, ', '"'])
def test_long_json_on_one_line_does_not_show_it(tmp_path: Path, text: str, mistake: str) -> None:
    text = text.replace('"api"', f'"x": "{PAD}", {mistake}"api"').replace("}}}}", f', {mistake}"y": "{PAD}"}}}}}}}}')
    (tmp_path / "r.json").write_text(text)
    done = run("check", "r.json", cwd=tmp_path)
    assert done.code == 1 and " | " in done.err and CANARY not in done.err


def test_a_long_line_is_shown_around_the_place(tmp_path: Path) -> None:
    profile = {"chat": {"engine": "m", "temperature": "0.2", "stop": ["a"]}, "client": {"proxy": 1}}
    document = {"slug": "r", "description": PAD, "profiles": {"p": {"inference_settings": profile}}, "metadata": {}}
    (tmp_path / "r.json").write_text(json.dumps(document))
    lines = run("check", "r.json", cwd=tmp_path).err.splitlines()
    at = next(number for number, line in enumerate(lines) if "wrong-type" in line) + 2
    assert lines[at].startswith(" 1 | …")
    assert '"chat": {"engine": ********, "temperature": ********, "stop": [********]}' in lines[at]
    mark = lines[at + 1].index("^")
    assert lines[at][mark:].startswith('********, "stop"') and lines[at + 1].count("^") == 8
    at = next(number for number, line in enumerate(lines) if "unknown-field" in line) + 2
    assert lines[at][lines[at + 1].index("^") :].startswith('"proxy": ********')
    assert len(lines[at]) < 400
    (tmp_path / "r.yaml").write_text(f"slug: r\ndescripton: {PAD}\n")
    assert " 2 | descripton: ********" in run("check", "r.yaml", cwd=tmp_path).err


def test_a_baselines_credentials_never_show(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    for text in (
        f"api: {{api_keys: {{x: {CANARY}}}}}\n",
        f"client: {{proxy_url: 'http://u:{CANARY}@h'}}\n",
        f"api: {{api_keys: {{x: {CANARY}}}, y: 1}}\n",
        f"api: {{api_keys: {{x: {CANARY}\n",
    ):
        (tmp_path / "base.yaml").write_text(text)
        all_outputs(tmp_path, (tmp_path / "r.yaml").read_text(), CANARY, "--baseline", "base.yaml")


def test_embedding_puts_it_into_artifacts_and_nowhere_else(tmp_path: Path) -> None:
    url = f"'http://u:{CANARY}@h'"
    settings = f"api: {{api_keys: {{openai: {CANARY}}}, base_urls: {{b: {url}}}}}\n      client: {{proxy_url: {url}}}"
    text = registry(settings, extensions=EXTENSION.format("access_token", CANARY))
    (tmp_path / "r.yaml").write_text(text)
    (tmp_path / "base.yaml").write_text(f"chat: {{api_keys: {{b: {CANARY}}}}}\n")
    done = run("build", "r.yaml", "--baseline", "base.yaml", "--secrets", "embed", "-v", cwd=tmp_path)
    assert done.code == 0 and CANARY not in done.out + done.err
    holding = {
        path.relative_to(tmp_path / "build").parts[0]
        for path in (tmp_path / "build").rglob("*.json")
        if CANARY in path.read_text()
    }
    assert holding == {"profiles"}
    assert not list((tmp_path / "build" / "history").glob("*"))
    for command in (
        ["show"],
        ["show", "--format", "json"],
        ["explain", "p0"],
        ["explain", "p0", "api"],
        ["explain", "p0", "--format", "json"],
        ["list"],
    ):
        done = run(*command, cwd=tmp_path)
        assert done.code == 0 and CANARY not in done.out + done.err


def test_no_repr_shows_it(tmp_path: Path) -> None:
    """What a log, an assertion or a debugger prints of an object."""
    text = profilec.Text("r.yaml", registry(f"api: {{api_keys: {{openai: {CANARY}}}}}"))
    value = {"slug": "v", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"k": CANARY}}}}}}
    build = profilec.compile([text, value], secrets="embed")
    profilec.write(build, tmp_path)
    opened = profilec.open_build(tmp_path)
    for each in (text, build, opened):
        assert CANARY not in repr(each)
    for each in (build, opened):
        assert CANARY not in repr(each.artifacts)
        assert CANARY in str(each.artifacts["r/p0"].document)
        assert CANARY not in repr(each.artifacts["r/p0"])
        assert "r/p0" in repr(each.artifacts["r/p0"])


def test_a_bug_report_does_not_show_it(tmp_path: Path) -> None:
    """Whatever goes wrong inside: what reaches the terminal names the place in the code and no value."""
    (tmp_path / "r.yaml").write_text(registry(f"api: {{api_keys: {{openai: {CANARY}}}}}"))
    script = (
        "import sys, profilec.encode as e\n"
        "def broken(value): raise ValueError(repr(value))\n"
        "e.orjson = type('Broken', (), {'dumps': lambda value, **more: broken(value), 'loads': None})\n"
        "sys.argv = ['profilec', 'build', 'r.yaml', '--secrets', 'embed']\n"
        "from profilec.__main__ import main\nsys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert CANARY not in done.stdout + done.stderr


# Terminals

HOSTILE = "a\x1b[31mred\x1b]0;title\x07\r\nerror[forged]: line\x9b2J\u202eturned\u2028\u200b\x08\x7f"


def hostile_outputs(directory: Path, *arguments: str) -> None:
    for form, color in (("text", "never"), ("text", "always"), ("short", "never")):
        done = run(*arguments, "--format", form, "--color", color, cwd=directory)
        for text in (done.out, done.err):
            shown = re.sub("\x1b\\[[0-9]{1,2}m", "", text) if color == "always" else text
            assert not _NOT_SHOWN.search(shown), (arguments, form, text)
            assert not any(line.startswith("error[forged]") for line in shown.splitlines())


def test_json_is_safe_to_look_at(tmp_path: Path) -> None:
    """People look at JSON in a terminal too. All that it would obey can stand as an escape, and reads the same."""
    document = {
        "slug": "r",
        "profiles": {"p": {"display_name": HOSTILE, "extensions": {"a.b@v1": HOSTILE}, HOSTILE: 1}},
    }
    (tmp_path / "r.json").write_text(json.dumps(document))
    findings = run("check", "r.json", "--format", "json", cwd=tmp_path)
    del document["profiles"]["p"][HOSTILE]
    (tmp_path / "r.json").write_text(json.dumps(document))
    shown = run("show", "p", "--source", "r.json", "--format", "json", cwd=tmp_path)
    assert shown.json["artifact"]["display_name"] == HOSTILE
    for done in (findings, shown):
        assert not _NOT_SHOWN.search(done.out)


def quoted(text: str) -> str:
    return json.dumps(text)


@pytest.mark.parametrize(
    "document",
    [
        {"slug": HOSTILE},
        {"slug": "r", HOSTILE: 1},
        {"slug": "r", "profiles": {HOSTILE: {}}},
        {"slug": "r", "profiles": {"p": {HOSTILE: {}}}},
        {"slug": "r", "profiles": {"p": {"slug": HOSTILE}}},
        {"slug": "r", "profiles": {"p": {"stack": [{"profile_slug": HOSTILE}]}}},
        {"slug": "r", "profiles": {"p": {"stack": [{"profile_slug": "x", "registry_slug": HOSTILE}]}}},
        {"slug": "r", "profiles": {"p": {"inference_settings": {HOSTILE: 1}}}},
        {"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {HOSTILE: 1, "temperature": HOSTILE}}}}},
        {"slug": "r", "profiles": {"p": {"extensions": {HOSTILE: 1}}}},
        {"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {HOSTILE: "literal"}}}}}},
        {"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"k": "${x" + HOSTILE + ":y}"}}}}}},
        {
            "slug": "r",
            "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"k": {"$secret": HOSTILE + ":y"}}}}}},
        },
        {"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": "${" + HOSTILE}}}}},
        {"slug": "r", "profiles": {"p": {"extensions": {"a.b@v1": {HOSTILE: {"__proto__": 1, "$secret": HOSTILE}}}}}},
        [HOSTILE],
        HOSTILE,
    ],
    ids=range(17),
)
@pytest.mark.parametrize("syntax", ["yaml", "json"])
def test_what_a_source_says_reaches_no_terminal_raw(tmp_path: Path, document: object, syntax: str) -> None:
    (tmp_path / f"r.{syntax}").write_text(json.dumps(document), "utf-8")
    hostile_outputs(tmp_path, "check", f"r.{syntax}", "-v")


@pytest.mark.parametrize(
    "text",
    [
        f"slug: r\n{HOSTILE}: 1\n",
        f"slug: r # {HOSTILE}\n",
        f"'{HOSTILE}'",
        f"slug: &{HOSTILE} r\n",
        f"slug: *{HOSTILE}\n",
        f"slug: !{HOSTILE} r\n",
    ],
)
def test_raw_characters_reach_no_terminal(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_bytes(text.encode())
    hostile_outputs(tmp_path, "check", "r.yaml", "-v")


def test_the_names_of_files_reach_no_terminal_raw(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "")
    (tmp_path / name).mkdir()
    (tmp_path / name / f"{name}.yaml").write_text("slug: r\nprofiles: {p: {engine: 1}}\n")
    hostile_outputs(tmp_path, "check", name)
    hostile_outputs(tmp_path, "check", f"{name}/nothing")
    hostile_outputs(tmp_path, "show", "--build", name)
    hostile_outputs(tmp_path / name, "check", ".")
    (tmp_path / name / f"{name}.yaml").write_text("slug: r\nprofiles: {p: {inference_settings: {chat: {engine: m}}}}\n")
    hostile_outputs(tmp_path, "build", name, "-o", f"{name}-out")
    hostile_outputs(tmp_path, "explain", "p", "--build", f"{name}-out")
    hostile_outputs(tmp_path, "explain", "p", "chat.engine", "--build", f"{name}-out")
    hostile_outputs(tmp_path, "init", f"{name}-new")
    hostile_outputs(tmp_path, "init", f"{name}-new")
    (tmp_path / "file").write_text("")
    hostile_outputs(tmp_path, "build", name, "-o", f"file/{name}")
    hostile_outputs(tmp_path, "init", f"file/{name}")


def test_a_configuration_reaches_no_terminal_raw(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    for config in (
        f"{quoted('a' + HOSTILE.encode('ascii', 'ignore').decode())} = 1\n".replace("\\u007f", "\\u007F"),
        f"sources = [{quoted(HOSTILE)}]\n",
        f"output = {quoted(HOSTILE)}\n",
        f"secrets = {quoted(HOSTILE)}\n",
        f"[rules]\n{quoted(HOSTILE)} = 'off'\n",
        "\x1b[31m",
    ):
        (tmp_path / "profilec.toml").write_text(config, "utf-8")
        for command in ("check", "list"):
            hostile_outputs(tmp_path, command)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--\x1b[31m"],
        ["\x1b[31m"],
        ["check", "--format", "\x1b[31m"],
        ["check", "--\x1b[31m"],
        ["show", "\x1b[31m"],
        ["explain", "\x1b[31m", "\x1b[32m"],
        ["check", "\x1b[31m:x"],
    ],
)
def test_arguments_reach_no_terminal_raw(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert "\x1b" not in done.out + done.err


def test_values_reach_no_terminal_raw(tmp_path: Path) -> None:
    profile = {
        "display_name": HOSTILE,
        "description": HOSTILE,
        "metadata": {"source": HOSTILE},
        "inference_settings": {
            "chat": {"engine": HOSTILE, "api_type": HOSTILE, "stop": [HOSTILE]},
            "api": {"base_urls": {HOSTILE: HOSTILE}, "api_keys": {HOSTILE: "${file:" + HOSTILE.replace("}", "") + "}"}},
            "model_info": {"metadata": {HOSTILE: {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]}}},
        },
        "extensions": {"a.b@v1": HOSTILE},
    }
    document = {
        "slug": "r",
        "display_name": HOSTILE,
        "profiles": {"p": profile, "q": {"stack": [{"profile_slug": "p"}]}},
    }
    (tmp_path / "r.json").write_text(json.dumps(document))
    assert run("build", "r.json", cwd=tmp_path).code == 0
    for command in (
        ["list"],
        ["show", "p"],
        ["show", "q"],
        ["explain", "q"],
        ["explain", "q", "chat"],
        ["explain", "q", "api"],
        ["explain", "q", "extensions"],
        ["explain", "q", "model_info.metadata"],
        ["explain", "q", HOSTILE],
        ["check", "r.json", "-v"],
    ):
        hostile_outputs(tmp_path, *command)


@pytest.mark.skipif(os.name == "nt", reason="a terminal of another kind")
@pytest.mark.parametrize(
    "command", [["list"], ["show"], ["explain", "p"], ["explain", "p", "chat"], ["check", "r.json"]], ids=" ".join
)
def test_a_real_terminal_gets_nothing_raw(tmp_path: Path, command: list[str]) -> None:
    document = {
        "slug": "r",
        "profiles": {
            "p": {
                "display_name": HOSTILE,
                "inference_settings": {"chat": {"engine": HOSTILE}, "client": {"user_agent": HOSTILE}},
            }
        },
    }
    (tmp_path / "r.json").write_text(json.dumps(document))
    assert run("build", "r.json", cwd=tmp_path).code == 0
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "profilec", *command],
        cwd=tmp_path,
        env=environment(TERM="xterm", COLUMNS="200"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    process.wait()
    os.close(ours)
    # Colours are the command's own, and so are carriage returns before line feeds.
    text = re.sub("\x1b\\[[0-9;]{1,9}m", "", shown.decode()).replace("\r\n", "\n")
    assert not _NOT_SHOWN.search(text), text
    assert not any(line.startswith("error[forged]") for line in text.splitlines())
