"""Whatever a source says is text in the report: it runs nothing, asks for nothing, and forges nothing."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import profilec
import pytest
from profilec.rendering import report as rendering
from profilec.rendering.report import page as report_page
from profilec.rendering.terminal import UNSAFE, visible
from profilec.review.tabulate import tabulate
from report_browser import Open, arrive
from report_builds import compared, small

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "\"' onmouseover=alert(1) x='",
    "]]> {{script}} {{tables}} ${alert(1)} {{constructor.constructor('alert(1)')()}}",
    "https://elsewhere.example/beacon.png",
    "before\u202eretfa\u2066x",
    "line\u2028line\u2029line",
    "zero\u200bwidth\ufeff\u00ad",
    "bell\u0007 escape\u001b[31m",
    "__proto__",
]


def hostile(text: str) -> profilec.Build:
    """A build that says a text wherever a source can say one."""
    quoted = json.dumps(text)
    source = f"""\
{{"slug": "a", "display_name": {quoted}, "description": {quoted}, "profiles": {{
  "default": {{
    "display_name": {quoted}, "description": {quoted},
    "inference_settings": {{
      "chat": {{"engine": {quoted}, "stop": [{quoted}]}},
      "model_info": {{"name": {quoted}, "metadata": {{"x": {quoted}}}}}
    }},
    "extensions": {{"acme.one@v1": {{"list": [{{"deep": {quoted}}}]}}}},
    "metadata": {{"source": {quoted}, "tags": [{quoted}]}}
  }},
  "leaf": {{"stack": [{{"profile_slug": "default"}}], "inference_settings": {{"chat": {{"engine": "plain"}}}}}}
}}}}
"""
    name = re.sub(r"[^ -~]|[/\\]", "", text) + ".json"
    return profilec.compile(profilec.Text(name, source))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_text(text: str, open_report: Open) -> None:
    build = hostile(text)
    page = open_report(build)
    assert " ".join(visible(text).split()) in " ".join(page.locator("tbody").inner_text().split())
    value = " ".join(visible(json.dumps(text, ensure_ascii=False)).split())
    for name in ("default", "leaf"):
        page.goto(page.url.partition("#")[0] + f"#/a/{name}")
        arrive(page, f"a/{name}")
        assert value in " ".join(page.locator("main").inner_text().split())
    assert page.locator("main :is(script, img, iframe, object, embed, link, style, form, base)").count() == 0
    links = page.evaluate("[...document.querySelectorAll('a')].map((each) => each.getAttribute('href'))")
    assert links and all(each.startswith("#") for each in links)
    attributes = page.evaluate("[...document.querySelectorAll('*')].flatMap((each) => [...each.getAttributeNames()])")
    assert not [each for each in attributes if each.startswith("on") or each == "style"]
    everything = page.evaluate("document.body.innerText + document.title") + "".join(
        page.evaluate("[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => a.value))")
    )
    assert not UNSAFE.search(everything.replace("\n", "").replace("\t", ""))


def test_the_data_cannot_end_its_element(tmp_path: Path) -> None:
    for text in HOSTILE:
        page = report_page(tabulate(hostile(text)))
        assert page.count("<script") == page.count("</script>") == 2
        assert page.count("<!--") == 0
        assert not {"\u2028", "\u2029"} & set(page)


def test_the_policy_stops_what_the_page_would_never_do(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), is_watched=False)
    script = """async () => {
      const stopped = [];
      document.addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
      const attempt = async (action) => { try { await action(); } catch { /* told by the event, or below */ } };
      await attempt(() => fetch("https://elsewhere.example/"));
      let thrown = "";
      try { document.body.innerHTML = "<b>"; } catch (error) { thrown = error.name; }
      await attempt(() => trustedTypes.createPolicy("any", {}));
      const image = new Image();
      image.src = "https://elsewhere.example/x.png";
      document.body.append(image);
      document.body.setAttribute("style", "color: red");
      await new Promise((done) => setTimeout(done, 100));
      return { stopped: [...new Set(stopped)].sort(), thrown };
    }"""
    assert page.evaluate(script) == {
        "stopped": ["connect-src", "img-src", "require-trusted-types-for", "style-src-attr", "trusted-types"],
        "thrown": "TypeError",
    }


def test_the_report_hides_what_a_terminal_hides(open_report: Open, tmp_path: Path) -> None:
    source = (Path(rendering.__file__).parent / "dom.js").read_text("utf-8")
    found = re.search(r"UNSAFE =\s*/(.+)/gu;", source)
    assert found
    page = open_report(small(tmp_path))
    script = """(source) => {
      const codes = Array.from({ length: 0x110000 }, (_, code) => code);
      return codes.filter((code) => new RegExp(source, "u").test(String.fromCodePoint(code)));
    }"""
    assert page.evaluate(script, found[1]) == [code for code in range(sys.maxunicode + 1) if UNSAFE.match(chr(code))]


def test_the_same_build_is_the_same_page(tmp_path: Path) -> None:
    one, other = (report_page(tabulate(small(tmp_path))) for _ in range(2))
    assert one == other
    assert str(tmp_path) not in one


def test_without_scripts_the_page_says_what_is_missing(open_report: Open, tmp_path: Path) -> None:
    page = open_report(small(tmp_path), script=False)
    assert "while scripts are turned off" in page.locator("body").inner_text()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_change_is_shown_as_text(text: str, open_report: Open) -> None:
    page = open_report(compared(hostile("plain"), hostile(text)), "#changes")
    value = " ".join(visible(json.dumps(text, ensure_ascii=False)).split())
    assert value in " ".join(page.locator("main").inner_text().split())
    assert page.locator("main :is(script, img, iframe, object, embed, link, style, form, base)").count() == 0
    assert not UNSAFE.search(page.evaluate("document.body.innerText").replace("\n", "").replace("\t", ""))
