"""Sources -> Build: the passes in order. Within a phase every finding is reported; errors end it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from profilec.credentials import MODES, Mode
from profilec.diagnostics import CompileError, Report
from profilec.emit import bundle, emit
from profilec.encode import encode, sha256
from profilec.excerpts import with_excerpts
from profilec.expand import expand
from profilec.link import link
from profilec.merge import merge
from profilec.parallel import parse_all
from profilec.parse import parse_baseline
from profilec.sources import Source, read, read_one
from profilec.states import Build, Layer, Text, Value
from profilec.validate import validate

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
    earlier ones. `baseline` is a document of settings below every profile. `root` (by default the current directory)
    is what files are named relative to. `severities` maps rules to "error", "warning", "note" or "off". `jobs`
    processes, or any `concurrent.futures` executor, parse; the bytes never depend on them.

    Raises `CompileError` with all findings where there is an error among them.
    """
    if secrets not in MODES:
        raise ValueError(f"secrets is one of {', '.join(MODES)}, not {secrets!r}")
    report = Report(severities)
    with _uncollected():
        texts = read(sources, (root or Path.cwd()).absolute(), report)
        lowest = read_one(baseline, (root or Path.cwd()).absolute(), report) if baseline is not None else None
        _stop_if_errors(report, texts)
        clock("read")

        documents = parse_all(texts, secrets, jobs, executor, report)
        base = parse_baseline(lowest, secrets, report) if lowest else None
        read_texts = [*texts, lowest] if lowest else texts
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

        artifacts = {artifact.name: artifact for artifact in (emit(graph, each) for each in merged)}
        manifest, files = bundle(graph, artifacts, _inputs(secrets, base, lowest), [_source(each) for each in texts])
        clock("emit")
        return Build(manifest, artifacts, files, tuple(with_excerpts(report, read_texts)))


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


def _digest(text: Text | Value) -> str:
    if isinstance(text, Value):
        return sha256(encode(text.value))
    return sha256(text.text if isinstance(text.text, bytes) else text.text.encode())


def _stop_if_errors(report: Report, texts: Iterable[Text | Value]) -> None:
    if report.has_errors:
        raise CompileError(with_excerpts(report, texts))
