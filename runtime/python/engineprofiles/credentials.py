"""reference -> Credential: looked up where an engine is built, and wrapped so that nothing prints it."""

from __future__ import annotations

import base64
import json
import os
from contextlib import suppress

from .errors import BadOption, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

MASK = "********"
LARGEST_FILE = 64 << 10
# To mask less would make holes in every word.
SHORTEST_MASKED = 4


class LookupFailed(Exception):
    """Why a reference leads to nothing, in words that hold nothing of the credential; and what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Credential:
    """A secret text. It prints as ********, and only `reveal()` gives it.

    `reference` is where it is looked up (`env:NAME`), or None where it was written out.
    """

    __slots__ = ("_aliases", "_prefix", "_value", "reference")

    def __init__(
        self,
        value: str | None = None,
        reference: str | None = None,
        prefix: str = "",
        aliases: tuple[str, ...] = (),
    ) -> None:
        self._value = value
        self._prefix = prefix
        self._aliases = aliases
        self.reference = reference

    @classmethod
    def basic(cls, user: str) -> Credential:
        """What the scheme Basic makes of `user:password`."""
        value = base64.b64encode(user.encode()).decode("ascii")
        return cls(value, prefix="Basic ", aliases=(user, user.partition(":")[2]))

    @classmethod
    def of(cls, written: object) -> Credential:
        """What a settings field holds: a reference, not looked up yet, or the credential itself."""
        if isinstance(written, dict):
            return cls(None, str(written.get("$secret")))
        return cls(sendable(str(written)))

    def look_up(self) -> Credential:
        """With its value; LookupFailed where the reference leads to none."""
        if self._value is not None or self.reference is None:
            return self
        return Credential(look_up(self.reference), self.reference, self._prefix, self._aliases)

    def after(self, prefix: str) -> Credential:
        """The same behind a text such as `Bearer `."""
        return Credential(self._value, self.reference, prefix, self._aliases)

    def reveal(self) -> str:
        """The text itself, prefix included; it is looked up if it was not yet."""
        found = self.look_up()
        return found._prefix + (found._value or "")

    def mask(self, text: str) -> str:
        """The text without the credential, where it repeats it."""
        for secret in (self._value, *self._aliases):
            if secret and len(secret) >= SHORTEST_MASKED:
                for written in (secret, json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]):
                    text = text.replace(written, MASK)
        return text

    def __repr__(self) -> str:
        return f"{self._prefix}{MASK}"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return format(repr(self), specification)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential is not pickled or copied")


def forget(error: BaseException, handled: BaseException | None = None) -> None:
    """Clear the variables of the calls that the error has ended, among them credentials: a traceback may print them.

    What was being handled before (`sys.exc_info()[1]`) is the caller's and stays as it is.
    """
    left: list[BaseException | None] = [error]
    seen: list[BaseException | None] = [handled, None]
    while left:
        each = left.pop()
        if each is None or any(each is other for other in seen):
            continue
        seen.append(each)
        left += [each.__cause__, each.__context__]
        step = each.__traceback__
        while step is not None:
            with suppress(RuntimeError):  # It still runs.
                step.tb_frame.clear()
            step = step.tb_next


def look_up(reference: str) -> str:
    """The credential that `scheme:rest` refers to; LookupFailed where there is none."""
    scheme, colon, rest = reference.partition(":")
    resolver = _RESOLVERS.get(scheme) if colon else None
    if resolver is None:
        raise LookupFailed(
            f"nothing looks up references of the scheme {quoted(scheme)}",
            f"register it: engineprofiles.register_resolver({scheme!r}, function)",
        )
    try:
        value = resolver(rest)
    except LookupFailed:
        raise
    except Exception as error:
        kind = type(error).__name__  # Its message could hold anything.
    else:
        if isinstance(value, str) and value:
            return sendable(value)
        kind = "no text" if not isinstance(value, str) else "an empty text"
    raise LookupFailed(f"the resolver of {quoted(scheme)} gave {kind}", "see to the resolver, or to what it reads")


def text_of(written: object) -> str:
    """What a field holds that is a credential only in part, such as a URL: the text, or what it refers to."""
    return look_up(str(written.get("$secret"))) if isinstance(written, dict) else str(written)


def register_resolver(scheme: str, resolver: Callable[[str], str]) -> None:
    """Look up references `scheme:rest` by calling `resolver(rest)`, which returns the credential, or raises.

    For the whole process. `env` and `file` are there already, and can be replaced.
    """
    if not isinstance(scheme, str) or not scheme or not scheme.replace("-", "").isalnum():
        raise BadOption(
            "`scheme` is not letters, digits and hyphens", "as in `vault` for `vault:secret/openai`", option="scheme"
        )
    if not callable(resolver):
        raise BadOption(f"`resolver` is {type(resolver).__name__}, which cannot be called", option="resolver")
    _RESOLVERS[scheme] = resolver


def sendable(value: str) -> str:
    """The credential, if a header can carry it; what is wrong with it is told without it."""
    if any(ord(c) < 32 or ord(c) == 127 or ord(c) > 255 for c in value):
        raise LookupFailed(
            "the credential holds line breaks or characters that no header can carry",
            "put the credential alone there, on one line",
        )
    return value


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None or not value.strip():
        state = "is empty" if value is not None else "is not set"
        raise LookupFailed(f"the environment variable {quoted(name)} {state}", f"set {name} where this runs")
    return value.strip()


def _from_file(path: str) -> str:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 (pathlib takes longer to import than all of this)
            data = stream.read(LARGEST_FILE + 1)
        text = data.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:
        reason = "it is not text in UTF-8"
    else:
        if text and len(data) <= LARGEST_FILE:
            return text
        reason = "it is empty" if not text else f"it is over {LARGEST_FILE} bytes long"
    raise LookupFailed(f"the file {quoted(path)} cannot be used: {reason}", f"put the credential alone into {path}")


_RESOLVERS: dict[str, Callable[[str], str]] = {"env": _from_environment, "file": _from_file}
