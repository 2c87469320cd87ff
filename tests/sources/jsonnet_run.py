"""Programs in a directory, evaluated as the compiler does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from profilec.diagnostics import Diagnostic, Report
from profilec.sources.jsonnet import Inputs, Limits, Program, evaluate
from profilec.states import Text


class Evaluated(NamedTuple):
    values: list[Any]
    imports: list[Text]
    found: list[Diagnostic]

    @property
    def value(self) -> Any:
        """The one value, of a program without findings."""
        assert not self.found, self.found
        (value,) = self.values
        return value

    @property
    def finding(self) -> Diagnostic:
        (finding,) = self.found
        return finding


def run(directory: Path, *texts: str | bytes, inputs: Inputs | None = None, limits: Limits | None = None) -> Evaluated:
    """Evaluate texts as `registries/0.jsonnet`, `registries/1.jsonnet` and so on of a project."""
    tree = directory / "registries"
    tree.mkdir(exist_ok=True)
    programs = []
    for number, text in enumerate(texts):
        path = tree / f"{number}.jsonnet"
        data = text if isinstance(text, bytes) else text.encode()
        programs.append(Program(f"registries/{path.name}", data, path, tree))
    report = Report()
    values, imports = evaluate(programs, inputs or Inputs(), directory, report, limits)
    return Evaluated(values, imports, list(report))


def files(directory: Path, **text_by_name: str) -> None:
    """Libraries: `a__b` is written to `a/b.libsonnet`."""
    for name, text in text_by_name.items():
        path = directory / (name.replace("__", "/") + ".libsonnet")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
