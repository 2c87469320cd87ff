"""JSON: values against the standard library, a position for everything, and every way of not being JSON."""

from __future__ import annotations

import json
from typing import Any

import profilec
import profilec.syntax.json as subject
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profilec.diagnostics import Diagnostic, Report, Span

law = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["", "a", "😀", "\\", '"', "\u2028", "slug"]
)
SAFE = 2**53 - 1
scalars = st.none() | st.booleans() | texts | st.integers(-SAFE, SAFE) | st.floats(-SAFE, SAFE, allow_nan=False)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=15
)


def read(text: str) -> tuple[Any, list[Any]]:
    """The tree and the findings, among them a number that the parser only marks: who refuses it comes later."""
    report = Report()
    tree = subject.parse("t.json", text, report)
    refused = sorted(tree.refused) if tree else ()
    places = [Span("t.json", line + 1, column + 1) for line, column in refused]
    return tree, [*report, *(Diagnostic("unsafe-number", "error", "refused", place) for place in places)]


def rules(text: str) -> list[str]:
    return [each.rule for each in read(text)[1]]


def as_written(value: Any) -> Any:
    """The value as every reader of JSON has it: whole fractions are integers."""
    if isinstance(value, dict):
        return {key: as_written(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_written(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= SAFE else value


@law
@given(
    values,
    st.sampled_from([None, 0, 1, 3, "\t"]),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\r\n", " :\n\t")]),
)
def test_values_are_those_of_the_standard_library(value: Any, indent: Any, ascii_only: bool, separators: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, separators=separators)
    tree, found = read(text)
    assert not found
    assert repr(tree.value) == repr(as_written(json.loads(text)))


@law
@given(values, st.sampled_from([None, 1]), st.booleans())
def test_every_key_and_value_has_its_place(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree, found = read(text)
    assert not found
    lines = text.split("\n")

    def check(node: Any) -> None:
        marks = tree.marks.get(id(node), [])
        if isinstance(node, dict):
            assert len(marks) == 2 * len(node)
            for index, (key, inner) in enumerate(node.items()):
                check_at(marks[2 * index], key)
                check_at(marks[2 * index + 1], inner)
                check(inner)
        elif isinstance(node, list):
            assert len(marks) == len(node)
            for mark, inner in zip(marks, node, strict=True):
                check_at(mark, inner)
                check(inner)

    def check_at(mark: Any, expected: Any) -> None:
        rest = "\n".join([lines[mark.line][mark.column :], *lines[mark.line + 1 :]])
        decoded, _ = json.JSONDecoder().raw_decode(rest)
        assert as_written(decoded) == expected

    check(tree.value)


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        ("{", "json-syntax", (1, 2)), ("[", "json-syntax", (1, 2)), ('"', "json-syntax", (1, 1)),
        ('{"a"', "json-syntax", (1, 5)), ('{"a":', "json-syntax", (1, 6)),
        ('{"a": 1', "json-syntax", (1, 8)), ('{"a": 1,', "json-syntax", (1, 9)), ("[1", "json-syntax", (1, 3)),
        ("[1 2]", "json-syntax", (1, 4)), ("[1,]", "json-syntax", (1, 3)),
        ('{"a": 1,}', "json-syntax", (1, 8)), ("[,]", "json-syntax", (1, 2)), ("{a: 1}", "json-syntax", (1, 2)),
        ("{'a': 1}", "json-syntax", (1, 2)), ("{1: 1}", "json-syntax", (1, 2)),
        ("['a']", "json-syntax", (1, 2)), ("[tru]", "json-syntax", (1, 2)), ("[True]", "json-syntax", (1, 2)),
        ("[None]", "json-syntax", (1, 2)), ("[undefined]", "json-syntax", (1, 2)),
        ("[01]", "json-syntax", (1, 2)), ("[+1]", "json-syntax", (1, 2)), ("[.5]", "json-syntax", (1, 2)),
        ("[1.]", "json-syntax", (1, 2)), ("[-]", "json-syntax", (1, 2)), ("[1e]", "json-syntax", (1, 2)),
        ("[0x1]", "json-syntax", (1, 2)), ("[1_0]", "json-syntax", (1, 2)), ("[--1]", "json-syntax", (1, 2)),
        ("[1a]", "json-syntax", (1, 2)), ("[١]", "json-syntax", (1, 2)),
        ("[NaN]", "unsafe-number", (1, 2)), ("[Infinity]", "unsafe-number", (1, 2)),
        ("[-Infinity]", "unsafe-number", (1, 2)), ("[1e400]", "unsafe-number", (1, 2)),
        ("[9007199254740992]", "unsafe-number", (1, 2)),
        ("[-9007199254740992]", "unsafe-number", (1, 2)), ("[" + "1" * 5000 + "]", "unsafe-number", (1, 2)),
        ("[18446744073709551616]", "unsafe-number", (1, 2)),
        ('["\n"]', "json-syntax", (1, 3)), ('["\t"]', "json-syntax", (1, 3)), ('["\\x41"]', "json-syntax", (1, 3)),
        ('["\\u12"]', "json-syntax", (1, 4)), ('["\\"]', "json-syntax", (1, 2)),
        ('["\\u00g0"]', "json-syntax", (1, 4)),
        ("{} {}", "multiple-documents", (1, 4)), ("{}\n[]", "multiple-documents", (2, 1)),
        ("1 2", "multiple-documents", (1, 3)), ("{}x", "multiple-documents", (1, 3)),
        ("{}}", "multiple-documents", (1, 3)),
        ("// c\n{}", "json-syntax", (1, 1)), ("/* c */ {}", "json-syntax", (1, 1)),
        ("{} // c", "multiple-documents", (1, 4)), ("# c\n{}", "json-syntax", (1, 1)),
        ("\u00a0{}", "json-syntax", (1, 1)), ("\x0c{}", "json-syntax", (1, 1)),
        ('{"a": 1, "a": 2}', "duplicate-key", (1, 10)),
        ('{"a": 1,\n "b": {"c": 1, "c": 1}}', "duplicate-key", (2, 16)),
        ('{"\\u0061": 1, "a": 2}', "duplicate-key", (1, 15)), ('{"": 1, "": 2}', "duplicate-key", (1, 9)),
        ("[[[]", "json-syntax", (1, 5)), ("]", "json-syntax", (1, 1)), ("{]", "json-syntax", (1, 2)),
        ("[}", "json-syntax", (1, 2)), ('{"a" 1}', "json-syntax", (1, 6)), ('{"a": }', "json-syntax", (1, 7)),
        ('{:1}', "json-syntax", (1, 2)),
        ('"ключ" x', "multiple-documents", (1, 8)), ('["😀", x]', "json-syntax", (1, 7)),
        ("[" * 101, "too-deep", (1, 101)), ("[" * 100000, "too-deep", (1, 101)),
        ('{"a":' * 100000, "too-deep", (1, 501)),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_what_is_not_json(text: str, rule: str, place: tuple[int, int]) -> None:
    _, (finding,) = read(text)
    assert finding.rule == rule
    assert (finding.line, finding.column) == place


def test_as_deep_as_may_be() -> None:
    tree, found = read("[" * 100 + "]" * 100)
    assert not found and tree.value


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "null", "true", "1", '"a"', "[]", "{}", "1.5", "-0", "1E5", "0e0", "-0.0", " [ ] "]
)
def test_documents_of_one_value(text: str) -> None:
    tree, found = read(text)
    assert not found
    assert tree.value == (json.loads(text) if text.strip() else None)


SURROGATES = [
    '{"slug": "r", "x-a": "%s"}', '{"slug": "r", "x-%s": 1}', '{"slug": "r", "%s": 1}', '{"%s": "r"}',
    '{"slug": "%s"}', '["%s"]', '"%s"', '{"slug": "r", "x": [{"y": "%s"}]}',
    '{"slug": "r", "profiles": {"%s": {}}}', '{"slug": "r", "profiles": {"p": {"%s": 1}}}',
    '{"slug": "r", "display_name": "%s"}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": "%s"}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"api_keys": {"%s": "x"}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"api_keys": {"x": "%s"}}}}}}',
    '{"slug": "r", "profiles": {"p": {"extensions": {"a.b@v1": {"%s": 1}}}}}',
    '{"slug": "r", "profiles": {"p": {"extensions": {"%s": {}}}}}',
    '{"slug": "r", "profiles": {"p": {"stack": [{"profile_slug": "%s"}]}}}',
    '{"slug": "r", "profiles": {"p": {"metadata": {"tags": ["%s"]}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"openai": {"logit_bias": {"%s": "1"}}}}}}',
]  # fmt: skip


@pytest.mark.parametrize("pattern", SURROGATES)
@pytest.mark.parametrize("escape", ["\\ud800", "a\\udfff", "\\uD83D\\\\ude00"])
def test_a_lone_surrogate_is_refused_wherever_it_stands(pattern: str, escape: str) -> None:
    text = pattern.replace("%s", escape)
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(profilec.Text("r.json", text))
    found = caught.value.diagnostics
    assert any(each.rule in ("not-utf8", "not-a-registry") for each in found)
    for each in found:
        json.dumps(each.as_dict()).encode()
        str(each.message).encode()
    with pytest.raises(profilec.CompileError):
        profilec.compile(json.loads(text) if isinstance(json.loads(text), dict) else {"slug": json.loads(text)})


def test_a_pair_of_surrogates_is_one_character() -> None:
    text = '{"slug": "r", "profiles": {"p": {"display_name": "\\ud83d\\ude00"}}}'
    assert profilec.compile(profilec.Text("r.json", text)).artifacts["r/p"].document["display_name"] == "😀"


PROTO = [
    "__proto__",
    "\\u005f_proto__",
    "__proto\\u005F_",
    "\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f",
    "\\x5f_proto__",
    "_\\U0000005fproto__",
]
PLACES = [
    '{"slug": "r", "%s": 1}', '{"slug": "r", "x-a": {"%s": 1}}', '{"slug": "r", "x-a": [[{"%s": {}}]]}',
    '{"slug": "r", "profiles": {"%s": {}}}', '{"slug": "r", "profiles": {"p": {"%s": {}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"%s": {}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"api": {"api_keys": {"%s": "${A}"}}}}}}',
    '{"slug": "r", "profiles": {"p": {"extensions": {"a.b@v1": {"x": [{"%s": 1}]}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"model_info": {"metadata": {"%s": 1}}}}}}',
    '{"slug": "r", "profiles": {"p": {"inference_settings": {"openai": {"logit_bias": {"%s": "1"}}}}}}',
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("spelling", PROTO)
def test_proto_is_no_key_in_any_spelling(place: str, spelling: str) -> None:
    text = place.replace("%s", spelling)
    names = ["r.yaml"] if "\\x" in spelling or "\\U" in spelling else ["r.json", "r.yaml"]
    for name in names:
        with pytest.raises(profilec.CompileError) as caught:
            profilec.compile(profilec.Text(name, text))
        finding = next(each for each in caught.value.diagnostics if each.rule == "unsafe-key")
        assert (finding.line, finding.column) == (1, text.index(spelling))
    if names == ["r.json", "r.yaml"]:
        with pytest.raises(profilec.CompileError) as caught:
            profilec.compile(json.loads(text))
        assert "unsafe-key" in [each.rule for each in caught.value.diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        "? __proto__\n: 1",
        "&a __proto__: 1",
        "!!str __proto__: 1",
        "'__proto__': 1",
        "x-k: &k __proto__\n*k : 1",
        "x-a: {<<: {__proto__: 1}}",
        "x-a: {? '__proto__'}",
        "x-a: [__proto__: 1]",
    ],
)
def test_proto_in_the_ways_of_yaml(text: str) -> None:
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(profilec.Text("r.yaml", f"slug: r\nprofiles: {{p: {{}}}}\n{text}\n"))
    assert "unsafe-key" in [each.rule for each in caught.value.diagnostics]
