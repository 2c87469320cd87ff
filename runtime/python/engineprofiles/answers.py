"""what came back -> Reply, Deltas, vectors and ranks; and whether they are what was asked for."""

from __future__ import annotations

import json
from types import NoneType

from . import schema_check
from .costs import cost
from .peer import Peer
from .reply import Delta, Embeddings, Ranked, Reply
from .settings import Settings
from .sse import Events, Malformed
from .wire import embeddings, rerank
from .wire.compose import CHAT
from .wire.provider_error import ProviderError, raise_error
from .wire.structured import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from .errors import EngineProfilesError

    Read = TypeVar("Read")
    Piece = TypeVar("Piece", Reply, Delta)

_UNEXPECTED = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError)
DONE = "[DONE]"
LARGEST_ERROR = 1 << 20


def reply(body: bytes, protocol: str, settings: Settings, peer: Peer) -> Reply:
    """The Reply in a whole answer. Raises ReplyUnreadable, ProviderRefused, RateLimited."""
    found: Reply = _read(body, peer, lambda document: _checked(CHAT[protocol].reply(document)))
    found.cost = cost(settings.section("model_info"), found.usage)
    require_valid(found.text, found.finish_reason, settings, peer)
    return found


def vectors(body: bytes, count: int, settings: Settings, peer: Peer) -> Embeddings:
    """The vectors of `count` texts. Raises ReplyUnreadable where there are more or fewer, or of another size."""
    found, usage = _read(body, peer, embeddings.vectors)
    if len(found) != count:
        raise peer.unreadable(f"it holds {len(found)} vectors for {count} texts")
    wanted = settings.get("embeddings.dimensions")
    sizes = {len(vector) for vector in found}
    if wanted and sizes - {wanted}:
        raise peer.unreadable(f"`embeddings.dimensions` is {wanted}, its vectors have {max(sizes - {wanted})}")
    return Embeddings(found, usage, cost(settings.section("model_info"), usage))


def ranks(body: bytes, count: int, peer: Peer) -> list[Ranked]:
    """The documents in order of relevance. Raises ReplyUnreadable."""
    return _read(body, peer, lambda document: rerank.ranked(document, count))


class Incoming:
    """An answer that comes in as an event stream, if it is one: `content_type` is what the transport is told."""

    __slots__ = (
        "_beginning",
        "_events",
        "_peer",
        "_received",
        "_settings",
        "_stream",
        "_texts",
        "content_type",
        "is_over",
    )

    def __init__(self, protocol: str, settings: Settings, peer: Peer) -> None:
        self._stream = CHAT[protocol].Stream()
        self._settings = settings
        self._peer = peer
        self._events = Events()
        self._received = 0
        self._texts: list[str] = []
        self._beginning: bytearray | None = bytearray()  # None from the first event on.
        self.content_type = ""
        self.is_over = False

    def feed(self, chunk: bytes) -> Iterator[Delta]:
        """The Deltas that are whole with this chunk. Raises, after them, StreamBroken, ProviderRefused, RateLimited."""
        self._received += len(chunk)
        deltas: list[Delta] = []
        failure = self._take(chunk, deltas)
        self._texts += [delta.text for delta in deltas]
        yield from deltas
        if failure is not None:
            raise failure

    def end(self) -> Delta:
        """The last Delta, if the answer is whole. Raises StreamBroken, ReplyUnreadable."""
        reason = self._stream.finish_reason
        if reason is None or (not self.is_over and not self._events.is_between):
            raise self._unfinished()
        require_valid("".join(self._texts), reason, self._settings, self._peer)
        usage = self._stream.usage
        return Delta("", usage=usage, cost=cost(self._settings.section("model_info"), usage), finish_reason=reason)

    def _unfinished(self) -> EngineProfilesError:
        """Why it has no end: a gateway may answer a stream with a document, which may tell an error."""
        if self._beginning:
            try:
                raise_error(json.loads(self._beginning).get("error"))
            except ProviderError as error:
                return self._peer.told(error.message, error.kind)
            except _UNEXPECTED:
                pass
            kind = self.content_type.partition(";")[0].strip().lower()
            if kind and kind != "text/event-stream":
                return self._peer.broken(f"it is {kind}, not an event stream", self._received)
        return self._peer.broken("it ended without saying why", self._received)

    def _take(self, chunk: bytes, deltas: list[Delta]) -> EngineProfilesError | None:
        try:
            if self._beginning is not None and len(self._beginning) < LARGEST_ERROR:
                self._beginning += chunk
            for event, data in self._events.feed(chunk):
                self._beginning = None
                if data.strip() == DONE:
                    self.is_over = True
                if self.is_over:
                    break
                deltas += map(_checked, self._stream.deltas(event, json.loads(data)))
                self.is_over = self._stream.is_over
        except ProviderError as error:
            return self._peer.told(error.message, error.kind)
        except Malformed as error:
            return self._peer.broken(str(error), self._received)
        except _UNEXPECTED:
            return self._peer.broken("a piece of it is not what the protocol says", self._received)
        return None


def require_valid(text: str, finish_reason: str | None, settings: Settings, peer: Peer) -> None:
    """Where the settings ask for it: a reply that does not follow the JSON Schema is ReplyUnreadable."""
    chat = settings.section("chat")
    schema = parse(chat.get("structured_output_schema"))
    is_on = str(chat.get("structured_output_mode") or "").lower() == "json_schema"
    if not (is_on and schema and chat.get("structured_output_require_valid")):
        return
    try:
        problem = schema_check.problem(json.loads(text), schema)
    except (ValueError, RecursionError):
        problem = "it is not JSON"
    if problem:
        ended = f", and it ended with {finish_reason!r}" if finish_reason != "stop" else ""
        raise peer.unreadable(f"it does not follow `chat.structured_output_schema`: {problem}{ended}", text)


def _checked(piece: Piece) -> Piece:
    """The piece, if what should be text is; a provider may put anything there."""
    if isinstance(piece.text, str) and isinstance(piece.reasoning, (str, NoneType)):
        return piece
    raise TypeError("a text is none")


def _read(body: bytes, peer: Peer, read: Callable[[dict[str, Any]], Read]) -> Read:
    failure: EngineProfilesError
    document = None
    try:
        document = json.loads(body)
        return read(document)
    except ProviderError as error:
        failure = peer.told(error.message, error.kind)
    except _UNEXPECTED as error:
        shape = "its JSON is not what the protocol says" if document is not None else "it is not JSON"
        what = f" ({error.args[0]!r} is missing)" if isinstance(error, KeyError) and error.args else ""
        failure = peer.unreadable(shape + what)
    raise failure
