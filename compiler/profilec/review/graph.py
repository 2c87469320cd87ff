"""Build -> who stands on whom: all profiles, or those that one question is about, with the entries between them.

It reads the manifest, the indexes and the source maps of the registries that it comes by. Artifacts are read only for
builds of versions whose source maps had no stacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from profilec.diagnostics import Span
from profilec.encode import decode
from profilec.review.find import find, find_registry, summaries
from profilec.states import Build

Scope = Literal["all", "registry", "stack", "impact"]
# Those of a registry and of a profile.
Slugs = tuple[str, str]


class Node(NamedTuple):
    """A profile, or the baseline, whose `registry` and `profile` are empty and whose name no profile can have.

    `model` and `provider` are those in effect; a profile without a model is a layer. `span` is where it is written.
    """

    name: str
    registry: str
    profile: str
    display_name: str | None
    model: str | None
    provider: str | None
    kind: str | None
    span: Span

    @property
    def is_baseline(self) -> bool:
        return not self.registry


class Edge(NamedTuple):
    """One entry of a stack: `above` stands on `below`. `position` counts the entries of a stack from 1.

    The baseline lies under every profile that has no stack, without an entry: position and span are None. A build of
    an earlier version knows no place of an entry: its span has no line.
    """

    above: str
    below: str
    position: int | None
    span: Span | None


@dataclass(frozen=True, slots=True)
class StackGraph:
    """Nodes in the order of the chain, the topmost registry first and the baseline last; edges in that of their nodes.

    `subject` is the profile or registry that was asked about, `default` the build's default profile.
    """

    scope: Scope
    subject: str | None
    default: str | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def profiles(self) -> list[Node]:
        return [each for each in self.nodes if not each.is_baseline]

    @property
    def by_registry(self) -> dict[str, list[Node]]:
        """The nodes of each registry; the baseline is below the empty name."""
        groups: dict[str, list[Node]] = {}
        for each in self.nodes:
            groups.setdefault(each.registry, []).append(each)
        return groups

    @property
    def edges_down(self) -> dict[str, list[Edge]]:
        """The edges by the node that stands on others."""
        edges: dict[str, list[Edge]] = {each.name: [] for each in self.nodes}
        for each in self.edges:
            edges[each.above].append(each)
        return edges

    @property
    def edges_up(self) -> dict[str, list[Edge]]:
        """The edges by the node that others stand on."""
        edges: dict[str, list[Edge]] = {each.name: [] for each in self.nodes}
        for each in self.edges:
            edges[each.below].append(each)
        return edges


def graph(build: Build, name: str | None = None, registry: str | None = None) -> StackGraph:
    """The stack of a profile; without a name the profiles of a registry and what they stand on; without both, all.

    Names are as in `find`, and so are the errors.
    """
    entries = _Entries(build)
    if name is not None:
        subject = find(build, name, registry).name
        return _graph(build, entries, "stack", subject, _closure([subject], entries.below))
    if registry is not None:
        subject = find_registry(build, registry)
        own = [each for each in build.artifacts if each.partition("/")[0] == subject]
        return _graph(build, entries, "registry", subject, _closure(own, entries.below))
    return _graph(build, entries, "all", None, _closure(build.artifacts, entries.below))


def impact(build: Build, name: str, registry: str | None = None) -> StackGraph:
    """A profile and all that stand on it, on those, and so on. Names are as in `find`, and so are the errors."""
    entries = _Entries(build)
    subject = find(build, name, registry).name
    above: dict[str, list[str]] = {}
    for each in build.artifacts:
        for below in entries.below(each):
            above.setdefault(below, []).append(each)
    return _graph(build, entries, "impact", subject, _closure([subject], lambda each: above.get(each, ())))


def _closure(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    found = set(start)
    pending = list(found)
    while pending:
        new = set(step(pending.pop())) - found
        found |= new
        pending += new
    return found


def _graph(build: Build, entries: _Entries, scope: Scope, subject: str | None, names: set[str]) -> StackGraph:
    order = {slug: index for index, slug in enumerate(build.manifest["precedence"])}
    of_profiles = sorted(
        (each for each in names if each != entries.baseline), key=lambda each: (order[each.partition("/")[0]], each)
    )
    shown = summaries(build)
    nodes = [_node(each, shown[each], entries.span(each)) for each in of_profiles]
    if entries.baseline in names:
        file = build.manifest["inputs"]["baseline"]["name"]
        nodes.append(Node(entries.baseline, "", "", None, None, None, None, Span(file)))
    edges = [edge for each in of_profiles for edge in entries.edges(each) if edge.below in names]
    return StackGraph(scope, subject, build.manifest["default"], tuple(nodes), tuple(edges))


def _node(name: str, summary: Mapping[str, Any], span: Span) -> Node:
    registry, _, profile = name.partition("/")
    display_name, model, provider = (summary.get(each) for each in ("display_name", "model", "provider"))
    return Node(name, registry, profile, display_name, model, provider, summary.get("kind"), span)


class _Entries:
    """The stack entries of each profile, from the source map of its registry."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._maps: dict[str, dict[str, Any]] = {}
        self._stacks: dict[str, list[Slugs]] = {}
        baseline = build.manifest["inputs"]["baseline"]
        # No name of a profile has a blank.
        self.baseline = f"baseline {baseline['name']}" if baseline else ""

    def below(self, name: str) -> list[str]:
        return [each.below for each in self.edges(name)]

    def edges(self, name: str) -> list[Edge]:
        if name == self.baseline:
            return []
        file, written = self._written(name)
        stack = written["stack"] if "stack" in written else [(*each, None, None) for each in self._derived(name)]
        if not stack and self.baseline:
            return [Edge(name, self.baseline, None, None)]
        return [
            Edge(name, f"{registry}/{profile}", position, Span(file, line, column))
            for position, (registry, profile, line, column) in enumerate(stack, start=1)
        ]

    def span(self, name: str) -> Span:
        file, written = self._written(name)
        return Span(file, written["line"], written["column"])

    def _written(self, name: str) -> tuple[str, dict[str, Any]]:
        """The source of a profile's registry, and what is known of the profile there."""
        registry, _, profile = name.partition("/")
        if registry not in self._maps:
            path = self._build.manifest["registries"][registry]["source_map"]["file"]
            self._maps[registry] = decode(self._build.files[path])
        source_map = self._maps[registry]
        return source_map["file"], source_map["profiles"][profile]

    def _derived(self, name: str) -> list[Slugs]:
        """The fewest entries that give the flattened stack of an artifact, in its very order."""
        remaining = self._flattened(name)[:-1]
        taken: list[Slugs] = []
        covered: set[Slugs] = set()
        while remaining:
            # An entry brings what it stands on and is not there yet, and then itself: the furthest that fits is one.
            fitting = [
                count
                for count, each in enumerate(remaining, start=1)
                if [below for below in self._flattened("/".join(each)) if below not in covered] == remaining[:count]
            ]
            count = max(fitting, default=1)
            taken.append(remaining[count - 1])
            covered.update(remaining[:count])
            remaining = remaining[count:]
        return taken

    def _flattened(self, name: str) -> list[Slugs]:
        if name not in self._stacks:
            stack = self._build.artifacts[name].document["lineage"]["stack"]
            self._stacks[name] = [
                (each["registry_slug"], each["profile_slug"]) for each in stack if "baseline" not in each
            ]
        return self._stacks[name]
