"""A YAML text, what it holds and what it shall hold -> the text with those values changed, and nothing else.

A round-trip library changes the tree. Of what it writes only the lines that differ are taken over, so that layout which
it does not keep stays too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from profilec import slugs
from profilec.diagnostics import Report
from profilec.syntax import yaml
from profilec.syntax.scalars import stays_text

_SEQUENCE = re.compile(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE)
_MAPPING = re.compile(r"^\S[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)\S", re.MULTILINE)
_SHORT = 80


def edited(text: str, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """The text with `new` in it in the place of `old`; None where no such text can be made."""
    editor = _editor(text)
    tree = editor.load(text)
    before = _written(editor, tree)
    _Change(_shared(tree)).mapping(tree, old, new)
    after = _written(editor, tree)
    for candidate in _candidates(text, before, after):
        found = yaml.parse("", candidate, report := Report())
        if found is not None and not report.has_errors and _same(found.value, new):
            return candidate
    return None


def _candidates(text: str, before: str, after: str) -> Iterator[str]:
    """The changed lines in the original's text, where its lines can be told apart; else all as the library wrote it."""
    newline = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"
    after = after.replace("\n", newline)
    lines, old, new = (each.splitlines(keepends=True) for each in (text, before.replace("\n", newline), after))
    if len(lines) == len(old):
        joined: list[str] = []
        for tag, at, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            joined += lines[at:end] if tag == "equal" else new[start:stop]
        yield "".join(joined)
    yield after


class _Change:
    def __init__(self, shared: set[int]) -> None:
        self.shared = shared

    def mapping(self, node: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Bring a node from one value to another, entry by entry: what stays keeps its comments."""
        for key in old.keys() - new.keys():
            if (found := _key(node, key)) is not None:
                del node[found]
        for key, value in new.items():
            found = _key(node, key)
            if found is None or key not in old:
                node[key] = _fresh(value)
            elif old[key] != value or type(old[key]) is not type(value):
                inner = node[found]
                if isinstance(inner, CommentedMap) and isinstance(value, dict) and id(inner) not in self.shared:
                    self.mapping(inner, old[key], value)
                else:
                    node[found] = _fresh(value)


def _key(node: Any, key: str) -> Any:
    """A mapping's own key for what a registry calls `key`: another case, a number."""
    if key in node:
        return key
    return next((each for each in node if str(each) == key or slugs.normalize(str(each)) == key), None)


def _fresh(value: Any) -> Any:
    if isinstance(value, dict):
        made = CommentedMap((key, _fresh(each)) for key, each in value.items())
        if not made:
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        items = CommentedSeq(map(_fresh, value))
        if len(str(value)) <= _SHORT and not any(isinstance(each, dict | list) for each in value):
            items.fa.set_flow_style()
        return items
    if isinstance(value, str):
        if "\n" in value:
            return LiteralScalarString(value)
        # What YAML 1.1 or 1.2 takes for something else than text is quoted, for readers of both.
        return value if stays_text(value) else DoubleQuotedScalarString(value)
    return value


def _shared(tree: Any) -> set[int]:
    """The nodes that stand in more than one place: a change of one would change the others."""
    seen: set[int] = set()
    shared: set[int] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if not isinstance(node, CommentedMap | CommentedSeq):
            continue
        if node.anchor.value:
            # Kept even where nothing refers to it any more: it is its author's.
            node.anchor.always_dump = True
        if id(node) in seen or node.anchor.value:
            shared.add(id(node))
        if id(node) in seen:
            continue
        seen.add(id(node))
        pending.extend(node.values() if isinstance(node, CommentedMap) else node)
    return shared


def _editor(text: str) -> YAML:
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 1 << 20
    mapping, sequence = _MAPPING.search(text), _SEQUENCE.search(text)
    offset = len(sequence[2]) - len(sequence[1]) if sequence else 0
    editor.indent(mapping=len(mapping[1]) if mapping else 2, sequence=offset + 2, offset=max(offset, 0))
    return editor


def _written(editor: YAML, tree: Any) -> str:
    stream = io.StringIO()
    editor.dump(tree, stream)
    return stream.getvalue()


def _same(found: Any, wanted: dict[str, Any]) -> bool:
    """Whether a registry's text holds what it should, whatever the profiles' slugs are spelled like."""
    if not isinstance(found, dict):
        return False
    profiles = {slugs.normalize(slug): each for slug, each in (found.get("profiles") or {}).items()}
    slug = slugs.normalize(str(found.get("slug", "")))
    return {**found, "slug": slug, "profiles": profiles} == {**wanted, "profiles": wanted.get("profiles") or {}}
