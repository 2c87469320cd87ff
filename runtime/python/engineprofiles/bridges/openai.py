"""profile -> the official client `openai`, and the arguments of `chat.completions.create` or `responses.create`."""

from __future__ import annotations

import inspect

from .target import SdkCall, Target, library, split, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

PROTOCOLS: dict[str, dict[str, str]] = {"openai-chat": {}, "openai-responses": {}}


def to_openai(
    profile: Profile,
    baseline: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    policy: str,
    stream: bool,
    asynchronous: bool,
) -> SdkCall:
    asked = target(profile, "the SDK of OpenAI", PROTOCOLS, baseline, overrides, policy, stream)
    made = client(asked, asynchronous)
    resource = made.chat.completions if asked.protocol == "openai-chat" else made.responses
    return SdkCall(made, arguments(resource.create, asked.body), asked.protocol)


def client(asked: Target, asynchronous: bool, extra: str = "openai") -> Any:
    """An OpenAI or AsyncOpenAI. What its environment says of addresses and credentials is without effect."""
    openai = library("openai", extra)
    kind, http = (
        (openai.AsyncOpenAI, openai.DefaultAsyncHttpxClient)
        if asynchronous
        else (openai.OpenAI, openai.DefaultHttpxClient)
    )
    made = kind(
        api_key=asked.key or "-",  # It wants one, also for a server that does not.
        base_url=asked.base_url,
        default_query=asked.query or None,
        default_headers=asked.headers,
        timeout=asked.timeout,
        http_client=http(**asked.connection()),
    )
    made.organization, made.project = asked.settings.get("client.organization"), None
    return made


def arguments(create: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as arguments of `create`: by name where it has one, else in `extra_body`."""
    named, rest = split(body, inspect.signature(create).parameters)
    return {**named, "extra_body": rest} if rest else named
