"""api type -> Provider: the protocol it speaks, under which names its credential and base URL are, and where it is."""

from __future__ import annotations

from .errors import nearest, quoted
from .failures import NoEngine, UnknownProvider
from .settings import Settings

_RESPONSES = ("open-responses", "openai-responses", "openai")
ROLES = {"chat": "chat.engine", "embeddings": "embeddings.engine", "rerank": "rerank.engine"}


class Provider:
    """How one provider is reached.

    `names` are the prefixes of `…-api-key` and `…-base-url`, the first that is set wins; `base_url` is where it is
    unless a layer says otherwise, or empty; `needs_key` is false for servers that usually ask for none.
    """

    __slots__ = ("base_url", "names", "needs_key", "protocol")

    def __init__(self, protocol: str, base_url: str = "", names: tuple[str, ...] = (), needs_key: bool = True) -> None:
        self.protocol = protocol
        self.base_url = base_url
        self.names = names
        self.needs_key = needs_key


CHAT = {
    "openai": Provider("openai-chat", "https://api.openai.com/v1"),
    "openai-responses": Provider("openai-responses", "https://api.openai.com/v1", _RESPONSES),
    "open-responses": Provider("openai-responses", "https://api.openai.com/v1", _RESPONSES),
    "claude": Provider("anthropic", "https://api.anthropic.com", ("claude", "anthropic")),
    "anthropic": Provider("anthropic", "https://api.anthropic.com", ("anthropic", "claude")),
    "gemini": Provider("gemini", "https://generativelanguage.googleapis.com"),
    "anyscale": Provider("openai-chat"),
    "deepseek": Provider("openai-chat", "https://api.deepseek.com"),
    "fireworks": Provider("openai-chat", "https://api.fireworks.ai/inference/v1"),
    "groq": Provider("openai-chat", "https://api.groq.com/openai/v1"),
    "mistral": Provider("openai-chat", "https://api.mistral.ai/v1"),
    "openrouter": Provider("openai-chat", "https://openrouter.ai/api/v1"),
    "perplexity": Provider("openai-chat", "https://api.perplexity.ai"),
    "together": Provider("openai-chat", "https://api.together.xyz/v1"),
    "xai": Provider("openai-chat", "https://api.x.ai/v1"),
    "ollama": Provider("openai-chat", "http://localhost:11434/v1", needs_key=False),
    "llamacpp": Provider("openai-chat", "http://localhost:8080/v1", ("llamacpp", "llama.cpp"), needs_key=False),
    "llama.cpp": Provider("openai-chat", "http://localhost:8080/v1", ("llama.cpp", "llamacpp"), needs_key=False),
}
EMBEDDINGS = {
    "openai": Provider("openai-embeddings", "https://api.openai.com/v1"),
    "ollama": Provider("ollama-embeddings", "http://localhost:11434", needs_key=False),
}
RERANK = {
    "llamacpp": Provider("llamacpp-rerank", "", ("rerank", "llamacpp"), needs_key=False),
    "cohere": Provider("cohere-rerank", "https://api.cohere.com", ("rerank", "cohere")),
}


def choose(settings: Settings, role: str) -> tuple[str, Provider]:
    """The api type and Provider for one role: chat, embeddings or rerank. Raises NoEngine, UnknownProvider."""
    if role == "chat":
        return _chat(settings)
    field, known = f"{role}.type", EMBEDDINGS if role == "embeddings" else RERANK
    kind = settings.get(field)
    if not kind or not settings.get(ROLES[role]):
        raise _no_engine(settings, ROLES[role] if kind else field, role)
    kind = kind.strip().lower()
    if kind not in known:
        raise _unknown(settings, field, kind, list(known), f"known are {', '.join(known)}")
    provider = known[kind]
    return kind, Provider(provider.protocol, provider.base_url, provider.names or (kind,), provider.needs_key)


def _no_engine(settings: Settings, field: str, role: str) -> NoEngine:
    return NoEngine(
        f"profile {quoted(settings.name)} sets no `{field}`, so there is nothing to ask for {role}",
        "stack a profile on it that names a model, or ask another profile: this one is a layer for others",
        profile=settings.name,
        field=field,
    )


def _chat(settings: Settings) -> tuple[str, Provider]:
    if not settings.get("chat.engine"):
        raise _no_engine(settings, "chat.engine", "chat")
    kind = (settings.get("chat.api_type") or "openai").strip().lower()
    provider = CHAT.get(kind) or Provider("openai-chat")
    names = provider.names or (kind,)
    if kind not in CHAT and not any((settings.get("api.base_urls") or {}).get(f"{name}-base-url") for name in names):
        remedy = f"set `api.base_urls.{kind}-base-url` if it is compatible with OpenAI Chat Completions"
        raise _unknown(settings, "chat.api_type", kind, list(CHAT), remedy)
    return kind, Provider(provider.protocol, provider.base_url, names, provider.needs_key)


def _unknown(settings: Settings, field: str, asked: str, known: list[str], remedy: str) -> UnknownProvider:
    near = nearest(asked, known)
    layer = settings.layer(field)
    meant = f"did you mean {quoted(near[0])}? Else " if near else ""
    return UnknownProvider(
        f"`{field}` of profile {quoted(settings.name)} is {quoted(asked)} (set by {layer or 'nobody'}), "
        "a provider that is not known here",
        meant + remedy,
        profile=settings.name,
        field=field,
        layer=layer,
        asked=asked,
        nearest=near,
    )
