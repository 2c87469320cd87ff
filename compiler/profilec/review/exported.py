"""A directory of artifacts under stable names -> Build: what `export` wrote can be compared like a build.

Such a tree has no lines, names or defaults. What each layer wrote is seen in its own artifact: there it stands on top.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from profilec import schemas
from profilec.builds.open import damaged
from profilec.encode import decode, encode, sha256
from profilec.review.masking import shown
from profilec.states import FORMAT, Artifact, Build

Documents = dict[str, dict[str, Any]]


def is_exported(directory: Path) -> bool:
    """Whether a directory holds artifacts under their own names, and is no build."""
    for path in directory.glob("*/*.json"):
        try:
            document = decode(path.read_bytes())
        except (OSError, ValueError):
            continue
        return _own_name(document) == path.relative_to(directory).as_posix()
    return False


def open_exported(directory: str | os.PathLike[str]) -> Build:
    """The artifacts of a tree. Raises `CompileError` for a file that is not the artifact that its name says."""
    root = Path(directory)
    artifacts: dict[str, Artifact] = {}
    documents: Documents = {}
    is_artifact = schemas.decider("artifact", may_say_more=True)
    for path in sorted(root.glob("*/*.json")):
        try:
            data = path.read_bytes()
            document = decode(data)
        except (OSError, ValueError):
            raise damaged(str(path)) from None
        own = path.relative_to(root).as_posix()
        if _own_name(document) != own or not is_artifact(document):
            raise damaged(str(path))
        name = own.removesuffix(".json")
        artifacts[name], documents[name] = Artifact(name, data, sha256(data)), document
    files: dict[str, bytes] = {}
    registries = {
        slug: _registry(slug, documents, artifacts, files) for slug in sorted({n.partition("/")[0] for n in documents})
    }
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


def _own_name(document: Any) -> str | None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return None
    return f"{document.get('registry_slug')}/{document.get('profile_slug')}.json"


def _registry(
    slug: str, documents: Documents, artifacts: Mapping[str, Artifact], files: dict[str, bytes]
) -> dict[str, Any]:
    own = {name.partition("/")[2]: document for name, document in documents.items() if name.startswith(f"{slug}/")}
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
    value: Any = document
    for step in pointer.split("/")[1:]:
        value = value[step.replace("~1", "/").replace("~0", "~")]
    return shown(pointer, value)


def _put(path: str, content: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    files[path] = encode(content)
    return {"file": path, "digest": sha256(files[path])}
