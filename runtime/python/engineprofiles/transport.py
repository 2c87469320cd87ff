"""Request -> what the provider sends back, over http.client: retried, timed, through a proxy, on kept connections."""

from __future__ import annotations

import http.client
import ssl
import sys
from contextlib import suppress
from time import sleep
from urllib.parse import urlsplit

from . import retry
from .connection import Connection, Pool, ProxyRefused
from .credentials import Credential, forget
from .errors import EngineProfilesError
from .peer import Peer
from .proxy import Proxy
from .wire.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeVar

    from .answers import Incoming

    Answer = TypeVar("Answer")

LARGEST_BODY = 256 << 20
LARGEST_ERROR = 1 << 20
CHUNK = 1 << 16
# What may still come after the end of an answer, before its connection is given up rather than kept.
DRAIN_SECONDS = 0.2


class Response:
    """A whole answer: `headers` has lower-case names."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Route:
    """Where one engine's requests go: for whom errors speak, through which proxy, under which time limit."""

    __slots__ = ("_context", "peer", "proxy", "timeout", "url")

    def __init__(self, url: str, peer: Peer, proxy: Proxy | None, timeout: float | None) -> None:
        self.url = url
        self.peer = peer
        self.proxy = proxy
        self.timeout = timeout
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext | None:
        """What TLS is checked by, the machine's own certificates; None for plain HTTP."""
        # Reading the certificates takes longer than a call, so once is enough.
        if self._context is None and urlsplit(self.url).scheme == "https":
            self._context = ssl.create_default_context()
        return self._context


class Transport:
    """The connections to one provider. Threads may share it."""

    __slots__ = ("_pool", "_route")

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool = Pool()

    def send(self, request: Request, largest: int = LARGEST_BODY) -> Response:
        """The whole answer to the request, which is a success; anything else is one of our errors."""
        return self._attempts(lambda: self._send_once(request, largest))

    def stream(self, request: Request, incoming: Incoming) -> Generator[bytes, None, None]:
        """The answer's bytes until `incoming` has it all. Closing the generator closes the connection."""
        connection, response = self._attempts(lambda: self._open_once(request))
        incoming.content_type = response.getheader("Content-Type", "")
        is_whole = False
        received = 0
        try:
            while True:
                reason = ""
                try:
                    chunk = response.read1(CHUNK)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    reason = self._route.peer.stalled() if isinstance(error, TimeoutError) else _reason(error)
                if not reason and not chunk and _is_cut(response):
                    reason = CUT
                if reason:
                    raise self._route.peer.broken(reason, received)
                if not chunk:
                    is_whole = response.isclosed()
                    return
                received += len(chunk)
                yield chunk
                if incoming.is_over:
                    is_whole = _drain(connection, response)
                    return
        finally:
            self._release(connection, response, is_whole)

    def close(self) -> None:
        """Close the idle connections. The transport can still be used."""
        self._pool.close()

    def _attempts(self, once: Callable[[], Answer | EngineProfilesError]) -> Answer:
        # Failures are values until here: the frames in which a credential is revealed are in no traceback.
        attempt = 0
        handled = sys.exc_info()[1]
        while True:
            attempt += 1
            try:
                outcome = once()
            except BaseException as error:  # An interrupt, or what a signal handler raises.
                forget(error, handled)
                raise
            if not isinstance(outcome, EngineProfilesError):
                return outcome
            seconds = retry.pause(attempt, outcome)
            if seconds is None:
                raise outcome
            retry.tell(self._route.peer.host, attempt, outcome, seconds)
            sleep(seconds)

    def _send_once(self, request: Request, largest: int) -> Response | EngineProfilesError:
        opened = self._open_once(request)
        if isinstance(opened, EngineProfilesError):
            return opened
        connection, response = opened
        body: bytes = b""
        try:
            connection.clock.start()
            body = response.read(largest + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._release(connection, response, False)
            if isinstance(error, TimeoutError):
                return self._route.peer.timed_out("to send its answer")
            return self._route.peer.broken(_reason(error))
        self._release(connection, response, response.isclosed())
        if len(body) > largest:
            return self._route.peer.unreadable(f"it is over {largest} bytes long")
        if _is_cut(response):
            return self._route.peer.broken(CUT, len(body))
        return Response(response.status, _headers(response), body)

    def _open_once(self, request: Request) -> tuple[Connection, http.client.HTTPResponse] | EngineProfilesError:
        """A connection on which a successful answer begins, or why there is none."""
        connection = self._pool.take()
        if connection is None:
            connection = Connection(self._route.url, self._route.proxy, self._route.timeout, self._route.context)
        outcome = self._exchange(connection, request)
        if isinstance(outcome, EngineProfilesError) and not _has_answered(outcome):
            self._pool.close()  # What befell this connection may have befallen all that are kept.
        return outcome

    def _exchange(
        self, connection: Connection, request: Request
    ) -> tuple[Connection, http.client.HTTPResponse] | EngineProfilesError:
        try:
            connection.clock.start()
            parts = urlsplit(request.url)
            target = parts._replace(scheme="", netloc="").geturl() or "/"
            headers = request.revealed_headers()
            if connection.is_plain_proxy:
                target = request.url
                headers |= self._proxy_headers()
            connection.request("POST", target, request.content, {**headers, "Host": parts.netloc})
            response = connection.getresponse()
            if 200 <= response.status < 300:
                connection.clock.start_each()
                return connection, response
            failure = self._route.peer.refused(response.status, _headers(response), _beginning(response))
            self._release(connection, response, response.isclosed() and not _is_cut(response))
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            failure = self._failure(error)
        except BaseException:
            connection.close()
            raise
        return failure

    def _proxy_headers(self) -> dict[str, str]:
        credential: Credential | None = self._route.proxy.credential if self._route.proxy else None
        return {"Proxy-Authorization": credential.reveal()} if credential else {}

    def _failure(self, error: Exception) -> EngineProfilesError:
        """Our error where no answer has begun."""
        peer = self._route.peer
        if isinstance(error, TimeoutError):
            return peer.timed_out("to answer")
        return peer.unreachable(_reason(error), isinstance(error, _FINAL))

    def _release(self, connection: Connection, response: http.client.HTTPResponse, is_whole: bool) -> None:
        response.close()
        if is_whole and not response.will_close:
            self._pool.keep(connection)
        else:
            connection.close()


def _reason(error: Exception) -> str:
    """In words. The message of an error of the standard library may hold what was sent, so it is left out."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate was not accepted: {error.verify_message}"
    if isinstance(error, ProxyRefused):
        return str(error)
    return getattr(error, "strerror", None) or _REASONS.get(type(error)) or type(error).__name__


NO_NAME = "its host name is none that can be looked up"
CUT = "the connection was closed within it"
_REASONS: dict[type[Exception], str] = {
    http.client.RemoteDisconnected: "it closed the connection without an answer",
    http.client.BadStatusLine: "it does not speak HTTP",
    http.client.IncompleteRead: CUT,
    UnicodeError: NO_NAME,
}
_FINAL = (ssl.SSLCertVerificationError, ProxyRefused, UnicodeError)


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _beginning(response: http.client.HTTPResponse) -> bytes:
    """What comes of an error's body. A status says enough where the rest does not come."""
    body = b""
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(body) < LARGEST_ERROR:
            chunk = response.read1(CHUNK)
            if not chunk:
                break
            body += chunk
    return body


def _is_cut(response: http.client.HTTPResponse) -> bool:
    """Whether the connection ended before as many bytes had come as were announced."""
    return bool(response.length)


def _has_answered(failure: EngineProfilesError) -> bool:
    return failure.code in ("refused-by-provider", "rate-limited")


def _drain(connection: Connection, response: http.client.HTTPResponse) -> bool:
    """Read what is left of an answer, if that is little and at hand. Then the connection can be kept."""
    connection.clock.seconds, seconds = DRAIN_SECONDS, connection.clock.seconds
    connection.clock.start()
    try:
        response.read1(CHUNK)
        return not response.read1(1) and response.isclosed()
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.clock.seconds = seconds
