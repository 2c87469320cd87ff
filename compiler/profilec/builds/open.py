"""A build directory -> Build, reading only what is asked for, each file checked against its digest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.encode import decode, sha256
from profilec.states import FORMAT, Artifact, Build

_SUMMARY = ("display_name", "model", "provider", "kind", "context_window", "cost")


def open_build(directory: str | os.PathLike[str]) -> Build:
    """The current build of a directory. Raises `CompileError` where there is none, or one that is not whole."""
    root = Path(directory)
    path = root / "manifest.json"
    try:
        manifest = decode(path.read_bytes())
    except OSError:
        raise _refused(
            "no-build",
            f"`{root}` holds no build",
            str(path),
            "run `profilec build`, or name a build with `--build`",
            environment=True,
        ) from None
    except ValueError:
        raise _damaged(str(path)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise _refused(
            "unknown-format",
            f"the build has the format `{found}`, and this profilec reads `{FORMAT}`",
            str(path),
            "build again with this version",
        )
    try:
        files = _Files(root, manifest)
    except (KeyError, TypeError, AttributeError):
        raise _damaged(str(path)) from None
    return Build(manifest, _Artifacts(manifest, files), files)


class _Files(Mapping[str, bytes]):
    """The files of a build by path; each is checked when it is read."""

    def __init__(self, root: Path, manifest: dict[str, Any]) -> None:
        self._root = root
        self._digests: dict[str, str] = {}
        for entry in [*manifest["registries"].values(), {"source_map": manifest["names"]}]:
            for each in (entry, entry["source_map"]):
                if "file" in each:
                    self._digests[each["file"]] = each["digest"]
        if baseline := manifest["inputs"]["baseline"]:
            self._digests[baseline["source_map"]["file"]] = baseline["source_map"]["digest"]

    def expect(self, path: str, digest: str) -> None:
        self._digests[path] = digest

    def __getitem__(self, path: str) -> bytes:
        digest = self._digests[path]
        if path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise _damaged(str(self._root / "manifest.json"))
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            raise _damaged(str(self._root / path)) from None
        if sha256(data) != digest:
            raise _damaged(str(self._root / path))
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a build by name; indexes are read once, artifacts when they are asked for."""

    def __init__(self, manifest: dict[str, Any], files: _Files) -> None:
        self._manifest, self._files = manifest, files
        self._entries: dict[str, dict[str, Any]] | None = None

    def _indexes(self) -> dict[str, dict[str, Any]]:
        if self._entries is None:
            self._entries = {}
            for slug, registry in self._manifest["registries"].items():
                for profile, entry in decode(self._files[registry["file"]])["profiles"].items():
                    self._entries[f"{slug}/{profile}"] = entry
                    self._files.expect(entry["file"], entry["digest"])
        return self._entries

    def __getitem__(self, name: str) -> Artifact:
        entry = self._indexes()[name]
        return Artifact(name, self._files[entry["file"]], entry["digest"])

    def __contains__(self, name: object) -> bool:
        return name in self._indexes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._indexes())

    def __len__(self) -> int:
        return len(self._indexes())


def summary_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _SUMMARY if key in entry}


def _damaged(path: str) -> CompileError:
    return _refused("damaged-build", f"`{path}` is not what its build recorded", path, "build again, or deploy again")


def _refused(rule: str, message: str, file: str | None, hint: str | None, environment: bool = False) -> CompileError:
    span = Span(file) if file else None
    return CompileError([Diagnostic(rule, "error", message, span, hint=hint, environment=environment)])
