"""OpenAI Chat Completions, and every server that is compatible with them."""

from __future__ import annotations

from ..content import Image, Turn
from ..reply import Delta, Reply
from .models import is_openai_reasoning
from .parameters import Parameters
from .provider_error import raise_error
from .structured import structured
from .usage import usage

NAN, INFINITY = float("nan"), float("inf")
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

OPENAI = "api.openai.com"
MISTRAL = "api.mistral.ai"
TEMPERATURE = ("inference.temperature", "ollama.temperature", "chat.temperature")
TOP_P = ("inference.top_p", "ollama.top-p", "chat.top_p")
MAX_TOKENS = ("inference.max_response_tokens", "ollama.num-predict", "chat.max_response_tokens")
STOP = ("inference.stop", "ollama.stop", "chat.stop")
SEED = ("inference.seed", "ollama.seed")
EFFORT = ("inference.reasoning_effort", "openai.chat_reasoning_effort", "openai.reasoning_effort")
THINKING = ("inference.thinking_type", "openai.thinking_type")
_FINISHED = {"function_call": "tool_calls", "model_length": "length", "end_turn": "stop", "eos": "stop"}


def request(p: Parameters, turns: list[Turn], stream: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path, the headers and the body."""
    is_mistral = p.host == MISTRAL or p.api_type == "mistral"
    refuse_sampling(p)
    if p.host == OPENAI:
        p.refuse("OpenAI's own models have no such switch", "use `inference.reasoning_effort`", *THINKING)
    output = structured(p)
    body: dict[str, Any] = {
        "model": p.model,
        "messages": [{"role": turn.role, "content": _content(turn)} for turn in turns],
        _max_tokens_name(p): p.take(*_of(p, MAX_TOKENS)),
        "temperature": p.take(*_of(p, TEMPERATURE)),
        "top_p": p.take(*_of(p, TOP_P)),
        "stop": p.take(*_of(p, STOP)) or None,
        "random_seed" if is_mistral else "seed": p.take(*_of(p, SEED)),
        "n": p.take("openai.n"),
        "presence_penalty": p.take("openai.presence_penalty"),
        "frequency_penalty": p.take("openai.frequency_penalty"),
        "logit_bias": _logit_bias(p),
        "reasoning_effort": p.take(*EFFORT),
        "thinking": {"type": p.take(*THINKING)} if p.take(*THINKING) else None,
    }
    if output:
        described = {"description": output.description} if output.description else {}
        schema = {"name": output.name, **described, "schema": output.schema, "strict": output.strict}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if stream:
        body["stream"] = True
        # Mistral sends the usage unasked, and refuses parameters that it does not know.
        wanted = p.take("openai.stream-include-usage")
        if wanted is not False and not (is_mistral and wanted is None):
            body["stream_options"] = {"include_usage": True}
    return "chat/completions", {}, {name: value for name, value in body.items() if value is not None}


def refuse_sampling(p: Parameters) -> None:
    """What OpenAI's reasoning models do not take. Others that reason do, and say so if not."""
    if not is_openai_reasoning(p.model) and not (p.host == OPENAI and p.settings.get("model_info.reasoning")):
        return
    if p.settings.get("model_info.reasoning") is False or p.take(*EFFORT) == "none":
        return
    remedy = "stack on a profile that does not set it; if the model does take it, say `model_info.reasoning: false`"
    for fields in (TEMPERATURE, TOP_P):
        if p.take(*_of(p, fields)) != 1:
            p.refuse(f"the reasoning model {p.model} does not take it", remedy, *_of(p, fields))
    for field, neutral in (("presence_penalty", 0), ("frequency_penalty", 0), ("logit_bias", {})):
        if p.take(f"openai.{field}") != neutral:
            p.refuse(f"the reasoning model {p.model} does not take it", remedy, f"openai.{field}")
    if p.take(*_of(p, STOP)):
        p.refuse(f"the reasoning model {p.model} does not take it", remedy, *_of(p, STOP))


def reply(document: dict[str, Any]) -> Reply:
    raise_error(document.get("error"))
    choice = document["choices"][0]
    message = choice["message"]
    text, thought = _texts(message.get("content"))
    finish_reason = _finish_reason(choice.get("finish_reason"))
    if not text and message.get("refusal"):
        text, finish_reason = str(message["refusal"]), "refusal"
    return Reply(
        text,
        usage=_usage(document.get("usage")),
        finish_reason=finish_reason,
        raw=document,
        reasoning=_reasoning(message) or thought or None,
    )


class Stream:
    """The chunks of one stream -> Deltas. `finish_reason` is set once the answer is whole."""

    __slots__ = ("finish_reason", "is_over", "usage")

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.is_over = False
        self.usage: dict[str, int] | None = None

    def deltas(self, event: str, document: dict[str, Any]) -> Iterator[Delta]:
        raise_error(document.get("error"))
        self.usage = _usage(document.get("usage")) or self.usage
        for choice in document.get("choices") or ():
            if choice.get("index", 0) != 0:
                continue  # Of several choices the first is the answer, as in a Reply.
            delta = choice.get("delta") or {}
            text, thought = _texts(delta.get("content"))
            refusal = delta.get("refusal")
            yield from _pieces(text or str(refusal or ""), _reasoning(delta) or thought)
            if choice.get("finish_reason"):
                self.finish_reason = _finish_reason(choice["finish_reason"])


def _of(p: Parameters, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Without the fields of Ollama, where another server is asked."""
    return fields if p.api_type == "ollama" else tuple(field for field in fields if not field.startswith("ollama."))


def _max_tokens_name(p: Parameters) -> str:
    # OpenAI's reasoning models refuse the old name, compatible servers mostly do not know the new one.
    return "max_completion_tokens" if p.host == OPENAI or is_openai_reasoning(p.model) else "max_tokens"


def _logit_bias(p: Parameters) -> dict[str, float] | None:
    biases = p.take("openai.logit_bias")
    if not biases:
        return None
    try:
        numbers = {
            token: int(text) if text.strip().lstrip("+-").isdigit() else float(text) for token, text in biases.items()
        }
    except ValueError:
        numbers = {"": NAN}
    # JSON has neither NaN nor infinities.
    if all(-INFINITY < each < INFINITY for each in numbers.values()):
        return numbers
    p.refuse("it holds a text that is no number", "write numbers, as in {50256: '-100'}", "openai.logit_bias")
    return None


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if turn.text is not None:
        return turn.text
    return [
        {"type": "image_url", "image_url": {"url": part.as_url}}
        if isinstance(part, Image)
        else {"type": "text", "text": part}
        for part in turn.parts
    ]


def _texts(content: Any) -> tuple[str, str]:
    """Text and thoughts. Mistral's reasoning models answer in parts, others in one text."""
    if not isinstance(content, list):
        return content or "", ""
    thoughts = [part for each in content if each.get("type") == "thinking" for part in each["thinking"]]
    return _joined(content), _joined(thoughts)


def _joined(parts: list[dict[str, Any]]) -> str:
    return "".join(part["text"] for part in parts if part.get("type") == "text")


def _reasoning(message: dict[str, Any]) -> str:
    return message.get("reasoning_content") or message.get("reasoning") or ""


def _pieces(text: str, reasoning: str) -> Iterator[Delta]:
    if reasoning:
        yield Delta("", reasoning=reasoning)
    if text:
        yield Delta(text)


def _finish_reason(word: Any) -> str | None:
    return _FINISHED.get(word, word) if isinstance(word, str) else None


def _usage(counts: Any) -> dict[str, int] | None:
    if not isinstance(counts, dict):
        return None
    prompt = counts.get("prompt_tokens_details") or {}
    completion = counts.get("completion_tokens_details") or {}
    return usage(
        counts.get("prompt_tokens"),
        counts.get("completion_tokens"),
        cache_read=prompt.get("cached_tokens") or counts.get("prompt_cache_hit_tokens"),
        cache_write=prompt.get("cache_write_tokens"),
        reasoning=completion.get("reasoning_tokens"),
    )
