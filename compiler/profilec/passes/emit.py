"""Merged -> an artifact's bytes, Graph -> the files around the artifacts: nothing of the machine is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from profilec._version import __version__
from profilec.document import document_of, stack_entry
from profilec.encode import encode, sha256
from profilec.states import FORMAT, Document, Emitted, Encoded, Graph, Layer, Merged

# Windows gives these names to devices, whatever comes behind the first dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def emit(graph: Graph, merged: Iterable[Merged]) -> Iterator[tuple[Emitted, bytes]]:
    """Each profile's artifact as bytes, with what the index says of it."""
    # Of the layers that the stacks have; most are in many.
    entries: dict[int, dict[str, Any]] = {}
    for each in merged:
        for number in each.stack:
            if number not in entries:
                entries[number] = stack_entry(graph, number)
        leaf = graph.layers[each.stack[-1]]
        data = encode(document_of(graph, each, [entries[number] for number in each.stack]))
        digest = sha256(data)
        path = f"profiles/{_file_name(leaf.registry)}/{_file_name(leaf.profile)}@{digest[:16]}.json"
        yield Emitted(leaf.name, path, digest, len(data), _summary(leaf, each.settings)), data


# Makes the file of a name from the objects it depends on. It may hand out what it made of the very same ones before.
Once = Callable[[str, Sequence[object], Callable[[], Encoded]], Encoded]


def anew(name: str, made_of: Sequence[object], make: Callable[[], Encoded]) -> Encoded:
    """The `Once` of whoever keeps nothing."""
    return make()


def bundle(
    graph: Graph,
    emitted: Mapping[str, Emitted],
    inputs: dict[str, Any],
    sources: list[dict[str, Any]],
    once: Once = anew,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the files beside the artifacts, its own among them: path -> bytes."""
    files: dict[str, bytes] = {}
    registries = {}
    for document in graph.documents:
        default = graph.default_profiles[document.slug]
        entries = [emitted[f"{document.slug}/{slug}"] for slug in document.layers]
        index = once(
            f"registries/{document.slug}",
            (document.layers, default, *entries),
            lambda: _encoded("registries", document.slug, _index(document, default, entries)),  # noqa: B023 - called now
        )
        source_map = once(
            f"sources/{document.slug}",
            (document.layers,),
            lambda: _encoded("sources", document.slug, _source_map(document)),  # noqa: B023
        )
        registries[document.slug] = {
            "default_profile": default,
            **_named(index, files),
            "source_map": _named(source_map, files),
        }
    names = _named(_encoded("", "names", {"format": FORMAT, "names": graph.names}), files)
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


def _index(document: Document, default: str | None, entries: Iterable[Emitted]) -> dict[str, Any]:
    profiles = {}
    for slug, each in zip(document.layers, entries, strict=True):
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
    return {**named, "source_map": _named(_encoded("sources", "_baseline", source_map), files)}


def _encoded(folder: str, name: str, content: dict[str, Any]) -> Encoded:
    data = encode(content)
    digest = sha256(data)
    return Encoded(f"{folder}/{_file_name(name)}@{digest[:16]}.json".removeprefix("/"), digest, data)


def _named(file: Encoded, files: dict[str, bytes]) -> dict[str, Any]:
    """What the manifest says of a file, which is put to the others."""
    files[file.path] = file.data
    return {"file": file.path, "digest": file.digest, "size": len(file.data)}


def _file_name(slug: str) -> str:
    return f"_{slug}" if slug.partition(".")[0] in _DEVICES else slug
