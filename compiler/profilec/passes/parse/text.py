"""Bytes -> text, and what no text may hold: characters a reviewer cannot see, keys that harm readers elsewhere."""

from __future__ import annotations

import re

from profilec.diagnostics import Report, Span
from profilec.states import Text
from profilec.syntax.tree import Tree

# Every byte that a registry may hold besides those of characters beyond ASCII.
_ORDINARY = bytes([9, 10, 13, *range(32, 127)])
# Only these escapes can bring forth a letter, an underscore or a surrogate.
_ESCAPE = re.compile(r"\\[uUx]")
# Characters that show as nothing, as a line break in YAML alone, or that turn the text around them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def decode(source: Text, report: Report) -> str | None:
    """The text of a source, or None where it is not UTF-8 or holds what a reviewer cannot see."""
    if isinstance(source.text, bytes):
        data = source.text
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
            column = len(before.decode("utf-8", "replace")) + 1
            report.error(
                "not-utf8",
                f"the byte 0x{data[error.start]:02x} is not UTF-8",
                Span(source.name, line, column),
                hint=_encoding_hint(data),
            )
            return None
    else:
        text = source.text.removeprefix("\ufeff")
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            _report_character(
                "not-utf8",
                "a lone surrogate is not a character",
                source.name,
                text,
                error.start,
                report,
                "write the character itself",
            )
            return None
    if not data.isascii() or data.translate(None, _ORDINARY):
        hidden = _HIDDEN.search(text)
        if hidden:
            _report_character(
                "hidden-character",
                f"the character U+{ord(hidden[0]):04X} cannot be seen",
                source.name,
                text,
                hidden.start(),
                report,
                "take it out, or write it as an escape in double quotes",
            )
            return None
    return text


def _encoding_hint(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "the file is UTF-16: save it as UTF-8"
    if b"\0" in data:
        return "the file is binary: name the registry's own file"
    return "save the file as UTF-8"


def _report_character(rule: str, message: str, name: str, text: str, at: int, report: Report, hint: str) -> None:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    report.error(rule, message, Span(name, line, column), hint=hint)


def check_safety(tree: Tree, report: Report) -> None:
    """Refuse keys and texts that harm readers in other languages, wherever they stand."""
    # What the text does not hold in plain sight can come only from an escape.
    if tree.text and "__proto__" not in tree.text and not ("\\" in tree.text and _ESCAPE.search(tree.text)):
        return
    pending = [tree.value]
    seen = set()
    while pending:
        value = pending.pop()
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key == "__proto__":
                report.error(
                    "unsafe-key",
                    "`__proto__` as a key changes objects in JavaScript",
                    tree.key_span(value, key),
                    hint="rename the key",
                )
            for text, span_of in ((key, tree.key_span), (inner, tree.value_span)):
                if isinstance(text, str) and not _is_unicode(text):
                    report.error(
                        "not-utf8",
                        "a lone surrogate is not a character",
                        span_of(value, key),
                        hint="write the character itself",
                    )
            pending.append(inner)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
