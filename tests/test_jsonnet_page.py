"""docs/jsonnet.md: its programs compiled with the commands that it shows, its tables evaluated."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import profilec
import pytest
from profilec.diagnostics import Report
from profilec.rendering.excerpts import with_excerpts
from profilec.rendering.render import render, tally
from profilec.rendering.terminal import Painter
from profilec.sources.jsonnet import Inputs, Program, evaluate
from profilec.states import Text

PAGE = (Path(__file__).parents[1] / "docs" / "jsonnet.md").read_text("utf-8")
FILES = dict(re.findall(r"^`([^`\n]+)`:\n\n```jsonnet\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
CONSOLES = re.findall(r"(?<=^```console\n).*?(?=^```$)", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [pair for console in CONSOLES for pair in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)]
ROWS = re.findall(r"^\| `(ep\..*?)` \| `([\[{\"].*?)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("command", "printed"), COMMANDS)
def test_commands_print_what_the_page_says(command: str, printed: str, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert check(command, tmp_path) == printed


@pytest.mark.parametrize(("expression", "value"), ROWS)
def test_tables_say_what_the_library_makes(expression: str, value: str, tmp_path: Path) -> None:
    text = f"local ep = import 'engineprofiles.libsonnet'; {expression}"
    report = Report()
    values, _ = evaluate([Program("row.jsonnet", text.encode(), None, None)], Inputs(), tmp_path, report)
    assert not list(report)
    assert values == [json.loads(value)]


def test_nothing_on_the_page_is_passed_over() -> None:
    assert len(COMMANDS) >= 5 and len(FILES) >= 4 and len(ROWS) >= 15
    functions = set(re.findall(r"`(ep\.[a-z_.]+)\(", PAGE))
    library = (Path(profilec.__file__).parent / "sources" / "engineprofiles.libsonnet").read_text("utf-8")
    names = re.findall(r"^  (\w+)\(.*::", library, re.MULTILINE)
    names += [f"settings.{name}" for name in re.findall(r"^    (\w+)\(.*::", library, re.MULTILINE)]
    assert functions == {f"ep.{name}" for name in names}


def check(command: str, directory: Path) -> str:
    """`profilec check SOURCE` with the options of Jsonnet."""
    program, verb, source, *options = shlex.split(command)
    assert (program, verb) == ("profilec", "check")
    handed: dict[str, dict[str, str]] = {"--ext-str": {}, "--ext-code": {}, "--tla-str": {}, "--tla-code": {}}
    for option, given in zip(options[::2], options[1::2], strict=True):
        name, _, value = given.partition("=")
        handed[option][name] = value
    path = directory / source
    report = Report()
    programs = [Program(source, path.read_bytes(), path, path.parent)]
    values, _ = evaluate(programs, Inputs(*handed.values()), directory, report)
    if report.has_errors:
        found = list(with_excerpts(report, [Text(source, path.read_bytes(), "jsonnet")]))
        return render(found, "text", Painter(False)) + f"{tally(found)}\n[exit code 1]\n"
    return compiled(values[0] if isinstance(values[0], list) else values)


def compiled(registries: list[dict[str, Any]]) -> str:
    build = profilec.compile(registries)
    profiles, count = len(build.artifacts), len(registries)
    return f"compiled {profiles} profile{'s' * (profiles != 1)} of {count} registr{'y' if count == 1 else 'ies'}\n"
