"""Findings about many profiles -> one for each cause: what hundreds inherit from one line is told once.

What is collected in several processes is joined before anything is told, so that the order of work never shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from profilec.diagnostics import Diagnostic, Note, Span
from profilec.states import Graph, Stack

# How many profiles a finding names; the others are counted.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Causes:
    """Findings, and the numbers of the profiles they are about.

    `by_line` has those that a layer's line brings about, with the layer's number; `missing` those that no line does:
    they have no place yet. `judged` names the policies that some profile was held to.
    """

    by_line: dict[tuple[Diagnostic, int], list[int]] = field(default_factory=dict)
    missing: dict[Diagnostic, list[int]] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)

    def add(self, finding: Diagnostic, layer: int | None, profile: int) -> None:
        """Take a finding about a profile that the line of a layer brings about, or, with None, no line."""
        known = self.missing.setdefault(finding, []) if layer is None else self.by_line.setdefault((finding, layer), [])
        if not known or known[-1] != profile:
            known.append(profile)

    def profiles(self) -> set[int]:
        """The numbers of all profiles that something was found about."""
        return {each for found in (self.by_line, self.missing) for numbers in found.values() for each in numbers}

    def join(self, other: Causes) -> None:
        for (finding, layer), profiles in other.by_line.items():
            self.by_line.setdefault((finding, layer), []).extend(profiles)
        for finding, profiles in other.missing.items():
            self.missing.setdefault(finding, []).extend(profiles)
        self.judged.update(other.judged)

    def findings(self, graph: Graph, stacks: Sequence[Stack]) -> Iterator[Diagnostic]:
        """Each cause once. What is missing is told of the lowest profile that lacks it, at its key."""
        for (finding, layer), profiles in self.by_line.items():
            yield _told(finding, graph, layer, profiles)
        below = {stack[-1]: stack for stack in stacks} if self.missing else {}
        for finding, profiles in self.missing.items():
            for lowest, above in _by_lowest(profiles, below).items():
                yield _told(finding, graph, lowest, above, graph.layers[lowest].span)


def _by_lowest(profiles: Sequence[int], below: Mapping[int, Stack]) -> dict[int, list[int]]:
    """The profiles by the lowest one among them that each stacks on, which may be itself."""
    among = set(profiles)
    grouped: dict[int, list[int]] = {}
    for profile in profiles:
        lowest = next(number for number in below[profile] if number in among)
        grouped.setdefault(lowest, []).append(profile)
    return grouped


def _told(
    finding: Diagnostic, graph: Graph, layer: int, profiles: Sequence[int], span: Span | None = None
) -> Diagnostic:
    """The finding with the profiles that it is about, unless that is the one that the place belongs to."""
    names = [graph.layers[number].name for number in sorted(profiles)]
    if names != [graph.layers[layer].name]:
        named = ", ".join(f"`{each}`" for each in names[:_NAMED])
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        finding = replace(finding, notes=(*finding.notes, Note(f"in effect in {named}{more}")))
    return replace(finding, span=span) if span else finding
