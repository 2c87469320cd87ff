"""Merged -> findings about where requests go and what they carry: what a reviewer is to look at twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from profilec.causes import Causes
from profilec.credentials import MASK, is_reference
from profilec.diagnostics import Diagnostic, Note
from profilec.endpoints import PROVIDERS, Endpoint, endpoints, is_here
from profilec.fields import SETTINGS, token
from profilec.passes.validate.winners import winner
from profilec.rules import RULES
from profilec.states import Graph, Layer, Merged

Found = tuple[Diagnostic, int]
_NOTHING: dict[str, Any] = {}


class Permission(NamedTuple):
    """A field that allows what engines refuse otherwise, by api type, with or without `ending` behind it."""

    rule: str
    field: str
    ending: str
    what: str
    hint: str


_PERMISSIONS = (
    Permission("plain-http-allowed", "allow_http", "-allow-http", "plain HTTP", "use https, and take this out"),
    Permission(
        "local-network-allowed",
        "allow_local_networks",
        "-allow-local-networks",
        "addresses in the local network",
        "take it out, unless the host is meant to be one of yours",
    ),
)


class Dangers:
    """Looks at profiles one after the other, and but once at those that share their endpoints."""

    def __init__(self, graph: Graph, causes: Causes) -> None:
        self.graph, self.causes = graph, causes
        # By the identity of sections: the merge shares those that a layer leaves alone, and their lineage with them.
        # What they belong to is kept, since another section could come to lie where one was.
        self.known: dict[tuple[object, ...], tuple[Merged, list[Found]]] = {}

    def check(self, merged: Merged) -> None:
        section = merged.settings.get
        chat = section("chat") or _NOTHING
        api, embeddings, rerank, keys = section("api"), section("embeddings"), section("rerank"), chat.get("api_keys")
        if api is None and embeddings is None and rerank is None and keys is None:
            return
        # Nothing else decides where requests go.
        key = (id(api), id(embeddings), id(rerank), id(keys), chat.get("api_type"), not chat.get("engine"))
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = (merged, list(self._found(merged)))
        for finding, layer in known[1]:
            self.causes.add(finding, layer, merged.stack[-1])

    def _found(self, merged: Merged) -> Iterator[Found]:
        for endpoint in endpoints(merged.settings):
            if endpoint.credential and endpoint.url_at and endpoint.credential_at:
                yield from self._over_http(merged, endpoint)
                yield from self._redirected(merged, endpoint)
        yield from self._allowed(merged)

    def _over_http(self, merged: Merged, endpoint: Endpoint) -> Iterator[Found]:
        scheme, host = _place(endpoint.url)
        if scheme != "http" or is_here(host):
            return
        number, layer = winner(self.graph, merged, endpoint.url_at)
        _, owner = winner(self.graph, merged, endpoint.credential_at)
        notes = [Note(f"`{owner.name}` sets the credential", owner.span_of(endpoint.credential_at))]
        message = f"{_credential(endpoint, owner)} is sent to `{host}` in the clear"
        hint = "use https; plain HTTP is for this machine"
        yield _found("credential-over-http", message, layer, endpoint.url_at, notes, hint), number

    def _redirected(self, merged: Merged, endpoint: Endpoint) -> Iterator[Found]:
        """A base URL that belongs to another registry than the credential, which did not choose it."""
        number, layer = winner(self.graph, merged, endpoint.url_at)
        owned, owner = winner(self.graph, merged, endpoint.credential_at)
        # The baseline is the application's own, and so is its environment.
        if layer.registry == owner.registry or not (layer.registry and owner.registry):
            return
        host = endpoint.url if endpoint.url.startswith("${") else _place(endpoint.url)[1]
        if not host or host.startswith("${env:") or is_here(host) or host in self._expected(merged, endpoint, owner):
            return
        if self._stands_on(owned, number):
            return
        at = endpoint.credential_at
        notes = [Note(f"`{owner.name}` sets the credential", owner.span_of(at))]
        message = f"`{layer.name}` sends {_credential(endpoint, owner)} to `{host}`"
        hint = f"set a credential for this host beside its URL, or let `{owner.registry}` set the URL"
        yield _found("redirected-credential", message, layer, endpoint.url_at, notes, hint), number

    def _expected(self, merged: Merged, endpoint: Endpoint, owner: Layer) -> set[str]:
        """The hosts that a credential is meant for: the provider's own, and those that its own registry names."""
        _, default = PROVIDERS[endpoint.role].get(endpoint.api_type, ((), ""))
        layers = [self.graph.layers[number] for number in merged.stack]
        named = [each.fields.get(endpoint.url_at) for each in layers if each.registry == owner.registry]
        urls = [default, *(written[2] for written in named if written)]
        return {_place(each)[1] for each in urls if isinstance(each, str)}

    def _stands_on(self, upper: int, lower: int) -> bool:
        """Whether a layer stacks on another one, and so has chosen what that sets."""
        seen = {upper}
        pending = [upper]
        while pending:
            for parent in self.graph.parents[pending.pop()]:
                if parent not in seen:
                    seen.add(parent)
                    pending.append(parent)
        return lower in seen

    def _allowed(self, merged: Merged) -> Iterator[Found]:
        """What is allowed beyond the usual, unless it leads to this machine."""
        settings = merged.settings
        api = settings.get("api") or {}
        for rule, field, ending, what, hint in _PERMISSIONS:
            for key, is_allowed in (api.get(field) or {}).items():
                kind = key.removesuffix(ending)
                at = f"{SETTINGS}/api/{field}/{token(key)}"
                if is_allowed is not True or _leads_here(settings, kind):
                    continue
                number, layer = winner(self.graph, merged, at)
                if layer.registry:
                    message = f"`{layer.name}` allows {what} for `{kind}`"
                    yield _found(rule, message, layer, at, [], hint), number


def _found(rule: str, message: str, layer: Layer, at: str, notes: list[Note], hint: str) -> Diagnostic:
    return Diagnostic(rule, RULES[rule].severity, message, layer.span_of(at), tuple(notes), hint)


def _credential(endpoint: Endpoint, owner: Layer) -> str:
    named = f"`{endpoint.credential}` of " if endpoint.credential and endpoint.credential != MASK else ""
    return f"the credential {named}`{owner.name}`"


def _place(url: Any) -> tuple[str, str]:
    """Scheme and host of a URL, in lower case; empty where it is none."""
    try:
        parts = urlsplit(str(url).strip())
        return parts.scheme, (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""


def _leads_here(settings: dict[str, Any], kind: str) -> bool:
    """Whether the address that an api type has in a profile is this machine's."""
    names = {kind}
    default = ""
    for table in PROVIDERS.values():
        own, url = table.get(kind, ((), ""))
        names.update(own)
        default = default or url
    tables = [(settings.get(section) or {}).get("base_urls") or {} for section in ("api", "embeddings")]
    urls = [table[f"{name}-base-url"] for table in tables for name in sorted(names) if table.get(f"{name}-base-url")]
    return all(not is_reference(url) and is_here(_place(url)[1]) for url in urls or [default])
