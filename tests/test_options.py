"""What is asked of a compile from Python: options that cannot be meant are refused, and a refusal says how many."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import profilec
import pytest

TEXT = profilec.Text("r.yaml", "slug: r\nprofiles: {default: {}}\n")
WARNED = profilec.Text("w.yaml", "slug: w\nprofiles: {default: {inference_settings: {client: {timeout: 1}}}}\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"severities": {"baseline-feild": "off"}}, "`baseline-feild` is not a rule .* did you mean `baseline-field`"),
        ({"severities": {"unknown-field": "off"}}, "`unknown-field` is not a rule whose severity can be changed"),
        ({"severities": {"baseline-field": "warn"}}, "`baseline-field` is one of .* did you mean `warning`"),
        ({"severities": {"baseline-field": ["off"]}}, "the severity of `baseline-field` is one of"),
        ({"fail_on": {"warnings"}}, "`warnings` is not a severity; did you mean `warning`"),
        ({"fail_on": {"off"}}, "`off` is not a severity"),
        ({"fail_on": "warning"}, "a collection of severities"),
        ({"secrets": "forbidden"}, "did you mean `forbid`"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        profilec.compile(TEXT, **options)


@pytest.mark.parametrize("root", [".", Path(), Path.cwd(), os.curdir])
def test_a_root_may_be_a_text(root: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sources").mkdir()
    Path("sources", "r.yaml").write_text("slug: r\nprofiles: {default: {}}\n")
    (source,) = profilec.compile("sources", root=root if root != Path.cwd() else tmp_path).manifest["sources"]
    assert source["name"] == "sources/r.yaml"


def test_a_conflict_is_told_without_a_lineage_too() -> None:
    text = """\
slug: r
profiles:
  default: {inference_settings: {model_info: {context_window: 100, quality_high_watermark: 80}}}
  small: {stack: [{profile_slug: default}], inference_settings: {model_info: {context_window: 50}}}
"""
    found = []
    for lineage in (True, False):
        with pytest.raises(profilec.CompileError) as caught:
            profilec.compile(profilec.Text("r.yaml", text), lineage=lineage)
        found.append([(each, each.notes) for each in caught.value.diagnostics if each.severity == "error"])
    assert found[0] == found[1] and len(found[0]) == 1


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        (WARNED, {"fail_on": ("warning",)}, r"1 warning, the first: w\.yaml:2:61: `client\.timeout` is"),
        ("nowhere.yaml", {}, r"1 error, the first: nowhere\.yaml: `nowhere\.yaml` does not exist"),
        (profilec.Text("r.yaml", "slug: r\na: 1\nb: 1\n"), {}, r"2 errors, the first: r\.yaml:2:1: "),
        ([], {}, "1 error, the first: no source is named"),
    ],
)
def test_an_error_says_what_was_refused(source: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(source, **options)
    assert re.match(said, str(caught.value))


@pytest.mark.parametrize("syntax", ["toml", "YAML", "yml"])
def test_a_text_of_an_unknown_syntax_is_refused(syntax: str) -> None:
    with pytest.raises(ValueError, match=f"`{syntax}` is not a syntax .*`yaml`, `json`"):
        profilec.Text("x", "slug: r\n", syntax)
