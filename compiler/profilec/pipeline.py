"""Sources -> Build: the passes in order. Within a phase every finding is reported; errors end it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profilec.credentials import MODES, Mode
from profilec.diagnostics import CompileError, Report
from profilec.encode import encode, sha256
from profilec.parallel import HEAD_START, can_fork, chunks_of, in_copies, jobs_that_pay, with_executor
from profilec.passes.emit import bundle, emit
from profilec.passes.expand import expand
from profilec.passes.link import link
from profilec.passes.merge import merge
from profilec.passes.parse import parse_baseline, parse_many
from profilec.passes.validate import validate
from profilec.rendering.excerpts import with_excerpts
from profilec.sources import Source, read, read_one
from profilec.states import Build, Document, Layer, Text, Value

if TYPE_CHECKING:
    from concurrent.futures import Executor

Clock = Callable[[str], None]


def compile(
    sources: Source | Iterable[Source],
    baseline: Source | None = None,
    secrets: Mode = "reference",
    jobs: int = 1,
    executor: Executor | None = None,
    *,
    root: Path | None = None,
    severities: Mapping[str, str] | None = None,
    lineage: bool = True,
    clock: Clock = lambda phase: None,
) -> Build:
    """Compile the profiles of all sources.

    `sources` are paths, source strings, `Text`s or mappings, in the order of the chain: later ones stand above
    earlier ones. `baseline` is a document of settings below every profile. `secrets` says what becomes of a credential
    that a source holds. `jobs` processes parse (0: as many as pay), or any `concurrent.futures`
    executor; the bytes never depend on them. `root` (by default the current directory) is what
    files are named relative to. `severities` maps rules to "error", "warning", "note" or "off". Without `lineage`
    nothing is recorded of where fields come from, which only benchmarks want. `clock` is called after each phase.

    Raises `CompileError` with all findings where there is an error among them.
    """
    if secrets not in MODES:
        raise ValueError(f"secrets is one of {', '.join(MODES)}, not {secrets!r}")
    root = (root or Path.cwd()).absolute()
    report = Report(severities)
    with _uncollected():
        texts = read(sources, root, report)
        lowest = read_one(baseline, root, report) if baseline is not None else None
        read_texts = [*texts, lowest] if lowest else texts
        _stop_if_errors(report, read_texts)
        clock("read")

        jobs = jobs or jobs_that_pay(sum(map(_size, texts)))
        documents = _parse(texts, secrets, jobs, executor, report)
        base = parse_baseline(lowest, secrets, report) if lowest else None
        _stop_if_errors(report, read_texts)
        clock("parse")

        graph = link(documents, base, report)
        _stop_if_errors(report, read_texts)
        clock("link")

        stacks = expand(graph)
        clock("expand")

        merged = list(merge(graph, stacks, lineage))
        clock("merge")

        for each in merged:
            validate(graph, each, report)
        _stop_if_errors(report, read_texts)
        clock("validate")

        artifacts = {artifact.name: artifact for artifact in emit(graph, merged)}
        manifest, files = bundle(graph, artifacts, _inputs(secrets, base, lowest), [_source(each) for each in texts])
        clock("emit")
        return Build(manifest, artifacts, files, tuple(with_excerpts(report, read_texts)))


def _parse(
    texts: Sequence[Text | Value], secrets: Mode, jobs: int, executor: Executor | None, report: Report
) -> list[Document]:
    work = partial(parse_many, secrets=secrets)
    sizes = list(map(_size, texts))
    if executor is not None:
        results = with_executor(executor, work, chunks_of(texts, sizes, max(jobs, 16)))
    elif jobs > 1 and can_fork():
        results = in_copies(work, chunks_of(texts, sizes, jobs, HEAD_START))
    elif jobs > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            results = with_executor(pool, work, chunks_of(texts, sizes, jobs))
    else:
        results = [work(texts)]
    for _, diagnostics in results:
        report.extend(diagnostics)
    return [document for documents, _ in results for document in documents]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing here makes cycles, and looking for them among millions of values costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _inputs(secrets: Mode, base: Layer | None, lowest: Text | Value | None) -> dict[str, Any]:
    baseline = {"name": base.profile, "digest": _digest(lowest)} if base and lowest else None
    return {"secrets": secrets, "baseline": baseline}


def _source(text: Text | Value) -> dict[str, Any]:
    return {"name": text.name, "kind": text.syntax if isinstance(text, Text) else "memory", "digest": _digest(text)}


def _size(text: Text | Value) -> int:
    return len(text.text) if isinstance(text, Text) else 0


def _digest(text: Text | Value) -> str:
    if isinstance(text, Value):
        return sha256(encode(text.value))
    return sha256(text.text if isinstance(text.text, bytes) else text.text.encode())


def _stop_if_errors(report: Report, texts: Iterable[Text | Value]) -> None:
    if report.has_errors:
        raise CompileError(with_excerpts(report, texts))
