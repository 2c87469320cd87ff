"""Builds of an earlier version, whose source maps do not say what a profile stands on."""

from __future__ import annotations

import copy
from typing import Any

import profilec
import pytest
from profilec.encode import decode, encode, sha256

Said = dict[str, tuple[float | None, list[str]]]


def built(layers: Said, is_older: bool) -> profilec.Build:
    profiles = {
        name: {
            "stack": [{"profile_slug": each} for each in stack],
            "inference_settings": {"chat": {"engine": "m", **({} if said is None else {"temperature": said})}},
        }
        for name, (said, stack) in layers.items()
    }
    build = profilec.compile({"slug": "r", "profiles": profiles})
    return older(build) if is_older else build


def older(build: profilec.Build) -> profilec.Build:
    manifest, files = copy.deepcopy(build.manifest), dict(build.files)
    for each in manifest["registries"].values():
        content: dict[str, Any] = decode(files[each["source_map"]["file"]])
        for profile in content["profiles"].values():
            del profile["stack"]
        files[each["source_map"]["file"]] = data = encode(content)
        each["source_map"]["digest"] = sha256(data)
    return profilec.Build(manifest, build.artifacts, files)


OLD: Said = {"a": (0.2, []), "b": (None, ["a"]), "c": (0.5, ["a", "b"]), "d": (None, ["a"])}
EDITS: dict[str, Said] = {
    "nothing": {},
    "value": {"a": (0.3, [])},
    "taken out": {"a": (None, [])},
    "value and stack": {"a": (0.3, []), "d": (None, ["c"])},
    "stack": {"d": (None, ["a", "c"])},
    "two values": {"a": (None, []), "c": (None, ["a", "b"])},
    "off": {"d": (0.2, [])},
}


@pytest.mark.parametrize("sides", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("edit", EDITS)
def test_they_differ_as_those_do_that_say_it(edit: str, sides: tuple[bool, bool]) -> None:
    new = {**OLD, **EDITS[edit]}
    wanted = profilec.diff(built(OLD, False), built(new, False))
    found = profilec.diff(built(OLD, sides[0]), built(new, sides[1]))
    assert [_told(each) for each in found.causes] == [_told(each) for each in wanted.causes]


def _told(cause: Any) -> Any:
    """What is said of an edit, but for what a stack was and is, and where: that is not known."""
    return cause.edit.what, cause.edit.layer, cause.profiles, cause.kept, cause.shared, cause.meanings
