"""What a write changes in a build directory, what it leaves alone, and what it collects."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import engineprofiles
import profilec
import pytest
from build_projects import compile_version, contents, identities, run, text

HOUR = 3600
Change = Callable[[dict[str, Any]], object]


def age(path: Path, seconds: float) -> None:
    """As if the file had lain there for so long."""
    then = time.time() - seconds
    os.utime(path, (then, then))


# Unchanged files are untouched


def test_a_second_build_touches_nothing(tmp_path: Path) -> None:
    first = profilec.write(compile_version(), tmp_path)
    before = identities(tmp_path)
    second = profilec.write(compile_version(), tmp_path)
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.created, second.unchanged) == (0, first.created)
    after = identities(tmp_path)
    assert {path: each for path, each in after.items() if not path.startswith("history/")} == {
        path: each for path, each in before.items() if not path.startswith("history/")
    }
    assert contents(tmp_path).keys() == before.keys() | {".lock"}


def test_one_changed_profile_writes_one_artifact(tmp_path: Path) -> None:
    profilec.write(compile_version(), tmp_path)
    before = identities(tmp_path)
    changed = profilec.Text("r.yaml", text().replace("temperature: 0.7", "temperature: 0.75"))
    profilec.write(profilec.compile(changed), tmp_path)
    after = identities(tmp_path)
    assert {path: after[path] for path in before if path != "manifest.json"} == {
        path: each for path, each in before.items() if path != "manifest.json"
    }
    new = sorted(path.partition("@")[0] for path in after.keys() - before.keys() if not path.startswith("history/"))
    assert new == ["profiles/r/p7", "registries/r", "sources/r"]


def test_a_comment_changes_the_manifest_and_the_source_map_alone(tmp_path: Path) -> None:
    one = compile_version(comment="one")
    other = profilec.compile(profilec.Text("r.yaml", "# two\n\n" + text(comment="two")))
    assert one.manifest["build"] == other.manifest["build"]
    assert one.artifacts == other.artifacts
    profilec.write(one, tmp_path)
    before = identities(tmp_path)
    profilec.write(other, tmp_path)
    after = identities(tmp_path)
    assert {path for path in before if after[path] != before[path]} == {"manifest.json"}
    new = {path.partition("@")[0] for path in after.keys() - before.keys() if not path.startswith("history/")}
    assert new == {"sources/r"}


def test_a_comment_that_moves_no_line_changes_the_manifest_alone(tmp_path: Path) -> None:
    one, other = compile_version(comment="one"), compile_version(comment="two")
    assert {path for path in one.files if one.files[path] != other.files.get(path)} == {"manifest.json"}


@pytest.mark.parametrize("change", ["cut", "longer", "other", "empty", "gone"])
@pytest.mark.parametrize("folder", ["profiles/r", "registries", "sources", ""])
def test_a_damaged_file_is_mended(tmp_path: Path, folder: str, change: str) -> None:
    build = compile_version()
    profilec.write(build, tmp_path)
    path = next(each for each in sorted((tmp_path / folder).iterdir()) if "@" in each.name)
    data = path.read_bytes()
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": data[:-5], "longer": data + b" ", "other": data[:-5] + b"xxxxx", "empty": b""}[change])
    written = profilec.write(build, tmp_path)
    assert written.created == 1
    assert path.read_bytes() == data
    assert {name: each.document for name, each in engineprofiles_of(tmp_path).items()} == {
        name: each.document for name, each in build.artifacts.items()
    }


@pytest.mark.parametrize("data", [b"", b"{", b"null", b'{"format": "engine-profiles/9"}', b"\xff"])
def test_a_damaged_manifest_is_mended(tmp_path: Path, data: bytes) -> None:
    build = compile_version()
    profilec.write(build, tmp_path)
    (tmp_path / "manifest.json").write_bytes(data)
    profilec.write(build, tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == build.files["manifest.json"]


@pytest.mark.parametrize("what", ["hard link", "read-only"])
def test_mending_changes_no_other_file(tmp_path: Path, what: str) -> None:
    """A deployment may have linked the files of a build; a file is replaced, never written into."""
    build = compile_version()
    profilec.write(build, tmp_path / "build")
    path = next((tmp_path / "build" / "profiles" / "r").iterdir())
    damaged = path.read_bytes()[:-1]
    path.write_bytes(damaged)
    os.link(path, tmp_path / "linked")
    if what == "read-only":
        path.chmod(0o444)
    profilec.write(build, tmp_path / "build")
    assert path.read_bytes() == damaged + b"\n"
    assert (tmp_path / "linked").read_bytes() == damaged


def engineprofiles_of(directory: Path) -> dict[str, engineprofiles.Profile]:
    profiles = engineprofiles.open(directory)
    return {name: profiles[name] for name in profiles}


# Collection and history


def test_the_history_keeps_five_manifests_and_what_they_name(tmp_path: Path) -> None:
    manifests = []
    for version in range(8):
        build = compile_version(version, profiles=2)
        profilec.write(build, tmp_path)
        manifests.append(build)
        for path in tmp_path.rglob("*.json"):
            if path.parent.name != "history" and path.name != "manifest.json":
                age(path, 2 * HOUR)
        # The clock of some file systems counts slowly.
        for number, path in enumerate(
            sorted((tmp_path / "history").iterdir(), key=lambda each: each.stat().st_mtime_ns)
        ):
            os.utime(path, (time.time() - 1000 + number, time.time() - 1000 + number))
    profilec.write(compile_version(7, profiles=2), tmp_path)
    kept = {path.read_bytes() for path in (tmp_path / "history").iterdir()}
    assert kept == {build.files["manifest.json"] for build in manifests[3:]}
    found = contents(tmp_path).keys()
    for build in manifests[3:]:
        assert build.files.keys() <= found
    named = {path for build in manifests[3:] for path in build.files}
    assert {path for path in found if not path.startswith("history/")} - {".lock"} == named


def test_what_was_current_before_is_kept_for_an_hour(tmp_path: Path) -> None:
    builds = [compile_version(version, profiles=2) for version in range(8)]
    for build in builds:
        profilec.write(build, tmp_path)
    for build in builds:
        assert build.files.keys() <= contents(tmp_path).keys()


def test_going_back_to_an_earlier_build_keeps_it(tmp_path: Path) -> None:
    builds = [compile_version(version, profiles=2) for version in range(4)]
    for build in [*builds, builds[0]]:
        profilec.write(build, tmp_path)
        for path in tmp_path.rglob("*@*.json"):
            age(path, 2 * HOUR)
    assert (tmp_path / "manifest.json").read_bytes() == builds[0].files["manifest.json"]
    assert len(list((tmp_path / "history").iterdir())) == 4
    for build in builds:
        assert build.files.keys() <= contents(tmp_path).keys()


STRAYS = [
    "profiles/r/gone@0123456789abcdef.json", "profiles/gone/p@0123456789abcdef.json",
    "registries/gone@0123456789abcdef.json", "sources/gone@0123456789abcdef.json",
    "names@0123456789abcdef.json", ".tmp-1f", "profiles/r/.tmp-1f", "registries/.tmp-0abc", "history/.tmp-1f",
]  # fmt: skip
FOREIGN = [
    "README.md", "notes.json", "names@0123.json", "names@0123456789abcdeF.json", "profiles/r/mine.json",
    "profiles/r/x@0123456789abcdef.yaml", "profiles/x@0123456789abcdef.json",
    "profiles/r/deeper/x@0123456789abcdef.json", "registries/README", "other/x@0123456789abcdef.json",
    "history/notes.json", "history/0123.json", ".tmp", ".tmp-xyz", "tmp-1f", ".gitignore",
    "profiles/r/x@0123456789abcdef.json.bak", "sources/x@0123456789abcdef.json~", "manifest.json.sig", ".git/HEAD",
]  # fmt: skip


def test_strays_are_collected_once_they_are_old(tmp_path: Path) -> None:
    build = compile_version()
    profilec.write(build, tmp_path)
    for name in (*STRAYS, *FOREIGN):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
        age(tmp_path / name, HOUR - 60)
    assert profilec.write(build, tmp_path).collected == 0
    for name in (*STRAYS, *FOREIGN):
        assert (tmp_path / name).exists(), name
        age(tmp_path / name, HOUR + 60)
    assert profilec.write(build, tmp_path).collected == len(STRAYS)
    assert [name for name in STRAYS if (tmp_path / name).exists()] == []
    assert [name for name in FOREIGN if not (tmp_path / name).exists()] == []


def test_links_and_folders_with_the_name_of_a_stray_are_left_alone(tmp_path: Path) -> None:
    build = compile_version()
    profilec.write(build, tmp_path / "build")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x@0123456789abcdef.json").write_text("mine")
    age(outside / "x@0123456789abcdef.json", 2 * HOUR)
    (tmp_path / "build" / "profiles" / "linked").symlink_to(outside)
    (tmp_path / "build" / "registries" / "y@0123456789abcdef.json").mkdir()
    (tmp_path / "build" / "sources" / "z@0123456789abcdef.json").symlink_to(outside / "x@0123456789abcdef.json")
    profilec.write(build, tmp_path / "build")
    assert (outside / "x@0123456789abcdef.json").read_text() == "mine"
    assert (tmp_path / "build" / "registries" / "y@0123456789abcdef.json").is_dir()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b'{"registries": {"r": 1}}',
        b'{"registries": {"r": {"file": "../../outside", "source_map": {"file": 1}}}}',
    ],
)
def test_a_damaged_history_stops_no_build(tmp_path: Path, data: bytes) -> None:
    profilec.write(compile_version(0), tmp_path)
    (tmp_path / "history" / ("0" * 64 + ".json")).write_bytes(data)
    for path in tmp_path.rglob("*@*.json"):
        age(path, 2 * HOUR)
    build = compile_version(1)
    profilec.write(build, tmp_path)
    assert build.files.keys() <= contents(tmp_path).keys()
    assert compile_version(0).files.keys() <= contents(tmp_path).keys()


# Embedded credentials

SECRET = "slug: r\nprofiles: {default: {inference_settings: {api: {api_keys: {k: literal-credential}}}}}\n"


def test_embedding_keeps_no_history_and_shuts_others_out(tmp_path: Path) -> None:
    directory = tmp_path / "build"
    for literal in ("one", "two"):
        build = profilec.compile(profilec.Text("r.yaml", SECRET.replace("literal", literal)), secrets="embed")
        profilec.write(build, directory)
    assert not list(directory.glob("history/*"))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for path in directory.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert build.manifest["inputs"]["secrets"] == "embed"


def test_embedding_shuts_others_out_of_what_was_there_before(tmp_path: Path) -> None:
    """The files of an open build turn private, the folder too, and its history goes."""
    source = profilec.Text("r.yaml", SECRET)
    profilec.write(profilec.compile(source), tmp_path)
    profilec.write(profilec.compile(source, secrets="embed"), tmp_path)
    assert not list(tmp_path.glob("history/*"))
    holding = [path for path in tmp_path.rglob("*") if path.is_file() and b"literal-credential" in path.read_bytes()]
    assert holding
    for path in holding:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    profilec.write(profilec.compile(source), tmp_path)
    for path in tmp_path.rglob("*.json"):
        age(path, 2 * HOUR)
    profilec.write(profilec.compile(source), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"literal-credential" in path.read_bytes()]


def test_embedding_shuts_others_out_of_what_stays_the_same(tmp_path: Path) -> None:
    """Folders that were open, files that are written already: none of it stays open, whoever made it so."""
    source = profilec.Text("r.yaml", SECRET)
    build = profilec.compile(source, secrets="embed")
    for opened in (profilec.compile(source), build):
        profilec.write(opened, tmp_path)
        for path in (tmp_path, *tmp_path.rglob("*")):
            if path.name != ".lock":
                path.chmod(0o755 if path.is_dir() else 0o644)
        profilec.write(build, tmp_path)
        folders = [tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
        assert {stat.S_IMODE((tmp_path / path).stat().st_mode) for path in build.files} == {0o600}


def test_embedding_opens_nothing_behind_a_link(tmp_path: Path) -> None:
    """A file that is a link is replaced, and what it leads to keeps its mode."""
    build = profilec.compile(profilec.Text("r.yaml", SECRET), secrets="embed")
    profilec.write(build, tmp_path / "out")
    file = next(path for path in (tmp_path / "out").glob("profiles/r/*"))
    outside = tmp_path / "outside.json"
    file.rename(outside)
    outside.chmod(0o644)
    file.symlink_to(outside)
    profilec.write(build, tmp_path / "out")
    assert not file.is_symlink() and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_embedded_credentials_do_not_outlive_the_build_that_held_them(tmp_path: Path) -> None:
    """With credentials in a build nothing of it is kept for later: what it replaces goes at once."""
    for literal in ("one", "two"):
        profilec.write(
            profilec.compile(profilec.Text("r.yaml", SECRET.replace("literal", literal)), secrets="embed"), tmp_path
        )
    for path in tmp_path.rglob("*.json"):
        age(path, 2 * HOUR)
    profilec.write(
        profilec.compile(profilec.Text("r.yaml", SECRET.replace("literal", "two")), secrets="embed"), tmp_path
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"one-credential" in path.read_bytes()]


# Failures leave the build directory as it was


def test_a_compile_that_fails_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(text())
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 0
    before, files = identities(tmp_path / "build"), contents(tmp_path / "build")
    window = "  x: {inference_settings: {model_info: {context_window: 5}}}\n"
    watermark = "  y: {stack: [{profile_slug: x}], inference_settings: {model_info: {quality_high_watermark: 6}}}\n"
    for broken in (
        text().replace("chat", "chta"),
        "slug: [\n",
        "",
        text() + "  x: {stack: [{profile_slug: nowhere}]}\n",
        # Only the last of many profiles tells, when others are emitted already.
        text(1, 200) + window + watermark,
    ):
        (tmp_path / "r.yaml").write_text(broken)
        assert run("build", "r.yaml", "--jobs", "3", cwd=tmp_path).returncode == 1
        assert run("build", "r.yaml", cwd=tmp_path).returncode == 1
        assert run("build", "r.yaml", "--check", cwd=tmp_path).returncode == 1
    (tmp_path / "r.yaml").unlink()
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 3
    assert (identities(tmp_path / "build"), contents(tmp_path / "build")) == (before, files)


def test_a_severity_that_refuses_a_build_writes_nothing(tmp_path: Path) -> None:
    warning = "    inference_settings: {client: {timeout: 3}}\n"
    (tmp_path / "r.yaml").write_text(f"slug: r\nprofiles:\n  default:\n{warning}")
    assert run("build", "r.yaml", "--fail-on", "warning", cwd=tmp_path).returncode == 1
    assert not list((tmp_path / "build").rglob("*.json"))
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 0
    before = contents(tmp_path / "build")
    (tmp_path / "r.yaml").write_text(f"slug: r\nprofiles:\n  a: {{}}\n  default:\n{warning}")
    assert run("build", "r.yaml", "--fail-on", "warning", cwd=tmp_path).returncode == 1
    assert contents(tmp_path / "build") == before


@pytest.mark.parametrize("jobs", [0, 1, 2, 5])
def test_compiling_into_a_directory_is_compiling_and_writing(tmp_path: Path, jobs: int) -> None:
    source = profilec.Text("r.yaml", text(0, 100))
    build = profilec.compile(source)
    written = profilec.write(build, tmp_path / "one")
    built = profilec.build(source, tmp_path / "two", jobs=jobs)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (built.manifest, built.profiles, built.written) == (build.manifest, len(build.artifacts), written)
    assert built.diagnostics == build.diagnostics
    again = profilec.build(source, tmp_path / "two", jobs=jobs).written
    assert (again.created, again.unchanged, again.is_new) == (0, written.created, False)


def test_check_writes_nothing_and_says_whether_the_build_is_current(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(text())
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "build").exists()
    assert run("build", "r.yaml", cwd=tmp_path).returncode == 0
    before = identities(tmp_path / "build")
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 0
    (tmp_path / "r.yaml").write_text(text(comment="another"))
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 1
    (tmp_path / "r.yaml").write_text(text())
    path = next((tmp_path / "build" / "profiles" / "r").iterdir())
    data = path.read_bytes()
    path.write_bytes(data + b" ")
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 1
    path.unlink()
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 1
    path.write_bytes(data)
    (tmp_path / "build" / "README.md").write_text("mine")
    assert run("build", "--check", "r.yaml", cwd=tmp_path).returncode == 0
    assert {name for name, each in identities(tmp_path / "build").items() if before.get(name) != each} == {
        "README.md",
        path.relative_to(tmp_path / "build").as_posix(),
    }


@pytest.mark.parametrize("output", ["afile", "afile/below"])
def test_check_of_a_file_in_the_directorys_place_says_so(tmp_path: Path, output: str) -> None:
    (tmp_path / "r.yaml").write_text(text())
    (tmp_path / "afile").write_text("mine")
    done = run("build", "--check", "r.yaml", "-o", output, "--format", "json", cwd=tmp_path)
    (finding,) = json.loads(done.stdout)["diagnostics"]
    assert (done.returncode, finding["rule"]) == (3, "unwritable-output")
    assert "remove the file that is in the way" in finding["hint"]


@pytest.mark.parametrize(
    "what",
    [
        "file",
        "below a file",
        "empty name",
        "dangling link",
        "folder is a file",
        "folder is a link",
        "folder below is a link",
        "manifest is a folder",
        "artifact is a folder",
        "lock is a folder",
    ],
)
def test_an_output_that_cannot_be_one_is_3(tmp_path: Path, what: str) -> None:
    (tmp_path / "r.yaml").write_text(text())
    outside = tmp_path / "outside"
    outside.mkdir()
    output = tmp_path / "out"
    if what == "file":
        output.write_text("mine")
    elif what == "below a file":
        (tmp_path / "file").write_text("mine")
        output = tmp_path / "file" / "out"
    elif what == "dangling link":
        output.symlink_to(tmp_path / "nowhere" / "deep")
    elif what != "empty name":
        output.mkdir()
    if what == "folder is a file":
        (output / "registries").write_text("mine")
    elif what == "folder is a link":
        (output / "sources").symlink_to(outside)
    elif what == "folder below is a link":
        (output / "profiles").mkdir()
        (output / "profiles" / "r").symlink_to(outside)
    elif what == "manifest is a folder":
        (output / "manifest.json").mkdir()
    elif what == "artifact is a folder":
        path = next(path for path in compile_version().files if path.startswith("profiles/"))
        (output / path).mkdir(parents=True)
    elif what == "lock is a folder":
        (output / ".lock").mkdir()
    done = run("build", "r.yaml", "-o", "" if what == "empty name" else output, "--format", "json", cwd=tmp_path)
    assert done.returncode == (2 if what == "empty name" else 3), done
    if what != "empty name":
        (finding,) = (each for each in json.loads(done.stdout)["diagnostics"] if each["severity"] == "error")
        assert finding["rule"] == "unwritable-output" and finding["hint"]
    assert not list(outside.iterdir())
    assert not (output / "manifest.json").is_file()


def test_a_manifest_that_is_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").symlink_to(tmp_path / "outside.json")
    profilec.write(compile_version(), tmp_path / "out")
    assert (tmp_path / "outside.json").read_text() == "mine"
    assert not (tmp_path / "out" / "manifest.json").is_symlink()


@pytest.mark.parametrize("name", [".lock", "artifact", "history"])
def test_links_to_files_are_not_written_through(tmp_path: Path, name: str) -> None:
    build = compile_version()
    outside = tmp_path / "outside"
    path = next(path for path in build.files if path.startswith("profiles/"))
    target = tmp_path / "out" / (path if name == "artifact" else name)
    target.parent.mkdir(parents=True)
    if name == "history":
        outside.mkdir()
        target.symlink_to(outside)
        with pytest.raises(profilec.WriteError):
            profilec.write(build, tmp_path / "out")
        assert not list(outside.iterdir())
        return
    target.symlink_to(outside)
    with suppress(profilec.WriteError):
        profilec.write(build, tmp_path / "out")
    assert not outside.exists() or outside.read_bytes() == b""


# Names of files


@pytest.mark.parametrize("slug", ["con", "nul.x", "aux", "prn.json", "com1", "lpt9.a.b", "com0"])
def test_names_of_devices_are_written_with_a_mark(tmp_path: Path, slug: str) -> None:
    build = profilec.compile(
        {"slug": slug, "profiles": {slug: {"inference_settings": {"chat": {"engine": "m"}}}, "default": {}}}
    )
    for path in build.files:
        for part in path.split("/"):
            assert part.partition(".")[0].partition("@")[0] not in ("con", "nul", "aux", "prn", "com1", "com0", "lpt9")
    assert {path.partition("@")[0] for path in build.files if path.startswith("profiles/")} == {
        f"profiles/_{slug}/_{slug}",
        f"profiles/_{slug}/default",
    }
    profilec.write(build, tmp_path)
    assert engineprofiles.open(tmp_path)[f"{slug}/{slug}"].settings == {"chat": {"engine": "m"}}
    assert profilec.open_build(tmp_path).artifacts[f"{slug}/{slug}"].document["profile_slug"] == slug


@pytest.mark.parametrize(
    "slug", ["console", "a.con", "com10", "nul1", "a..b", "a" * 128, "0", "-".join("ab"), "a.b-c_d"]
)
def test_other_names_are_the_slugs(tmp_path: Path, slug: str) -> None:
    build = profilec.compile({"slug": slug, "profiles": {slug: {}}})
    profilec.write(build, tmp_path)
    assert len(list((tmp_path / "profiles" / slug).glob(f"{slug}@*.json"))) == 1
    assert list(engineprofiles.open(tmp_path)) == [f"{slug}/{slug}"]


def test_a_build_directory_can_be_moved_and_copied(tmp_path: Path) -> None:
    build = compile_version()
    profilec.write(build, tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two words")
    assert list(engineprofiles.open(tmp_path / "two words")) == sorted(build.artifacts)
    assert profilec.write(build, tmp_path / "two words").created == 0


def test_modes_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        profilec.write(compile_version(), tmp_path / "build")
    finally:
        os.umask(before)
    for path in (tmp_path / "build").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) in (0o640, 0o750, 0o600)


@pytest.mark.parametrize("durable", [False, True])
def test_durable_changes_no_byte(tmp_path: Path, durable: bool) -> None:
    profilec.write(compile_version(), tmp_path / "one", durable=durable)
    profilec.write(compile_version(), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


# Opened builds


def test_an_opened_build_is_written_like_any_other(tmp_path: Path) -> None:
    build = compile_version()
    profilec.write(build, tmp_path / "one")
    opened = profilec.open_build(tmp_path / "one")
    written = profilec.write(opened, tmp_path / "two")
    assert dict(opened.files) == build.files
    assert (written.created, written.is_new) == (len(build.files) - 1, True)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert profilec.write(profilec.open_build(tmp_path / "one"), tmp_path / "one").is_new is False


def test_an_opened_build_with_a_baseline_is_whole(tmp_path: Path) -> None:
    build = compile_version(baseline=profilec.Text("base.yaml", "inference: {seed: 1}\n"))
    profilec.write(build, tmp_path)
    assert dict(profilec.open_build(tmp_path).files) == build.files


def test_opening_reads_the_manifest_alone(tmp_path: Path) -> None:
    profilec.write(compile_version(), tmp_path)
    for path in tmp_path.rglob("*@*.json"):
        path.unlink()
    assert profilec.open_build(tmp_path).manifest["default"] == "r/default"


def without(key: str) -> Change:
    return lambda manifest: manifest.pop(key)


CHANGES: dict[str, Change] = {
    **{f"no {key}": without(key) for key in ("build", "default", "inputs", "names", "precedence", "registries")},
    "no source map": lambda manifest: manifest["registries"]["r"].pop("source_map"),
    "no digest": lambda manifest: manifest["names"].pop("digest"),
    "registries are a list": lambda manifest: manifest.update(registries=["r"]),
    "no registry in the precedence": lambda manifest: manifest.update(precedence=[]),
    "a registry too many": lambda manifest: manifest.update(precedence=["r", "s"]),
    "default of no registry": lambda manifest: manifest.update(default="s/default"),
    "default of no profile": lambda manifest: manifest["registries"]["r"].update(default_profile="gone"),
    "a file outside": lambda manifest: manifest["registries"]["r"].update(file="../../etc/passwd"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_manifest_that_does_not_say_enough_is_damaged(tmp_path: Path, change: str) -> None:
    profilec.write(compile_version(), tmp_path / "build")
    manifest = json.loads((tmp_path / "build" / "manifest.json").read_bytes())
    CHANGES[change](manifest)
    (tmp_path / "build" / "manifest.json").write_text(json.dumps(manifest))
    codes = []
    for command in (["list"], ["show"], ["show", "--registry", "r"], ["explain", "default"]):
        done = run(*command, "--format", "json", cwd=tmp_path)
        assert "bug" not in done.stderr
        codes.append(done.returncode)
        rules = [each["rule"] for each in json.loads(done.stdout).get("diagnostics", [])]
        assert rules == ["damaged-build"] * (done.returncode == 1)
    assert 1 in codes and set(codes) <= {0, 1}


def test_a_manifest_that_says_more_is_read(tmp_path: Path) -> None:
    """As a later version may write it, in the same format."""
    profilec.write(compile_version(), tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    manifest["more"] = manifest["inputs"]["more"] = 1
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert profilec.find(profilec.open_build(tmp_path)).name == "r/default"
