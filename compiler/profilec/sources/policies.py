"""What a project names as its policies -> texts: files, and the JSON files that lie in a directory."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from profilec.diagnostics import Report, Span
from profilec.sources import Source
from profilec.sources.files import display_name, read_file, unreadable
from profilec.states import Text, Value

ENDING = ".json"
# What may be meant as a policy, and how far it is looked for: how many files, and how many bytes of each.
_ENDINGS = (ENDING, ".yaml", ".yml")
_MOST, _BEGINNING = 1000, 65536


def read_policies(
    policies: Source | Iterable[Source], root: Path, report: Report, places: set[Path] | None = None
) -> list[Text | Value]:
    """The text of each policy. `root` is what names of files are relative to; `places` takes what was looked at."""
    looked_at = set() if places is None else places
    if isinstance(policies, str | os.PathLike | Text | Mapping):
        policies = [policies]
    texts: list[Text | Value] = []
    for each in policies:
        if isinstance(each, Text):
            texts.append(each)
        elif isinstance(each, Mapping):
            texts.append(Value(f"<policy>/{each.get('name', len(texts))}", dict(each)))
        else:
            looked_at.add(Path(each))
            for path, name in _files(Path(each), root, report):
                looked_at.add(path)
                data = read_file(path, name, report)
                if data is not None:
                    texts.append(Text(name, data, "json"))
    return texts


def policy_files(directory: Path) -> list[Path]:
    """The files of a directory that are policies; what lies deeper is not. Raises OSError."""
    found = (each for each in directory.iterdir() if each.suffix == ENDING and not each.name.startswith("."))
    return sorted(each for each in found if not each.is_dir())


def _files(path: Path, root: Path, report: Report) -> Iterator[tuple[Path, str]]:
    name = display_name(path, path, root)
    if path.suffix.lower() in (".yaml", ".yml"):
        report.error("configuration", f"`{name}` is YAML, where a policy is JSON", Span(name), hint="write it as JSON")
        return
    if not path.is_dir():
        yield path, name
        return
    try:
        found = policy_files(path)
    except OSError as error:
        unreadable(path, name, error, report)
        return
    if not found:
        message = f"the directory `{name}` holds no policy"
        report.error("configuration", message, Span(name), hint=f"a policy is a file that ends in {ENDING}")
    for each in _passed_over(path, found) if found else ():
        name = display_name(each, path, root)
        message = f"`{name}` looks like a policy, and is not read"
        hint = f"a policy is JSON, ends in {ENDING}, and lies in the directory itself, not below it"
        report.advise("idle-policy", message, Span(name), hint=hint)
    yield from ((each, display_name(each, path, root)) for each in found)


def _passed_over(directory: Path, read: Collection[Path]) -> list[Path]:
    """What somebody may take for a policy: a file with another ending, or in a directory below."""
    files = (
        Path(room, name)
        for room, _, names in os.walk(directory)
        if not any(each.startswith(".") for each in Path(room).relative_to(directory).parts)
        for name in names
    )
    looked_at = islice((each for each in files if each.suffix.lower() in _ENDINGS), _MOST)
    return sorted(each for each in looked_at if each not in read and not each.name.startswith(".") and _is_policy(each))


def _is_policy(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            text = file.read(_BEGINNING)
    except OSError:
        return False
    return all(re.search(rb"\b" + key + rb"[\"']?\s*:", text) for key in (b"schema", b"message"))
