"""docs/migrate.md: its examples run as a reader would, and its tables are those of the source.

`pytest --update` writes what the commands print, and the tables, into the page; read the diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from profilec.fields import sections as fields
from profilec.migration import models_dev
from profilec.migration.flags import ENTRIES, SECTIONS, documented
from profilec.migration.litellm import table
from profilec.migration.litellm.write import account_fields
from test_rules_page import CONSOLE, FILE, reader, transcript

PAGE = Path(__file__).parents[1] / "docs" / "migrate.md"


def test_examples_print_what_the_page_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    environment = reader(tmp_path / "bin")
    ran = 0
    for number, section in enumerate(re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)):
        directory = tmp_path / str(number)
        directory.mkdir()
        for name, text in FILE.findall(section):
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, "utf-8", newline="\n")
        printed = [transcript(block, directory, environment) for block in CONSOLE.findall(section)]
        ran += len(printed)
        assert "not-a-real" not in "".join(printed)
        if request.config.getoption("--update"):
            blocks = iter(printed)
            _replace(section, CONSOLE.sub(lambda _, blocks=blocks: next(blocks), section))
        else:
            assert printed == CONSOLE.findall(section)
    assert ran == 5


def tables() -> dict[str, list[tuple[str, ...]]]:
    """Rows by the table's first line."""
    return {
        "| older section | flags | section |": [
            (f"`{name}`", _code(documented(name)), f"`{section}`") for name, (section, _) in SECTIONS.items()
        ],
        "| flag ends in | field |": [(f"`{ending}`", f"`api.{field}`") for ending, field in ENTRIES.items()],
        "| `litellm_params` | field |": [
            *((f"`{param}`", _path(field)) for param, field in table.PARAMS.items()),
            *((f"`thinking.{key}`", _path(field)) for key, field in table.THINKING.items()),
            *((f"`response_format.json_schema.{key}`", _path(field)) for key, field in table.ANSWER.items()),
        ],
        "| `model_info` | field |": [
            *((f"`{key}`", f"`model_info.{field}`") for key, field in table.LIMITS.items()),
            *((f"`{key}`", f"`model_info.cost.{field}`") for key, field in table.COSTS.items()),
            *((f"`{key}`", f"`{modality}` in `model_info.input`") for key, modality in table.MODALITIES.items()),
            (f"`{table.REASONING}`", "`model_info.reasoning`"),
            *((f"`{key}`", f"`model_info.metadata.{name}`") for key, name in table.METADATA.items()),
        ],
        "| model | API type | address | variable |": [
            (f"`{prefix}/…`", f"`{each.api_type}`", each.base_url or "", f"`{each.variable}`" if each.variable else "")
            for prefix, each in table.PROVIDERS.items()
        ],
        "| section | no place for |": [
            (f"`{section}`", _code(names)) for section in fields() if (names := sorted(_without_place(section)))
        ],
        "| a model's table | field |": [
            *((f"`{'.'.join(path)}`", f"`model_info.{fact}`") for fact, path in models_dev.FACTS.items()),
            *((f"`cost.{key}`", f"`model_info.cost.{key}`") for key in models_dev.COSTS),
            *((f"`{key}`", f"`model_info.metadata.{key}`") for key in models_dev.METADATA),
        ],
        "| a provider's `npm` | API type | address |": [
            (f"`{package}`", f"`{api_type}`", address or "its `api`" if "compatible" in package else address or "")
            for package, (api_type, address) in models_dev.PACKAGES.items()
        ],
    }


def test_every_field_is_a_flag_of_some_older_section_but_those_that_no_flag_set() -> None:
    covered = {section for section, _ in SECTIONS.values()}
    assert fields().keys() - covered == {"api", "model_info"}


def _without_place(section: str) -> set[str]:
    """The fields that a model_list has no parameter for."""
    placed = {*table.PARAMS.values(), *table.THINKING.values(), *table.ANSWER.values(), table.ANSWER_MODE}
    placed |= {field for written in table.WRITTEN.values() for field in written} | set(account_fields())
    facts = {*table.LIMITS.values(), "cost", "input", "reasoning", "metadata"}
    placed |= {("model_info", fact) for fact in facts}
    return {name for name, each in fields()[section].items() if (section, each.name) not in placed}


def _path(field: tuple[str, str]) -> str:
    return f"`{field[0]}.{field[1]}`"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _replace(old: str, new: str) -> None:
    PAGE.write_text(PAGE.read_text("utf-8").replace(old, new), "utf-8", newline="\n")


@pytest.mark.parametrize("head", tables())
def test_table_is_that_of_the_source(head: str, request: pytest.FixtureRequest) -> None:
    rows = [head, "|" + "---|" * (head.count("|") - 1), *(f"| {' | '.join(row)} |" for row in tables()[head])]
    wanted = "".join(f"{' '.join(row.split())}\n" for row in rows)
    found = re.search(rf"^{re.escape(head)}\n(?:\|.*\n)+", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found
    if request.config.getoption("--update"):
        _replace(found[0], wanted)
    else:
        assert found[0] == wanted
