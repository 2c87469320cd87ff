"""Settings + Endpoint -> Link: the transports of one role, made when they are first used."""

from __future__ import annotations

from contextlib import asynccontextmanager

from .endpoint import Endpoint
from .peer import Peer
from .proxy import proxy_for
from .settings import Settings
from .transport import LARGEST_BODY, Route, Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .asynchronous import AsyncTransport

DEFAULT_TIMEOUT = 60  # seconds, as the original's


class Link:
    """What leads to one endpoint: for whom errors speak, and the connections."""

    __slots__ = ("_shared", "_transport", "endpoint", "largest_response", "peer", "route")

    def __init__(self, settings: Settings, endpoint: Endpoint) -> None:
        timeout = timeout_of(settings)
        proxy = proxy_for(settings, endpoint.base_url)
        credentials = endpoint.credentials + ([proxy.credential] if proxy and proxy.credential else [])
        self.endpoint = endpoint
        self.peer = Peer(settings, endpoint, timeout, credentials)
        self.route = Route(endpoint.base_url, self.peer, proxy, timeout)
        self.largest_response: int = settings.get("rerank.max_response_bytes") or LARGEST_BODY
        self._transport: Transport | None = None
        self._shared: AsyncTransport | None = None

    @property
    def transport(self) -> Transport:
        if self._transport is None:
            self._transport = Transport(self.route)
        return self._transport

    @asynccontextmanager
    async def async_transport(self) -> AsyncIterator[AsyncTransport]:
        """The shared one, or one for this call alone: connections must not outlive the event loop they belong to."""
        if self._shared is not None:
            yield self._shared
            return
        from .asynchronous import AsyncTransport

        transport = AsyncTransport(self.route)
        try:
            yield transport
        finally:
            await transport.aclose()

    def share_async(self) -> None:
        from .asynchronous import AsyncTransport

        self._shared = AsyncTransport(self.route)

    async def aclose(self) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            await shared.aclose()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def timeout_of(settings: Settings) -> float | None:
    """Seconds, or None for no limit."""
    seconds = settings.get("client.timeout")
    return DEFAULT_TIMEOUT if seconds is None else seconds or None  # 0 is none at all.
