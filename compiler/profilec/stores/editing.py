"""A YAML text, what it holds and what it shall hold -> the text with those values changed, and nothing else.

A round-trip library changes the tree. Of what it writes only the lines that differ are taken over, so that layout which
it does not keep stays too.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from profilec import slugs
from profilec.diagnostics import Report
from profilec.encode import is_same
from profilec.syntax import yaml
from profilec.syntax.scalars import stays_text

_SEQUENCE = re.compile(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE)
_MAPPING = re.compile(r"^\S[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)\S", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)#(.*)")
_SHORT = 80


def edited(text: str, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """The text with `new` in it in the place of `old`; None where no such text can be made."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    editor = _editor(text)
    tree = editor.load(text)
    before = _written(editor, tree)
    _Change(_shared(tree)).mapping(tree, old, new)
    after = _written(editor, tree)
    changed = _joined(text, before, after)
    if changed is None:
        return None
    found = yaml.parse("", changed, report := Report())
    is_right = found is not None and not report.has_errors and _holds(found.value, new)
    return mark + changed if is_right else None


def _joined(text: str, before: str, after: str) -> str | None:
    """The lines that differ between `before` and `after`, changed in the text, which differs from `before` in layout.

    None where such a line cannot be told apart in the text, or where a comment would be lost.
    """
    newline = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"
    before, after = before.replace("\n", newline), after.replace("\n", newline)
    lines, old, new = (each.splitlines(keepends=True) for each in (text, before, after))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    place = _places(old, lines)
    joined: list[str] = []
    end = 0
    for tag, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        at, until = _span(place, first, last)
        if at is None or until is None or at < end:
            return None
        if _comments(lines[at:until]) - _comments(old[first:last]) - _comments(new[start:stop]):
            return None
        joined += [*lines[end:at], *new[start:stop]]
        end = until
    return "".join([*joined, *lines[end:]])


def _places(old: list[str], lines: list[str]) -> dict[int, int]:
    """Where each line that the library wrote stands in the text: the same there, or one of as many other ones.

    The ends of both stand for each other too.
    """
    place: dict[int, int] = {}
    for tag, first, last, start, stop in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and last - first == stop - start):
            place.update(zip(range(first, last), range(start, stop), strict=True))
    return place | {-1: -1, len(old): len(lines)}


def _span(place: dict[int, int], first: int, last: int) -> tuple[int | None, int | None]:
    """The lines of the text that stand for some of the library's. An insertion comes behind the line before it."""
    if first == last:
        at = place[first - 1] + 1 if first - 1 in place else place.get(first)
        return at, at
    found = [place.get(number) for number in range(first, last)]
    if found[0] is None or found != list(range(found[0], found[0] + len(found))):
        return None, None
    return found[0], found[0] + len(found)


def _comments(lines: list[str]) -> Counter[str]:
    return Counter(match[1].strip() for line in lines if (match := _COMMENT.search(line)))


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
            elif not is_same(old[key], value):
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


def _holds(found: Any, wanted: dict[str, Any]) -> bool:
    """Whether a registry's text holds what it should, whatever the profiles' slugs are spelled like."""
    if not isinstance(found, dict):
        return False
    profiles = {slugs.normalize(slug): each for slug, each in (found.get("profiles") or {}).items()}
    slug = slugs.normalize(str(found.get("slug", "")))
    return is_same({**found, "slug": slug, "profiles": profiles}, {**wanted, "profiles": wanted.get("profiles") or {}})
