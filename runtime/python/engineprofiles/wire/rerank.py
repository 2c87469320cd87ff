"""query + documents -> which of them are relevant: llama.cpp's endpoint, and Cohere's."""

from __future__ import annotations

from ..reply import Ranked
from .parameters import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSIONS = {"llamacpp-rerank": "v1", "cohere-rerank": "v2"}


def request(
    p: Parameters, query: str, documents: list[str], top_n: int | None
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The path below the version, the headers and the body."""
    body: dict[str, Any] = {"model": p.model, "query": query, "documents": documents}
    return "rerank", {}, body if top_n is None else {**body, "top_n": top_n}


def ranked(document: dict[str, Any], count: int) -> list[Ranked]:
    """The most relevant first. Each index is one of the documents', once."""
    found = [Ranked(row["index"], float(row["relevance_score"])) for row in document["results"]]
    indexes = {each.index for each in found}
    if len(indexes) != len(found) or not all(isinstance(i, int) and 0 <= i < count for i in indexes):
        raise ValueError("an index is not that of a document")
    return sorted(found, key=lambda each: (-each.score, each.index))
