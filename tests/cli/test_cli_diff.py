"""profilec diff as people run it: sides of every kind, git revisions, exit codes, forms."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import jsonschema_rs
import pytest
from cli_git import commit, git
from cli_run import TEAM, contents, make_project, run
from profilec import schemas

CHANGED = TEAM.replace("temperature: 0.2", "temperature: 0.3")


def team(directory: Path, text: str) -> None:
    (directory / "registries/20-team.yaml").write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose working tree is one edit ahead of its last commit, and of its build."""
    make_project(tmp_path)
    (tmp_path / ".gitignore").write_text("build/\n", "utf-8")
    commit(tmp_path)
    assert run("build", cwd=tmp_path).code == 0
    team(tmp_path, CHANGED)
    return tmp_path


TEMPERATURE = "team/default chat.temperature 0.2 -> 0.3\n  --> registries/20-team.yaml:7:27\n"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ([], "build -> the working tree"),
        (["--since", "HEAD"], "HEAD -> the working tree"),
        (["HEAD"], "HEAD -> the working tree"),
        (["git:main"], "main -> the working tree"),
        (["HEAD", "registries"], "HEAD -> registries"),
        (["--since", "main", "registries"], "main -> registries"),
        (["build", "registries"], "build -> registries"),
        (
            ["HEAD", "registries/10-provider.yaml", "registries/20-team.yaml"],
            "HEAD -> registries/10-provider.yaml registries/20-team.yaml",
        ),
        (
            ["HEAD", "registries/10-provider.yaml,yaml:registries/20-team.yaml"],
            "HEAD -> registries/10-provider.yaml,yaml:registries/20-team.yaml",
        ),
    ],
    ids=str,
)
def test_sides_are_what_they_are_called(project: Path, words: list[str], title: str) -> None:
    done = run("diff", *words, cwd=project)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{title}: 2 of 3 profiles change in effect\n")
    assert TEMPERATURE in done.out
    assert "\x1b" not in done.out


def test_two_revisions_each_by_their_own_configuration(project: Path) -> None:
    (project / "registries").rename(project / "profiles")
    (project / "profilec.toml").write_text('sources = ["profiles"]\n', "utf-8")
    commit(project)
    done = run("diff", "main~1", "main", cwd=project)
    assert "team/default chat.temperature 0.2 -> 0.3\n  --> profiles/20-team.yaml:7:27\n" in done.out
    assert done.out.startswith("main~1 -> main: 2 of 3")


def test_no_checkout_is_touched(project: Path) -> None:
    # First, since it writes what it found of the files into the index.
    status = git(project, "status", "--porcelain")
    before = contents(project)
    run("diff", "HEAD", cwd=project)
    assert contents(project) == before
    assert git(project, "status", "--porcelain") == status


def test_from_a_directory_below_the_project(project: Path) -> None:
    done = run("diff", "--since", "HEAD", cwd=project / "registries")
    assert TEMPERATURE in done.out
    done = run("diff", "HEAD", "20-team.yaml", "10-provider.yaml", cwd=project / "registries")
    assert TEMPERATURE in done.out


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    inner = make_project(tmp_path / "models" / "here")
    git_top = tmp_path
    commit(git_top)
    team(inner, CHANGED)
    assert TEMPERATURE in run("diff", "HEAD", cwd=inner).out


def test_a_baseline_a_program_and_a_database_are_read_from_the_revision(tmp_path: Path) -> None:
    config = (
        'sources = ["registries", "more/users.sqlite", "sqlite-dsn:file:more/others.sqlite"]\n'
        'baseline = "base"\njpath = ["lib"]\n[ext-str]\nregion = "eu"\n'
    )
    make_project(tmp_path, config)
    (tmp_path / "base").write_text("client: {timeout: 30}\n", "utf-8")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/model.libsonnet").write_text('{name: "small"}', "utf-8")
    program = (
        "local model = import 'model.libsonnet'; local own = import 'own.txt.libsonnet';\n"
        'local engine = model.name + own + std.extVar("region");\n'
        '{slug: "p", profiles: {default: {inference_settings: {chat: {engine: engine}}}}}'
    )
    (tmp_path / "registries/30-program.jsonnet").write_text(program, "utf-8")
    (tmp_path / "registries/own.txt.libsonnet").write_text("'-'", "utf-8")
    (tmp_path / "more").mkdir()
    for slug in ("users", "others"):
        database(tmp_path / f"more/{slug}.sqlite", slug, "a")
    commit(tmp_path)
    (tmp_path / "base").write_text("client: {timeout: 60}\n", "utf-8")
    (tmp_path / "lib/model.libsonnet").write_text('{name: "large"}', "utf-8")
    for slug in ("users", "others"):
        (tmp_path / f"more/{slug}.sqlite").unlink()
        database(tmp_path / f"more/{slug}.sqlite", slug, "b")
    done = run("diff", "HEAD", "--format", "json", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    edits = {(each["layer"], each["field"], each.get("old"), each.get("new")) for each in done.json["causes"]}
    assert edits == {
        ("base", "client.timeout", 30, 60),
        ("p/default", "chat.engine", "small-eu", "large-eu"),
        ("users/default", "chat.engine", "a", "b"),
        ("others/default", "chat.engine", "a", "b"),
    }


def database(path: Path, slug: str, engine: str) -> None:
    profile = {"slug": "default", "inference_settings": {"chat": {"engine": engine}}}
    payload = {"slug": slug, "profiles": {"default": profile}}
    with sqlite3.connect(path) as connection:
        columns = "slug TEXT PRIMARY KEY, payload_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL DEFAULT 0"
        connection.execute(f"CREATE TABLE profile_registries({columns})")
        connection.execute("INSERT INTO profile_registries VALUES (?, ?, 0)", (slug, json.dumps(payload)))
    connection.close()


def test_links_within_the_repository_are_followed_in_the_revision(project: Path) -> None:
    team(project, TEAM)
    (project / "shared").mkdir()
    (project / "registries/20-team.yaml").rename(project / "shared/team.yaml")
    (project / "registries/20-team.yaml").symlink_to("../shared/team.yaml")
    commit(project)
    (project / "shared/team.yaml").write_text(CHANGED, "utf-8")
    assert TEMPERATURE in run("diff", "HEAD", cwd=project).out


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../etc/hostname"])
def test_a_link_out_of_the_repository_is_refused(project: Path, target: str) -> None:
    (project / "registries/30-more.yaml").symlink_to(target)
    commit(project)
    (project / "registries/30-more.yaml").unlink()
    done = run("diff", "HEAD", cwd=project)
    assert done.code == 3
    assert (
        "`registries/30-more.yaml` is a link that leads out of the repository, which `HEAD` does not hold" in done.err
    )


def test_a_file_that_is_kept_elsewhere_is_refused(project: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
    (project / "registries/30-more.sqlite").write_text(pointer, "utf-8")
    commit(project)
    (project / "registries/30-more.sqlite").unlink()
    done = run("diff", "HEAD", cwd=project)
    assert (done.code, "is kept outside of git" in done.err) == (3, True)


def test_a_revision_that_does_not_compile_says_where(project: Path) -> None:
    team(project, TEAM.replace("temperature", "temprature"))
    commit(project)
    team(project, TEAM)
    done = run("diff", "HEAD", cwd=project)
    assert done.code == 1
    assert (
        "error[unknown-field]: `temprature` is not a field of `chat`\n  --> HEAD:registries/20-team.yaml:7:14\n"
        in done.err
    )
    assert done.out == ""


def test_a_working_tree_that_does_not_compile_says_where(project: Path) -> None:
    team(project, TEAM.replace("temperature", "temprature"))
    done = run("diff", "HEAD", "--format", "json", "--exit-code", cwd=project)
    assert (done.code, done.rules) == (1, ["unknown-field"])


def test_a_revision_whose_configuration_cannot_be_used(project: Path) -> None:
    (project / "profilec.toml").write_text('surces = ["registries"]\n', "utf-8")
    commit(project)
    (project / "profilec.toml").write_text('sources = ["registries"]\n', "utf-8")
    done = run("diff", "HEAD", cwd=project)
    assert done.code == 1
    assert "  --> HEAD:profilec.toml" in done.err and "did you mean `sources`?" in done.err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["mian"], "`mian` is no file or directory, and no revision of a git repository here", "did you mean `main`?"),
        (["--since", "--help"], "`--help` is no file", "name a build, registries, an exported tree, or a git revision"),
        (["origin/feature"], "`origin/feature` is no", "fetch it first: `git fetch --depth=1 origin feature`"),
        (["no-build", "registries"], "`no-build` is no", "did you mean `build`?"),
        (["mian..."], "`mian...` is no", "did you mean `main`?"),
        (
            ["--since", "origin/feature..."],
            "`origin/feature...` is no",
            "fetch it first: `git fetch --depth=1 origin fea",
        ),
        (["main..HEAD"], "`main..HEAD` is no", "name both: `profilec diff main HEAD`"),
        (["--since", "main.."], "`main..` is no", "name both: `profilec diff main HEAD`"),
        (["HEAD...main"], "`HEAD...main` is no", "name both: `profilec diff $(git merge-base HEAD main) main`"),
        (["..."], "`...` is no", "name a build, registries"),
        (["--since", "--all..."], "`--all...` is no", "name a build, registries"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_side_that_is_nothing(project: Path, words: list[str], message: str, hint: str) -> None:
    done = run("diff", *words, cwd=project)
    assert done.code == 3
    assert f"error[unknown-side]: {message}" in done.err
    assert f"help: {hint}" in done.err


def test_where_a_branch_parted_is_what_its_changes_are_compared_with(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "branch")
    commit(project)
    git(project, "checkout", "-q", "main")
    provider = project / "registries/10-provider.yaml"
    provider.write_text(provider.read_text("utf-8").replace("gpt-4o-mini", "gpt-5"), "utf-8")
    commit(project)
    git(project, "checkout", "-q", "branch")
    for words in (
        ["--since", "main..."],
        ["main..."],
        ["git:main...HEAD"],
        ["main...", "HEAD"],
        ["main...", "registries"],
    ):
        done = run("diff", *words, cwd=project)
        assert (done.code, TEMPERATURE in done.out, "gpt-5" in done.out) == (0, True, False), done.err
    assert done.out.startswith("main... -> registries: 2 of 3")
    # What main did since then is no change of the branch.
    assert "gpt-5" in run("diff", "--since", "main", cwd=project).out


def test_a_broken_merge_base_names_files_as_git_does(project: Path) -> None:
    team(project, "slug: [")
    commit(project)
    team(project, TEAM)
    done = run("diff", "--since", "main...", cwd=project)
    place = f"{git(project, 'rev-parse', 'main')[:12]}:registries/20-team.yaml"
    assert (done.code, f"  --> {place}:" in done.err) == (1, True), done.err
    assert git(project, "show", place) == "slug: ["


def test_branches_that_have_nothing_in_common(project: Path) -> None:
    git(project, "checkout", "-q", "--orphan", "other")
    commit(project)
    done = run("diff", "--since", "main...", cwd=project)
    assert (done.code, "`main` and HEAD have no commit in common here" in done.err) == (3, True), done.err


@pytest.mark.parametrize("words", [["main", "HEAD", "registries"], ["main", "registries", "git:HEAD"]], ids=str)
def test_two_revisions_take_no_paths(project: Path, words: list[str]) -> None:
    done = run("diff", *words, cwd=project)
    assert (done.code, "two revisions take no paths" in done.err) == (2, True), done.err
    assert run("diff", "--since", *words, cwd=project).code == 2


def test_a_revision_before_there_was_a_project(tmp_path: Path) -> None:
    commit(tmp_path)
    make_project(tmp_path)
    done = run("diff", "--since", "main", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[unknown-side]: the revision `main` has no engine profiles here: no configuration")
    done = run("diff", "main", "registries", "--format", "json", cwd=tmp_path)
    assert (done.code, done.rules) == (3, ["unknown-side"])
    assert done.json["diagnostics"][0]["message"] == "the revision `main` has no `registries`"


def test_a_path_is_never_taken_for_a_revision(project: Path) -> None:
    git(project, "branch", "build")
    assert run("diff", "build", cwd=project).out.startswith("build -> the working tree: 2 of 3")
    done = run("diff", "git:build", "--format", "json", cwd=project)
    assert done.json["old"]["kind"] == "revision"


def test_exported_trees(project: Path) -> None:
    team(project, TEAM)
    for name, text in (("was", TEAM), ("now", CHANGED)):
        team(project, text)
        assert run("build", cwd=project).code == 0
        assert run("export", name, cwd=project).code == 0
    done = run("diff", "was", "now", cwd=project)
    assert "team/default chat.temperature 0.2 -> 0.3\n" in done.out
    assert "2 of 3 profiles change in effect" in done.out
    (project / "now/team/default.json").write_text("{}", "utf-8")
    done = run("diff", "was", "now", cwd=project)
    assert (done.code, "error[damaged-build]" in done.err) == (1, True)


def test_exit_codes(project: Path) -> None:
    assert run("diff", "HEAD", cwd=project).code == 0
    assert run("diff", "HEAD", "--exit-code", cwd=project).code == 2
    assert run("diff", "HEAD", "--exit-code", "--fail-on", "error,price-up", cwd=project).code == 2
    done = run("diff", "HEAD", "--exit-code", "--fail-on", "note", cwd=project)
    assert (done.code, done.err) == (1, "refused by --fail-on: setting-changed (2)\n")
    assert run("diff", "HEAD", "--fail-on", "setting-changed", cwd=project).code == 1
    team(project, TEAM + "# a comment\n")
    assert run("diff", "HEAD", "--exit-code", "--fail-on", "note", cwd=project).code == 0
    done = run("diff", "--fail-on", "price-upp", cwd=project)
    assert (done.code, "did you mean `price-up`" in done.err) == (2, True)


def test_the_document_is_what_its_schema_says(project: Path) -> None:
    done = run("diff", "HEAD", "--format", "json", cwd=project)
    validator = jsonschema_rs.Draft202012Validator(schemas.load("diff"), offline=True)
    assert list(validator.iter_errors(done.json)) == []
    assert done.json["summary"]["kinds"] == {"setting-changed": 2}
    assert json.loads(run("schema", "diff", cwd=project).out) == schemas.load("diff")


def test_markdown(project: Path) -> None:
    done = run("diff", "HEAD", "--format", "markdown", cwd=project)
    assert (
        "- 🔵 **note** `team/default` `chat.temperature` `0.2` → `0.3` — `registries/20-team.yaml:7:27`\n" in done.out
    )


def test_colour(project: Path) -> None:
    done = run("diff", "HEAD", "--color", "always", cwd=project)
    assert "\x1b[34m\x1b[1mnote\x1b[0m: \x1b[36mteam/default\x1b[0m" in done.out


def test_embedded_credentials_show_as_changed_and_never_their_value(tmp_path: Path) -> None:
    make_project(tmp_path)
    provider = tmp_path / "registries/10-provider.yaml"
    text = provider.read_text("utf-8")
    for name, literal in (("was", "k4n4ry-one"), ("now", "k4n4ry-two")):
        provider.write_text(text.replace("${env:OPENAI_API_KEY}", literal), "utf-8")
        assert run("build", "--secrets", "embed", "-o", name, cwd=tmp_path).code == 0
    for form in ("text", "json", "markdown"):
        done = run("diff", "was", "now", "--format", form, "-v", cwd=tmp_path)
        assert done.code == 0
        assert "k4n4ry" not in done.out + done.err
        assert "its value changes" in done.out
    run("build", "-o", "reference", cwd=tmp_path)
    done = run("diff", "reference", "now", "--format", "json", cwd=tmp_path)
    assert {"credential-written-out", "secrets-mode"} <= done.json["summary"]["kinds"].keys()
    assert "k4n4ry" not in done.out + done.err


def test_html_is_a_report_on_the_new_side(project: Path) -> None:
    done = run("diff", "HEAD", "--format", "html", cwd=project)
    assert done.code == 0
    assert done.out.startswith("<!doctype html>") and '"opens":"#changes"' in done.out
    run("export", "was", cwd=project)
    run("build", cwd=project)
    run("export", "now", cwd=project)
    done = run("diff", "was", "now", "--format", "html", cwd=project)
    assert (done.code, '"chat.temperature"' in done.out) == (0, True)
