"""profile -> the official client `google.genai`, and the arguments of `models.generate_content`.

The version in the path is the engine's; the SDK's own default has changed between its releases.
"""

from __future__ import annotations

import re

from ..wire.gemini import VERSION
from .target import QUERY, SdkCall, Target, library, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..profile import Profile

PROTOCOLS = {"gemini": {QUERY: "write the base URL without a query"}}


def to_genai(
    profile: Profile,
    baseline: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    policy: str,
) -> SdkCall:
    asked = target(profile, "the SDK of Google", PROTOCOLS, baseline, overrides, policy)
    config = snake(asked.body.get("generationConfig") or {})
    return SdkCall(client(asked), {"model": asked.model, "config": config}, asked.protocol)


def client(asked: Target, extra: str = "genai", body: Mapping[str, Any] | None = None) -> Any:
    """A Client for sync and async calls; it adds `body` to what it sends. Its environment is without effect."""
    genai = library("google.genai", extra)
    version = asked.settings.get("gemini.api_version") or VERSION
    connection = asked.connection()
    options = {
        "base_url": asked.root(version),
        "api_version": version,
        # The SDK looks for `user-agent`, and for no other spelling.
        "headers": {name.lower(): value for name, value in asked.headers.items()},
        "timeout": None if asked.timeout is None else round(asked.timeout * 1000),
        "client_args": connection,
        "async_client_args": connection,
        "extra_body": dict(body) if body else None,
    }
    return genai.Client(api_key=asked.key or "-", vertexai=False, http_options=genai.types.HttpOptions(**options))


def snake(config: Mapping[str, Any]) -> dict[str, Any]:
    """The names of the SDK's GenerateContentConfig. What a JSON Schema names itself stays."""
    return {
        re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): snake(value)
        if name == "thinkingConfig"
        else value
        for name, value in config.items()
    }
