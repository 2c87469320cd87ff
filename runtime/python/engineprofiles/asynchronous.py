"""Request -> what the provider sends back, over httpx: the same rules as `transport`, for async callers.

The one module that needs more than the standard library: httpx, of the extra `engine-profiles[async]`.
"""

from __future__ import annotations

import sys
from contextlib import aclosing, asynccontextmanager, suppress

from . import retry
from .credentials import forget
from .errors import BadOption, EngineProfilesError
from .transport import CUT, DRAIN_SECONDS, LARGEST_BODY, LARGEST_ERROR, NO_NAME, Response, Route
from .wire.request import Request

try:
    import anyio
    import anyio.lowlevel
    import httpx
except ImportError:
    raise BadOption(
        "async calls need httpx, which is not installed", 'pip install "engine-profiles[async]"', option="async"
    ) from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
    from typing import TypeVar

    from .answers import Incoming

    Answer = TypeVar("Answer")


MOST_KEPT = 20


class AsyncTransport:
    """The connections to one provider, for one event loop."""

    __slots__ = ("_client", "_route")

    def __init__(self, route: Route) -> None:
        self._route = route
        self._client = httpx.AsyncClient(
            verify=route.context or False,
            timeout=route.timeout,
            # How many ask at once is up to the caller: a call that queued here would spend its time limit on it.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=MOST_KEPT),
            proxy=_proxy(route),
            trust_env=False,
            follow_redirects=False,
        )

    async def send(self, request: Request, largest: int = LARGEST_BODY) -> Response:
        """The whole answer to the request, which is a success; anything else is one of our errors."""
        attempt = 0
        while True:
            attempt += 1
            outcome = await _unseen(self._send_once(request, largest))
            if not isinstance(outcome, EngineProfilesError):
                return outcome
            await self._wait(attempt, outcome)

    @asynccontextmanager
    async def stream(self, request: Request, incoming: Incoming) -> AsyncIterator[AsyncIterator[bytes]]:
        """The answer's bytes until `incoming` has it all. Leaving the context closes the connection."""
        attempt = 0
        while True:
            attempt += 1
            opened = await _unseen(self._open(request))
            if not isinstance(opened, EngineProfilesError):
                break
            await self._wait(attempt, opened)
        incoming.content_type = opened.headers.get("Content-Type", "")
        try:
            async with aclosing(self._chunks(opened, incoming)) as chunks:
                yield chunks
        finally:
            await opened.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _wait(self, attempt: int, failure: EngineProfilesError) -> None:
        seconds = retry.pause(attempt, failure)
        if seconds is None:
            raise failure
        retry.tell(self._route.peer.host, attempt, failure, seconds)
        await anyio.sleep(seconds)

    async def _chunks(self, response: httpx.Response, incoming: Incoming) -> AsyncGenerator[bytes, None]:
        received = 0
        pieces = response.aiter_raw()
        while True:
            reason = ""
            try:
                chunk = await anext(pieces, b"")
            except httpx.TimeoutException:
                reason = self._route.peer.stalled()
            except httpx.HTTPError:
                reason = CUT
            if reason:
                raise self._route.peer.broken(reason, received)
            if not chunk:
                return
            received += len(chunk)
            yield chunk
            if incoming.is_over:
                with anyio.move_on_after(DRAIN_SECONDS), suppress(httpx.HTTPError):
                    await anext(pieces, b"")  # Read to its end, the connection can be kept.
                return

    async def _send_once(self, request: Request, largest: int) -> Response | EngineProfilesError:
        opened = await self._open(request)
        if isinstance(opened, EngineProfilesError):
            return opened
        body = bytearray()
        try:
            with anyio.fail_after(self._route.timeout):
                async for chunk in opened.aiter_raw():
                    body += chunk
                    if len(body) > largest:
                        return self._route.peer.unreadable(f"it is over {largest} bytes long")
        except (httpx.TimeoutException, TimeoutError):
            return self._route.peer.timed_out("to send its answer")
        except httpx.HTTPError:
            return self._route.peer.broken(CUT, len(body))
        finally:
            await opened.aclose()
        return Response(opened.status_code, _headers(opened), bytes(body))

    async def _open(self, request: Request) -> httpx.Response | EngineProfilesError:
        """A successful answer that begins, or why there is none."""
        peer = self._route.peer
        response: httpx.Response | None = None
        body = b""
        try:
            with anyio.fail_after(self._route.timeout):
                response = await self._client.send(self._build(request), stream=True)
                if response.is_success:
                    return response
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > LARGEST_ERROR:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            if response is None:
                return self._failure(error)
        finally:
            if response is not None and not response.is_success:
                await response.aclose()
        # A status says enough where the rest of its answer does not come.
        return peer.refused(response.status_code, _headers(response), body)

    def _build(self, request: Request) -> httpx.Request:
        # As http.client encodes them.
        named = {**request.revealed_headers(), "Accept-Encoding": "identity"}
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in named.items()]
        return self._client.build_request("POST", request.url, content=request.content, headers=headers)

    def _failure(self, error: Exception) -> EngineProfilesError:
        """Our error where no answer has begun."""
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            return self._route.peer.timed_out("to answer")
        is_final = not isinstance(error, httpx.HTTPError) or isinstance(error, httpx.ProxyError)
        return self._route.peer.unreachable(_reason(error), is_final or "CERTIFICATE_VERIFY_FAILED" in str(error))


async def _unseen(call: Coroutine[object, object, Answer]) -> Answer:
    """What a call gives. A cancelled one leaves no credential in the traceback."""
    handled = sys.exc_info()[1]
    try:
        return await call
    except BaseException as error:
        forget(error, handled)
        raise


def _proxy(route: Route) -> httpx.Proxy | None:
    if route.proxy is None:
        return None
    credential = route.proxy.credential
    headers = {"Proxy-Authorization": credential.reveal()} if credential else {}
    return httpx.Proxy(f"http://{_authority(route.proxy.host)}:{route.proxy.port}", headers=headers)


def running_loop() -> object:
    """What tells event loops apart."""
    return anyio.lowlevel.current_token()


def _reason(error: Exception) -> str:
    """In words. The text of an error of httpx tells of hosts and protocols, not of what was sent."""
    if not isinstance(error, httpx.HTTPError):
        return NO_NAME
    if isinstance(error, httpx.ProxyError):
        return f"the proxy answered CONNECT with {str(error).partition(' ')[0] or 'nothing'}"
    return str(error) or type(error).__name__


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _authority(host: str) -> str:
    return f"[{host}]" if ":" in host else host
