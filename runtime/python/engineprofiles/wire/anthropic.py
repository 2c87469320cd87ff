"""Anthropic Messages, in the version of the protocol that still takes sampling parameters where the model does."""

from __future__ import annotations

from ..content import Image, Turn, split_system
from ..reply import Delta, Reply
from .models import is_adaptive_claude, takes_effort, takes_one_of_sampling
from .parameters import Parameters
from .provider_error import raise_error
from .structured import structured
from .usage import usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VERSION = "2023-06-01"
LEAST_BUDGET = 1024
# The protocol wants a limit. Claude 3, the smallest in use, takes no more than this.
DEFAULT_MAX_TOKENS = 4096
TEMPERATURE = ("inference.temperature", "chat.temperature")
TOP_P = ("inference.top_p", "chat.top_p")
MAX_TOKENS = ("inference.max_response_tokens", "chat.max_response_tokens")
_FINISHED = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
}


def request(p: Parameters, turns: list[Turn], stream: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path, the headers and the body."""
    system, rest = split_system(turns)
    max_tokens = p.take(*MAX_TOKENS) or p.settings.get("model_info.max_output_tokens") or DEFAULT_MAX_TOKENS
    _refuse_sampling(p)
    thinking = _thinking(p, max_tokens)
    if thinking and thinking["type"] != "disabled":
        _refuse_while_thinking(p)
    output = structured(p)
    config: dict[str, Any] = {}
    effort = _effort(p)
    if effort:
        config["effort"] = effort
    if output:
        config["format"] = {"type": "json_schema", "schema": output.described_schema}
    user = p.take("claude.user_id")
    body: dict[str, Any] = {
        "model": p.model,
        "max_tokens": max_tokens,
        "system": system,
        "messages": [{"role": turn.role, "content": _content(turn)} for turn in rest],
        "temperature": p.take(*TEMPERATURE),
        "top_p": p.take(*TOP_P),
        "top_k": p.take("claude.top_k"),
        "stop_sequences": p.take("inference.stop", "chat.stop") or None,
        "thinking": thinking,
        "output_config": config or None,
        "metadata": {"user_id": user} if user else None,
        "stream": True if stream else None,
    }
    return (
        "messages",
        {"anthropic-version": VERSION},
        {name: value for name, value in body.items() if value is not None},
    )


def _thinking(p: Parameters, max_tokens: int) -> dict[str, Any] | None:
    """The field `thinking`: by budget for models up to 4.6, as much as the model sees fit for later ones."""
    budget, kind = p.take("inference.thinking_budget"), p.take("inference.thinking_type")
    summary = {"display": "summarized"} if p.take("inference.reasoning_summary") else {}
    if kind == "disabled":
        return {"type": "disabled"}
    if budget == 0 and not kind:
        budget = None  # No thinking, which is what happens anyway.
    if is_adaptive_claude(p.model):
        remedy = "set `inference.thinking_type: enabled`, and `inference.reasoning_effort` for how much"
        if budget is not None:
            p.refuse(f"{p.model} decides itself how much it thinks", remedy, "inference.thinking_budget")
        return {"type": "adaptive", **summary} if kind else None
    if kind and budget is None:
        remedy = f"set `inference.thinking_budget` to {LEAST_BUDGET} or more"
        p.refuse(f"{p.model} thinks by a budget of tokens", remedy, "inference.thinking_type")
        return None
    if not budget:
        return None
    if budget < LEAST_BUDGET or budget >= max_tokens:
        remedy = f"set it to at least {LEAST_BUDGET} and below `max_response_tokens`, which is {max_tokens}"
        p.refuse(f"a budget of {budget} tokens is out of bounds", remedy, "inference.thinking_budget")
        return None
    return {"type": "enabled", "budget_tokens": budget}


def _effort(p: Parameters) -> Any:
    if not takes_effort(p.model):
        remedy = "set `inference.thinking_budget` instead"
        p.refuse(f"{p.model} has no levels of effort", remedy, "inference.reasoning_effort")
    return p.take("inference.reasoning_effort")


def _refuse_sampling(p: Parameters) -> None:
    """What the model never takes: all three from 4.7 on, and two of them together from 4.1 on."""
    remedy = "stack on a profile that does not set it"
    if is_adaptive_claude(p.model):
        p.refuse(f"{p.model} does not take it", remedy, *TEMPERATURE, *TOP_P, "claude.top_k")
    elif takes_one_of_sampling(p.model) and p.take(*TEMPERATURE) is not None:
        p.refuse(f"{p.model} takes either a temperature or this", remedy, *TOP_P)


def _refuse_while_thinking(p: Parameters) -> None:
    reason, remedy = "it is fixed while the model thinks", "turn thinking off, or do not set it"
    if p.take(*TEMPERATURE) != 1:
        p.refuse(reason, remedy, *TEMPERATURE)
    if not 0.95 <= (p.take(*TOP_P) or 1) <= 1:
        p.refuse(reason, remedy, *TOP_P)
    p.refuse(reason, remedy, "claude.top_k")


def reply(document: dict[str, Any]) -> Reply:
    raise_error(document.get("error"))
    texts = [block["text"] for block in document["content"] if block["type"] == "text"]
    thoughts = [block["thinking"] for block in document["content"] if block["type"] == "thinking"]
    return Reply(
        "".join(texts),
        usage=_usage(document.get("usage")),
        finish_reason=_finish_reason(document.get("stop_reason")),
        raw=document,
        reasoning="\n\n".join(thoughts) or None,
    )


class Stream:
    """The events of one stream -> Deltas. `finish_reason` is set once the answer is whole."""

    __slots__ = ("_counts", "finish_reason", "is_over", "usage")

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.is_over = False
        self.usage: dict[str, int] | None = None
        self._counts: dict[str, Any] = {}

    def deltas(self, event: str, document: dict[str, Any]) -> Iterator[Delta]:
        kind = document.get("type") or event
        if kind == "message_start":
            self._count(document["message"].get("usage"))
        elif kind == "content_block_start":
            block = document["content_block"]
            if block.get("text"):
                yield Delta(block["text"])
        elif kind == "content_block_delta":
            delta = document["delta"]
            if delta["type"] == "text_delta":
                yield Delta(delta["text"])
            elif delta["type"] == "thinking_delta":
                yield Delta("", reasoning=delta["thinking"])
        elif kind == "message_delta":
            # The stop reason comes before the end; the answer is whole only with message_stop.
            self._counts["stop_reason"] = document["delta"].get("stop_reason") or self._counts.get("stop_reason")
            self._count(document.get("usage"))
        elif kind == "message_stop":
            self.finish_reason = _finish_reason(self._counts.get("stop_reason")) or "stop"
            self.is_over = True
        elif kind == "error":
            raise_error(document.get("error") or "error")

    def _count(self, counts: Any) -> None:
        # The counts of message_delta are totals, and leave out what has not changed.
        self._counts |= {name: count for name, count in (counts or {}).items() if count is not None}
        self.usage = _usage(self._counts) or self.usage


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if turn.text is not None:
        return turn.text
    return [
        {"type": "image", "source": _source(part)} if isinstance(part, Image) else {"type": "text", "text": part}
        for part in turn.parts
    ]


def _source(image: Image) -> dict[str, Any]:
    if image.url:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": image.media_type, "data": image.data}


def _finish_reason(word: Any) -> str | None:
    return _FINISHED.get(word, word) if isinstance(word, str) else None


def _usage(counts: Any) -> dict[str, int] | None:
    """Here `input_tokens` counts what no cache was read for or written from: the whole is their sum."""
    if not isinstance(counts, dict) or not isinstance(counts.get("input_tokens"), int):
        return None
    read, write = counts.get("cache_read_input_tokens") or 0, counts.get("cache_creation_input_tokens") or 0
    return usage(counts["input_tokens"] + read + write, counts.get("output_tokens"), read, write)
