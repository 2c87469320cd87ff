"""Credentials that stand in a document -> references, each distinct one under a name of its own."""

from __future__ import annotations

import re
from typing import Any

from profilec import credentials
from profilec.diagnostics import Span
from profilec.migration.remarks import Remarks
from profilec.suspicion import is_suspect

_REFERRED = re.compile(r"(?:os\.environ/|\$\{(?:env:)?)([A-Za-z_][A-Za-z0-9_]*)")


class Secrets:
    """Names for the credentials of one document. What they are is compared here, and told to no one."""

    def __init__(self, text: str, is_kept: bool, remarks: Remarks) -> None:
        self._is_kept, self._remarks = is_kept, remarks
        self._names: dict[str, str] = {}
        # What the document refers to already is another credential, for all one knows.
        self._taken = set(_REFERRED.findall(text))

    def resolve(self, key: str, value: Any, owner: str, span: Span, plain: str | None) -> Any:
        """The value of the credential field `key` of a profile: a reference in the place of a literal.

        The first literal gets the name `plain`, another one the owner's name before the key's: two accounts must not
        become one. None where the credential is sent to another address than the provider's own: the machine may
        well have a variable of the provider's usual name, and would send that there.
        """
        if not isinstance(value, str) or not value.strip() or "${" in value or self._is_kept:
            return value
        name = self._names.get(value)
        if name is None:
            name = self._names[value] = self._free(key, owner, plain)
            self._taken.add(name)
        self._remarks.credential(
            f"`{key}` held a credential itself; it is the reference `${{env:{name}}}` now",
            span,
            f"put the credential into the variable {name}",
        )
        return f"${{env:{name}}}"

    def _free(self, key: str, owner: str, plain: str | None) -> str:
        longer = credentials.implied_name(f"{owner}_{key}")
        numbered = (f"{longer}_{number}" for number in range(2, len(self._taken) + 3))
        return next(each for each in (plain, longer, *numbered) if each and each not in self._taken)


def needs_reference(secret: object, value: Any) -> bool:
    """Whether a field's value is a credential: by the schema always, or for an address that may hold one."""
    return secret is True or (secret == "userinfo" and isinstance(value, str) and is_suspect(value))
