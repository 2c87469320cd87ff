"""profile -> the official client `anthropic`, and the arguments of `messages.create`.

The client speaks the version of the protocol that the engine speaks; a later one takes no sampling parameters.
"""

from __future__ import annotations

from .openai import arguments
from .target import SdkCall, Target, library, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

PROTOCOLS: dict[str, dict[str, str]] = {"anthropic": {}}


def to_anthropic(
    profile: Profile,
    baseline: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    policy: str,
    stream: bool,
    asynchronous: bool,
) -> SdkCall:
    asked = target(profile, "the SDK of Anthropic", PROTOCOLS, baseline, overrides, policy, stream)
    made = client(asked, asynchronous)
    return SdkCall(made, arguments(made.messages.create, asked.body), asked.protocol)


def client(asked: Target, asynchronous: bool, extra: str = "anthropic") -> Any:
    """An Anthropic or AsyncAnthropic. What its environment says of addresses and credentials is without effect."""
    anthropic = library("anthropic", extra)
    kind, http = (
        (anthropic.AsyncAnthropic, anthropic.DefaultAsyncHttpxClient)
        if asynchronous
        else (anthropic.Anthropic, anthropic.DefaultHttpxClient)
    )
    connection = asked.connection()
    if connection["proxy"] or not connection["trust_env"]:
        http = http.__base__  # The SDK's own lets the environment's proxies win over both.
    omit = anthropic.Omit()
    return kind(
        api_key=asked.key or "-",
        base_url=asked.root("v1"),
        default_query=asked.query or None,
        # Releases differ in which of the two headers they send.
        default_headers={"Authorization": omit, "X-Api-Key": omit, **asked.headers},
        timeout=asked.timeout,
        http_client=http(**connection),
    )
