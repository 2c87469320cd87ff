"""Count of profiles -> how long the comparison of two builds takes, beside programs that compare the same directories.

Each row is a whole process. It judges nothing: no time makes it fail, only a diff that does not find the edit does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

import data
from timing import CommandFailed, Stage, Times, in_turns, ratio

import registries

# Every artifact of both builds by its stable name, each field that differs: what a short script does.
FLOOR = """
import json, os, sys
def flat(value, path, into):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            flat(inner, path + (key,), into)
    else:
        into[path] = value
def read(root):
    found = {}
    for folder, _, names in os.walk(os.path.join(root, "profiles")):
        for name in names:
            with open(os.path.join(folder, name)) as file:
                document = json.load(file)
            fields = {}
            flat(document["inference_settings"], (), fields)
            found[document["registry_slug"], document["profile_slug"]] = fields
    return found
old, new = map(read, sys.argv[1:])
for name in sorted(old.keys() | new.keys()):
    before, after = old.get(name, {}), new.get(name, {})
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            print(name, path, before.get(path), "->", after.get(path))
"""
DEEPDIFF = """
import json, sys, orjson
from pathlib import Path
from deepdiff import DeepDiff
def read(root):
    documents = (orjson.loads(path.read_bytes()) for path in Path(root, "profiles").rglob("*.json"))
    return {each["registry_slug"] + "/" + each["profile_slug"]: each["inference_settings"] for each in documents}
print(DeepDiff(*map(read, sys.argv[1:]), view="text"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--profiles", type=int, nargs="+", default=[5000, 100_000], metavar="N", help="5000 100000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each is run (5)")
    arguments = parser.parse_args()
    memory = Path("/dev/shm")
    on_memory = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="engine-profiles-bench-", dir=memory if on_memory else None) as directory:
        for count in arguments.profiles:
            work = Path(directory, str(count))
            work.mkdir()
            measure(count, arguments.rounds, Stage(work))
            shutil.rmtree(work)


def measure(count: int, rounds: int, stage: Stage) -> None:
    """A build, one with a leaf edited, and one with a base edited on which many stand."""
    profiles = data.generate(count)
    sources = stage.directory / "sources"
    sources.mkdir()
    registries.write(profiles, sources)
    build(stage, "old")
    standing = edit(sources / file_of(sources, "team"), "temperature")
    build(stage, "leaf")
    edit(sources / file_of(sources, "provider"), "timeout", standing)
    build(stage, "base")
    print(f"\n{count:,} profiles, {rounds} rounds, {os.cpu_count()} CPUs")
    for name, what in (("old", "nothing"), ("leaf", "one profile"), ("base", "and a base")):
        compare(stage, name, what, rounds, count)


def file_of(sources: Path, registry: str) -> str:
    return sorted(each.name for each in sources.iterdir() if f"-{registry}-" in each.name)[-1]


def edit(file: Path, field: str, undo: str = "") -> str:
    """Give one more field to a file's last profile, or to its first, which everything of a provider stands on."""
    lines = file.read_text("utf-8").split("\n")
    at = [number for number, line in enumerate(lines) if line == "    inference_settings:"]
    number = at[0] if field == "timeout" else at[-1]
    added = "      gemini:" if field == "timeout" else "      claude:"
    lines[number + 1 : number + 1] = [added, "        thinking_budget: 7" if field == "timeout" else "        top_k: 7"]
    file.write_text("\n".join(lines), "utf-8")
    return undo


def build(stage: Stage, name: str) -> None:
    stage.seconds([*profilec(), "build", "sources", "-o", name], stage.directory / name)


def profilec() -> list[str]:
    script = shutil.which("profilec", path=Path(sys.executable).parent)
    return [script] if script else [sys.executable, "-m", "profilec"]


def compare(stage: Stage, name: str, what: str, rounds: int, count: int) -> None:
    sides = ["old", name]
    commands = {
        "profilec diff": [*profilec(), "diff", *sides],
        "GNU diff -r": ["sh", "-c", f"diff -r old/profiles {name}/profiles; test $? -lt 2"],
        "floor": [sys.executable, "-c", FLOOR, *sides],
    }
    if count <= 10_000:
        commands["deepdiff"] = [sys.executable, "-c", DEEPDIFF, *sides]
    jobs = {}
    for label, command in commands.items():
        try:
            stage.seconds(command)
            jobs[label] = partial(stage.seconds, command)
        except CommandFailed as failure:
            print(f"{label}: {failure}")
    report(in_turns(jobs, rounds), what)


def report(times: Times, what: str) -> None:
    print(f"{what + ' edited':24}{'median':>12}{'/ profilec diff':>18}")
    for label, seconds in times.items():
        print(f"{label:24}{median(seconds) * 1e3:>9.0f} ms{ratio(times, label, 'profilec diff'):>18.2f}")


if __name__ == "__main__":
    main()
