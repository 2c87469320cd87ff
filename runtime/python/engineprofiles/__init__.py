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
    from .credentials import register_resolver as register_resolver
    from .engine import Engine as Engine
    from .explain import Explanation as Explanation
    from .explain import Layer as Layer
    from .failures import AddressRefused as AddressRefused
    from .failures import ConnectionFailed as ConnectionFailed
    from .failures import MissingCredential as MissingCredential
    from .failures import NoEngine as NoEngine
    from .failures import ProviderRefused as ProviderRefused
    from .failures import RateLimited as RateLimited
    from .failures import ReplyUnreadable as ReplyUnreadable
    from .failures import StreamBroken as StreamBroken
    from .failures import Timeout as Timeout
    from .failures import UnknownProvider as UnknownProvider
    from .failures import UnsupportedParameter as UnsupportedParameter
    from .lookups import missing as missing

# Public names that are loaded when they are first used, by module.
_LATER = {
    "credentials": ("register_resolver",),
    "engine": ("Engine",),
    "explain": ("Explanation", "Layer"),
    "failures": (
        "AddressRefused",
        "ConnectionFailed",
        "MissingCredential",
        "NoEngine",
        "ProviderRefused",
        "RateLimited",
        "ReplyUnreadable",
        "StreamBroken",
        "Timeout",
        "UnknownProvider",
        "UnsupportedParameter",
    ),
    "lookups": ("missing",),
}

__all__ = [
    "AddressRefused",
    "ArtifactDamaged",
    "BadOption",
    "BuildNotFound",
    "ConnectionFailed",
    "Engine",
    "EngineProfilesError",
    "Explanation",
    "FormatUnknown",
    "Layer",
    "MissingCredential",
    "NoDefaultProfile",
    "NoEngine",
    "Profile",
    "Profiles",
    "ProviderRefused",
    "RateLimited",
    "ReplyUnreadable",
    "StreamBroken",
    "Timeout",
    "UnknownField",
    "UnknownProfile",
    "UnknownProvider",
    "UnknownRegistry",
    "UnsupportedParameter",
    "engines",
    "missing",
    "open",
    "register_resolver",
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
    for module, names in _LATER.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
