"""A directory of artifacts under stable names -> Build: what `export` wrote can be compared like a build.

Such a tree has no lines, names or defaults. What each layer wrote is seen in its own artifact: there it stands on top.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from profilec import schemas
from profilec.diagnostics import CompileError, Diagnostic, Span
from profilec.encode import decode, encode, sha256
from profilec.review.explain import value_at
from profilec.review.masking import shown
from profilec.sources.files import LARGEST
from profilec.states import FORMAT, Artifact, Build

Documents = dict[str, dict[str, Any]]


def is_exported(directory: Path) -> bool:
    """Whether a directory holds artifacts under their own names, and is no build."""
    return any(_own_name(each.document) == each.name for each in _files(directory))


def open_exported(directory: str | os.PathLike[str]) -> Build:
    """The artifacts of a tree; files that are none are left alone, as whoever exports leaves them.

    Raises `CompileError` for an artifact under another name, and for one that is not whole.
    """
    root = Path(directory)
    artifacts: dict[str, Artifact] = {}
    documents: Documents = {}
    others: list[_File] = []
    is_artifact = schemas.decider("artifact", may_say_more=True)
    for file in sorted(_files(root), key=lambda each: each.name):
        if (own := _own_name(file.document)) is None:
            others.append(file)
        elif own != file.name or not is_artifact(file.document) or not _is_consistent(file.document):
            raise _damaged(root, file.name)
        else:
            name = own.removesuffix(".json")
            artifacts[name], documents[name] = Artifact(name, file.data, sha256(file.data)), file.document
    _raise_broken(root, others, documents)
    _raise_circles(root, documents)
    by_registry: dict[str, Documents] = {}
    for name, document in documents.items():
        slug, _, profile = name.partition("/")
        by_registry.setdefault(slug, {})[profile] = document
    files: dict[str, bytes] = {}
    registries = {slug: _registry(slug, by_registry[slug], documents, artifacts, files) for slug in sorted(by_registry)}
    names = _put("names", {"format": FORMAT, "names": {}}, files)
    manifest = {
        "format": FORMAT,
        "build": sha256(encode({name: each.digest for name, each in artifacts.items()})),
        "compiler": {"version": ""},
        "default": None,
        "precedence": list(registries),
        "registries": registries,
        "names": names,
        "inputs": {"secrets": "reference", "baseline": _baseline(documents, files)},
    }
    return Build(manifest, artifacts, files)


class _File(NamedTuple):
    """A file that may be an artifact: where it lies in the tree, its bytes, and what they say; None where no JSON."""

    name: str
    data: bytes
    document: Any


def _files(root: Path) -> Iterator[_File]:
    for path in root.glob("*/*.json"):
        data, document = b"", None
        try:
            # The open of a pipe waits for a writer.
            if not path.is_file() or path.stat().st_size > LARGEST:
                continue
            data = path.read_bytes()
            document = decode(data)
        except (OSError, ValueError):
            pass
        yield _File(path.relative_to(root).as_posix(), data, document)


def _own_name(document: Any) -> str | None:
    """The name of an artifact's file; None for what is no artifact. A build's other files have the format as well."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return None
    slugs = document.get("registry_slug"), document.get("profile_slug")
    return None if slugs == (None, None) else f"{slugs[0]}/{slugs[1]}.json"


def _is_consistent(document: dict[str, Any]) -> bool:
    """Whether the lineage speaks of the artifact: its own profile on top, layers that are there, fields that it has."""
    stack, fields = document["lineage"]["stack"], document["lineage"]["fields"]
    own = (document["registry_slug"], document["profile_slug"])
    if any("baseline" in each for each in stack[1:]) or own != _profile(stack[-1]):
        return False
    if any(position >= len(stack) for positions in fields.values() for position in positions):
        return False
    return all(_has(document, pointer) for pointer in fields)


def _profile(entry: dict[str, Any]) -> tuple[Any, Any]:
    return entry.get("registry_slug"), entry.get("profile_slug")


def _raise_broken(root: Path, others: list[_File], documents: Documents) -> None:
    """Tell of a file that is no artifact where one is to be: others stack on it, or what is left of it says so."""
    stacked = {f"{each}.json" for name in documents for each in _flat(name, documents)}
    registries = {name.partition("/")[0] for name in documents}
    for file in others:
        is_rest = file.document is None and (FORMAT.encode() in file.data or file.name.partition("/")[0] in registries)
        if file.name in stacked or is_rest:
            raise _damaged(root, file.name)


def _raise_circles(root: Path, documents: Documents) -> None:
    try:
        TopologicalSorter({name: _flat(name, documents)[:-1] for name in documents}).prepare()
    except CycleError as error:
        # Wherever the search entered the circle, it is named by the same file.
        raise _damaged(root, f"{min(set(error.args[1]) & documents.keys())}.json") from None


def _damaged(root: Path, name: str) -> CompileError:
    path = f"{root}/{name}"
    message, hint = (
        f"`{path}` is not the artifact that its name says",
        "export again; what is no artifact has another name",
    )
    return CompileError([Diagnostic("damaged-build", "error", message, Span(path), hint=hint)])


def _registry(
    slug: str, own: Documents, documents: Documents, artifacts: Mapping[str, Artifact], files: dict[str, bytes]
) -> dict[str, Any]:
    index = {
        profile: {"digest": artifacts[f"{slug}/{profile}"].digest, **_summary(each)} for profile, each in own.items()
    }
    layers = {profile: _layer(f"{slug}/{profile}", documents) for profile in own}
    source_map = _put(f"sources/{slug}", {"file": slug, "profiles": layers}, files)
    return {**_put(f"registries/{slug}", {"profiles": index}, files), "default_profile": None, "source_map": source_map}


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    chat = document["inference_settings"].get("chat") or {}
    found = {
        "display_name": document.get("display_name"),
        "model": chat.get("engine"),
        "provider": chat.get("api_type"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _layer(name: str, documents: Documents) -> dict[str, Any]:
    """What a source map says of a profile, as far as the artifacts show it."""
    stack = [(*parent.split("/", 1), None, None) for parent in _parents(name, documents)]
    return {"line": None, "column": None, "stack": stack, "fields": _written(documents[name])}


def _parents(name: str, documents: Documents) -> list[str]:
    """What a profile stands on, by the flat stacks: from the last layer down, whatever those before did not bring."""
    parents: list[str] = []
    covered: set[str] = set()
    for each in reversed(_flat(name, documents)[:-1]):
        if each not in covered:
            parents.append(each)
            covered.update(_flat(each, documents) if each in documents else [each])
    return parents[::-1]


def _flat(name: str, documents: Documents) -> list[str]:
    stack = documents[name]["lineage"]["stack"]
    return [f"{each['registry_slug']}/{each['profile_slug']}" for each in stack if "baseline" not in each]


def _written(document: dict[str, Any]) -> dict[str, Any]:
    """What the profile itself wrote: the fields that its own layer, the topmost, set."""
    top = len(document["lineage"]["stack"]) - 1
    fields = document["lineage"]["fields"].items()
    return {pointer: (None, None, _value(document, pointer)) for pointer, positions in fields if positions[-1] == top}


def _baseline(documents: Documents, files: dict[str, bytes]) -> dict[str, Any] | None:
    """The baseline that lies below every profile, as far as a profile shows of it."""
    fields: dict[str, Any] = {}
    name = None
    for document in documents.values():
        name = document["lineage"]["stack"][0].get("baseline", name)
        for pointer, positions in document["lineage"]["fields"].items():
            if name is not None and positions == [0]:
                fields[pointer] = (None, None, _value(document, pointer))
    if name is None:
        return None
    return {"name": name, "source_map": _put("sources/_baseline", {"file": name, "fields": fields}, files)}


def _value(document: dict[str, Any], pointer: str) -> Any:
    return shown(pointer, value_at(document, pointer))


def _has(document: dict[str, Any], pointer: str) -> bool:
    try:
        value_at(document, pointer)
    except (KeyError, TypeError):
        return False
    return True


def _put(path: str, content: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    files[path] = encode(content)
    return {"file": path, "digest": sha256(files[path])}
