"""Pages for a real Chromium, which are run to their end and handed back as what their script leaves in `title`."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

MERMAID = Path(__file__).parent / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_DRAW = """
const answers = [];
mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
for (const [index, text] of given.entries()) {
  try {
    const {svg} = await mermaid.render("drawn" + index, text);
    const page = new DOMParser().parseFromString(svg, "text/html");
    const all = selector => [...page.querySelectorAll(selector)];
    all("br").forEach(each => each.replaceWith("\\n"));
    const words = each => each.textContent.trim();
    answers.push({
      nodes: all("g.node").map(words),
      clusters: all("g.cluster").map(words),
      edges: all("path.flowchart-link").length,
      dotted: all("path.edge-pattern-dotted").length,
      strange: all("script, img, a, iframe, b, i, em, strong, li, h1, [onclick], [onerror], [onload]").length,
    });
  } catch (error) { answers.push({error: String(error)}); }
}
"""
_LOAD = """
const answers = await Promise.all(given.map(text => new Promise(done => {
  const image = new Image();
  image.onload = () => done({width: image.naturalWidth, height: image.naturalHeight});
  image.onerror = () => done({error: "Chromium does not take it for a picture"});
  image.src = URL.createObjectURL(new Blob([text], {type: "image/svg+xml"}));
})));
"""


def drawn_by_mermaid(directory: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What Mermaid makes of each text: the labels that a reader sees, and how much of what no label may bring about."""
    if not MERMAID.is_file():
        pytest.skip("mermaid is not here: `make` installs it where npm is")
    return _answers(directory, f'<script src="{MERMAID.as_uri()}"></script>', _DRAW, texts)


def loaded_as_pictures(directory: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The size of each SVG, as a browser takes it that was told to show it as an image."""
    return _answers(directory, "", _LOAD, texts)


def _answers(directory: Path, head: str, script: str, given: Sequence[str]) -> list[dict[str, Any]]:
    if _CHROMIUM is None:
        pytest.skip("no Chromium is here")
    page = directory / "page.html"
    data = json.dumps(given).replace("<", "\\u003c")
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><title>unfinished</title>{head}<body><script type="module">'
        f"const given = {data};{script}document.title = JSON.stringify(answers);</script>",
        "utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={directory / 'chromium'}"]
    done = subprocess.run(
        [_CHROMIUM, *options, "--virtual-time-budget=60000", "--dump-dom", page.as_uri()],
        capture_output=True,
        check=True,
        timeout=240,
    )
    found = re.search(r"<title>(.*?)</title>", done.stdout.decode(), re.DOTALL)
    assert found, done.stderr.decode()
    answers: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    assert len(answers) == len(given)
    return answers
