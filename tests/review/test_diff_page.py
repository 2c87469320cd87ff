"""The page about diffs has every kind of change, with its severity and summary, in order."""

from __future__ import annotations

import re
from pathlib import Path

from profilec.diagnostics import SEVERITIES
from profilec.review.diff.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs/diff.md"


def test_the_page_has_every_kind() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    kinds = sorted(KINDS, key=lambda kind: SEVERITIES.index(KINDS[kind].severity))
    assert sorted(rows) == sorted((kind, *KINDS[kind]) for kind in kinds)
    assert [severity for _, severity, _ in rows] == [KINDS[kind].severity for kind in kinds]
