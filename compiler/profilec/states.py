"""The states that a registry passes through, in pipeline order. Nothing here is filled in later.

    Chain -> Document -> Graph -> Stack -> Merged -> Emitted -> Artifact, Build

Settings are ordinary dicts, lists and scalars. They are shared between states and never changed. What there is many of
for each profile is a named tuple: it is made in half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from profilec.diagnostics import Diagnostic, Span
from profilec.encode import decode
from profilec.rules import Severity

FORMAT = "engine-profiles/1"
SYNTAXES = ("yaml", "json", "jsonnet", "sqlite")


class Origin(NamedTuple):
    """One source as the manifest names it. `digest` is that of the file's bytes, or of the mapping as JSON."""

    name: str
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text handed in from Python, or as it was read from a file.

    `syntax` is "yaml", "json", "jsonnet" or "sqlite" (a database's bytes); by default the name's ending tells. Past the
    sources only texts of one registry are left, and a row of a database is a "payload". `origin` numbers the source
    among those of the chain; `slug` is the name under which a database keeps the registry.
    """

    name: str
    # Not in the repr, which a log may hold: a source may hold credentials, and so may what is embedded.
    text: str | bytes = field(repr=False)
    syntax: str = ""
    origin: int = 0
    slug: str = ""

    def __post_init__(self) -> None:
        if self.syntax not in ("", "payload", *SYNTAXES):
            known = ", ".join(f"`{each}`" for each in SYNTAXES)
            raise ValueError(f"`{self.syntax}` is not a syntax of registries; known are {known}")
        if not self.syntax:
            ending = self.name.lower().rpartition(".")[2]
            object.__setattr__(self, "syntax", ending if ending in ("json", "jsonnet") else "yaml")


@dataclass(frozen=True, slots=True)
class Value:
    """A registry as plain data: a mapping from Python, or what a Jsonnet program evaluates to. It has no lines."""

    name: str
    value: Any = field(repr=False)
    origin: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """What was read of all sources: their registries in order, the sources, the programs, and what those imported."""

    texts: list[Text | Value]
    origins: list[Origin]
    programs: list[Text]
    imports: list[Text]

    @property
    def readable(self) -> list[Text | Value]:
        """Everything that a finding may point into."""
        return [*self.texts, *self.programs, *self.imports]


# A line and a column, counted from 1; None where the source has none. The file is the layer's.
Place = tuple[int | None, int | None]


class Ref(NamedTuple):
    """One entry of a profile's stack, with the registry filled in where the source left it out."""

    registry: str
    profile: str
    place: Place
    registry_place: Place


# What a layer wrote for one field: line, column, value. Credentials are masked here.
Written = tuple[int | None, int | None, Any]


class Layer(NamedTuple):
    """One profile of one registry as its source wrote it, or a baseline.

    `fields` maps the JSON Pointer of each leaf to what was written there; it is the layer's position table.
    Nulls of typed fields are gone, and credentials are references unless the build embeds them.
    """

    registry: str
    profile: str
    display_name: str | None
    description: str | None
    version: int
    source: str
    stack: tuple[Ref, ...]
    settings: dict[str, Any]
    extensions: dict[str, Any]
    fields: dict[str, Written]
    file: str
    place: Place

    @property
    def span(self) -> Span:
        return Span(self.file, *self.place)

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.profile}" if self.registry else self.profile

    def span_at(self, place: Place) -> Span:
        return Span(self.file, *place)

    def span_of(self, pointer: str) -> Span:
        """Where the layer wrote a field."""
        line, column, _ = self.fields[pointer]
        return Span(self.file, line, column)


@dataclass(frozen=True, slots=True)
class Document:
    """One registry, parsed and well-formed in itself.

    `default` is the default profile where the registry names one, and where it does so.
    """

    slug: str
    display_name: str | None
    description: str | None
    layers: dict[str, Layer]
    span: Span
    origin: int = 0
    default: tuple[str, Span] | None = None


class Parsed(NamedTuple):
    """What became of one text: its registry, None where it has none that could be read, and what was found in it."""

    document: Document | None
    found: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """All registries of a chain. Every stack reference exists, no stack has a cycle, none is too deep.

    `layers` numbers every profile, registries in chain order and profiles by slug; `parents` are numbers.
    The baseline, where there is one, is number 0 and a parent of no one: it lies under every stack.
    """

    documents: tuple[Document, ...]
    layers: tuple[Layer, ...]
    parents: tuple[tuple[int, ...], ...]
    has_baseline: bool
    precedence: tuple[str, ...]
    default_registry: str
    default: str | None
    default_profiles: dict[str, str | None]
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """A project's own rule over compiled profiles.

    `select` are globs over registry and profile. `is_met` decides on an artifact's document, by `schema`. `span` is
    where the policy says what it selects.
    """

    name: str
    description: str
    select: tuple[tuple[str, str], ...]
    severity: Severity
    message: str
    hint: str | None
    has_layers: bool
    schema: Any = field(repr=False)
    is_met: Callable[[Any], bool] = field(repr=False, compare=False)
    span: Span = field(compare=False)


# A profile's layers from base to leaf, as numbers of a graph; the last one is the profile itself.
Stack = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A profile's effective values, and for each leaf the positions in `stack` that set it, the last one won."""

    stack: Stack
    settings: dict[str, Any]
    extensions: dict[str, Any]
    fields: dict[str, tuple[int, ...]]


class Emitted(NamedTuple):
    """What is left of a profile once its artifact is handed over: where that is, and what a list shows of it."""

    name: str
    path: str
    digest: str
    size: int
    summary: dict[str, Any]


class Encoded(NamedTuple):
    """A file beside the artifacts, as bytes, with the digest that its name begins with."""

    path: str
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled profile. `data` is the file's bytes, `digest` the 64 hex digits of their SHA-256."""

    name: str
    data: bytes = field(repr=False)
    digest: str

    @property
    def document(self) -> dict[str, Any]:
        """The artifact as plain data, decoded anew at each call: changing it changes nothing here."""
        document: dict[str, Any] = decode(self.data)
        return document


@dataclass(frozen=True, slots=True)
class Build:
    """Everything a build directory holds: `files` maps each path to its bytes, the manifest's among them.

    `artifacts` maps "registry/profile" to its artifact. `diagnostics` are the warnings and notes of the compile.
    """

    manifest: dict[str, Any]
    artifacts: Mapping[str, Artifact]
    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return f"<Build {self.manifest['build'][:16]} of {len(self.manifest['registries'])} registries>"
