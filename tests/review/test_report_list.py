"""The list of a report in a real browser: search, filters, order, pages, and what the address says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_browser import Open, Page
from report_builds import many, small


def names(page: Page) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def counted(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


def test_every_profile_is_listed_with_what_is_known_of_it(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    assert counted(page) == "6 profiles"
    rows = [" | ".join(row.split("\t")).replace("\n", " ") for row in page.locator("tbody tr").all_inner_texts()]
    assert [" ".join(row.split()) for row in rows] == [
        "careful | team | layer | openai | – not set | – not set | – not set | – not set | 1",
        "default default Assistant | team | gpt-4.1-mini | openai | 9,000 | 4,000 | 0.075 | 10.00 | 0",
        "local | team | llama3 | ollama | – not set | – not set | free | free | 0",
        "default | provider | layer | openai | – not set | – not set | – not set | – not set | 4",
        "large | provider | gpt-4.1 | openai | 128,000 | – not set | 0.60 | 8.00 | 0",
        "small | provider | gpt-4.1-mini | openai | 9,000 | 4,000 | 0.075 | 10.00 | 1",
    ]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("LARGE", ["large"]),
        ("llama", ["local"]),
        ("ollama", ["local"]),
        ("assistant", ["default"]),
        ("people ask", ["default"]),
        ("provider/ gpt", ["large", "small"]),
        ("nowhere", []),
    ],
)
def test_a_search_finds_every_word_in_whatever_a_list_knows(
    words: str, wanted: list[str], open_report: Open, tmp_path: Path
) -> None:
    page = open_report(small(tmp_path))
    page.get_by_label("Search").fill(words)
    assert names(page) == wanted
    assert counted(page) == {0: "No profile matches", 1: "1 profile", 2: "2 profiles"}[len(wanted)]


def test_filters_join_and_layers_can_be_hidden(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    page.get_by_label("Registry").select_option("provider")
    assert names(page) == ["default", "large", "small"]
    page.get_by_label("Layers without a model").uncheck()
    assert names(page) == ["large", "small"]
    page.get_by_label("Provider").select_option("ollama")
    assert names(page) == []
    page.get_by_label("Registry").select_option("All")
    assert names(page) == ["local"]


@pytest.mark.parametrize(
    ("column", "up", "down"),
    [
        ("Profile", "careful", "small"),
        ("Context", "9,000", "128,000"),
        ("Price in", "free", "0.60"),
        ("Price out", "free", "10.00"),
    ],
)
def test_columns_sort_numbers_as_numbers_and_what_is_not_known_last(
    column: str, up: str, down: str, open_report: Open, tmp_path: Path
) -> None:
    page = open_report(small(tmp_path))
    head = page.locator("thead th", has=page.get_by_role("button", name=re.compile(f"^{column}")))
    assert head.get_attribute("aria-sort") is None
    index = page.locator("thead th").all_inner_texts().index(head.inner_text())
    for direction, first in (("ascending", up), ("descending", down)):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        cells = page.locator(f"tbody tr > :nth-child({index + 1})").all_inner_texts()
        assert cells[0].split()[0] == first
        unknown = ["not set" in each for each in cells]
        assert unknown == sorted(unknown)
    assert page.locator("[aria-sort]").count() == 1


def test_who_is_used_most_comes_first(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    page.get_by_role("columnheader", name="Used by").get_by_role("button").click()
    assert page.locator("tbody td.used").all_inner_texts() == ["4", "1", "1", "0", "0", "0"]


def test_pages_turn_and_a_search_begins_at_the_first(open_report: Open) -> None:
    page = open_report(many(120))
    assert counted(page) == "1–50 of 121 profiles"
    assert page.get_by_role("button", name="Previous").is_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    assert counted(page) == "101–121 of 121 profiles"
    assert page.get_by_role("button", name="Next").is_disabled()
    assert len(names(page)) == 21
    assert page.evaluate("document.activeElement.textContent") == names(page)[0]
    page.get_by_label("Search").fill("m-")
    assert counted(page) == "1–50 of 120 profiles"
    page.get_by_label("Search").fill("p11")
    assert counted(page) == "11 profiles"
    assert not page.get_by_role("button", name="Next").is_visible()


def test_the_address_says_what_is_wanted_and_gives_it_again(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    page.get_by_label("Search").fill("gpt 4&1=#")
    page.get_by_label("Search").fill("gpt")
    page.get_by_role("columnheader", name="Price in").get_by_role("button").click()
    page.get_by_role("columnheader", name="Price in").get_by_role("button").click()
    page.get_by_label("Provider").select_option("openai")
    before = names(page)
    page.reload()
    assert names(page) == before == ["large", "default", "small"]
    assert page.get_by_label("Search").input_value() == "gpt"


@pytest.mark.parametrize(
    "address", ["#/?page=99&sort=nothing", "#?", "#/?page=-1", "#/?page=x&layers=", "#nowhere", "#%"]
)
def test_an_address_that_nobody_made_shows_the_list(address: str, open_report: Open, tmp_path: Path) -> None:
    assert counted(open_report(small(tmp_path), address)) == "6 profiles"
