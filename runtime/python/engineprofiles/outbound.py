"""base URL + what the settings allow -> the URL, or why it must not be asked. No name is looked up."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import unquote, urlsplit, urlunsplit

HTTP_REMEDY = "use https, or set `api.allow_http.API_TYPE` to true"
LOCAL_REMEDY = "if it is meant, set `api.allow_local_networks.API_TYPE` to true"

# What hosts files call this machine, and where a cloud tells a machine its credentials.
_LOCAL_NAMES = (
    *("localhost", "localhost.localdomain", "localhost4", "localhost6", "localhost6.localdomain6"),
    *("ip6-localhost", "ip6-loopback", "metadata.google.internal"),
)
_METADATA = ipaddress.ip_address("100.100.100.200")  # As 169.254.169.254, in another cloud.
# NAT64, and the older forms of an IPv4 address in IPv6.
_TRANSLATED = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")]


class Refused(Exception):
    """Why an address is not to be asked, and what to do (API_TYPE stands for the api type), without a user part."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def split_user(url: str) -> tuple[str, str | None]:
    """The URL without its user part, and that part as `user:password`, or None."""
    url = url.strip()
    if any(c < " " or c == "\x7f" for c in url):
        raise Refused("it holds control characters", "write it on one line")  # urlsplit would leave them out.
    try:
        parts = urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
        bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    except ValueError:
        raise Refused("it is not a URL", "write scheme://host/path") from None
    if not bare.isascii() or " " in bare:
        raise Refused("it holds blanks or characters beyond ASCII", "write them percent-encoded")
    return bare, unquote(user) if at else None


def check(url: str, allow_http: bool, allow_local: bool) -> None:
    """Refuse other schemes than https, and hosts that are local, unless they are allowed."""
    try:
        parts = urlsplit(url)
        host, scheme, _ = (parts.hostname or "").rstrip("."), parts.scheme.lower(), parts.port
    except ValueError:
        raise Refused("its host or port cannot be read", "write scheme://host:port/path") from None
    if scheme not in ("http", "https"):
        raise Refused(f"its scheme is {scheme!r}, not https", "write https://…")
    if not host:
        raise Refused("it names no host", "write scheme://host/path")
    if scheme == "http" and not allow_http:
        raise Refused("plain HTTP is not allowed", HTTP_REMEDY)
    address = _address(host)
    if address is None:
        if not allow_local and is_local(host):
            raise Refused(f"the local host name `{host}` is not allowed", LOCAL_REMEDY)
        return
    if address.is_unspecified or address.is_multicast:
        raise Refused(f"the address `{host}` is no single host's", "write the address of the server")
    if not allow_local and is_local(host):
        raise Refused(f"the local network address `{host}` is not allowed", LOCAL_REMEDY)


def is_local(host: str) -> bool:
    """Whether a host is this machine's or a private network's, as far as its name tells."""
    address = _address(host)
    if address is None:
        host = host.rstrip(".").lower()
        return host in _LOCAL_NAMES or host.endswith((".localhost", ".local"))
    if isinstance(address, ipaddress.IPv6Address):
        return _is_local_address(address) or any(map(_is_local_address, _within(address)))
    return _is_local_address(address)


def _is_local_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_loopback or address.is_private or address.is_link_local or address == _METADATA
    return address.is_loopback or address.is_private or address.is_link_local or address.is_site_local


def _within(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 address that one of IPv6 leads to, through a translator or a tunnel."""
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    found = [low] if any(address in network for network in _TRANSLATED) else []
    return [*found, address.sixtofour] if address.sixtofour else found


def is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in host:
        raise Refused("its address has a zone", "write the address without `%zone`")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # `127.1` and `2130706433` are no addresses to ipaddress, and 127.0.0.1 to whoever connects.
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host)) if host[:1].isdigit() else None
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address
