"""What a program imports -> the file's bytes, read only inside the source's tree and the declared libraries.

The engine is told display names, never paths. Two directories that would show the same name are numbered, so that
a name stands for one directory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from profilec.diagnostics import nearest
from profilec.sources.files import display_name
from profilec.sources.jsonnet_worker import Limits

# Where the shipped library lies to the engine.
LIBRARY = "<profilec>/"
_SHIPPED = Path(__file__).with_name("engineprofiles.libsonnet")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an import has no file: what to say, where was looked, what to do."""

    message: str
    note: str | None
    hint: str


class _Top(NamedTuple):
    """A directory whose files may be imported: as written, with its links resolved, and what it is shown below."""

    path: Path
    real: Path
    named: Path


class Imports:
    """The files of all programs of one `evaluate`."""

    def __init__(self, root: Path, libraries: Iterable[Path], limits: Limits) -> None:
        self.served: dict[str, bytes] = {}
        self.refusal: Refusal | None = None
        # Where an import was looked for, inside what may be imported: by the way to it, and resolved.
        self.looked_at: set[Path] = set()
        self._root, self._limits = root, limits
        self._libraries = [_top(each, each) for each in libraries]
        self._tops = self._libraries
        self._directories: dict[str, Path | None] = {LIBRARY: None}
        self._read: dict[Path, bytes] = {}

    def confine(self, tree: Path | None, named: Path) -> None:
        """What is imported from now on lies in this tree, or in a library. `named` is what the tree is shown below."""
        self._tops = [*([_top(tree, named)] if tree else []), *self._libraries]

    def place(self, name: str, directory: Path | None) -> str:
        """The name of a file to the engine: as it is shown, unless files of another directory are shown so."""
        parent, slash, file = name.rpartition("/")
        shown, number = parent + slash, 1
        while self._directories.setdefault(shown, directory) != directory:
            number += 1
            shown = f"{parent}#{number}/"
        return shown + file

    def find(self, directory: str, wanted: str) -> tuple[str, bytes] | None:
        """The engine's name of an imported file, and its bytes; else None, and `refusal` says why."""
        found = self._find(self._directories.get(directory), wanted)
        if isinstance(found, Refusal):
            self.refusal = found
            return None
        self.served[found[0]] = found[1]
        return found

    def _find(self, directory: Path | None, wanted: str) -> tuple[str, bytes] | Refusal:
        if PurePosixPath(wanted).is_absolute() or PureWindowsPath(wanted).anchor or "\0" in wanted:
            hint = "name the file relative to this one, or to a directory of `--jpath DIR`"
            return Refusal(f"`{wanted}` is imported by a path that means another file on another machine", None, hint)
        bases = [*([directory] if directory else []), *(top.path for top in self._libraries)]
        outside = None
        for base in bases:
            path = Path(os.path.normpath(base / wanted))
            real = Path(os.path.realpath(path))
            top = next((each for each in self._tops if real.is_relative_to(each.real)), None)
            if top is None:
                # Whether it exists is nobody's business.
                outside = outside or real
                continue
            self.looked_at.update((path, real))
            data = self._bytes(real, wanted)
            if data is not None:
                return data if isinstance(data, Refusal) else (self._place(path, real, top), data)
        if wanted == _SHIPPED.name:
            return LIBRARY + _SHIPPED.name, _SHIPPED.read_bytes()
        return self._outside(wanted, outside) if outside else self._missing(wanted, bases)

    def _place(self, path: Path, real: Path, top: _Top) -> str:
        """The name of an allowed file to the engine, by the way to it as long as that stays inside."""
        shown = next((each for each in self._tops if path.is_relative_to(each.path)), None)
        if shown is None:
            shown, path = top, top.path / real.relative_to(top.real)
        return self.place(display_name(path, shown.named, self._root), path.parent)

    def _bytes(self, real: Path, wanted: str) -> bytes | Refusal | None:
        """What is in a file, read once; None where there is none."""
        if real in self._read:
            return self._read[real]
        room = min(self._limits.file, self._limits.files - sum(map(len, self._read.values())))
        try:
            # Looked at before it is opened: the open of a pipe waits for a writer.
            if not stat.S_ISREG(real.stat().st_mode):
                return Refusal(f"`{wanted}` is imported, which is not an ordinary file", None, "import a file")
            with real.open("rb") as file:
                data = file.read(room + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason = (error.strerror or "not a file's name").lower()
            return Refusal(f"`{wanted}` is imported, which cannot be read: {reason}", None, "look at its permissions")
        if len(data) > room:
            most = f"{self._limits.file >> 20} MiB for one file, {self._limits.files >> 20} MiB for all"
            return Refusal(f"`{wanted}` is imported, which is too large", f"limits: {most}", "import less")
        self._read[real] = data
        return data

    def _outside(self, wanted: str, real: Path) -> Refusal:
        shown = display_name(real, real, self._root)
        return Refusal(
            f"`{wanted}` is imported, which leads out of the source's tree, to `{shown}`",
            None,
            "move it into the tree, or allow its directory with `--jpath DIR`",
        )

    def _missing(self, wanted: str, bases: list[Path]) -> Refusal:
        shown = {path: name for name, path in self._directories.items() if path}
        places = [f"`{shown.get(each) or f'{display_name(each, each, self._root)}/'}`" for each in bases]
        siblings = {
            each for base in bases for each in _siblings(Path(os.path.realpath(os.path.normpath(base / wanted))))
        }
        files = [str(PurePosixPath(wanted).with_name(each)) for each in siblings]
        near = nearest(wanted, [*files, _SHIPPED.name], 1)
        hint = f"did you mean `{near[0]}`?" if near else "`--jpath DIR` names a further directory to look in"
        looked = f"looked in {', '.join(places)}" if places else "a text from memory lies in no directory"
        return Refusal(f"`{wanted}` is imported, which does not exist", looked, hint)


def full_path(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - no link is resolved in what is shown


def _top(path: Path, named: Path) -> _Top:
    full = full_path(path)
    return _Top(full, Path(os.path.realpath(full)), named)


def _siblings(path: Path) -> list[str]:
    try:
        return [each.name for each in path.parent.iterdir() if each.is_file()][:1000]
    except (OSError, ValueError):
        return []
