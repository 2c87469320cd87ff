"""What the engines' tests share: an environment without credentials and proxies, and no waiting between attempts."""

import os

import pytest


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in list(os.environ):
        if (
            name.lower().endswith("_proxy")
            or name.endswith("_API_KEY")
            or name.startswith(("PINOCCHIO_", "ENGINE_PROF"))
        ):
            monkeypatch.delenv(name)
    monkeypatch.setattr("engineprofiles.retry.FIRST_PAUSE", 0.01)
