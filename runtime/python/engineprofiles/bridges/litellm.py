"""profile -> the arguments of `litellm.completion`, over Chat Completions, Anthropic Messages and Gemini.

LiteLLM has its own rules for models that it knows. What they would refuse goes into the body as it is.
"""

from __future__ import annotations

from ..credentials import MASK
from ..wire.gemini import VERSION
from ..wire.models import is_openai_reasoning
from .target import QUERY, Target, library, split, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

_LACKING = {
    "client.proxy_url": "set HTTPS_PROXY where this runs",
    "client.proxy_from_environment": "unset HTTPS_PROXY and HTTP_PROXY where this runs",
    QUERY: "write the base URL without a query",
}
# LiteLLM would take a user's name as `user`, and leave out without a word what looks like an address or a number.
_USER = {"claude.user_id": "give `user` to `litellm.completion` yourself"}
PROTOCOLS = {"openai-chat": _LACKING, "anthropic": _LACKING | _USER, "gemini": _LACKING}
# The wire's name -> the argument. What is not here goes into the body as it is.
_SAMPLING = {name: name for name in ("temperature", "top_p")}
_ARGUMENTS = {
    "openai-chat": _SAMPLING
    | {
        name: name
        for name in (
            *("max_tokens", "max_completion_tokens", "stop", "seed", "n", "presence_penalty", "frequency_penalty"),
            *("logit_bias", "reasoning_effort", "response_format", "stream", "stream_options"),
        )
    },
    "anthropic": {
        **_SAMPLING,
        "max_tokens": "max_tokens",
        "stop_sequences": "stop",
        "top_k": "top_k",
        "thinking": "thinking",
        "stream": "stream",
        "output_config": "output_config",
    },
    "gemini": {
        "temperature": "temperature",
        "topP": "top_p",
        "maxOutputTokens": "max_tokens",
        "stopSequences": "stop",
        "seed": "seed",
    },
}
_PROVIDERS = {"openai-chat": "openai", "anthropic": "anthropic", "gemini": "gemini"}


class Arguments(dict[str, object]):
    """Keyword arguments. The credential among them is what `litellm` needs, and is not printed."""

    def __repr__(self) -> str:
        shown = {name: value for name, value in self.items() if name not in ("api_key", "extra_headers")}
        return repr({**shown, **dict.fromkeys(self.keys() - shown.keys(), MASK)})

    __str__ = __repr__


def to_litellm(
    profile: Profile,
    baseline: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    policy: str,
    stream: bool,
) -> dict[str, Any]:
    library("litellm", "litellm")
    asked = target(profile, "LiteLLM", PROTOCOLS, baseline, overrides, policy, stream)
    body = asked.body if asked.protocol != "gemini" else asked.body.get("generationConfig") or {}
    names = _ARGUMENTS[asked.protocol]
    if asked.protocol == "openai-chat" and is_openai_reasoning(asked.model):
        names = {wire: name for wire, name in names.items() if wire.startswith(("max", "reasoning", "stream"))}
    named, rest = split(body, names)
    rest.pop("model", None)
    arguments = Arguments(
        model=f"{_PROVIDERS[asked.protocol]}/{asked.model}",
        api_base=_base(asked),
        api_key=asked.key or "-",
        timeout=asked.timeout,
        **{names[name]: value for name, value in named.items()},
    )
    if asked.protocol == "gemini" and stream:
        arguments["stream"] = True
    if rest:
        arguments["extra_body"] = {"generationConfig": rest} if asked.protocol == "gemini" else rest
    organization = asked.settings.get("client.organization")
    if organization and asked.protocol == "openai-chat":
        arguments["organization"] = organization
    headers = {
        name: value for name, value in asked.headers.items() if name == "User-Agent" or value.startswith("Basic ")
    }
    if headers:
        arguments["extra_headers"] = headers
    return arguments


def _base(asked: Target) -> str:
    if asked.protocol == "gemini":
        version = asked.settings.get("gemini.api_version") or VERSION
        return f"{asked.root(version)}/{version}"
    return asked.root("v1") if asked.protocol == "anthropic" else asked.base_url
