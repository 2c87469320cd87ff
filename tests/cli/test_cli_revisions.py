"""profilec diff on git revisions: hostile trees, links, hooks, clones that lack something, what git says."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest
from cli_git import commit, git
from cli_run import TEAM, contents, make_project, run
from profilec.review import revision
from profilec.review.store import Store
from profilec.review.tree import Tree

CHANGED = TEAM.replace("temperature: 0.2", "temperature: 0.3")
TEMPERATURE = "team/default chat.temperature 0.2 -> 0.3\n"


def team(directory: Path, text: str) -> None:
    (directory / "registries/20-team.yaml").write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose working tree is one edit ahead of its last commit."""
    directory = make_project(tmp_path / "project")
    commit(directory)
    team(directory, CHANGED)
    return directory


def tree(directory: Path, *entries: tuple[str, str, str]) -> str:
    """A tree that git itself would not write: names may repeat, and be anything."""
    data = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(digest) for mode, name, digest in entries)
    return git(directory, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=data).strip()


def blob(directory: Path, content: str) -> str:
    return git(directory, "hash-object", "-w", "--stdin", stdin=content.encode()).strip()


def hostile(directory: Path, registries: str) -> None:
    """The branch `hostile`: the project with another directory of registries."""
    top = tree(
        directory,
        ("100644", "profilec.toml", blob(directory, 'sources = ["registries"]\n')),
        ("40000", "registries", registries),
    )
    git(directory, "branch", "hostile", git(directory, "commit-tree", "-m", "a change", top).strip())


SECRET = "slug: local\nprofiles: {default: {inference_settings: {chat: {engine: from-outside}}}}\n"


@pytest.mark.parametrize("up", [4, 5, 6])
def test_a_link_through_a_link_shows_no_file_from_outside(project: Path, up: int) -> None:
    (project.parent / "outside.yaml").write_text(SECRET, "utf-8")
    inner = project / "registries/a/b"
    inner.mkdir(parents=True)
    (inner / "s").symlink_to("../../..")
    (inner / "t.yaml").symlink_to(f"s{'/..' * (up - 3)}/{project.parent.relative_to('/')}/outside.yaml")
    commit(project)
    shutil.rmtree(project / "registries/a")
    done = run("diff", "HEAD", cwd=project, TMPDIR=str(project.parent))
    assert "from-outside" not in done.out
    assert done.code == 3
    assert "is a link that leads out of the repository, which `HEAD` does not hold" in done.err


def test_a_name_that_is_a_link_and_a_directory_writes_nothing_outside(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    inner = tree(project, ("100644", "x.yaml", blob(project, SECRET)))
    hostile(project, tree(project, ("120000", "d", blob(project, str(target))), ("40000", "d", inner)))
    done = run("diff", "hostile", cwd=project)
    assert contents(target) == {}
    assert (done.code, "`registries/d` is not a path that a revision can have" in done.err) == (3, True)


@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT", "", "a/../../../x.yaml", "/x.yaml"])
def test_a_name_that_no_file_has_is_refused(project: Path, name: str) -> None:
    hostile(project, tree(project, ("100644", name, blob(project, SECRET))))
    done = run("diff", "hostile", cwd=project)
    assert (done.code, "is not a path that a revision can have" in done.err) == (3, True)


def test_names_that_differ_in_case_are_refused_where_one_is_a_file(project: Path) -> None:
    inner = tree(project, ("100644", "x.yaml", blob(project, SECRET)))
    hostile(project, tree(project, ("40000", "A.yaml", inner), ("100644", "a.yaml", blob(project, SECRET))))
    done = run("diff", "hostile", cwd=project)
    assert (done.code, "`registries/A.yaml/x.yaml` is below a path that is a file" in done.err) == (3, True)


def test_a_tree_that_is_none_is_refused(project: Path) -> None:
    broken = git(project, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=b"100644 x.yaml").strip()
    hostile(project, broken)
    done = run("diff", "hostile", cwd=project)
    assert (done.code, "`registries` is no directory that git would write" in done.err) == (3, True)


def test_a_tree_that_unfolds_for_ever_is_refused(project: Path) -> None:
    inner = tree(project, ("100644", "x.yaml", blob(project, SECRET)))
    for _ in range(12):
        inner = tree(project, *(("40000", f"d{each}", inner) for each in range(10)))
    hostile(project, inner)
    done = run("diff", "hostile", cwd=project)
    assert (done.code, "is beyond the 1,000,000 files and links" in done.err) == (3, True)


def test_links_are_followed_as_in_a_checkout(project: Path) -> None:
    """To files, directories, through one another, in circles: the revision is what the working tree is."""
    team(project, TEAM)
    shared = project / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / "deep/more.yaml").write_text(SECRET, "utf-8")
    (shared / "way").symlink_to("deep")
    (shared / "round").symlink_to("../registries")
    (shared / "gone").symlink_to("nowhere")
    (project / "registries/linked").symlink_to("../shared")
    (project / "registries/twice").symlink_to("linked/way/../way")
    (project / "registries/self").symlink_to(".")
    (project / "registries/20-team.yaml").rename(shared / "deep/team.txt")
    (project / "registries/20-team.yaml").symlink_to("linked/way/team.txt")
    commit(project)
    assert run("diff", "HEAD", "--exit-code", cwd=project).code == 0
    (shared / "deep/team.txt").write_text(CHANGED, "utf-8")
    done = run("diff", "HEAD", cwd=project)
    assert done.err == ""
    assert TEMPERATURE in done.out


def test_a_directory_that_is_linked_twice_is_there_for_programs(project: Path) -> None:
    for path in ("registries/lib", "registries/a"):
        (project / path).mkdir()
    (project / "registries/lib/engine.libsonnet").write_text("'small'", "utf-8")
    (project / "registries/lib/own.yaml").write_text(SECRET, "utf-8")
    (project / "registries/a/lib").symlink_to("../lib")
    program = "{slug: 'p', profiles: {default: {inference_settings: {chat: {engine: import 'lib/engine.libsonnet'}}}}}"
    (project / "registries/a/p.jsonnet").write_text(program, "utf-8")
    commit(project)
    done = run("diff", "HEAD", "--exit-code", cwd=project)
    assert (done.code, done.err) == (0, "")


def test_a_database_behind_a_link_is_read_with_its_journal(project: Path) -> None:
    (project / "data").mkdir()
    (project / "data/u.db-wal").write_text("", "utf-8")
    (project / "data/u.db").write_text("", "utf-8")
    (project / "registries/u.db").symlink_to("../data/u.db")
    commit(project)
    found = revision.find("HEAD", project)
    with Store(found.top) as store:
        files = Tree(found, store).files([PurePosixPath("registries")], (".jsonnet",))
    assert {"registries/u.db", "registries/u.db-wal"} <= files.keys()


@pytest.mark.parametrize("target", ["nothing.yaml", "30-more.yaml", "20-team.yaml/x"])
def test_a_link_to_nothing_is_told_as_in_a_checkout(project: Path, target: str) -> None:
    (project / "registries/30-more.yaml").symlink_to(target)
    commit(project)
    (project / "registries/30-more.yaml").unlink()
    done = run("diff", "HEAD", cwd=project)
    assert done.code == 3
    assert "error[missing-source]: `registries/30-more.yaml` is a link to nothing\n" in done.err
    assert "  --> HEAD:registries/30-more.yaml\n" in done.err


def test_a_configuration_behind_a_link_is_read_once(project: Path) -> None:
    (project / "conf").mkdir()
    (project / "conf/p.toml").write_text('sources = ["."]\n', "utf-8")
    (project / "profilec.toml").unlink()
    (project / "profilec.toml").symlink_to("conf/p.toml")
    commit(project)
    done = run("diff", "HEAD", cwd=project)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("config", ['sources = ["{}"]', 'sources = ["registries"]\nbaseline = "{}"', 'jpath = ["{}"]'])
@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_configuration_of_a_revision_names_nothing_outside(project: Path, config: str, is_absolute: bool) -> None:
    (project.parent / "outside.yaml").write_text(SECRET, "utf-8")
    path = str(project.parent / "outside.yaml") if is_absolute else "../outside.yaml"
    (project / "profilec.toml").write_text(config.format(path) + "\n", "utf-8")
    commit(project)
    (project / "profilec.toml").write_text('sources = ["registries"]\n', "utf-8")
    # The directory that the revision is written into lies beside that file.
    done = run("diff", "HEAD", cwd=project, TMPDIR=str(project.parent))
    assert "from-outside" not in done.out
    assert done.code == 3
    assert f"`{path}` is outside of the repository, and `HEAD` does not hold it\n  --> HEAD:profilec.toml\n" in done.err


def test_absolute_paths_of_the_command_line_are_those_of_the_revision(project: Path) -> None:
    done = run(
        "diff", "HEAD", f"yaml:{project}/registries/20-team.yaml", project / "registries/10-provider.yaml", cwd=project
    )
    assert TEMPERATURE in done.out
