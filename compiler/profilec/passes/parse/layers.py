"""Tree -> layers: what each profile of a registry sets, field by field, with the place of each.

The shape has been checked before; what is out of shape is passed over here, so that all findings come at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from profilec import credentials, slugs
from profilec.credentials import Mode
from profilec.diagnostics import Note, Report
from profilec.fields import EXTENSIONS, SETTINGS, Field, Strategy, secret_extensions, sections, token
from profilec.states import Written
from profilec.syntax.tree import Mark, Tree


class LayerReader:
    """Reads the settings and extensions of one layer after another of one tree."""

    def __init__(self, tree: Tree, secrets: Mode, is_baseline: bool, report: Report) -> None:
        self.tree, self.secrets, self.is_baseline, self.report = tree, secrets, is_baseline, report
        self.fields: dict[str, Written] = {}
        # Looking into every text for `${` costs a tenth of the parse, and most documents have none.
        self.looks_for_references = not tree.text or "${" in tree.text

    def read(self, settings: Any, extensions: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Written]]:
        """The layer's settings, extensions and fields."""
        self.fields = {}
        own = self._settings(settings) if isinstance(settings, dict) else {}
        extended = self._extensions(extensions) if isinstance(extensions, dict) and extensions else {}
        return own, extended, self.fields

    def _settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The hot loop: most fields are plain, and are done with in place."""
        own: dict[str, Any] = {}
        tables, all_marks, fields, looks = sections(), self.tree.marks, self.fields, self.looks_for_references
        for section, content in settings.items():
            if not content or content.__class__ is not dict or section not in tables:
                continue
            table, marks = tables[section], all_marks.get(id(content))
            kept: dict[str, Any] = {}
            index = -1
            for name, value in content.items():
                index += 2
                field = table.get(name)
                if value is None or field is None:
                    continue
                mark = marks[index] if marks else None
                if not field.is_plain:
                    value = self._special(section, name, field, content, mark)
                    if value is not None:
                        kept[field.name] = value
                    continue
                kept[name] = value
                fields[field.pointer] = (mark.line + 1, mark.column + 1, value) if mark else (None, None, value)
                if looks and (value.__class__ is list or (value.__class__ is str and "${" in value)):
                    self._look_for_references(value, field.pointer, mark)
            if kept:
                own[section] = kept
        return own

    def _special(self, section: str, name: str, field: Field, content: dict[str, Any], mark: Mark | None) -> Any:
        """A field that is not just a value: a map, a unit, a credential, the baseline's. None where it sets nothing."""
        value = content[name]
        if field.is_baseline and not self.is_baseline:
            self.report.advise(
                "baseline-field",
                f"`{section}.{name}` is transport, which belongs to the application's baseline",
                self.tree.span(mark),
                hint="set it in the baseline (`--baseline FILE`), or turn this rule off for the project",
            )
        if field.name != name and content.get(field.name) is not None:
            return None
        if field.strategy is not Strategy.REPLACE and not isinstance(value, dict):
            return None
        if field.strategy is Strategy.MAP:
            return self._map(field, value)
        if field.strategy is Strategy.DEEP:
            return self._free(value, field.pointer, mark) if value else None
        if field.secret is not None:
            return self._credential(field.secret, name, value, field.pointer, mark)
        if field.strategy is Strategy.UNIT:
            value = {key: each for key, each in value.items() if each is not None}
        self._write(field.pointer, mark, value)
        return value

    def _map(self, field: Field, value: dict[str, Any]) -> dict[str, Any] | None:
        kept = {}
        for key, entry, mark in self._entries(value):
            if entry is None:
                continue
            pointer = f"{field.pointer}/{token(key)}"
            if field.secret is not None:
                kept[key] = self._credential(field.secret, key, entry, pointer, mark)
                continue
            if self.looks_for_references:
                self._look_for_references(entry, pointer, mark)
            self._write(pointer, mark, entry)
            kept[key] = entry
        return kept or None

    def _credential(self, secret: object, key: str, value: Any, pointer: str, mark: Mark | None) -> Any:
        """A value that is a credential, or a URL that may hold one."""
        shown = value
        if secret is True or not isinstance(value, str) or credentials.is_credential_url(value):
            value, shown = credentials.resolve(key, value, self.secrets, self.tree.span(mark), self.report)
        elif "${" in value:
            self._not_a_reference(pointer, mark, "write the value itself, or refer to the whole URL")
        self._write(pointer, mark, shown)
        return value

    def _extensions(self, extensions: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        written: dict[str, str] = {}
        for name, payload, mark in self._entries(extensions):
            key = slugs.normalize(name)
            place = self.tree.key_span(extensions, name)
            if not slugs.is_extension_key(key):
                self.report.error(
                    "invalid-extension-key",
                    f"`{name[:100]}` is not an extension key",
                    place,
                    hint="write `namespace.feature@vN`, for example `acme.routing@v1`",
                )
            elif key in written:
                first = Note("it stands here first", self.tree.key_span(extensions, written[key]))
                self.report.error("duplicate-key", f"the extension `{key}` stands twice", place, notes=[first])
            else:
                written[key] = name
                kept[key] = self._payload(key, payload, mark)
        return kept

    def _payload(self, extension: str, payload: Any, mark: Mark | None) -> Any:
        secret = secret_extensions().get(extension)
        pointer = f"{EXTENSIONS}/{token(extension)}"
        if not secret or not isinstance(payload, dict) or not payload:
            return self._free(payload, pointer, mark)
        kept = {}
        for key, value, place in self._entries(payload):
            below = f"{pointer}/{token(key)}"
            if key not in secret or value is None:
                kept[key] = self._free(value, below, place)
            elif isinstance(value, str) or credentials.is_reference(value):
                kept[key] = self._credential(True, key, value, below, place)
            else:
                self.report.error(
                    "wrong-type",
                    f"`{extension}.{key}` is a credential, where a reference is wanted",
                    self.tree.span(place),
                    hint="write `${env:NAME}`",
                )
        return kept

    def _free(self, value: Any, pointer: str, mark: Mark | None) -> Any:
        """A value of a free map: everything in it is kept, null too, and each leaf has its place."""
        if value.__class__ is dict and value:
            self._refuse_reference(value)
            return {
                key: self._free(each, f"{pointer}/{token(key)}", place) for key, each, place in self._entries(value)
            }
        for scalar, place in _scalars(value, mark, self.tree):
            if place is not None and (text := self.tree.ambiguous.get((place.line, place.column))):
                self._ambiguous(text, scalar, place)
            elif isinstance(scalar, str) and self.looks_for_references and "${" in scalar:
                self._not_a_reference(pointer, place)
            elif isinstance(scalar, dict):
                self._refuse_reference(scalar)
        self._write(pointer, mark, value)
        return value

    def _look_for_references(self, value: Any, pointer: str, mark: Mark | None) -> None:
        for scalar, place in _scalars(value, mark, self.tree) if value.__class__ is list else ((value, mark),):
            if isinstance(scalar, str) and "${" in scalar:
                self._not_a_reference(pointer, place)

    def _refuse_reference(self, value: dict[str, Any]) -> None:
        if "$secret" in value:
            self.report.error(
                "unsafe-key",
                "`$secret` refers to a credential, which only a credential's field may do",
                self.tree.key_span(value, "$secret"),
                hint="rename the key",
            )

    def _write(self, pointer: str, mark: Mark | None, value: Any) -> None:
        self.fields[pointer] = (mark.line + 1, mark.column + 1, value) if mark else (None, None, value)

    def _entries(self, container: dict[str, Any]) -> Iterator[tuple[str, Any, Mark | None]]:
        marks = self.tree.marks.get(id(container))
        index = -1
        for key, value in container.items():
            index += 2
            yield key, value, marks[index] if marks else None

    def _not_a_reference(self, pointer: str, mark: Mark | None, hint: str = "write the value itself") -> None:
        field = pointer.removeprefix(SETTINGS).removeprefix("/").replace("/", ".")
        self.report.advise(
            "not-a-reference",
            f"`${{…}}` in `{field}` is text: only a credential's field is looked up",
            self.tree.span(mark),
            hint=hint,
        )

    def _ambiguous(self, text: str, value: Any, mark: Mark) -> None:
        read_as = f"the text `{value}`" if isinstance(value, str) else f"`{value}`"
        self.report.advise(
            "ambiguous-scalar",
            f"`{text}` is read as {read_as} here, and as something else by other readers of YAML",
            self.tree.span(mark),
            hint=f'quote it (`"{text}"`) if it is text; else write it without the odd spelling',
        )


def _scalars(value: Any, mark: Mark | None, tree: Tree) -> Iterator[tuple[Any, Mark | None]]:
    """What a leaf consists of: a list is one, and may hold lists, and mappings, which come before what is in them."""
    if isinstance(value, dict | list):
        marks = tree.marks.get(id(value))
        if isinstance(value, dict):
            yield value, None
            marks = marks[1::2] if marks else None
        inner = list(value.values() if isinstance(value, dict) else value)
        for index, each in enumerate(inner):
            yield from _scalars(each, marks[index] if marks else None, tree)
    else:
        yield value, mark
