"""profile -> Target: what a profile asks, ready for another library to ask it.

The body is the one that an engine sends, so a setting is mapped, or refused, in one place for all: the wire modules.
What a library cannot carry of it comes as `lacking`, and is refused in the same words.
"""

from __future__ import annotations

from importlib import import_module
from urllib.parse import parse_qsl

from ..credentials import Credential, text_of
from ..endpoint import endpoint
from ..errors import BadOption, quoted
from ..failures import UnsupportedParameter
from ..link import timeout_of
from ..proxy import FIELD as PROXY
from ..proxy import proxy_for
from ..settings import Settings, settings_of
from ..wire import compose
from ..wire.parameters import LABELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

# Fields that an engine sees to itself, so that no library does.
_UNCHECKED = {"chat.structured_output_require_valid": "check the reply yourself, or ask by `profile.engine()`"}
# Lacking, where the base URL has a query.
QUERY = "api.base_urls"
_METHODS = {"openai": "to_openai", "anthropic": "to_anthropic", "gemini": "to_genai"}


class SdkCall:
    """A configured official client, and the keyword arguments of a call: `client.….create(messages=…, **arguments)`.

    `protocol` says which call that is: openai-chat, openai-responses, anthropic, gemini. Keep it while the client is
    used: some clients close themselves with their last reference.
    """

    __slots__ = ("arguments", "client", "protocol")

    def __init__(self, client: Any, arguments: dict[str, Any], protocol: str) -> None:
        self.client = client
        self.arguments = arguments
        self.protocol = protocol

    def __repr__(self) -> str:
        return f"<SdkCall {self.protocol} {self.arguments.get('model')}>"


class Target:
    """What to ask: `body` is the wire's, without messages; `headers` reveal the credential; times are in seconds."""

    __slots__ = ("base_url", "body", "headers", "key", "model", "protocol", "query", "settings", "timeout")

    def __init__(self, settings: Settings, library: str, lacking: Mapping[str, str], stream: bool, policy: str) -> None:
        place = endpoint(settings, "chat")
        self.base_url, _, query = place.base_url.partition("?")
        lacking = {field: each for field, each in {**_UNCHECKED, **lacking}.items() if query or field != QUERY}
        headers, self.body = compose.without_messages(settings, place, stream, policy, library, lacking)
        self.settings = settings
        self.protocol = place.protocol
        self.model = place.model
        self.timeout = timeout_of(settings)
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.headers = {_title(name): _reveal(value) for name, value in {**headers, **place.headers}.items()}
        self.key = next((_bare(name, value) for name, value in place.headers.items()), None)
        agent = settings.get("client.user_agent")
        if agent:
            self.headers["User-Agent"] = agent

    def root(self, version: str) -> str:
        """The base URL without the version, which the library writes behind it."""
        base = self.base_url.rstrip("/")
        return base.removesuffix(f"/{version}")

    def connection(self) -> dict[str, Any]:
        """The arguments of an httpx client that reach the provider by the rules of an engine."""
        proxy: str | None = None
        if self.settings.get(PROXY):
            proxy_for(self.settings, self.base_url)  # Refuses what is no proxy's URL, in our words.
            proxy = text_of(self.settings.get(PROXY))
        trust = self.settings.get("client.proxy_from_environment") is not False
        # A redirect could carry the credential to another host.
        return {"proxy": proxy, "trust_env": trust, "follow_redirects": False}


def target(
    profile: Profile,
    library: str,
    protocols: Mapping[str, Mapping[str, str]],
    baseline: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    policy: str,
    stream: bool = False,
) -> Target:
    """What to ask by a library that speaks the protocols of {protocol: {field it cannot carry: remedy}}.

    Raises what `profile.engine()` and `engine.request()` raise.
    """
    settings = settings_of(profile, baseline, overrides)
    compose.check_policy(policy)
    place = endpoint(settings, "chat", look_up=False)
    if place.protocol not in protocols:
        raise _other_protocol(settings, library, place.protocol)
    return Target(settings, library, protocols[place.protocol], stream, policy)


def library(name: str, extra: str) -> Any:
    """The library, or BadOption that says how it is installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        root = (error.name or "").partition(".")[0]
        reason = "is not installed" if name.startswith(root) else f"needs `{root}`, which is not installed"
    except ImportError as error:
        reason = f"cannot be imported: {error}"
    raise BadOption(f"`{name}` {reason}", f'pip install "engine-profiles[{extra}]"', option=extra)


def split(body: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a body has an argument of its own, and the rest."""
    named = {name: value for name, value in body.items() if name in known}
    return named, {name: value for name, value in body.items() if name not in known}


def _other_protocol(settings: Settings, library: str, protocol: str) -> UnsupportedParameter:
    field, reason = "chat.api_type", f"{library} does not speak {LABELS[protocol]}"
    layer = settings.layer(field)
    kind = protocol.partition("-")[0]
    remedy = f"use `profile.{_METHODS[kind]}()`, or `profile.engine()`"
    return UnsupportedParameter(
        f"`{field}` of profile {quoted(settings.name)} (set by {layer or 'nobody'}): {reason}",
        remedy,
        profile=settings.name,
        field=field,
        layer=layer,
        refused=[{"field": field, "layer": layer, "reason": reason, "remedy": remedy}],
    )


def _title(name: str) -> str:
    # The SDKs' own spelling: they look for these names in dicts.
    return "-".join(part.capitalize() for part in name.split("-")) if name != "anthropic-version" else name


def _reveal(value: str | Credential) -> str:
    return value.reveal() if isinstance(value, Credential) else value


def _bare(name: str, value: str | Credential) -> str | None:
    revealed = _reveal(value)
    return None if revealed.startswith("Basic ") and name == "Authorization" else revealed.removeprefix("Bearer ")
