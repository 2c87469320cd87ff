"""What a user names -> texts: the only part of the compiler that touches files and databases.

Each kind of source has a module: `files` reads bytes, `sqlite` takes databases apart, `jsonnet` runs programs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profilec.diagnostics import Report, Span, nearest
from profilec.encode import sha256
from profilec.sources import files
from profilec.states import Chain, Origin, Text, Value
from profilec.syntax import plain

if TYPE_CHECKING:
    from profilec.sources.jsonnet import Inputs, Program

Source = str | os.PathLike[str] | Text | Mapping[str, Any]
KINDS = ("yaml", "json", "jsonnet", "sqlite", "sqlite-dsn")


@dataclass(frozen=True, slots=True)
class Spec:
    """One source as it was named: a kind, or "" where the content tells, and a path."""

    kind: str
    path: str


def read(
    sources: Source | Iterable[Source],
    inputs: Callable[[], Inputs],
    root: Path,
    report: Report,
    places: set[Path] | None = None,
) -> Chain:
    """Every registry of the sources, in order. `root` is what names of files are relative to.

    `inputs` is asked for what programs are given, where there are any. `places` takes every file and directory that
    was looked at, there or not: who reads again when one of them changes misses nothing.
    """
    reader = _Reader(root, report, places)
    for source in _each(sources):
        reader.take(source)
    chain = reader.finish(inputs)
    if not chain.texts and not report.has_errors:
        found = "the sources hold no registry" if chain.origins or reader.count else "no source is named"
        report.error(
            "no-registries", found, hint="name a file or a directory with registries; `profilec init` writes one"
        )
    return chain


def read_one(
    source: Source, root: Path, report: Report, places: set[Path] | None = None
) -> tuple[Text | Value, Origin] | None:
    """The text of a source that is one document, such as a baseline."""
    reader = _Reader(root, report, places)
    if isinstance(source, str | os.PathLike):
        path = Path(os.fspath(source))
        name = files.display_name(path, path, root)
        reader.take_file(files.Found(path, name, None), "")
        if not report.has_errors and [each.kind for each in reader.origins] not in (["yaml"], ["json"]):
            report.error("unknown-source", f"`{name}` is neither YAML nor JSON", Span(name), hint="write it as YAML")
    elif isinstance(source, Text):
        reader.add(source)
    else:
        reader.take_value("<baseline>", source)
    return (reader.texts[0], reader.origins[0]) if reader.texts and not report.has_errors else None


def inputs_of(
    ext_str: Mapping[str, str],
    ext_code: Mapping[str, str],
    tla_str: Mapping[str, str],
    tla_code: Mapping[str, str],
    jpath: Iterable[str | os.PathLike[str]],
) -> Callable[[], Inputs]:
    """What Jsonnet programs are given, for `read` to ask for: most compiles have none, and it costs time to load."""

    def inputs() -> Inputs:
        from profilec.sources.jsonnet import Inputs

        return Inputs(ext_str, ext_code, tla_str, tla_code, tuple(map(Path, jpath)))

    return inputs


class _Reader:
    """Takes one source after another, and numbers them. Programs wait until all are known: one process runs them."""

    def __init__(self, root: Path, report: Report, places: set[Path] | None) -> None:
        self.root, self.report = root, report
        self.places = set() if places is None else places
        self.count = 0
        self.texts: list[Text | Value] = []
        self.origins: list[Origin] = []
        self.programs: list[tuple[int, Program]] = []
        self.names: set[str] = set()

    def take(self, source: Source) -> None:
        self.count += 1
        if isinstance(source, Text):
            self.add(source)
        elif isinstance(source, Mapping):
            self.take_value(_memory_name(source, self.names), source)
        else:
            for spec in _specs(source, self.report):
                for found in files.find(Path(spec.path), spec.kind, self.root, self.report, self.places):
                    self.take_file(found, spec.kind)

    def take_file(self, found: files.Found, kind: str) -> None:
        self.places.add(found.path)
        data = files.read_file(found.path, found.name, self.report)
        if data is None:
            return
        kind = kind or files.kind_of(found.path, data)
        if kind == "sqlite":
            from profilec.sources import sqlite

            self.places.update(sqlite.logs(found.path))
            data = sqlite.settled(found.path, found.name, data, self.report)
            if data is None:
                return
        self.add(Text(found.name, data, kind), found)

    def take_value(self, name: str, value: Mapping[str, Any]) -> None:
        copy = plain.parse(name, value, Report()).value
        self.texts.append(Value(name, value, len(self.origins)))
        # ASCII, since nothing has looked yet at whether the texts in it are texts.
        self.origins.append(Origin(name, "memory", sha256(json.dumps(copy, sort_keys=True).encode())))

    def finish(self, inputs: Callable[[], Inputs]) -> Chain:
        """The chain, once every program has been run."""
        imports: list[Text] = []
        if self.programs:
            from profilec.sources import jsonnet

            numbers, programs = zip(*self.programs, strict=True)
            results, imports = jsonnet.evaluate(programs, inputs(), self.root, self.report, places=self.places)
            for number, program, result in zip(numbers, programs, results, strict=True):
                self.texts.extend(_registries(program.name, result, number))
            self.texts.sort(key=lambda each: each.origin)
        texts = [Text(program.name, program.text, "jsonnet") for _, program in self.programs]
        return Chain(self.texts, self.origins, texts, imports)

    def add(self, text: Text, found: files.Found | None = None) -> None:
        number, data = len(self.origins), _bytes(text)
        self.origins.append(Origin(text.name, text.syntax, sha256(data)))
        if text.syntax == "sqlite":
            from profilec.sources import sqlite

            self.texts.extend(sqlite.rows(text.name, data, number, self.report))
        elif text.syntax == "jsonnet":
            from profilec.sources.jsonnet import Program

            path, tree = (found.path, found.tree or found.path.parent) if found else (None, None)
            self.programs.append((number, Program(text.name, data, path, tree)))
        else:
            self.texts.append(replace(text, origin=number))


def digest_of(text: Text) -> str:
    """64 hex digits of the SHA-256 of a text's bytes."""
    return sha256(_bytes(text))


def _bytes(text: Text) -> bytes:
    return text.text if isinstance(text.text, bytes) else text.text.encode("utf-8", "surrogatepass")


def _registries(name: str, result: Any, number: int) -> Iterator[Value]:
    """What a program evaluates to is a registry, or an array of them. None says that it did not evaluate."""
    if isinstance(result, list):
        for index, each in enumerate(result):
            slug = each.get("slug") if isinstance(each, dict) else None
            yield Value(f"{name}#{slug if isinstance(slug, str) else index}", each, number)
    elif result is not None:
        yield Value(name, result, number)


def _each(sources: Source | Iterable[Source]) -> Iterator[Source]:
    if isinstance(sources, str | os.PathLike | Text | Mapping):
        yield sources
    else:
        yield from sources


def _memory_name(source: Mapping[str, Any], taken: set[str]) -> str:
    """What a mapping is called in findings: by its slug, numbered where another one has that."""
    slug = source.get("slug")
    name = f"<memory>/{slug if isinstance(slug, str) and slug.strip() else len(taken)}"
    if name in taken:
        name = f"{name}#{len(taken)}"
    taken.add(name)
    return name


def _specs(source: str | os.PathLike[str], report: Report) -> Iterator[Spec]:
    """A path is one source; a string may name several, with commas between them."""
    if not isinstance(source, str):
        yield Spec("", os.fspath(source))
        return
    # A file may have a comma in its name.
    for entry in [source] if os.path.exists(source) else source.split(","):  # noqa: PTH110 - a name may be too long
        text = entry.strip()
        if not text:
            report.error("empty-source", f"an entry of `{source}` is empty", hint="take the extra comma out")
            continue
        kind, colon, path = text.partition(":")
        if not colon or len(kind) == 1 or os.path.exists(text):  # noqa: PTH110
            yield Spec("", text)
        elif kind not in KINDS:
            near = nearest(kind, KINDS, 1)
            if near:
                report.error("unknown-source", f"`{kind}:` is not a kind of source", hint=f"did you mean `{near[0]}:`?")
            else:
                yield Spec("", text)
        else:
            path = path_in(kind, path.strip())
            if path:
                yield Spec("sqlite" if kind == "sqlite-dsn" else kind, path)
            else:
                report.error("empty-source", f"`{text}` names no file", hint=f"write `{kind}:PATH`")


def path_in(kind: str, written: str) -> str:
    """The path that a source of a kind names; empty where it names no file."""
    if kind == "sqlite-dsn":
        from profilec.sources import sqlite

        return sqlite.path_of(written)
    return written.removeprefix("//") if kind == "yaml" else written
