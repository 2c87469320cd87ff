"""Tree -> findings about what no registry may hold: keys, numbers and texts that harm readers elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from profilec.diagnostics import Report, Span
from profilec.syntax.tree import Tree

# Only these escapes can bring forth a letter, an underscore or a surrogate.
_ESCAPE = re.compile(r"\\[uUx]")


def check_safety(tree: Tree, report: Report) -> bool:
    """Refuse numbers, keys and texts that harm readers in other languages, wherever they stand.

    False where a text is none: no other check could take it.
    """
    _check_numbers(tree, report)
    # What the text does not hold in plain sight can come only from an escape.
    if tree.text and "__proto__" not in tree.text and not ("\\" in tree.text and _ESCAPE.search(tree.text)):
        return True
    is_text = True
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
                if isinstance(text, str) and not is_unicode(text):
                    is_text = False
                    report.error(
                        "not-utf8",
                        "a lone surrogate is not a character",
                        span_of(value, key),
                        hint="write the character itself",
                    )
            pending.append(inner)
    return is_text


def _check_numbers(tree: Tree, report: Report) -> None:
    if not tree.refused:
        return
    # A slug is read by its source text, so no digit of it is lost.
    for container, key in _slugs(tree.value):
        mark = tree.mark(container, key)
        if mark and (mark.line, mark.column) in tree.refused:
            tree.refused.discard((mark.line, mark.column))
            container[key] = tree.scalar_text(container, key)
    for line, column in tree.refused:
        report.error(
            "unsafe-number",
            "a number that JSON readers change or refuse",
            Span(tree.name, line + 1, column + 1),
            hint="quote it if it is text; numbers are finite, and whole ones lie within ±(2^53 - 1)",
        )


def _slugs(registry: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Where slugs stand in a document that may be a registry."""
    if not isinstance(registry, dict):
        return
    profiles = registry.get("profiles")
    inner = [each for each in profiles.values() if isinstance(each, dict)] if isinstance(profiles, dict) else []
    entries = [entry for each in inner if isinstance(each.get("stack"), list) for entry in each["stack"]]
    containers = [registry, *inner, *(entry for entry in entries if isinstance(entry, dict))]
    for container in containers:
        yield from ((container, key) for key in ("slug", "profile_slug", "registry_slug") if key in container)


def is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
