"""build directory -> profiles: loads what `profilec` compiled, with the standard library only.

Start-up is part of the promise: importing this package imports `json` and nothing else, and
opening a build reads `manifest.json` and nothing else. `engineprofiles.engines` loads when used.
"""

from __future__ import annotations

from .directory import Directory, locate
from .errors import (
    ArtifactDamaged,
    BadOption,
    BuildNotFound,
    EngineProfilesError,
    FormatUnknown,
    NoDefaultProfile,
    UnknownField,
    UnknownProfile,
    UnknownRegistry,
)
from .profile import Profile
from .profiles import Profiles
from .snapshot import read_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from importlib.resources.abc import Traversable

    from . import engines as engines
    from .explain import Explanation as Explanation
    from .explain import Layer as Layer

__all__ = [
    "ArtifactDamaged",
    "BadOption",
    "BuildNotFound",
    "EngineProfilesError",
    "Explanation",
    "FormatUnknown",
    "Layer",
    "NoDefaultProfile",
    "Profile",
    "Profiles",
    "UnknownField",
    "UnknownProfile",
    "UnknownRegistry",
    "engines",
    "open",
]


def open(path: str | os.PathLike[str] | Traversable | None = None, manifest: str | None = None) -> Profiles:
    """Open a build directory, reading its manifest and nothing else.

    `path` is a directory or a package resource; without it, `$ENGINE_PROFILES_BUILD`, else `./build`.
    `manifest` pins the build: the SHA-256 of `manifest.json`, as `sha256:<64 hex digits>` or the digits alone.

    Raises BuildNotFound, FormatUnknown, ArtifactDamaged (also where the pin does not match) and BadOption.
    """
    root, rule = locate(path)
    directory = Directory(root, rule)
    return Profiles(directory, read_snapshot(directory, manifest), manifest)


def __getattr__(name: str) -> object:
    if name == "engines":
        # Not `from . import engines`: that asks this function for the name again.
        from importlib import import_module

        return import_module(".engines", __name__)
    if name in ("Explanation", "Layer"):
        from . import explain

        return getattr(explain, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
