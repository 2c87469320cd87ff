"""Databases as the original writes them, for the tests."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

CREATE = (
    "CREATE TABLE profile_registries "
    "(slug TEXT PRIMARY KEY, payload_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL DEFAULT 0)"
)


def database(path: Path, payloads: Mapping[str, Any], *, mode: str = "delete") -> Path:
    """A database with a row for each payload: a mapping is written as JSON, anything else as it is."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute(CREATE)
        for slug, payload in payloads.items():
            value = json.dumps(payload) if isinstance(payload, dict) else payload
            connection.execute("INSERT INTO profile_registries VALUES (?, ?, 0)", (slug, value))
        connection.commit()
    return path


def registry(slug: str, named_default: str | None = None, /, **profiles: Any) -> dict[str, Any]:
    """A payload with these profiles: name -> inference settings, or a whole profile where it has a stack."""
    whole = {
        name: {"slug": name, **(each if "stack" in each else {"inference_settings": each})}
        for name, each in profiles.items()
    }
    payload = {"slug": slug, "profiles": whole}
    return payload if named_default is None else {**payload, "default_profile_slug": named_default}
