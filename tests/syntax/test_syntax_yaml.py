"""YAML: values and positions against PyYAML's own composer, the parser without C, and what YAML 1.1 gets wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import profilec
import profilec.syntax.pure
import profilec.syntax.yaml as subject
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from profilec.diagnostics import Diagnostic, Report, Span
from syntax_documents import SPELLINGS, documents

ROOT = Path(__file__).parents[2]
REGISTRIES = sorted((ROOT / "registries").rglob("*.yaml"))
law = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
Marks = list[tuple[int, int]]


def read(text: str) -> tuple[Any, list[Any]]:
    """The tree and the findings, among them a number that the parser only marks: who refuses it comes later."""
    report = Report()
    tree = subject.parse("t.yaml", text, report)
    refused = sorted(tree.refused) if tree else ()
    places = [Span("t.yaml", line + 1, column + 1) for line, column in refused]
    return tree, [*report, *(Diagnostic("unsafe-number", "error", "refused", place) for place in places)]


def walk(node: yaml.Node, value: Any) -> Iterator[tuple[Any, Marks]]:
    """Each container of ours with the marks that PyYAML's composer gives its keys and values."""
    if isinstance(node, yaml.MappingNode):
        yield value, [(each.start_mark.line, each.start_mark.column) for pair in node.value for each in pair]
        for key, inner in node.value:
            yield from walk(inner, value[key.value])
    elif isinstance(node, yaml.SequenceNode):
        yield value, [(each.start_mark.line, each.start_mark.column) for each in node.value]
        for each, inner in zip(node.value, value, strict=True):
            yield from walk(each, inner)


def check_marks(text: str, tree: Any) -> None:
    node = yaml.compose(text, yaml.SafeLoader)
    if node is None:
        return
    for container, marks in walk(node, tree.value):
        assert [(mark.line, mark.column) for mark in tree.marks[id(container)]] == marks


@law
@given(documents())
def test_positions_are_those_of_the_composer(text: str) -> None:
    try:
        yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        assume(False)
    tree, found = read(text)
    if any(each.severity == "error" for each in found):
        assert {each.rule for each in found} <= {"unsafe-number", "duplicate-key"}
        return
    check_marks(text, tree)


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda path: path.name)
def test_positions_in_real_registries(path: Path) -> None:
    text = path.read_text("utf-8")
    tree, found = read(text)
    assert not found
    if "*" not in re.sub("#.*", "", text):
        check_marks(text, tree)
    assert equal(tree.value, core_value(yaml.compose(text, yaml.CSafeLoader)))


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("a: b", (1, 1), (1, 4)),
        ("\n\n  a:   b", (3, 3), (3, 8)),
        ('"a": "b"', (1, 1), (1, 6)),
        ("ключ: значение", (1, 1), (1, 7)),
        ("😀😀: b", (1, 1), (1, 5)),
        ("{a: b}", (1, 2), (1, 5)),
        ("a:\n  - x", (1, 1), (2, 3)),
        ("a:\n- x", (1, 1), (2, 1)),
        ("a: |\n  text", (1, 1), (1, 4)),
        ("a: &b c", (1, 1), (1, 4)),
        ("a: !!str c", (1, 1), (1, 4)),
        ("&k a: c", (1, 1), (1, 7)),
        ("? a\n: b", (1, 3), (2, 3)),
        ("a:", (1, 1), (1, 3)),
        ("{a, b: c}", (1, 2), (1, 3)),
        ("\ufeffa: b", (1, 1), (1, 4)),
        ("%YAML 1.2\n--- # x\na: b", (3, 1), (3, 4)),
        ("a: b\r\n", (1, 1), (1, 4)),
        ("x: 1\r\na: b", (1, 1), (1, 4)),
        ("a: 'it''s\n  long'", (1, 1), (1, 4)),
    ],
)
def test_positions_by_hand(text: str, key: tuple[int, int], value: tuple[int, int]) -> None:
    tree, found = read(text.removeprefix("\ufeff"))
    assert not found
    first = next(iter(tree.value))
    for span, place in ((tree.key_span(tree.value, first), key), (tree.value_span(tree.value, first), value)):
        assert (span.line, span.column) == place


# Values


def core_value(node: yaml.Node | None) -> Any:
    """The value of PyYAML's tree by the core schema of YAML 1.2 with merge keys."""
    if node is None:
        return None
    if isinstance(node, yaml.SequenceNode):
        return [core_value(each) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        own = {key.value: core_value(value) for key, value in node.value if not is_merge(key)}
        for key, value in node.value:
            for each in (value.value if isinstance(value, yaml.SequenceNode) else [value]) if is_merge(key) else ():
                own = {**core_value(each), **own}
        return own
    return node.value if node.style or node.tag == "!" else core_scalar(node.value)


def is_merge(key: yaml.Node) -> bool:
    return (
        key.value == "<<" and not key.style and not key.anchor
        if hasattr(key, "anchor")
        else key.value == "<<" and not key.style
    )


def core_scalar(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch("[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch("0o[0-7]+|0x[0-9a-fA-F]+", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def equal(one: Any, other: Any) -> bool:
    """Equal with their types, but for whole floats, which ours writes as integers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(other, float) and other.is_integer() and abs(other) < 2**53:
        other = int(other)
    return type(one) is type(other) and one == other


@law
@given(documents())
def test_values_are_those_of_the_composer_by_the_core_schema(text: str) -> None:
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        node, refused = None, True
    else:
        refused = False
    tree, found = read(text)
    rules = {each.rule for each in found if each.severity == "error"}
    assert rules <= {"yaml-syntax", "duplicate-key", "unsafe-number"}
    assert ("yaml-syntax" in rules) == refused
    if not rules:
        assert equal(tree.value, core_value(node))


@law
@given(st.lists(st.sampled_from([*SPELLINGS, "a", "'a'", '"1"']), min_size=1, max_size=4))
def test_scalars_one_after_the_other_keep_their_values(spellings: list[str]) -> None:
    """Values are cached by spelling, and a quoted one is another."""
    text = "".join(f"- {each}\n" for each in spellings)
    node = yaml.compose(text, yaml.CSafeLoader)
    tree, found = read(text)
    if not found:
        assert equal(tree.value, core_value(node))


# The parser without C


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_Parser", profilec.syntax.pure.Parser)


def outcome(text: str) -> Any:
    tree, found = read(text)
    # The two parsers have words of their own for what is not YAML.
    told = [each if each.rule != "yaml-syntax" else each.rule for each in found]
    if tree is None:
        return told

    def marked(value: Any) -> Any:
        marks = [(mark.line, mark.column) for mark in tree.marks.get(id(value), ())]
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        return value if inner is None else (type(value), marks, [(key, marked(each)) for key, each in inner])

    return told, marked(tree.value), tree.ambiguous


def both(text: str) -> tuple[Any, Any]:
    quick = outcome(text)
    kept, subject._Parser = subject._Parser, profilec.syntax.pure.Parser  # type: ignore[misc,assignment]
    try:
        return quick, outcome(text)
    finally:
        subject._Parser = kept  # type: ignore[misc]


@law
@given(documents())
def test_the_pure_parser_reads_the_same(text: str) -> None:
    quick, slow = both(text)
    assert quick == slow


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda path: path.name)
def test_the_pure_parser_reads_registries_the_same(path: Path) -> None:
    quick, slow = both(path.read_text("utf-8"))
    assert quick == slow


CORPUS: list[tuple[str, Any]] = [
    # text, value or the rules of its findings
    ("a: 1\na: 2", {"duplicate-key"}), ('a: 1\n"a": 2', {"duplicate-key"}), ("{a: 1, 'a': 2}", {"duplicate-key"}),
    ("a: {b: 1, b: 1}", {"duplicate-key"}),
    ("1: a\n'1': b", {"duplicate-key"}), ("&x a: 1\n*x : 2", {"duplicate-key"}), ("~: 1\n'~': 2", {"duplicate-key"}),
    ("1: a\n01: b", {"1": "a", "01": "b"}),
    ("true: 1\nTrue: 2", {"true": 1, "True": 2}), ("? a\n: 1\na: 2", {"duplicate-key"}), (": 1", {"yaml-syntax"}),
    ("b: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3", {"b": {"x": 1, "y": 2}, "a": {"y": 3, "x": 1}}),
    ("b: &b {x: 1}\na: {y: 3, <<: *b}", {"b": {"x": 1}, "a": {"y": 3, "x": 1}}),
    ("b: &b {x: 1}\nc: &c {x: 2, z: 3}\na: {<<: [*b, *c]}",
     {"b": {"x": 1}, "c": {"x": 2, "z": 3}, "a": {"x": 1, "z": 3}}),
    ("a: {<<: {x: 1}}", {"a": {"x": 1}}), ("a: {<<: [{x: 1}, {y: 2}]}", {"a": {"x": 1, "y": 2}}),
    ("a: {<<: {}}", {"a": {}}), ("a: {<<: []}", {"a": {}}),
    ('b: &b {x: 1}\na: {"<<": *b}', {"b": {"x": 1}, "a": {"<<": {"x": 1}}}), ("a: {<<: 5}", {"yaml-syntax"}),
    ("a: {<<: }", {"yaml-syntax"}), ("a: {<<: [1]}", {"yaml-syntax"}),
    ("a: {<<: [[]]}", {"yaml-syntax"}), ("b: &b {x: 1}\na: {<<: *b, <<: *b}", {"duplicate-key"}), ("- <<", ["<<"]),
    ("a: <<", {"a": "<<"}),
    ("b: &b {x: 1}\nc: &c {<<: *b, y: 2}\na: {<<: *c}", {"b": {"x": 1}, "c": {"y": 2, "x": 1}, "a": {"y": 2, "x": 1}}),
    ("a: &x 1\nb: *x\nc: &x 2\nd: *x", {"a": 1, "b": 1, "c": 2, "d": 2}), ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ("a: *x", {"unknown-anchor"}),
    ("a: &x [1, *x]", {"unknown-anchor"}), ("&x a: *x", {"a": "a"}), ("a: &x {b: *x}", {"unknown-anchor"}),
    ("b: *x\na: &x 1", {"unknown-anchor"}),
    ("a: &x\nb: *x", {"a": None, "b": None}), ("a: &x 010\nb: *x", {"a": 10, "b": 10}),
    ("- &x k\n- {*x : 1}", ["k", {"k": 1}]), ("- &x [k]\n- {*x : 1}", {"non-text-key"}),
    ("[a, b]: 1", {"non-text-key"}), ("{a: 1}: 2", {"non-text-key"}), ("? [a]\n: 1", {"non-text-key"}),
    ("? {a: 1}\n: 1", {"non-text-key"}),
    ("a: 1\n---\nb: 2", {"multiple-documents"}), ("---\na: 1\n...\n", {"a": 1}),
    ("a: 1\n...\n---\n", {"multiple-documents"}), ("---\n---\n", {"multiple-documents"}),
    ("a: 1\n... x", {"yaml-syntax"}),
    ("", None), ("# c", None), ("---", None), ("...", {"yaml-syntax"}), ("text", "text"), ("[]", []), ("{}", {}),
    ("a", "a"), ("a:b", "a:b"), ("{a:1}", {"yaml-syntax"}), ("{a:1 : }", {"a:1": None}), ("{a}", {"a": None}),
    ("%YAML 1.1\n---\na: yes", {"a": "yes"}), ("%YAML 1.2\n---\na: yes", {"a": "yes"}),
    ("%YAML 2.0\n---\na: 1", {"yaml-syntax"}), ("%TAG ! tag:x,2000:\n---\n!a b", {"unknown-tag"}),
    ("a:\tb", {"a": "b"}), ("a:\n\tb: 1", {"yaml-syntax"}), ("\ta: b", {"yaml-syntax"}),
    ("a: b\n c: d", {"yaml-syntax"}), ("a: 'b", {"yaml-syntax"}), ("a: [b", {"yaml-syntax"}),
    ("a: @b", {"yaml-syntax"}), ("a: `b`", {"yaml-syntax"}), ("a: %b", {"yaml-syntax"}), ("a: b: c", {"yaml-syntax"}),
    ("- a\nb: c", {"yaml-syntax"}), ("a: - b", {"yaml-syntax"}),
    ('a: "\\/"', {"a": "/"}), ('a: "\\x41\\u00e9\\U0001F600"', {"a": "Aé😀"}), ('a: "\\q"', {"yaml-syntax"}),
    ('a: "\\ud83d\\ude00"', {"yaml-syntax", "not-utf8"}), ('a: "\\ud800"', {"yaml-syntax", "not-utf8"}),
    ('a: "\\e\\0\\N\\_\\L\\P"', {"a": "\x1b\0\x85\xa0\u2028\u2029"}), ("a: 'it''s'", {"a": "it's"}),
    ('a: "b\n  c\n\n  d"', {"a": "b c\nd"}), ("a: b\n  c", {"a": "b c"}),
    ("a: |\n  b\n  c\n", {"a": "b\nc\n"}), ("a: >-\n  b\n  c\n\n", {"a": "b c"}), ("a: |+\n  b\n\n", {"a": "b\n\n"}),
    ("a: |2\n    b\n", {"a": "  b\n"}), ("a: |\n", {"a": ""}),
    ("a: =", {"a": "="}), ("k" * 1000 + ": 1", {"k" * 1000: 1}), ("k" * 2000 + ": 1", {"yaml-syntax"}),
    ("? " + "k" * 2000 + "\n: 1", {"k" * 2000: 1}),
    ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}), ("a: 1\rb: 2", {"a": 1, "b": 2}), ("__proto__: 1", {"__proto__": 1}),
    ("a: !!str", {"a": ""}), ("- - - a", [[["a"]]]),
    ("a:\n- b\n- c", {"a": ["b", "c"]}), ("[a, ]", ["a"]), ("[a,,b]", {"yaml-syntax"}), ("{a: 1,}", {"a": 1}),
    ("[a: 1]", [{"a": 1}]), ("[? a : 1]", [{"a": 1}]),
]  # fmt: skip


# A tab behind a colon is refused, and an escaped surrogate is taken: the passes behind the parser refuse it.
PURE_DIFFERS = {"a:\tb", 'a: "\\ud83d\\ude00"', 'a: "\\ud800"'}


@pytest.mark.parametrize(("text", "expected"), CORPUS, ids=[repr(text)[:40] for text, _ in CORPUS])
@pytest.mark.parametrize("parser", ["c", "pure"])
def test_constructs(text: str, expected: Any, parser: str, request: pytest.FixtureRequest) -> None:
    if parser == "pure":
        if text in PURE_DIFFERS:
            pytest.skip("PyYAML's two scanners differ here")
        request.getfixturevalue("pure")
    tree, found = read(text)
    if isinstance(expected, set):
        assert found and {each.rule for each in found} <= expected
        assert all(each.line and each.column for each in found)
    else:
        assert not found
        assert equal(tree.value, expected) or tree.value == expected
        assert repr(tree.value) == repr(expected)


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize("escape", ["\\ud83d\\ude00", "\\ud800"])
def test_the_pure_parser_lets_no_surrogate_through(escape: str) -> None:
    for text in (f'slug: r\nx-a: "{escape}"\n', f'slug: r\n"x-{escape}": 1\n', f'slug: r\nx-a: [{{b: "{escape}"}}]\n'):
        assert rules_of(text)[0] in (["not-utf8"], ["yaml-syntax"])


def test_a_duplicate_names_both_places() -> None:
    _, (finding,) = read("a: 1\nb: {c: 1,\n    c: 2}")
    assert (finding.line, finding.column) == (3, 5)
    assert [(note.span.line, note.span.column) for note in finding.notes] == [(2, 5)]


def test_every_duplicate_is_reported() -> None:
    _, found = read("a: 1\na: 2\nb: {c: 1, c: 2, c: 3}")
    assert [(each.line, each.column) for each in found] == [(2, 1), (3, 11), (3, 17)]


# Encodings, and characters that a reviewer cannot see


def rules_of(data: bytes | str, name: str = "r.yaml") -> tuple[list[str], list[tuple[int | None, int | None]]]:
    try:
        profilec.compile(profilec.Text(name, data))
    except profilec.CompileError as error:
        errors = [each for each in error.diagnostics if each.severity == "error"]
        return [each.rule for each in errors], [(each.line, each.column) for each in errors]
    return [], []


HIDDEN = (
    "\0\x01\x08\x0b\x0c\x1f\x7f\x80\x85\x9f\xad\u061c\u180e\u200b\u200e\u200f"
    "\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9"
)
GOOD = "slug: r\nprofiles:\n  default: {display_name: ünï 日本 😀}\n"


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r"),
    ],
)
def test_text_as_it_may_be(data: bytes | str) -> None:
    build = profilec.compile(profilec.Text("r.yaml", data))
    assert build.artifacts["r/default"].document["display_name"] == "ünï 日本 😀"
    assert build.artifacts == profilec.compile(profilec.Text("r.yaml", GOOD)).artifacts


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (GOOD.encode("utf-16"), "not-utf8", (1, 1)),
        (GOOD.encode("utf-16-le"), None, None),
        (GOOD.encode("utf-32"), "not-utf8", (1, 1)),
        (GOOD.replace("日本 😀", "").encode("latin-1"), "not-utf8", (3, 27)),
        (GOOD.encode() + b"# \xed\xa0\x80", "not-utf8", (4, 3)),
        (GOOD.encode() + b"# \xc0\x80", "not-utf8", (4, 3)),
        (GOOD.encode() + b"# \xf4\x90\x80\x80", "not-utf8", (4, 3)),
        (GOOD.encode() + b"# \xe2\x82", "not-utf8", (4, 3)),
        ("# ключ\n# ключ \ud800\n", "not-utf8", (2, 8)),
        ("# ключ\n# ключ\0\n", "hidden-character", (2, 7)),
        ("# ключ\r\n# ключ\x1b\n", "hidden-character", (2, 7)),
        *[(f"{GOOD}# a{character}b: c", "hidden-character", (4, 4)) for character in HIDDEN],
        *[
            (f"slug: r\nprofiles: {{a: {{display_name: 'a{character}b'}}}}\n", "hidden-character", (2, 32))
            for character in HIDDEN
        ],
    ],
)
def test_text_as_it_may_not_be(data: bytes | str, rule: str | None, place: tuple[int, int] | None) -> None:
    for name in ("r.yaml", "r.json"):
        found, places = rules_of(data, name)
        assert found
        if rule:
            assert (found, places) == ([rule], [place])


@pytest.mark.parametrize(
    "character", ["\x85", "\u2028", "\u2029", "\u202e", "\u200b", "\ufeff", "\x1b", "\x7f", "\xad"]
)
def test_an_escape_is_plain_to_see(character: str) -> None:
    text = f'slug: r\nprofiles: {{default: {{display_name: "a\\u{ord(character):04x}b"}}}}\n'
    document = profilec.compile(profilec.Text("r.yaml", text)).artifacts["r/default"].document
    assert document["display_name"] == f"a{character}b"


@pytest.mark.parametrize("character", "\u200c\u200d\xa0\u3000\ufe0f\u0301\u00df\u0130\ue000\U000e0001\U0010fffd")
def test_characters_that_words_need_are_taken(character: str) -> None:
    """Joiners make words of some scripts and pictures, and not every odd character hides something."""
    text = f"slug: r\nprofiles: {{default: {{display_name: 'a{character}b'}}}}\n"
    found, _ = rules_of(text)
    assert found in ([], ["hidden-character"])
    if character in "\u200c\u200d\xa0\u3000\ufe0f\u0301\u00df\u0130":
        assert found == []


# Hostile input never raises anything but findings


seeds = st.sampled_from(
    [path.read_bytes()[:3000] for path in REGISTRIES] + [text.encode("utf-8", "replace") for text, _ in CORPUS]
)
pieces = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [
            b"\n",
            b"\t",
            b": ",
            b"- ",
            b"? ",
            b"---\n",
            b"...\n",
            b"&a ",
            b"*a",
            b"<<: *a",
            b"!!int ",
            b"!a ",
            b"\xef\xbb\xbf",
        ]
    ),
    st.sampled_from([bytes([each]) for each in b"{}[],'\"|>#%\\~"]),
    st.sampled_from([b"slug: ", b"__proto__: ", b"${", b"$secret: ", b"1e400"]),
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    data = draw(seeds)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(pieces) + data[at + draw(st.sampled_from([0, 0, 1, 2, 40])) :]
    return data


@settings(law, max_examples=400)
@given(
    mutants() | st.binary(max_size=60),
    st.sampled_from(["r.yaml", "r.json"]),
    st.sampled_from(["reference", "forbid", "embed"]),
)
def test_any_bytes_compile_or_are_refused_with_findings(data: bytes, name: str, secrets: Any) -> None:
    try:
        build = profilec.compile(profilec.Text(name, data), secrets=secrets)
    except profilec.CompileError as error:
        assert any(each.severity == "error" for each in error.diagnostics)
        for each in error.diagnostics:
            assert each.file == name or each.span is None
            # A lone CR ends a line too; no finding stands behind the last one.
            lines = re.split(r"\r\n|\r|\n", data.decode("utf-8", "replace").removeprefix("\ufeff"))
            assert each.line is None or 1 <= each.line <= len(lines)
    else:
        for artifact in build.artifacts.values():
            assert artifact.document["format"] == "engine-profiles/1"


@settings(law, max_examples=150)
@given(mutants() | st.binary(max_size=60))
def test_any_bytes_are_a_baseline_or_refused(data: bytes) -> None:
    try:
        profilec.compile({"slug": "r", "profiles": {"p": {}}}, profilec.Text("base.yaml", data))
    except profilec.CompileError as error:
        assert any(each.severity == "error" for each in error.diagnostics)


@settings(law, max_examples=200)
@given(mutants())
def test_the_pure_parser_refuses_and_reads_the_same(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assume(text.isprintable() or re.fullmatch("[\n -~\xa0-\xac\xae-\u05ff]*", text))
    # Their scanners part ways over what only one of them takes for YAML, and over where nothing stands.
    quick, slow = (values_only(each) for each in both(text))
    assert quick == slow or ["yaml-syntax"] in (quick, slow)


def values_only(found: Any) -> Any:
    def plain(marked: Any) -> Any:
        if isinstance(marked, tuple):
            kind, _, inner = marked
            return kind, [(key, plain(each)) for key, each in inner]
        return marked

    return found if isinstance(found, list) else ([each.rule for each in found[0]], plain(found[1]))
