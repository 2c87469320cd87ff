"""field, as people write it -> JSON Pointers among those a profile has.

A key may hold dots, so a dotted field is never split: it is compared with each pointer, written with dots.
"""

from __future__ import annotations

from .errors import UnknownField, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SETTINGS = "inference_settings"


def resolve(field: str, known: list[str], document: dict[str, Any], profile: str) -> str:
    """The one pointer that the field names, or that of the unit it lies in; else UnknownField."""
    found = [p for p in known if field in _spellings(p)] or [p for p in known if _is_unit_of(field, p, document)]
    if len(found) == 1:
        return found[0]
    if found:
        message, hint = f"{quoted(field)} names {len(found)} fields of profile `{profile}`", f"ask for {_listed(found)}"
    elif below(field, known):
        message = f"{quoted(field)} is a section of profile `{profile}`, not a field"
        hint = f"profile.explain_all({field!r}) explains every field below it"
    else:
        raise unknown(field, known, profile)
    raise UnknownField(message, hint, asked=field, profile=profile, nearest=found)


def below(section: str, known: list[str]) -> list[str]:
    """The pointers that a section or field covers."""
    separator = "/" if section.startswith("/") else "."
    return [p for p in known if any((s + separator).startswith(section + separator) for s in _spellings(p))]


def unknown(field: str, known: list[str], profile: str) -> UnknownField:
    # Compared with, and answered in, the spelling that was asked in.
    style = (0, 1) if SETTINGS in field else (-2, -1)
    spelled = [_spellings(p)[style[not field.startswith("/")]] for p in known]
    near = nearest(field, spelled)
    return UnknownField(
        f"no layer of profile `{profile}` sets {quoted(field)}",
        f"did you mean {_listed(near)}?" if near else "profile.explain_all() lists every field that is set",
        asked=field,
        profile=profile,
        nearest=near,
    )


def value_at(document: dict[str, Any], pointer: str) -> Any:
    """What the pointer leads to through mappings, or None."""
    value: Any = document
    for key in split(pointer):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def split(pointer: str) -> list[str]:
    """The keys along a JSON Pointer (RFC 6901)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _spellings(pointer: str) -> list[str]:
    """Pointer and dotted, each whole; and for a setting also from its section on."""
    keys = split(pointer)
    whole = [pointer, ".".join(keys)]
    if keys[0] != SETTINGS or len(keys) == 1:
        return whole
    return [*whole, pointer[len(SETTINGS) + 1 :], ".".join(keys[1:])]


def _is_unit_of(field: str, pointer: str, document: dict[str, Any]) -> bool:
    # Layers set `model_info.cost` and `$secret` objects as a whole: there `model_info.cost.input` comes from.
    value = value_at(document, pointer)
    if not isinstance(value, dict):
        return False
    separator = "/" if field.startswith("/") else "."
    return any(field == f"{spelling}{separator}{key}" for spelling in _spellings(pointer) for key in value)


def _listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)
