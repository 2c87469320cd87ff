"""OpenAI Responses, and the servers of Open Responses."""

from __future__ import annotations

from ..content import Image, Turn
from ..reply import Delta, Reply
from .openai_chat import refuse_sampling
from .parameters import Parameters
from .provider_error import ProviderError, raise_error
from .structured import structured
from .usage import usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_INCOMPLETE = {"max_output_tokens": "length"}


def request(p: Parameters, turns: list[Turn], stream: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path, the headers and the body."""
    refuse_sampling(p)
    begin = next(position for position, turn in enumerate(turns) if turn.role != "system")
    output = structured(p)
    body: dict[str, Any] = {
        "model": p.model,
        "instructions": "\n\n".join(turn.text or "" for turn in turns[:begin]) or None,
        # OpenAI implies the type; servers of Open Responses want it.
        "input": [{"type": "message", "role": turn.role, "content": _content(turn)} for turn in turns[begin:]],
        "max_output_tokens": p.take("inference.max_response_tokens", "chat.max_response_tokens"),
        "temperature": p.take("inference.temperature", "chat.temperature"),
        "top_p": p.take("inference.top_p", "chat.top_p"),
        "parallel_tool_calls": p.take("openai.parallel_tool_calls"),
        "reasoning": _reasoning_wanted(p),
    }
    if p.take("openai.include_reasoning_encrypted"):
        body["include"] = ["reasoning.encrypted_content"]
    if output:
        described = {"description": output.description} if output.description else {}
        schema = {"name": output.name, **described, "schema": output.schema, "strict": output.strict}
        body["text"] = {"format": {"type": "json_schema", **schema}}
    if stream:
        body["stream"] = True
    return "responses", {}, {name: value for name, value in body.items() if value is not None}


def _reasoning_wanted(p: Parameters) -> dict[str, str] | None:
    wanted = {
        "effort": p.take("inference.reasoning_effort", "openai.reasoning_effort", "openai.chat_reasoning_effort"),
        "summary": p.take("inference.reasoning_summary", "openai.reasoning_summary"),
    }
    return {name: value for name, value in wanted.items() if value} or None


def reply(document: dict[str, Any]) -> Reply:
    raise_error(document.get("error"))
    finish_reason = _finish_reason(document)
    texts: list[str] = []
    thoughts: list[str] = []
    for item in document["output"]:
        if item["type"] == "message":
            for part in item["content"]:
                if part["type"] == "refusal":
                    finish_reason = "refusal"
                texts.append(part.get("text") or part.get("refusal") or "")
        elif item["type"] == "reasoning":
            thoughts += [part["text"] for part in (item.get("summary") or []) + (item.get("content") or [])]
        elif item["type"].endswith("_call"):
            finish_reason = "tool_calls"
    return Reply(
        "".join(texts),
        usage=_usage(document.get("usage")),
        finish_reason=finish_reason,
        raw=document,
        reasoning="\n\n".join(thoughts) or None,
    )


class Stream:
    """The events of one stream -> Deltas. `finish_reason` is set once the answer is whole."""

    __slots__ = ("_refused", "finish_reason", "is_over", "usage")

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.is_over = False
        self.usage: dict[str, int] | None = None
        self._refused = False

    def deltas(self, event: str, document: dict[str, Any]) -> Iterator[Delta]:
        kind = document.get("type") or event
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            self._refused = self._refused or kind == "response.refusal.delta"
            yield Delta(document["delta"])
        elif kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
            yield Delta("", reasoning=document["delta"])
        elif kind in ("response.completed", "response.incomplete"):
            response = document["response"]
            self.usage = _usage(response.get("usage"))
            self.finish_reason = "refusal" if self._refused else _finish_reason(response)
            self.is_over = True
        elif kind == "response.failed":
            raise_error(document["response"].get("error") or "the response failed")
        elif kind == "error":
            error = document.get("error") or document
            raise ProviderError(str(error.get("message")), str(error.get("code") or error.get("type") or ""))


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if turn.text is not None:
        return turn.text
    return [
        {"type": "input_image", "image_url": part.as_url}
        if isinstance(part, Image)
        else {"type": "input_text", "text": part}
        for part in turn.parts
    ]


def _finish_reason(response: dict[str, Any]) -> str:
    if response.get("status", "completed") == "completed":
        return "stop"
    reason = (response.get("incomplete_details") or {}).get("reason") or response["status"]
    return _INCOMPLETE.get(reason, str(reason))


def _usage(counts: Any) -> dict[str, int] | None:
    if not isinstance(counts, dict):
        return None
    return usage(
        counts.get("input_tokens"),
        counts.get("output_tokens"),
        cache_read=(counts.get("input_tokens_details") or {}).get("cached_tokens"),
        reasoning=(counts.get("output_tokens_details") or {}).get("reasoning_tokens"),
    )
