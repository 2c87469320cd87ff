"""What a graph looks like in each format, by the judgement of those who read the format; and nothing a source contains
means anything there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import profilec
import pytest
from graph_browser import drawn_by_mermaid, loaded_as_pictures
from hypothesis import given, settings
from hypothesis import strategies as st
from profilec.diagnostics import Span
from profilec.rendering.graph import captions
from profilec.rendering.graph.document import document
from profilec.rendering.graph.dot import dot
from profilec.rendering.graph.layout import layout
from profilec.rendering.graph.mermaid import MAX_EDGES, beyond_limits, mermaid
from profilec.rendering.graph.svg import svg
from profilec.rendering.graph.text import text
from profilec.rendering.render import as_json
from profilec.rendering.terminal import UNSAFE, Painter, visible
from profilec.review.graph import Edge, Node, StackGraph, graph, impact

ROOT = Path(__file__).parents[2]
HOSTILE = [
    'x"] --> evil["y',
    "x]\n  n0 --> n1\n  click n0 javascript:alert(1)",
    "%%{init: {'theme': 'forest'}}%%",
    "%% comment",
    "style:#x; class:#y;",
    "style a:#35;",
    "classDef a:#quot;",
    "#quot;#35;&lt;&#60;",
    "`**bold** _i_`",
    "**bold** __bold__ _i_ ~~s~~",
    "- item",
    "1. item",
    "+ item",
    "# heading",
    "> quote",
    "[a](javascript:alert(1))",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "]]><!-- <![CDATA[ &amp; &bogus;",
    "$$x^2$$",
    "$$$$$x$$$",
    "end",
    "subgraph x",
    "o--o x--x ==> -.-> :::asked",
    "@{ shape: circle }",
    "n0@{ img: 'https://example.org/x.png' }",
    'x\\" , shape=star, label="y',
    "\\N \\G \\l \\r \\",
    "ends with a backslash\\",
    "\x1b[31mred\x1b[0m\x07\x9b1m",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "\ufffe\uffff",
    "模型 🙂 é",
    "www.example.org https://example.org me@example.org",
    "long " * 200,
]
SURROGATE = re.compile("[\ud800-\udfff]")


def one(model: str, display_name: str | None = None, file: str = "r.yaml") -> StackGraph:
    """A profile on a layer on a baseline, everything hostile that can be."""
    baseline = f"baseline {file}"
    return StackGraph(
        "stack",
        "r/top",
        "r/top",
        (
            Node("r/top", "r", "top", display_name, model, model, None, Span(file, 2, 3)),
            Node("r/layer", "r", "layer", display_name, None, None, None, Span(file, 9, 3)),
            Node(baseline, "", "", None, None, None, None, Span(file)),
        ),
        (Edge("r/top", "r/layer", 1, Span(file, 4, 5)), Edge("r/layer", baseline, None, None)),
    )


@pytest.fixture(scope="module")
def catalogue() -> profilec.Build:
    return profilec.compile([ROOT / "registries"], {"client": {"timeout": 30}}, root=ROOT)


# Mermaid


def test_mermaid_draws_what_is_hostile_as_text(tmp_path: Path, catalogue: profilec.Build) -> None:
    graphs = [one(each, each, each) for each in HOSTILE]
    whole = graph(catalogue, registry="team-agent")
    *answers, real = drawn_by_mermaid(tmp_path, [mermaid(each) for each in [*graphs, whole]])
    for hostile, answer in zip(HOSTILE, answers, strict=True):
        shown = _as_html(visible(hostile))
        answer["nodes"] = list(map(_as_html, answer["nodes"]))
        assert answer == {
            "nodes": [f"top\n{shown}\nthe default", "layer\n(layer)", shown],
            "clusters": answer["clusters"],
            "edges": 2,
            "dotted": 1,
            "strange": 0,
        }, hostile
        assert sorted(answer["clusters"]) == ["baseline", "r"]
    assert (len(real["nodes"]), real["edges"]) == (len(whole.nodes), len(whole.edges))


def _as_html(words: str) -> str:
    """Several blanks are one; between two dollars is what keeps them from beginning a formula."""
    return re.sub(r" *(\n|$)", r"\1", re.sub(" +", " ", words.replace("$\u200b", "$")))


def test_mermaid_is_told_to_be_too_large(catalogue: profilec.Build) -> None:
    everything = graph(catalogue)
    picture = mermaid(everything)
    assert len(everything.edges) > MAX_EDGES
    assert "arrows, and Mermaid draws at most 500" in str(beyond_limits(picture, everything))
    small = graph(catalogue, "team-agent/writer")
    assert beyond_limits(mermaid(small), small) is None
    assert "characters, and Mermaid draws at most 50,000" in str(beyond_limits(" " * 50_001, small))


@given(st.text(min_size=1))
def test_a_mermaid_label_holds_no_sign_that_means_something(model: str) -> None:
    lines = mermaid(one(model)).splitlines()
    (label,) = [each for each in lines if each.startswith("    n0(")]
    assert re.fullmatch(r'    n0\("top(<br/>)?(?:[^\W_]|[ _/()#;]|[.-](?=[^\W_]))*<br/>the default"\)', label), label
    assert len(lines) == 16


def test_the_page_shows_the_picture_that_the_command_prints() -> None:
    page = (ROOT / "docs" / "graph.md").read_text("utf-8")
    printed = re.search(r"^\$ profilec graph \S+ --format mermaid\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    drawn = re.search(r"^```mermaid\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert printed and drawn
    assert printed[1] == drawn[1]


# DOT


def test_graphviz_reads_what_is_hostile_as_text(catalogue: profilec.Build) -> None:
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not here")
    for hostile in HOSTILE:
        nodes, edges = _read_by_graphviz(one(hostile, hostile, hostile))
        shown = visible(hostile)
        assert nodes == ["top\n" + shown + "\nthe default", "layer\n(layer)", shown], hostile
        assert edges == 2
    whole = graph(catalogue, registry="team-agent")
    nodes, edges = _read_by_graphviz(whole)
    assert (len(nodes), edges) == (len(whole.nodes), len(whole.edges))


def _read_by_graphviz(drawn: StackGraph) -> tuple[list[str], int]:
    """The labels that Graphviz would draw, and the number of edges."""
    done = subprocess.run(["dot", "-Tjson"], input=dot(drawn).encode(), capture_output=True, check=True)
    assert done.stderr == b""
    read = json.loads(done.stdout)
    objects = [each for each in read["objects"] if not each["name"].startswith("cluster_")]
    return [_drawn(each["_ldraw_"]) for each in objects], len(read["edges"])


def _drawn(operations: list[dict[str, str]]) -> str:
    return "\n".join(each["text"] for each in operations if each["op"] == "T")


# SVG


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_svg_shows_what_is_hostile_as_text(hostile: str) -> None:
    _check_svg(one(hostile, hostile, hostile))


@given(st.text(), st.text(), st.text(min_size=1))
def test_an_svg_is_one_whatever_a_source_contains(model: str, display_name: str, file: str) -> None:
    _check_svg(one(model, display_name, file))


def _check_svg(drawn: StackGraph) -> None:
    picture = svg(drawn)
    root = ElementTree.fromstring(picture)
    tags = {each.tag.partition("}")[2] for each in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path"}
    assert not re.search("(?:href|url|@import|javascript:)", _skeleton(picture))
    told = {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}title")}
    for node in drawn.nodes:
        assert captions.told(node).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff") in told


def _skeleton(picture: str) -> str:
    """The picture without what is between tags, its style sheet excepted."""
    style = re.search("<style>(.*?)</style>", picture, re.DOTALL)
    assert style
    return "".join(re.findall("<[^>]*>", picture)) + style[1]


def test_chromium_shows_every_svg(tmp_path: Path, catalogue: profilec.Build) -> None:
    graphs = [
        *(one(each, each, each) for each in HOSTILE),
        graph(catalogue),
        graph(catalogue, registry="openai"),
        impact(catalogue, "team-agent/base"),
        graph(catalogue, "provider-openai/default"),
    ]
    for drawn, answer in zip(graphs, loaded_as_pictures(tmp_path, list(map(svg, graphs))), strict=True):
        assert answer.get("width", 0) > 100, (answer, drawn.nodes[0])


def test_nothing_lies_on_anything_else(catalogue: profilec.Build) -> None:
    laid = layout(graph(catalogue), lambda node: 100.0)
    bands = {each.registry: each for each in laid.bands}
    columns: dict[float, list[tuple[float, float]]] = {}
    for box in laid.boxes:
        band = bands[box.node.registry]
        assert band.y < box.y and box.y + box.height < band.y + band.height
        assert box.x + box.width <= laid.width and box.y + box.height <= laid.height
        columns.setdefault(box.x, []).append((box.y, box.y + box.height))
    for taken in columns.values():
        taken.sort()
        assert all(above[1] < below[0] for above, below in pairwise(taken))
    for above, below in pairwise(laid.bands):
        assert above.y + above.height < below.y


def test_arrows_lead_to_the_right(catalogue: profilec.Build) -> None:
    for path in layout(graph(catalogue), lambda node: 100.0).paths:
        xs = [x for x, _ in path.points]
        assert xs == sorted(xs) and xs[0] < xs[-1]


# Text and JSON


def test_a_tree_is_what_a_terminal_shows() -> None:
    for hostile in HOSTILE:
        tree = text(one(hostile, hostile, hostile), Painter(False))
        assert not UNSAFE.search(tree.replace("\n", ""))
        assert len(tree.splitlines()) == 3


def test_columns_are_aligned_by_what_is_seen() -> None:
    tree = text(one("模型", file="r.yaml"), Painter(False)).splitlines()
    assert tree[:2] == ["r/top *                模型     r.yaml:2:3", "└─ r/layer             (layer)  r.yaml:4:5"]


def test_what_hangs_below_a_profile_is_shown_once() -> None:
    build = profilec.compile(
        {
            "slug": "r",
            "profiles": {
                "base": {},
                "mid": {"stack": [{"profile_slug": "base"}]},
                "one": {"stack": [{"profile_slug": "mid"}]},
                "top": {"stack": [{"profile_slug": "one"}, {"profile_slug": "mid"}, {"profile_slug": "base"}]},
            },
        }
    )
    lines = text(graph(build, "top"), Painter(False)).splitlines()
    assert [each.partition("  (layer)")[0].rstrip() for each in lines] == [
        "r/top",
        "├─ r/one",
        "│  └─ r/mid",
        "│     └─ r/base *",
        "├─ r/mid (see above)",
        "└─ r/base * (see above)",
    ]


@settings(max_examples=30)
@given(st.text(), st.text(min_size=1))
def test_json_holds_the_texts_as_they_are(model: str, file: str) -> None:
    printed = as_json([], graph=document(one(SURROGATE.sub("", model), None, SURROGATE.sub("", file) or "f")))
    assert not UNSAFE.search(printed.replace("\n", ""))
    assert json.loads(printed)["graph"]["nodes"][0].get("model") == SURROGATE.sub("", model)


def test_the_same_graph_is_the_same_bytes(catalogue: profilec.Build) -> None:
    again = profilec.compile([ROOT / "registries"], {"client": {"timeout": 30}}, root=ROOT)
    for write in (mermaid, dot, svg):
        assert write(graph(catalogue)) == write(graph(again))
