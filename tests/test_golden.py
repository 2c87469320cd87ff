"""Golden cases: each file of golden/ holds sources, the findings they must have, and the artifacts wanted of them.

A case is prose and options (`secrets: forbid`), then blocks:

    === file NAME        a source; sources form the chain in the order written, unless `sources:` names them
    === chain            parts of what the build says of defaults, precedence and names, as JSON
    === artifact NAME    parts of an artifact, as JSON; `lineage` gives positions in `stack`

`#!` lists the findings of a line in the order reported: `rule` for an error, else `warning[rule]` or `note[rule]`, with
`:COLUMN` behind it where that matters. Behind a file's marker it means the file as a whole, above the first block none
at all, and alone on a file's last line the end of its text. Every finding must be listed, and every one that is listed
must be found. `pytest --update` rewrites the JSON, all of its parts where a block is empty, and never the findings. A
text with `hunter2` in it is a credential: no case may show it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import profilec
import pytest

CASES = sorted((Path(__file__).parent / "golden").glob("*.case"))
PARTS = ("stack", "settings", "extensions", "lineage", "requires")
OPTIONS = ("baseline", "newline", "rules", "secrets", "sources")
NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
EXPECTED = re.compile(r"[ \t]*#!(.*)")
END = re.compile(r"^#!.*\n\Z", re.MULTILINE)
CREDENTIAL = "hunter2"
WIDTH = 100

Finding = tuple[str, int, str]


@dataclass
class Case:
    options: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text("utf-8")
    case = parse(text)
    build, diagnostics = compiled(case, tmp_path)
    assert without_columns(found(diagnostics), case.findings) == case.findings
    assert build is not None or not case.wanted
    assert CREDENTIAL not in repr(diagnostics)
    assert build is None or (CREDENTIAL.encode() in b"".join(build.files.values())) == (
        case.options.get("secrets") == "embed"
    )
    results = {title: result(build, title, wanted) for title, wanted in case.wanted.items()} if build else {}
    if request.config.getoption("--update"):
        path.write_text(rewritten(text, results), "utf-8", newline="\n")
    else:
        assert json.dumps(results, indent=1, sort_keys=True) == json.dumps(case.wanted, indent=1, sort_keys=True)


def parse(text: str) -> Case:
    case = Case()
    for index, block in enumerate(re.split(r"^=== ", text, flags=re.MULTILINE)):
        title, _, body = block.partition("\n") if index else ("", "", block)
        kind, _, name = EXPECTED.sub("", title).partition(" ")
        if kind == "file":
            expect(case, name, title, 0)
            for number, line in enumerate(body.split("\n"), 1):
                expect(case, name, line, number)
            case.files[name] = EXPECTED.sub("", END.sub("", body))
        elif kind:
            assert kind in ("chain", "artifact"), f"there are no blocks `{kind}`"
            case.wanted[title] = json.loads(body or "{}")
        else:
            for line in body.split("\n"):
                expect(case, "", line, 0)
            case.options = dict(re.findall(rf"^({'|'.join(OPTIONS)}): (.*)$", body, re.MULTILINE))
    case.findings.sort(key=lambda finding: finding[:2])
    return case


def expect(case: Case, name: str, line: str, number: int) -> None:
    if match := EXPECTED.search(line):
        case.findings += [(name, number, label) for label in match[1].split()]


def compiled(case: Case, root: Path) -> tuple[profilec.Build | None, tuple[profilec.Diagnostic, ...]]:
    for name, text in case.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8", newline=NEWLINES[case.options.get("newline", "lf")])
    baseline = case.options.get("baseline")
    sources = case.options.get("sources", " ".join(name for name in case.files if name != baseline)).split()
    options: Any = {"secrets": case.options["secrets"]} if "secrets" in case.options else {}
    try:
        build = profilec.compile(
            [root / source for source in sources],
            root / baseline if baseline else None,
            root=root,
            severities=dict(rule.split("=") for rule in case.options.get("rules", "").split()),
            **options,
        )
    except profilec.CompileError as error:
        return None, error.diagnostics
    return build, build.diagnostics


def found(diagnostics: tuple[profilec.Diagnostic, ...]) -> list[Finding]:
    return [
        (
            each.file or "",
            each.line or 0,
            (each.rule if each.severity == "error" else f"{each.severity}[{each.rule}]") + f":{each.column}",
        )
        for each in diagnostics
    ]


def without_columns(findings: list[Finding], wanted: list[Finding]) -> list[Finding]:
    """The findings with a column only where the one wanted in its place has one."""
    checked = [":" in label for _, _, label in wanted] + [False] * len(findings)
    return [
        (name, line, label if has_column else label.partition(":")[0])
        for (name, line, label), has_column in zip(findings, checked, strict=False)
    ]


def result(build: profilec.Build, title: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The parts that a block asks for."""
    kind, _, name = title.partition(" ")
    parts = chain(build) if kind == "chain" else artifact(build.artifacts[name].document)
    return {key: parts[key] for key in wanted or (parts if kind == "chain" else PARTS)}


def chain(build: profilec.Build) -> dict[str, Any]:
    manifest = build.manifest
    return {
        "default": manifest["default"],
        "default_profiles": {slug: each["default_profile"] for slug, each in manifest["registries"].items()},
        "precedence": manifest["precedence"],
        "names": json.loads(build.files[manifest["names"]["file"]])["names"],
    }


def artifact(document: dict[str, Any]) -> dict[str, Any]:
    stack = document["lineage"]["stack"]
    return {
        **document,
        "stack": [each.get("baseline") or f"{each['registry_slug']}/{each['profile_slug']}" for each in stack],
        "settings": document["inference_settings"],
        "lineage": document["lineage"]["fields"],
    }


def rewritten(text: str, results: dict[str, dict[str, Any]]) -> str:
    parts = re.split(r"^(=== .*)\n", text, flags=re.MULTILINE)
    for index in range(1, len(parts), 2):
        if (title := parts[index].removeprefix("=== ")) in results:
            parts[index + 1] = layout(results[title]) + "\n"
        parts[index] += "\n"
    return "".join(parts)


def layout(value: Any, indent: str = "") -> str:
    """JSON with short values on one line."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if (len(indent + line) <= WIDTH and indent) or not value or not isinstance(value, dict | list):
        return line
    inner = indent + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + layout(each, inner) for each in value) + f"\n{indent}]"
    entries = (f"{inner}{json.dumps(key, ensure_ascii=False)}: {layout(each, inner)}" for key, each in value.items())
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
