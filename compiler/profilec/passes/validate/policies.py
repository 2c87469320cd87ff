"""Merged + policies -> violations, each at the line that set the value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from profilec.causes import Causes
from profilec.diagnostics import Diagnostic, did_you_mean
from profilec.document import document_of, stack_entry
from profilec.encode import decode, encode
from profilec.fields import EXTENSIONS, SETTINGS
from profilec.passes.validate.violations import Violation, describer, violations
from profilec.passes.validate.winners import winners
from profilec.rules import RULES
from profilec.states import Emitted, Graph, Layer, Merged, Policy

# What a profile has from those it stacks on. Names, versions and the stack itself are each profile's own.
_INHERITED = (SETTINGS, EXTENSIONS, "/requires")
_WITH_MODEL = ("chat", "embeddings", "rerank")


class Judge:
    """Holds profiles against the policies that select them."""

    def __init__(self, graph: Graph, policies: Sequence[Policy], causes: Causes) -> None:
        self.graph, self.policies, self.causes = graph, policies, causes
        self.describers: dict[str, Any] = {}

    def check(self, merged: Merged) -> None:
        leaf = self.graph.layers[merged.stack[-1]]
        has_model = any((merged.settings.get(section) or {}).get("engine") for section in _WITH_MODEL)
        held = _held(self.policies, leaf, has_model)
        if not held:
            return
        self.causes.judged.update(each.name for each in held)
        document = document_of(self.graph, merged, [stack_entry(self.graph, number) for number in merged.stack])
        broken = [each for each in held if not each.is_met(document)]
        if broken:
            # As a reader of the artifact sees it: a tuple is no list to whoever describes what is wrong.
            plain = decode(encode(document))
            lineage = winners(self.graph, merged)
            for each in broken:
                self._tell(each, plain, merged, lineage)

    def _tell(self, policy: Policy, document: Any, merged: Merged, lineage: Mapping[str, int]) -> None:
        if policy.name not in self.describers:
            self.describers[policy.name] = describer(policy.schema)
        for each in violations(self.describers[policy.name], document):
            pointer = _leaf(each, lineage)
            layer, span = None, None
            if pointer is not None:
                layer = lineage[pointer]
                span = self.graph.layers[layer].span_of(pointer)
            elif not each.pointer.startswith(_INHERITED):
                layer = merged.stack[-1]
                span = self.graph.layers[layer].span
            message = f"{policy.message}: {each.found}" if each.found else policy.message
            finding = Diagnostic(policy.name, policy.severity, message, span, (), policy.hint)
            self.causes.add(finding, layer, merged.stack[-1])


def held_by(graph: Graph, policies: Sequence[Policy], emitted: Iterable[Emitted | None]) -> set[str]:
    """The policies that profiles were held to whose artifacts are there already; None is one that is not."""
    if not policies:
        return set()
    layers = {each.name: each for each in graph.layers}
    known = ((layers[each.name], "model" in each.summary) for each in emitted if each)
    return {policy.name for layer, has_model in known for policy in _held(policies, layer, has_model)}


def _held(policies: Sequence[Policy], layer: Layer, has_model: bool) -> list[Policy]:
    return [each for each in policies if (has_model or each.has_layers) and is_selected(each, layer)]


def is_selected(policy: Policy, layer: Layer) -> bool:
    """Whether a policy's globs are about a profile."""
    return any(_fits(glob, layer) for glob in policy.select)


def _fits(glob: tuple[str, str], layer: Layer) -> bool:
    registry, profile = glob
    return fnmatchcase(layer.registry, registry) and fnmatchcase(layer.profile, profile)


def idle(graph: Graph, policies: Sequence[Policy], judged: Collection[str]) -> Iterator[Diagnostic]:
    """The policies that no profile was held to, and globs of others: most often a name that has changed."""
    layers = [each for each in graph.layers if each.registry]
    for policy in policies:
        if policy.name in judged:
            yield from _idle_globs(policy, layers)
            continue
        only_layers = any(is_selected(policy, each) for each in layers)
        why = "has a model" if only_layers else "is selected by its globs"
        hint = (
            'write `"layers": true` if it is about profiles that others stack on'
            if only_layers
            else _near(policy.select, layers)
        )
        message = (
            f"the policy `{policy.name}` is held against nothing: no profile {'that it selects ' * only_layers}{why}"
        )
        yield Diagnostic("idle-policy", RULES["idle-policy"].severity, message, policy.span, (), hint)


def _idle_globs(policy: Policy, layers: Sequence[Layer]) -> Iterator[Diagnostic]:
    for glob in policy.select:
        if not any(_fits(glob, each) for each in layers):
            message = f"`{'/'.join(glob)}`, one of the globs of the policy `{policy.name}`, selects no profile"
            hint = _near([glob], layers)
            yield Diagnostic("idle-policy", RULES["idle-policy"].severity, message, policy.span, (), hint)


def _near(globs: Sequence[tuple[str, str]], layers: Sequence[Layer]) -> str:
    """What may have been meant: a glob without a slash that profiles match, or another registry's name."""
    for registry, profile in globs:
        if profile == "*" and any(fnmatchcase(each.profile, registry) for each in layers):
            return f"`{registry}` is about registries: write `*/{registry}` for profiles of that name"
    known = {each.registry for each in layers}
    near = next((near for registry, _ in globs if (near := did_you_mean(registry, known))), None)
    return near or "`profilec list` shows the profiles that there are"


def _leaf(violation: Violation, lineage: Mapping[str, int]) -> str | None:
    """The leaf that a violation is about: the one that holds the value, else the last one set in it; None for none."""
    pointer = violation.pointer
    above = pointer
    while above:
        if above in lineage:
            return above
        above = above.rpartition("/")[0]
    # What is missing was set by no layer, and the settings as a whole by all.
    if violation.is_missing or pointer in ("", SETTINGS):
        return None
    inner = [each for each in lineage if each.startswith(f"{pointer}/")]
    return max(inner, key=lambda each: (lineage[each], each), default=None)
