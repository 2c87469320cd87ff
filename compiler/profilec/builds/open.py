"""A build directory -> Build, reading only what is asked for, each file checked against its digest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from profilec import schemas
from profilec.builds.write import MANIFEST
from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.encode import decode, sha256
from profilec.states import FORMAT, Artifact, Build, Emitted

_SUMMARY = ("display_name", "model", "provider", "kind", "context_window", "cost")


def open_build(directory: str | os.PathLike[str]) -> Build:
    """The current build of a directory. Raises `CompileError` where there is none, or one that is not whole."""
    root = Path(directory)
    path = root / MANIFEST
    try:
        data = path.read_bytes()
    except (OSError, ValueError):
        raise _refused(
            "no-build",
            f"`{root}` holds no build",
            str(path),
            "run `profilec build`, or name a build with `--build`",
            environment=True,
        ) from None
    try:
        manifest = decode(data)
    except ValueError:
        raise damaged(str(path)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise _refused(
            "unknown-format",
            f"the build has the format `{found}`, and this profilec reads `{FORMAT}`",
            str(path),
            "build again with this version",
        )
    if not schemas.decider("manifest", may_say_more=True)(manifest) or not _is_consistent(manifest):
        raise damaged(str(path))
    files = _Files(root, manifest, data)
    return Build(manifest, _Artifacts(files), files)


def _is_consistent(manifest: dict[str, Any]) -> bool:
    registries, default = manifest["registries"], manifest["default"]
    is_there = default is None or default.partition("/")[0] in registries
    return is_there and sorted(manifest["precedence"]) == sorted(registries)


def just_built(
    directory: str | os.PathLike[str],
    manifest: dict[str, Any],
    emitted: Mapping[str, Emitted],
    beside: Mapping[str, bytes],
) -> Build:
    """The build that this process has just written. Artifacts are read when they are asked for; `beside` are the other
    files, whose bytes it still has."""
    files = _Written(Path(directory), {each.path: each.digest for each in emitted.values()}, beside)
    return Build(manifest, _Emitted(emitted, files), files)


class _Written(Mapping[str, bytes]):
    def __init__(self, root: Path, digests: Mapping[str, str], beside: Mapping[str, bytes]) -> None:
        self._root, self._digests, self._beside = root, digests, beside

    def __getitem__(self, path: str) -> bytes:
        if path in self._beside:
            return self._beside[path]
        return _checked(self._root / path, self._digests[path])

    def __iter__(self) -> Iterator[str]:
        return iter([*self._digests, *self._beside])

    def __len__(self) -> int:
        return len(self._digests) + len(self._beside)


class _Emitted(Mapping[str, Artifact]):
    def __init__(self, emitted: Mapping[str, Emitted], files: Mapping[str, bytes]) -> None:
        self._emitted, self._files = emitted, files

    def __getitem__(self, name: str) -> Artifact:
        each = self._emitted[name]
        return Artifact(name, self._files[each.path], each.digest)

    def __iter__(self) -> Iterator[str]:
        return iter(self._emitted)

    def __len__(self) -> int:
        return len(self._emitted)


class _Files(Mapping[str, bytes]):
    """The files of a build by path; each is read when it is asked for, and checked then.

    Of the indexes only those are read that say something of what is asked for.
    """

    def __init__(self, root: Path, manifest: dict[str, Any], data: bytes) -> None:
        self._root, self._data = root, data
        self._registries: dict[str, dict[str, Any]] = manifest["registries"]
        self._entries: dict[str, dict[str, dict[str, Any]]] = {}
        maps = [each["source_map"] for each in self._registries.values()]
        if baseline := manifest["inputs"]["baseline"]:
            maps.append(baseline["source_map"])
        named = [*self._registries.values(), *maps, manifest["names"]]
        self._digests: dict[str, str] = {each["file"]: each["digest"] for each in named}

    def entries(self, registry: str) -> dict[str, dict[str, Any]]:
        """What the index of a registry says of each of its artifacts, by profile. It is read once."""
        if registry not in self._entries:
            profiles = decode(self[self._registries[registry]["file"]])["profiles"]
            self._entries[registry] = profiles
            self._digests.update((each["file"], each["digest"]) for each in profiles.values())
        return self._entries[registry]

    def entry(self, name: str) -> dict[str, Any] | None:
        """What the index says of an artifact, by its full name."""
        registry, _, profile = name.partition("/")
        return self.entries(registry).get(profile) if registry in self._registries else None

    def names(self) -> Iterator[str]:
        for registry in self._registries:
            yield from (f"{registry}/{profile}" for profile in self.entries(registry))

    def __getitem__(self, path: str) -> bytes:
        if path == MANIFEST:
            return self._data
        digest = self._digests.get(path) or self._all()[path]
        if path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise damaged(str(self._root / MANIFEST))
        return _checked(self._root / path, digest)

    def __iter__(self) -> Iterator[str]:
        return iter([*self._all(), MANIFEST])

    def __len__(self) -> int:
        return len(self._all()) + 1

    def _all(self) -> dict[str, str]:
        for registry in self._registries:
            self.entries(registry)
        return self._digests


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a build by name."""

    def __init__(self, files: _Files) -> None:
        self._files = files

    def __getitem__(self, name: str) -> Artifact:
        entry = self._files.entry(name)
        if entry is None:
            raise KeyError(name)
        return Artifact(name, self._files[entry["file"]], entry["digest"])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._files.entry(name) is not None

    def __iter__(self) -> Iterator[str]:
        return self._files.names()

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _checked(path: Path, digest: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError:
        raise damaged(str(path)) from None
    if sha256(data) != digest:
        raise damaged(str(path))
    return data


def summary_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _SUMMARY if key in entry}


def damaged(path: str) -> CompileError:
    return _refused("damaged-build", f"`{path}` is not what its build recorded", path, "build again, or deploy again")


def _refused(rule: str, message: str, file: str | None, hint: str | None, environment: bool = False) -> CompileError:
    span = Span(file) if file else None
    return CompileError([Diagnostic(rule, "error", message, span, hint=hint, environment=environment)])
