"""build -> the references of its profiles that this machine cannot look up."""

from __future__ import annotations

from . import open as open_build
from .credentials import LookupFailed, look_up
from .profiles import Profiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os


def missing(build: str | os.PathLike[str] | Profiles | None = None) -> dict[str, list[str]]:
    """{"registry/profile": [reference, …]} of those that lead to nothing here; profiles that lack none are left out.

    For a deployment to ask before it serves. Values are looked up, and forgotten. Raises what `open` raises.
    """
    profiles = build if isinstance(build, Profiles) else open_build(build)
    known: dict[str, bool] = {}
    lacking: dict[str, list[str]] = {}
    for name in profiles:
        references = [each for each in profiles[name].requires if not _is_there(each, known)]
        if references:
            lacking[name] = references
    return lacking


def _is_there(reference: str, known: dict[str, bool]) -> bool:
    if reference not in known:
        try:
            look_up(reference)
        except LookupFailed:
            known[reference] = False
        else:
            known[reference] = True
    return known[reference]
