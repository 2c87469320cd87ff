"""Sources -> Build: the passes in order. Within a phase every finding is reported; errors end it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from profilec.builds.write import MANIFEST, Written, opened
from profilec.carried import Carried
from profilec.causes import Causes
from profilec.credentials import MODES, Mode
from profilec.diagnostics import SEVERITIES, CompileError, Diagnostic, Report, Severity, did_you_mean, unfit
from profilec.encode import sha256
from profilec.parallel import HEAD_START, can_fork, chunks_of, in_copies, jobs_that_pay, with_executor
from profilec.passes.emit import anew, bundle, emit
from profilec.passes.expand import expand
from profilec.passes.link import link
from profilec.passes.merge import merge
from profilec.passes.parse import parse_baseline, parse_many
from profilec.passes.parse.policy import parse_policies
from profilec.passes.validate import validate
from profilec.passes.validate.owners import owners
from profilec.passes.validate.policies import held_by, idle
from profilec.rendering.excerpts import with_excerpts
from profilec.sources import Source, digest_of, inputs_of, read, read_one
from profilec.sources.policies import read_policies
from profilec.states import Artifact, Build, Document, Emitted, Graph, Parsed, Policy, Stack, Text, Value

if TYPE_CHECKING:
    from concurrent.futures import Executor

Clock = Callable[[str], None]
Put = Callable[[str, bytes], bool]
# How many profiles a copy of the process has to merge and emit before it pays.
_WORTH_A_COPY = 500


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile; `compile` says what each means."""

    baseline: Source | None = None
    secrets: Mode = "reference"
    jobs: int = 1
    executor: Executor | None = None
    root: str | os.PathLike[str] | None = None
    severities: Mapping[str, str] | None = None
    fail_on: Collection[Severity] = ()
    lineage: bool = True
    clock: Clock = lambda phase: None
    ext_str: Mapping[str, str] = field(default_factory=dict)
    ext_code: Mapping[str, str] = field(default_factory=dict)
    tla_str: Mapping[str, str] = field(default_factory=dict)
    tla_code: Mapping[str, str] = field(default_factory=dict)
    jpath: Sequence[str | os.PathLike[str]] = ()
    policies: Source | Iterable[Source] = ()
    carried: Carried | None = None

    def variables(self) -> list[dict[str, str]]:
        """The variables as the manifest names them: a value may be a credential, so by a digest.

        Kind and name are digested with it, so that it does not show where two values are the same.
        """
        return [
            {"kind": kind, "name": name, "digest": sha256(f"{kind}\0{name}\0{given[name]}".encode())}
            for kind, given in (
                ("ext-code", self.ext_code),
                ("ext-str", self.ext_str),
                ("tla-code", self.tla_code),
                ("tla-str", self.tla_str),
            )
            for name in sorted(given)
        ]

    def __post_init__(self) -> None:
        """Raises ValueError for what nobody can mean: the caller's mistake, not the sources'."""
        if self.secrets not in MODES:
            _refuse(f"secrets is one of {', '.join(MODES)}, not `{self.secrets}`", did_you_mean(self.secrets, MODES))
        for found in (unfit(rule, severity) for rule, severity in (self.severities or {}).items()):
            if found:
                _refuse(*found)
        if isinstance(self.fail_on, str):
            raise ValueError("fail_on is a collection of severities, not a text")
        for each in self.fail_on:
            if each not in SEVERITIES:
                _refuse(f"fail_on: `{each}` is not a severity", did_you_mean(each, SEVERITIES))


def _refuse(message: str, hint: str | None) -> NoReturn:
    raise ValueError(f"{message}; {hint}" if hint else message)


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` did: the manifest it wrote, how many profiles, warnings and notes, and what became of the files.

    `linked` keeps what it was made of alive: a command that ends with this need not take apart millions of values.
    """

    manifest: dict[str, Any]
    profiles: int
    diagnostics: tuple[Diagnostic, ...]
    written: Written
    linked: object = field(repr=False, compare=False)


def compile(
    sources: Source | Iterable[Source],
    baseline: Source | None = None,
    secrets: Mode = "reference",
    jobs: int = 1,
    executor: Executor | None = None,
    **options: Any,
) -> Build:
    """Compile the profiles of all sources, and keep everything in memory.

    `sources` are paths, source strings, `Text`s or mappings, in the order of the chain: later ones stand above
    earlier ones. `baseline` is a document of settings below every profile. `secrets` says what becomes of a credential
    that a source holds: "reference", "forbid" or "embed". `jobs` processes parse, 0 for as many as pay, or any
    `concurrent.futures` executor does; the bytes never depend on them. Further options:

    - `root`: what files are named relative to, by default the current directory;
    - `policies`: files, directories, texts or mappings (which have a `name`), each a rule over the compiled profiles;
    - `severities`: rules -> "error", "warning", "note" or "off";
    - `fail_on`: further severities that refuse the compile, such as {"warning"};
    - `lineage`: False records nothing of where fields come from, which only benchmarks want;
    - `clock`: called with the name of each phase at its end;
    - `ext_str`, `ext_code`, `tla_str`, `tla_code`: external variables and top-level arguments of Jsonnet programs, by
      name, as text or as code; `jpath`: directories that they may import from;
    - `carried`: what the last compile of the same sources left, to be left to the next one.

    Raises `CompileError` with all findings where there is an error among them, ValueError for an option out of range.
    """
    chosen = Options(baseline, secrets, jobs, executor, **options)
    carried = chosen.carried
    files = dict(carried.files) if carried else {}

    def keep(path: str, data: bytes) -> bool:
        files[path] = data
        return True

    with _uncollected():
        linked = _link(sources, chosen)
        try:
            emitted, _ = _finish(linked, chosen, keep, files, 1)
        except _Broken:
            raise CompileError(linked.diagnostics()) from None
        once = carried.once if carried else anew
        manifest, others = bundle(linked.graph, emitted, linked.inputs, linked.sources, once)
        files = {each.path: files[each.path] for each in emitted.values()} | others
        if carried:
            carried.keep(emitted, files.keys(), files)
        chosen.clock("emit")
    artifacts = {each.name: Artifact(each.name, files[each.path], each.digest) for each in emitted.values()}
    return Build(manifest, artifacts, files, linked.diagnostics())


def build(
    sources: Source | Iterable[Source],
    directory: str | os.PathLike[str],
    baseline: Source | None = None,
    secrets: Mode = "reference",
    jobs: int = 1,
    executor: Executor | None = None,
    *,
    durable: bool = False,
    **options: Any,
) -> Built:
    """Compile the profiles of all sources into a build directory: as `compile` and `write` one after the other.

    No artifact is kept in memory, and the processes that share the work write what they emit. Options are those of
    `compile`, and `durable` of `write`. Raises `CompileError`, or `WriteError` where the directory cannot be written;
    the earlier build is current then.
    """
    chosen = Options(baseline, secrets, jobs, executor, **options)
    carried = chosen.carried
    with _uncollected():
        linked = _link(sources, chosen)
        with opened(directory, is_private=secrets == "embed", whole=carried.named if carried else ()) as target:
            try:
                emitted, created = _finish(linked, chosen, target.put, target.whole, linked.jobs, target.leave_lock)
            except _Broken as broken:
                target.discard(broken.created)
                raise CompileError(linked.diagnostics()) from None
            once = carried.once if carried else anew
            manifest, files = bundle(linked.graph, emitted, linked.inputs, linked.sources, once)
            created += sum(target.put(path, data) for path, data in files.items() if path != MANIFEST)
            named = {*files, *(each.path for each in emitted.values())}
            written = target.commit(files[MANIFEST], named, created, durable=durable)
            if carried:
                carried.keep(emitted, named, files)
        chosen.clock("emit")
    return Built(manifest, len(emitted), linked.diagnostics(), written, (linked, emitted, files, named))


@dataclass(frozen=True, slots=True)
class _Linked:
    """A chain that has been read and linked: what is left to do is done for each profile by itself."""

    graph: Graph
    stacks: list[Stack]
    policies: list[Policy]
    texts: list[Text | Value]
    report: Report
    inputs: dict[str, Any]
    sources: list[dict[str, Any]]
    jobs: int

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(with_excerpts(self.report, self.texts))


def _link(sources: Source | Iterable[Source], options: Options) -> _Linked:
    secrets, clock = options.secrets, options.clock
    root = Path(options.root or "").absolute()
    report = Report(options.severities)

    inputs = inputs_of(options.ext_str, options.ext_code, options.tla_str, options.tla_code, options.jpath)
    places: set[Path] = set()
    carried = options.carried
    if carried:
        carried.places = places
    chain = read(sources, inputs, root, report, places)
    texts = chain.texts
    lowest = read_one(options.baseline, root, report, places) if options.baseline is not None else None
    rules = read_policies(options.policies, root, report, places)
    readable = [*chain.readable, *([lowest[0]] if lowest else []), *rules]
    _stop_if_errors(report, readable)
    clock("read")

    documents = _parse(texts, options, report)
    base = parse_baseline(lowest[0], secrets, report) if lowest else None
    policies = parse_policies(rules, report)
    _stop_if_errors(report, readable)
    clock("parse")

    graph = carried.link(documents, base, link, report) if carried else link(documents, base, report)
    _stop_if_errors(report, readable)
    if carried:
        carried.hold(rules, owners(graph))
    clock("link")

    if _is_refused(report, options):
        raise CompileError(with_excerpts(report, readable))

    stacks = carried.expand(graph, expand) if carried else expand(graph)
    clock("expand")
    recorded = {
        "secrets": secrets,
        "baseline": {"name": lowest[1].name, "digest": lowest[1].digest} if lowest else None,
        "imports": [{"name": each.name, "digest": digest_of(each)} for each in chain.imports],
        "variables": options.variables(),
    }
    jobs = options.jobs or jobs_that_pay(sum(map(_size, texts)))
    origins = [each._asdict() for each in chain.origins]
    return _Linked(graph, stacks, policies, readable, report, recorded, origins, jobs)


class _Broken(Exception):
    """Profiles that are broken as a whole, or refused, as the report says. `created` are the files that were put."""

    def __init__(self, created: list[str]) -> None:
        super().__init__()
        self.created = created


def _finish(
    linked: _Linked,
    options: Options,
    put: Put,
    there: Collection[str],
    jobs: int,
    in_copy: Callable[[], None] = lambda: None,
) -> tuple[dict[str, Emitted], int]:
    """Merge, validate and emit every profile, in `jobs` copies of this process that `put` what they emit.

    Passed over is what was kept, as far as its file is `there`. Returns what was emitted, by name, and how many files
    were new.
    """
    original = os.getpid()

    def work(part: Sequence[Stack]) -> tuple[list[Emitted], list[str], list[Diagnostic], Causes]:
        if os.getpid() != original:
            in_copy()
        found, causes = Report(options.severities), Causes()
        merged = list(merge(linked.graph, part, options.lineage))
        options.clock("merge")
        validate(linked.graph, merged, linked.policies, causes, found)
        options.clock("validate")
        told = Report(options.severities)
        told.extend([*found, *causes.findings(linked.graph, part)])
        if _is_refused(told, options):
            return [], [], list(found), causes
        entries = []
        created = []
        for entry, data in emit(linked.graph, merged):
            if put(entry.path, data):
                created.append(entry.path)
            entries.append(entry)
        return entries, created, list(found), causes

    stacks, carried = linked.stacks, options.carried
    known = carried.unchanged(linked.graph, stacks, there) if carried else ()
    if any(known):
        stacks = [stack for stack, emitted in zip(stacks, known, strict=True) if not emitted]
        jobs = max(1, min(jobs, len(stacks) // _WORTH_A_COPY))
    parts = chunks_of(stacks, [1] * len(stacks), jobs if can_fork() else 1)
    results = in_copies(work, parts)
    created = [path for _, paths, _, _ in results for path in paths]
    causes = Causes(judged=held_by(linked.graph, linked.policies, known))
    for _, _, found, others in results:
        linked.report.extend(found)
        causes.join(others)
    linked.report.extend(causes.findings(linked.graph, linked.stacks))
    linked.report.extend(idle(linked.graph, linked.policies, causes.judged))
    if _is_refused(linked.report, options):
        raise _Broken(created)
    if carried:
        carried.found = causes.profiles()
    fresh = (entry for entries, *_ in results for entry in entries)
    emitted = [each or next(fresh) for each in known] if any(known) else fresh
    return {each.name: each for each in emitted}, len(created)


def _parse(texts: Sequence[Text | Value], options: Options, report: Report) -> list[Document]:
    work = partial(_parse_all, options=options)
    parsed = options.carried.parse(texts, options.secrets, work) if options.carried else work(texts)
    for each in parsed:
        report.extend(each.found)
    return [each.document for each in parsed if each.document is not None]


def _parse_all(texts: Sequence[Text | Value], options: Options) -> list[Parsed]:
    """Parse every text, in as many processes as the options say or as pay."""
    work = partial(parse_many, secrets=options.secrets)
    sizes = list(map(_size, texts))
    jobs, executor = options.jobs or jobs_that_pay(sum(sizes)), options.executor
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
    return [each for part in results for each in part]


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


def _size(text: Text | Value) -> int:
    return len(text.text) if isinstance(text, Text) else 0


def _is_refused(report: Report, options: Options) -> bool:
    return report.has_errors or any(each.severity in options.fail_on for each in report)


def _stop_if_errors(report: Report, texts: Iterable[Text | Value]) -> None:
    if report.has_errors:
        raise CompileError(with_excerpts(report, texts))
