"""Merged -> findings: what only the whole can break. A finding points at the layer and line that set the value."""

from __future__ import annotations

from collections.abc import Sequence

from profilec.causes import Causes
from profilec.diagnostics import Note, Report
from profilec.fields import CONTEXT_WINDOW, WATERMARK, model_info_conflict
from profilec.passes.validate.dangers import Dangers
from profilec.passes.validate.policies import Judge
from profilec.states import Graph, Merged, Policy


def validate(
    graph: Graph, merged: Sequence[Merged], policies: Sequence[Policy], causes: Causes, report: Report
) -> None:
    """Check profiles' effective values; each layer in itself has been checked before.

    What many profiles inherit goes into `causes`, which is told once all profiles have been checked.
    """
    dangers, judge = Dangers(graph, causes), Judge(graph, policies, causes)
    for each in merged:
        _check_model_info(graph, each, report)
        dangers.check(each)
        if policies:
            judge.check(each)


def _check_model_info(graph: Graph, merged: Merged, report: Report) -> None:
    model_info = merged.settings.get("model_info")
    if not model_info or not (message := model_info_conflict(model_info)):
        return
    # Positions in the stack: the finding stands at the later of the two, where the conflict came about. Profiles on top
    # inherit it and report the same once more, which counts as one finding.
    layers = [graph.layers[number] for number in merged.stack]
    setters = {
        pointer: max(position for position, layer in enumerate(layers) if pointer in layer.fields)
        for pointer in (CONTEXT_WINDOW, WATERMARK)
    }
    other, later = sorted(setters, key=lambda pointer: setters[pointer])
    upper, lower = (layers[setters[pointer]] for pointer in (later, other))
    report.error(
        "model-info-conflict",
        f"`{upper.name}` does not go with `{lower.name}`: {message}",
        upper.span_of(later),
        notes=[Note(f"`{lower.name}` sets `{other.rpartition('/')[2]}`", lower.span_of(other))],
        hint=f"set both in `{upper.name}`",
    )
