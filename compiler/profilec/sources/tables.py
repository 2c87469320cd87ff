"""A directory of TOML files -> tables by relative path."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from profilec.diagnostics import Report, Span
from profilec.sources.files import read_file

_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
Tables = dict[str, dict[str, Any]]


def read_tables(root: Path, report: Report) -> Tables:
    """Every TOML file at or below a directory, hidden ones aside, in order of path. Paths have forward slashes."""
    if not root.is_dir():
        report.error(
            "missing-source",
            f"`{root}` is no directory",
            Span(str(root)),
            hint="name the directory with `providers/`, or one provider's",
            environment=True,
        )
        return {}
    tables: Tables = {}
    for path in sorted(_files(root), key=lambda each: each.relative_to(root).parts):
        name = path.relative_to(root).as_posix()
        data = read_file(path, name, report)
        if data is None:
            continue
        try:
            tables[name] = tomllib.loads(data.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            _refuse(name, str(error), report)
    return tables


def _refuse(name: str, error: str, report: Report) -> None:
    place = _PLACE.search(error)
    span = Span(name, int(place[1]), int(place[2])) if place else Span(name)
    reason = f"{error[:1].lower()}{error[1:]}".removesuffix(place[0] if place else "")
    report.error("toml-syntax", f"the file is not TOML: {reason}", span, hint="mend it, or leave it out")


def _files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if not each.startswith(".") and each != "node_modules"]
        found += [Path(folder, each) for each in names if each.endswith(".toml") and not each.startswith(".")]
    return found
