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
from profilec.states import FORMAT, Artifact, Build

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


class _Files(Mapping[str, bytes]):
    """The files of a build by path; each is read when it is asked for, and checked then."""

    def __init__(self, root: Path, manifest: dict[str, Any], data: bytes) -> None:
        self._root, self._manifest, self._data = root, manifest, data
        self._entries: dict[str, dict[str, Any]] | None = None
        maps = [each["source_map"] for each in manifest["registries"].values()]
        if baseline := manifest["inputs"]["baseline"]:
            maps.append(baseline["source_map"])
        named = [*manifest["registries"].values(), *maps, manifest["names"]]
        self._digests: dict[str, str] = {each["file"]: each["digest"] for each in named}

    def entries(self) -> dict[str, dict[str, Any]]:
        """What the indexes say of each artifact, by its name. They are read once."""
        if self._entries is None:
            self._entries = {
                f"{slug}/{profile}": entry
                for slug, registry in self._manifest["registries"].items()
                for profile, entry in decode(self[registry["file"]])["profiles"].items()
            }
            self._digests.update((each["file"], each["digest"]) for each in self._entries.values())
        return self._entries

    def __getitem__(self, path: str) -> bytes:
        if path == MANIFEST:
            return self._data
        digest = self._digests.get(path) or self._all()[path]
        if path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise damaged(str(self._root / MANIFEST))
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            raise damaged(str(self._root / path)) from None
        if sha256(data) != digest:
            raise damaged(str(self._root / path))
        return data

    def __iter__(self) -> Iterator[str]:
        return iter([*self._all(), MANIFEST])

    def __len__(self) -> int:
        return len(self._all()) + 1

    def _all(self) -> dict[str, str]:
        self.entries()
        return self._digests


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a build by name."""

    def __init__(self, files: _Files) -> None:
        self._files = files

    def __getitem__(self, name: str) -> Artifact:
        entry = self._files.entries()[name]
        return Artifact(name, self._files[entry["file"]], entry["digest"])

    def __contains__(self, name: object) -> bool:
        return name in self._files.entries()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files.entries())

    def __len__(self) -> int:
        return len(self._files.entries())


def summary_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _SUMMARY if key in entry}


def damaged(path: str) -> CompileError:
    return _refused("damaged-build", f"`{path}` is not what its build recorded", path, "build again, or deploy again")


def _refused(rule: str, message: str, file: str | None, hint: str | None, environment: bool = False) -> CompileError:
    span = Span(file) if file else None
    return CompileError([Diagnostic(rule, "error", message, span, hint=hint, environment=environment)])
