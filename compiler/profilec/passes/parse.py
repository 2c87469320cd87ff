"""Text -> Document: one registry, with a position for everything in it, well-formed in itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from profilec import slugs
from profilec.credentials import Mode
from profilec.diagnostics import Diagnostic, Note, Report, Span
from profilec.fields import WATERMARK, model_info_conflict
from profilec.passes import shape
from profilec.passes.layers import LayerReader
from profilec.states import Document, Layer, Ref, Text, Value
from profilec.syntax import json, plain, yaml
from profilec.syntax.tree import Tree

_SYNTAXES = {"yaml": yaml.parse, "json": json.parse}

# Every byte that a registry may hold besides those of characters beyond ASCII.
_ORDINARY = bytes([9, 10, 13, *range(32, 127)])
# Only these escapes can bring forth a letter, an underscore or a surrogate.
_ESCAPE = re.compile(r"\\[uUx]")
# Characters that show as nothing, as a line break in YAML alone, or that turn the text around them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def parse(source: Text | Value, secrets: Mode, report: Report) -> Document | None:
    """Read one registry. None where it cannot be read at all; findings, and there may be others, are in the report."""
    tree = _tree(source, report)
    if tree is None:
        return None
    _check_safety(tree, report)
    if not shape.check_registry(tree, report):
        return None
    return _registry(tree, secrets, report)


def parse_many(sources: Sequence[Text | Value], secrets: Mode) -> tuple[list[Document], list[Diagnostic]]:
    """Parse some of the texts with a report of their own: what one process does of many."""
    report = Report()
    documents = [document for each in sources if (document := parse(each, secrets, report)) is not None]
    return documents, list(report)


def parse_baseline(source: Text | Value, secrets: Mode, report: Report) -> Layer | None:
    """Read a document of inference settings, the lowest layer of every profile."""
    tree = _tree(source, report)
    if tree is None:
        return None
    _check_safety(tree, report)
    if not shape.check_settings(tree, report):
        return None
    settings, extensions, fields = LayerReader(tree, secrets, True, report).read(tree.value, None)
    return Layer("", tree.name, None, None, 0, "", (), settings, extensions, fields, tree.span())


def _tree(source: Text | Value, report: Report) -> Tree | None:
    if isinstance(source, Value):
        return plain.parse(source.name, source.value, report)
    text = _decode(source, report)
    return None if text is None else _SYNTAXES[source.syntax](source.name, text, report)


def _decode(source: Text, report: Report) -> str | None:
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


def _check_safety(tree: Tree, report: Report) -> None:
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


def _registry(tree: Tree, secrets: Mode, report: Report) -> Document:
    value = tree.value
    slug = _slug(tree, value, "slug", report) or ""
    metadata = value.get("metadata")
    reader = LayerReader(tree, secrets, False, report)
    layers: dict[str, Layer] = {}
    profiles = value.get("profiles")
    marks = tree.marks.get(id(profiles))
    for index, (key, profile) in enumerate(profiles.items() if isinstance(profiles, dict) else ()):
        if not isinstance(profile, dict):
            continue
        span = tree.span(marks[2 * index] if marks else None)
        name = _profile_slug(tree, span, key, profile, report)
        if name is None:
            continue
        if name in layers:
            report.error(
                "duplicate-profile",
                f"`{key}` and a key before it are both the profile `{name}`",
                span,
                notes=[Note("it stands here first", layers[name].span)],
                hint="rename or remove one of the two",
            )
            continue
        layers[name] = _layer(tree, slug, name, profile, metadata, span, reader, report)
    span = tree.value_span(value, "slug") if "slug" in value else tree.span()
    return Document(tree.name, slug, _text(value, "display_name"), _text(value, "description"), layers, span)


def _profile_slug(tree: Tree, span: Span, key: str, profile: dict[str, Any], report: Report) -> str | None:
    name = slugs.normalize(key)
    if not name:
        report.error("missing-field", "a profile's key is empty", span, hint="give the profile a name")
        return None
    if not slugs.is_slug(name):
        _invalid_slug(key, span, report)
        return None
    if "slug" in profile and (own := _slug(tree, profile, "slug", report)) and own != name:
        report.error(
            "slug-mismatch",
            f"the profile's slug is `{own}`, its key is `{name}`",
            tree.value_span(profile, "slug"),
            notes=[Note("the key stands here", span)],
            hint="leave `slug` out: the key names the profile",
        )
    return name


def _layer(
    tree: Tree,
    registry: str,
    name: str,
    profile: dict[str, Any],
    of_registry: Any,
    span: Span,
    reader: LayerReader,
    report: Report,
) -> Layer:
    metadata = profile.get("metadata")
    source = _text(metadata, "source") if isinstance(metadata, dict) else None
    if source is None:
        source = _text(of_registry, "source") if isinstance(of_registry, dict) else None
    version = metadata.get("version") if isinstance(metadata, dict) else 0
    settings, extensions, fields = reader.read(profile.get("inference_settings"), profile.get("extensions"))
    if settings and "model_info" in settings:
        _check_model_info(settings["model_info"], fields, span, report)
    return Layer(
        registry,
        name,
        _text(profile, "display_name"),
        _text(profile, "description"),
        version if isinstance(version, int) else 0,
        source or "",
        _stack(tree, registry, profile.get("stack"), report) if profile.get("stack") else (),
        settings,
        extensions,
        fields,
        span,
    )


def _check_model_info(model_info: dict[str, Any], fields: dict[str, Any], span: Span, report: Report) -> None:
    """The one rule between two fields, for a layer in itself; `validate` looks at it again after the merge."""
    if message := model_info_conflict(model_info):
        line, column, _ = fields[WATERMARK]
        report.error(
            "model-info-conflict",
            message,
            Span(span.file, line, column),
            hint="the watermark is the part of the window worth using",
        )


def _stack(tree: Tree, registry: str, entries: Any, report: Report) -> tuple[Ref, ...]:
    refs = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or "profile_slug" not in entry:
            continue
        profile = _slug(tree, entry, "profile_slug", report)
        span = registry_span = tree.value_span(entry, "profile_slug")
        named: str | None = registry
        if "registry_slug" in entry and not _is_blank(entry["registry_slug"]):
            named = _slug(tree, entry, "registry_slug", report)
            registry_span = tree.value_span(entry, "registry_slug")
        if profile and named:
            refs.append(Ref(named, profile, span, registry_span))
    return tuple(refs)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not slugs.normalize(value))


def _slug(tree: Tree, container: dict[str, Any], key: str, report: Report) -> str | None:
    """A slug in its normal form, or None where there is none or it is out of shape."""
    text = container.get(key)
    if text.__class__ is not str:
        if text is None or isinstance(text, dict | list):
            return None
        text = tree.scalar_text(container, key)
    slug = slugs.normalize(text)
    if slugs.is_slug(slug):
        return slug
    if slug:
        _invalid_slug(text, tree.value_span(container, key), report)
    else:
        report.error("missing-field", f"`{key}` is empty", tree.value_span(container, key), hint="write a name")
    return None


def _invalid_slug(text: str, span: Span, report: Report) -> None:
    shown = text if len(text) <= 60 else text[:60] + "…"
    report.error(
        "invalid-slug",
        f"`{shown}` cannot be a slug",
        span,
        hint="use up to 128 of a-z, 0-9, `.`, `_`, `-`, with a letter or digit at both ends",
    )


def _text(container: dict[str, Any], key: str) -> str | None:
    value = container.get(key)
    return value if isinstance(value, str) else None
