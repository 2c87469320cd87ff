"""Settings + Endpoint -> Link: what leads to one role's provider."""

from __future__ import annotations

from .endpoint import Endpoint
from .peer import Peer
from .proxy import proxy_for
from .settings import Settings
from .transport import LARGEST_BODY, Route, Transport

DEFAULT_TIMEOUT = 60  # seconds, as the original's


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
    """Seconds, or None for no limit."""
    seconds = settings.get("client.timeout")
    return DEFAULT_TIMEOUT if seconds is None else seconds or None  # 0 is none at all.
