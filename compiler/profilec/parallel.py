"""Texts -> Documents, in one process or in many. The results and findings are the same, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from profilec.credentials import Mode
from profilec.diagnostics import Diagnostic, Report
from profilec.parse import parse
from profilec.states import Document, Text, Value

_Parsed = tuple[list[Document], list[Diagnostic]]


def parse_all(
    texts: Sequence[Text | Value], secrets: Mode, jobs: int, executor: Executor | None, report: Report
) -> list[Document]:
    """Parse every text. With an executor, or more than one job, in chunks of about equal size."""
    if executor is None and (jobs < 2 or len(texts) < 2):
        return [document for text in texts if (document := parse(text, secrets, report)) is not None]
    if executor is not None:
        return _gather(executor, texts, secrets, max(jobs, 8), report)
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:
        return _gather(pool, texts, secrets, jobs, report)


def _gather(executor: Executor, texts: Sequence[Text | Value], secrets: Mode, parts: int, report: Report) -> list[Document]:
    documents = []
    futures = [executor.submit(parse_chunk, chunk, secrets) for chunk in _chunks(texts, parts)]
    for future in futures:
        parsed, diagnostics = future.result()
        documents.extend(parsed)
        report.extend(diagnostics)
    return documents


def parse_chunk(texts: Sequence[Text | Value], secrets: Mode) -> _Parsed:
    """What one worker does: public so that it can be sent to another process or machine."""
    report = Report()
    documents = [document for text in texts if (document := parse(text, secrets, report)) is not None]
    return documents, list(report)


def _chunks(texts: Sequence[Text | Value], parts: int) -> list[Sequence[Text | Value]]:
    """Consecutive texts, cut where about an equal share of the bytes has come together."""
    sizes = [len(text.text) if isinstance(text, Text) else 10_000 for text in texts]
    share = sum(sizes) / parts or 1
    chunks: list[list[Text | Value]] = []
    filled = share
    for text, size in zip(texts, sizes, strict=True):
        if filled >= share:
            chunks.append([])
            filled = 0
        chunks[-1].append(text)
        filled += size
    return list(chunks)
