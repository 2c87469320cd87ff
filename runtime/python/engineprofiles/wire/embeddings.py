"""texts -> vectors: OpenAI Embeddings, and Ollama's own endpoint."""

from __future__ import annotations

from .parameters import Parameters, column
from .usage import usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def request(p: Parameters, texts: list[str]) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path, the headers and the body."""
    body: dict[str, Any] = {"model": p.model, "input": texts}
    if p.protocol == "ollama-embeddings":
        options = {name: p.take(field) for field, name in _options().items() if p.take(field) is not None}
        dimensions = p.take("embeddings.dimensions")
        further = {"dimensions": dimensions or None, "options": options or None}
        return "api/embed", {}, body | {name: value for name, value in further.items() if value is not None}
    if p.model.rpartition("/")[2] == "text-embedding-ada-002" and p.take("embeddings.dimensions") not in (
        None,
        0,
        1536,
    ):
        p.refuse(f"{p.model} has 1536 dimensions and takes no other number", "leave it out", "embeddings.dimensions")
    if p.take("embeddings.dimensions") and p.model.rpartition("/")[2] != "text-embedding-ada-002":
        body["dimensions"] = p.take("embeddings.dimensions")
    # Without it some clients and servers disagree on base64.
    return "embeddings", {}, {**body, "encoding_format": "float"}


def vectors(document: dict[str, Any]) -> tuple[list[list[float]], dict[str, int] | None]:
    """The vectors in the order of the texts, and the usage."""
    if "embeddings" in document:
        return _numbers(document["embeddings"]), _usage(document.get("prompt_eval_count"))
    rows = sorted(document["data"], key=lambda row: row["index"])
    counts = document.get("usage") or {}
    return _numbers([row["embedding"] for row in rows]), _usage(counts.get("prompt_tokens"))


def _usage(tokens: Any) -> dict[str, int] | None:
    counted = usage(tokens, 0)
    return counted if counted and "input_tokens" in counted else None


def _options() -> dict[str, str]:
    return {
        field: name.removeprefix("options.")
        for field, name in column("ollama-embeddings").items()
        if name.startswith("options.")
    }


def _numbers(rows: Any) -> list[list[float]]:
    if all(isinstance(row, list) and all(isinstance(n, (int, float)) for n in row) for row in rows):
        return list(rows)
    raise TypeError("a vector is not a list of numbers")
