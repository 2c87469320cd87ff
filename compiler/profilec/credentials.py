"""A credential field's text -> a reference to the credential, by the mode of the build."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeGuard

from profilec.diagnostics import Note, Report, Span

Mode = Literal["reference", "forbid", "embed"]
MODES: tuple[Mode, ...] = ("reference", "forbid", "embed")
SCHEMES = ("env", "file")
MASK = "********"

_REFERENCE = re.compile(r"\$\{(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^{}]*)\}")
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:/*"
# Up to the first slash; or a password with slashes in it, which is no port.
_USER_PART = re.compile(rf"{_SCHEME}(?:[^/?#]*@|[^/?#@:]+:(?!\d*(?:[/?#]|$))[^@]*@)")
_NOT_NAME = re.compile(r"[^A-Z0-9_]+")
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def has_user_part(text: str) -> bool:
    """Whether a URL carries a user name or password."""
    return _USER_PART.match(text.strip()) is not None


def is_credential_url(text: str) -> bool:
    """Whether a URL is a credential as a whole: by its user part, or because it is one reference.

    With `${` in it a scheme and a user part may be spelled in ways that only an `@` gives away.
    """
    return has_user_part(text) or ("${" in text and ("@" in text or _REFERENCE.fullmatch(text.strip()) is not None))


def is_reference(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and isinstance(value.get("$secret"), str)


def resolve(key: str, value: Any, mode: Mode, span: Span, report: Report) -> tuple[Any, Any]:
    """What a credential field compiles to, and what may be shown of it.

    A reference stays one in every mode. A literal is kept only by "embed"; otherwise the reference that the key
    implies takes its place. The literal itself never reaches the report.
    """
    if not isinstance(value, str) or not value:
        if is_reference(value):
            _check(value["$secret"], span, report)
        return value, value
    if "${" in value:
        reference = _parse(value, span, report)
        return reference, reference
    if mode == "embed":
        return value, MASK
    name = implied_name(key)
    _report_literal(key, name, mode, span, report)
    return ({"$secret": f"env:{name}"} if name else None), MASK


def implied_name(key: str) -> str:
    """The environment variable that a credential's key implies: `openai-api-key` is `OPENAI_API_KEY`.

    Empty where the key has nothing that a variable's name could consist of.
    """
    name = _NOT_NAME.sub("_", key.upper())
    if not name.strip("_"):
        return ""
    return f"_{name}" if name[:1].isdigit() else name


def references(value: Any) -> list[str]:
    """All references in a credential field's value, or in its entries."""
    if value.__class__ is not dict:
        return []
    if "$secret" in value:
        return [value["$secret"]]
    return [each["$secret"] for each in value.values() if each.__class__ is dict]


def _parse(text: str, span: Span, report: Report) -> dict[str, str]:
    whole = _REFERENCE.fullmatch(text.strip())
    if not whole:
        report.error(
            "unknown-reference",
            "a credential is one whole reference; this mixes `${…}` with other text",
            span,
            hint="write `${env:NAME}` or `${file:PATH}` and nothing around it",
        )
        return {"$secret": "env:UNKNOWN"}
    reference = f"{whole[1] or 'env'}:{whole[2]}"
    _check(reference, span, report)
    return {"$secret": reference}


def _check(reference: str, span: Span, report: Report) -> None:
    scheme, colon, rest = reference.partition(":")
    if scheme not in SCHEMES:
        # What has no colon may be the credential itself.
        is_name = bool(colon) and scheme.isalpha() and len(scheme) <= 16
        report.error(
            "unknown-reference",
            f"`{scheme}` is not a place that credentials are looked up in" if is_name else "this refers to no place",
            span,
            notes=[Note("references are `env:NAME` and `file:PATH`")],
            hint="write `${env:NAME}` or `${file:PATH}`",
        )
    elif not rest.strip() or (scheme == "env" and not _ENVIRONMENT.fullmatch(rest)):
        report.error(
            "unknown-reference",
            f"the reference has no {'name of a variable' if scheme == 'env' else 'path of a file'}",
            span,
            hint="a variable's name has letters, digits and `_`" if scheme == "env" else "write `${file:PATH}`",
        )


def _report_literal(key: str, variable: str, mode: Mode, span: Span, report: Report) -> None:
    message = f"`{key}` holds a credential itself, not a reference to it"
    hint = (
        f"write `${{env:{variable or 'NAME'}}}`, put the credential into that variable, "
        "and replace the one that was written here"
    )
    if mode == "forbid" or not variable:
        report.error("literal-credential", message, span, hint=hint)
    else:
        report.advise("literal-credential", f"{message}; the artifact refers to `env:{variable}`", span, hint=hint)
