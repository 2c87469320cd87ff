"""Settings -> Endpoints: which host a profile's requests go to, and with which credential.

The compiler's own view of what the runtime does, for those who review it; tests hold the table to the runtime's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from profilec.credentials import MASK, has_user_part, is_reference
from profilec.encode import sha256
from profilec.fields import SETTINGS, token

_OPENAI = "https://api.openai.com/v1"
_ANTHROPIC = "https://api.anthropic.com"
_RESPONSES = (("open-responses", "openai-responses", "openai"), _OPENAI)

# By role and type: under which names credential and base URL are set, and where the provider is unless a layer says so.
PROVIDERS: Mapping[str, Mapping[str, tuple[tuple[str, ...], str]]] = {
    "chat": {
        "openai": (("openai",), _OPENAI),
        "openai-responses": _RESPONSES,
        "open-responses": _RESPONSES,
        "claude": (("claude", "anthropic"), _ANTHROPIC),
        "anthropic": (("anthropic", "claude"), _ANTHROPIC),
        "gemini": (("gemini",), "https://generativelanguage.googleapis.com"),
        "anyscale": (("anyscale",), ""),
        "deepseek": (("deepseek",), "https://api.deepseek.com"),
        "fireworks": (("fireworks",), "https://api.fireworks.ai/inference/v1"),
        "groq": (("groq",), "https://api.groq.com/openai/v1"),
        "mistral": (("mistral",), "https://api.mistral.ai/v1"),
        "openrouter": (("openrouter",), "https://openrouter.ai/api/v1"),
        "perplexity": (("perplexity",), "https://api.perplexity.ai"),
        "together": (("together",), "https://api.together.xyz/v1"),
        "xai": (("xai",), "https://api.x.ai/v1"),
        "ollama": (("ollama",), "http://localhost:11434/v1"),
        "llamacpp": (("llamacpp", "llama.cpp"), "http://localhost:8080/v1"),
        "llama.cpp": (("llama.cpp", "llamacpp"), "http://localhost:8080/v1"),
    },
    "embeddings": {"openai": (("openai",), _OPENAI), "ollama": (("ollama",), "http://localhost:11434")},
    "rerank": {"llamacpp": (("rerank", "llamacpp"), ""), "cohere": (("rerank", "cohere"), "https://api.cohere.com")},
}
# What this machine is called: what hosts files call it, as the runtime has it, and `127.1`, which reaches it too.
_HERE = re.compile(
    r"(?:[a-z0-9._-]+\.)?localhost|localhost\.localdomain|localhost[46]|localhost6\.localdomain6"
    r"|ip6-localhost|ip6-loopback|127(?:\.\d{1,3}){1,3}"
)
_HOST = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::\d*)?")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
# Of each role the section that names its model as `engine`, and the field of it that says who is asked.
MODELS = {"chat": ("chat", "api_type"), "embeddings": ("embeddings", "type"), "rerank": ("rerank", "type")}
_KEY_SECTIONS = {"chat": ("chat", "api"), "embeddings": ("embeddings", "api"), "rerank": ("api",)}
_URL_SECTIONS = {"chat": ("api",), "embeddings": ("embeddings", "api"), "rerank": ("api",)}


class Endpoint(NamedTuple):
    """Where requests of one role (chat, embeddings or rerank) go.

    `url` is the base URL without its user part, a reference such as `${env:NAME}` where a layer wrote one, or empty
    where nobody knows. `credential` is a reference ("env:NAME"), a mask where the build embeds it, or None; `key` tells
    it from all others, and is never shown. `url_at` and `credential_at` are the JSON Pointers of the fields that say
    so; empty where none does.
    """

    role: str
    model: str
    api_type: str
    url: str
    credential: str | None
    url_at: str
    credential_at: str
    key: str

    @property
    def address(self) -> str:
        """The URL in a spelling that is the same for the same place: scheme and host in lower case, no last slash."""
        return normalized(self.url)

    @property
    def is_in_the_clear(self) -> bool:
        """Whether requests go to another machine without encryption."""
        return self.address.startswith("http:") and not (is_here(self.host) and not oddity(self.url))

    @property
    def host(self) -> str:
        """Host and port as the URL has them, lower-case; for a reference the reference itself."""
        if self.url.startswith("${"):
            return self.url
        try:
            return urlsplit(self.url).netloc.rpartition("@")[2].lower()
        except ValueError:
            # No address at all, such as `http://[`: another text is another one.
            return self.url


def endpoints(settings: Mapping[str, Any]) -> list[Endpoint]:
    """The endpoints of a profile's effective settings, one for each role that has a model."""
    found = []
    for role, (section, name) in MODELS.items():
        own = settings.get(section) or {}
        if not own.get("engine"):
            continue
        kind = str(own.get(name) or ("openai" if role == "chat" else "")).strip().lower()
        names, base_url = PROVIDERS[role].get(kind, ((kind,), ""))
        url, url_at = _first(settings, _URL_SECTIONS[role], "base_urls", [f"{each}-base-url" for each in names])
        # A credential is looked for by name first, a base URL by section first.
        key: Any = None
        key_at = ""
        for each in names:
            key, key_at = _first(settings, _KEY_SECTIONS[role], "api_keys", [f"{each}-api-key"])
            if key_at:
                break
        address, user = _address(url) if url_at else (base_url, None)
        credential, at = (_shown(key), key_at) if key else (user, url_at if user else "")
        told_apart = _told_apart(key or (url if user else None))
        found.append(Endpoint(role, str(own["engine"]), kind, address, credential, url_at, at, told_apart))
    return found


@lru_cache(1000)
def names_beside(name: str) -> frozenset[str]:
    """All names under which credential and base URL of a provider may be set, by one of them."""
    found = {name}
    for table in PROVIDERS.values():
        for kind, (names, _) in table.items():
            if name == kind or name in names:
                found.update((kind, *names))
    return frozenset(found)


def allows(settings: Mapping[str, Any], what: str, kind: str) -> bool:
    """Whether a role of an api type may use "http" or "local-networks": the first of its names that says so decides."""
    flags = (settings.get("api") or {}).get(f"allow_{what.replace('-', '_')}") or {}
    names, _ = (
        PROVIDERS["chat"].get(kind)
        or PROVIDERS["embeddings"].get(kind)
        or PROVIDERS["rerank"].get(kind)
        or ((kind,), "")
    )
    for name in (*names, kind):
        for key in (name, f"{name}-allow-{what}"):
            if key in flags:
                return flags[key] is True
    return False


def normalized(url: str) -> str:
    """A base URL in a spelling that is the same for the same place; what is none is left as it is."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}" if parts.netloc else url.strip()


def is_here(host: str) -> bool:
    """Whether a host, with or without a port, is this machine."""
    parts = _HOST.fullmatch(host)
    name = (parts[1].strip("[]") if parts else host).removesuffix(".").lower()
    if _HERE.fullmatch(name):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    # With a zone it is one of many, and engines refuse it.
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback and "%" not in name


def oddity(url: str) -> str | None:
    """Why readers of URLs disagree about the host of one, or have none; the URL itself is not in it."""
    text = url.strip()
    if any(each < " " or each == "\x7f" for each in text):
        return "holds a control character"
    found = _AUTHORITY.match(text)
    host = found[1].rpartition("@")[2] if found else ""
    if found and "\\" in found[1]:
        return "has a `\\` before its path, where some end the host"
    if not host or host.startswith(":"):
        return "names no host"
    if not host.isascii():
        return "has a host with characters beyond ASCII"
    if any(each in " %" for each in host):
        return "has a host with a blank or a `%`"
    try:
        _ = urlsplit(text).port
    except ValueError:
        return "has a host or a port that cannot be read"
    return None


def own_hosts(names: Collection[str]) -> set[str]:
    """The hosts of the providers of some names, as far as they have any of their own."""
    urls = {url for table in PROVIDERS.values() for kind, (known, url) in table.items() if {kind, *known} & set(names)}
    return {host for url in urls if (host := urlsplit(url).hostname) and not is_here(host)}


def _first(settings: Mapping[str, Any], sections: tuple[str, ...], field: str, names: list[str]) -> tuple[Any, str]:
    for section in sections:
        table = (settings.get(section) or {}).get(field) or {}
        for name in names:
            if table.get(name) is not None and (table[name] or field == "api_keys"):
                return table[name], f"{SETTINGS}/{section}/{field}/{token(name)}"
    return None, ""


def _address(url: Any) -> tuple[str, str | None]:
    """A base URL without its user part, and what is shown of that: it authenticates as a credential does."""
    if is_reference(url):
        return f"${{{url['$secret']}}}", None
    text = str(url).strip()
    found = _AUTHORITY.match(text)
    if found and "\\" in found[1]:
        # As browsers read it: what looks like a user part may be the host.
        text = text[: found.end()].replace("\\", "/") + text[found.end() :]
    if has_user_part(text):
        scheme, _, rest = text.partition("//")
        return f"{scheme}//{rest.rpartition('@')[2]}", MASK
    return text, None


def _told_apart(key: Any) -> str:
    """What tells a credential from all others: a reference names it; what is embedded has a digest."""
    if is_reference(key):
        return key["$secret"]
    return sha256(str(key).encode()) if key else ""


def _shown(key: Any) -> str | None:
    return key["$secret"] if is_reference(key) else MASK if key else None
