"""Laws of a diff: what it reports, made to the old artifacts, gives the new ones; and each change has its cause."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import profilec
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from law_patch import changes_by_profile, exact, patched
from law_strategies import Registry, baselines, chains, extensions, fields, metadata, profiles, settings_maps
from profilec import schemas
from profilec.review.diff.document import as_document
from profilec.review.exported import open_exported

law = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Pair = tuple[list[Registry], list[Registry]]


@st.composite
def edited(draw: st.DrawFn) -> Pair:
    """A chain before and after a few edits: of settings, stacks, descriptions, whole profiles, or their names."""
    before: list[Registry] = draw(chains())
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(1, 3))):
        registry = draw(st.sampled_from(after))
        own = registry["profiles"] or {}
        if not own:
            continue
        slug = draw(st.sampled_from(sorted(own)))
        edit = draw(st.sampled_from(["settings", "extensions", "metadata", "title", "stack", "drop", "add", "rename"]))
        event(edit)
        if edit == "settings":
            own[slug]["inference_settings"] = draw(settings_maps())
        elif edit == "extensions":
            own[slug]["extensions"] = draw(extensions)
        elif edit == "metadata":
            own[slug]["metadata"] = draw(metadata)
        elif edit == "title":
            own[slug]["display_name"] = draw(st.none() | st.text("ab", max_size=2))
        elif edit == "stack":
            own[slug]["stack"] = draw(st.permutations(own[slug].get("stack") or []))[1:]
        elif edit == "add" and "new" not in own:
            own["new"] = draw(profiles("new", [(registry["slug"], slug)], registry["slug"]))
        elif edit in ("drop", "rename") and not stands_below_others(after, registry["slug"], slug):
            gone = own.pop(slug)
            if edit == "rename":
                gone.pop("slug", None)
                own["renamed"] = gone
    return before, after


def stands_below_others(chain: list[Registry], registry: str, slug: str) -> bool:
    entries = (
        ((entry.get("registry_slug") or "").strip().lower() or document["slug"], entry["profile_slug"])
        for document in chain
        for profile in (document["profiles"] or {}).values()
        for entry in profile.get("stack") or ()
    )
    return (registry, slug) in entries


def documents(build: profilec.Build) -> dict[str, dict[str, Any]]:
    return {name: artifact.document for name, artifact in build.artifacts.items()}


def holds(old: profilec.Build, new: profilec.Build, found: profilec.Diff) -> None:
    """The law itself, and that the plain data is what its schema says."""
    data = as_document(found)
    validator = jsonschema_rs.Draft202012Validator(schemas.load("diff"), offline=True)
    assert validator.is_valid({"diagnostics": [], **data}), list(validator.iter_errors(data))
    wanted = documents(new)
    result = patched(documents(old), data, wanted)
    assert result.keys() == wanted.keys()
    for name, document in wanted.items():
        assert exact(result[name]) == exact(document), name
    changed = {
        name for name in wanted.keys() & documents(old).keys() if exact(wanted[name]) != exact(documents(old)[name])
    }
    assert set(changes_by_profile(data)) == changed == set(found.changed)
    assert not [cause for cause in data["causes"] if cause["what"] == "unknown"]


@law
@given(edited(), baselines, baselines)
def test_the_reported_changes_make_the_new_artifacts_of_the_old_ones(pair: Pair, base: Any, other_base: Any) -> None:
    old, new = profilec.compile(pair[0], base), profilec.compile(pair[1], other_base)
    holds(old, new, profilec.diff(old, new))


@law
@given(chains(), chains())
def test_they_do_for_chains_that_have_nothing_in_common(before: list[Registry], after: list[Registry]) -> None:
    old, new = profilec.compile(before), profilec.compile(after)
    holds(old, new, profilec.diff(old, new))


@law
@given(edited())
def test_they_do_for_exported_trees(pair: Pair) -> None:
    with tempfile.TemporaryDirectory() as directory:
        sides = []
        for number, chain in enumerate(pair):
            root = Path(directory, str(number))
            build = profilec.compile(chain)
            for name, artifact in build.artifacts.items():
                path = root / f"{name}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(artifact.data)
            root.mkdir(exist_ok=True)
            sides.append(open_exported(root))
        holds(sides[0], sides[1], profilec.diff(*sides))


@law
@given(edited())
def test_a_build_written_and_opened_again_differs_in_the_same_way(pair: Pair) -> None:
    old, new = profilec.compile(pair[0]), profilec.compile(pair[1])
    with tempfile.TemporaryDirectory() as directory:
        for name, build in (("old", old), ("new", new)):
            profilec.write(build, Path(directory, name))
        opened = [profilec.open_build(Path(directory, name)) for name in ("old", "new")]
        assert profilec.diff(*opened) == profilec.diff(old, new)


@law
@given(chains(), baselines)
def test_nothing_differs_from_itself(chain: list[Registry], baseline: Any) -> None:
    build = profilec.compile(chain, baseline)
    found = profilec.diff(build, profilec.compile(copy.deepcopy(chain), copy.deepcopy(baseline)))
    assert found.is_empty
    assert not found.causes and not found.kinds()


@law
@given(edited())
def test_the_way_back_has_the_same_changes(pair: Pair) -> None:
    old, new = profilec.compile(pair[0]), profilec.compile(pair[1])
    there, back = (
        changes_by_profile(as_document(found)) for found in (profilec.diff(old, new), profilec.diff(new, old))
    )

    def flat(changes: Any, was: str, now: str) -> Any:
        return {
            name: sorted((c["pointer"], exact(c.get(was)), exact(c.get(now))) for c in each)
            for name, each in changes.items()
        }

    assert flat(there, "old", "new") == flat(back, "new", "old")


@law
@given(chains(), st.data())
def test_one_edit_is_the_cause_of_all_that_follows(chain: list[Registry], data: st.DataObject) -> None:
    """One field of one layer is edited: nothing else is blamed, and whoever stands on it follows or keeps a value."""
    places = [(registry, slug) for registry in chain for slug in registry["profiles"] or ()]
    registry, slug = data.draw(st.sampled_from(places))
    plain = [each for each in fields() if each[:2] in (("chat", "engine"), ("chat", "temperature"), ("openai", "n"))]
    section, name, values = data.draw(st.sampled_from(plain))
    after = copy.deepcopy(chain)
    own = next(each for each in after if each["slug"] == registry["slug"])["profiles"][slug]
    of_section = (own.get("inference_settings") or {}).get(section) or {}
    own["inference_settings"] = {
        **(own.get("inference_settings") or {}),
        section: {**of_section, name: data.draw(values)},
    }
    old, new = profilec.compile(chain), profilec.compile(after)
    found = profilec.diff(old, new)
    layer, pointer = f"{registry['slug']}/{slug}", f"/inference_settings/{section}/{name}"
    assert {(cause.edit.what, cause.edit.layer, cause.edit.pointer) for cause in found.causes} <= {
        ("field", layer, pointer)
    }
    for cause in found.causes:
        told = {*cause.profiles, *(name for kept in cause.kept for name in kept.profiles)}
        standing = {n for n, d in documents(new).items() if layer in stack_of(d)}
        assert told == standing
        for kept in cause.kept:
            for profile in kept.profiles:
                assert kept.is_redundant or profilec.explain(new, profile, pointer)[0].winner.layer == kept.layer


def stack_of(document: dict[str, Any]) -> list[str]:
    return [f"{each.get('registry_slug')}/{each.get('profile_slug')}" for each in document["lineage"]["stack"]]
