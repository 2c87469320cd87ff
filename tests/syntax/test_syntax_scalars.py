"""Every spelling of a YAML scalar, by the 1.2 core schema, and what is said of the odd ones."""

from __future__ import annotations

import json
from typing import Any

import profilec
import pytest

UNSAFE = "unsafe-number"
LONG = "1" * 5000
TABLE: list[tuple[str, Any]] = [
    # Nothing, true and false: only these spellings.
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"), ("None", "None"),
    ("nil", "nil"),
    ("true", True), ("True", True), ("TRUE", True), ("tRUE", "tRUE"), ("false", False), ("False", False),
    ("FALSE", False),
    ("yes", "yes"), ("Yes", "Yes"), ("YES", "YES"), ("no", "no"), ("No", "No"), ("NO", "NO"), ("on", "on"),
    ("On", "On"),
    ("off", "off"), ("OFF", "OFF"), ("y", "y"), ("Y", "Y"), ("n", "n"), ("N", "N"), ("t", "t"), ("f", "f"),
    # Integers.
    ("0", 0), ("-0", 0), ("+0", 0), ("1", 1), ("-1", -1), ("+1", 1), ("007", 7), ("010", 10), ("-010", -10),
    ("08", 8), ("00", 0),
    ("0o17", 15), ("0o0", 0), ("0o8", "0o8"), ("0O17", "0O17"), ("-0o17", "-0o17"), ("+0o17", "+0o17"), ("0o", "0o"),
    ("0o1_7", "0o1_7"),
    ("0x1F", 31), ("0xff", 255), ("0X1F", "0X1F"), ("-0x1", "-0x1"), ("0x", "0x"), ("0xg", "0xg"), ("0x1_F", "0x1_F"),
    ("0b11", "0b11"),
    ("1_000", "1_000"), ("_1", "_1"), ("1_", "1_"), ("1 000", "1 000"), ("1,000", "1,000"), ("--1", "--1"),
    ("+-1", "+-1"), ("1-", "1-"),
    ("9007199254740991", 2**53 - 1), ("-9007199254740991", 1 - 2**53), ("9007199254740992", UNSAFE),
    ("-9007199254740992", UNSAFE),
    ("18446744073709551616", UNSAFE), ("0x1FFFFFFFFFFFFF", 2**53 - 1), ("0x20000000000000", UNSAFE),
    ("0o777777777777777777777", UNSAFE),
    (LONG, UNSAFE), ("-" + LONG, UNSAFE), ("0x" + "f" * 5000, UNSAFE), ("0o" + "7" * 5000, UNSAFE),
    ("0" * 5000 + "1", UNSAFE),
    # Fractions.
    ("1.5", 1.5), ("-1.5", -1.5), ("+1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("+.5", 0.5), ("1.", 1), ("0.", 0),
    ("-0.0", 0), ("3.0", 3), ("1.50", 1.5),
    (".", "."), ("-.", "-."), ("1e3", 1000), ("1E3", 1000), ("1e+3", 1000), ("1e-3", 0.001), ("1.5e3", 1500),
    ("1.e3", 1000), (".5e1", 5), ("-1e3", -1000),
    ("1e", "1e"), ("e3", "e3"), ("1e3.5", "1e3.5"), (".e3", ".e3"), ("1.2.3", "1.2.3"), ("1_0.5", "1_0.5"),
    ("1e15", 10**15), ("1e16", UNSAFE), ("1e308", UNSAFE),
    ("1e400", UNSAFE), ("-1e400", UNSAFE), ("1e-400", 0), ("9007199254740993.0", UNSAFE),
    ("9007199254740991.0", 2**53 - 1),
    ("1" * 500 + ".0", UNSAFE), ("0." + "1" * 5000, UNSAFE),
    (".inf", UNSAFE), (".Inf", UNSAFE), (".INF", UNSAFE), ("-.inf", UNSAFE), ("+.inf", UNSAFE), (".nan", UNSAFE),
    (".NaN", UNSAFE), (".NAN", UNSAFE),
    (".iNF", ".iNF"), ("-.nan", "-.nan"), ("+.nan", "+.nan"), ("inf", "inf"), ("-inf", "-inf"), ("nan", "nan"),
    ("NaN", "NaN"), ("Infinity", "Infinity"),
    # What YAML 1.1 reads as something else.
    ("1:30", "1:30"), ("1:30:00", "1:30:00"), ("190:20:30.15", "190:20:30.15"), ("2001-12-14", "2001-12-14"),
    ("2001-99-99", "2001-99-99"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"), ("2001-12-14 21:59:43", "2001-12-14 21:59:43"),
    ("=", "="), ("<", "<"),
    # Digits of other scripts are text.
    ("١٢", "١٢"), ("１", "１"), ("1٢", "1٢"), ("²", "²"), ("0x１", "0x１"), ("１.5", "１.5"),
    ("v1.5", "v1.5"), ("gpt-4.1", "gpt-4.1"), ("4o", "4o"), ("1M", "1M"), ("0.5s", "0.5s"), ("+", "+"), ("-a", "-a"),
]  # fmt: skip
AMBIGUOUS = [
    "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N", "010", "-010",
    "08", "00", "007", "0o17", "0b11",
    "0o0", "1_", "1_0.5", "2001-99-99", "1_000", "0x1_F", "1:30", "1:30:00", "190:20:30.15", "2001-12-14",
    "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43",
]  # fmt: skip


def value_of(spelling: str, syntax: str = "yaml") -> Any:
    """What a spelling means in a free map, or the rule that refuses it."""
    text = f"slug: r\nprofiles:\n  p:\n    extensions:\n      a.b@v1:\n        v: {spelling}\n"
    try:
        build = profilec.compile(profilec.Text("r.yaml", text))
    except profilec.CompileError as error:
        (finding,) = error.diagnostics
        assert (finding.line, finding.column) == (6, 12)
        return finding.rule
    return build.artifacts["r/p"].document["extensions"]["a.b@v1"]["v"]


def shortened(value: Any) -> str:
    return str(value)[:30]


@pytest.mark.parametrize(("spelling", "value"), TABLE, ids=shortened)
def test_a_spelling_means_this(spelling: str, value: Any) -> None:
    found = value_of(spelling)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("spelling", [each for each, _ in TABLE if each], ids=shortened)
def test_quoted_it_is_text(spelling: str) -> None:
    assert value_of(f'"{spelling}"') == spelling
    assert value_of(f"'{spelling}'") == spelling
    assert value_of(f"!!str {spelling}") == spelling
    assert value_of(f"|-\n          {spelling}") == spelling


@pytest.mark.parametrize("spelling", [each for each, _ in TABLE if each], ids=shortened)
def test_ambiguous_spellings_are_warned_about_in_free_maps(spelling: str) -> None:
    payload = f"{{v: {spelling} , w: [{spelling}], x: '{spelling}'}}"
    text = f"slug: r\nprofiles:\n  default:\n    extensions:\n      a.b@v1: {payload}\n"
    if "," in spelling:
        pytest.skip("not one scalar in flow style")
    try:
        found = profilec.compile(profilec.Text("r.yaml", text)).diagnostics
    except profilec.CompileError as error:
        found = error.diagnostics
    places = [(each.line, each.column) for each in found if each.rule == "ambiguous-scalar"]
    first = text.splitlines()[-1].index("v: ") + 4
    second = text.splitlines()[-1].index("w: [") + 5
    assert places == ([(5, first), (5, second)] if spelling in AMBIGUOUS else [])


@pytest.mark.parametrize("spelling", AMBIGUOUS)
def test_they_are_not_warned_about_where_the_schema_says_what_they_are(spelling: str) -> None:
    text = f"slug: r\nprofiles:\n  default:\n    inference_settings:\n      chat: {{engine: {spelling}}}\n"
    try:
        found = profilec.compile(profilec.Text("r.yaml", text)).diagnostics
    except profilec.CompileError as error:
        # A number is no text, whatever its spelling.
        found = error.diagnostics
        assert [each.rule for each in found] == ["wrong-type"]
    assert "ambiguous-scalar" not in [each.rule for each in found]


@pytest.mark.parametrize(
    ("tagged", "value"),
    [
        ("!!str 1", "1"), ("! 1", "1"), ("!!str", ""), ("!!int 1", 1), ("!!int 010", 10), ("!!int 0o17", 15),
        ("!!float 1", 1), ("!!float 1.5", 1.5),
        ("!!bool true", True), ("!!null ''", None), ("!!null", None), ("!!null ~", None), ("!!str null", "null"),
        ("!!str &a 1", "1"), ("&a !!str 1", "1"),
        ("!<tag:yaml.org,2002:str> 1", "1"), ("!!map {a: 1}", {"a": 1}), ("!!seq [1]", [1]),
        ("!!int x", "yaml-syntax"), ("!!int 1.5", "yaml-syntax"), ("!!bool yes", "yaml-syntax"),
        ("!!float x", "yaml-syntax"), ("!!null x", "yaml-syntax"),
        ("!!int true", "yaml-syntax"), ("!!float true", "yaml-syntax"), ("!!int 99999999999999999999", UNSAFE),
        ("!custom 1", "unknown-tag"), ("!!binary aGk=", "unknown-tag"), ("!!timestamp 2001-12-14", "unknown-tag"),
        ("!!set {a}", "unknown-tag"),
        ("!!omap [a: 1]", "unknown-tag"), ("!!python/object/apply:os.system [true]", "unknown-tag"),
        ("!!python/name:os.system", "unknown-tag"), ("!local {a: 1}", "unknown-tag"),
        ("!!map [1]", "unknown-tag"), ("!!seq {a: 1}", "unknown-tag"), ("!!str [1]", "unknown-tag"),
        ("!!merge x", "unknown-tag"), ("!!value =", "unknown-tag"),
    ],
)  # fmt: skip
def test_tags(tagged: str, value: Any) -> None:
    found = value_of(tagged)
    if isinstance(value, str) and value in ("yaml-syntax", "unknown-tag", UNSAFE):
        # Which of the two a contradiction is called does not matter.
        assert found in ("yaml-syntax", "unknown-tag", "unsafe-number")
    else:
        assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    "spelling",
    [
        "42",
        "010",
        "1e3",
        "0x1F",
        "4o",
        "true",
        "null",
        "yes",
        "1_000",
        "2001-12-14",
        "3.10",
        "1.0",
        ".5",
        "-1",
        "~",
        "1e400",
        "99999999999999999999",
        ".inf",
        "0o17",
    ],
)
def test_slugs_are_read_by_their_source_text(spelling: str) -> None:
    stack = f"[{{profile_slug: {spelling}, registry_slug: {spelling}}}]"
    text = f"slug: {spelling}\nprofiles:\n  {spelling}: {{}}\n  default: {{stack: {stack}}}\n"
    for each in (text, text.replace(f" {spelling}", f" '{spelling}'")):
        if (spelling in ("null", "~") and "'" not in each) or spelling in ("-1", ".5", "~", ".inf"):
            with pytest.raises(profilec.CompileError) as caught:
                profilec.compile(profilec.Text("r.yaml", each))
            assert {found.rule for found in caught.value.diagnostics} <= {
                "invalid-slug",
                "missing-field",
                "wrong-type",
                "unknown-profile",
                "unknown-registry",
                "unsafe-number",
            }
            continue
        build = profilec.compile(profilec.Text("r.yaml", each))
        assert list(build.manifest["registries"]) == [spelling.lower()]
        assert f"{spelling.lower()}/{spelling.lower()}" in build.artifacts


@pytest.mark.parametrize(
    ("field", "spelling", "value"),
    [
        ("temperature", "1", 1), ("temperature", "1.0", 1), ("temperature", "1e-1", 0.1),
        ("temperature", "'1'", "wrong-type"), ("temperature", "yes", "wrong-type"),
        ("temperature", "true", "wrong-type"), ("temperature", "0o17", 15), ("temperature", "010", 10),
        ("temperature", "1:30", "wrong-type"), ("temperature", ".inf", UNSAFE),
        ("max_response_tokens", "3.0", 3), ("max_response_tokens", "3.5", "wrong-type"),
        ("max_response_tokens", "1e3", 1000), ("max_response_tokens", "1_000", "wrong-type"),
        ("max_response_tokens", "'3'", "wrong-type"), ("max_response_tokens", "true", "wrong-type"),
        ("max_response_tokens", "9007199254740992", UNSAFE), ("max_response_tokens", "1e16", UNSAFE),
        ("stream", "yes", "wrong-type"), ("stream", "True", True), ("stream", "1", "wrong-type"),
        ("stream", "'true'", "wrong-type"), ("stream", "~", None),
        ("engine", "010", "wrong-type"), ("engine", "yes", "yes"), ("engine", "1.0", "wrong-type"),
        ("engine", "null", None), ("engine", "true", "wrong-type"), ("engine", "2001-12-14", "2001-12-14"),
        ("stop", "[a, yes, '1']", ["a", "yes", "1"]), ("stop", "[1]", "wrong-type"), ("stop", "a", "wrong-type"),
        ("stop", "[~]", "wrong-type"), ("stop", "[]", []),
    ],
)  # fmt: skip
def test_types_are_strict(field: str, spelling: str, value: Any) -> None:
    text = f"slug: r\nprofiles: {{default: {{inference_settings: {{chat: {{{field}: {spelling}}}}}}}}}\n"
    try:
        settings = profilec.compile(profilec.Text("r.yaml", text)).artifacts["r/default"].document["inference_settings"]
        found = settings.get("chat", {}).get(field)
    except profilec.CompileError as error:
        (finding,) = error.diagnostics
        assert finding.column == text.splitlines()[1].index(f" {spelling}}}") + 2 + ("[" in spelling)
        found = finding.rule
    assert json.dumps(found) == json.dumps(value)
