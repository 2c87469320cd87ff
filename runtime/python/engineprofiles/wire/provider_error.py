"""an error that a provider tells of within an answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ProviderError(Exception):
    """The provider's message, and its word for the kind of error."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


def raise_error(error: Any) -> None:
    """Raise what the field `error` of an answer tells, if it tells something."""
    if error:
        kind = ""
        if isinstance(error, dict):
            kind = str(error.get("type") or error.get("status") or error.get("code") or "")
            error = error.get("message") or kind
        raise ProviderError(str(error), kind)
