"""Hypothesis strategies for YAML texts: one tree of values in every style that YAML has for it."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

# What YAML cannot hold, or a source may not, as itself.
_ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_PLAIN = re.compile(r"[\w./][\w./+-]*(?: [\w./+-]+)*")
SPELLINGS = [
    "", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE",
    "yes", "no", "on", "off", "y", "n", "Yes", "NO", "0", "00", "010", "-010", "+1", "-0", "-0.0", "0o17", "0o8",
    "0O17", "-0o17",
    "0x1F", "0xg", "0X1F", "-0x1", "0b11", "1_000", "0x_1", "1.", ".5", "-.5", "+.5", ".", "..", "1.5e3", "1e3",
    "1E3", "1e+3",
    "1e", "e3", "1.e3", ".e3", "1:30", "1:30:00", "190:20:30", "2001-12-14", "2001-99-99",
    "2001-12-14t21:59:43.10-05:00",
    "nan", "inf", "Infinity", "NaN", "=", "<", "-", "--", "- a", "1 2", "9007199254740991", "9007199254740992",
    "1e15", "1e16", "12345678901234567890",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from([each for each in SPELLINGS if each]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(
        [
            "ünï ключ",
            "日本",
            "😀",
            "a: b",
            "a #b",
            "# a",
            "'",
            '"',
            "\\",
            "a\nb",
            "  ",
            "%",
            "@",
            "{",
            "]",
            ",",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
        ]
    ),
)
scalars = st.one_of(texts, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none(), st.floats(-1e6, 1e6))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A text whose every node is in a style of its own, with comments, blank lines and odd indentation between."""
    body = _block(draw, draw(values), 0, draw(st.sampled_from([1, 2, 4])))
    before = draw(st.sampled_from(["", "", "# ünï\n", "---\n", "\n\n", "%YAML 1.2\n---\n"]))
    text = before + body.lstrip("\n") + draw(st.sampled_from(["", "...\n", "# end", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 and "\n\n" not in text else text


def _block(draw: st.DrawFn, value: Any, indent: int, step: int) -> str:
    """The node as it stands behind a key or a dash, with a line break at its end."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        lines = []
        for key, inner in value.items():
            lines.append(f"{' ' * indent}{_noise(draw, indent)}{_scalar(draw, key)}:{_gap(draw)}")
            lines.append(_block(draw, inner, indent + step, step))
        return "\n" + "".join(lines)
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        lines = []
        for inner in value:
            lines.append(f"{' ' * indent}{_noise(draw, indent)}-{_gap(draw)}")
            lines.append(_block(draw, inner, indent + step, step))
        return "\n" + "".join(lines)
    if isinstance(value, str) and value.isalnum() and value.isascii() and draw(st.integers(0, 5)) == 0:
        return f"{draw(st.sampled_from(['|', '>', '|-', '>-']))}\n{' ' * (indent + 1)}{value}\n"
    return f"{_flow(draw, value)}{draw(st.sampled_from(['', '', ' ', ' # ключ']))}\n"


def _gap(draw: st.DrawFn) -> str:
    return draw(st.sampled_from([" ", " ", "  "]))


def _noise(draw: st.DrawFn, indent: int) -> str:
    return draw(st.sampled_from(["", "", "", "", f"# ü: [\n{' ' * indent}", f"\n{' ' * indent}"]))


def _flow(draw: st.DrawFn, value: Any) -> str:
    space = draw(st.sampled_from(["", " ", "  "]))
    if isinstance(value, dict):
        entries = (f"{_scalar(draw, key)}: {_flow(draw, inner)}" for key, inner in value.items())
        return "{" + space + f", {space}".join(entries) + space + "}"
    if isinstance(value, list):
        return "[" + space + f", {space}".join(_flow(draw, inner) for inner in value) + space + "]"
    return _scalar(draw, value)


def _scalar(draw: st.DrawFn, value: Any) -> str:
    if isinstance(value, str):
        styles = [_double(value)]
        if not re.search("[\x00-\x1f]", value) and not _ESCAPED.search(value):
            styles.append("'" + value.replace("'", "''") + "'")
        if _PLAIN.fullmatch(value) and value.isprintable() and len(value) < 100:
            styles += [value, value]
        return draw(st.sampled_from(styles))
    if isinstance(value, float):
        return repr(value)
    return draw(st.sampled_from(["null", "~", "Null"])) if value is None else json.dumps(value)


def _double(text: str) -> str:
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
