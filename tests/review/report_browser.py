"""A report in a real browser, which tells of everything that the page asked for and of every error in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import profilec
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not here: no report is opened")
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from profilec.rendering.report import page as report_page
from profilec.review.tabulate import tabulate

Open = Callable[..., Page]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def arrive(page: Page, heading: str) -> None:
    """Wait for the view of that heading: a browser tells of a new address a moment after it has it."""
    expect(page.locator("h1")).to_have_text(re.compile(rf"{re.escape(heading)}( default)?"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module at a time: while it is open, nothing else in this process can run an event loop."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is not here: no report is opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the report on a build, or on tables. When the test is over, nothing was asked for and nothing went wrong."""
    asked: list[str] = []
    wrong: list[str] = []
    files: set[str] = set()
    contexts: list[BrowserContext] = []

    def open_one(
        what: Any,
        address: str = "",
        *,
        width: int = 1300,
        scheme: Any = "light",
        script: bool = True,
        is_watched: bool = True,
    ) -> Page:
        file = tmp_path / f"report-{len(contexts)}.html"
        file.write_text(report_page(tabulate(what) if isinstance(what, profilec.Build) else what), "utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        if not is_watched:
            page.goto(file.as_uri() + address)
            return page
        files.add(file.as_uri())
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri() + address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    # Only the file itself.
    assert {url.partition("#")[0] for url in asked} == files
    assert wrong == []
