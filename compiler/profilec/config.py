"""profilec.toml or pyproject.toml -> a project's own options. An unknown key is refused with the nearest name."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from profilec.credentials import MODES, Mode
from profilec.diagnostics import did_you_mean, unfit

# What Jsonnet programs are given: tables of texts by name.
VARIABLES = ("ext-str", "ext-code", "tla-str", "tla-code")
# Where a configuration lies; of the second one table.
FILES = ("profilec.toml", "pyproject.toml")
_KEYS = ("sources", "output", "baseline", "secrets", "rules", "policies", *VARIABLES, "jpath")
# Where policies lie unless the configuration says so.
POLICIES = "policies"


class ConfigError(Exception):
    """The configuration cannot be used. `file` names it; `hint` says how to mend it."""

    def __init__(self, file: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.file, self.message, self.hint = file, message, hint


@dataclass(frozen=True, slots=True)
class Config:
    """A project: its root, and what it set. Paths are as the project wrote them, relative to the root."""

    root: Path
    file: str | None = None
    sources: tuple[str, ...] = ()
    output: str = "build"
    baseline: str | None = None
    secrets: Mode = "reference"
    rules: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    jpath: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    def path(self, written: str) -> Path:
        """A path of the configuration, as seen from the current directory."""
        return Path(os.path.relpath(self.root / written))

    def source(self, written: str) -> str:
        """A source of the configuration, or several with commas between them, as seen from the current directory."""
        if "," in written and not (self.root / written).exists():
            return ",".join(self.source(each.strip()) if each.strip() else "" for each in written.split(","))
        kind, colon, path = written.partition(":")
        if colon and len(kind) > 1 and not (self.root / written).exists():
            return written if kind == "sqlite-dsn" else f"{kind}:{self.path(path.removeprefix('//'))}"
        return str(self.path(written))


def load(start: Path, top: Path | None = None) -> Config:
    """The configuration of the nearest directory from `start` up to `top` that has one; else `start` is the root."""
    for directory in (start, *start.parents):
        if top is not None and not directory.is_relative_to(top):
            break
        for name in FILES:
            path = directory / name
            if path.is_file():
                table = _table(path)
                if table is not None:
                    return _config(directory, path, table)
    return Config(start)


def _table(path: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path.name, f"`{path.name}` is not TOML: {str(error)[:1].lower()}{str(error)[1:]}") from None
    except OSError as error:
        raise ConfigError(
            path.name, f"`{path.name}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        ) from None
    if path.name == "profilec.toml":
        return document
    tools = document.get("tool")
    table = tools.get("profilec") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(path.name, "`tool.profilec` is a table", "write `[tool.profilec]`, and the keys below it")
    return table


def _config(root: Path, path: Path, table: dict[str, Any]) -> Config:
    for key in table:
        if key not in _KEYS:
            known = "known keys: " + ", ".join(f"`{each}`" for each in _KEYS)
            raise ConfigError(
                path.name, f"`{key}` is not a key of the configuration", did_you_mean(key, _KEYS) or known
            )
    sources, jpath = _paths(path, table, "sources"), _paths(path, table, "jpath")
    for key in ("output", "baseline", "secrets"):
        if key in table and not isinstance(table[key], str):
            raise ConfigError(path.name, f"`{key}` is a text", "put it in quotes")
        if not table.get(key, key).strip():
            raise ConfigError(path.name, f"`{key}` is empty", "name one, or take the key out")
    secrets = table.get("secrets", "reference")
    if secrets not in MODES:
        raise ConfigError(
            path.name, f"`secrets` is one of {', '.join(MODES)}, not `{secrets}`", did_you_mean(secrets, MODES)
        )
    return Config(
        root,
        path.name,
        sources,
        table.get("output", "build"),
        table.get("baseline"),
        secrets,
        _rules(path, table.get("rules", {})),
        {kind: _texts(path, table.get(kind, {}), kind) for kind in VARIABLES},
        jpath,
        _paths(path, table, "policies") if "policies" in table else _default_policies(root),
    )


def _default_policies(root: Path) -> tuple[str, ...]:
    """The directory `policies` beside the configuration, where it holds any."""
    return (POLICIES,) if any((root / POLICIES).glob("*.json")) else ()


def _paths(path: Path, table: dict[str, Any], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ConfigError(path.name, f"`{key}` is a list of texts", f'write `{key} = ["registries"]`')
    if not all(each.strip() for each in found):
        raise ConfigError(path.name, f"an entry of `{key}` is empty", "name a file or directory, or take it out")
    return tuple(found)


def _texts(path: Path, table: Any, key: str) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(each, str) for each in table.values()):
        raise ConfigError(path.name, f"`{key}` is a table of texts", f'write `{key} = {{ region = "eu" }}`')
    return table


def _rules(path: Path, rules: Any) -> dict[str, str]:
    if not isinstance(rules, dict):
        raise ConfigError(path.name, "`rules` is a table of severities", 'write `rules = { baseline-field = "error" }`')
    for rule, severity in rules.items():
        if found := unfit(rule, severity):
            raise ConfigError(path.name, *found)
    return rules
