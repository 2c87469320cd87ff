"""Google's generateContent, of the Gemini API."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from ..content import Image, Turn, split_system
from ..reply import Delta, Reply
from .models import gemini_version
from .parameters import Parameters
from .provider_error import raise_error
from .structured import structured
from .usage import usage

# Not the machine's own table: a request must not depend on where it is made.
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VERSION = "v1beta"
DYNAMIC = -1  # A thinking budget that leaves it to the model.
_BLOCKED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY")
_FINISHED = {"STOP": "stop", "MAX_TOKENS": "length", "UNEXPECTED_TOOL_CALL": "tool_calls"}


def version(p: Parameters) -> str:
    """The version in the path."""
    return quote(p.take("gemini.api_version") or VERSION, safe="")


def request(p: Parameters, turns: list[Turn], stream: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path below the version, the headers and the body."""
    system, rest = split_system(turns)
    output = structured(p)
    config: dict[str, Any] = {
        "temperature": p.take("inference.temperature", "chat.temperature"),
        "topP": p.take("inference.top_p", "chat.top_p"),
        "maxOutputTokens": p.take("inference.max_response_tokens", "chat.max_response_tokens"),
        "stopSequences": p.take("inference.stop", "chat.stop") or None,
        "seed": p.take("inference.seed"),
        "thinkingConfig": _thinking(p) or None,
        "responseMimeType": "application/json" if output else None,
        "responseJsonSchema": output.described_schema if output else None,
    }
    config = {name: value for name, value in config.items() if value is not None}
    body: dict[str, Any] = {
        "contents": [{"role": _role(turn), "parts": [_part(part) for part in turn.parts]} for turn in rest]
    }
    if system is not None:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if config:
        body["generationConfig"] = config
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"{_model(p.model)}:{method}", {}, body


def _thinking(p: Parameters) -> dict[str, Any]:
    """Models up to 2.5 have a budget, later ones a level; all of them may tell their thoughts."""
    by_level = gemini_version(p.model) >= (3, 0)
    by_budget = (0, 0) < gemini_version(p.model) < (3, 0)
    if by_budget:
        remedy = "set `inference.thinking_budget` or `gemini.thinking_budget`"
        levels = ("inference.reasoning_effort", "gemini.thinking_level")
        p.refuse(f"{p.model} thinks by a budget of tokens, not by levels", remedy, *levels)
    kind = p.take("inference.thinking_type")
    if by_level and kind == "disabled":
        remedy = "set `gemini.thinking_level: MINIMAL`"
        p.refuse(f"{p.model} cannot be kept from thinking", remedy, "inference.thinking_type")
    level = p.take("inference.reasoning_effort", "gemini.thinking_level")
    budget = p.take("inference.thinking_budget", "gemini.thinking_budget")
    if budget is None and level is None and p.take("inference.thinking_type"):
        budget = 0 if kind == "disabled" else DYNAMIC
    if budget == 0 and "-pro" in p.model and not by_level:
        fields = ("inference.thinking_budget", "gemini.thinking_budget", "inference.thinking_type")
        p.refuse(f"{p.model} cannot be kept from thinking", "set a budget of 128 tokens or more", *fields)
        budget = None
    if level is not None and budget is not None:
        fields = ("inference.thinking_budget", "gemini.thinking_budget", "inference.thinking_type")
        p.refuse("a level of thinking is set too, and the protocol takes one of them", "set only one", *fields)
        budget = None
    thoughts = p.take("gemini.include_thoughts")
    if thoughts is None and p.take("inference.reasoning_summary"):
        thoughts = True
    wanted = {"includeThoughts": thoughts, "thinkingBudget": budget, "thinkingLevel": level and level.upper()}
    return {name: value for name, value in wanted.items() if value is not None}


def reply(document: dict[str, Any]) -> Reply:
    raise_error(document.get("error"))
    text, thoughts, finish_reason = "", "", _blocked(document)
    candidates = document.get("candidates") or []
    if candidates:
        text, thoughts = _texts(candidates[0])
        finish_reason = _finish_reason(candidates[0].get("finishReason"))
    elif finish_reason is None:
        raise KeyError("candidates")
    return Reply(
        text,
        usage=_usage(document.get("usageMetadata")),
        finish_reason=finish_reason,
        raw=document,
        reasoning=thoughts or None,
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
        self.usage = _usage(document.get("usageMetadata")) or self.usage
        self.finish_reason = _blocked(document) or self.finish_reason
        for candidate in (document.get("candidates") or [])[:1]:
            text, thoughts = _texts(candidate)
            if thoughts:
                yield Delta("", reasoning=thoughts)
            if text:
                yield Delta(text)
            self.finish_reason = _finish_reason(candidate.get("finishReason")) or self.finish_reason


def _model(name: str) -> str:
    kind, slash, rest = name.partition("/")
    if slash and kind in ("models", "tunedModels"):
        return f"{kind}/{quote(rest, safe='')}"
    return f"models/{quote(name, safe='')}"


def _role(turn: Turn) -> str:
    return "model" if turn.role == "assistant" else turn.role


def _part(part: str | Image) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if part.url:
        extension = urlsplit(part.url).path.rpartition(".")[2].lower()
        media_type = part.media_type or MEDIA_TYPES.get(extension)
        return {"fileData": {"fileUri": part.url, **({"mimeType": media_type} if media_type else {})}}
    return {"inlineData": {"mimeType": part.media_type, "data": part.data}}


def _texts(candidate: dict[str, Any]) -> tuple[str, str]:
    parts = (candidate.get("content") or {}).get("parts") or []
    texts = [
        "".join(part.get("text", "") for part in parts if bool(part.get("thought")) is kind) for kind in (False, True)
    ]
    return texts[0], texts[1]


def _blocked(document: dict[str, Any]) -> str | None:
    return "content_filter" if (document.get("promptFeedback") or {}).get("blockReason") else None


def _finish_reason(word: Any) -> str | None:
    if not isinstance(word, str):
        return None
    return "content_filter" if word in _BLOCKED else _FINISHED.get(word, word.lower())


def _usage(counts: Any) -> dict[str, int] | None:
    """Here the thoughts are counted apart from the candidates."""
    if not isinstance(counts, dict) or not isinstance(counts.get("promptTokenCount"), int):
        return None
    thoughts = counts.get("thoughtsTokenCount") or 0
    return usage(
        counts["promptTokenCount"] + (counts.get("toolUsePromptTokenCount") or 0),
        (counts.get("candidatesTokenCount") or 0) + thoughts,
        cache_read=counts.get("cachedContentTokenCount"),
        reasoning=thoughts,
    )
