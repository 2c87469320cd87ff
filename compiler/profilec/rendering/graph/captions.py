"""What every picture says of a graph and its nodes, not yet escaped for a format."""

from __future__ import annotations

from profilec.rendering.terminal import visible
from profilec.review.graph import Edge, Node, StackGraph

LAYER = "(layer)"


def title(graph: StackGraph) -> str:
    return {
        "all": "All profiles and what they stand on",
        "registry": f"The profiles of {graph.subject} and what they stand on",
        "stack": f"The stack of {graph.subject}",
        "impact": f"What stands on {graph.subject}",
    }[graph.scope]


def description(graph: StackGraph) -> str:
    return f"{counted(graph)}; an arrow leads from a profile to one that it stands on"


def counted(graph: StackGraph) -> str:
    """How many profiles of how many registries the graph has."""
    return _counted(graph.profiles)


def impact_told(graph: StackGraph) -> str:
    """The answer to the question of an impact, as a sentence."""
    others = [each for each in graph.profiles if each.name != graph.subject]
    if not others:
        return f"nothing stands on `{graph.subject}`"
    return f"{_counted(others)} {'stands' if len(others) == 1 else 'stand'} on `{graph.subject}`"


def heading(registry: str) -> str:
    """What a group of nodes is called."""
    return registry or "baseline"


def slug(node: Node) -> str:
    return node.profile or visible(node.name.removeprefix("baseline "))


def model(node: Node) -> str:
    """The second line of a node."""
    return "" if node.is_baseline else visible(node.model) if node.model else LAYER


def is_layer(node: Node) -> bool:
    return not node.is_baseline and not node.model


def marks(node: Node, graph: StackGraph) -> str:
    """What sets a node apart from the others, besides its look."""
    return "the default" if node.name == graph.default else ""


def told(node: Node) -> str:
    """A node in one sentence: what a pointer that rests on it is told."""
    if node.is_baseline:
        return f"{visible(node.name)}, below every stack"
    parts = [node.name, visible(node.display_name or ""), model(node), visible(node.provider or "")]
    return ", ".join([*filter(None, parts), visible(str(node.span))])


def edge_told(edge: Edge) -> str:
    place = f", {visible(str(edge.span))}" if edge.span else ""
    return f"{edge.above} stands on {visible(edge.below)}{place}"


def numbered(graph: StackGraph) -> dict[Edge, str]:
    """The position of each edge where the order tells something: in a stack of several entries."""
    several = {name for name, edges in graph.edges_down.items() if len(edges) > 1}
    return {each: str(each.position) if each.above in several else "" for each in graph.edges}


def _counted(nodes: list[Node]) -> str:
    registries = len({each.registry for each in nodes})
    return f"{len(nodes)} profile{'s' * (len(nodes) != 1)} of {registries} registr{'y' if registries == 1 else 'ies'}"
