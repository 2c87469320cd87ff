"""What changed, in a report in a real browser: the edits with what follows from them, and where else it shows."""

from __future__ import annotations

from pathlib import Path

import profilec
from report_browser import Open, arrive
from report_builds import compared, edited, many


def test_the_edits_are_told_with_what_they_mean_and_who_follows(open_report: Open) -> None:
    page = open_report(edited(), "#changes")
    assert page.locator("nav a[aria-current]").inner_text() == "What changed"
    edits = page.locator("section[aria-labelledby=effect] article").all_inner_texts()
    told = [" ".join(each.split()) for each in edits]
    assert told[0] == (
        'warning provider/large model_info.cost before: {"input": 0.6, "output": 8} → after: {"input": 4, "output": 8} '
        "provider.yaml:17:50 Changes 1 profile: provider/large "
        "warning price-up price in USD per million tokens: input 0.6 -> 4 (+567 %)"
    )
    assert (
        "note provider/default chat.temperature before: 1 → after: 0.5 provider.yaml:7:45 "
        "Changes 3 profiles: provider/default, provider/large, provider/small "
        "2 profiles keep 0, set by team/careful at team.yaml:17:46: team/careful, team/default"
    ) in told
    assert any(each.startswith('note team/default extensions.acme.routing@v1.tier before: "high"') for each in told)


def test_edits_are_filtered_by_what_is_said_of_them(open_report: Open) -> None:
    page = open_report(edited(), "#changes")
    every = page.get_by_role("status").inner_text()
    page.keyboard.press("/")
    page.keyboard.type("PRICE-UP large")
    assert page.get_by_role("status").inner_text() == f"1 of {every}"
    assert page.locator("article.cause h3").all_inner_texts() == ["warning provider/large model_info.cost"]
    page.get_by_label("Severity").select_option("note")
    assert page.locator("article.cause").count() == 0
    page.get_by_label("Filter edits").fill("")
    assert set(page.locator("article.cause h3 .severity").all_inner_texts()) == {"note"}
    page.get_by_label("Severity").select_option("All")
    assert page.get_by_role("status").inner_text() == every
    assert page.locator("section[aria-labelledby=lists]").is_visible()


def test_lists_and_descriptions_follow(open_report: Open) -> None:
    page = open_report(edited(), "#changes")
    lists = page.locator("section[aria-labelledby=lists]").inner_text()
    assert "1 profile renamed" in lists and "team/local → team/nearby" in lists
    descriptions = page.locator("section[aria-labelledby=descriptions]").inner_text()
    assert '"The assistant"' in descriptions and "Changes no setting; shows in 1 profile: team/default" in descriptions


def test_a_profile_tells_what_changed_of_it_alone(open_report: Open) -> None:
    page = open_report(edited(), "#/provider/small")
    assert page.locator("section[aria-labelledby=since] h3").all_inner_texts() == [
        "note provider/default chat.temperature"
    ]
    page.get_by_role("link", name="All that changed").click()
    arrive(page, "What changed")
    assert page.evaluate("document.activeElement.textContent") == "What changed"
    page.keyboard.press("Escape")
    arrive(page, "Profiles")
    assert page.locator("tbody tr").count() == 6


def test_the_list_shows_and_filters_what_changed(open_report: Open) -> None:
    page = open_report(edited())
    page.get_by_label("Only changed or added").check()
    assert page.locator("tbody th a").all_inner_texts() == ["default", "default", "large", "small"]
    assert page.locator(".badge", has_text="changed").count() == 4
    page.reload()
    assert page.locator("tbody tr").count() == 4


def test_many_edits_and_followers_are_opened_on_demand(open_report: Open) -> None:
    old = many(70)
    text = "slug: many\nprofiles:\n  default: {inference_settings: {chat: {api_type: openai, temperature: 1}}}\n"
    text += "".join(
        f"  p{each}: {{stack: [{{profile_slug: default}}], inference_settings: {{chat: {{engine: n-{each}}}}}}}\n"
        for each in range(70)
    )
    page = open_report(compared(old, profilec.compile(profilec.Text("many.yaml", text))), "#changes")
    assert page.locator("article.cause").count() == 50
    page.get_by_role("button", name="Show all 71 edits").click()
    assert page.locator("article.cause").count() == 71
    opening = page.locator("summary", has_text="Changes 71 profiles")
    opening.click()
    # It is filled when the browser tells that it was opened, which is a moment later.
    page.locator("details[open] a").nth(70).wait_for()
    assert page.locator("details[open] a").count() == 71


def test_nothing_that_changed_is_said_to_be_nothing(open_report: Open, tmp_path: Path) -> None:
    page = open_report(compared(many(3), many(3)), "#changes")
    assert "Nothing changes in effect; 4 profiles." in page.locator("main").inner_text()
    # A report that compares with nothing has no such view.
    alone = open_report(many(3), "#changes")
    assert alone.locator("tbody tr").count() == 4
    assert alone.locator("nav a").count() == 0
