"""event loop -> the async transports that its calls share, for as long as one of them is under way."""

from __future__ import annotations

from contextlib import asynccontextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .asynchronous import AsyncTransport
    from .transport import Route


class Loops:
    """The async transports of one engine. Loops of several threads may use it, each with its own transports."""

    __slots__ = ("_by_loop",)

    def __init__(self) -> None:
        self._by_loop: dict[object, _Loop] = {}

    def enter(self) -> None:
        """Keep the connections of the running loop until as many have left as entered."""
        from .asynchronous import running_loop

        self._by_loop.setdefault(running_loop(), _Loop()).users += 1

    async def leave(self) -> None:
        from .asynchronous import running_loop

        loop = running_loop()
        left = self._by_loop[loop]
        left.users -= 1
        if left.users == 0:
            del self._by_loop[loop]
            for transport in left.transports.values():
                await transport.aclose()

    @asynccontextmanager
    async def transport(self, route: Route) -> AsyncIterator[AsyncTransport]:
        """The running loop's transport for a route: connections must not outlive the loop they belong to."""
        from .asynchronous import AsyncTransport, running_loop

        self.enter()
        try:
            transports = self._by_loop[running_loop()].transports
            if route not in transports:
                transports[route] = AsyncTransport(route)
            yield transports[route]
        finally:
            await self.leave()


class _Loop:
    __slots__ = ("transports", "users")

    def __init__(self) -> None:
        self.transports: dict[Route, AsyncTransport] = {}
        self.users = 0
