"""A name -> the artifact it means, by the rules of the chain; and what a list shows of every profile."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from profilec import slugs
from profilec.builds.open import damaged, summary_of
from profilec.diagnostics import CompileError, Diagnostic, Note, did_you_mean
from profilec.encode import decode
from profilec.states import Artifact, Build

_SHOWN_NAMES = 10


def find(build: Build, profile: str | None = None, registry: str | None = None) -> Artifact:
    """The artifact that a name means: "registry/profile", a profile looked for in the chain, or a default.

    Raises `CompileError` with `unknown-profile`, `unknown-registry` or `no-default-profile`.
    """
    manifest = build.manifest
    wanted, within = slugs.normalize(profile or ""), slugs.normalize(registry or "")
    if "/" in wanted and not within:
        within, _, wanted = wanted.partition("/")
        if not within or not wanted:
            raise _refused("unknown-profile", f"`{profile}` names no profile", "write `registry/profile`, or `profile`")
    if within:
        find_registry(build, within)
    if wanted:
        registries = [within] if within else manifest["precedence"]
        name = next((f"{each}/{wanted}" for each in registries if f"{each}/{wanted}" in build.artifacts), None)
        if name is None:
            raise _unknown_profile(build, wanted, within)
    elif within:
        default = manifest["registries"][within]["default_profile"]
        name = default and f"{within}/{default}"
    else:
        name = manifest["default"]
    if not name:
        owner = f"`{within}`" if within else "the build"
        raise _refused(
            "no-default-profile", f"{owner} has no default profile", "name a profile; `profilec list` shows them"
        )
    if name not in build.artifacts:
        # Only a manifest that someone has changed names a default that is not there.
        raise damaged("manifest.json")
    return build.artifacts[name]


def find_registry(build: Build, registry: str) -> str:
    """The slug of a registry that is there. Raises `CompileError` with `unknown-registry`."""
    slug, known = slugs.normalize(registry), build.manifest["registries"]
    if slug not in known:
        hint = did_you_mean(slug, known) or f"the registries are {_some(known)}"
        raise _refused("unknown-registry", f"there is no registry `{slug}`", hint)
    return slug


def summaries(build: Build) -> dict[str, dict[str, Any]]:
    """What a list shows of each profile, by name, from the indexes alone."""
    return {
        f"{slug}/{profile}": summary_of(entry)
        for slug, registry in build.manifest["registries"].items()
        for profile, entry in decode(build.files[registry["file"]])["profiles"].items()
    }


def _unknown_profile(build: Build, wanted: str, within: str) -> CompileError:
    precedence = build.manifest["precedence"]
    elsewhere = [name for name in build.artifacts if name.partition("/")[2] == wanted]
    known = {name.partition("/")[2] for name in build.artifacts if not within or name.startswith(f"{within}/")}
    hint = f"did you mean `{elsewhere[0]}`?" if elsewhere else did_you_mean(wanted, known)
    if not elsewhere and not within and wanted in precedence:
        hint = f"`{wanted}` is a registry; a profile of it is written `{wanted}/PROFILE`"
    return _refused(
        "unknown-profile",
        f"there is no profile `{wanted}`" + (f" in `{within}`" if within else ""),
        hint or "`profilec list` shows what there is",
        Note(f"looked in {f'`{within}`' if within else _some(precedence)}"),
    )


def _some(names: Collection[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in list(names)[:_SHOWN_NAMES])
    return shown + (f" and {len(names) - _SHOWN_NAMES} others" if len(names) > _SHOWN_NAMES else "")


def _refused(rule: str, message: str, hint: str | None, *notes: Note) -> CompileError:
    return CompileError([Diagnostic(rule, "error", message, None, notes, hint)])
