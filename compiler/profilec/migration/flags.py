"""The command line's flags, which older profiles are made of -> the settings' fields, derived from their schema.

A flag is its section's prefix and the field's name with hyphens: `ai-max-response-tokens` of `ai-chat` is
`chat.max_response_tokens`. Keys and addresses of providers stood in every section, and are `api`'s now.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from profilec.fields import sections

# Older section -> the section it is now, and the prefixes its flags were written with.
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ai-chat": ("chat", ("ai-", "")),
    "openai-chat": ("openai", ("openai-", "")),
    "ai-client": ("client", ("", "ai-client-", "client-")),
    "claude-chat": ("claude", ("claude-", "")),
    "gemini-chat": ("gemini", ("gemini-", "")),
    "ollama-chat": ("ollama", ("", "ollama-")),
    "ollama-model": ("ollama", ("", "ollama-")),
    "embeddings": ("embeddings", ("embeddings-",)),
    "rerank": ("rerank", ("rerank-",)),
    "ai-inference": ("inference", ("inference-", "")),
}
# Endings of flags that are entries of a map, and that map. A switch is found by its provider alone.
ENTRIES = {
    "-api-key": "api_keys",
    "-base-url": "base_urls",
    "-allow-http": "allow_http",
    "-allow-local-networks": "allow_local_networks",
}


class Target(NamedTuple):
    """Where a flag's value goes: a field, or the entry `key` of one."""

    section: str
    field: str
    key: str | None = None

    def __str__(self) -> str:
        return ".".join(each for each in self if each is not None)


def target(section: str, flag: str) -> Target | None:
    """The field that a flag of an older section sets, or None where there is none."""
    new, _ = SECTIONS[section]
    name = flag.strip().lower().replace("_", "-")
    if field := flags(section).get(name):
        return Target(new, field)
    for ending, field in ENTRIES.items():
        if name.endswith(ending) and name != ending:
            home = new if field in sections()[new] and new != "chat" else "api"
            key = name if field in ("api_keys", "base_urls") else name.removesuffix(ending)
            return Target(home, field, key)
    return None


def documented(section: str) -> list[str]:
    """The flags of an older section, as the command line spelled them."""
    new, (prefix, *_) = SECTIONS[section]
    return [prefix + name.replace("_", "-") for name in sections()[new]]


@cache
def flags(section: str) -> dict[str, str]:
    """Field by flag, of an older section; the first prefix is the one that was documented."""
    new, prefixes = SECTIONS[section]
    return {
        prefix + name.replace("_", "-"): field.name for prefix in prefixes for name, field in sections()[new].items()
    }
