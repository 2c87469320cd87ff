"""What of a `model_list` is which field: providers, parameters and facts of a model, read in both directions."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

EXTENSION = "litellm.deployment@v1"
EMBEDDING = "embedding"
_MILLION = Decimal(1_000_000)


class Provider(NamedTuple):
    """How a model's prefix is reached: `base_url` where it is not the API type's own, `variable` for its key."""

    api_type: str
    base_url: str | None
    variable: str | None

    @property
    def key(self) -> str:
        return f"{self._family}-api-key"

    @property
    def address(self) -> str:
        return f"{self._family}-base-url"

    @property
    def _family(self) -> str:
        return "openai" if self.api_type == "openai-responses" else self.api_type


def _openai(base_url: str | None, variable: str | None) -> Provider:
    return Provider("openai", base_url, variable)


# By the prefix of a model's name. Where two have one address the first is written on the way back.
PROVIDERS: dict[str, Provider] = {
    "openai": _openai(None, "OPENAI_API_KEY"),
    "anthropic": Provider("claude", None, "ANTHROPIC_API_KEY"),
    "gemini": Provider("gemini", None, "GEMINI_API_KEY"),
    "deepseek": _openai("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "fireworks_ai": Provider("fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"),
    "groq": _openai("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "mistral": _openai("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "ollama_chat": _openai("http://localhost:11434/v1", None),
    "ollama": _openai("http://localhost:11434/v1", None),
    "openrouter": _openai("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "perplexity": _openai("https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"),
    "together_ai": _openai("https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
    "xai": _openai("https://api.x.ai/v1", "XAI_API_KEY"),
    "hosted_vllm": _openai(None, None),
    "lm_studio": _openai(None, None),
    "openai_like": _openai(None, None),
}
# API types that are another's protocol under another name, with the prefix that reaches them.
PREFIXES: dict[str, str] = {
    "openai": "openai",
    "openai-responses": "openai/responses",
    "open-responses": "openai/responses",
    "claude": "anthropic",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "fireworks": "fireworks_ai",
    "anyscale": "openai",
    "mistral": "mistral",
    "perplexity": "perplexity",
    "groq": "groq",
    "openrouter": "openrouter",
    "ollama": "ollama_chat",
}
# A model of embeddings has its own settings, in which ollama is reached without `/v1`.
EMBEDDING_PROVIDERS = {
    **{name: each for name, each in PROVIDERS.items() if each.api_type == "openai" and "ollama" not in name},
    "ollama": Provider("ollama", "http://localhost:11434", None),
}
# Model names that need no prefix.
BARE = {
    "claude": "anthropic",
    **dict.fromkeys(("gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-"), "openai"),
}

# `litellm_params` -> field. Of two names for one field the first is written on the way back.
PARAMS: dict[str, tuple[str, str]] = {
    "temperature": ("chat", "temperature"),
    "top_p": ("chat", "top_p"),
    "max_tokens": ("chat", "max_response_tokens"),
    "max_completion_tokens": ("chat", "max_response_tokens"),
    "stop": ("chat", "stop"),
    "stream": ("chat", "stream"),
    "n": ("openai", "n"),
    "presence_penalty": ("openai", "presence_penalty"),
    "frequency_penalty": ("openai", "frequency_penalty"),
    "logit_bias": ("openai", "logit_bias"),
    "parallel_tool_calls": ("openai", "parallel_tool_calls"),
    "reasoning_effort": ("inference", "reasoning_effort"),
    "seed": ("inference", "seed"),
    "top_k": ("claude", "top_k"),
    "timeout": ("client", "timeout"),
    "request_timeout": ("client", "timeout"),
    "organization": ("client", "organization"),
    "dimensions": ("embeddings", "dimensions"),
}
# Parameters whose field is of one API type alone.
_OWN = {"top_k": ("claude", "anthropic")}
# `thinking: {type, budget_tokens}`.
THINKING = {"type": ("inference", "thinking_type"), "budget_tokens": ("inference", "thinking_budget")}
# `response_format: {type: json_schema, json_schema: {…}}`.
ANSWER = {
    "name": ("chat", "structured_output_name"),
    "description": ("chat", "structured_output_description"),
    "schema": ("chat", "structured_output_schema"),
    "strict": ("chat", "structured_output_strict"),
}
ANSWER_MODE = ("chat", "structured_output_mode")
# Where several fields are written as one parameter: the first that is set wins, as it does in an engine.
WRITTEN: dict[str, tuple[tuple[str, str], ...]] = {
    "temperature": (("inference", "temperature"), ("chat", "temperature")),
    "top_p": (("inference", "top_p"), ("chat", "top_p")),
    "max_tokens": (("inference", "max_response_tokens"), ("chat", "max_response_tokens")),
    "stop": (("inference", "stop"), ("chat", "stop")),
    "reasoning_effort": (
        ("inference", "reasoning_effort"),
        ("openai", "chat_reasoning_effort"),
        ("openai", "reasoning_effort"),
    ),
    "thinking.type": (("inference", "thinking_type"), ("openai", "thinking_type")),
    "thinking.budget_tokens": (("inference", "thinking_budget"), ("gemini", "thinking_budget")),
}
# Prices are per token there, in USD, and may stand in either half of a deployment; per million here.
COSTS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
}
# `model_info` -> field of ours.
LIMITS = {
    "max_input_tokens": "context_window",
    "max_output_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
}
MODALITIES = {
    "supports_vision": "image",
    "supports_audio_input": "audio",
    "supports_video_input": "video",
    "supports_pdf_input": "pdf",
}
METADATA = {"supports_function_calling": "tool_call", "supports_response_schema": "structured_output"}
REASONING = "supports_reasoning"


def implied_prefix(api_type: str, base_url: object, is_embedding: bool) -> str | None:
    """The prefix that a model is written with, by its API type and address; None where there is none."""
    providers = EMBEDDING_PROVIDERS if is_embedding else PROVIDERS
    if base_url:
        address = str(base_url).rstrip("/")
        for name, each in providers.items():
            if each.base_url == address and each.api_type == api_type:
                return name
    prefix = "ollama" if is_embedding and api_type == "ollama" else PREFIXES.get(api_type)
    return prefix.partition("/")[0] if prefix and is_embedding else prefix


def bare_prefix(model: str) -> str:
    """The provider of a model that is named without one; empty where the name does not tell."""
    return next((prefix for start, prefix in BARE.items() if model.startswith(start)), "")


def is_embedding(engine: str) -> bool:
    """Whether a model is known by its name to be one of embeddings."""
    return engine.startswith("text-embedding-")


def has_field(param: str, api_type: str) -> bool:
    """Whether a parameter is a field for a model of this API type."""
    return param in PARAMS and api_type in _OWN.get(param, (api_type,))


def per_million(price: float) -> float:
    """The price of a token as that of a million, by the digits that were written."""
    return _plain(Decimal(repr(price)) * _MILLION)


def per_token(price: float) -> float:
    return _plain(Decimal(repr(price)) / _MILLION)


def _plain(number: Decimal) -> float:
    return int(number) if number == number.to_integral_value() else float(number)
