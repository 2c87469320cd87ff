"""Settings + Endpoint -> Link: what leads to one role's provider."""

from __future__ import annotations

from .endpoint import Endpoint
from .errors import BadOption, quoted
from .peer import Peer
from .proxy import proxy_for
from .settings import Settings
from .transport import LARGEST_BODY, Route, Transport

DEFAULT_TIMEOUT = 60  # seconds, as the original's
LONGEST_TIMEOUT = 1_000_000_000  # More is an overflow where a socket waits.


class Link:
    """What leads to one endpoint: for whom errors speak, and the connections."""

    __slots__ = ("_transport", "endpoint", "largest_response", "peer", "route")

    def __init__(self, settings: Settings, endpoint: Endpoint) -> None:
        timeout = timeout_of(settings)
        proxy = proxy_for(settings, endpoint.base_url)
        credentials = endpoint.credentials + ([proxy.credential] if proxy and proxy.credential else [])
        self.endpoint = endpoint
        self.peer = Peer(settings, endpoint, timeout, credentials)
        self.route = Route(endpoint.base_url, self.peer, proxy, timeout)
        self.largest_response: int = settings.get("rerank.max_response_bytes") or LARGEST_BODY
        self._transport: Transport | None = None

    @property
    def transport(self) -> Transport:
        if self._transport is None:
            self._transport = Transport(self.route)
        return self._transport

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def timeout_of(settings: Settings) -> float | None:
    """Seconds, or None for no limit. Raises BadOption where nothing can wait for so long."""
    seconds: float | None = settings.get("client.timeout")
    if seconds is None:
        return DEFAULT_TIMEOUT
    if not 0 <= seconds < LONGEST_TIMEOUT:
        layer = settings.layer("client.timeout")
        raise BadOption(
            f"`client.timeout` of profile {quoted(settings.name)} (set by {layer}) is not a number of seconds "
            f"from 0 to {LONGEST_TIMEOUT}",
            "0 is no limit",
            option="client.timeout",
            profile=settings.name,
            layer=layer,
        )
    return seconds or None  # 0 is none at all.
