"""What a store needs of the place where its registries lie."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, suppress
from typing import Any, NamedTuple, Protocol

from profilec.diagnostics import CompileError, Diagnostic, Span


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


def entry_of(found: dict[str, Any], place: str) -> Entry:
    """An entry as it was written. Raises `StoreError` for what is none."""
    kinds = (int, str | None, str, str, int, list)
    with suppress(ValueError, TypeError, KeyError):
        if isinstance(found["fields"], str):
            found["fields"] = json.loads(found["fields"])
        entry = Entry(**found)
        are_right = [isinstance(each, kind) for each, kind in zip(entry, kinds, strict=True)]
        if all(are_right) and all(isinstance(each, str) for each in entry.fields):
            return entry
    hint = "mend it, or move it away: no registry depends on it"
    raise StoreError([Diagnostic("broken-history", "error", "this is no entry of a history", Span(place), hint=hint)])


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

    @property
    def is_there(self) -> bool: ...

    def reading(self) -> AbstractContextManager[Content]: ...

    def changing(self) -> AbstractContextManager[Content]: ...
