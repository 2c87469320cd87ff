"""Artifact -> what may be shown of it: what is on a screen, or in a report, is soon in a log."""

from __future__ import annotations

from typing import Any

from profilec.credentials import MASK, has_user_part
from profilec.fields import secret_extensions, sections


def masked(document: dict[str, Any]) -> dict[str, Any]:
    """The document of an artifact with the credentials that a build embeds masked; references stay."""

    def hide(secret: object, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hide(secret, each) if key != "$secret" else each for key, each in value.items()}
        is_hidden = isinstance(value, str) and value and (secret is True or has_user_part(value))
        return MASK if is_hidden else value

    tables = sections()
    settings = {
        section: {
            name: hide(tables[section][name].secret, value) if tables[section][name].secret else value
            for name, value in content.items()
        }
        for section, content in document["inference_settings"].items()
    }
    known = secret_extensions()
    extensions = {
        key: {name: hide(True, each) if name in known[key] else each for name, each in payload.items()}
        if key in known and isinstance(payload, dict)
        else payload
        for key, payload in document["extensions"].items()
    }
    return {**document, "inference_settings": settings, "extensions": extensions}
