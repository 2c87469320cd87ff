"""Golden diffs: a file each, with the sources before and after and what is printed; read the diff after --update."""

from __future__ import annotations

import re
from pathlib import Path

import profilec
import pytest
from profilec.rendering.diff.markdown import as_markdown
from profilec.rendering.diff.text import as_text
from profilec.rendering.terminal import Painter

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
_PART = re.compile(r"^=== (old|new|text|markdown)(?: (\S+))?\n", re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_diff_prints_what_its_case_says(case: Path, request: pytest.FixtureRequest) -> None:
    text = case.read_text("utf-8")
    parts = list(_PART.finditer(text))
    bodies = [
        text[part.end() : following.start() if following else len(text)]
        for part, following in zip(parts, [*parts[1:], None], strict=True)
    ]
    found = profilec.diff(*(_build(side, parts, bodies) for side in ("old", "new")))
    printed = {"text": as_text(found, Painter(False), verbose=True), "markdown": as_markdown(found)}
    wanted = {part[1]: body for part, body in zip(parts, bodies, strict=True) if part[1] in printed}
    if request.config.getoption("--update"):
        head = text[: next((part.start() for part in parts if part[1] in printed), len(text))]
        kinds = wanted or {"text": ""}
        case.write_text(head + "".join(f"=== {kind}\n{printed[kind]}" for kind in kinds), "utf-8")
        return
    assert wanted
    for kind, body in wanted.items():
        assert printed[kind] == body


def _build(side: str, parts: list[re.Match[str]], bodies: list[str]) -> profilec.Build:
    named = {part[2]: body for part, body in zip(parts, bodies, strict=True) if part[1] == side}
    baseline = named.pop("baseline.yaml", None)
    texts = [profilec.Text(name, body) for name, body in named.items()]
    return profilec.compile(texts, profilec.Text("baseline.yaml", baseline) if baseline else None)


def test_a_narrow_terminal_folds_between_words_and_keeps_the_indentation() -> None:
    def side(value: float) -> profilec.Build:
        layers = {f"profile-of-a-long-name-{n}": {"stack": [{"profile_slug": "base"}]} for n in range(6)}
        base = {"inference_settings": {"chat": {"temperature": value}}}
        return profilec.compile({"slug": "r", "profiles": {"base": base, **layers}})

    found = profilec.diff(side(0), side(1))
    wide, narrow = (as_text(found, Painter(False), columns).splitlines() for columns in (0, 60))
    assert max(map(len, narrow)) <= 60 < max(map(len, wide))
    assert "".join(" ".join(narrow).split()) == "".join(" ".join(wide).split())
    at = next(number for number, line in enumerate(narrow) if line.startswith("    changes 7 profiles"))
    assert narrow[at + 1].startswith("      r/profile-of-a-long-name")
