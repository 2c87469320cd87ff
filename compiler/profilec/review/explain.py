"""Build -> why a field has its value: the layer that won, those it overrode, and the line of each.

It reads the artifact's lineage and the source maps, so a build directory alone is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profilec.diagnostics import CompileError, Diagnostic, Span, did_you_mean
from profilec.encode import decode
from profilec.fields import SETTINGS, steps, token
from profilec.review.find import find
from profilec.states import Artifact, Build


@dataclass(frozen=True, slots=True)
class Setting:
    """One layer's value of a field. `layer` is "registry/profile", or the baseline's name. Credentials are masked."""

    layer: str
    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Explanation:
    """A field, the setting that won, and those it overrode, the nearest first."""

    profile: str
    pointer: str
    winner: Setting
    overridden: tuple[Setting, ...]

    @property
    def field(self) -> str:
        return dotted(self.pointer)


def explain(build: Build, name: str | None = None, field: str | None = None) -> list[Explanation]:
    """Explain a field of a profile, all fields below it where it is a section, or every field.

    `name` is as in `find`; `field` is dotted ("chat.engine") or a JSON Pointer. Raises `CompileError` for a name that
    nothing matches.
    """
    artifact = find(build, name)
    lineage = artifact.document["lineage"]
    pointers = list(lineage["fields"])
    if field is not None:
        pointers = _matching(artifact, field, pointers)
    maps = _SourceMaps(build)
    explanations = []
    for pointer in pointers:
        settings = [maps.setting(lineage["stack"][position], pointer) for position in lineage["fields"][pointer]]
        explanations.append(Explanation(artifact.name, pointer, settings[-1], tuple(reversed(settings[:-1]))))
    return explanations


def dotted(pointer: str) -> str:
    """A JSON Pointer as people write it: `chat.engine`, `extensions.acme.routing@v1.tier`."""
    return ".".join(steps(pointer.removeprefix(SETTINGS)))


def _matching(artifact: Artifact, field: str, pointers: list[str]) -> list[str]:
    """The pointers that a field names. Keys may hold dots, so what is there decides how a dotted name is read."""
    wanted = field
    if wanted.startswith("/"):
        found = [each for each in pointers if each == wanted or each.startswith(wanted.rstrip("/") + "/")]
    else:
        short = wanted.removeprefix("inference_settings.")
        found = [each for each in pointers if dotted(each) == short or dotted(each).startswith(short + ".")]
        if not found and wanted == "inference_settings":
            found = [each for each in pointers if each.startswith(SETTINGS + "/")]
    if not found:
        found = _leaves_that_hold(artifact.document, wanted, pointers)
    if found:
        return found
    names = {dotted(each) for each in pointers} | {dotted(each).partition(".")[0] for each in pointers}
    hint = did_you_mean(field, names) or f"`profilec explain {artifact.name}` shows every field that is set"
    raise CompileError([Diagnostic("unknown-field", "error", f"`{artifact.name}` sets no `{field}`", hint=hint)])


def _leaves_that_hold(document: dict[str, Any], wanted: str, pointers: list[str]) -> list[str]:
    """A field within a value that is set as a whole, such as the cost, is explained by the whole."""
    separator, short = ("/", wanted) if wanted.startswith("/") else (".", wanted.removeprefix("inference_settings."))
    found = []
    for pointer in pointers:
        head = (pointer if separator == "/" else dotted(pointer)) + separator
        if short.startswith(head) and _holds(value_at(document, pointer), short.removeprefix(head), separator):
            found.append(pointer)
    return found


def value_at(document: dict[str, Any], pointer: str) -> Any:
    value: Any = document
    for step in steps(pointer):
        value = value[step]
    return value


def _holds(value: Any, rest: str, separator: str) -> bool:
    """Whether the rest of a path leads anywhere in a value. Keys may hold dots."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        step = token(str(key)) if separator == "/" else str(key)
        if rest == step or (rest.startswith(step + separator) and _holds(each, rest[len(step) + 1 :], separator)):
            return True
    return False


class _SourceMaps:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.loaded: dict[str, dict[str, Any]] = {}

    def setting(self, entry: dict[str, Any], pointer: str) -> Setting:
        if "baseline" in entry:
            source_map = self._load(self.build.manifest["inputs"]["baseline"]["source_map"]["file"])
            layer, fields = entry["baseline"], source_map["fields"]
        else:
            registry, profile = entry["registry_slug"], entry["profile_slug"]
            source_map = self._load(self.build.manifest["registries"][registry]["source_map"]["file"])
            layer, fields = f"{registry}/{profile}", source_map["profiles"][profile]["fields"]
        line, column, value = fields[pointer]
        return Setting(layer, value, Span(source_map["file"], line, column))

    def _load(self, path: str) -> dict[str, Any]:
        if path not in self.loaded:
            self.loaded[path] = decode(self.build.files[path])
        return self.loaded[path]
