"""Graph -> who else uses a credential: the registries that set each reference, and the hosts that they name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from profilec.credentials import is_reference
from profilec.fields import SETTINGS, token
from profilec.states import Graph, Layer

_SECTIONS = ("chat", "api", "embeddings")


class Owners(NamedTuple):
    """What profiles have to know of registries that they do not stack on.

    `by_reference`: for each reference the profile of each registry that sets it, and where it does. `naming`: by name
    and host of base URLs the registries that set such. Equal for graphs that say the same, wherever it stands.
    """

    by_reference: Mapping[str, Mapping[str, tuple[str, str]]]
    naming: Mapping[tuple[str, str], set[str]]


def owners(graph: Graph) -> Owners:
    """Collected once. The baseline is the application's own, and owns nothing here."""
    references: dict[str, dict[str, tuple[str, str]]] = {}
    naming: dict[tuple[str, str], set[str]] = {}
    for layer in graph.layers:
        if not layer.registry:
            continue
        for reference, at in credentials_of(layer):
            references.setdefault(reference, {}).setdefault(layer.registry, (layer.profile, at))
        for _, name, url in _entries(layer, "base_urls"):
            if isinstance(url, str) and (host := place(url)[1]):
                naming.setdefault((name.removesuffix("-base-url"), host), set()).add(layer.registry)
    return Owners(references, naming)


def credentials_of(layer: Layer) -> Iterator[tuple[str, str]]:
    """The references that a layer sets as credentials of providers, each with its pointer."""
    for section, name, key in _entries(layer, "api_keys"):
        if is_reference(key):
            yield same(key["$secret"]), f"{SETTINGS}/{section}/api_keys/{token(name)}"


def same(reference: str) -> str:
    """A reference in a spelling that is the same for the same place: `./key` is the file `key`."""
    scheme, _, rest = reference.partition(":")
    return f"file:{posixpath.normpath(rest.strip())}" if scheme == "file" else reference


def place(url: Any) -> tuple[str, str]:
    """Scheme and host of a URL, in lower case; empty where it is none. A `\\` is read as browsers do, as a `/`."""
    try:
        parts = urlsplit(str(url).strip().replace("\\", "/"))
        return parts.scheme, (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""


def _entries(layer: Layer, field: str) -> Iterator[tuple[str, str, Any]]:
    for section in _SECTIONS:
        table = (layer.settings.get(section) or {}).get(field) or {}
        for name, value in table.items():
            yield section, name, value
