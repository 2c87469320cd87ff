"""Whatever a source contains stays text in every form of a diff: no control character, no line, no markup."""

from __future__ import annotations

import json
import re
from typing import Any

import profilec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from profilec.rendering.diff.markdown import LARGEST, as_markdown
from profilec.rendering.diff.text import as_text
from profilec.rendering.render import as_json
from profilec.rendering.terminal import Painter
from profilec.review.diff.document import as_document
from profilec.review.diff.result import SideName

HOSTILE = [
    "\x1b[2J\x1b[31mred",
    "x\n::error file=a,line=1::forged",
    "a\r\nerror: forged",
    "`` ` ```` <script>alert(1)</script> ``",
    "`", "``", "` `", " ", "\\`",
    "</code></details><img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) ![b](http://evil.example/x.png) <http://evil.example>",
    "http://evil.example/ www.evil.example @somebody #1 :tada: $x$",
    "| a | b |\n|---|---|",
    "\u202eevil\u2066", "a\u2028b\u2029c", "\u200bzero", "\ufeff", "\x00\x7f\x9b31m",
    "---\n# heading\n- item\n> quote\n    code",
    "&lt;b&gt; &#x60; &amp;", "%0A::error::x", "]]>", "{{7*7}}", "*bold* _it_ ~~s~~", "<!-- -->", "​" * 3,
]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_TAGS = {"h3", "p", "ul", "li", "strong", "code", "details", "summary"}


def chain(old: bool, drawn: list[str]) -> list[dict[str, Any]]:
    """Two registries in which every place that takes a text has one of those that were drawn."""
    one, two, three, four = drawn[:2] + (drawn[2:] if old else drawn[2:][::-1])
    base = {
        "display_name": three,
        "description": four,
        "inference_settings": {
            "chat": {"engine": three, "api_type": four, "stop": [one, three]},
            "api": {"base_urls": {f"{one}-base-url": f"https://{three}"}, "api_keys": {f"{one}-api-key": "${env:A}"}},
            "model_info": {"input": [three], "metadata": {two: four}},
        },
        "extensions": {"a.b@v1": {one: {two: three}}},
        "metadata": {"source": three},
    }
    over = {"stack": [{"profile_slug": "default", "registry_slug": "one"}]}
    keeps = {**over, "inference_settings": {"chat": {"engine": four}}}
    profiles = {
        "over": over,
        "keeps": keeps,
        ("old" if old else "new"): {"inference_settings": {"chat": {"engine": two}}},
    }
    return [{"slug": "one", "profiles": {"default": base}}, {"slug": "two", "profiles": profiles}]


def found(drawn: list[str]) -> profilec.Diff:
    builds = [profilec.compile(chain(old, drawn)) for old in (True, False)]
    return profilec.diff(*builds, SideName(drawn[0], "sources"), SideName(drawn[1], "build"))


many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(st.lists(texts, min_size=4, max_size=4, unique=True))
def test_a_terminal_is_told_nothing(drawn: list[str]) -> None:
    diff = found(drawn)
    for columns in (0, 60):
        text = as_text(diff, Painter(False), columns, verbose=True)
        assert not _CONTROL.search(text)
        for line in text.split("\n") if not columns else ():
            assert re.match(r"|(error|warning|note): |  --> |    |edits without effect:$|descriptions:$", line), line
    assert not _CONTROL.search(re.sub(r"\x1b\[\d+m", "", as_text(diff, Painter(True))))


@many
@given(st.lists(texts, min_size=4, max_size=4, unique=True))
def test_markdown_has_no_markup_but_ours(drawn: list[str]) -> None:
    text = as_markdown(found(drawn))
    assert not _CONTROL.search(text)
    for preset in ("commonmark", "gfm-like"):
        parser = MarkdownIt(preset, {"html": True, "linkify": False})
        html = parser.render(text)
        assert set(re.findall(r"<([a-z0-9]+)", html)) <= _TAGS, html
        assert not re.search(r"<[a-z]+ ", html)
        plain = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
        # What is left, outside of code, is ours alone.
        for each in ("alert", "evil", "somebody", "forged", "http"):
            assert each not in plain


@many
@given(st.lists(texts, min_size=4, max_size=4, unique=True))
def test_json_is_json_and_may_be_looked_at(drawn: list[str]) -> None:
    text = as_json([], **as_document(found(drawn)))
    assert not _CONTROL.search(text)
    json.loads(text)


@pytest.mark.parametrize("count", [400, 3000])
def test_markdown_fits_into_a_comment(count: int) -> None:
    def registry(value: str) -> dict[str, Any]:
        return {
            "slug": "r",
            "profiles": {f"p{n}": {"inference_settings": {"chat": {"engine": f"{value}{n}"}}} for n in range(count)},
        }

    text = as_markdown(profilec.diff(profilec.compile(registry("é" * 40)), profilec.compile(registry("ü" * 40))))
    assert 40_000 < len(text) <= LARGEST
    assert re.search(r"- … and [\d,]+ more of this kind", text)
    assert f"{count:,} of {count:,} profiles change in effect" in text
