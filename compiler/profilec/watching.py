"""Places that a compile looked at -> word that one of them changed. The only part that imports the watching library.

Directories are watched, never files or trees: an editor puts a new file in the place of an old one, and a build
directory among the sources is none of them. What is told is only that something changed; what did, content says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from watchfiles import watch

from profilec.sources.files import SYNTAX_BY_SUFFIX

# Milliseconds. A change is told once so long nothing followed it, and at the latest after `_LONGEST`.
_SETTLED, _LONGEST = 20, 500
# So long nothing happens before `changes` says so.
_QUIET = 100
_MOST_LINKS = 40


class Places:
    """Files and directories, there or not: the ways that lead to each, and which changes are about them."""

    def __init__(self, places: Iterable[Path]) -> None:
        named = {os.path.abspath(each) for each in places}  # noqa: PTH100 - no link is resolved
        ways = _ways_to(named)
        folders = {Path(each).parent for each in ways}
        # In these any file that is a source counts, and any directory.
        self._walked = {each for each in ways if os.path.isdir(each)}  # noqa: PTH112 - never raises
        self._counted = ways | {str(above) for each in folders for above in (each, *each.parents)}
        self.directories = _directories(folders, self._walked)

    def concern(self, path: str) -> bool:
        """Whether a change of this path may be one of a source."""
        if path in self._counted:
            return True
        folder, name = os.path.split(path)
        if folder not in self._walked or name.startswith("."):
            return False
        return os.path.splitext(name)[1].lower() in SYNTAX_BY_SUFFIX or os.path.isdir(path)  # noqa: PTH112, PTH122


def changes(directories: Iterable[str], concern: Callable[[str], bool]) -> Iterator[bool]:
    """Whether something changed, over and over: at once where it did, and every tenth of a second where nothing does.

    From the first answer on nothing is missed. Raises OSError where a directory cannot be watched.
    """
    for found in watch(
        *directories,
        watch_filter=lambda change, path: concern(path),
        step=_SETTLED,
        debounce=_LONGEST,
        rust_timeout=_QUIET,
        yield_on_timeout=True,
        recursive=False,
        ignore_permission_denied=True,
    ):
        yield bool(found)


def _ways_to(named: Iterable[str]) -> set[str]:
    """The paths, and each that one of them becomes when the first link on it is followed."""
    ways = set(named)
    is_real: dict[str, bool] = {}
    for path in named:
        folder = os.path.dirname(path)  # noqa: PTH120
        if folder not in is_real:
            is_real[folder] = os.path.realpath(folder) == folder
        if not is_real[folder] or os.path.islink(path):  # noqa: PTH114
            ways.update(_followed(path))
    return ways


def _followed(path: str) -> Iterator[str]:
    for _ in range(_MOST_LINKS):
        parts = Path(path).parts
        prefixes = (os.path.join(*parts[:end]) for end in range(1, len(parts) + 1))  # noqa: PTH118
        link = next((each for each in prefixes if os.path.islink(each)), None)  # noqa: PTH114
        if link is None:
            return
        rest = os.path.relpath(path, link)
        path = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link), rest))  # noqa: PTH115, PTH118, PTH120
        yield path


def _directories(folders: Iterable[Path], walked: Iterable[str]) -> dict[str, tuple[int, int]]:
    """What to watch: the directories themselves and those that places lie in, as far as they are there, by identity.

    Another directory of the same name is another one to the system, which goes on watching the one that is gone.
    """
    wanted = set(walked)
    here = Path.cwd()
    for folder in folders:
        for above in (folder, *folder.parents):
            wanted.add(str(above))
            # A missing one appears in the one above it; and within the project one may be put in the place of another.
            if above.is_dir() and here not in above.parents:
                break
    return {each: (status.st_dev, status.st_ino) for each in sorted(wanted) if (status := _status(each))}


def _status(directory: str) -> os.stat_result | None:
    try:
        return os.stat(directory) if os.path.isdir(directory) else None  # noqa: PTH112, PTH116
    except OSError:
        return None
