"""Merged -> an artifact's bytes, Graph -> the files around the artifacts: nothing of the machine is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from profilec._version import __version__
from profilec.document import document_of, stack_entry
from profilec.encode import encode, sha256
from profilec.states import FORMAT, Document, Emitted, Graph, Layer, Merged

# Windows gives these names to devices, whatever comes behind the first dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def emit(graph: Graph, merged: Iterable[Merged]) -> Iterator[tuple[Emitted, bytes]]:
    """Each profile's artifact as bytes, with what the index says of it."""
    entries = [stack_entry(graph, number) for number in range(len(graph.layers))]
    for each in merged:
        leaf = graph.layers[each.stack[-1]]
        data = encode(document_of(graph, each, [entries[number] for number in each.stack]))
        digest = sha256(data)
        path = f"profiles/{_file_name(leaf.registry)}/{_file_name(leaf.profile)}@{digest[:16]}.json"
        yield Emitted(leaf.name, path, digest, len(data), _summary(leaf, each.settings)), data


def bundle(
    graph: Graph, emitted: Mapping[str, Emitted], inputs: dict[str, Any], sources: list[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the files beside the artifacts, its own among them: path -> bytes."""
    files: dict[str, bytes] = {}
    registries = {}
    for document in graph.documents:
        index = _index(document, graph.default_profiles[document.slug], emitted)
        registries[document.slug] = {
            "default_profile": graph.default_profiles[document.slug],
            **_file("registries", document.slug, index, files),
            "source_map": _file("sources", document.slug, _source_map(document), files),
        }
    names = _file("", "names", {"format": FORMAT, "names": graph.names}, files)
    served = {
        "default": graph.default,
        "indexes": {slug: each["digest"] for slug, each in registries.items()},
        "names": names["digest"],
    }
    manifest = {
        "format": FORMAT,
        "compiler": {"name": "profilec", "version": __version__},
        "build": sha256(encode(served)),
        "default": graph.default,
        "default_registry": graph.default_registry or None,
        "precedence": list(graph.precedence),
        "registries": registries,
        "names": names,
        "sources": sources,
        "inputs": {**inputs, "baseline": _baseline(graph, inputs["baseline"], files)},
    }
    files["manifest.json"] = encode(manifest)
    return manifest, files


def _summary(leaf: Layer, settings: dict[str, Any]) -> dict[str, Any]:
    """What a list shows. Embedding and reranking profiles have their model in sections of their own."""
    chat, model_info = settings.get("chat", {}), settings.get("model_info", {})
    summary = {"display_name": leaf.display_name, "model": chat.get("engine"), "provider": chat.get("api_type")}
    for section in ("embeddings", "rerank"):
        own = settings.get(section, {})
        if not summary["model"] and own.get("engine"):
            summary.update(model=own["engine"], provider=own.get("type"), kind=section)
    summary["context_window"] = model_info.get("context_window")
    summary["cost"] = model_info.get("cost")
    return {key: value for key, value in summary.items() if value is not None}


def _index(document: Document, default: str | None, emitted: Mapping[str, Emitted]) -> dict[str, Any]:
    profiles = {}
    for slug in document.layers:
        each = emitted[f"{document.slug}/{slug}"]
        profiles[slug] = {"file": each.path, "digest": each.digest, "size": each.size, **each.summary}
    index = {"format": FORMAT, "registry_slug": document.slug, "default_profile": default, "profiles": profiles}
    if document.display_name is not None:
        index["display_name"] = document.display_name
    if document.description is not None:
        index["description"] = document.description
    return index


def _source_map(document: Document) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "registry_slug": document.slug,
        "file": document.span.file,
        "profiles": {
            slug: {
                "line": layer.place[0],
                "column": layer.place[1],
                "stack": [(each.registry, each.profile, *each.place) for each in layer.stack],
                "fields": layer.fields,
            }
            for slug, layer in document.layers.items()
        },
    }


def _baseline(graph: Graph, named: dict[str, Any] | None, files: dict[str, bytes]) -> dict[str, Any] | None:
    if named is None:
        return None
    layer = graph.layers[0]
    # No slug begins with `_`, so this name is free.
    source_map = {"format": FORMAT, "file": layer.profile, "fields": layer.fields}
    return {**named, "source_map": _file("sources", "_baseline", source_map, files)}


def _file(folder: str, name: str, content: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    data = encode(content)
    digest = sha256(data)
    path = f"{folder}/{_file_name(name)}@{digest[:16]}.json".removeprefix("/")
    files[path] = data
    return {"file": path, "digest": digest, "size": len(data)}


def _file_name(slug: str) -> str:
    return f"_{slug}" if slug.partition(".")[0] in _DEVICES else slug
