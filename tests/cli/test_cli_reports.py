"""`build` and `check` in CI's formats: one document on stdout whatever happens, and files beside the log."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_run import TEAM, contents, environment, make_project, run

BROKEN = TEAM.replace("temperature", "temprature")
WARNED = "slug: x\nprofiles: {default: {inference_settings: {client: {timeout: 3}}}}\n"
DOCUMENTS = ("json", "gitlab", "sarif", "junit")


def findings(form: str, text: str) -> list[tuple[str, str]]:
    """Rule and file of each finding in a document, which is taken apart as a whole."""
    if form == "junit":
        (suite,) = ElementTree.fromstring(text)
        failures = ((each.get("name") or "", each.find("failure")) for each in suite)
        return [(failure.get("type") or "", name) for name, failure in failures if failure is not None]
    document = json.loads(text)
    if form == "json":
        return [(each["rule"], each["file"]) for each in document["diagnostics"]]
    if form == "gitlab":
        return [(each["check_name"], each["location"]["path"]) for each in document]
    return [
        (each["ruleId"], each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for each in document["runs"][0]["results"]
    ]


# What a report may not take the place of, whatever the configuration says of it.
OF_THE_COMMAND_LINE = [
    (["check", "other.json"], "other.json"),
    (["check", "other.json"], "link.json"),
    (["check", "other.json"], "soft.json"),
    (["check", "json:registries/10-provider.yaml,other.json"], "other.json"),
    (["check", "--policies", "rules.json"], "rules.json"),
    (["check", "--baseline", "other.json"], "other.json"),
    (["build", "-o", "out"], "out/report.json"),
    (["build"], "build/manifest.json"),
    (["check"], "build/not-there.xml"),
    (["check"], "profilec.toml"),
    (["check"], "pyproject.toml"),
]
OF_THE_PROJECT = [
    (["check"], "registries/20-team.yaml"),
    (["check"], "registries/new.json"),
    (["check", "other.json"], "registries/20-team.yaml"),
    (["check"], "policies/cost.json"),
    (["check"], "base.yaml"),
    (["-C", "registries", "check"], "20-team.yaml"),
]


@pytest.mark.parametrize(
    ("config", "arguments", "report"),
    [
        *(("", *each) for each in OF_THE_COMMAND_LINE + OF_THE_PROJECT),
        # A configuration that cannot be used is reported too.
        *(("odd = 1\n", *each) for each in OF_THE_COMMAND_LINE),
    ],
    ids=str,
)
def test_a_report_never_takes_the_place_of_what_is_the_projects(
    tmp_path: Path, config: str, arguments: list[str], report: str
) -> None:
    files = {"policies/cost.json": "{}", "rules.json": "{}", "base.yaml": "chat: {stream: true}\n", "other.json": "{}"}
    files["build/manifest.json"] = "{}"
    project = make_project(tmp_path, f'sources = ["registries"]\nbaseline = "base.yaml"\n{config}', **files)
    (project / "link.json").hardlink_to(project / "other.json")
    (project / "soft.json").symlink_to("other.json")
    before = contents(project)
    done = run(*arguments, "--report", f"json={report}", "--report", "junit=fine.xml", cwd=project)
    assert (done.code, "is the project's own" in done.err) == (2, True), done.err
    assert contents(project) == before


def test_a_report_beside_the_sources_is_written_again(tmp_path: Path) -> None:
    project = make_project(tmp_path, 'sources = ["."]\n')
    for _ in range(2):
        done = run("check", "--report", "junit=junit.xml", "--report", "text=registries/found.txt", cwd=project)
        assert done.code == 0, done.err
    assert run("check", "--report", "json=found.json", cwd=project).code == 2


@pytest.mark.parametrize("command", ["check", "build"])
def test_who_watches_gets_no_report_that_grows_old(tmp_path: Path, command: str) -> None:
    done = run(command, "--watch", "--report", "junit=x.xml", cwd=make_project(tmp_path), timeout=30)
    assert (done.code, "--watch and --report exclude each other" in done.err) == (2, True), done.err
    assert not (tmp_path / "x.xml").exists()


@pytest.mark.parametrize("form", DOCUMENTS)
@pytest.mark.parametrize(
    ("arguments", "code", "rules"),
    [
        (["check"], 0, []),
        (["build"], 0, []),
        (["check", "broken.yaml"], 1, ["unknown-field"]),
        (["build", "broken.yaml"], 1, ["unknown-field"]),
        (["build", "--check"], 1, ["stale-build"]),
        (["check", "missing.yaml"], 3, ["missing-source"]),
        (["build", "-o", "profilec.toml"], 3, ["unwritable-output"]),
        (["check", "--nonsense"], 2, ["usage"]),
        (["build", "-o", ""], 2, ["usage"]),
        (["check", "--report", "sarif=no/directory/here"], 3, ["unwritable-output"]),
        (["check", "broken.yaml", "--report", "sarif=no/directory/here"], 1, ["unknown-field", "unwritable-output"]),
    ],
    ids=str,
)
def test_it_is_one_document_on_stdout(
    tmp_path: Path, form: str, arguments: list[str], code: int, rules: list[str]
) -> None:
    project = make_project(tmp_path, **{"broken.yaml": BROKEN})
    done = run(*arguments, "--format", form, cwd=project)
    assert done.code == code
    assert sorted({rule for rule, _ in findings(form, done.out)}) == rules
    # The log says in a line how it went.
    assert form == "json" or done.err


def test_a_configuration_that_cannot_be_used_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "profilec.toml").write_text("surces = []\n")
    for form in DOCUMENTS:
        done = run("check", f"--format={form}", "--report", f"{form}=report", cwd=tmp_path)
        assert done.code == 2
        assert findings(form, done.out) == [("configuration", "profilec.toml")]
        assert (tmp_path / "report").read_text() == done.out


def test_annotations_are_on_stdout_and_the_summary_on_stderr(tmp_path: Path) -> None:
    project = make_project(tmp_path, **{"registries__30-x.yaml": WARNED})
    done = run("check", "--format", "github", cwd=project)
    (line,) = done.out.splitlines()
    assert line.startswith("::warning file=registries/30-x.yaml,line=2,col=")
    assert done.code == 0 and done.err == "compiled 4 profiles of 3 registries; 1 warning\n"


def test_findings_that_are_refused_fail_and_are_shown(tmp_path: Path) -> None:
    project = make_project(tmp_path, **{"registries__30-x.yaml": WARNED})
    for level, rules in (("warning", ["baseline-field"]), ("note", ["baseline-field"])):
        done = run("check", "--fail-on", level, "--format", "gitlab", cwd=project)
        assert done.code == 1 and [rule for rule, _ in findings("gitlab", done.out)] == rules
        junit = run("check", "--fail-on", level, "--format", "junit", cwd=project)
        assert [file for _, file in findings("junit", junit.out)] == ["registries/30-x.yaml"]
    assert findings("junit", run("check", "--format", "junit", cwd=project).out) == []
    (project / "registries" / "30-x.yaml").write_text("slug: x\nprofiles: {p: {}}\n")
    assert run("check", "--format", "gitlab", cwd=project).json == []
    for more in ("--fail-on", "note"), ("--verbose",):
        done = run("check", "--format", "gitlab", *more, cwd=project)
        assert [rule for rule, _ in findings("gitlab", done.out)] == ["default-by-order"]
        assert "--verbose" not in done.err


def test_reports_are_written_beside_what_people_see(tmp_path: Path) -> None:
    project = make_project(tmp_path, **{"broken.yaml": BROKEN})
    reports = [argument for form in DOCUMENTS for argument in ("--report", f"{form}={form}.out")]
    plain, done = run("check", "broken.yaml", cwd=project), run("check", "broken.yaml", *reports, cwd=project)
    assert (done.code, done.out, done.err) == (1, "", plain.err) and "unknown-field" in done.err
    for form in DOCUMENTS:
        assert (project / f"{form}.out").read_text() == run("check", "broken.yaml", "--format", form, cwd=project).out
    run("check", "broken.yaml", "--report", "text=log", cwd=project)
    assert (project / "log").read_text() == plain.err
    assert run("build", *reports, cwd=project).code == 0
    assert all(findings(form, (project / f"{form}.out").read_text()) == [] for form in DOCUMENTS)
    assert not list(project.glob(".tmp-*"))


@pytest.mark.parametrize(
    "wanted", ["sarif", "sarif=", "sarif= ", "sarif=-", "xml=x", "srif=x", "=x", "sarif=/dev/null", "sarif=registries"]
)
def test_a_report_that_names_no_file_is_misuse(tmp_path: Path, wanted: str) -> None:
    project = make_project(tmp_path)
    before = contents(project)
    done = run("check", "--report", wanted, cwd=project)
    assert (done.code, done.out) == (2, "") and "Invalid value for '--report'" in done.err
    assert contents(project) == before
    assert not Path("/dev/null").is_file()
    assert run("check", "--report", "sarif=x", "--report", "junit=./x", cwd=project).code == 2


def test_a_report_goes_through_a_link_to_its_file(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "real.json").write_text("old")
    (project / "link.json").symlink_to("real.json")
    assert run("check", "--report", "gitlab=link.json", cwd=project).code == 0
    assert (project / "link.json").is_symlink() and json.loads((project / "real.json").read_text()) == []


def test_files_are_named_as_the_repository_names_them(tmp_path: Path) -> None:
    project = make_project(tmp_path / "repository" / "config", **{"registries__30-x.yaml": WARNED})
    arguments = ("--format", "gitlab", "--fail-on", "warning")
    below = [("baseline-field", "config/registries/30-x.yaml")]
    assert findings("gitlab", run("check", *arguments, cwd=project).out) == [("baseline-field", "registries/30-x.yaml")]
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        variables = {name: str(tmp_path / "repository")}
        assert findings("gitlab", run("check", *arguments, cwd=project, **variables).out) == below
    (tmp_path / "repository" / ".git").mkdir()
    assert findings("gitlab", run("check", *arguments, cwd=project).out) == below
    # Named on the command line, from elsewhere.
    outside = run("check", "config/registries/30-x.yaml", *arguments, cwd=tmp_path / "repository")
    assert findings("gitlab", outside.out) == below


def test_a_row_of_a_database_is_shown_on_its_file(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "users.sqlite") as database:
        database.execute("CREATE TABLE profile_registries (slug TEXT PRIMARY KEY, payload_json TEXT NOT NULL)")
        payload = {"slug": "acme", "profiles": {"p": {"inference_settings": {"chat": {"temprature": 1}}}}}
        database.execute("INSERT INTO profile_registries VALUES ('acme', ?)", [json.dumps(payload)])
    database.close()
    (issue,) = json.loads(run("check", "users.sqlite", "--format", "gitlab", cwd=tmp_path).out)
    assert issue["location"]["path"] == "users.sqlite"
    assert "note: in the profile `p`; note: in `profile_registries/acme`" in issue["description"]


def test_no_format_shows_a_credential(tmp_path: Path) -> None:
    text = "slug: r\nprofiles:\n  p:\n    inference_settings:\n      api: {api_keys: {openai: k4n4ry}, ba: 1}\n"
    (tmp_path / "r.yaml").write_text(text)
    for form in (*DOCUMENTS, "github"):
        done = run("check", "r.yaml", "--format", form, "-v", cwd=tmp_path)
        assert done.code == 1 and done.out and "k4n4ry" not in done.out + done.err


@pytest.mark.skipif(os.name == "nt", reason="names of another kind")
def test_a_document_stands_whatever_the_encoding_of_stdout(tmp_path: Path) -> None:
    (tmp_path / "ключ\n::error::forged.yaml").write_text("slug: r\nprofiles: {p: {engine: 1}}\n")
    for form in (*DOCUMENTS, "github"):
        done = subprocess.run(
            [sys.executable, "-m", "profilec", "check", ".", "--format", form],
            cwd=tmp_path,
            env=environment(PYTHONUTF8="0", PYTHONIOENCODING="ascii"),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert not any(line.startswith(b"::error::") for line in done.stdout.splitlines())


@pytest.mark.parametrize("command", ["list", "show", "schema registry", "init"])
def test_a_command_with_another_product_has_no_such_format(tmp_path: Path, command: str) -> None:
    done = run(*command.split(), "--format", "sarif", cwd=make_project(tmp_path))
    assert done.code == 2
