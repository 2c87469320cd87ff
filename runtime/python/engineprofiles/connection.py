"""one host -> connections to it, kept for the next request, with a time limit that a slow peer cannot stretch."""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
from time import monotonic
from urllib.parse import urlsplit

from .proxy import Proxy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_IDLE = 8
LARGEST_HEAD = 1 << 16
LONGEST_IDLE = 30.0  # seconds; servers close what is idle for a minute or so


class ProxyRefused(OSError):
    """The proxy opens no tunnel; the message holds nothing that was sent."""


class Clock:
    """The time limit of what is being done on a socket: until a moment, or from one read to the next."""

    __slots__ = ("_deadline", "seconds")

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._deadline: float | None = None

    def start(self) -> None:
        """From now on all reads together may take `seconds`."""
        self._deadline = None if self.seconds is None else monotonic() + self.seconds

    def start_each(self) -> None:
        """From now on each read may take `seconds`."""
        self._deadline = None

    def remaining(self) -> float | None:
        if self._deadline is None:
            return self.seconds
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        return left


class _Socket:
    """What http.client uses of a socket. As with a real one, closing it waits for what reads from it."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self.sock = sock
        self.clock = clock
        self.readers = 0
        self._is_closed = False

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(self.clock.remaining())
        self.sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self), 1 << 16)

    def close(self) -> None:
        self._is_closed = True
        self.close_if_done()

    def close_if_done(self) -> None:
        if self._is_closed and self.readers == 0:
            self.sock.close()

    @property
    def is_readable(self) -> bool:
        """Whether there is something to read: on an idle connection, that it was closed."""
        self.sock.settimeout(0)
        try:
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            pass
        return True


class _Reader(io.RawIOBase):
    """A socket's input under a Clock. A socket's own timeout starts anew with every byte."""

    def __init__(self, owner: _Socket) -> None:
        self._owner = owner
        owner.readers += 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._owner.sock.settimeout(self._owner.clock.remaining())
        return self._owner.sock.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._owner.readers -= 1
            self._owner.close_if_done()


class Connection(http.client.HTTPConnection):
    """A connection to the origin of a URL, directly or through a proxy. Nothing is sent before `request`."""

    def __init__(self, url: str, proxy: Proxy | None, timeout: float | None, context: ssl.SSLContext | None) -> None:
        parts = urlsplit(url)
        self.clock = Clock(timeout)
        self.idle_since = 0.0
        self._context = context
        self._proxy = proxy
        self._server = parts.hostname or ""
        self._server_port = parts.port or (443 if context else 80)
        super().__init__(*((proxy.host, proxy.port) if proxy else (self._server, self._server_port)))

    @property
    def is_plain_proxy(self) -> bool:
        """Whether a proxy reads the requests themselves, rather than passing on what is encrypted."""
        return self._proxy is not None and self._context is None

    def connect(self) -> None:
        sock = self._reach()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                if self._proxy is not None:
                    self._open_tunnel(sock, self._proxy)
                sock.settimeout(self.clock.remaining())
                sock = self._context.wrap_socket(sock, server_hostname=self._server)
        except BaseException:
            sock.close()
            raise
        self.sock: Any = _Socket(sock, self.clock)

    def _reach(self) -> socket.socket:
        """A socket to the first address of the host that accepts; all together have the one time limit."""
        failure = OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.clock.remaining())
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure

    def _open_tunnel(self, sock: socket.socket, proxy: Proxy) -> None:
        host = f"[{self._server}]" if ":" in self._server else self._server
        target = f"{host}:{self._server_port}"
        authorization = f"Proxy-Authorization: {proxy.credential.reveal()}\r\n" if proxy.credential else ""
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n".encode("latin-1"))
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < LARGEST_HEAD:
            # One byte at a time: what follows the head is the server's, and TLS wants it on the socket.
            sock.settimeout(self.clock.remaining())
            byte = sock.recv(1)
            if not byte:
                break
            head += byte
        status = head.partition(b"\r\n")[0].split(b" ", 2)
        if status[1:2] != [b"200"]:
            code = status[1].decode("ascii", "replace") if len(status) > 1 else "nothing"
            raise ProxyRefused(f"the proxy {proxy.host} answered CONNECT with {code}")

    @property
    def is_usable(self) -> bool:
        """Whether the connection, having been idle, still stands."""
        stands = isinstance(self.sock, _Socket) and not self.sock.is_readable
        return stands and monotonic() - self.idle_since < LONGEST_IDLE


class Pool:
    """The idle connections of one engine. Threads may share it; a forked process begins with an empty one."""

    __slots__ = ("_idle", "_lock", "_owner")

    def __init__(self) -> None:
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def take(self) -> Connection | None:
        """An idle connection that still stands, or None."""
        while True:
            with self._lock:
                if self._owner != os.getpid():
                    # Closed here, they still stand in the process that opened them.
                    for each in self._idle:
                        each.close()
                    self._idle, self._owner = [], os.getpid()
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.close()

    def keep(self, connection: Connection) -> None:
        connection.idle_since = monotonic()
        with self._lock:
            if len(self._idle) < MOST_IDLE and self._owner == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def __del__(self) -> None:
        # An engine that nobody holds any more takes its connections with it.
        for connection in self._idle:
            connection.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
