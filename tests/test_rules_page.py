"""docs/rules.md: a section for every rule in the source, and every section run as a reader would.

`pytest --update` writes what the commands print, and the table, into the page; read the diff.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import engineprofiles as ep
import pytest
from profilec.rules import ADJUSTABLE, RULES

REPOSITORY = Path(__file__).parents[1]
PAGE = REPOSITORY / "docs" / "rules.md"
PACKAGE = REPOSITORY / "compiler" / "profilec"
FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\| rule .*?\n(?!\|)", re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r"\(\d+\.\d\d s\)")


def sections() -> dict[str, str]:
    """Text by rule."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("rule", sections())
def test_section_prints_what_it_says(rule: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    section = sections()[rule]
    directory = tmp_path / "project"
    directory.mkdir()
    for name, text in FILE.findall(section):
        (directory / name).write_text(text, "utf-8", newline="\n")
    environment = reader(tmp_path / "bin")
    printed = [transcript(block, directory, environment) for block in CONSOLE.findall(section)]
    assert any(f"[{rule}]" in each or f'"rule": "{rule}"' in each for each in printed)
    if request.config.getoption("--update"):
        blocks = iter(printed)
        replace(section, CONSOLE.sub(lambda _: next(blocks), section))
    else:
        assert printed == CONSOLE.findall(section)


def test_every_rule_has_a_section_and_no_other() -> None:
    assert sorted(sections()) == sorted(set(rules()))
    assert list(sections()) == sorted(sections())


def test_the_table_of_rules_is_what_the_source_reports() -> None:
    assert list(RULES) == sorted(set(rules()))
    for rule, each in RULES.items():
        summary = each.summary
        assert summary and not summary[0].isupper() and not summary.endswith(".") and len(summary) < 80, rule


def test_the_loader_calls_the_same_things_the_same() -> None:
    errors = (ep.BuildNotFound, ep.ArtifactDamaged, ep.FormatUnknown, ep.NoDefaultProfile)
    unknown = (ep.UnknownProfile, ep.UnknownRegistry, ep.UnknownField)
    assert {each.code for each in (*errors, *unknown)} <= sections().keys()


def test_table_is_that_of_the_source(request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text("utf-8")
    found = TABLE.search(page)
    assert found
    if request.config.getoption("--update"):
        replace(found[0], table())
    else:
        assert found[0] == table()


def table() -> str:
    lines = ["| rule | severity | can be changed |", "|---|---|---|"]
    for rule in sorted(sections()):
        lines.append(f"| [{rule}](#{rule}) | {ADJUSTABLE.get(rule, 'error')} | {'yes' if rule in ADJUSTABLE else ''} |")
    return "\n".join(lines) + "\n"


def replace(old: str, new: str) -> None:
    PAGE.write_text(PAGE.read_text("utf-8").replace(old, new), "utf-8", newline="\n")


def reader(programs: Path) -> dict[str, str]:
    """The environment of someone who has installed the compiler, and set nothing."""
    programs.mkdir()
    for name, arguments in (("profilec", "-m profilec "), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', "utf-8")
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return {"PATH": path, "PYTHONPATH": str(PACKAGE.parent), "PYTHONUTF8": "1"}


def transcript(block: str, directory: Path, environment: dict[str, str]) -> str:
    """The block's commands, each with what it prints now."""
    printed = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        code = f"[exit code {done.returncode}]\n" if done.returncode else ""
        printed.append(f"$ {command}\n{SECONDS.sub('(0.01 s)', done.stdout)}{code}")
    return "".join(printed)


def rules() -> Iterator[str]:
    """Every text that the source hands to a parameter `rule`."""
    nodes = [node for file in sorted(PACKAGE.rglob("*.py")) for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    place_by_name = dict(chain.from_iterable(map(takers, nodes)))
    for call in nodes:
        if isinstance(call, ast.Call):
            function = call.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            given = [each.value for each in call.keywords if each.arg == "rule"]
            given += call.args[place_by_name[name] :][:1] if name in place_by_name else []
            yield from (each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str))


def takers(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The functions and classes that take a rule, with its place among their arguments."""
    names: list[str] = []
    if isinstance(node, ast.FunctionDef):
        names = [each.arg for each in node.args.args if each.arg != "self"]
    elif isinstance(node, ast.ClassDef):
        fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        names = [each.id for each in fields if isinstance(each, ast.Name)]
    if "rule" in names:
        yield node.name, names.index("rule")  # type: ignore[attr-defined]
