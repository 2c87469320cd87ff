"""what goes wrong when an engine is built or asked -> the rest of the tree of errors.

Loaded with the first engine. Each error has `code`, `message`, `hint` and `details`; no credential is in any of them.
"""

from __future__ import annotations

from .errors import EngineProfilesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class NoEngine(EngineProfilesError):
    """The profile names no model for what is asked of it. Details: `profile`, `field`."""

    code = "no-engine"


class UnknownProvider(EngineProfilesError):
    """No protocol is known for the provider. Details: `profile`, `field`, `layer`, `asked`, `nearest`."""

    code = "unknown-provider"


class MissingCredential(EngineProfilesError):
    """A credential is not set, or cannot be looked up. Details: `profile`, `field`, `layer`, `reference` (or None)."""

    code = "missing-credential"


class UnsupportedParameter(EngineProfilesError):
    """The model or the protocol does not take a setting.

    Details: `profile`, `field`, `layer`, and `refused`: a list of {"field", "layer", "reason", "remedy"}, for each.
    """

    code = "unsupported-parameter"


class AddressRefused(EngineProfilesError):
    """A base URL that cannot be used, or that the network rules do not allow. Details: `profile`, `field`, `layer`."""

    code = "address-refused"


class ProviderRefused(EngineProfilesError):
    """The provider answered with an error.

    Details: `profile`, `status` (None in the middle of a stream), `provider_message`, `request_id`; `field` and `layer`
    where the status tells which setting is at fault, and `retry_after` where the provider asks for a pause.
    """

    code = "refused-by-provider"

    @property
    def status(self) -> int | None:
        status = self.details.get("status")
        return status if isinstance(status, int) else None


class RateLimited(ProviderRefused):
    """The provider wants fewer requests. Details as ProviderRefused's, and `retry_after` in seconds, or None."""

    code = "rate-limited"

    @property
    def retry_after(self) -> float | None:
        seconds = self.details.get("retry_after")
        return float(seconds) if isinstance(seconds, (int, float)) else None


class Timeout(EngineProfilesError, TimeoutError):
    """No answer within `client.timeout`. Details: `profile`, `field`, `layer`, `seconds`, `phase`."""

    code: ClassVar[str] = "timeout"


class ConnectionFailed(EngineProfilesError, ConnectionError):
    """No connection, or one that ended before the answer began.

    Details: `profile`, `field`, `layer`, `host`, and `is_final`: another attempt would meet the same.
    """

    code: ClassVar[str] = "connection-failed"


class StreamBroken(EngineProfilesError):
    """An answer that was cut, stalled or garbled while it came in. Details: `profile`, `received` (bytes)."""

    code = "stream-broken"


class ReplyUnreadable(EngineProfilesError):
    """An answer that is not what the protocol, or the profile's JSON Schema, says. Details: `profile`, `text`."""

    code = "reply-unreadable"
