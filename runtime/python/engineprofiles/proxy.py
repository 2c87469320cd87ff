"""client settings + environment -> the proxy of a URL, if there is one. Both transports ask here."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from .credentials import Credential, LookupFailed, text_of
from .errors import BadOption, EngineProfilesError, quoted
from .failures import MissingCredential
from .outbound import Refused, is_loopback, split_user
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FIELD = "client.proxy_url"


class Proxy:
    """An HTTP proxy. `credential` is what the header Proxy-Authorization holds, or None."""

    __slots__ = ("credential", "host", "port")

    def __init__(self, host: str, port: int, credential: Credential | None) -> None:
        self.host = host
        self.port = port
        self.credential = credential


def proxy_for(settings: Settings, url: str) -> Proxy | None:
    """The proxy that `client.proxy_url` names, else the environment's unless that is turned off."""
    if settings.get(FIELD):
        found = _found(lambda: text_of(settings.get(FIELD)))
        if isinstance(found, Proxy):
            return found
        raise _failure(settings, *found)
    if settings.get("client.proxy_from_environment") is False:
        return None
    parts = urlsplit(url)
    name = f"{parts.scheme}_proxy"
    if not _variable(name) or _is_excepted(
        parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    ):
        return None
    found = _found(lambda: _variable(name) if "://" in _variable(name) else f"http://{_variable(name)}")
    if isinstance(found, Proxy):
        return found
    reason, hint = found
    raise BadOption(f"the proxy in {name.upper()} cannot be used: {reason}", hint, option=FIELD)


def _found(written: Callable[[], str]) -> Proxy | tuple[str, str]:
    """The proxy, or why there is none and what to do; a value, for a traceback shows variables."""
    try:
        return _proxy(written())
    except LookupFailed as failure:
        return failure.reason, failure.hint
    except Refused as refused:
        return refused.reason, refused.remedy


def _proxy(url: str) -> Proxy:
    bare, user = split_user(url)
    try:
        parts = urlsplit(bare)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Refused("its host or port cannot be read", "write http://host:port") from None
    if parts.scheme != "http" or not host:
        raise Refused("a proxy is an `http` URL with a host", "write http://host:port")
    credential = None
    if user is not None:
        credential = Credential.basic(user)
    return Proxy(host, port or 80, credential)


def _failure(settings: Settings, reason: str, hint: str) -> EngineProfilesError:
    written = settings.get(FIELD)
    layer = settings.layer(FIELD)
    message = f"`{FIELD}` of profile {quoted(settings.name)} (set by {layer}): {reason}"
    reference = written.get("$secret") if isinstance(written, dict) else None
    if reference is None:
        return BadOption(message, hint, option=FIELD, profile=settings.name, layer=layer)
    return MissingCredential(message, hint, profile=settings.name, field=FIELD, layer=layer, reference=reference)


def _variable(name: str) -> str:
    # In a CGI process HTTP_PROXY is the header `Proxy` of whoever asks.
    upper = "" if name == "http_proxy" and "REQUEST_METHOD" in os.environ else os.environ.get(name.upper(), "")
    return (os.environ.get(name) or upper).strip()


def _is_excepted(host: str, port: int) -> bool:
    return is_loopback(host) or any(
        _fits(pattern.strip(), host, port) for pattern in _variable("no_proxy").lower().split(",")
    )


def _fits(pattern: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means the host: `*`, a name and all below it, an address, a network, and a port."""
    if "/" in pattern:
        try:
            return ipaddress.ip_address(host) in ipaddress.ip_network(pattern, strict=False)
        except ValueError:
            return False
    name, colon, only = pattern.rpartition(":")
    has_port = bool(colon) and only.isdigit() and (":" not in name or name.endswith("]"))
    if not has_port:
        name, only = pattern, ""
    name = "*" if name == "*" else name.strip("[]").lstrip("*").lstrip(".")
    return bool(name) and (name == "*" or host == name or host.endswith(f".{name}")) and only in ("", str(port))
