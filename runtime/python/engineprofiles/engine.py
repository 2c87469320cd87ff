"""Settings -> Engine: what asks a provider, at once or as a stream, in sync and in async code.

settings -> wire.compose -> transport -> answers: what a step of this does is in the module of its name.
"""

from __future__ import annotations

from contextlib import closing

from . import answers, trace
from .endpoint import Endpoint, endpoint
from .errors import BadOption, EngineProfilesError, quoted
from .failures import NoEngine
from .link import Link
from .loops import Loops
from .providers import ROLES
from .reply import Delta, Embeddings, Ranked, Reply
from .settings import Settings
from .wire import compose
from .wire.parameters import column

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from typing import Self

    from .messages import Messages
    from .transport import Route
    from .wire.request import Request

# The most texts that OpenAI takes in one request.
BATCH = 2048


class Engine:
    """Asks the provider of a profile. Threads may share it; it keeps connections for the next call.

    Building it looks up the credentials that it needs, and checks the addresses; nothing is sent. `on_unsupported`
    says what becomes of a setting that the model or protocol does not take: error, warn or drop.
    Within `async with engine:` the async calls of that event loop keep connections too; any number may enter it.
    """

    __slots__ = ("_links", "_loops", "_policy", "name", "settings")

    def __init__(self, settings: Settings, on_unsupported: str = "error", name: str | None = None) -> None:
        self._loops = Loops()
        self._policy = compose.check_policy(on_unsupported)
        self.settings = settings
        self.name = name or f"profile:{settings.name}"
        roles = [role for role, field in ROLES.items() if settings.get(field) or settings.get(f"{role}.type")]
        if not roles:
            raise NoEngine(
                f"profile {quoted(settings.name)} is a layer: it names no model for chat, embeddings or reranking",
                "ask for a profile that stacks on it and sets `chat.engine`",
                profile=settings.name,
                field="chat.engine",
            )
        self._links = {roles[0]: Link(settings, endpoint(settings, roles[0]))}
        for role in roles[1:]:
            # A profile for chat is no worse for a section `embeddings` that lacks a credential: `embed` will say so.
            try:
                self._links[role] = Link(settings, endpoint(settings, role))
            except EngineProfilesError as error:
                trace.debug("%s: %s cannot be asked for: %s", self.name, role, error.message)
        self._tell_what_is_left_alone()

    def __repr__(self) -> str:
        return f"<Engine {self.name}>"

    def endpoint(self, role: str = "chat") -> Endpoint:
        """Where the requests of a role go (chat, embeddings, rerank), with Credentials. Raises NoEngine."""
        return self._link(role).endpoint

    def route(self, role: str = "chat") -> Route:
        """How they get there: `proxy` and `timeout` (seconds, or None). Raises NoEngine."""
        return self._link(role).route

    def request(self, messages: Messages, stream: bool = False) -> Request:
        """What `run` or `stream` would send. Raises BadOption, UnsupportedParameter, NoEngine."""
        return compose.chat(self.settings, self._link("chat").endpoint, messages, stream, self._policy)

    def run(self, messages: Messages) -> Reply:
        """The whole answer. Raises the errors of `engineprofiles`, nothing else."""
        request, link = self.request(messages), self._link("chat")
        response = link.transport.send(request)
        return answers.reply(response.body, link.endpoint.protocol, self.settings, link.peer)

    def stream(self, messages: Messages) -> Iterator[Delta]:
        """The answer as it comes in. It is whole only where the last Delta has come: one that breaks off raises."""
        request = self.request(messages, stream=True)
        return self._deltas(request)

    async def arun(self, messages: Messages) -> Reply:
        """`run` for async callers; needs the extra `engine-profiles[async]`. Cancelling closes the connection."""
        request, link = self.request(messages), self._link("chat")
        async with self._loops.transport(link.route) as transport:
            response = await transport.send(request)
        return answers.reply(response.body, link.endpoint.protocol, self.settings, link.peer)

    async def astream(self, messages: Messages) -> AsyncIterator[Delta]:
        """`stream` for async callers."""
        request, link = self.request(messages, stream=True), self._link("chat")
        incoming = self._incoming(link)
        async with (
            self._loops.transport(link.route) as transport,
            transport.stream(request, incoming) as chunks,
        ):
            async for chunk in chunks:
                for delta in incoming.feed(chunk):
                    yield delta
        yield incoming.end()

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """One vector for each text, in their order. Raises NoEngine where the profile names no model for it."""
        link, parts = self._link("embeddings"), []
        for batch in _batches(texts):
            response = link.transport.send(self._embed_request(link, batch))
            parts.append(answers.vectors(response.body, len(batch), self.settings, link.peer))
        return _joined(parts)

    async def aembed(self, texts: Sequence[str]) -> Embeddings:
        """`embed` for async callers."""
        link, parts = self._link("embeddings"), []
        async with self._loops.transport(link.route) as transport:
            for batch in _batches(texts):
                response = await transport.send(self._embed_request(link, batch))
                parts.append(answers.vectors(response.body, len(batch), self.settings, link.peer))
        return _joined(parts)

    def rerank(self, query: str, documents: Sequence[str], top_n: int | None = None) -> list[Ranked]:
        """The documents' indexes and scores, the most relevant first; at most `top_n` of them."""
        link, texts = self._link("rerank"), _texts(documents, "documents")
        response = link.transport.send(self._rank_request(link, query, texts, top_n), link.largest_response)
        return answers.ranks(response.body, len(texts), link.peer)

    async def arerank(self, query: str, documents: Sequence[str], top_n: int | None = None) -> list[Ranked]:
        """`rerank` for async callers."""
        link, texts = self._link("rerank"), _texts(documents, "documents")
        request = self._rank_request(link, query, texts, top_n)
        async with self._loops.transport(link.route) as transport:
            response = await transport.send(request, link.largest_response)
        return answers.ranks(response.body, len(texts), link.peer)

    def close(self) -> None:
        """Close the idle connections. The engine can still be used."""
        for link in list(self._links.values()):
            link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self._loops.enter()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._loops.leave()

    def _link(self, role: str) -> Link:
        if role not in ROLES:
            raise BadOption(f"{quoted(role)} is not one of {', '.join(ROLES)}", option="role")
        if role not in self._links:
            self._links[role] = Link(self.settings, endpoint(self.settings, role))
        return self._links[role]

    def _deltas(self, request: Request) -> Iterator[Delta]:
        link = self._link("chat")
        incoming = self._incoming(link)
        with closing(link.transport.stream(request, incoming)) as chunks:
            for chunk in chunks:
                yield from incoming.feed(chunk)
        yield incoming.end()

    def _incoming(self, link: Link) -> answers.Incoming:
        return answers.Incoming(link.endpoint.protocol, self.settings, link.peer)

    def _embed_request(self, link: Link, texts: list[str]) -> Request:
        return compose.embed(self.settings, link.endpoint, texts, self._policy)

    def _rank_request(self, link: Link, query: str, documents: list[str], top_n: int | None) -> Request:
        request = compose.rank(self.settings, link.endpoint, query, documents, top_n, self._policy)
        largest = self.settings.get("rerank.max_request_bytes")
        if largest and len(request.content) > largest:
            raise BadOption(
                f"the request is {len(request.content)} bytes long, `rerank.max_request_bytes` of profile "
                f"{quoted(self.settings.name)} is {largest}",
                "give fewer documents, or shorter ones",
                option="documents",
            )
        return request

    def _tell_what_is_left_alone(self) -> None:
        used = {"api", "client", "model_info"}
        for link in self._links.values():
            cells = column(link.endpoint.protocol, link.endpoint.api_type)
            used |= {link.endpoint.role} | {field.partition(".")[0] for field in cells}
        for section in self.settings.values:
            if section not in used:
                protocols = ", ".join(link.endpoint.protocol for link in self._links.values())
                trace.debug("%s: the section `%s` is left alone by %s", self.name, section, protocols)


def _texts(texts: Sequence[str], option: str) -> list[str]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise BadOption(f"`{option}` is not a list of texts", option=option)
    return list(texts)


def _batches(texts: Sequence[str]) -> list[list[str]]:
    checked = _texts(texts, "texts")
    return [checked[begin : begin + BATCH] for begin in range(0, len(checked), BATCH)]


def _joined(parts: list[Embeddings]) -> Embeddings:
    usages = [part.usage for part in parts]
    costs = [part.cost for part in parts]
    return Embeddings(
        [vector for part in parts for vector in part.vectors],
        None if None in usages else {"input_tokens": sum(u["input_tokens"] for u in usages if u), "output_tokens": 0},
        None if None in costs else sum(cost for cost in costs if cost),
    )
