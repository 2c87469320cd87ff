"""bytes as they come in -> server-sent events. Knows nothing of what they mean."""

from __future__ import annotations

LARGEST_EVENT = 32 << 20


class Malformed(Exception):
    """Bytes that are no event stream; the message says why."""


class Events:
    """Feed bytes, cut anywhere, and get (event, data) pairs as soon as they are whole."""

    __slots__ = ("_after_cr", "_at_start", "_data", "_event", "_line", "_size")

    def __init__(self) -> None:
        self._line: list[bytes] = []  # The pieces of the line that has not ended yet.
        self._data: list[str] = []
        self._event = ""
        self._size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[tuple[str, str]]:
        """The events that end in this chunk. Raises Malformed."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # The other half of a line break.
            self._after_cr = False
        self._after_cr = chunk.endswith(b"\r") or self._after_cr
        events = []
        *lines, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for end in lines:
            self._grow(end)
            line, self._line = b"".join(self._line), []
            if line:
                self._take(line)
            else:
                if self._data:
                    events.append((self._event, "\n".join(self._data)))
                self._data, self._event, self._size = [], "", 0
        self._grow(rest)
        return events

    @property
    def is_between(self) -> bool:
        """Whether nothing of an event has come in yet."""
        return not self._data and not any(self._line)

    def _grow(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > LARGEST_EVENT:
            raise Malformed(f"an event is over {LARGEST_EVENT} bytes long")
        self._line.append(piece)

    def _take(self, line: bytes) -> None:
        if self._at_start:
            line, self._at_start = line.removeprefix(b"\xef\xbb\xbf"), False
        try:
            field, _, value = line.decode("utf-8").partition(":")
        except UnicodeDecodeError:
            raise Malformed("it is not UTF-8") from None
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        # A comment (no field), `id` and `retry` say nothing here.
