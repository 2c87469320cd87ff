"""what an engine answers: a Reply at once, or Deltas one after the other."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Reply:
    """A whole answer.

    `usage` is {"input_tokens": n, "output_tokens": n, …}, without what the provider does not tell, and `cost` is
    in USD, each None where unknown.
    `finish_reason` is stop, length, content_filter, refusal, tool_calls, or the provider's own word.
    `reasoning` is what the model thought, where a provider tells it; `raw` is what the provider, or the function,
    returned.
    """

    __slots__ = ("cost", "finish_reason", "raw", "reasoning", "text", "usage")

    def __init__(
        self,
        text: str,
        usage: dict[str, int] | None = None,
        cost: float | None = None,
        finish_reason: str | None = "stop",
        raw: Any = None,
        reasoning: str | None = None,
    ) -> None:
        self.text = text
        self.usage = usage
        self.cost = cost
        self.finish_reason = finish_reason
        self.raw = raw
        self.reasoning = reasoning

    def __repr__(self) -> str:
        return f"Reply({self.text!r}, usage={self.usage!r}, cost={self.cost!r}, finish_reason={self.finish_reason!r})"


class Delta:
    """A piece of an answer, while it comes in: more `text`, or more `reasoning`.

    The last one of a provider's answer has `finish_reason`, `usage` and `cost`, as in a Reply, and no text.
    """

    __slots__ = ("cost", "finish_reason", "reasoning", "text", "usage")

    def __init__(
        self,
        text: str,
        reasoning: str | None = None,
        usage: dict[str, int] | None = None,
        cost: float | None = None,
        finish_reason: str | None = None,
    ) -> None:
        self.text = text
        self.reasoning = reasoning
        self.usage = usage
        self.cost = cost
        self.finish_reason = finish_reason

    def __repr__(self) -> str:
        named = {name: getattr(self, name) for name in ("reasoning", "usage", "cost", "finish_reason")}
        rest = "".join(f", {name}={value!r}" for name, value in named.items() if value is not None)
        return f"Delta({self.text!r}{rest})"


class Embeddings:
    """One vector for each text, in their order; `usage` and `cost` as in a Reply."""

    __slots__ = ("cost", "usage", "vectors")

    def __init__(
        self, vectors: list[list[float]], usage: dict[str, int] | None = None, cost: float | None = None
    ) -> None:
        self.vectors = vectors
        self.usage = usage
        self.cost = cost

    def __repr__(self) -> str:
        return f"<Embeddings of {len(self.vectors)} texts>"


class Ranked:
    """How relevant the document at `index` is: the higher the `score`, the more."""

    __slots__ = ("index", "score")

    def __init__(self, index: int, score: float) -> None:
        self.index = index
        self.score = score

    def __repr__(self) -> str:
        return f"Ranked(index={self.index}, score={self.score})"
