"""Tables -> one HTML page that holds them, its style and its script, and asks for nothing outside itself.

The policy in its head allows that style and that script, by their digests, and nothing else: no request, no frame, no
form, no other script, wherever it came from. What a source says is data to the script, which makes texts of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pkgutil import get_data
from typing import Any

import orjson

# In this order they are one module.
_SCRIPTS = ("dom.js", "tables.js", "list.js", "stack.js", "profile.js", "edits.js", "changes.js", "main.js")
# What could end the element that the data stands in, begin a comment, or end a line of a script.
_ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
# What tells a page of ours from any other.
SIGNATURE = b'<meta name="generator" content="profilec report">'


def page(tables: dict[str, Any]) -> str:
    """The whole page. The same tables are the same text."""
    style, script = _part("report.css"), "\n".join(map(_part, _SCRIPTS))
    parts = {
        "policy": _policy(style, script),
        "style": style,
        "tables": orjson.dumps(tables).decode().translate(_ESCAPED),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _part("page.html"))


def _policy(style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            # What makes markup of a text throws, should the script ever try.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _part(name: str) -> str:
    data = get_data("profilec.rendering.report", name)
    assert data is not None, "the package's loader gives access to its data"
    # A checkout may have changed the line breaks, and the digests are over what the browser reads.
    return data.decode().replace("\r\n", "\n")
