"""failure + number of the attempt -> how long to wait before the next one, or not to."""

from __future__ import annotations

import random

from . import trace
from .errors import EngineProfilesError
from .failures import ConnectionFailed, ProviderRefused

ATTEMPTS = 3
FIRST_PAUSE = 0.5  # seconds; each further one is twice as long
LONGEST_PAUSE = 8.0
# A provider that wants a longer pause gets none: whoever called decides.
LONGEST_RETRY_AFTER = 60.0


def pause(attempt: int, failure: EngineProfilesError) -> float | None:
    """Seconds to wait after the attempt of that number (from 1) failed; None to give up."""
    if attempt >= ATTEMPTS or not is_transient(failure):
        return None
    wanted = failure.details.get("retry_after")
    if isinstance(wanted, (int, float)):
        return float(wanted) if wanted <= LONGEST_RETRY_AFTER else None
    # Without the jitter, clients that failed together would come back together.
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)


def is_transient(failure: EngineProfilesError) -> bool:
    """Whether the same request may succeed later. A timeout may not be repeated: it would double what was allowed."""
    if isinstance(failure, ProviderRefused):
        status = failure.status or 0
        return status in (408, 409, 429) or (status >= 500 and status != 501)
    return isinstance(failure, ConnectionFailed) and not failure.details["is_final"]


def tell(host: str, attempt: int, failure: EngineProfilesError, seconds: float) -> None:
    """In the debug log: that there will be another attempt."""
    trace.debug("%s: attempt %s failed (%s), the next one in %s s", host, str(attempt), failure.code, f"{seconds:.2f}")
