"""Documents -> Graph: registries and profiles by name, the chain's order, and every reference checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from profilec.diagnostics import Note, Report, Span, did_you_mean
from profilec.states import Document, Graph, Layer, Place, Ref

MAX_STACK_DEPTH = 32
_SHOWN_PLACES = 5
_HINTED = 100


def link(documents: Sequence[Document], baseline: Layer | None, report: Report) -> Graph:
    """Join the registries of a chain, given in the order of their sources."""
    by_slug = _registries(documents, report)
    layers = [baseline] if baseline else []
    for document in by_slug.values():
        layers.extend(document.layers[slug] for slug in sorted(document.layers))
    number = {(layer.registry, layer.profile): index for index, layer in enumerate(layers) if layer is not baseline}
    # An entry begins with registry and profile.
    parents = tuple(tuple(number.get(ref[:2], -1) for ref in layer.stack) if layer.stack else () for layer in layers)
    if any(-1 in each for each in parents):
        _report_missing(layers, by_slug, report)
        parents = tuple(tuple(number for number in each if number >= 0) for each in parents)
    _check_paths(layers, parents, report)

    # Top first: the last source stands above the others, and within one source the order is that of the slugs.
    precedence = tuple(sorted(by_slug, key=lambda slug: (-by_slug[slug].origin, slug)))
    default_profiles = {slug: _default_profile(document, report) for slug, document in sorted(by_slug.items())}
    names = {slug: f"{registry}/{slug}" for registry in reversed(precedence) for slug in by_slug[registry].layers}
    default_registry = precedence[0] if precedence else ""
    return Graph(
        documents=tuple(by_slug.values()),
        layers=tuple(layers),
        parents=parents,
        has_baseline=baseline is not None,
        precedence=precedence,
        default_registry=default_registry,
        default=_default(default_registry, default_profiles, by_slug, report),
        default_profiles=default_profiles,
        names=names,
    )


def _registries(documents: Iterable[Document], report: Report) -> dict[str, Document]:
    by_slug: dict[str, Document] = {}
    for document in documents:
        first = by_slug.setdefault(document.slug, document)
        if first is not document:
            report.error(
                "duplicate-registry",
                f"the registry `{document.slug}` is defined twice",
                document.span,
                notes=[Note("it is defined here first", first.span)],
                hint="rename one of the two, or leave one of the sources out",
            )
    return by_slug


def _default_profile(document: Document, report: Report) -> str | None:
    if document.default is not None and document.layers:
        name, span = document.default
        if name not in document.layers:
            report.error(
                "unknown-profile",
                f"the default profile of `{document.slug}` is `{name}`, which does not exist",
                span,
                hint=did_you_mean(name, document.layers),
            )
        return name
    if "default" in document.layers or not document.layers:
        return "default" if document.layers else None
    first = min(document.layers)
    report.advise(
        "default-by-order",
        f"`{document.slug}` has no profile `default`, so `{first}`, the first by name, is its default",
        document.span,
        hint="name one `default`: a new profile can shift the first",
    )
    return first


def _default(
    registry: str, default_profiles: dict[str, str | None], by_slug: dict[str, Document], report: Report
) -> str | None:
    if not registry:
        return None
    profile = default_profiles[registry]
    if profile is None:
        report.advise(
            "no-default-profile",
            f"`{registry}` is the default registry, and has no profiles: the build has no default",
            by_slug[registry].span,
            hint="give it a profile `default`, or put another source last",
        )
        return None
    return f"{registry}/{profile}"


def _report_missing(layers: Iterable[Layer], by_slug: dict[str, Document], report: Report) -> None:
    """Report what is not there, once for each name however many profiles stack on it."""
    missing: dict[tuple[str, str | None], list[tuple[Layer, Ref]]] = {}
    for layer in layers:
        for ref in layer.stack:
            document = by_slug.get(ref.registry)
            if document is None:
                missing.setdefault((ref.registry, None), []).append((layer, ref))
            elif ref.profile not in document.layers:
                missing.setdefault((ref.registry, ref.profile), []).append((layer, ref))
    for count, ((registry, profile), places) in enumerate(missing.items()):
        places.sort(key=lambda each: (each[0].file, each[1].place[0] or 0, each[1].place[1] or 0))
        layer, ref = places[0]
        # Looking for the nearest name takes a while, and who has so many wrong ones has another cause to look for.
        hint = _nearest(registry, profile, by_slug) if count < _HINTED else None
        if profile is None:
            report.error(
                "unknown-registry",
                f"`{layer.profile}` stacks on `{registry}/{ref.profile}`, and there is no registry `{registry}`",
                layer.span_at(ref.registry_place),
                notes=[*_more(places, lambda each: each.registry_place), _looked_in(by_slug)],
                hint=hint or "name the source that holds it",
            )
        else:
            report.error(
                "unknown-profile",
                f"`{layer.profile}` stacks on `{registry}/{profile}`, which does not exist",
                layer.span_at(ref.place),
                notes=[
                    *_more(places, lambda each: each.place),
                    Note(f"`{registry}` is defined here", by_slug[registry].span),
                ],
                hint=hint,
            )


def _nearest(registry: str, profile: str | None, by_slug: dict[str, Document]) -> str | None:
    """What may have been meant: a registry; or a profile of the registry, or of that name in another one."""
    if profile is None:
        return did_you_mean(registry, by_slug)
    elsewhere = [f"`{slug}/{profile}`" for slug, each in by_slug.items() if profile in each.layers]
    if elsewhere:
        return f"did you mean {' or '.join(elsewhere[:3])}?"
    return did_you_mean(profile, by_slug[registry].layers)


def _more(places: list[tuple[Layer, Ref]], place_of: Callable[[Ref], Place]) -> list[Note]:
    notes = [Note(f"so does `{layer.name}`", layer.span_at(place_of(ref))) for layer, ref in places[1:_SHOWN_PLACES]]
    if len(places) > _SHOWN_PLACES:
        notes.append(Note(f"and {len(places) - _SHOWN_PLACES} more profiles"))
    return notes


def _looked_in(by_slug: dict[str, Document]) -> Note:
    shown = ", ".join(f"`{slug}`" for slug in sorted(by_slug)[:20])
    return Note(f"the registries are {shown}" + (" and others" if len(by_slug) > 20 else ""))


def _check_paths(layers: Sequence[Layer], parents: Sequence[Sequence[int]], report: Report) -> None:
    """Find every cycle, and every profile with which a path first grows too deep.

    One walk, children before parents, with a stack of its own: a chain may be longer than Python's.
    """
    depth: dict[int, int] = {}
    for root in range(len(layers)):
        if root in depth:
            continue
        # Most stand on nothing or on one that has been walked, and are spared the walk.
        below = parents[root]
        if not below:
            depth[root] = 1
            continue
        if len(below) == 1 and (known := depth.get(below[0], MAX_STACK_DEPTH)) < MAX_STACK_DEPTH:
            depth[root] = known + 1
            continue
        path: list[int] = [root]
        on_path = {root: 0}
        pending = [iter(parents[root])]
        while path:
            step = next(pending[-1], None)
            node = path[-1]
            if step is None:
                pending.pop()
                path.pop()
                del on_path[node]
                _settle(node, layers, parents, depth, report)
            elif step in on_path:
                _report_cycle(path[on_path[step] :], layers, report)
            elif step not in depth:
                on_path[step] = len(path)
                path.append(step)
                pending.append(iter(parents[step]))


def _settle(
    node: int, layers: Sequence[Layer], parents: Sequence[Sequence[int]], depth: dict[int, int], report: Report
) -> None:
    """Take down how deep a profile's stack is; those below it are known, but for one in a cycle with it."""
    depth[node] = 1 + max([depth[each] for each in parents[node] if each in depth], default=0)
    if depth[node] == MAX_STACK_DEPTH + 1:
        _report_depth(node, layers, parents, depth, report)


def _report_cycle(cycle: list[int], layers: Sequence[Layer], report: Report) -> None:
    # Told from its first profile by name, whichever the walk met first.
    first = min(range(len(cycle)), key=lambda at: layers[cycle[at]].name)
    names = [layers[each].name for each in cycle[first:] + cycle[:first]]
    layer = layers[cycle[first]]
    report.error(
        "stack-cycle",
        "a stack comes back to itself: " + _path([*names, names[0]]),
        _ref_span(layer, layers[cycle[(first + 1) % len(cycle)]]),
        hint="take one of these entries out",
    )


def _report_depth(
    node: int, layers: Sequence[Layer], parents: Sequence[Sequence[int]], depth: dict[int, int], report: Report
) -> None:
    path = [node]
    while below := [each for each in parents[path[-1]] if depth.get(each, depth[path[-1]]) < depth[path[-1]]]:
        path.append(max(below, key=depth.__getitem__))
    names = [layers[each].name for each in path]
    report.error(
        "stack-too-deep",
        f"more than {MAX_STACK_DEPTH} profiles stand on one path: " + _path(names),
        _ref_span(layers[node], layers[path[1]]),
        hint="join some of the layers",
    )


def _path(names: list[str]) -> str:
    return " -> ".join(names if len(names) <= 8 else [*names[:4], "…", *names[-3:]])


def _ref_span(layer: Layer, target: Layer) -> Span:
    """Where a layer stacks on another one."""
    for ref in layer.stack:
        if (ref.registry, ref.profile) == (target.registry, target.profile):
            return layer.span_at(ref.place)
    return layer.span
