"""what happened on the wire -> errors that name the profile and the host, and hold no credential."""

from __future__ import annotations

import json

from .credentials import Credential
from .endpoint import Endpoint
from .errors import EngineProfilesError, printable, quoted
from .failures import (
    ConnectionFailed,
    ProviderRefused,
    RateLimited,
    ReplyUnreadable,
    StreamBroken,
    Timeout,
)
from .providers import ROLES
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_MESSAGE = 1000
_REQUEST_IDS = ("x-request-id", "request-id", "x-goog-request-id", "cf-ray")


class Peer:
    """The provider that one profile asks, as errors name it: with the field, and the layer that set it, to look at."""

    __slots__ = ("_credentials", "_endpoint", "_settings", "host", "timeout")

    def __init__(
        self, settings: Settings, endpoint: Endpoint, timeout: float | None, credentials: list[Credential]
    ) -> None:
        self.host = endpoint.host
        self.timeout = timeout
        self._settings = settings
        self._endpoint = endpoint
        self._credentials = credentials

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> EngineProfilesError:
        """The error for an answer that is no success. `headers` has lower-case names."""
        if 300 <= status < 400:
            return self._provider_refused(status, headers, "it redirects elsewhere, which is never followed")
        return self._provider_refused(status, headers, provider_message(body))

    def told(self, message: str, kind: str) -> EngineProfilesError:
        """The error for what a provider tells in the middle of an answer."""
        described = f"{kind}: {message}" if kind and kind not in message else message
        status = 429 if "rate_limit" in kind or kind == "RESOURCE_EXHAUSTED" else None
        return self._provider_refused(status, {}, described)

    def timed_out(self, phase: str) -> EngineProfilesError:
        if self.timeout is None:
            return self.unreachable("the machine's own time limit has passed")
        where, details = self._look_at("client.timeout")
        return Timeout(
            f"{self.host} took longer than {self.timeout:g} s {phase} ({self._of_profile})",
            f"raise {where}, or find out why it is slow",
            seconds=self.timeout,
            phase=phase,
            **details,
        )

    def stalled(self) -> str:
        """Why a stream is broken off that nothing comes from any more."""
        limit = f"{self.timeout:g} s, which is `client.timeout`" if self.timeout else "the machine's own time limit"
        return f"nothing came for {limit}"

    def unreachable(self, reason: object, is_final: bool = False) -> EngineProfilesError:
        """No answer began; `is_final` where another attempt would meet the same, as with a certificate."""
        where, details = self._look_at(*self._endpoint.url_at)
        return ConnectionFailed(
            f"no answer from {self.host}: {self._clean(str(reason))} ({self._of_profile})",
            f"see that {where} is right, that the server runs, and whether a proxy is in between",
            host=self.host,
            is_final=is_final,
            **details,
        )

    def broken(self, reason: str, received: int = 0) -> EngineProfilesError:
        return StreamBroken(
            f"the answer of {self.host} broke off after {received} bytes: {self._clean(reason)} ({self._of_profile})",
            "ask again; what came in until then is not the whole answer",
            profile=self._settings.name,
            received=received,
        )

    def unreadable(self, reason: str, text: str | None = None) -> EngineProfilesError:
        where, details = self._look_at(*self._endpoint.url_at)
        return ReplyUnreadable(
            f"the answer of {self.host} cannot be used: {self._clean(reason)} ({self._of_profile})",
            f"see that {where} and `chat.api_type` belong together"
            if text is None
            else "ask again, or relax the schema",
            text=None if text is None else self._masked(text),
            **details,
        )

    def _provider_refused(self, status: int | None, headers: Mapping[str, str], message: str) -> EngineProfilesError:
        message = self._clean(message)
        request_id = next((self._clean(headers[name]) for name in _REQUEST_IDS if name in headers), None)
        with_id = f", request {request_id}" if request_id else ""
        code = f" with status {status}" if status else ""
        hint, details = self._remedy(status)
        details |= {"status": status, "provider_message": message, "request_id": request_id}
        text = f"{self.host} refused{code}: {message} ({self._of_profile}{with_id})"
        seconds = retry_after(headers)
        if status == 429:
            return RateLimited(text, hint, retry_after=seconds, **details)
        if seconds is not None:
            details["retry_after"] = seconds
        return ProviderRefused(text, hint, **details)

    def _remedy(self, status: int | None) -> tuple[str, dict[str, object]]:
        """What to do about a status, with the field to look at."""
        if status in (401, 403):
            where, details = self._look_at(*self._endpoint.key_at)
            return f"see to the credential: {where}", details
        if status == 404:
            where, details = self._look_at(ROLES[self._endpoint.role])
            return f"see that {where} names a model of this provider, and that the base URL is right", details
        if status is not None and 300 <= status < 400:
            where, details = self._look_at(*self._endpoint.url_at)
            return f"set {where} to where it redirects", details
        hints = {
            400: "its message names the setting; profile.explain() tells which layer set it",
            429: "ask less often, or wait as long as `retry_after` says",
        }
        return hints.get(status or 0, "its message says why"), {"profile": self._settings.name}

    def _look_at(self, field: str, key: str = "") -> tuple[str, dict[str, object]]:
        """A field in words, with who set it, and as details of an error."""
        name = f"{field}.{key}" if key else field
        layer = self._settings.layer(field, key or None) if field else ""
        details: dict[str, object] = {"profile": self._settings.name, "field": name, "layer": layer}
        if not field:
            return f"the address {self.host}", details
        value = self._settings.get(field)
        written = value.get(key) if key and isinstance(value, dict) else None
        reference = f", refers to {quoted(str(written.get('$secret')))}" if isinstance(written, dict) else ""
        return f"`{name}`" + (f" (set by {layer}{reference})" if layer else ""), details

    @property
    def _of_profile(self) -> str:
        return f"profile {quoted(self._settings.name)}"

    def _masked(self, text: str) -> str:
        for credential in self._credentials:
            text = credential.mask(text)
        return text

    def _clean(self, text: str) -> str:
        text = self._masked(text)
        return printable(text[:LONGEST_MESSAGE] + ("…" if len(text) > LONGEST_MESSAGE else ""))


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
