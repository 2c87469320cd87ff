"""What a project names as its policies -> texts: files, and the JSON files that lie in a directory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from profilec.diagnostics import Report, Span
from profilec.sources import Source
from profilec.sources.files import display_name, read_file, unreadable
from profilec.states import Text, Value

ENDING = ".json"


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
    yield from ((each, display_name(each, path, root)) for each in found)
