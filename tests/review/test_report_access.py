"""A report for everyone: by keyboard alone, read out, in the dark, on a narrow screen, and as axe-core sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from profilec.rendering import report as rendering
from report_browser import Open, Page, arrive
from report_builds import edited, many, small

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
TSC = Path(__file__).parents[2] / "runtime/js/node_modules/.bin/tsc"
VIEWS = ["", "#/?search=nothing-like-it", "#/team/default", "#/provider/default", "#/team/gone"]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent || document.activeElement.id"))


def test_everything_goes_by_keyboard(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    page.keyboard.press("/")
    page.keyboard.type("gpt")
    assert page.get_by_label("Search").input_value() == "gpt"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "large"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "search"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    arrive(page, "provider/large")
    assert focused(page) == "provider/large"
    page.keyboard.press("/")
    page.keyboard.type("cost")
    page.keyboard.press("Escape")
    assert page.get_by_label("Filter fields").input_value() == ""
    page.keyboard.press("Escape")
    arrive(page, "Profiles")
    # Back where it was left: what was searched for, and the row that was opened.
    assert page.get_by_label("Search").input_value() == "gpt"
    assert focused(page) == "large"


def test_the_way_back_is_the_browsers(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    page.get_by_label("Search").fill("large")
    page.locator("tbody tr").click()
    arrive(page, "provider/large")
    page.locator(".layers a").click()
    arrive(page, "provider/default")
    page.go_back()
    arrive(page, "provider/large")
    page.go_back()
    arrive(page, "Profiles")
    assert page.locator("tbody th a").all_inner_texts() == ["large"]


def test_the_content_can_be_skipped_to_from_every_view(open_report: Open, tmp_path: Path) -> None:
    for view in VIEWS:
        page = open_report(small(tmp_path), view)
        before = page.locator("main").inner_text()
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the content"
        page.keyboard.press("Enter")
        page.locator("main:focus").wait_for()
        assert page.locator("main").inner_text() == before


def test_what_has_the_focus_can_be_seen(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path))
    for _ in range(15):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", focused(page)


def test_the_dark_is_dark(open_report: Open, tmp_path: Path) -> None:
    light, dark = (
        open_report(small(tmp_path), scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    assert light == "rgb(246, 247, 249)" and dark == "rgb(15, 19, 25)"


@pytest.mark.parametrize("view", [*VIEWS, "#changes"])
def test_nothing_sticks_out_of_a_narrow_screen(view: str, open_report: Open, tmp_path: Path) -> None:
    page = open_report(edited() if view == "#changes" else small(tmp_path), view, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # Nor is anything cut off by what it stands in.
    rights = "[...document.querySelectorAll('body *')].map((each) => each.getBoundingClientRect().right)"
    assert max(page.evaluate(rights)) <= 360


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not here")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 360])
def test_axe_finds_nothing(scheme: str, width: int, open_report: Open, tmp_path: Path) -> None:
    build = small(tmp_path)
    for view in VIEWS:
        assert violations(open_report(build, view, scheme=scheme, width=width)) == [], view
    assert violations(open_report(many(60), scheme=scheme, width=width)) == []
    for view in ("", "#changes", "#/provider/small"):
        assert violations(open_report(edited(), view, scheme=scheme, width=width)) == [], view


def violations(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text("utf-8"))
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    assert len(found["passes"]) > 20
    return [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found["violations"]]


@pytest.mark.skipif(not TSC.exists(), reason="the packages of runtime/js are not here")
def test_the_script_has_its_types() -> None:
    done = subprocess.run(
        [TSC, "-p", Path(rendering.__file__).parent], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.stdout == "" and done.returncode == 0
