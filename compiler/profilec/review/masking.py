"""An artifact or one of its values -> what may be shown: a credential that a build embeds is masked, by its field."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

from profilec.credentials import MASK, has_user_part, is_reference
from profilec.fields import EXTENSIONS, Secret, secret_extensions, sections, steps, token
from profilec.suspicion import is_suspect, may_hold_credential


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
            name: hide(field.secret, value) if (field := tables.get(section, {}).get(name)) and field.secret else value
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


def shown(pointer: str, value: Any) -> Any:
    """The value of a leaf, by its JSON Pointer in the artifact; a reference to a credential may be shown.

    Where no schema says what a field holds, its names and its look do: rather too much is masked.
    """
    if is_reference(value) or value is None or isinstance(value, bool | Enum) or value in ("", [], {}):
        return value
    secret = _secret_at(pointer)
    if secret is True:
        return MASK
    if secret:
        return MASK if isinstance(value, str) and (has_user_part(value) or is_suspect(value)) else value
    part, *keys = steps(pointer)
    if part == "inference_settings" and "metadata" not in keys:
        return MASK if isinstance(value, str) and is_suspect(value) else value
    is_free = part in ("extensions", "inference_settings")
    return MASK if is_free and any(may_hold_credential(key, value) for key in keys) else value


def is_credential(pointer: str) -> bool:
    """Whether a leaf always is a credential, or a reference to one."""
    return _secret_at(pointer) is True


def _secret_at(pointer: str) -> Secret:
    return _secrets().get(pointer) or _secrets().get(pointer.rpartition("/")[0])


@cache
def _secrets() -> dict[str, Secret]:
    """What is secret by pointer: a field, or a field whose entries are."""
    known: dict[str, Secret] = {each.pointer: each.secret for table in sections().values() for each in table.values()}
    for extension, keys in secret_extensions().items():
        known.update({f"{EXTENSIONS}/{token(extension)}/{token(key)}": True for key in keys})
    return {pointer: secret for pointer, secret in known.items() if secret}
