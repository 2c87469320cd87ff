"""What a finding says of a mistake: the place it was made at, and a way to mend it that works when it is copied."""

from __future__ import annotations

from typing import Any

import profilec
import pytest

CHAT = "slug: r\nprofiles:\n  p:\n    inference_settings:\n      chat:\n"
STACK = "slug: r\nprofiles:\n  p:\n    stack: "


def only(text: str | bytes, name: str = "r.yaml", **options: Any) -> profilec.Diagnostic:
    """The one finding about a text."""
    try:
        found = profilec.compile(profilec.Text(name, text), **options).diagnostics
    except profilec.CompileError as error:
        found = error.diagnostics
    (finding,) = (each for each in found if each.severity != "note")
    return finding


@pytest.mark.parametrize("spelling", ["4.10", "010", "1e3", "+5", "True", "0x1F", "1.", "&a 4.10"])
def test_what_is_to_be_quoted_is_spelled_as_it_stands(spelling: str) -> None:
    finding = only(f"{CHAT}        engine: {spelling}\n")
    plain = spelling.removeprefix("&a ")
    assert (finding.rule, finding.hint) == ("wrong-type", f'quote it: "{plain}"')
    assert f"`{plain}`" in finding.message
    assert profilec.compile(profilec.Text("r.yaml", f'{CHAT}        engine: "{plain}"\n'))


def test_a_number_without_a_text_is_spelled_as_python_does() -> None:
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile({"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": 4.1}}}}})
    assert caught.value.diagnostics[0].hint == 'quote it: "4.1"'


@pytest.mark.parametrize(("slug", "name"), [(1, "1"), (0, "0"), (True, "true"), (4.5, "4.5"), (2.0, "2")])
def test_a_slug_without_a_text_is_spelled_as_json_does(slug: object, name: str) -> None:
    assert profilec.compile({"slug": slug, "profiles": {"default": {}}}).manifest["default"] == f"{name}/default"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        *[(word, "write `true`") for word in ("True", "TRUE", "yes", "on")],
        *[(word, "write `false`") for word in ("False", "no", "Off")],
        *[(word, "write `null`") for word in ("None", "nil", "NULL", "undefined", "~")],
        *[(number, "decimal digits") for number in (".5", "01", "-01", "+1", "1.", "0x10", "1_000", "1e", "-.5")],
        ("“m”", 'write `"`'),
        ("'m'", 'write `"`'),
        ("m", "text stands in double quotes"),
    ],
)
def test_json_that_is_none(written: str, hint: str) -> None:
    finding = only(f'{{"slug": "r", "metadata": {{"version": {written}}}}}', "r.json")
    assert (finding.rule, finding.column) == ("json-syntax", 39)
    assert finding.hint and hint in finding.hint
    assert f"`{written}`" not in finding.message + finding.hint


@pytest.mark.parametrize("value", ["\u00a0gpt", "gpt\u00a0", "\u3000gpt", "“gpt”", "‘gpt’", "„gpt“"])
def test_a_character_that_looks_like_syntax_is_warned_about(value: str) -> None:
    finding = only(f"{CHAT}        engine: {value}\n")
    assert (finding.rule, finding.severity, finding.line, finding.column) == ("odd-character", "warning", 6, 17)
    severities = {"odd-character": "off"}
    build = profilec.compile(profilec.Text("r.yaml", f"{CHAT}        engine: {value}\n"), severities=severities)
    assert build.diagnostics == () or {each.severity for each in build.diagnostics} == {"note"}
    quoted = profilec.compile(profilec.Text("r.yaml", f'{CHAT}        engine: "{value}"\n'))
    assert {each.severity for each in quoted.diagnostics} <= {"note"}


def test_quotes_and_blanks_within_a_text_are_its_own() -> None:
    text = "slug: r\nprofiles: {p: {description: “Fast” and\u00a0cheap, display_name: l’été}}\n"
    assert {each.severity for each in profilec.compile(profilec.Text("r.yaml", text)).diagnostics} <= {"note"}


GLUED = "a key needs a colon and a blank behind it: `key: value`"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (CHAT + "        temperature:0.2\n        top_p: 1\n", 6, 20),
        (CHAT + "        engine: m\n        temperature:0.2\n        top_p: 1\n", 7, 20),
        (CHAT + "        engine: m\n        temperature:0.2\n", 7, 20),
        (CHAT + "        engine: m\n        temperature:0.2\n\n  # c\nmetadata: {}\n", 7, 20),
        (CHAT + "        temperature:0.2\n\n        # c\n        top_p: 1\n", 6, 20),
        ("slug:r\nprofiles:\n  p: {}\n", 1, 5),
        (STACK + "\n      - profile_slug:base\n        registry_slug: x\n", 5, 21),
        ("slug: r\nprofiles:\n  p: {inference_settings: {chat: {engine:m, top_p: 1}}}\n", 3, 41),
        ("slug: r\nprofiles:\n  p: {inference_settings: {api: {api_keys: {openai:k4n4ry}}}}\n", 3, 51),
        ("slug: r\nprofiles:\n  p: {inference_settings: {api: {api_keys: {openai:k4n4ry\n    }}}}\n", 3, 51),
    ],
)
def test_a_colon_without_a_blank_is_found_where_it_stands(text: str, line: int, column: int) -> None:
    finding = only(text)
    assert (finding.rule, finding.line, finding.column) == ("yaml-syntax", line, column)
    assert finding.message == "a blank is missing behind this colon"
    assert finding.hint == GLUED and "k4n4ry" not in str(finding)


@pytest.mark.parametrize("value", ["temperature:0.2", "profile_slug:base"])
def test_a_colon_without_a_blank_in_the_place_of_a_mapping(value: str) -> None:
    assert only(f"{CHAT}        {value}\n").hint == GLUED
    assert only(f"{STACK}[{value}]\n").hint == GLUED


def test_keys_with_colons_are_keys() -> None:
    text = CHAT + "        engine: m\n      model_info: {metadata: {a:b: , 'c:d', http://x: 1, e:f: 1}}\n"
    document = profilec.compile(profilec.Text("r.yaml", text)).artifacts["r/p"].document
    metadata = document["inference_settings"]["model_info"]["metadata"]
    assert metadata == {"a:b": None, "c:d": None, "http://x": 1, "e:f": 1}


@pytest.mark.parametrize("newline", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("bad", ["\u200b", b"\xff"])
def test_characters_are_found_by_line_whatever_ends_it(newline: str, bad: str | bytes) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        data = bad.encode() if isinstance(bad, str) else bad
        finding = only(mark + f"slug: r{newline}# é{newline}# ü".encode() + data + newline.encode())
        assert (finding.line, finding.column) == (3, 4)
        first = only(mark + b"# \xc3\xa9" + data)
        assert (first.line, first.column) == (1, 4)


@pytest.mark.parametrize(
    ("baseline", "message", "hint"),
    [
        ("clinet: {}\n", "`clinet` is not a field of the baseline", "did you mean `client`?"),
        (
            "temperature: 1\n",
            "`temperature` is not a field of the baseline",
            "it is a field of `chat` and of `ollama` and of `inference`",
        ),
        ("chat: {seed: 1}\n", "`seed` is not a field of `chat`", "it is a field of `ollama` and of `inference`"),
    ],
)
def test_a_mistake_in_a_baseline_is_told_of_the_baseline(baseline: str, message: str, hint: str) -> None:
    finding = only("slug: r\nprofiles: {default: {}}\n", baseline=profilec.Text("b.yaml", baseline))
    assert (finding.message, finding.hint) == (message, hint)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("temperature: 1", "`inference_settings: {chat: {temperature: …}}`"),
        ("dimensions: 1", "`inference_settings: {embeddings: {dimensions: …}}`"),
        ("chat: {}", "`inference_settings:`"),
        ("model: m", "`inference_settings: {chat: {engine: …}}`"),
    ],
)
def test_a_setting_that_stands_in_the_profile_is_told_where_it_belongs(key: str, hint: str) -> None:
    finding = only(f"slug: r\nprofiles:\n  p:\n    {key}\n")
    assert finding.rule == "unknown-field" and hint in (finding.hint or "")


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("model: m", "did you mean `engine`?"),
        ("model_name: m", "did you mean `engine`?"),
        ("provider: m", "did you mean `api_type`?"),
        ("max_tokens: 1", "did you mean `max_response_tokens`?"),
        ("max_completion_tokens: 1", "did you mean `max_response_tokens`?"),
        ("stop_sequences: []", "did you mean `stop`?"),
        ("api_key: x", "did you mean `api_keys`?"),
    ],
)
def test_a_name_that_others_use_is_answered_with_the_one_here(field: str, hint: str) -> None:
    assert only(f"{CHAT}        {field}\n").hint == hint


@pytest.mark.parametrize(
    ("stack", "hint"),
    [
        ("[base]", "write `{profile_slug: base}`"),
        ("[team/base]", "write `{registry_slug: team, profile_slug: base}`"),
        ("[' Base']", "write `{profile_slug: base}`"),
        ("[a b]", "write `{profile_slug: …}`"),
        ("base", "write a list: `[{profile_slug: base}]`"),
        ("{profile_slug: base}", "write a list: `[{profile_slug: …}]`"),
    ],
)
def test_a_stack_of_another_shape_is_answered_with_the_rewrite(stack: str, hint: str) -> None:
    finding = only(f"{STACK}{stack}\n")
    assert (finding.rule, finding.hint) == ("wrong-type", hint)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (STACK + "[{profile: base}]\n", "did you mean `profile_slug`?"),
        (STACK + "[{profile_slgu: base, registry_slug: x}]\n", "did you mean `profile_slug`?"),
        ("slgu: r\nprofiles: {}\n", "did you mean `slug`?"),
    ],
)
def test_a_required_field_that_is_misspelled_is_one_finding(text: str, hint: str) -> None:
    finding = only(text)
    assert (finding.rule, finding.hint) == ("unknown-field", hint)


def test_a_required_field_that_is_missing_beside_another_mistake_is_told() -> None:
    with pytest.raises(profilec.CompileError) as caught:
        profilec.compile(profilec.Text("r.yaml", STACK + "[{nonsense: base}]\n"))
    assert [each.rule for each in caught.value.diagnostics] == ["missing-field", "unknown-field"]


def test_the_order_of_sources_does_not_matter_to_what_is_missing() -> None:
    finding = only(STACK + "[{registry_slug: elsewhere, profile_slug: x}]\n")
    assert (finding.rule, finding.hint) == ("unknown-registry", "name the source that holds it")
