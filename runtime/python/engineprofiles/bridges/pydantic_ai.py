"""profile -> a model of Pydantic AI, on the official client that the other bridges configure, with its settings.

Pydantic AI leaves out parameters of models that it knows, without a word. Those go into the body as they are.
"""

from __future__ import annotations

from ..wire.models import is_openai_reasoning
from . import anthropic, genai, openai
from .target import Target, library, split, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

EXTRA = "pydantic-ai"
_USAGE = {"openai.stream-include-usage": "leave it out: the usage always comes"}
PROTOCOLS = openai.PROTOCOLS | anthropic.PROTOCOLS | genai.PROTOCOLS | {"openai-chat": _USAGE}
# The wire's name -> the setting. What is not here goes into the body as it is.
_SAMPLING = {name: name for name in ("temperature", "top_p")}
_SETTINGS = {
    "openai-chat": {
        **_SAMPLING,
        "max_completion_tokens": "max_tokens",
        "stop": "stop_sequences",
        "seed": "seed",
        "presence_penalty": "presence_penalty",
        "frequency_penalty": "frequency_penalty",
        "reasoning_effort": "openai_reasoning_effort",
    },
    "openai-responses": {**_SAMPLING, "max_output_tokens": "max_tokens"},
    "anthropic": {
        **_SAMPLING,
        "max_tokens": "max_tokens",
        "top_k": "top_k",
        "stop_sequences": "stop_sequences",
        "thinking": "anthropic_thinking",
        "metadata": "anthropic_metadata",
    },
    "gemini": {
        "temperature": "temperature",
        "topP": "top_p",
        "maxOutputTokens": "max_tokens",
        "stopSequences": "stop_sequences",
        "seed": "seed",
    },
}


def to_pydantic_ai(
    profile: Profile, baseline: Mapping[str, Any] | None, overrides: Mapping[str, Any] | None, policy: str
) -> Any:
    asked = target(profile, "Pydantic AI", PROTOCOLS, baseline, overrides, policy)
    if asked.protocol == "gemini":
        return _google(asked)
    names = _SETTINGS[asked.protocol]
    if asked.protocol.startswith("openai") and is_openai_reasoning(asked.model):
        names = {wire: name for wire, name in names.items() if wire.startswith(("max", "reasoning", "seed"))}
    settings, rest = _renamed(asked.body, names)
    if asked.settings.get("openai.include_reasoning_encrypted") is False and asked.protocol == "openai-responses":
        rest["include"] = []  # Unless it is told not to, Pydantic AI asks for it.
    _keep_agent(asked, settings)
    if rest:
        settings["extra_body"] = rest
    module, name, provider, argument, made = (
        ("anthropic", "AnthropicModel", "AnthropicProvider", "anthropic_client", anthropic.client)
        if asked.protocol == "anthropic"
        else ("openai", "OpenAIChatModel", "OpenAIProvider", "openai_client", openai.client)
    )
    if asked.protocol == "openai-responses":
        name = "OpenAIResponsesModel"
    kind = getattr(library(f"pydantic_ai.models.{module}", EXTRA), name)
    provide = getattr(library(f"pydantic_ai.providers.{module}", EXTRA), provider)
    return kind(asked.model, provider=provide(**{argument: made(asked, True, EXTRA)}), settings=settings)


def _google(asked: Target) -> Any:
    kind = library("pydantic_ai.models.google", EXTRA).GoogleModel
    provide = library("pydantic_ai.providers.google", EXTRA).GoogleProvider
    settings, rest = _renamed(asked.body.get("generationConfig") or {}, _SETTINGS["gemini"])
    thinking = genai.snake(rest.pop("thinkingConfig", {}))
    if thinking:
        settings["google_thinking_config"] = thinking
    _keep_agent(asked, settings)
    client = genai.client(asked, EXTRA, {"generationConfig": rest} if rest else None)
    return kind(asked.model, provider=provide(client=client), settings=settings)


def _keep_agent(asked: Target, settings: dict[str, Any]) -> None:
    agent = asked.settings.get("client.user_agent")
    if agent:
        settings["extra_headers"] = {"User-Agent": agent}  # Else its own wins over the client's.


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    named, rest = split(body, names)
    rest.pop("model", None)
    return {names[name]: value for name, value in named.items()}, rest
