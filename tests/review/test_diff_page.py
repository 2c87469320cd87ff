"""The page about diffs has every kind of change, with its severity and summary, in order."""

from __future__ import annotations

import re
from pathlib import Path

from profilec.diagnostics import SEVERITIES
from profilec.rules import CHANGES

PAGE = Path(__file__).parents[2] / "docs/diff.md"


def test_the_page_has_every_kind() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    kinds = sorted(CHANGES, key=lambda kind: SEVERITIES.index(CHANGES[kind].severity))
    assert sorted(rows) == sorted((kind, *CHANGES[kind]) for kind in kinds)
    assert [severity for _, severity, _ in rows] == [CHANGES[kind].severity for kind in kinds]
