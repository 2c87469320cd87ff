"""bytes -> SHA-256, without loading OpenSSL for a few kilobytes."""

from __future__ import annotations

import sys

from .errors import BadOption

# OpenSSL hashes four times as fast, and takes as long to load as the interpreter's own code takes for this much.
WORTH_OPENSSL = 1 << 20


def sha256(data: bytes) -> str:
    """The SHA-256 of the bytes: 64 lower-case hex digits."""
    if len(data) < WORTH_OPENSSL and "hashlib" not in sys.modules:
        try:
            if sys.version_info >= (3, 12):
                from _sha2 import sha256 as own  # type: ignore[import-not-found]
            else:
                from _sha256 import sha256 as own  # type: ignore[import-not-found]
        except ImportError:
            pass  # A distribution may leave the interpreter's own hashes out; hashlib always has one.
        else:
            return str(own(data).hexdigest())
    import hashlib

    return hashlib.sha256(data).hexdigest()


def parse_pin(pin: object) -> str:
    """The hex digits of `sha256:<64 hex digits>` or of the digits alone; anything else is BadOption."""
    if isinstance(pin, str):
        digits = pin.strip().lower().removeprefix("sha256:")
        if len(digits) == 64 and not digits.strip("0123456789abcdef"):
            return digits
    raise BadOption(
        "`manifest` is not a SHA-256 digest",
        "give `sha256:` and 64 hex digits: what `sha256sum manifest.json` prints, or `profiles.digest`",
        option="manifest",
        given=pin,
    )
