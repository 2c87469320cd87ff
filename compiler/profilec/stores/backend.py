"""What a store needs of the place where its registries lie."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from profilec.diagnostics import CompileError


class StoreError(CompileError):
    """A store cannot be read or changed; nothing was. `diagnostics` says why."""


class Stored(NamedTuple):
    """One registry as a document in plain data, and its default profile where the place names one."""

    document: dict[str, Any]
    default: str | None = None


class Entry(NamedTuple):
    """One change in a store's history: when (milliseconds since 1970), by whom, what, and the version it made.

    `action` is "put" or "delete", `name` a registry or "registry/profile"; `fields` are the JSON Pointers that changed.
    """

    at_ms: int
    actor: str | None
    action: str
    name: str
    version: int
    fields: list[str]


class Content(Protocol):
    """The registries of one store, while it is open."""

    def slugs(self) -> list[str]: ...

    def get(self, slug: str) -> Stored | None: ...

    def replace(self, slug: str, stored: Stored | None, entry: Entry, *, is_private: bool) -> None:
        """Put a registry in the place of what has its slug, or remove it. `is_private`: it holds a credential."""

    def history(self) -> list[Entry]: ...


class Backend(Protocol):
    """A place that can be opened: to look at it, or for a change that no other one comes between."""

    @property
    def name(self) -> str: ...

    def reading(self) -> AbstractContextManager[Content]: ...

    def changing(self) -> AbstractContextManager[Content]: ...
