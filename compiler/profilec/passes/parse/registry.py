"""Tree -> Document: slugs, stacks and layers of a registry whose shape has been checked."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from profilec import slugs
from profilec.credentials import Mode
from profilec.diagnostics import Note, Report, Span
from profilec.fields import WATERMARK, model_info_conflict
from profilec.passes.parse.layers import LayerReader
from profilec.states import Document, Layer, Ref
from profilec.syntax.tree import Tree


def registry(tree: Tree, origin: int, secrets: Mode, report: Report) -> Document:
    value = tree.value
    slug = _slug(tree, value, "slug", report) or ""
    metadata = value.get("metadata")
    reader = LayerReader(tree, secrets, False, report)
    layers: dict[str, Layer] = {}
    profiles = value.get("profiles")
    marks, has_lines = tree.marks.get(id(profiles)), tree.has_lines
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
        with nullcontext() if has_lines else report.about(name):
            layers[name] = _layer(tree, slug, name, profile, metadata, span, reader, report)
    span = tree.value_span(value, "slug") if "slug" in value else tree.span()
    display_name, description = _text(value, "display_name"), _text(value, "description")
    return Document(slug, display_name, description, layers, span, origin, _default(tree, report))


def _default(tree: Tree, report: Report) -> tuple[str, Span] | None:
    if tree.default_span is None or tree.default in (None, ""):
        return None
    name = slugs.normalize(str(tree.default))
    if slugs.is_slug(name):
        return name, tree.default_span
    _invalid_slug(str(tree.default), tree.default_span, report)
    return None


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
        check_model_info(settings["model_info"], fields, span, report)
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
        span.file,
        span[1:],
    )


def check_model_info(model_info: dict[str, Any], fields: dict[str, Any], span: Span, report: Report) -> None:
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
        place = registry_place = tree.place(entry, "profile_slug")
        named: str | None = registry
        if "registry_slug" in entry and not _is_blank(entry["registry_slug"]):
            named = _slug(tree, entry, "registry_slug", report)
            registry_place = tree.place(entry, "registry_slug")
        if profile and named:
            refs.append(Ref(named, profile, place, registry_place))
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
