"""what happened on the wire -> errors that name the profile and the host, and hold no credential."""

from __future__ import annotations

import json

from .credentials import Credential
from .errors import EngineProfilesError, printable, quoted
from .failures import (
    ConnectionFailed,
    ProviderRefused,
    RateLimited,
    ReplyUnreadable,
    StreamBroken,
    Timeout,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_MESSAGE = 1000
_REQUEST_IDS = ("x-request-id", "request-id", "x-goog-request-id", "cf-ray")


class Peer:
    """The provider that one profile asks, as errors name it."""

    __slots__ = ("_credentials", "host", "profile", "timeout")

    def __init__(self, profile: str, host: str, timeout: float | None, credentials: list[Credential]) -> None:
        self.profile = profile
        self.host = host
        self.timeout = timeout
        self._credentials = credentials

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> EngineProfilesError:
        """The error for an answer that is no success. `headers` has lower-case names."""
        if 300 <= status < 400:
            return self._provider_refused(
                status, headers, "it redirects elsewhere, which is never followed", "set the base URL it redirects to"
            )
        return self._provider_refused(status, headers, provider_message(body), _HINTS.get(status))

    def told(self, message: str, kind: str) -> EngineProfilesError:
        """The error for what a provider tells in the middle of an answer."""
        described = f"{kind}: {message}" if kind and kind not in message else message
        status = 429 if "rate_limit" in kind or kind == "RESOURCE_EXHAUSTED" else None
        return self._provider_refused(status, {}, described, None)

    def timed_out(self, phase: str) -> EngineProfilesError:
        seconds = self.timeout
        return Timeout(
            f"{self.host} took longer than {seconds:g} s {phase} (profile {quoted(self.profile)})",
            "raise `client.timeout`, or find out why it is slow",
            profile=self.profile,
            seconds=seconds,
            phase=phase,
        )

    def stalled(self) -> str:
        """Why a stream is broken off that nothing comes from any more."""
        return f"nothing came for {self.timeout:g} s, which is `client.timeout`"

    def unreachable(self, reason: object) -> EngineProfilesError:
        return ConnectionFailed(
            f"no answer from {self.host}: {self._clean(str(reason))} (profile {quoted(self.profile)})",
            "see that the base URL is right, that the server runs, and whether a proxy is in between",
            profile=self.profile,
            host=self.host,
        )

    def broken(self, reason: str, received: int = 0) -> EngineProfilesError:
        return StreamBroken(
            f"the answer of {self.host} broke off after {received} bytes: {self._clean(reason)} "
            f"(profile {quoted(self.profile)})",
            "ask again; what came in until then is not the whole answer",
            profile=self.profile,
            received=received,
        )

    def unreadable(self, reason: str, raw: object = None) -> EngineProfilesError:
        return ReplyUnreadable(
            f"the answer of {self.host} cannot be used: {self._clean(reason)} (profile {quoted(self.profile)})",
            "see that the base URL and `chat.api_type` belong together",
            profile=self.profile,
            raw=raw,
        )

    def _provider_refused(
        self, status: int | None, headers: Mapping[str, str], message: str, hint: str | None
    ) -> EngineProfilesError:
        message = self._clean(message)
        request_id = next((self._clean(headers[name]) for name in _REQUEST_IDS if name in headers), None)
        details = {"profile": self.profile, "status": status, "provider_message": message, "request_id": request_id}
        with_id = f", request {request_id}" if request_id else ""
        code = f" with status {status}" if status else ""
        text = f"{self.host} refused{code}: {message} (profile {quoted(self.profile)}{with_id})"
        if status == 429:
            return RateLimited(text, _HINTS[429], retry_after=retry_after(headers), **details)
        return ProviderRefused(text, hint or _HINTS.get(0), **details)

    def _clean(self, text: str) -> str:
        for credential in self._credentials:
            text = credential.mask(text)
        return printable(text[:LONGEST_MESSAGE] + ("…" if len(text) > LONGEST_MESSAGE else ""))


_HINTS = {
    0: "its message says why",
    400: "its message names the setting; profile.explain() tells which layer set it",
    401: "see to the credential: profile.requires lists the references",
    403: "the credential may not do this; profile.requires lists the references",
    404: "see that the model's name and the base URL are right",
    429: "ask less often, or wait as long as `retry_after` says",
}


def provider_message(body: bytes) -> str:
    """What the provider says in an error's body, whatever its shape."""
    text = body.decode("utf-8", "replace").strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text or "no message"
    if isinstance(document, list) and document:
        document = document[0]
    error = document.get("error", document) if isinstance(document, dict) else document
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of `retry-after-ms` or `retry-after`, which may also be a date."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime
    from time import time

    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time())
    except (ValueError, TypeError, KeyError):
        return None
