"""what an engine answers: a Reply at once, or Deltas one after the other."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Reply:
    """A whole answer.

    `usage` is {"input_tokens": n, "output_tokens": n, …} and `cost` is in USD, each None where unknown;
    `raw` is what the provider, or the function, returned.
    """

    __slots__ = ("cost", "finish_reason", "raw", "text", "usage")

    def __init__(
        self,
        text: str,
        usage: dict[str, int] | None = None,
        cost: float | None = None,
        finish_reason: str | None = "stop",
        raw: Any = None,
    ) -> None:
        self.text = text
        self.usage = usage
        self.cost = cost
        self.finish_reason = finish_reason
        self.raw = raw

    def __repr__(self) -> str:
        return f"Reply({self.text!r}, usage={self.usage!r}, cost={self.cost!r}, finish_reason={self.finish_reason!r})"


class Delta:
    """A piece of an answer, while it comes in."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Delta({self.text!r})"
