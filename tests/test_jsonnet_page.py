"""docs/jsonnet.md: its programs compiled by the commands that it shows, its tables evaluated."""

from __future__ import annotations

import json
import re
from pathlib import Path

import profilec
import pytest
from profilec.diagnostics import Report
from profilec.sources.jsonnet import Inputs, Program, evaluate
from test_rules_page import CONSOLE, FILE, reader, transcript

PAGE = (Path(__file__).parents[1] / "docs" / "jsonnet.md").read_text("utf-8")
FILES = dict(FILE.findall(PAGE))
CONSOLES = CONSOLE.findall(PAGE)
ROWS = re.findall(r"^\| `(ep\..*?)` \| `([\[{\"].*?)` \|$", PAGE, re.MULTILINE)


def test_commands_print_what_the_page_says(tmp_path: Path) -> None:
    directory = tmp_path / "project"
    for name, text in FILES.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, "utf-8")
    environment = reader(tmp_path / "bin")
    for console in CONSOLES:
        assert transcript(console, directory, environment) == console


@pytest.mark.parametrize(("expression", "value"), ROWS)
def test_tables_say_what_the_library_makes(expression: str, value: str, tmp_path: Path) -> None:
    text = f"local ep = import 'engineprofiles.libsonnet'; {expression}"
    report = Report()
    values, _ = evaluate([Program("row.jsonnet", text.encode(), None, None)], Inputs(), tmp_path, report)
    assert not list(report)
    assert values == [json.loads(value)]


def test_nothing_on_the_page_is_passed_over() -> None:
    assert len(CONSOLES) >= 4 and len(FILES) >= 4 and len(ROWS) >= 15
    functions = set(re.findall(r"`(ep\.[a-z_.]+)\(", PAGE))
    library = (Path(profilec.__file__).parent / "sources" / "engineprofiles.libsonnet").read_text("utf-8")
    names = re.findall(r"^  (\w+)\(.*::", library, re.MULTILINE)
    names += [f"settings.{name}" for name in re.findall(r"^    (\w+)\(.*::", library, re.MULTILINE)]
    assert functions == {f"ep.{name}" for name in names}
