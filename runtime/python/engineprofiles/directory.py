"""file name + recorded size and digest -> verified bytes.

The one module that touches files. No name leads out of the directory, nothing is read
beyond its recorded size, and no byte is passed on before its digest was compared.
"""

# ruff: noqa: PTH100, PTH118, PTH123 (importing pathlib takes longer than loading a profile)
from __future__ import annotations

import os

from .digest import sha256
from .errors import ArtifactDamaged, BadOption, BuildNotFound, printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from typing import IO

MANIFEST = "manifest.json"
VARIABLE = "ENGINE_PROFILES_BUILD"
# No size of it is recorded anywhere. 100,000 sources make some 20 MB.
LARGEST_MANIFEST = 256 << 20
REBUILD = "run `profilec build` again, or deploy the whole build directory again"


def locate(path: str | os.PathLike[str] | Traversable | None) -> tuple[str | Traversable, str]:
    """The directory to open, absolute so that chdir cannot move it, and the rule that chose it."""
    if path is None:
        named = os.environ.get(VARIABLE, "").strip()
        if named:
            return os.path.abspath(named), f"from {VARIABLE}"
        return os.path.abspath("build"), "the default"
    if isinstance(path, (str, os.PathLike)):
        return os.path.abspath(os.fsdecode(path)), "given as argument"
    if hasattr(path, "joinpath"):
        return path, "given as argument"
    raise BadOption(
        f"`path` is {type(path).__name__}, not a path or a package resource",
        "give a text, an os.PathLike or what importlib.resources.files() returns",
        option="path",
        given=path,
    )


class Directory:
    """A build directory, on a file system or among a package's resources."""

    __slots__ = ("_root", "_rule")

    def __init__(self, root: str | Traversable, rule: str) -> None:
        self._root = root
        self._rule = rule

    def __str__(self) -> str:
        return str(self._root)

    def read_manifest(self) -> bytes:
        """The bytes of the manifest, unverified; BuildNotFound where there is none."""
        try:
            with self._open(MANIFEST) as stream:
                data = stream.read(LARGEST_MANIFEST + 1)
        except (OSError, ValueError) as error:
            raise BuildNotFound(
                f"no build in {quoted(str(self))} ({self._rule}): {_reason(error, f'it has no {MANIFEST}')}",
                f"run `profilec build -o DIR`, and name that directory in engineprofiles.open(DIR) or {VARIABLE}",
                path=str(self),
                rule=self._rule,
            ) from None
        if len(data) > LARGEST_MANIFEST:
            raise ArtifactDamaged(f"`{MANIFEST}` is over {LARGEST_MANIFEST} bytes long", REBUILD, file=MANIFEST)
        return data

    def read(self, name: str, size: int, digest: str) -> bytes:
        """The bytes of one file, which are `size` long and have this SHA-256; else ArtifactDamaged."""
        if not is_inside(name):
            raise ArtifactDamaged(f"the build names a file outside its directory: {quoted(name)}", REBUILD, file=name)
        try:
            with self._open(name) as stream:
                data = stream.read(size + 1)
        except (OSError, ValueError) as error:
            raise ArtifactDamaged(
                f"`{printable(name)}` {_reason(error, 'is missing')} in {quoted(str(self))}",
                "if a newer build has replaced this one, call profiles.reload(); else " + REBUILD,
                file=name,
            ) from None
        if len(data) != size:
            found = "more" if len(data) > size else str(len(data))
            raise ArtifactDamaged(
                f"`{printable(name)}` is damaged: the build recorded {size} bytes, it has {found}",
                REBUILD,
                file=name,
                size=size,
            )
        found = sha256(data)
        if found != digest:
            raise damaged_digest(name, digest, found)
        return data

    def _open(self, name: str) -> IO[bytes]:
        if isinstance(self._root, str):
            return open(os.path.join(self._root, *name.split("/")), "rb")
        node = self._root
        for part in name.split("/"):
            node = node.joinpath(part)
        return node.open("rb")


def _reason(error: OSError | ValueError, missing: str) -> str:
    if isinstance(error, (FileNotFoundError, NotADirectoryError, IsADirectoryError)):
        return missing
    # A ValueError: NUL or half a character in the name.
    return f"cannot be read ({getattr(error, 'strerror', None) or 'not the name of a file'})"


def damaged_digest(name: str, expected: str, found: str) -> ArtifactDamaged:
    return ArtifactDamaged(
        f"`{printable(name)}` is damaged: its SHA-256 is {found}, expected was {expected}",
        REBUILD,
        file=name,
        expected=expected,
        found=found,
    )


def is_inside(name: str) -> bool:
    # A colon would name a drive or a stream on Windows; NUL makes open() raise an error of its own.
    if any(c in name for c in "\\:\0"):
        return False
    return not any(part in ("", ".", "..") for part in name.split("/"))
