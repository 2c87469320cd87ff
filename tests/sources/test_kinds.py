"""The catalogue through every kind of source: the same artifacts, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import profilec
import pytest
from profilec.diagnostics import Report
from profilec.passes.parse import read_tree
from profilec.states import Text

REGISTRIES = Path(__file__).parents[2] / "registries"


@pytest.fixture(scope="module")
def wanted() -> profilec.Build:
    return profilec.compile(REGISTRIES, root=REGISTRIES.parent)


def files() -> list[Path]:
    return sorted(REGISTRIES.rglob("*.yaml"), key=lambda each: each.relative_to(REGISTRIES).parts)


def value(file: Path) -> dict[str, object]:
    tree = read_tree(Text(file.name, file.read_bytes()), Report())
    assert tree is not None
    found: dict[str, object] = tree.value
    return found


def same(found: profilec.Build, wanted: profilec.Build) -> bool:
    """Whether all that a loader serves of each profile is the same; the order of a database is that of the slugs."""
    artifacts = {name: each.data for name, each in wanted.artifacts.items()}
    indexes = {slug: each["digest"] for slug, each in wanted.manifest["registries"].items()}
    return artifacts == {name: each.data for name, each in found.artifacts.items()} and indexes == {
        slug: each["digest"] for slug, each in found.manifest["registries"].items()
    }


def test_mappings(wanted: profilec.Build) -> None:
    found = profilec.compile([value(each) for each in files()])
    assert same(found, wanted)
    assert found.manifest["build"] == wanted.manifest["build"]


def test_json(wanted: profilec.Build) -> None:
    found = profilec.compile([profilec.Text("r.json", json.dumps(value(each))) for each in files()])
    assert found.manifest["build"] == wanted.manifest["build"]
    assert same(found, wanted)


def test_jsonnet(tmp_path: Path, wanted: profilec.Build) -> None:
    """Programs that read the catalogue, one for each registry, and one that is an array of all."""
    names = []
    for number, file in enumerate(files()):
        (tmp_path / f"{number:03}.libsonnet").write_text(json.dumps(value(file)))
        (tmp_path / f"{number:03}.jsonnet").write_text(f"(import '{number:03}.libsonnet') + {{}}")
        names.append(f"import '{number:03}.libsonnet'")
    found = profilec.compile(tmp_path)
    assert found.manifest["build"] == wanted.manifest["build"]
    assert same(found, wanted)
    for file in tmp_path.glob("*.jsonnet"):
        file.unlink()
    (tmp_path / "all.jsonnet").write_text(f"[{', '.join(names)}]")
    assert same(profilec.compile(tmp_path / "all.jsonnet"), wanted)


@pytest.mark.parametrize("kind", ["yaml", "json", "sqlite"])
def test_converted(tmp_path: Path, kind: str, wanted: profilec.Build) -> None:
    """Into each kind, and from there into SQLite and back."""
    place = tmp_path / ("all.sqlite" if kind == "sqlite" else "all")
    profilec.convert(REGISTRIES, place, kind)
    assert same(profilec.compile(place), wanted)
    profilec.convert(place, tmp_path / "again.sqlite", "sqlite")
    profilec.convert(tmp_path / "again.sqlite", tmp_path / "back", "yaml")
    assert same(profilec.compile(tmp_path / "back"), wanted)


@pytest.mark.parametrize("place", ["team.yaml", "team.json", "team.sqlite", None])
def test_stores(tmp_path: Path, place: str | None, wanted: profilec.Build) -> None:
    """A store writes what it was given; only the metadata that it keeps is its own."""
    document = value(REGISTRIES / "catalog" / "50-openai.yaml")
    store = profilec.open_store(place and tmp_path / place)
    store.put_registry(document)
    own = store.registries()["openai"] if place is None else tmp_path / place
    found = profilec.compile([REGISTRIES / "catalog" / "10-lab-openai.yaml", own])
    for name in document["profiles"]:
        artifact = found.artifacts[f"openai/{name}"]
        before = wanted.artifacts[artifact.name].document
        assert artifact.document["inference_settings"] == before["inference_settings"]
        assert artifact.document["lineage"]["fields"] == before["lineage"]["fields"]
