"""Findings as CI reads them: each format by its own rules, and nothing in a source that could forge what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profilec.diagnostics import Diagnostic, Note, Severity, Span
from profilec.rendering.reports import REPORTS, report

# The schema of SARIF 2.1.0 as its authors' npm package `@microsoft/jest-sarif` ships it, without its descriptions.
SARIF = jsonschema.Draft4Validator(json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_bytes()))
# Line breaks of a document are its own. Everything else that a terminal obeys, or that hides, is none of its business.
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
SURROGATE = re.compile("[\ud800-\udfff]")
HOSTILE = [
    "\n::error::forged",
    "\r\n::stop-commands::x",
    "::error file=a.yaml::forged",
    "%0A::error::forged",
    "%250A,line=1::",
    "##[error]forged",
    "]]>",
    "</failure></testcase><testcase name='forged'/>",
    "<script>alert(1)</script>",
    "<!--",
    "&quot;&#10;",
    "\x1b[2J\x9b2J",
    "\u202eevil",
    "a\u2028b\u2029c\x85d",
    "\ud800",
    "\udcff",
    "\x00\ufffe\uffff",
    "[click](https://evil.example)",
    "../../etc/passwd",
    "a:b,c=d;e",
    '"},{"description":"forged',
]


def finding(text: str, severity: Severity = "error") -> Diagnostic:
    """One that says the same everywhere."""
    notes = (Note(text, Span(text, 2, 3)), Note(text))
    return Diagnostic("unknown-field", severity, text, Span(text or ".", 4, 5), notes, text or "-")


def annotations(document: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands in a log, as the runner takes them apart."""
    found = []
    for line in re.split("\r\n|\r|\n", document)[:-1]:
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match, line
        properties = dict(each.split("=", 1) for each in match[2].split(","))
        found.append((match[1], {name: decoded(value) for name, value in properties.items()}, decoded(match[3])))
    return found


def decoded(text: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def check_github(document: str, expected: list[Diagnostic]) -> None:
    found = annotations(document)
    assert len(found) == len(expected)
    for (command, properties, text), each in zip(found, expected, strict=True):
        assert command == each.severity
        assert properties.keys() == {"file", "line", "col", "title"}
        assert (properties["line"], properties["col"], properties["title"]) == ("4", "5", "unknown-field")
        assert all("\n" not in value for value in properties.values())
        assert [line.partition(": ")[0] for line in text.split("\n")[1:]] == ["help", "note", "note"]


def check_gitlab(document: str, expected: list[Diagnostic]) -> None:
    issues = json.loads(document)
    assert len(issues) == len(expected)
    assert len({each["fingerprint"] for each in issues}) == len(issues)
    for each in issues:
        assert each.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"].keys() == {"path", "lines"} and each["location"]["lines"]["begin"] >= 1
        assert not UNSEEN.search(each["description"] + each["location"]["path"])
        assert "\n" not in each["description"]


def check_sarif(document: str, expected: list[Diagnostic]) -> None:
    log = json.loads(document)
    SARIF.validate(log)
    (run,) = log["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == len(expected)
    assert len({each["partialFingerprints"]["finding/v1"] for each in run["results"]}) == len(expected)
    for each in run["results"]:
        assert rules[each["ruleIndex"]] == each["ruleId"]
        assert not UNSEEN.search(each["message"]["text"]) and "](" not in each["message"]["text"]
        for place in (*each["locations"], *each.get("relatedLocations", [])):
            assert re.fullmatch(r"(?:[\w./~-]|%[0-9A-F]{2})*", uri(place).removeprefix("file://"), re.ASCII)


def check_junit(document: str, expected: list[Diagnostic]) -> None:
    suites = ElementTree.fromstring(document.encode())
    assert suites.tag == "testsuites" and [each.tag for each in suites] == ["testsuite"]
    cases = list(suites[0])
    failures = sum(each.find("failure") is not None for each in cases)
    assert (suites[0].get("tests"), suites[0].get("failures")) == (str(len(cases)), str(failures))
    assert cases and len({(each.get("name"), each.get("classname")) for each in cases}) == len(cases)
    for case in cases:
        assert case.tag == "testcase" and {"name", "classname", "time"} <= case.attrib.keys()
        assert len(case.findall("failure")) <= 1 and {each.tag for each in case} <= {"failure", "system-out"}
    said = "".join(suites.itertext())
    assert not UNSEEN.search(said) and said.count("[unknown-field]: ") == len(expected)


def uri(location: dict[str, Any]) -> str:
    found = location["physicalLocation"]["artifactLocation"]["uri"]
    assert isinstance(found, str)
    return found


CHECKS: dict[str, Callable[[str, list[Diagnostic]], None]] = {
    "github": check_github,
    "gitlab": check_gitlab,
    "sarif": check_sarif,
    "junit": check_junit,
}


def check(form: str, findings: list[Diagnostic]) -> None:
    document = report(form, findings)
    assert not UNSEEN.search(document) and not SURROGATE.search(document)
    assert document.isascii() or form == "github"
    CHECKS[form](document, findings)


@pytest.mark.parametrize("form", REPORTS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_text(form: str, text: str) -> None:
    check(form, [finding(text)])
    check(form, [finding(f"a{text}b"), finding(text)])


# Texts of what does harm somewhere, and of everything else; each example has ten, each of them in five places.
ANY = st.text(
    st.one_of(st.characters(), st.sampled_from("\n\r\x1b:%,#[]()<>&'\"`=\\/{}\u2028\u202e\ud800")), max_size=24
)
TEXTS = st.one_of(ANY, st.lists(st.sampled_from(HOSTILE), max_size=2).map("".join))


@settings(max_examples=1000, deadline=None)
@given(st.lists(TEXTS, min_size=10, max_size=10, unique=True))
def test_no_text_forges_a_finding(texts: list[str]) -> None:
    """Ten thousand texts in every format."""
    found = [finding(text) for text in texts]
    for form in ("github", "gitlab", "junit"):
        check(form, found)
    # The schema takes its time; what it says of one text it says of ten.
    check("sarif", [found[0]])


# What each format says


def some(count: int, severity: Severity, file: str = "r.yaml") -> list[Diagnostic]:
    return [Diagnostic("invalid-value", severity, f"`{number}`", Span(file, number + 1)) for number in range(count)]


def test_github_shows_the_ten_worst_and_counts_the_others() -> None:
    lines = report("github", [*some(8, "warning"), *some(7, "error"), *some(1, "note")]).splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 7 + ["::warning"] * 3 + ["::notice"]
    assert lines[-1] == "::notice title=profilec::5 warnings, 1 note more: `profilec check` shows all"
    assert len(report("github", some(10, "error")).splitlines()) == 10


def test_github_escapes_what_its_runner_decodes() -> None:
    span = Span("a:b,c %0A.yaml", 1, 2)
    assert report("github", [Diagnostic("invalid-value", "warning", "100%: a,b", span)]) == (
        "::warning file=a%3Ab%2Cc %250A.yaml,line=1,col=2,title=invalid-value::a:b,c %250A.yaml:1:2: 100%25: a,b\n"
    )
    assert report("github", [Diagnostic("usage", "error", "no")]) == "::error title=usage::no\n"


@pytest.mark.parametrize("form", ["gitlab", "sarif"])
def test_a_finding_is_known_by_the_same_when_lines_move(form: str) -> None:
    def known(findings: list[Diagnostic]) -> list[str]:
        document = json.loads(report(form, findings))
        if form == "gitlab":
            return [each["fingerprint"] for each in document]
        return [each["partialFingerprints"]["finding/v1"] for each in document["runs"][0]["results"]]

    twice = [Diagnostic("invalid-value", "error", "same", Span("r.yaml", line)) for line in (3, 9)]
    moved = [Diagnostic("invalid-value", "error", "same", Span("r.yaml", line, 7)) for line in (5, 20)]
    assert known(twice) == known(moved) and len(set(known(twice))) == 2
    others = [
        Diagnostic("invalid-value", "error", "same", Span("other.yaml", 3)),
        Diagnostic("wrong-type", "error", "same", Span("r.yaml", 3)),
        Diagnostic("invalid-value", "error", "another", Span("r.yaml", 3)),
        Diagnostic("invalid-value", "error", "same", Span("r.yaml", 3), (Note("in the profile `p`"),)),
    ]
    assert len(set(known([*twice, *others]))) == 6
    assert known([*some(3, "warning"), *twice])[0 if form == "sarif" else 3] == known(twice)[0]


def test_sarif_keeps_to_what_is_shown_and_counts_the_others() -> None:
    log = json.loads(report("sarif", [*some(4990, "warning"), *some(20, "error")]))
    SARIF.validate(log)
    (run,) = log["runs"]
    assert len(run["results"]) == 5000 and [each["level"] for each in run["results"]].count("error") == 20
    assert run["results"][0]["level"] == "error" and run["properties"] == {"findings": 5010}
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("10 warnings more ")


def test_sarif_names_files_by_escaped_references() -> None:
    def written(file: str) -> str:
        (result,) = json.loads(report("sarif", [finding("x"), Diagnostic("r", "note", "m", Span(file))][1:]))["runs"][
            0
        ]["results"]
        return uri(result["locations"][0])

    for file in ("a b.yaml", "a#b?c%20.yaml", "ключ.yaml", "c:x/y.yaml", "x/y&z.yaml"):
        assert unquote(written(file)) == file and ":" not in written(file)
    assert written("/outside/a.yaml") == "file:///outside/a.yaml"


def test_sarif_has_places_of_notes_and_says_whether_the_command_could_do_its_work() -> None:
    first = Diagnostic("duplicate-profile", "error", "twice", Span("a.yaml", 3, 1), (Note("first", Span("b.yaml", 9)),))
    run = json.loads(report("sarif", [first]))["runs"][0]
    (related,) = run["results"][0]["relatedLocations"]
    assert (related["message"]["text"], uri(related)) == ("first", "b.yaml")
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 1}
    assert run["columnKind"] == "unicodeCodePoints" and run["invocations"] == [{"executionSuccessful": True}]
    missing = Diagnostic("missing-source", "error", "gone", environment=True)
    assert json.loads(report("sarif", [missing]))["runs"][0]["invocations"] == [{"executionSuccessful": False}]


def test_junit_has_a_test_for_each_file() -> None:
    found = [*some(2, "error"), *some(1, "warning"), *some(1, "warning", "w.yaml"), Diagnostic("usage", "error", "no")]
    (suite,) = ElementTree.fromstring(report("junit", found))
    cases = {each.get("name"): each for each in suite}
    assert list(cases) == ["compile", "r.yaml", "w.yaml"] and suite.get("failures") == "2"
    failure = cases["r.yaml"].find("failure")
    assert failure is not None and failure.get("message") == "2 errors, the first: `0`"
    assert failure.text and "--> r.yaml:2" in failure.text
    assert "warning[invalid-value]" in (cases["w.yaml"].findtext("system-out") or "")
    assert cases["w.yaml"].find("failure") is None and cases["w.yaml"].get("file") == "w.yaml"
    (refused,) = ElementTree.fromstring(report("junit", found, refused=("error", "warning")))
    assert refused.get("failures") == "3"


def test_junit_tells_a_file_from_the_test_that_stands_for_all() -> None:
    (suite,) = ElementTree.fromstring(report("junit", some(1, "error", "compile")))
    assert [(each.get("classname"), each.get("name"), len(each)) for each in suite] == [
        ("profilec", "compile", 0),
        ("profilec.files", "compile", 1),
    ]
    # Two names that look the same are one test.
    (suite,) = ElementTree.fromstring(report("junit", [*some(1, "error", "a\x1b"), *some(1, "error", "a\\x1b")]))
    assert [each.get("name") for each in suite] == ["compile", "a\\x1b"]


def test_a_run_without_findings_is_a_whole_document() -> None:
    assert report("github", []) == ""
    assert json.loads(report("gitlab", [])) == []
    log = json.loads(report("sarif", []))
    SARIF.validate(log)
    assert log["runs"][0]["results"] == []
    (suite,) = ElementTree.fromstring(report("junit", []))
    assert [(each.get("name"), len(each)) for each in suite] == [("compile", 0)] and suite.get("failures") == "0"
