"""The one option of this project's tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="Rewrite what golden cases and docs/rules.md say is printed; read the diff.",
    )
