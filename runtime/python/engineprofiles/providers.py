"""api type -> Provider: the protocol it speaks, under which names its credential and base URL are, and where it is."""

from __future__ import annotations

from .errors import nearest, quoted
from .failures import NoEngine, UnknownProvider
from .settings import Settings

ROLES = {"chat": "chat.engine", "embeddings": "embeddings.engine", "rerank": "rerank.engine"}


class Provider:
    """How one provider is reached.

    `names` are the prefixes of `…-api-key` and `…-base-url`, the first that is set wins; `base_url` is where it is
    unless a layer says otherwise, or empty; `variables` are where its own SDK looks for the credential, none for
    servers that usually ask for none.
    """

    __slots__ = ("base_url", "names", "protocol", "variables")

    def __init__(
        self, protocol: str, base_url: str, names: tuple[str, ...], variables: tuple[str, ...] | None = None
    ) -> None:
        self.protocol = protocol
        self.base_url = base_url
        self.names = names
        self.variables = (f"{names[0].upper()}_API_KEY",) if variables is None else variables

    @property
    def needs_key(self) -> bool:
        return bool(self.variables)


def _compatible(base_url: str, *names: str, needs_key: bool = True) -> Provider:
    return Provider("openai-chat", base_url, names, None if needs_key else ())


_OPENAI = "https://api.openai.com/v1"
_ANTHROPIC = "https://api.anthropic.com"
_RESPONSES = Provider(
    "openai-responses", _OPENAI, ("open-responses", "openai-responses", "openai"), ("OPENAI_API_KEY",)
)
CHAT = {
    "openai": _compatible(_OPENAI, "openai"),
    "openai-responses": _RESPONSES,
    "open-responses": _RESPONSES,
    "claude": Provider("anthropic", _ANTHROPIC, ("claude", "anthropic"), ("ANTHROPIC_API_KEY",)),
    "anthropic": Provider("anthropic", _ANTHROPIC, ("anthropic", "claude")),
    "gemini": Provider(
        "gemini", "https://generativelanguage.googleapis.com", ("gemini",), ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    ),
    "anyscale": _compatible("", "anyscale"),
    "deepseek": _compatible("https://api.deepseek.com", "deepseek"),
    "fireworks": _compatible("https://api.fireworks.ai/inference/v1", "fireworks"),
    "groq": _compatible("https://api.groq.com/openai/v1", "groq"),
    "mistral": _compatible("https://api.mistral.ai/v1", "mistral"),
    "openrouter": _compatible("https://openrouter.ai/api/v1", "openrouter"),
    "perplexity": _compatible("https://api.perplexity.ai", "perplexity"),
    "together": _compatible("https://api.together.xyz/v1", "together"),
    "xai": _compatible("https://api.x.ai/v1", "xai"),
    "ollama": _compatible("http://localhost:11434/v1", "ollama", needs_key=False),
    "llamacpp": _compatible("http://localhost:8080/v1", "llamacpp", "llama.cpp", needs_key=False),
    "llama.cpp": _compatible("http://localhost:8080/v1", "llama.cpp", "llamacpp", needs_key=False),
}
EMBEDDINGS = {
    "openai": Provider("openai-embeddings", _OPENAI, ("openai",)),
    "ollama": Provider("ollama-embeddings", "http://localhost:11434", ("ollama",), ()),
}
RERANK = {
    "llamacpp": Provider("llamacpp-rerank", "", ("rerank", "llamacpp"), ()),
    "cohere": Provider(
        "cohere-rerank", "https://api.cohere.com", ("rerank", "cohere"), ("CO_API_KEY", "COHERE_API_KEY")
    ),
}
KNOWN = {"chat": CHAT, "embeddings": EMBEDDINGS, "rerank": RERANK}


def choose(settings: Settings, role: str) -> tuple[str, Provider]:
    """The api type and Provider for one role: chat, embeddings or rerank. Raises NoEngine, UnknownProvider."""
    if role == "chat":
        return _chat(settings)
    field, known = f"{role}.type", KNOWN[role]
    kind = settings.get(field)
    if not kind or not settings.get(ROLES[role]):
        raise _no_engine(settings, ROLES[role] if kind else field, role)
    kind = kind.strip().lower()
    if kind not in known:
        raise _unknown(settings, field, kind, list(known), f"known are {', '.join(known)}")
    return kind, known[kind]


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
    provider = CHAT.get(kind)
    if provider is not None:
        return kind, provider
    if not (settings.get("api.base_urls") or {}).get(f"{kind}-base-url"):
        remedy = f"set `api.base_urls.{kind}-base-url` if it is compatible with OpenAI Chat Completions"
        raise _unknown(settings, "chat.api_type", kind, list(CHAT), remedy)
    return kind, _compatible("", kind)


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
