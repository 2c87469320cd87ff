"""text or messages, as callers give them -> a list of {"role", "content"}."""

from __future__ import annotations

from .errors import BadOption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Messages = str | Sequence[Mapping[str, Any]]


def normalise(messages: Messages) -> list[dict[str, Any]]:
    """A text becomes one user message; messages are copied one level deep. Else BadOption."""
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if not isinstance(messages, (list, tuple)):
        raise _refusal(f"`messages` is {type(messages).__name__}", messages)
    for position, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str) or "content" not in message:
            raise _refusal(f"`messages[{position}]` has no `role` and `content`", messages)
    return [dict(message) for message in messages]


def _refusal(message: str, given: object) -> BadOption:
    return BadOption(message, 'give a text, or a list of {"role": …, "content": …}', option="messages", given=given)
