"""The fixtures of the reports' tests, where there is what they need; where not, each of their modules says so."""

from importlib.util import find_spec

import pytest

if find_spec("playwright"):
    pytest.register_assert_rewrite("report_browser")
    from report_browser import browser, open_report

    __all__ = ["browser", "open_report"]
