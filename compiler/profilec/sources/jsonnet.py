"""Jsonnet programs -> the values they evaluate to, and the files they import.

A program is evaluated by a child process that sees nothing of the machine (`jsonnet_child`) and is ended when it
passes a limit. Programs are evaluated many at a time, for the engine takes longer to start than most of them do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, NoReturn

from profilec.diagnostics import Diagnostic, Note, Report, Span
from profilec.sources import jsonnet_errors as errors
from profilec.sources.jsonnet_imports import LIBRARY, Imports, full_path
from profilec.sources.jsonnet_together import can_join, join
from profilec.sources.jsonnet_worker import Limits, Outcome, Unavailable, Worker
from profilec.states import Text
from profilec.syntax.decode import decode
from profilec.syntax.tree import MAX_DEPTH

__all__ = ["Inputs", "Limits", "Program", "evaluate"]

# How many programs at most: where one of them fails, the others are evaluated again.
_TOGETHER = 64
# Programs together are a shortcut: they may take this share of what one may, and are evaluated singly otherwise.
_SHARE_OF_TIME = 1 / 3


@dataclass(frozen=True, slots=True)
class Inputs:
    """What programs are handed: external variables and top-level arguments by name, and directories of libraries.

    A value may be a credential, so none is shown.
    """

    ext_str: Mapping[str, str] = field(default_factory=dict, repr=False)
    ext_code: Mapping[str, str] = field(default_factory=dict, repr=False)
    tla_str: Mapping[str, str] = field(default_factory=dict, repr=False)
    tla_code: Mapping[str, str] = field(default_factory=dict, repr=False)
    jpath: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its name in findings, its text, where it lies, and the tree it may import from.

    A text from memory has neither `path` nor `tree`; it imports from libraries alone.
    """

    name: str
    text: bytes = field(repr=False)
    path: Path | None
    tree: Path | None


def evaluate(
    programs: Sequence[Program],
    inputs: Inputs,
    root: Path,
    report: Report,
    limits: Limits | None = None,
    places: set[Path] | None = None,
) -> tuple[list[Any], list[Text]]:
    """The value of each program, None where there is a finding; and what was imported, in order of name.

    Numbers are as the engine prints them: whole ones as integers of any size. `places` takes every file that an import
    was looked for in.
    """
    limits = limits or Limits()
    groups = {
        "ext_vars": inputs.ext_str,
        "ext_codes": inputs.ext_code,
        "tla_vars": inputs.tla_str,
        "tla_codes": inputs.tla_code,
    }
    results: list[Any] = [None] * len(programs)
    if not programs or _are_cut(groups, report):
        return results, []
    imports = Imports(root, inputs.jpath, limits)
    texts = [*inputs.ext_str.values(), *inputs.tla_str.values()]
    codes = [*inputs.ext_code.values(), *inputs.tla_code.values()]
    try:
        with Worker(groups, limits) as worker:
            _Run(programs, results, imports, worker, limits, errors.secrets_in(texts, codes), report).evaluate()
    except Unavailable as error:
        report.error(
            "jsonnet-missing",
            str(error),
            Span(programs[0].name),
            hint='pip install "engine-profiles[compiler]"',
            environment=True,
        )
    if places is not None:
        places.update(imports.looked_at)
    return results, [Text(name, imports.served[name], "jsonnet") for name in sorted(imports.served)]


class _Whole(NamedTuple):
    """A program that can be read: its number, its name to the engine, its text."""

    number: int
    name: str
    text: str


@dataclass(slots=True)
class _Run:
    """One `evaluate`: what it evaluates, and with what."""

    programs: Sequence[Program]
    results: list[Any]
    imports: Imports
    worker: Worker
    limits: Limits
    secrets: Sequence[str]
    report: Report
    # What is shown of a program, and what is in it, by its name to the engine.
    names: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)

    def evaluate(self) -> None:
        """Evaluate all programs, those of one tree and directory together."""
        groups: dict[tuple[Path | None, Path, str], list[_Whole]] = {}
        for number, program in enumerate(self.programs):
            text = decode(Text(program.name, program.text, "jsonnet"), self.report)
            if text is not None:
                directory = full_path(program.path).parent if program.path else None
                name = self.imports.place(program.name, directory)
                self.names[name] = program.name
                self.texts[name] = text.encode()
                whole = _Whole(number, name, text)
                groups.setdefault((program.tree, _named(program), name.rpartition("/")[0]), []).append(whole)
        for (tree, named, _), group in groups.items():
            self.imports.confine(tree, named)
            alone = [each for each in group if not can_join(each.text)]
            others = [each for each in group if can_join(each.text)]
            for start in range(0, len(others), _TOGETHER):
                self._together(others[start : start + _TOGETHER])
            for each in alone:
                self._alone(each)

    def _together(self, group: Sequence[_Whole]) -> None:
        """Evaluate several programs at once; where they fail, the halves of them; where they take too much, each."""
        if len(group) == 1:
            self._alone(group[0])
            return
        directory, slash, _ = group[0].name.rpartition("/")
        outcome = self._ask(f"{directory}{slash}<together>", join([each.text for each in group]), _SHARE_OF_TIME)
        if outcome.kind == "error":
            middle = len(group) // 2
            self._together(group[:middle])
            self._together(group[middle:])
            return
        values: list[Any] = [[]] * len(group)
        with suppress(RecursionError, ValueError):
            values = _decoded(outcome.text) if outcome.kind == "result" else values
        for each, value in zip(group, values, strict=True):
            if value:
                self._keep(each.number, value[0])
            else:
                self._alone(each)

    def _alone(self, whole: _Whole) -> None:
        self.imports.refusal = None
        name = self.programs[whole.number].name
        outcome = self._ask(whole.name, whole.text, 1)
        if outcome.kind == "error":
            self.report.add(self._complaint(outcome.text, name))
        elif outcome.kind == "limit":
            self.report.add(_limit(outcome.text, name, self.limits))
        else:
            try:
                self._keep(whole.number, _decoded(outcome.text))
            except RecursionError:
                message = f"nested deeper than {MAX_DEPTH} levels"
                self.report.error("too-deep", message, Span(name), hint="flatten the value: no registry needs this")
            except ValueError:
                self.report.error("jsonnet-error", "the result is not JSON", Span(name))

    def _keep(self, number: int, value: Any) -> None:
        self.results[number] = value
        if value is None:
            hint = "a program evaluates to a registry, or to an array of them"
            span = Span(self.programs[number].name)
            self.report.error("not-a-registry", "the program evaluates to null", span, hint=hint)

    def _ask(self, name: str, text: str, share: float) -> Outcome:
        return self.worker.evaluate(name, text, self.limits.seconds * share, self.imports.find)

    def _complaint(self, text: str, name: str) -> Diagnostic:
        # A mistake in the use of the shipped library is found there, and made where it is called.
        imported = {file: data for file, data in self.imports.served.items() if not file.startswith(LIBRARY)}
        complaint = errors.read(text, imported | self.texts, self.names, self.secrets)
        refusal = self.imports.refusal
        if refusal and complaint.message.startswith("couldn't open import"):
            place = complaint.frames[0].span if complaint.frames else Span(name)
            remarks = [Note(refusal.note)] if refusal.note else []
            notes = (*remarks, *errors.notes(complaint))
            return Diagnostic("jsonnet-import", "error", refusal.message, place, notes, refusal.hint)
        return errors.diagnose(complaint, name)


def _are_cut(groups: Mapping[str, Mapping[str, str]], report: Report) -> bool:
    """Whether the engine would take less than it is handed: it ends every value where a NUL stands."""
    names = [name for values in groups.values() for name, value in values.items() if "\0" in name + value]
    for name in names:
        report.error("jsonnet-error", f"the value of `{name}` holds a NUL", hint="take it out of the value")
    return bool(names)


def _limit(passed: str, name: str, limits: Limits) -> Diagnostic:
    memory = f"{_size(limits.memory)} of memory"
    message, hint = {
        "time": (
            f"`{name}` is not done after {limits.seconds:g} s",
            "look for recursion without end; `+` is faster than `%`, and `std.mergePatch` is slow",
        ),
        "memory": (f"`{name}` needs more than {memory}", "make less of it in one program"),
        "output": (
            f"the result of `{name}` is larger than {_size(limits.output)}",
            "split it into several programs",
        ),
    }.get(
        passed,
        (
            f"the Jsonnet engine died of `{name}` ({passed}), as it does of more than {memory}",
            "look for recursion without end, and for texts and lists that grow",
        ),
    )
    return Diagnostic("jsonnet-limit", "error", message, Span(name), hint=hint)


def _size(count: int) -> str:
    return f"{count >> 20:,} MiB" if count >= 1 << 20 else f"{count:,} bytes"


def _named(program: Program) -> Path:
    """What names of files in the program's tree are relative to, as `files.display_name` wants it."""
    if program.path is None:
        return Path()
    full = full_path(program.path)
    parts = PurePosixPath(program.name).parts
    above = full.parents[min(len(parts), len(full.parents)) - 1]
    return above / "_" if above.joinpath(*parts) == full else full_path(program.tree or full)


def _decoded(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
