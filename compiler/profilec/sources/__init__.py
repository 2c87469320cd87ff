"""What a user names -> texts: the only part of the compiler that touches files and databases.

Each kind of source has a module with one function that yields its texts; `read` picks the module.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profilec.diagnostics import Report, nearest
from profilec.sources import files
from profilec.states import Text, Value

Source = str | os.PathLike[str] | Text | Mapping[str, Any]
KINDS = ("yaml", "json", "jsonnet", "sqlite", "sqlite-dsn")


@dataclass(frozen=True, slots=True)
class Spec:
    """One source as it was named: a kind, or "" where the content tells, and a path."""

    kind: str
    path: str


def read(sources: Source | Iterable[Source], root: Path, report: Report) -> list[Text | Value]:
    """Every registry text of the sources, in order. `root` is what names of files are relative to."""
    texts: list[Text | Value] = []
    taken: set[str] = set()
    count = 0
    for source in _each(sources):
        count += 1
        if isinstance(source, Text):
            texts.append(source)
        elif isinstance(source, Mapping):
            texts.append(Value(_memory_name(source, taken), source))
        else:
            for spec in _specs(source, report):
                texts.extend(_read(spec, root, report))
    if not texts and not report.has_errors:
        found = "the sources hold no registry" if count else "no source is named"
        report.error(
            "no-registries", found, hint="name a file or a directory with registries; `profilec init` writes one"
        )
    return texts


def read_one(source: Source, root: Path, report: Report) -> Text | Value | None:
    """The text of a source that is one document, such as a baseline."""
    if isinstance(source, Text):
        return source
    if isinstance(source, Mapping):
        return Value("<baseline>", source)
    path = Path(os.fspath(source))
    return files.read_file(path, files.display_name(path, path, root), "", report)


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
            path = path.removeprefix("//") if kind == "yaml" else path
            if path.strip():
                yield Spec(kind, path.strip())
            else:
                report.error("empty-source", f"`{text}` names no file", hint=f"write `{kind}:PATH`")


def _read(spec: Spec, root: Path, report: Report) -> Iterator[Text]:
    for path, name in files.find(Path(spec.path), spec.kind, root, report):
        text = files.read_file(path, name, spec.kind, report)
        if text is not None:
            yield text
