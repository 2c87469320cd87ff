"""Count of profiles -> how long the compiler takes, beside the programs that do the same.

Prints ratios with the medians they come from. It judges nothing: no time makes it fail, only disagreeing results do.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import data
import peers
import phases
import watch
from agreement import first_difference, mean_size
from data import Profile
from peers import Contender
from timing import CommandFailed, Stage, Times, in_turns, ratio

import registries

ROWS = ("profilec", "jobs-1", "floor", "pkl", "rjsonnet")
REFERENCES = ("floor", "pkl")
START_UP_ROUNDS = 3  # Processes of a few milliseconds need more rounds than builds, and can afford them.


class NotMeasured(Exception):
    """Something that a section needs is not there; the text says what."""


@dataclass(frozen=True, slots=True)
class Bench:
    profiles: list[Profile]
    rounds: int
    stage: Stage
    contenders: dict[str, Contender]

    @property
    def sources(self) -> Path:
        return self.stage.directory / "sources"

    def out(self, name: str) -> Path:
        return self.stage.directory / "out" / name

    def run(self, name: str) -> float:
        return self.stage.seconds(self.contenders[name].command(self.out(name)), self.out(name))


def main() -> None:
    arguments = parse_arguments()
    memory = Path("/dev/shm")
    on_memory = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="engine-profiles-bench-", dir=memory if on_memory else None) as directory:
        bench = prepare(arguments, Path(directory))
        place = "a memory file system" if on_memory else "no memory file system found, so disk time is in every figure"
        python = f"Python {platform.python_version()} on {platform.system()}"
        print(f"{arguments.rounds} rounds, {os.cpu_count()} CPUs, {python}")
        print(f"files in {Path(directory).parent} ({place})")
        only = set(arguments.only or ("build", *SECTIONS))
        if rows := [name for name in ROWS if name in only or "build" in only]:
            cold_build(bench, rows)
        for name, section in SECTIONS.items():
            if name in only:
                attempt(name, section, bench)


def attempt(name: str, section: Callable[[Bench], None], bench: Bench) -> None:
    """A section that cannot be measured says why, and the others go on."""
    try:
        section(bench)
    except (NotMeasured, CommandFailed) as reason:
        print()
        row(name, f"  {reason}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--profiles", type=int, default=5000, metavar="N", help="how many to generate (5000)")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each is run (7)")
    names = ("build", *ROWS, *SECTIONS)
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="of " + ", ".join(names))
    arguments = parser.parse_args()
    if arguments.profiles < data.LEAST_COUNT or arguments.rounds < 1:
        parser.error(f"at least {data.LEAST_COUNT} profiles and 1 round")
    return arguments


def prepare(arguments: argparse.Namespace, work: Path) -> Bench:
    profiles = data.generate(arguments.profiles)
    sources = work / "sources"
    sources.mkdir()
    size = registries.write(profiles, sources)
    peers.write_translations(profiles, work)
    files = len(list(sources.iterdir()))
    print(f"{len(profiles)} profiles in {files} registry files, {size / len(profiles):.0f} bytes of YAML each")
    contenders = {each.name: each for each in peers.contenders(work, sources)}
    return Bench(profiles, arguments.rounds, Stage(work), contenders)


def cold_build(bench: Bench, rows: list[str]) -> None:
    troubles = first_runs(bench, rows)
    able = [name for name in rows if name not in troubles]
    agree(bench, able)
    times = in_turns({name: partial(bench.run, name) for name in able}, bench.rounds)
    head("cold build, whole process", "median", "a profile", *(f"/ {name}" for name in REFERENCES if name in times))
    for name in rows:
        label = bench.contenders[name].label
        if name in troubles:
            row(label, f"  {troubles[name]}")
        else:
            build_row(label, times, name, len(bench.profiles))


def first_runs(bench: Bench, rows: list[str]) -> dict[str, str]:
    """Everyone once, untimed, to warm the disk cache and have results to compare; what went wrong, by row."""
    troubles = {}
    for name in rows:
        if missing := bench.contenders[name].missing:
            troubles[name] = missing
            continue
        try:
            bench.run(name)
        except CommandFailed as failure:
            troubles[name] = f"failed, {failure}"
    return troubles


def agree(bench: Bench, rows: list[str]) -> None:
    results = {name: bench.contenders[name].read(bench.out(name)) for name in rows}
    if not results:
        return
    if difference := first_difference(results, {profile.name for profile in bench.profiles}):
        sys.exit(f"nothing was timed, since the results differ: {difference}")
    size = mean_size(next(iter(results.values())))
    print(f"the same {len(bench.profiles)} results, {size:.0f} bytes of JSON each: {', '.join(results)}")


def build_row(label: str, times: Times, name: str, count: int) -> None:
    seconds = median(times[name])
    ratios = [f"{ratio(times, name, other):.2f}" for other in REFERENCES if other in times]
    row(label, f"{seconds * 1e3:.1f} ms", f"{seconds / count * 1e6:.1f} us", *ratios)


def compiler_phases(bench: Bench) -> None:
    runs = [phases.phase_times(bench.sources) for _ in range(bench.rounds)]
    if not runs[0]:
        raise NotMeasured("the compiler gives no phase times")
    seconds = {name: median(run[name] for run in runs) for name in runs[0]}
    head("phases, inside one process", "median", "a profile", "share")
    for name, spent in [*seconds.items(), ("all", sum(seconds.values()))]:
        share = f"{spent / sum(seconds.values()):.0%}"
        row(name, f"{spent * 1e3:.1f} ms", f"{spent / len(bench.profiles) * 1e6:.1f} us", share)


def kinds(bench: Bench) -> None:
    """The same registries from other kinds of source. A database, and one program for all, lie in one file."""
    command, work = compiler(bench).command(bench.out("kinds")), bench.stage.directory
    profilec = command[: command.index("build")]
    places = {"yaml": bench.sources, "json": work / "json", "sqlite": work / "all.sqlite", "jsonnet": work / "jsonnet"}
    for kind in ("json", "sqlite"):
        subprocess.run(
            [*profilec, "convert", bench.sources, places[kind], "--to", kind], check=True, capture_output=True
        )
    places["jsonnet"].mkdir()
    for file in places["json"].iterdir():
        shutil.copy(file, places["jsonnet"] / f"{file.stem}.jsonnet")
    jobs = {
        kind: partial(
            bench.stage.seconds, [*profilec, "build", str(place), "-o", str(bench.out(kind))], bench.out(kind)
        )
        for kind, place in places.items()
    }
    times = in_turns(jobs, bench.rounds)
    head("cold build by kind of source", "median", "a profile", "/ yaml")
    for kind, seconds in times.items():
        middle = median(seconds)
        each = f"{middle / len(bench.profiles) * 1e6:.1f} us"
        row(kind, f"{middle * 1e3:.1f} ms", each, f"{ratio(times, kind, 'yaml'):.2f}")


def lineage(bench: Bench) -> None:
    out = bench.out("no-lineage")
    without = phases.without_lineage(compiler(bench).command(out))
    if without is None:
        raise NotMeasured("there is no way to build without it")
    jobs = {"with": partial(bench.run, "profilec"), "without": partial(bench.stage.seconds, without, out)}
    pair("lineage, cold build", jobs, bench.rounds)


def watching(bench: Bench) -> None:
    """From the write of a source to the new manifest, under a process that watches; beside a build from nothing."""
    command, work = compiler(bench).command(bench.out("profilec")), bench.stage.directory
    sources, out = work / "watched", work / "watched-out"
    shutil.copytree(bench.sources, sources)
    baseline = work / "baseline.yaml"
    baseline.write_text("client:\n  timeout_second: 10\n")
    start = [*command[: command.index("build")], "build", str(sources), "-o", str(out), "--baseline", str(baseline)]
    first, *_, last = sorted(sources.iterdir())
    edits = {
        "one leaf": (last, "temperature", -1),
        "a provider": (first, "user_id", 0),
        "the baseline": (baseline, "timeout_second", 0),
    }
    with watch.watched(start, bench.stage.environment(), out) as running:
        jobs: dict[str, Callable[[], float]] = {"cold build": partial(bench.run, "profilec")}
        for label, (file, field, at) in edits.items():
            texts = watch.edits(file, field, at)
            jobs[label] = lambda file=file, texts=texts: running.seconds(file, next(texts))  # type: ignore[misc]
        in_turns(jobs, 1)
        times = in_turns(jobs, bench.rounds)
    head("edit to manifest, watching", "median", "/ cold build")
    for name in jobs:
        row(name, f"{median(times[name]) * 1e3:.1f} ms", f"{ratio(times, name, 'cold build'):.3f}")


def version(bench: Bench) -> None:
    compiler(bench)
    script = shutil.which("profilec", path=Path(sys.executable).parent)
    command = [script] if script else [sys.executable, "-m", "profilec"]
    commands = {"profilec --version": [*command, "--version"], "import click": [sys.executable, "-c", "import click"]}
    start_up(bench, "version, whole process", commands)


def profile_in_hand(bench: Bench) -> None:
    compiler(bench)
    bench.run("profilec")
    build = bench.out("profilec")
    profile = bench.profiles[-1]
    artifact = next(build.glob(f"profiles/{profile.registry}/{profile.slug}@*.json"))
    load = f"import engineprofiles as ep; ep.open({str(build)!r}).get({profile.name!r})"
    stock = f"import json; json.load(open({str(artifact)!r}))"
    commands = {"open(DIR).get(NAME)": load, "json.load(open(FILE))": stock}
    python = [sys.executable, "-c"]
    start_up(bench, "profile in hand, whole process", {label: [*python, code] for label, code in commands.items()})


def profile_in_hand_in_node(bench: Bench) -> None:
    node = shutil.which("node")
    if node is None:
        raise NotMeasured("node is not here")
    compiler(bench)
    bench.run("profilec")
    build = bench.out("profilec")
    profile = bench.profiles[-1]
    artifact = next(build.glob(f"profiles/{profile.registry}/{profile.slug}@*.json"))
    index = Path(__file__).parents[1] / "runtime" / "js" / "src" / "index.js"
    load = f"import {{ open }} from {str(index)!r}; await (await open({str(build)!r})).get({profile.name!r})"
    stock = f"import {{ readFileSync }} from 'node:fs'; JSON.parse(readFileSync({str(artifact)!r}))"
    commands = {"open(DIR).get(NAME)": load, "JSON.parse(readFileSync(FILE))": stock}
    command = [node, "--input-type=module", "-e"]
    start_up(bench, "profile in hand in node", {label: [*command, code] for label, code in commands.items()})


def compiler(bench: Bench) -> Contender:
    contender = bench.contenders["profilec"]
    if contender.missing:
        raise NotMeasured(contender.missing)
    return contender


def start_up(bench: Bench, title: str, commands: dict[str, list[str]]) -> None:
    jobs = {label: partial(bench.stage.seconds, command) for label, command in commands.items()}
    pair(title, jobs, bench.rounds * START_UP_ROUNDS)


def pair(title: str, jobs: Mapping[str, Callable[[], float]], rounds: int) -> None:
    """Two jobs, the second being what the first is held against."""
    in_turns(jobs, 1)
    times = in_turns(jobs, rounds)
    _, reference = jobs
    head(title, "median", "ratio")
    for name in jobs:
        row(name, f"{median(times[name]) * 1e3:.1f} ms", f"{ratio(times, name, reference):.2f}")


def head(title: str, *columns: str) -> None:
    print()
    row(title, *columns)


def row(label: str, *columns: str) -> None:
    print(f"{label:<32}" + "".join(f"{column:>14}" for column in columns))


SECTIONS: dict[str, Callable[[Bench], None]] = {
    "phases": compiler_phases,
    "kinds": kinds,
    "lineage": lineage,
    "watch": watching,
    "version": version,
    "open": profile_in_hand,
    "open-js": profile_in_hand_in_node,
}

if __name__ == "__main__":
    main()
