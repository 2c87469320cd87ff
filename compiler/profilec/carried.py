"""One compile -> the next one of the same sources in this process: what need not be done again.

Nothing is trusted but content: a text is known by its bytes, an artifact by what its layers set, a file beside the
artifacts by the very objects it was made of. So a compile that is handed a `Carried` gives the same bytes and findings
as one that is not. Whatever says that something changed, a clock or a watcher, has no part in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from profilec.credentials import Mode
from profilec.diagnostics import Diagnostic, Report, Span
from profilec.encode import encode, sha256
from profilec.states import Document, Emitted, Encoded, Graph, Layer, Parsed, Stack, Text, Value

_TextKey = tuple[Mode, str, str, str, str | bytes]
# What an artifact is made of: a digest for each layer of its stack.
_Content = tuple[str, ...]


# What linking asks of a document besides places: strings alone, so that equal ones are the same.
_Shape = tuple[object, ...]


class _Linked(NamedTuple):
    graph: Graph
    shapes: list[_Shape]
    found: tuple[Diagnostic, ...]
    stacks: list[Stack]


class _Made(NamedTuple):
    """What artifacts are made of: their names, their stacks, and for each layer of the graph the digest of it."""

    names: list[str]
    stacks: Sequence[Stack]
    digests: list[str]

    def contents(self) -> dict[str, _Content]:
        of = self.digests.__getitem__
        return {name: tuple(map(of, stack)) for name, stack in zip(self.names, self.stacks, strict=True)}


class Carried:
    """What the last compile leaves to the next. One that fails leaves `places` and what it parsed; the rest stays.

    `emitted` are the artifacts by name; `named` the paths of all files, and `files` what is in those
    that are in memory: all of a compile, and what is beside the artifacts of a build. `places` is every file and
    directory that was looked at, there or not. `found` are the numbers of the profiles that something was found about
    once they were merged: they are looked at anew each time, since a finding may be about a line that moved.
    """

    def __init__(self) -> None:
        self.places: set[Path] = set()
        self.found: set[int] = set()
        self._rules: list[Text | Value] = []
        self._others: object = None
        self._suspects: set[str] = set()
        self.emitted: Mapping[str, Emitted] = {}
        self.named: Collection[str] = frozenset()
        self.files: Mapping[str, bytes] = {}
        self._parsed: dict[_TextKey | None, Parsed] = {}
        # By identity of the layers, which are held here so that it stays theirs: names and digests in a graph's order.
        self._digests: dict[int, tuple[dict[str, Layer], list[str], list[str]]] = {}
        # Of the artifacts that were emitted last, and of those that are being emitted.
        self._made = self._making = _Made([], [], [])
        self._linked: _Linked | None = None
        self._encoded: dict[str, tuple[Sequence[object], Encoded]] = {}

    def parse(
        self,
        texts: Sequence[Text | Value],
        secrets: Mode,
        parse: Callable[[Sequence[Text | Value]], list[Parsed]],
    ) -> list[Parsed]:
        """What becomes of each text: `parse` is asked for the new ones, and for values, which have no bytes."""
        keys = [_key(each, secrets) for each in texts]
        new = [at for at, key in enumerate(keys) if key not in self._parsed]
        fresh = dict(zip(new, parse([texts[at] for at in new]), strict=True))
        parsed = [
            fresh[at] if at in fresh else _moved(self._parsed[key], text.origin)
            for at, (key, text) in enumerate(zip(keys, texts, strict=True))
        ]
        self._parsed = {key: each for key, each in zip(keys, parsed, strict=True) if key is not None}
        return parsed

    def link(
        self,
        documents: Sequence[Document],
        baseline: Layer | None,
        link: Callable[[Sequence[Document], Layer | None, Report], Graph],
        report: Report,
    ) -> Graph:
        """The graph of a chain. One that has the profiles, stacks and defaults of the last one is that one, with what
        its layers set now; so are the findings, unless one is about a place in a document that changed."""
        last = self._linked
        pairs = zip(last.graph.documents, last.shapes, strict=True) if last else ()
        known = {(id(document.layers), document.origin): shape for document, shape in pairs}
        shapes = [known.get((id(each.layers), each.origin)) or _shape(each) for each in documents]
        if last and last.shapes == shapes and last.graph.has_baseline == (baseline is not None):
            layers = [baseline] if baseline else []
            for each in documents:
                layers.extend(each.layers[slug] for slug in sorted(each.layers))
            changed = {each.span.file for each in documents if (id(each.layers), each.origin) not in known}
            if changed.isdisjoint(place.file for each in last.found for place in _places(each)):
                report.extend(last.found)
                graph = replace(last.graph, documents=tuple(documents), layers=tuple(layers))
                self._linked = _Linked(graph, shapes, last.found, last.stacks)
                return graph
        own = Report()
        graph = link(documents, baseline, own)
        report.extend(own)
        self._linked = None if own.has_errors else _Linked(graph, shapes, tuple(own), [])
        return graph

    def expand(self, graph: Graph, expand: Callable[[Graph], list[Stack]]) -> list[Stack]:
        """The stacks of the graph that was linked last, which depend on what stands on what alone."""
        if self._linked is None:
            return expand(graph)
        if not self._linked.stacks:
            self._linked = self._linked._replace(stacks=expand(graph))
        return self._linked.stacks

    def hold(self, rules: list[Text | Value], others: object) -> None:
        """Take up the policies that profiles are held to, and what is to be known of other registries than their own.

        With other ones every profile is looked at anew.
        """
        # A value is never the same for certain: to Python true is 1.
        if rules != self._rules or others != self._others or any(isinstance(each, Value) for each in rules):
            self._made = self._making = _Made([], [], [])
        self._rules, self._others = rules, others

    def unchanged(self, graph: Graph, stacks: Sequence[Stack], there: Collection[str]) -> list[Emitted | None]:
        """For each stack its artifact, if the layers set what they set before and the file is still `there`."""
        names, digests = self._layers_of(graph)
        made, self._making = self._made, _Made(names, stacks, digests)
        if made.stacks is stacks:
            changed = {at for at, (one, other) in enumerate(zip(made.digests, digests, strict=True)) if one != other}
            same = [changed.isdisjoint(stack) for stack in stacks]
        else:
            before, now = made.contents(), self._making.contents()
            same = [before.get(name) == now[name] for name in names]
        return [
            self.emitted[name] if is_same and name not in self._suspects and self.emitted[name].path in there else None
            for name, is_same in zip(names, same, strict=True)
        ]

    def once(self, name: str, made_of: Sequence[object], make: Callable[[], Encoded]) -> Encoded:
        """The file of a name, made anew unless it was made of the same objects. Equal ones will not do: true is 1."""
        known = self._encoded.get(name)
        if known and len(known[0]) == len(made_of) and all(map(operator.is_, known[0], made_of)):
            return known[1]
        made = make()
        self._encoded[name] = (made_of, made)
        return made

    def keep(self, emitted: Mapping[str, Emitted], named: Collection[str], files: Mapping[str, bytes]) -> None:
        """Take over what a compile that is through has made."""
        self.emitted, self.named, self.files = emitted, named, files
        self._made = self._making
        profiles = zip(self._made.names, self._made.stacks, strict=True)
        self._suspects = {name for name, stack in profiles if stack[-1] in self.found}
        self._encoded = {name: each for name, each in self._encoded.items() if each[1].path in named}

    def _layers_of(self, graph: Graph) -> tuple[list[str], list[str]]:
        """The name of each profile; and for each layer the digest of what it sets, which a move in its file leaves."""
        all_layers = [each.layers for each in graph.documents]
        self._digests = {id(each): self._digests.get(id(each)) or _digests(each) for each in all_layers}
        known = [self._digests[id(each)] for each in all_layers]
        baseline = [_digest(graph.layers[0])] if graph.has_baseline else []
        return [name for each in known for name in each[1]], baseline + [digest for each in known for digest in each[2]]


def _key(text: Text | Value, secrets: Mode) -> _TextKey | None:
    return (secrets, text.name, text.syntax, text.slug, text.text) if isinstance(text, Text) else None


def _moved(parsed: Parsed, origin: int) -> Parsed:
    """The same of a text that may stand elsewhere in the chain. Its layers stay the same object."""
    if parsed.document is None or parsed.document.origin == origin:
        return parsed
    return Parsed(replace(parsed.document, origin=origin), parsed.found)


def _shape(document: Document) -> _Shape:
    default = document.default[0] if document.default else None
    stacks = [(slug, [ref[:2] for ref in document.layers[slug].stack]) for slug in sorted(document.layers)]
    return document.slug, document.origin, default, stacks


def _places(found: Diagnostic) -> Iterator[Span]:
    yield from (place for place in (found.span, *(note.span for note in found.notes)) if place)


def _digests(layers: dict[str, Layer]) -> tuple[dict[str, Layer], list[str], list[str]]:
    ordered = [layers[slug] for slug in sorted(layers)]
    return layers, [each.name for each in ordered], list(map(_digest, ordered))


def _digest(layer: Layer) -> str:
    """Everything that an artifact takes from a layer, and whom it chose to stand on: places aside."""
    identity = (layer.registry, layer.profile, layer.display_name, layer.description, layer.version, layer.source)
    refs = [ref[:2] for ref in layer.stack]
    return sha256(encode([identity, refs, layer.settings, layer.extensions, list(layer.fields)]))
