"""profilec diff on git revisions: hostile trees, links, hooks, clones that lack something, what git says."""

from __future__ import annotations

import shutil
import sys
import tracemalloc
from pathlib import Path, PurePosixPath

import pytest
from cli_git import commit, git
from cli_run import PATHS, TEAM, contents, make_project, run
from profilec.diagnostics import CompileError
from profilec.review import revision
from profilec.review.extraction import Extraction
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


def test_a_link_through_a_link_shows_no_file_from_outside(project: Path) -> None:
    (project.parent / "outside.yaml").write_text(SECRET, "utf-8")
    inner = project / "registries/a/b"
    inner.mkdir(parents=True)
    # By its text it stays below; by where `s` leads it lies beside the directory that the revision is written into.
    (inner / "s").symlink_to("../../..")
    (inner / "t.yaml").symlink_to("s/../outside.yaml")
    commit(project)
    shutil.rmtree(project / "registries/a")
    done = run("diff", "HEAD", cwd=project, TMPDIR=str(project.parent))
    assert "local/default" not in done.out
    assert done.code == 3
    assert "is a link that leads out of the repository, which `HEAD` does not hold" in done.err


def test_a_name_that_is_a_link_and_a_directory_writes_nothing_outside(project: Path) -> None:
    def link(target: str) -> str:
        return blob(project, target)

    target = project.parent / "target"
    target.mkdir()
    inner = tree(project, ("120000", "s", link("../../..")), ("120000", "target", link("s")))
    top = tree(
        project,
        ("120000", "d", link("r/a/b/s/../target")),
        ("40000", "d", tree(project, ("100644", "x.txt", blob(project, SECRET)))),
        ("100644", "profilec.toml", blob(project, 'sources = ["d/x.txt"]\n')),
        ("120000", "pyproject.toml", link("d")),
        ("40000", "r", tree(project, ("40000", "a", tree(project, ("40000", "b", inner))))),
    )
    git(project, "branch", "hostile", git(project, "commit-tree", "-m", "a change", top).strip())
    # First the link is made, since `pyproject.toml` leads to it; then the file below the same name is written.
    done = run("diff", "hostile", cwd=project, TMPDIR=str(project.parent))
    assert contents(target) == {}
    assert (done.code, "`d` is not a path that a revision can have" in done.err) == (3, True)


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


def test_a_submodule_is_refused_and_not_passed_over(project: Path) -> None:
    provider = git(project, "rev-parse", "HEAD:registries/10-provider.yaml").strip()
    hostile(project, tree(project, ("100644", "10-provider.yaml", provider), ("160000", "more", "1" * 40)))
    done = run("diff", "hostile", cwd=project)
    message = "`registries/more` is a submodule, whose files `hostile` does not hold\n  --> hostile:registries/more\n"
    assert (done.code, message in done.err) == (3, True)


def test_what_lies_where_no_reader_looks_is_not_told(project: Path) -> None:
    """A link to nothing in a hidden directory, also where a program may import from there."""
    (project / "registries/.lib").mkdir()
    (project / "registries/.lib/gone.yaml").symlink_to("nowhere")
    (project / "registries/.lib/engine.libsonnet").write_text("'small'", "utf-8")
    program = "{slug: 'p', profiles: {default: {inference_settings: {chat: {engine: import '.lib/engine.libsonnet'}}}}}"
    (project / "registries/p.jsonnet").write_text(program, "utf-8")
    commit(project)
    done = run("diff", "HEAD", "--exit-code", cwd=project)
    assert (done.code, done.err) == (0, "")


def test_a_repository_of_longer_digests(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    git(project, "init", "-q", "-b", "main", "--object-format=sha256")
    commit(project)
    team(project, CHANGED)
    assert TEMPERATURE in run("diff", "HEAD", cwd=project).out


def test_a_path_through_a_link_to_the_repository_is_one_of_the_revision(project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project)
    done = run("diff", "HEAD", tmp_path / "link/registries", cwd=project)
    assert TEMPERATURE in done.out


def test_absolute_paths_of_the_command_line_are_those_of_the_revision(project: Path) -> None:
    done = run(
        "diff", "HEAD", f"yaml:{project}/registries/20-team.yaml", project / "registries/10-provider.yaml", cwd=project
    )
    assert TEMPERATURE in done.out


def test_a_hook_of_another_work_tree_compares_its_own_files(project: Path, tmp_path: Path) -> None:
    """Git gives a hook GIT_DIR without GIT_WORK_TREE, and then the current directory seems to be the top."""
    inner = make_project(project / "sub/models")
    commit(project)
    other = tmp_path / "other"
    git(project, "worktree", "add", "-q", "-b", "other", str(other))
    hook = project / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    command = f'"{sys.executable}" -m profilec diff --since HEAD'
    hook.write_text(f'#!/bin/sh\nenv > "{tmp_path}/env"\ncd sub/models && {command} > "{tmp_path}/out" 2>&1\n', "utf-8")
    hook.chmod(0o755)
    team(other / inner.relative_to(project), CHANGED)
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "a change", PYTHONPATH=PATHS, PYTHONUTF8="1")
    assert "\nGIT_DIR=" in (tmp_path / "env").read_text("utf-8")
    out = (tmp_path / "out").read_text("utf-8")
    assert out.startswith("HEAD -> the working tree: 2 of 3 profiles change in effect\n"), out
    assert TEMPERATURE in out


def test_what_a_hook_says_of_its_repository_is_not_followed(project: Path, tmp_path: Path) -> None:
    other = make_project(tmp_path / "other")
    team(other, CHANGED)
    commit(other)
    variables = {"GIT_DIR": f"{other}/.git", "GIT_INDEX_FILE": "index", "GIT_PREFIX": "x/", "GIT_NAMESPACE": "n"}
    done = run("diff", "HEAD", cwd=project / "registries", **variables)
    assert (done.code, TEMPERATURE in done.out) == (0, True)


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_what_a_partial_clone_lacks_is_told_and_not_fetched(project: Path, tmp_path: Path, kind: str) -> None:
    team(project, TEAM.replace("0.2", "0.25"))
    commit(project)
    bare, clone = tmp_path / "bare.git", tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--bare", str(project), str(bare))
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", f"--filter={kind}", f"file://{bare}", str(clone))
    before = contents(clone)
    done = run("diff", "HEAD~1", "HEAD", cwd=clone)
    lacks = "registries/20-team.yaml" if kind == "blob:none" else "/"
    assert f"error[unreadable-source]: `{lacks}` is of `HEAD~1`, and this clone does not have it\n" in done.err
    assert f"  --> HEAD~1:{lacks}\n" in done.err
    assert done.code == 3
    assert contents(clone) == before
    # What it has is enough for what is there.
    team(clone, TEAM)
    assert "chat.temperature 0.25 -> 0.2\n" in run("diff", "HEAD", cwd=clone).out


def test_a_partial_clone_without_a_directory_that_nobody_asks_for(project: Path, tmp_path: Path) -> None:
    (project / "docs").mkdir()
    (project / "docs/page.yaml").write_text("a page", "utf-8")
    commit(project)
    bare, clone = tmp_path / "bare.git", tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--bare", str(project), str(bare))
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{bare}", str(clone))
    git(clone, "sparse-checkout", "set", "registries")
    git(clone, "checkout", "-q", "main")
    team(clone, TEAM)
    assert "chat.temperature 0.3 -> 0.2\n" in run("diff", "HEAD", cwd=clone).out


def test_outside_of_a_repository(tmp_path: Path) -> None:
    make_project(tmp_path)
    done = run("diff", "HEAD", cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    message = "error[unknown-side]: `HEAD` is no file or directory, and there is no git repository here\n"
    assert (done.code, message in done.err) == (3, True)


def test_without_git(project: Path) -> None:
    done = run("diff", "HEAD", cwd=project, PATH="/nowhere")
    message = "error[unknown-side]: `HEAD` is no file or directory, and git is not installed\n"
    assert (done.code, message in done.err) == (3, True)


def test_where_git_does_not_trust_the_directory(project: Path) -> None:
    done = run("diff", "HEAD", cwd=project / "registries", GIT_TEST_ASSUME_DIFFERENT_OWNER="1", LC_ALL="de_DE.UTF-8")
    assert done.code == 3
    assert "and git does not trust this directory, which belongs to somebody else\n" in done.err
    assert f"help: if you do: `git config --global --add safe.directory {project}`\n" in done.err


def test_where_git_fails_in_another_way_its_reason_is_told(project: Path) -> None:
    (project / ".git/config").write_text("[core\n", "utf-8")
    done = run("diff", "HEAD", cwd=project)
    assert done.code == 3
    assert "git does not look for a revision: bad config line 1 in file .git/config\n" in done.err


def extract(directory: Path, into: Path, largest: int) -> None:
    found = revision.find("HEAD", directory)
    into.mkdir()
    with Store(found.top) as store:
        Extraction(found, store, into, largest).take([PurePosixPath("registries")])


def test_a_file_that_a_reader_would_refuse_is_refused(project: Path, tmp_path: Path) -> None:
    (project / "registries/large.yaml").write_bytes(b"#" * 100_001)
    (project / "registries/large.bin").write_bytes(b"#" * 200_000)
    commit(project)
    extract(project, tmp_path / "whole", 100_001)
    assert (tmp_path / "whole/registries/large.yaml").stat().st_size == 100_001
    assert not (tmp_path / "whole/registries/large.bin").exists()
    with pytest.raises(CompileError, match=r"`registries/large.yaml` is not a file of an ordinary kind and size"):
        extract(project, tmp_path / "none", 100_000)


def test_many_links_to_a_large_file_do_not_fill_the_disk(project: Path, tmp_path: Path) -> None:
    (project / "large.txt").write_bytes(b"#" * 100_000)
    for each in range(5):
        (project / f"registries/large-{each}.yaml").symlink_to("../large.txt")
    commit(project)
    with pytest.raises(CompileError, match="is beyond the 400,000 bytes that are read of `HEAD`"):
        extract(project, tmp_path / "none", 100_000)


def test_a_large_file_takes_no_memory(project: Path, tmp_path: Path) -> None:
    (project / "registries/large.yaml").write_bytes(b"#" * (64 << 20))
    commit(project)
    tracemalloc.start()
    try:
        extract(project, tmp_path / "whole", 1 << 30)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_thousands_of_files_are_no_argument_list(project: Path) -> None:
    entry = blob(project, "{}")
    inner = tree(project, *(("100644", f"{each:06}-{'x' * 40}.md", entry) for each in range(50_000)))
    team_entry, provider = blob(project, TEAM), git(project, "rev-parse", "HEAD:registries/10-provider.yaml").strip()
    files = (("100644", "10-provider.yaml", provider), ("100644", "20-team.yaml", team_entry), ("40000", "docs", inner))
    hostile(project, tree(project, *files))
    assert TEMPERATURE in run("diff", "hostile", cwd=project).out


def test_findings_name_files_as_git_does(tmp_path: Path) -> None:
    """From the repository's top, in notes as well."""
    inner = make_project(tmp_path / "sub", 'sources = ["registries", "../shared", "../gone.yaml"]\n')
    again = TEAM.replace("slug: team", "slug: more")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/a.yaml").write_text(again, "utf-8")
    (tmp_path / "shared/b.yaml").write_text(again, "utf-8")
    commit(tmp_path)
    done = run("diff", "HEAD", "--format", "json", cwd=inner)
    assert [(each["rule"], each["file"]) for each in done.json["diagnostics"]] == [
        ("missing-source", "HEAD:gone.yaml"),
    ]
    (inner / "profilec.toml").write_text('sources = ["registries", "../shared"]\n', "utf-8")
    commit(tmp_path)
    done = run("diff", "HEAD", "--format", "json", cwd=inner / "registries")
    (found,) = done.json["diagnostics"]
    assert (found["file"], [each["file"] for each in found["notes"]]) == ("HEAD:shared/b.yaml", ["HEAD:shared/a.yaml"])
    (inner / "registries/20-team.yaml").write_text(TEAM.replace("temperature", "temprature"), "utf-8")
    (tmp_path / "shared/b.yaml").unlink()
    commit(tmp_path)
    done = run("diff", "HEAD", cwd=inner)
    assert "  --> HEAD:sub/registries/20-team.yaml:7:14\n" in done.err
    (inner / "profilec.toml").write_text("surces = []\n", "utf-8")
    commit(tmp_path)
    (inner / "profilec.toml").write_text('sources = ["registries"]\n', "utf-8")
    assert "  --> HEAD:sub/profilec.toml\n" in run("diff", "HEAD", cwd=inner / "registries").err
