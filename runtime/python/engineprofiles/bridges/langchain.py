"""profile -> a chat model of LangChain, on the official client that the other bridges configure.

Some releases leave out parameters of models that they know, without a word. Those go into the body as they are.
"""

from __future__ import annotations

from functools import cached_property

from ..errors import BadOption
from ..wire.models import gemini_version, is_openai_reasoning
from . import anthropic, genai, openai
from .target import Target, library, split, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

EXTRA = "langchain"
PROTOCOLS = openai.PROTOCOLS | anthropic.PROTOCOLS | genai.PROTOCOLS
# The wire's name -> the argument of the class. What is not here goes into the body as it is.
_CHAT = {"max_completion_tokens": "max_tokens"} | {
    name: name
    for name in (
        "temperature",
        "top_p",
        "stop",
        "seed",
        "n",
        "presence_penalty",
        "frequency_penalty",
        "reasoning_effort",
    )
}
_RESPONSES = {"max_output_tokens": "max_tokens"} | {
    name: name for name in ("temperature", "top_p", "reasoning", "include")
}
_MESSAGES = {
    name: name
    for name in ("max_tokens", "temperature", "top_k", "top_p", "stop_sequences", "thinking", "output_config")
}
_GENERATE = {
    "temperature": "temperature",
    "topP": "top_p",
    "maxOutputTokens": "max_output_tokens",
    "stopSequences": "stop",
    "seed": "seed",
}


def to_langchain(
    profile: Profile, baseline: Mapping[str, Any] | None, overrides: Mapping[str, Any] | None, policy: str
) -> Any:
    # As a stream, for what it says of the usage.
    asked = target(profile, "LangChain", PROTOCOLS, baseline, overrides, policy, stream=True)
    asked.body.pop("stream", None)
    made = {"anthropic": _anthropic, "gemini": _google}.get(asked.protocol, _openai)
    return made(asked)


def _openai(asked: Target) -> Any:
    chat = library("langchain_openai", EXTRA).ChatOpenAI
    is_chat = asked.protocol == "openai-chat"
    usage = asked.body.pop("stream_options", {}).get("include_usage", False)
    arguments, rest = _renamed(asked.body, _CHAT if is_chat else _RESPONSES)
    if is_openai_reasoning(asked.model):
        rest.update({name: arguments.pop(name) for name in ("temperature", "top_p") if name in arguments})
    sync, asynchronous = openai.client(asked, False, EXTRA), openai.client(asked, True, EXTRA)
    return chat(
        **arguments,
        model=asked.model,
        extra_body=rest or None,
        use_responses_api=not is_chat,
        stream_usage=usage,
        timeout=asked.timeout,
        base_url=asked.base_url,
        api_key=asked.key or "-",
        root_client=sync,
        client=sync.chat.completions,
        root_async_client=asynchronous,
        async_client=asynchronous.chat.completions,
    )


def _anthropic(asked: Target) -> Any:
    chat = library("langchain_anthropic", EXTRA).ChatAnthropic
    arguments, rest = _renamed(asked.body, _MESSAGES)
    made = chat(
        **arguments,
        model=asked.model,
        # `metadata` among them, which for LangChain is another thing.
        model_kwargs={"extra_body": rest} if rest else {},
        timeout=asked.timeout,
        base_url=asked.root("v1"),
        api_key=asked.key or "-",
    )
    for name, asynchronous in (("_client", False), ("_async_client", True)):
        if not isinstance(getattr(chat, name, None), cached_property):
            raise BadOption(
                "this release of langchain-anthropic takes no client", "pip install langchain-anthropic==1.7.7"
            )
        made.__dict__[name] = anthropic.client(asked, asynchronous, EXTRA)
    return made


def _google(asked: Target) -> Any:
    chat = library("langchain_google_genai", EXTRA).ChatGoogleGenerativeAI
    names = dict(_GENERATE)
    if gemini_version(asked.model) >= (3, 5):
        del names["temperature"], names["topP"]  # Of some of these it leaves them out.
    arguments, rest = _renamed(asked.body.get("generationConfig") or {}, names)
    made = chat(
        # Unset, it would be 0.7.
        **{"temperature": None, **arguments},
        model=asked.model,
        thinking_config=genai.snake(rest.pop("thinkingConfig", {})) or None,
        timeout=asked.timeout,
        api_key=asked.key or "-",
        vertexai=False,
    )
    made.client = genai.client(asked, EXTRA, {"generationConfig": rest} if rest else None)
    return made


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    named, rest = split(body, names)
    rest.pop("model", None)
    return {names[name]: value for name, value in named.items()}, rest
