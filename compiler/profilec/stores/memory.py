"""Registries in memory: a store for tests and for programs that make their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from profilec.stores.backend import Entry, Stored


class Memory:
    """The registries of a store that lies nowhere else."""

    name = "<memory>"
    is_there = True

    def __init__(self) -> None:
        self._lock = Lock()
        self._registries: dict[str, Stored] = {}
        self._history: list[Entry] = []

    @contextmanager
    def reading(self) -> Iterator[Memory]:
        yield self

    @contextmanager
    def changing(self) -> Iterator[Memory]:
        with self._lock:
            yield self

    def slugs(self) -> list[str]:
        return sorted(self._registries)

    def get(self, slug: str) -> Stored | None:
        return self._registries.get(slug)

    def replace(self, slug: str, stored: Stored | None, entry: Entry, *, is_private: bool) -> None:
        if stored is None:
            del self._registries[slug]
        else:
            self._registries[slug] = stored
        self._history.append(entry)

    def history(self) -> list[Entry]:
        return list(self._history)
