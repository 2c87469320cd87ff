"""A Python mapping -> Tree: a deep copy in which only JSON's own types are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profilec.diagnostics import Report, Span
from profilec.encode import safe_number
from profilec.syntax.tree import MAX_DEPTH, MAX_NODES, Tree


def parse(name: str, value: Mapping[str, Any], report: Report) -> Tree:
    """Copy the value, and report what JSON could not hold. A mapping that contains itself is too deep."""
    return Tree(name, _Copy(name, report).copy(value, "", 0), "")


class _Copy:
    def __init__(self, name: str, report: Report) -> None:
        self.name, self.report, self.nodes = name, report, 0

    def copy(self, value: Any, where: str, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            self._refuse("too-deep", f"`{where[:80]}…` is nested deeper than {MAX_DEPTH} levels")
            return None
        if self.nodes > MAX_NODES:
            if self.nodes == MAX_NODES + 1:
                self._refuse("too-large", f"the mapping holds more than {MAX_NODES:,} values")
            return None
        if value is None or value.__class__ in (str, bool):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value, where)
        if isinstance(value, Mapping):
            return self._mapping(value, where, depth)
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
            return [self.copy(each, f"{where}/{index}", depth + 1) for index, each in enumerate(value)]
        self._refuse("wrong-type", f"`{where}` is a Python {type(value).__name__}, which JSON cannot hold")
        return None

    def _mapping(self, value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
        result = {}
        for key, inner in value.items():
            if isinstance(key, str):
                result[str(key)] = self.copy(inner, f"{where}/{key}", depth + 1)
            else:
                self._refuse("non-text-key", f"the key `{key!r}` in `{where}` is not text")
        return result

    def _number(self, value: float, where: str) -> float | None:
        safe = safe_number(int(value) if isinstance(value, int) else float(value))
        if safe is None:
            self._refuse("unsafe-number", f"`{where}` is a number that JSON readers change or refuse")
        return safe

    def _refuse(self, rule: str, message: str) -> None:
        self.report.error(rule, message, Span(self.name))
