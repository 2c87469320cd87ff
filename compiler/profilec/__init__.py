"""Compile layered engine profiles into flat artifacts that say where each field came from.

build = profilec.compile(["registries"])
profilec.builds.write(build, "build")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from profilec._version import __version__

if TYPE_CHECKING:
    from profilec.builds.open import open_build
    from profilec.builds.write import WriteError, Written, write
    from profilec.diagnostics import CompileError, Diagnostic, Note, Span
    from profilec.pipeline import Built, build, compile
    from profilec.review.diff.compare import diff
    from profilec.review.diff.result import Diff
    from profilec.review.explain import Explanation, Setting, explain
    from profilec.review.find import find
    from profilec.states import Artifact, Build, Text
    from profilec.stores.backend import StoreError
    from profilec.stores.convert import Converted, convert
    from profilec.stores.store import Store, VersionConflict, open_store

__all__ = [
    "Artifact",
    "Build",
    "Built",
    "CompileError",
    "Converted",
    "Diagnostic",
    "Diff",
    "Explanation",
    "Note",
    "Setting",
    "Span",
    "Store",
    "StoreError",
    "Text",
    "VersionConflict",
    "WriteError",
    "Written",
    "__version__",
    "build",
    "compile",
    "convert",
    "diff",
    "explain",
    "find",
    "open_build",
    "open_store",
    "write",
]

# Where each public name lives. They are imported when they are asked for: `profilec --version` needs none of them.
_HOMES = {
    "profilec.builds.open": ("open_build",),
    "profilec.review.find": ("find",),
    "profilec.diagnostics": ("CompileError", "Diagnostic", "Note", "Span"),
    "profilec.review.diff.compare": ("diff",),
    "profilec.review.diff.result": ("Diff",),
    "profilec.review.explain": ("Explanation", "Setting", "explain"),
    "profilec.pipeline": ("Built", "build", "compile"),
    "profilec.states": ("Artifact", "Build", "Text"),
    "profilec.stores.backend": ("StoreError",),
    "profilec.stores.convert": ("Converted", "convert"),
    "profilec.stores.store": ("Store", "VersionConflict", "open_store"),
    "profilec.builds.write": ("WriteError", "Written", "write"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(home), name)
            return found
    raise AttributeError(f"module 'profilec' has no attribute {name!r}")
