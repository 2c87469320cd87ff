"""One profile in a report, in a real browser: its settings are those of `explain`, its stack and who stands on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import profilec
import pytest
from profilec.encode import decode
from profilec.review.explain import explain
from profilec.review.tabulate import tabulate
from report_browser import Open, Page, arrive
from report_builds import small

# Each field's rows: its section and name, and for the winner and all that it overrode value, layer and place.
_SETTINGS = """() => [...document.querySelectorAll("#settings ~ div h3")].flatMap((heading) =>
  [...heading.nextElementSibling.tBodies].map((body) => [
    heading.textContent,
    body.querySelector("th").textContent,
    [...body.rows].map((row) => [...row.cells].slice(-3).map((cell) => cell.textContent)),
  ]))"""


def shown_settings(page: Page) -> Any:
    return page.evaluate(_SETTINGS)


def heading(page: Page) -> str:
    return page.locator("h1").inner_text().split()[0]


def test_settings_are_what_explain_says(open_report: Open, tmp_path: Path) -> None:
    build = small(tmp_path)
    overridden = 0
    for name in build.artifacts:
        page = open_report(build, f"#/{name}")
        assert heading(page) == name
        shown = {f"{section}.{field}": rows for section, field, rows in shown_settings(page)}
        explanations = {each.field: each for each in explain(build, name)}
        assert shown.keys() == explanations.keys()
        for field, rows in shown.items():
            each = explanations[field]
            for row, setting in zip(rows, [each.winner, *each.overridden], strict=True):
                value, layer, place = row
                assert layer.removeprefix("baseline ") == setting.layer
                assert place == str(setting.span)
                if not isinstance(setting.value, dict):
                    assert decode(value.removeprefix("overrides ").encode()) == setting.value
            overridden += len(each.overridden)
    assert overridden > 5


def test_a_profile_says_what_it_is(open_report: Open, tmp_path: Path) -> None:
    build = small(tmp_path)
    page = open_report(build, "#/team/default")
    assert page.title() == "team/default – Engine profiles"
    facts = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(), strict=True))
    assert {key: " ".join(value.split()) for key, value in facts.items()} == {
        "Model": "gpt-4.1-mini",
        "Provider": "openai",
        "Context window": "9,000 tokens",
        "Output limit": "4,000 tokens",
        "Price": "0.075 in, 10.00 out USD per 1M tokens",
        "Requires": "env:OPENAI_API_KEY",
        "Written at": "team.yaml:3:3",
        "Digest": f"sha256:{build.artifacts['team/default'].digest}",
    }
    assert page.locator(".subtitle").inner_text() == "Assistant"
    assert page.locator(".description").inner_text() == "Answers what people ask.\nNothing else."
    assert "${env:OPENAI_API_KEY}" in page.locator("main").inner_text()


def test_fields_are_filtered(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), "#/team/default")
    page.get_by_label("Filter fields").fill("chat.temp")
    assert page.locator("h3:visible").all_inner_texts() == ["chat"]
    assert page.locator(".settings tbody:visible th").all_inner_texts() == ["temperature"]
    page.get_by_label("Filter fields").fill("provider/small")
    assert page.locator(".settings tbody:visible th").all_inner_texts()[0] == "engine"
    page.get_by_label("Filter fields").fill("")
    page.get_by_label("Only with overridden values").check()
    assert page.locator(".settings tbody:visible th").all_inner_texts() == ["temperature"]
    assert page.locator("[role=status]").inner_text() == "1 of 11 fields"


def test_the_stack_is_drawn_with_the_winner_on_top(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), "#/team/default")
    layers = [each.split("\n")[0] for each in page.locator(".layers li").all_inner_texts()]
    assert layers == ["team/default", "team/careful", "provider/small", "provider/default", "baseline base.yaml"]
    assert page.locator("svg circle").count() == 5
    # From the row in the middle of which an edge begins to the one where it ends; arcs pass by a layer.
    drawn = [str(each.get_attribute("d")) for each in page.locator("svg path").all()]
    edges = {_rows(each): "C" in each for each in drawn}
    assert edges == {(0, 1): False, (0, 2): True, (1, 3): True, (2, 3): False}
    page.get_by_role("link", name="provider/small").first.click()
    arrive(page, "provider/small")


def test_a_build_that_does_not_say_who_stacks_on_whom_is_drawn_as_a_line(open_report: Open, tmp_path: Path) -> None:
    tables = tabulate(small(tmp_path))
    for each in tables["profiles"]:
        del each["stack"]
    page = open_report(tables, "#/team/default")
    assert page.locator("svg path").count() == 3
    assert page.locator("svg path[d*=C]").count() == 0


def test_those_that_stand_on_it_are_linked(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), "#/provider/default")
    links = page.locator("#dependents ~ div a").all_inner_texts()
    assert links == ["team/careful", "team/default", "provider/large", "provider/small"]
    page.locator("#dependents ~ div a").first.click()
    arrive(page, "team/careful")


def test_a_value_that_is_long_can_be_opened(open_report: Open) -> None:
    long = "x" * 5000
    text = f"slug: a\nprofiles: {{default: {{inference_settings: {{chat: {{engine: {long}}}}}}}}}\n"
    page = open_report(profilec.compile(profilec.Text("a.yaml", text)), "#/a/default", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    value = page.locator(".value details")
    assert not value.get_by_text(long).is_visible()
    value.locator("summary").click()
    assert value.get_by_text(long).is_visible()


def test_an_unknown_profile_is_said_to_be_unknown(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), "#/team/gone")
    assert page.locator("h1").inner_text() == "Not in this report"
    page.get_by_role("link", name="All profiles").click()
    arrive(page, "Profiles")
    assert page.locator("tbody tr").count() == 6


@pytest.mark.parametrize("secrets", ["embed", "reference"])
def test_no_credential_is_in_the_file(secrets: Any, tmp_path: Path, open_report: Open) -> None:
    text = """\
slug: a
profiles:
  default:
    inference_settings:
      api: {api_keys: {openai-api-key: sk-canary-1}, base_urls: {openai-base-url: "https://u:sk-canary-2@h.example/v1"}}
      client: {proxy_url: "http://user:sk-canary-3@proxy.example"}
"""
    build = profilec.compile(profilec.Text("a.yaml", text), secrets=secrets)
    assert (b"canary" in build.artifacts["a/default"].data) == (secrets == "embed")
    page = open_report(build, "#/a/default")
    assert "canary" not in page.content()
    # What is not embedded is a reference; what is, is masked.
    assert ("${env:PROXY_URL}" if secrets == "reference" else "********") in page.locator("main").inner_text()


def _rows(path: str) -> tuple[float, float]:
    """The rows that an edge joins: its first y, and its last."""
    numbers = [float(each) for each in re.findall(r"[\d.]+", path)]
    return (numbers[1] - 24) / 48, (numbers[-1] - 24) / 48
