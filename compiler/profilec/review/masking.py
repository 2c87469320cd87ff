"""A value of an artifact -> what may be shown of it: a credential that a build embeds is masked, by its field."""

from __future__ import annotations

from functools import cache
from typing import Any

from profilec.credentials import MASK, has_user_part
from profilec.fields import EXTENSIONS, Secret, secret_extensions, sections, token


def shown(pointer: str, value: Any) -> Any:
    """The value of a leaf, by its JSON Pointer in the artifact; a reference to a credential may be shown."""
    secret = _secret_at(pointer)
    if not secret or not isinstance(value, str) or not value:
        return value
    return MASK if secret is True or has_user_part(value) else value


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
