"""url + headers + body -> Request: what goes to a provider, before anything is sent."""

from __future__ import annotations

import json

from ..credentials import MASK, Credential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Request:
    """One POST of a JSON body.

    `headers` is {name: text or Credential}; `content` is the body in bytes. A credential prints as ********.
    """

    __slots__ = ("body", "headers", "url")

    def __init__(self, url: str, headers: dict[str, str | Credential], body: dict[str, Any]) -> None:
        self.url = url
        self.headers = headers
        self.body = body

    @property
    def content(self) -> bytes:
        try:
            return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:  # Half of a surrogate pair: JSON can escape it, UTF-8 cannot hold it.
            return json.dumps(self.body, separators=(",", ":")).encode()

    def revealed_headers(self) -> dict[str, str]:
        """The headers as they are sent, credentials included: for the transport alone."""
        return {
            name: value.reveal() if isinstance(value, Credential) else value for name, value in self.headers.items()
        }

    def __repr__(self) -> str:
        url, question, query = self.url.partition("?")
        # What a base URL has there may be a key.
        shown = "&".join(each if each == "alt=sse" else f"{each.partition('=')[0]}={MASK}" for each in query.split("&"))
        return f"Request({url + (question and question + shown)!r}, headers={self.headers!r}, body={self.body!r})"


def join(base_url: str, path: str, version: str = "") -> str:
    """The URL of a path below a base URL, which may name the version already and may carry a query."""
    base, question, query = base_url.partition("?")
    base = base.rstrip("/")
    if version and not base.endswith(f"/{version}"):
        base += f"/{version}"
    path, _, own = path.partition("?")
    queries = "&".join(each for each in (query if question else "", own) if each)
    return f"{base}/{path}" + (f"?{queries}" if queries else "")
