"""Bytes -> text in which a reviewer can see everything."""

from __future__ import annotations

from profilec.diagnostics import Report, Span
from profilec.states import Text
from profilec.syntax.tree import HIDDEN, lines

# Every byte that a registry may hold besides those of characters beyond ASCII.
_ORDINARY = bytes([9, 10, 13, *range(32, 127)])


def decode(source: Text, report: Report) -> str | None:
    """The text of a source, or None where it is not UTF-8 or holds what a reviewer cannot see."""
    if isinstance(source.text, bytes):
        data = source.text
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # Not `data`: the error counts from behind a byte order mark.
            before = error.object[: error.start].decode("utf-8", "replace")
            report.error(
                "not-utf8",
                f"the byte 0x{error.object[error.start]:02x} is not UTF-8",
                _end(source.name, before),
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
        hidden = HIDDEN.search(text)
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
    report.error(rule, message, _end(name, text[:at]), hint=hint)


def _end(name: str, text: str) -> Span:
    """The place behind a text."""
    known = lines(text)
    return Span(name, len(known), len(known[-1]) + 1)
