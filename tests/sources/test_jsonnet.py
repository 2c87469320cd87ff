"""Jsonnet programs: their values, what they import and are handed, and where their mistakes are."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import _jsonnet
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonnet_run import files, run
from profilec.diagnostics import Report, Span
from profilec.sources import digest_of
from profilec.sources.jsonnet import Inputs, Limits, Program, evaluate
from profilec.sources.jsonnet_together import can_join, join

law = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- values ---------------------------------------------------------------------------------------------------------


def test_values_are_those_of_the_programs_in_their_order(tmp_path: Path) -> None:
    texts = [f"{{ slug: 'r' + {number}, n: {number} + 0.5 }}" for number in range(70)]
    found = run(tmp_path, *texts, "[{ slug: 'a' }, { slug: 'b' }]", "true", "'text'")
    assert not found.found
    assert found.values[:70] == [{"slug": f"r{number}", "n": number + 0.5} for number in range(70)]
    assert found.values[70:] == [[{"slug": "a"}, {"slug": "b"}], True, "text"]
    assert run(tmp_path).values == []


def test_numbers_arrive_as_the_engine_prints_them(tmp_path: Path) -> None:
    value = run(tmp_path, "[9007199254740993, 123456789012345678, 1e300, 0.1, 3.0, -0.0]").value
    assert value == [2**53, 123456789012345680, 10**300 - (10**300 - int(1e300)), 0.1, 3, 0]
    assert [type(each) for each in value] == [int, int, int, float, int, int]


def test_many_programs_take_few_evaluations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from profilec.sources import jsonnet_worker

    evaluations = []
    original = jsonnet_worker.Worker.evaluate

    def counted(self: Any, name: str, *others: Any) -> Any:
        evaluations.append(name)
        return original(self, name, *others)

    monkeypatch.setattr(jsonnet_worker.Worker, "evaluate", counted)
    assert not run(tmp_path, *["{ a: 1 }"] * 200).found
    assert len(evaluations) == 4
    evaluations.clear()
    found = run(tmp_path, *["{ a: 1 }"] * 31, "{}.x", *["{ a: 1 }"] * 32)
    assert found.finding.file == "registries/31.jsonnet"
    assert [value for value in found.values if value] == [{"a": 1}] * 63
    assert len(evaluations) < 16


def test_a_function_is_called_with_top_level_arguments(tmp_path: Path) -> None:
    inputs = Inputs(tla_str={"team": "blue"}, tla_code={"n": "1 + 1"})
    texts = ("function(team, n, more=[]) { slug: team, n: n, more: more }", "{ slug: 'plain' }")
    assert run(tmp_path, *texts, inputs=inputs).values == [{"slug": "blue", "n": 2, "more": []}, {"slug": "plain"}]
    assert run(tmp_path, "function(team='red') { slug: team }").value == {"slug": "red"}


def test_external_variables_are_handed_over(tmp_path: Path) -> None:
    inputs = Inputs(ext_str={"name": 'a "quoted"\nblue é'}, ext_code={"list": "[1, { a: 2 }]"})
    value = run(tmp_path, "[std.extVar('name'), std.extVar('list')]", inputs=inputs).value
    assert value == ['a "quoted"\nblue é', [1, {"a": 2}]]


def test_a_byte_order_mark_is_no_part_of_a_program(tmp_path: Path) -> None:
    assert run(tmp_path, b"\xef\xbb\xbf{ a: 1 }").value == {"a": 1}
    assert run(tmp_path, b"\xef\xbb\xbf{ a: x }").finding.span == Span("registries/0.jsonnet", 1, 6)


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [(b"{ a: '\xff' }", "not-utf8", (1, 7)), ("{ a: '\u202e' }", "hidden-character", (1, 7))],
)
def test_a_program_is_text_that_can_be_seen(tmp_path: Path, text: Any, rule: str, place: tuple[int, int]) -> None:
    found = run(tmp_path, text, "{}")
    assert (found.finding.rule, found.finding.line, found.finding.column) == (rule, *place)
    assert found.values == [None, {}]


def test_a_text_from_memory_imports_from_libraries_alone(tmp_path: Path) -> None:
    files(tmp_path, lib__a="{ a: 1 }", b="{}")
    program = Program("<memory>/acme", b"import 'a.libsonnet'", None, None)
    report = Report()
    values, imports = evaluate([program], Inputs(jpath=(tmp_path / "lib",)), tmp_path, report)
    assert values == [{"a": 1}]
    assert [each.name for each in imports] == ["lib/a.libsonnet"]
    evaluate([program], Inputs(), tmp_path, report)
    (finding,) = report
    assert (finding.rule, finding.file) == ("jsonnet-import", "<memory>/acme")


# --- several programs in one text -----------------------------------------------------------------------------------

FRAGMENTS = ["{", "}", "(", ")", "[", "]", "a", ":", ",", " + ", "1", "'", '"', "@", "@'", "\\", "//", "#", "/*", "*/"]
FRAGMENTS += ["|||", "|||-", "\n", "\n  x\n", " ", "|", "local a = 1; ", "function(x) x", "self", "it", "$", "''", '""']
# Nothing escapes a quote in a text with `@`.
REACHING = ['@"\\", 1), (1 //"', "@'\\', 1), (1 //'", "|||\n  x\n||| , 1), (1 //\n  |||"]
PROGRAMS = [
    "{}",
    "|||\n  x\n    ||| )\n|||",
    "{ a: 1 }",
    "'}'",
    '"\\""',
    "@'\\'",
    "@'a''b'",
    "1 // )",
    "/* ( */ 2",
    "|||\n  (\n||| + 'x'",
    "# '\n3",
]


def alone(text: str) -> tuple[bool, str]:
    try:
        return True, _jsonnet.evaluate_snippet("", f"local v = (\n{text}\n); if std.isFunction(v) then [] else [v]")
    except RuntimeError:
        return False, ""


@pytest.mark.parametrize("text", PROGRAMS)
def test_brackets_in_texts_and_comments_do_not_count(text: str) -> None:
    assert can_join(text)
    assert _jsonnet.evaluate_snippet("", text)


@pytest.mark.parametrize(
    "text",
    [
        *REACHING,
        "1), (2",
        "}",
        "{",
        "'",
        '"\\"',
        "@'a''",
        "/* ",
        "|||\n x",
        "|||\n  a|||\n",
        "std.thisFile",
        "1\r+ 1",
        "(]",
    ],
)
def test_what_reaches_beyond_its_brackets_is_evaluated_alone(text: str) -> None:
    assert not can_join(text)


@law
@given(st.lists(st.lists(st.sampled_from(FRAGMENTS + PROGRAMS), max_size=6).map("".join), min_size=2, max_size=2))
@example(["1 /*", "*/ + 1"])
@example(["{ a: @'", "' }"])
def test_together_is_what_each_is_alone(texts: list[str]) -> None:
    if not all(map(can_join, texts)):
        return
    try:
        result = _jsonnet.evaluate_snippet("", join(texts))
    except RuntimeError:
        return
    results = [alone(text) for text in texts]
    assert all(is_value for is_value, _ in results)
    joined = "[" + ",".join(text for _, text in results) + "]"
    assert _jsonnet.evaluate_snippet("", joined) == result


# --- imports --------------------------------------------------------------------------------------------------------


def test_imports_are_relative_to_the_importing_file_then_to_the_libraries(tmp_path: Path) -> None:
    files(tmp_path, registries__near="{ from: 'near', more: import 'deep/one.libsonnet' }")
    files(
        tmp_path,
        registries__deep__one="[import 'two.libsonnet', import '../near2.libsonnet', import 'x/lib.libsonnet']",
    )
    files(
        tmp_path, registries__deep__two="2", registries__near2="3", first__x__lib="'first'", second__x__lib="'second'"
    )
    inputs = Inputs(jpath=(tmp_path / "first", tmp_path / "second"))
    found = run(tmp_path, "import 'near.libsonnet'", inputs=inputs)
    assert found.value == {"from": "near", "more": [2, 3, "first"]}
    names = ["first/x/lib", "registries/deep/one", "registries/deep/two", "registries/near", "registries/near2"]
    assert [each.name for each in found.imports] == [f"{name}.libsonnet" for name in names]
    two = hashlib.sha256(b"2").hexdigest()
    assert [two] == [digest_of(each) for each in found.imports if each.name == "registries/deep/two.libsonnet"]


def test_a_file_that_several_programs_import_is_one_input(tmp_path: Path) -> None:
    files(tmp_path, registries__lib="{ a: 1 }")
    found = run(
        tmp_path, "import 'lib.libsonnet'", "import './lib.libsonnet'", "importstr '../registries/lib.libsonnet'"
    )
    assert found.values == [{"a": 1}, {"a": 1}, "{ a: 1 }"]
    assert len(found.imports) == 1


def test_any_bytes_can_be_imported(tmp_path: Path) -> None:
    data = bytes(range(256))
    (tmp_path / "registries").mkdir()
    (tmp_path / "registries" / "data.bin").write_bytes(data)
    (tmp_path / "registries" / "text").write_bytes("a\0é\n".encode())
    assert run(tmp_path, "[importbin 'data.bin', importstr 'text']").value == [list(data), "a\0é\n"]


def test_the_engine_is_told_display_names(tmp_path: Path) -> None:
    files(tmp_path, lib__a="std.thisFile", registries__b="std.thisFile")
    text = "[std.thisFile, import 'b.libsonnet', import 'a.libsonnet']"
    value = run(tmp_path, text, inputs=Inputs(jpath=(tmp_path / "lib",))).value
    assert value == ["registries/0.jsonnet", "registries/b.libsonnet", "lib/a.libsonnet"]


def test_directories_that_show_one_name_are_kept_apart(tmp_path: Path) -> None:
    programs = []
    for number in (1, 2):
        tree = tmp_path / str(number) / "same"
        files(tree, lib=f"{{ n: {number}, file: std.thisFile, next: import 'next.libsonnet' }}", next=str(number))
        programs.append(Program("same/a.jsonnet", b"import 'lib.libsonnet'", tree / "a.jsonnet", tree))
    report = Report()
    values, imports = evaluate(programs, Inputs(), tmp_path / "project", report)
    assert [value["n"] for value in values] == [value["next"] for value in values] == [1, 2]
    assert [value["file"] for value in values] == ["same/lib.libsonnet", "same#2/lib.libsonnet"]
    assert len(imports) == 4
    broken = [Program(each.name, b"error 'x'", each.path, each.tree) for each in programs]
    evaluate(broken, Inputs(), tmp_path / "project", report)
    assert {each.file for each in report} == {"same/a.jsonnet"}


def test_a_source_outside_the_project_is_shown_from_what_was_named(tmp_path: Path) -> None:
    files(tmp_path, away__lib="error 'x'")
    name = Program("0.jsonnet", b"import 'lib.libsonnet'", tmp_path / "away" / "0.jsonnet", tmp_path / "away")
    report = Report()
    evaluate([name], Inputs(), tmp_path / "project", report)
    (finding,) = report
    assert str(finding.span) == "lib.libsonnet:1:1"
    assert [str(note.span) for note in finding.notes] == ["0.jsonnet:1:1"]


def test_an_import_that_does_not_exist_tells_where_was_looked(tmp_path: Path) -> None:
    files(tmp_path, registries__presets="{}", lib__other="{}")
    found = run(tmp_path, "{}", "{ a: import 'preset.libsonnet' }", inputs=Inputs(jpath=(tmp_path / "lib",)))
    assert (found.finding.rule, str(found.finding.span)) == ("jsonnet-import", "registries/1.jsonnet:1:6")
    assert found.finding.message == "`preset.libsonnet` is imported, which does not exist"
    assert found.finding.notes[0].message == "looked in `registries/`, `lib/`"
    assert found.finding.hint == "did you mean `presets.libsonnet`?"
    assert found.values == [{}, None]


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{ a: }", 'unexpected: "}" while parsing terminal', (1, 6)),
        ("{\n  a: error 'no: \"x\"',\n}", 'no: "x"', (2, 6)),
        ("{ a: 'ééé' + error 'x' }", "x", (1, 14)),
        ("{ é: 1 }", "Could not lex the character code 195", (1, 3)),
        ("local f(x) =\n  x.y; { a: f({\n  }) }", "field does not exist: y", (2, 3)),
        ("{ a: (\n  1 +\n  {} - 2) }", "binary operator + requires matching types, got number and object", (2, 3)),
        ("std.parseInt('four')", "four is not a base 10 integer", (1, 1)),
        ("{ a: function(x) x }", "couldn't manifest function in JSON output", (1, 6)),
        ("assert false : 'never'; {}", "never", (1, 1)),
        ("local a = a; a", "max stack frames exceeded", (1, 11)),
        ("function(x) x", "function parameter x not bound in call", (None, None)),
    ],
)
def test_an_error_is_a_finding_at_its_place(tmp_path: Path, text: str, message: str, place: Any) -> None:
    found = run(tmp_path, text, "{}")
    assert found.finding.rule == "jsonnet-error"
    assert found.finding.message == message
    assert (found.finding.file, found.finding.line, found.finding.column) == ("registries/0.jsonnet", *place)
    assert found.values == [None, {}]


def test_an_error_has_the_way_to_its_place_as_notes(tmp_path: Path) -> None:
    files(tmp_path, registries__lib="{\n  deep(n):: if n == 0 then error 'bottom' else self.deep(n - 1) + 1,\n}")
    finding = run(tmp_path, "local lib = import 'lib.libsonnet';\n{ a: lib.deep(9) }").finding
    assert str(finding.span) == "registries/lib.libsonnet:2:28"
    assert len(finding.notes) == 2
    assert [str(note.span) for note in finding.notes] == ["registries/lib.libsonnet:2:48", "registries/0.jsonnet:2:6"]
    assert all(note.message == "reached from here" for note in finding.notes)
    finding = run(tmp_path, "local f(x) = error 'x';\nlocal g(x) = 1 + f(x);\n[g(1)]").finding
    assert [note.message for note in finding.notes] == ["reached from here, in the function `g`", "reached from here"]
    # The objects around an object are no news.
    finding = run(tmp_path, "local f(x) = error 'x';\n{ a: { b: { c: { d: f(1) } } } }").finding
    assert [str(note.span) for note in finding.notes] == ["registries/0.jsonnet:2:21"]


def test_every_program_has_its_own_error(tmp_path: Path) -> None:
    found = run(tmp_path, *(f"error 'number {number}'" for number in range(9)))
    assert [each.message for each in found.found] == [f"number {number}" for number in range(9)]


@pytest.mark.parametrize(
    ("text", "inputs", "hint"),
    [
        ("std.extVar('team')", Inputs(), "give it with `--ext-str team=VALUE`"),
        ("function(team) team", Inputs(), "give it with `--tla-str team=VALUE`, or a default in the program"),
        ("function() {}", Inputs(tla_str={"n": "1"}), "take `--tla-str n` away, or give the function this parameter"),
        ("(function() 1)(n=1)", Inputs(), None),
    ],
)
def test_what_is_missing_from_outside_is_hinted_at(tmp_path: Path, text: str, inputs: Inputs, hint: str | None) -> None:
    assert run(tmp_path, text, inputs=inputs).finding.hint == hint


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    message = run(tmp_path, "error std.join('', std.makeArray(5000, function(i) 'x'))").finding.message
    assert message == "x" * 300 + "…"


def test_places_cannot_be_forged_outside_of_the_files_that_were_read(tmp_path: Path) -> None:
    finding = run(tmp_path, "error 'x\\n\\tother.jsonnet:7:7\\tobject <o>\\n\\tMakefile:1:1\\t'").finding
    assert (str(finding.span), finding.notes) == ("registries/0.jsonnet:1:1", ())


# --- credentials ----------------------------------------------------------------------------------------------------

SECRET = 'hunter2-"quoted"\n\tline'


@pytest.mark.parametrize(
    "text",
    [
        "{}[std.extVar('text')]",
        "std.parseInt(std.extVar('text'))",
        "error std.extVar('text')",
        "error { a: std.extVar('text') }",
        "std.parseInt(std.extVar('code').key)",
        "std.assertEqual(std.extVar('code'), {})",
        "std.extVar('broken')",
        "std.extVar('block') + error std.extVar('block')",
        "function(argument) {}[argument]",
        "function(argument, more) {}[more.key]",
    ],
)
def test_a_value_from_outside_is_in_no_message(tmp_path: Path, text: str) -> None:
    code = "{ key: 'hunter2-in-code' }"
    inputs = Inputs(
        ext_str={"text": SECRET},
        ext_code={"code": code, "broken": "{ a: 'hunter2' 'hunter2' }", "block": "|||\n  hunter2 in a block\n|||"},
        tla_str={"argument": "hunter2-argument"} if text.startswith("function") else {},
        tla_code={"more": code} if "more" in text else {},
    )
    finding = run(tmp_path, text, inputs=inputs).finding
    assert finding.rule == "jsonnet-error"
    assert "hunter2" not in repr(finding)
    assert "line" not in finding.message or "column" in finding.message
    assert "hunter2" not in repr(inputs)


def test_a_credential_in_a_program_is_in_no_message(tmp_path: Path) -> None:
    for text in ("std.parseInt('sk-proj-hunter2hunter2')", "error 'api_key: hunter2'", "{}['https://u:hunter2@x']"):
        assert "hunter2" not in repr(run(tmp_path, text).finding)


def test_a_value_with_a_nul_is_refused_as_the_engine_would_cut_it(tmp_path: Path) -> None:
    finding = run(tmp_path, "std.extVar('a')", inputs=Inputs(ext_str={"a": "x\0y"})).finding
    assert finding.message == "the value of `a` holds a NUL"


# --- the engine -----------------------------------------------------------------------------------------------------


def test_without_the_engine_there_is_one_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_jsonnet", None)
    found = run(tmp_path, "{}", "{}")
    assert (found.finding.rule, found.finding.environment) == ("jsonnet-missing", True)
    assert found.finding.hint == 'pip install "engine-profiles[compiler]"'
    assert found.values == [None, None]


def test_an_engine_that_cannot_be_loaded_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "site" / "_jsonnet.py"
    broken.parent.mkdir()
    broken.write_text("raise ImportError('hunter2')\n", "utf-8")
    monkeypatch.delitem(sys.modules, "_jsonnet")
    monkeypatch.syspath_prepend(str(broken.parent))
    finding = run(tmp_path, "{}").finding
    assert finding.message == "the package `jsonnet` cannot be loaded in a process of its own"


def test_another_hash_seed_or_order_of_work_changes_nothing(tmp_path: Path) -> None:
    files(tmp_path, registries__lib="{ a: 1 }")
    texts = ["import 'lib.libsonnet'", "std.thisFile", "function() 1", "error 'x'", "{ b: 1 }"]
    assert run(tmp_path, *texts) == run(tmp_path, *texts, limits=Limits(seconds=29))


def test_null_is_no_registry(tmp_path: Path) -> None:
    found = run(tmp_path, "null", "{}")
    assert (found.finding.rule, found.finding.file) == ("not-a-registry", "registries/0.jsonnet")
