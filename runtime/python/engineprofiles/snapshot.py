"""one manifest -> the files it names, each parsed once.

A snapshot never changes: what is read through it belongs to one build, whatever is deployed meanwhile.
"""

from __future__ import annotations

import json

from .digest import parse_pin, sha256
from .directory import MANIFEST, REBUILD, Directory, damaged_digest
from .errors import ArtifactDamaged, FormatUnknown, printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = "engine-profiles/1"


def read_snapshot(directory: Directory, pin: str | None) -> Snapshot:
    """Read the manifest, and nothing else. With a pin, its digest must be that one."""
    wanted = None if pin is None else parse_pin(pin)
    data = directory.read_manifest()
    digest = sha256(data)
    if wanted is not None and digest != wanted:
        raise damaged_digest(MANIFEST, wanted, digest)
    return Snapshot(directory, parse(data, MANIFEST), digest)


class Snapshot:
    """A parsed manifest, its digest, and the indexes, names and source maps read so far."""

    __slots__ = ("_directory", "_parsed", "digest", "manifest", "registries")

    def __init__(self, directory: Directory, manifest: dict[str, Any], digest: str) -> None:
        self._directory = directory
        self._parsed: dict[str, dict[str, Any]] = {}
        self.manifest = manifest
        self.digest = digest
        self.registries = mapping(manifest.get("registries"), MANIFEST, "registries")

    def index(self, registry: str) -> dict[str, Any]:
        """The profiles of one registry of the manifest, as {slug: entry}."""
        entry = self.registries.get(registry)
        document = self._once(entry, f"registries/{registry}")
        return mapping(document.get("profiles"), _file(entry), "profiles")

    def names(self) -> dict[str, Any]:
        """{unqualified name: "registry/profile"}"""
        entry = self.manifest.get("names")
        return mapping(self._once(entry, "names").get("names"), _file(entry), "names")

    def artifact(self, registry: str, slug: str) -> dict[str, Any]:
        """One profile, parsed anew each time: whoever asks may change it without harm to others."""
        document = self._read(self.index(registry).get(slug), f"profiles/{registry}/{slug}")
        if document.get("registry_slug") != registry or document.get("profile_slug") != slug:
            raise ArtifactDamaged(f"the artifact of `{registry}/{slug}` holds another profile", REBUILD)
        return document

    def source_map(self, registry: str | None) -> dict[str, Any] | None:
        """What the layers of a registry wrote and where (None: the baseline's), or None where the build has no such."""
        if registry is None:
            inputs = self.manifest.get("inputs")
            owner = inputs.get("baseline") if isinstance(inputs, dict) else None
        else:
            owner = self.registries.get(registry)
        if not isinstance(owner, dict) or owner.get("source_map") is None:
            return None
        return self._once(owner["source_map"], f"sources/{registry or 'baseline'}")

    def _once(self, entry: object, what: str) -> dict[str, Any]:
        document = self._parsed.get(what)
        if document is None:
            document = self._parsed[what] = self._read(entry, what)
        return document

    def _read(self, entry: object, what: str) -> dict[str, Any]:
        file, size, digest = _file(entry), None, None
        if isinstance(entry, dict):
            size, digest = entry.get("size"), entry.get("digest")
        if not (file and isinstance(size, int) and size >= 0 and isinstance(digest, str)):
            raise ArtifactDamaged(f"the build has no file, size and digest for {quoted(what)}", REBUILD, file=what)
        return parse(self._directory.read(file, size, digest), file)


def parse(data: bytes, file: str) -> dict[str, Any]:
    """The document in the bytes, if it is of the format that this release reads."""
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ArtifactDamaged(f"`{printable(file)}` is not JSON in UTF-8", REBUILD, file=file) from None
    found = mapping(document, file, "document").get("format")
    if found != FORMAT:
        raise FormatUnknown(
            f"`{printable(file)}` is of format {quoted(str(found))}; this release reads `{FORMAT}`",
            "upgrade `engine-profiles` where this runs, or build with the release of profilec that is installed here",
            file=file,
            found=found,
            known=[FORMAT],
        )
    return dict(document)


def mapping(value: object, file: str, what: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ArtifactDamaged(f"`{what}` of `{printable(file)}` is not a mapping", REBUILD, file=file)


def _file(entry: object) -> str:
    file = entry.get("file") if isinstance(entry, dict) else None
    return file if isinstance(file, str) else ""
