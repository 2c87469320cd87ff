"""Merged -> an artifact's document, as plain data: what is emitted, and what policies are held against."""

from __future__ import annotations

from typing import Any

from profilec import credentials
from profilec.fields import secret_extensions, secret_fields
from profilec.states import FORMAT, Graph, Merged


def document_of(graph: Graph, merged: Merged, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The document of a profile. `entries` are those of its stack."""
    leaf = graph.layers[merged.stack[-1]]
    found: dict[str, Any] = {
        "format": FORMAT,
        "registry_slug": leaf.registry,
        "profile_slug": leaf.profile,
        "inference_settings": merged.settings,
        "extensions": merged.extensions,
        "metadata": {
            "profile.registry": leaf.registry,
            "profile.slug": leaf.profile,
            "profile.version": leaf.version,
            "profile.source": leaf.source,
            "profile.stack.lineage": entries,
        },
        "lineage": {"stack": entries, "fields": merged.fields},
        "requires": _requires(merged.settings, merged.extensions),
    }
    if leaf.display_name is not None:
        found["display_name"] = leaf.display_name
    if leaf.description is not None:
        found["description"] = leaf.description
    return found


def stack_entry(graph: Graph, number: int) -> dict[str, Any]:
    """What an artifact says of one layer of its stack."""
    layer = graph.layers[number]
    if number == 0 and graph.has_baseline:
        return {"baseline": layer.profile}
    return {
        "registry_slug": layer.registry,
        "profile_slug": layer.profile,
        "version": layer.version,
        "source": layer.source,
    }


def _requires(settings: dict[str, Any], extensions: dict[str, Any]) -> list[str]:
    """The references to credentials, at the only paths where they are looked up."""
    found: set[str] = set()
    for section, name in secret_fields():
        content = settings.get(section)
        if content and name in content:
            found.update(credentials.references(content[name]))
    for extension, keys in secret_extensions().items() if extensions else ():
        payload = extensions.get(extension)
        if isinstance(payload, dict):
            found.update(each for key in keys for each in credentials.references(payload.get(key)))
    return sorted(found)
