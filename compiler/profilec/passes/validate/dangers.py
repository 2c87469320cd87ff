"""Merged -> findings about where requests go and what they carry: what a reviewer is to look at twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, TypeGuard

from profilec.causes import Causes
from profilec.credentials import MASK, implied_name, is_reference
from profilec.diagnostics import Diagnostic, Note
from profilec.endpoints import PROVIDERS, Endpoint, endpoints, is_here, names_beside, oddity, own_hosts
from profilec.fields import SETTINGS, steps, token
from profilec.passes.validate.owners import Owners, credentials_of, owners, place, same
from profilec.passes.validate.winners import winner
from profilec.rules import RULES
from profilec.states import Graph, Layer, Merged

Found = tuple[Diagnostic, int]
_NOTHING: dict[str, Any] = {}
_BRACES = re.compile(r"\$\{[^{}]*\}")
_PROXY = f"{SETTINGS}/client/proxy_url"
# The variables that are called as a provider's credential is.
_BY_VARIABLE = {
    f"env:{implied_name(f'{name}-api-key')}": name
    for table in PROVIDERS.values()
    for kind, (names, _) in table.items()
    for name in (kind, *names)
}


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
        self.not_naming: dict[tuple[str, str, str, str], list[tuple[str, tuple[int, str]]]] = {}

    @cached_property
    def owners(self) -> Owners:
        return owners(self.graph)

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        return {(each.registry, each.profile): number for number, each in enumerate(self.graph.layers)}

    def check(self, merged: Merged) -> None:
        section = merged.settings.get
        chat = section("chat") or _NOTHING
        api, embeddings, rerank, keys = section("api"), section("embeddings"), section("rerank"), chat.get("api_keys")
        if api is None and embeddings is None and rerank is None and keys is None:
            return
        # Nothing else decides where requests go.
        proxy = (section("client") or _NOTHING).get("proxy_url")
        key = (id(api), id(embeddings), id(rerank), id(keys), id(proxy), chat.get("api_type"), not chat.get("engine"))
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = (merged, list(self._found(merged)))
        for finding, layer in known[1]:
            self.causes.add(finding, layer, merged.stack[-1])

    def _found(self, merged: Merged) -> Iterator[Found]:
        yield from self._odd(merged)
        for endpoint in endpoints(merged.settings):
            if endpoint.credential and endpoint.credential_at:
                yield from self._over_http(merged, endpoint)
                if endpoint.url_at:
                    yield from self._redirected(merged, endpoint)
        yield from self._allowed(merged)

    def _odd(self, merged: Merged) -> Iterator[Found]:
        for section in ("api", "embeddings"):
            for name, url in ((merged.settings.get(section) or {}).get("base_urls") or {}).items():
                # What stands in braces is a finding of its own.
                if not isinstance(url, str) or not url or not (why := oddity(_BRACES.sub("x", url))):
                    continue
                at = f"{SETTINGS}/{section}/base_urls/{token(name)}"
                number, layer = winner(self.graph, merged, at)
                message = f"the base URL `{name}` {why}"
                yield _found("odd-url", message, layer, at, [], "write https://host/path"), number

    def _over_http(self, merged: Merged, endpoint: Endpoint) -> Iterator[Found]:
        scheme, host = place(endpoint.url)
        if scheme != "http":
            return
        at, what, hint = endpoint.url_at, f"to `{host}`", "use https; plain HTTP is for this machine"
        if _is_here(endpoint.url):
            # A proxy is asked for all hosts, this machine among them.
            proxy = (merged.settings.get("client") or _NOTHING).get("proxy_url")
            at, what = _PROXY, f"for `{host}` to the proxy"
            hint = "leave the proxy to the application, or use https"
            if not proxy or not winner(self.graph, merged, at)[1].registry:
                return
            if isinstance(proxy, str) and is_here(place(proxy)[1]):
                return
        if not at:
            return
        number, layer = winner(self.graph, merged, at)
        _, owner = winner(self.graph, merged, endpoint.credential_at)
        notes = [Note(f"`{owner.name}` sets the credential", owner.span_of(endpoint.credential_at))]
        message = f"{_credential(endpoint, owner)} is sent {what} in the clear"
        yield _found("credential-over-http", message, layer, at, notes, hint), number

    def _redirected(self, merged: Merged, endpoint: Endpoint) -> Iterator[Found]:
        """A base URL that belongs to another registry than the credential, which did not choose it."""
        number, layer = winner(self.graph, merged, endpoint.url_at)
        _, setter = winner(self.graph, merged, endpoint.credential_at)
        # The baseline is the application's own, and so is its environment.
        if not (layer.registry and setter.registry):
            return
        host = endpoint.url if endpoint.url.startswith("${") else place(endpoint.url)[1]
        if not host or host.startswith("${env:") or _is_here(endpoint.url) or _is_own(host, endpoint):
            return
        owner, at = self._unasked(merged, endpoint, number, host)
        if owner is None:
            return
        notes = [Note(f"`{owner.name}` sets the credential", owner.span_of(at))]
        if owner is not setter:
            notes.append(Note(f"`{setter.name}` sets it too", setter.span_of(endpoint.credential_at)))
        message = f"`{layer.name}` sends {_credential(endpoint, owner)} to `{host}`"
        hint = f"set a credential for this host beside its URL, or let `{owner.registry}` set the URL"
        yield _found("redirected-credential", message, layer, endpoint.url_at, notes, hint), number

    def _unasked(self, merged: Merged, endpoint: Endpoint, url: int, host: str) -> tuple[Layer | None, str]:
        """Who sets the credential in another registry than the URL's, and has not chosen the host; with the place.

        All registries that set a reference own it: one that repeats another's has no more right to it.
        """
        number, setter = winner(self.graph, merged, endpoint.credential_at)
        own = (setter.registry, (number, endpoint.credential_at))
        is_known = setter.registry in self._naming(endpoint, host)
        for registry, (owner, at) in chain([own] * (not is_known), self._not_naming(endpoint, host)):
            if registry == self.graph.layers[url].registry:
                continue
            if not any(self._stands_on(each, url) for each in self._setters(merged, endpoint, registry)):
                return self.graph.layers[owner], at
        return None, ""

    def _not_naming(self, endpoint: Endpoint, host: str) -> list[tuple[str, tuple[int, str]]]:
        """The registries that set a reference and do not name the host: looked for once, there may be thousands."""
        if not _is_lookup(endpoint.credential):
            return []
        reference = same(endpoint.credential)
        key = (reference, host, _name(endpoint.url_at), _name(endpoint.credential_at))
        if key not in self.not_naming:
            naming = self._naming(endpoint, host)
            self.not_naming[key] = [
                (registry, (self.numbers[registry, profile], at))
                for registry, (profile, at) in self.owners.by_reference.get(reference, _NOTHING).items()
                if registry not in naming
            ]
        return self.not_naming[key]

    def _naming(self, endpoint: Endpoint, host: str) -> set[str]:
        """The registries that have base URLs of a host themselves, for the provider that the credential is used for."""
        names = names_beside(_name(endpoint.url_at)) | names_beside(_name(endpoint.credential_at))
        return {registry for name in names for registry in self.owners.naming.get((name, host), ())}

    def _setters(self, merged: Merged, endpoint: Endpoint, registry: str) -> Iterator[int]:
        """The layers of a registry in a stack that set the credential."""
        for number in merged.stack:
            layer = self.graph.layers[number]
            if layer.registry != registry:
                continue
            if number == winner(self.graph, merged, endpoint.credential_at)[0] or any(
                reference == same(endpoint.credential or "") for reference, _ in credentials_of(layer)
            ):
                yield number

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


def _is_lookup(credential: str | None) -> TypeGuard[str]:
    """Whether a credential is looked up by a reference, which others may set too; what is embedded is masked."""
    return credential is not None and credential != MASK


def _name(at: str) -> str:
    """The provider's name in the pointer of a credential or base URL."""
    return steps(at)[-1].removesuffix("-base-url").removesuffix("-api-key")


def _is_here(url: str) -> bool:
    return is_here(place(url)[1]) and not oddity(url)


def _is_own(host: str, endpoint: Endpoint) -> bool:
    """Whether a host is that of the provider whose credential it is, by the api type or by what that is called."""
    names = names_beside(_name(endpoint.credential_at)) | {endpoint.api_type}
    if endpoint.credential in _BY_VARIABLE:
        names |= names_beside(_BY_VARIABLE[endpoint.credential])
    return any(host == own or host.endswith(f".{own}") for own in own_hosts(names))


def _leads_here(settings: dict[str, Any], kind: str) -> bool:
    """Whether all addresses that may be asked under an api type, or a name beside it, are this machine's."""
    names = names_beside(kind)
    tables = [(settings.get(section) or {}).get("base_urls") or {} for section in ("api", "embeddings")]
    url_by_name = [
        (name, table[key]) for table in tables for name in sorted(names) if table.get(key := f"{name}-base-url")
    ]
    known = {name for name, _ in url_by_name}
    defaults = [
        url
        for table in PROVIDERS.values()
        for each, (own, url) in table.items()
        if kind in (each, *own) and url and known.isdisjoint(own)
    ]
    urls = [*(url for _, url in url_by_name), *defaults]
    return bool(urls) and all(not is_reference(url) and _is_here(url) for url in urls)
