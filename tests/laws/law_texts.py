"""A registry as plain data -> its text in YAML and in JSON."""

from __future__ import annotations

import json
import re
from typing import Any

# What may not stand in a source as itself stands as an escape, which YAML and JSON write the same way.
_ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


def as_json(value: Any) -> str:
    return _escaped(json.dumps(value, ensure_ascii=False, indent=1))


def as_yaml(value: Any, indent: str = "") -> str:
    """Block style, with quoted texts."""
    if isinstance(value, dict) and value:
        lines = (f"{indent}{_scalar(key)}:{_nested(each, indent)}" for key, each in value.items())
        return "".join(lines)
    if isinstance(value, list) and value:
        return "".join(f"{indent}-{_nested(each, indent)}" for each in value)
    return f"{indent}{_scalar(value)}\n"


def _nested(value: Any, indent: str) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + as_yaml(value, indent + "  ")
    return f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    return _escaped(json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
