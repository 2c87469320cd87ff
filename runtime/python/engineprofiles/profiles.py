"""opened build -> profiles by name."""

from __future__ import annotations

from . import trace
from .directory import Directory
from .errors import UnknownProfile, UnknownRegistry
from .profile import Profile
from .select import ARGUMENT, find, normalise, select
from .snapshot import Snapshot, read_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Profiles:
    """The profiles of one build, by `registry/profile` or by unqualified name.

    A file is read when it is first needed, and an artifact each time a profile is asked for: keep the Profile.
    Safe to share between threads.
    """

    __slots__ = ("_directory", "_pin", "_snapshot")

    def __init__(self, directory: Directory, snapshot: Snapshot, pin: str | None) -> None:
        self._directory = directory
        self._snapshot = snapshot
        self._pin = pin

    def get(self, name: str | None = None, registry: str | None = None) -> Profile:
        """The profile named, else the one `$PINOCCHIO_PROFILE` names, else the build's default.

        With a registry: the name within it, and without a name that registry's default. Unlike dict.get it raises:
        UnknownProfile, UnknownRegistry, NoDefaultProfile, BadOption, ArtifactDamaged.
        """
        snapshot = self._snapshot
        return _load(snapshot, *select(snapshot, name, registry))

    def __getitem__(self, name: str) -> Profile:
        """The profile of that name. Raises UnknownProfile or UnknownRegistry (both KeyErrors), ArtifactDamaged."""
        snapshot = self._snapshot
        return _load(snapshot, *find(snapshot, normalise(name, "profile name"), ARGUMENT), ARGUMENT)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        try:
            find(self._snapshot, normalise(name, "profile name"), ARGUMENT)
        except (UnknownProfile, UnknownRegistry):
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        """Every `registry/profile`, sorted. Reads the index of every registry."""
        snapshot = self._snapshot
        names = (f"{registry}/{slug}" for registry in snapshot.registries for slug in snapshot.index(registry))
        return iter(sorted(names))

    def __len__(self) -> int:
        snapshot = self._snapshot
        return sum(len(snapshot.index(registry)) for registry in snapshot.registries)

    def __bool__(self) -> bool:
        # Without this, `if profiles:` would read every index, by way of len().
        return True

    def __repr__(self) -> str:
        return f"<Profiles {str(self._directory)!r} build {str(self.build)[:16]}>"

    @property
    def default(self) -> str | None:
        """The build's default as `registry/profile`, or None."""
        default = self.manifest.get("default")
        return None if default is None else str(default)

    @property
    def build(self) -> str:
        """The id of the build, 64 hex digits: the same as long as every profile served is the same."""
        return str(self.manifest.get("build"))

    @property
    def digest(self) -> str:
        """The SHA-256 of the manifest, 64 hex digits: what `open(…, manifest=…)` pins."""
        return self._snapshot.digest

    @property
    def manifest(self) -> dict[str, Any]:
        """The parsed manifest."""
        return self._snapshot.manifest

    def names(self) -> dict[str, str]:
        """What each unqualified name stands for: {name: "registry/profile"}."""
        return dict(self._snapshot.names())

    def reload(self, manifest: str | None = None) -> bool:
        """Take up a newer manifest, and say whether there was one.

        A build that was opened with a pin accepts no other manifest unless its digest is given here. When this
        raises, the build taken up before stays in use; profiles already handed out are never touched.
        """
        pin = self._pin if manifest is None else manifest
        snapshot = read_snapshot(self._directory, pin)
        self._pin = pin
        if snapshot.digest == self._snapshot.digest:
            return False
        # One assignment, so that another thread's look-up sees the old build or the new one, and no mixture.
        self._snapshot = snapshot
        trace.debug("took up build %s", self.build)
        return True


def _load(snapshot: Snapshot, registry: str, slug: str, rule: str) -> Profile:
    trace.debug("profile %s/%s: %s", registry, slug, rule)
    return Profile(snapshot, registry, slug)
