"""options -> engines: of a profile, of options alone, and two that ask nobody: the echo and the function.

An engine has `name`, `run` and `stream`, and `arun` and `astream` that do the same for async callers.
"""

from __future__ import annotations

import sys

from .errors import BadOption
from .messages import normalise
from .reply import Delta, Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from .engine import Engine
    from .messages import Messages

__all__ = ["Delta", "EchoEngine", "FunctionEngine", "Reply", "echo", "from_config", "from_function", "from_profile"]


def from_profile(name: str | None = None, /, **options: Any) -> Engine:
    """An engine of a compiled profile: the one named, else `profile=`, else $PINOCCHIO_PROFILE, else the default.

    Options: `model`, `api_type`, `max_tokens`, `temperature`, `top_p`, `stop`, `seed`, `timeout` (seconds), `api_key`,
    `base_url`, `on_unsupported`, sections as dicts (`gemini={"thinking_budget": 0}`), which win over the profile;
    `baseline`, which lies below it; `build`, a path or Profiles, without which `engineprofiles.open()` finds it.
    Raises what `profiles.get` and `profile.engine` raise.
    """
    from . import factory

    handled = sys.exc_info()[1]
    try:
        return factory.from_profile(name, options)
    except BaseException as error:
        factory.forget(error, handled)
        options.clear()  # A credential may be among them, whatever its name; a traceback would show it.
        raise


def from_config(**options: Any) -> Engine:
    """An engine of options alone, as those of `from_profile`; no build is opened.

    `model` implies `api_type`. Without `api_key` and `base_url` the credential is looked up where the provider's own
    SDK does (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY …).
    """
    from . import factory

    handled = sys.exc_info()[1]
    try:
        return factory.from_config(options)
    except BaseException as error:
        factory.forget(error, handled)
        options.clear()  # A credential may be among them, whatever its name; a traceback would show it.
        raise


def echo(reply: str = "READY") -> EchoEngine:
    """An engine that answers `reply`, stripped, to everything; blank is READY. It asks nobody and costs nothing."""
    if not isinstance(reply, str):
        raise BadOption(f"`reply` is {type(reply).__name__}, not text", option="reply", given=reply)
    return EchoEngine(reply.strip() or "READY")


def from_function(function: Callable[[list[dict[str, Any]]], Any]) -> FunctionEngine:
    """An engine that calls `function(messages)`, messages being a list of {"role", "content"}.

    It returns a text, a Reply, or an iterable of texts to stream; for `arun` and `astream` also an awaitable or
    an async iterable of these. What it raises reaches the caller unchanged; anything else it returns is BadOption.
    """
    if not callable(function):
        raise BadOption(
            f"`function` is {type(function).__name__}, which cannot be called",
            "give a function of one argument, the messages",
            option="function",
            given=function,
        )
    return FunctionEngine(function)


class EchoEngine:
    """See `echo`."""

    __slots__ = ("_reply",)
    name = "echo"

    def __init__(self, reply: str) -> None:
        self._reply = reply

    def run(self, messages: Messages) -> Reply:
        normalise(messages)
        return Reply(self._reply, usage={"input_tokens": 0, "output_tokens": 0}, cost=0.0)

    def stream(self, messages: Messages) -> Iterator[Delta]:
        return iter([Delta(self.run(messages).text)])

    async def arun(self, messages: Messages) -> Reply:
        return self.run(messages)

    async def astream(self, messages: Messages) -> AsyncIterator[Delta]:
        yield Delta(self.run(messages).text)


class FunctionEngine:
    """See `from_function`. The function runs in the caller's thread, also under `arun`."""

    __slots__ = ("_function",)
    name = "function"

    def __init__(self, function: Callable[[list[dict[str, Any]]], Any]) -> None:
        self._function = function

    def run(self, messages: Messages) -> Reply:
        returned = self._function(normalise(messages))
        if isinstance(returned, Reply):
            return returned
        return _reply([delta.text for delta in _deltas(returned)], returned)

    def stream(self, messages: Messages) -> Iterator[Delta]:
        return _deltas(self._function(normalise(messages)))

    async def arun(self, messages: Messages) -> Reply:
        returned = await self._returned(messages)
        if isinstance(returned, Reply):
            return returned
        return _reply([delta.text async for delta in _async_deltas(returned)], returned)

    async def astream(self, messages: Messages) -> AsyncIterator[Delta]:
        async for delta in _async_deltas(await self._returned(messages)):
            yield delta

    async def _returned(self, messages: Messages) -> Any:
        returned = self._function(normalise(messages))
        return await returned if hasattr(returned, "__await__") else returned


def _reply(texts: list[str], returned: Any) -> Reply:
    # What was streamed is used up, so it is no use as `raw`.
    return Reply("".join(texts), raw=returned if isinstance(returned, str) else None)


def _deltas(returned: Any) -> Iterator[Delta]:
    if isinstance(returned, (str, Reply)):
        yield _delta(returned)
    elif hasattr(returned, "__iter__") and not isinstance(returned, (bytes, bytearray, dict)):
        for piece in returned:
            yield _delta(piece)
    else:
        if hasattr(returned, "close"):
            returned.close()  # Else a coroutine that nobody awaits warns, long after and elsewhere.
        raise _wrong_return(returned)


async def _async_deltas(returned: Any) -> AsyncIterator[Delta]:
    if hasattr(returned, "__aiter__"):
        async for piece in returned:
            yield _delta(piece)
    else:
        for delta in _deltas(returned):
            yield delta


def _delta(piece: Any) -> Delta:
    if isinstance(piece, Reply):
        return Delta(piece.text)
    if isinstance(piece, str):
        return Delta(piece)
    raise _wrong_return(piece)


def _wrong_return(returned: Any) -> BadOption:
    is_async = hasattr(returned, "__await__") or hasattr(returned, "__aiter__")
    return BadOption(
        f"the function returned {type(returned).__name__}, not a text, a Reply or an iterable of texts",
        "call `arun` or `astream` on an async function" if is_async else None,
        option="function",
        given=returned,
    )
