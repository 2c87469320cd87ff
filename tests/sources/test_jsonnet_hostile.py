"""Programs that attack: by time, memory, output, imports, and by what the process that runs them could reach."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from jsonnet_run import files, run
from profilec.diagnostics import Report
from profilec.sources import jsonnet_child
from profilec.sources.jsonnet import Inputs, Limits, Program, evaluate

linux = pytest.mark.skipif(sys.platform != "linux", reason="walls and death signals of Linux")
SMALL = Limits(seconds=0.25, memory=160 << 20, output=1 << 16, file=1 << 16, files=1 << 17)
# Small memory alone: the clock shall not be what ends a program here.
NARROW = Limits(seconds=20, memory=160 << 20, output=1 << 16)


# --- time, memory, output -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "local f(x) = f(x + 1) tailstrict; f(1)",
        "local f(a) = f(a) tailstrict; f(['x'])",
        "std.length(std.filter(function(x) std.md5('' + x) == '', std.range(1, 20000)))",
    ],
)
def test_a_program_without_end_is_ended(tmp_path: Path, text: str) -> None:
    started = time.monotonic()
    found = run(tmp_path, "{ a: 1 }", text, "{ b: 2 }", limits=Limits(seconds=0.25))
    assert found.finding.rule == "jsonnet-limit"
    assert found.finding.message == "`registries/1.jsonnet` is not done after 0.25 s"
    assert found.values == [{"a": 1}, None, {"b": 2}]
    assert time.monotonic() - started < 10


@linux
@pytest.mark.parametrize(
    "text",
    [
        "local f(x) = if std.length(x) > 1e12 then x else f(x + x) tailstrict; f('xxxxxxxx')",
        "local d(s, n) = if n == 0 then s else d(s + s, n - 1); d('xxxxxxxxxxxxxxxx', 60)",
        "std.range(1, 3e8)",
        "std.repeat('x', 3e8)",
        "std.repeat([1], 3e8)",
        "std.makeArray(1e9, function(i) i)",
        "std.join('x', std.makeArray(3e8, function(i) 'y'))",
        "std.foldl(function(a, b) a + b, std.makeArray(1e9, function(i) i), 0)",
    ],
)
def test_a_program_that_grows_is_ended(tmp_path: Path, text: str) -> None:
    found = run(tmp_path, "{ a: 1 }", text, "{ b: 2 }", limits=NARROW)
    assert found.finding.rule == "jsonnet-limit", found.finding
    assert found.finding.file == "registries/1.jsonnet"
    assert "160 MiB of memory" in found.finding.message
    assert found.values == [{"a": 1}, None, {"b": 2}]


def test_a_result_that_is_too_large_is_refused(tmp_path: Path) -> None:
    text = "std.makeArray(3000, function(i) 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')"
    found = run(tmp_path, "{ a: 1 }", text, limits=Limits(output=1 << 16))
    assert found.finding.message == "the result of `registries/1.jsonnet` is larger than 65,536 bytes"
    assert found.values == [{"a": 1}, None]


def test_small_results_may_be_larger_together(tmp_path: Path) -> None:
    text = "std.makeArray(900, function(i) 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')"
    assert not run(tmp_path, text, text, text, limits=Limits(output=1 << 16)).found


@pytest.mark.parametrize(
    "text",
    [
        "local f(x) = 1 + f(x + 1); f(1)",
        "local a = { b: a.b }; a",
        "local a = { b: a }; a",
        "local d(n) = if n == 0 then 0 else [d(n - 1)]; d(1e6)",
        "[" * 5000,
        "(" * 100000,
        "-" * 100000 + "1",
    ],
)
def test_depth_is_an_error_or_the_end_of_the_child(tmp_path: Path, text: str) -> None:
    found = run(tmp_path, text, "{ a: 1 }", limits=Limits(seconds=1))
    assert found.finding.rule in ("jsonnet-error", "jsonnet-limit")
    assert found.finding.file == "registries/0.jsonnet"
    assert found.values == [None, {"a": 1}]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later versions count the depth of their own C code apart")
def test_a_result_that_is_too_deep_to_read_is_a_finding(tmp_path: Path) -> None:
    text = "local d(n) = if n == 0 then 0 else [d(n - 1)]; d(400)"
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    try:
        found = run(tmp_path, text, "{ a: 1 }")
    finally:
        sys.setrecursionlimit(before)
    assert found.finding.rule == "too-deep"
    assert found.values == [None, {"a": 1}]


# --- imports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["import", "importstr", "importbin"])
@pytest.mark.parametrize(
    "wanted",
    [
        "/etc/hostname",
        "/proc/self/environ",
        "/dev/zero",
        "//etc/hostname",
        "file:///etc/hostname",
        "http://127.0.0.1:9/x",
        "../secret.txt",
        "../../../../../../../../../../etc/hostname",
        "./deep/../../secret.txt",
        "link.txt",
        "link-to-link",
        "directory/secret.txt",
        "loop",
        "pipe",
        "deep",
        ".",
        "",
        "C:\\\\secret.txt",
        "\\\\\\\\host\\\\share",
        "a\\u0000b",
        "x" * 5000,
    ],
)
def test_nothing_outside_is_imported(tmp_path: Path, how: str, wanted: str) -> None:
    (tmp_path / "secret.txt").write_text("'a secret'", "utf-8")
    tree = tmp_path / "registries"
    (tree / "deep").mkdir(parents=True)
    (tree / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tree / "link-to-link").symlink_to("link.txt")
    (tree / "directory").symlink_to(tmp_path)
    (tree / "loop").symlink_to("loop")
    os.mkfifo(tree / "pipe")
    found = run(tmp_path, f'{how} "{wanted}"', "{}", limits=Limits(seconds=5))
    assert found.finding.rule == "jsonnet-import", found.finding
    assert str(found.finding.span) == "registries/0.jsonnet:1:1"
    assert found.values == [None, {}]
    assert found.imports == []
    assert "a secret" not in repr(found) and str(tmp_path) not in repr(found)


def test_whether_a_file_outside_exists_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("1", "utf-8")
    messages = {run(tmp_path, f"import '../{name}'").finding.message.replace(name, "") for name in ("there", "not")}
    assert len(messages) == 1


def test_names_of_files_outside_are_not_told(tmp_path: Path) -> None:
    files(tmp_path, away__deep__x="{}", away__presets="{}", registries__y="{}")
    (tmp_path / "registries" / "link").symlink_to(tmp_path / "away" / "deep")
    finding = run(tmp_path, "import 'link/../preset.libsonnet'").finding
    assert "does not exist" in finding.message
    assert "presets" not in repr(finding)


def test_a_refusal_tells_where_it_leads_and_what_to_do(tmp_path: Path) -> None:
    files(tmp_path, shared__lib="{}", registries__x="{}")
    (tmp_path / "registries" / "lib.libsonnet").symlink_to(tmp_path / "shared" / "lib.libsonnet")
    finding = run(tmp_path, "import 'lib.libsonnet'").finding
    wanted = "`lib.libsonnet` is imported, which leads out of the source's tree, to `shared/lib.libsonnet`"
    assert finding.message == wanted
    assert finding.hint == "move it into the tree, or allow its directory with `--jpath DIR`"
    allowed = run(tmp_path, "import 'lib.libsonnet'", inputs=Inputs(jpath=(tmp_path / "shared",)))
    assert (allowed.value, [each.name for each in allowed.imports]) == ({}, ["registries/lib.libsonnet"])


def test_links_inside_the_tree_and_hard_links_are_followed(tmp_path: Path) -> None:
    files(tmp_path, registries__a__lib="{ a: 1 }", outside="{ b: 2 }")
    (tmp_path / "registries" / "link").symlink_to("a/lib.libsonnet")
    (tmp_path / "registries" / "hard").hardlink_to(tmp_path / "outside.libsonnet")
    assert run(tmp_path, "(import 'link') + (import 'hard')").value == {"a": 1, "b": 2}


def test_a_tree_that_is_named_by_a_link_is_its_target(tmp_path: Path) -> None:
    files(tmp_path, real__lib="{ a: 1 }")
    (tmp_path / "registries").symlink_to("real")
    assert run(tmp_path, "import 'lib.libsonnet'").value == {"a": 1}
    assert run(tmp_path, "import '../real/lib.libsonnet'").imports[0].name == "registries/lib.libsonnet"


def test_a_library_does_not_open_the_tree_around_it(tmp_path: Path) -> None:
    files(tmp_path, lib__a="import '../other.libsonnet'", other="{}")
    finding = run(tmp_path, "import 'a.libsonnet'", inputs=Inputs(jpath=(tmp_path / "lib",))).finding
    assert (finding.rule, str(finding.span)) == ("jsonnet-import", "lib/a.libsonnet:1:1")


def test_programs_of_other_trees_are_confined_to_their_own(tmp_path: Path) -> None:
    files(tmp_path, one__lib="1", two__lib="2")
    programs = [
        Program(
            f"{name}/a.jsonnet", f"import '../{other}/lib.libsonnet'".encode(), tmp_path / name / "a", tmp_path / name
        )
        for name, other in (("one", "two"), ("two", "two"), ("one", "one"))
    ]
    report = Report()
    values, _ = evaluate(programs, Inputs(), tmp_path, report)
    assert values == [None, 2, 1]
    assert [each.rule for each in report] == ["jsonnet-import"]


def test_files_are_bounded_alone_and_together(tmp_path: Path) -> None:
    files(tmp_path, registries__large="x" * 2**16 + "x", **{f"registries__f{n}": "x" * 50_000 for n in range(3)})
    finding = run(tmp_path, "importstr 'large.libsonnet'", limits=SMALL).finding
    assert finding.message == "`large.libsonnet` is imported, which is too large"
    text = "std.length((importstr 'f0.libsonnet') + (importstr 'f1.libsonnet') + (importstr 'f2.libsonnet'))"
    assert run(tmp_path, text, limits=SMALL).finding.message == "`f2.libsonnet` is imported, which is too large"


def test_two_hundred_imports_and_a_cycle(tmp_path: Path) -> None:
    files(tmp_path, **{f"registries__lib{number}": str(number) for number in range(200)})
    text = "[" + ",".join(f"importstr 'lib{number}.libsonnet'" for number in range(200)) + "]"
    found = run(tmp_path, text)
    assert found.value == [str(number) for number in range(200)]
    assert len(found.imports) == 200
    files(tmp_path, registries__a="import 'b.libsonnet'", registries__b="import 'a.libsonnet'")
    assert run(tmp_path, "import 'a.libsonnet'", limits=Limits(seconds=2)).finding.rule.startswith("jsonnet-")
    files(tmp_path, registries__a="{ x: 1, b:: import 'b.libsonnet' }", registries__b="import 'a.libsonnet'")
    assert run(tmp_path, "(import 'a.libsonnet').b").value == {"x": 1}


# --- the child ------------------------------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(each) for each in (task / "children").read_text("ascii").split()]
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def processor_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11])


def eventually(condition: object) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


@linux
def test_a_child_that_is_killed_at_work_is_followed_by_another(tmp_path: Path) -> None:
    before = set(children_of(os.getpid()))

    def kill() -> None:
        victims: list[int] = []
        assert eventually(lambda: victims.extend(set(children_of(os.getpid())) - before) or victims)
        time.sleep(0.3)
        os.kill(victims[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    # The file name keeps this program from being joined with the others.
    found = run(tmp_path, "local f(x) = f(std.thisFile) tailstrict; f(1)", "{ a: std.thisFile }")
    killer.join()
    assert found.finding.rule == "jsonnet-limit"
    assert "`registries/0.jsonnet` (SIGKILL)" in found.finding.message
    assert found.values == [None, {"a": "registries/1.jsonnet"}]
    assert set(children_of(os.getpid())) == before


@linux
def test_no_child_outlives_a_killed_compiler(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from profilec.diagnostics import Report; from profilec.sources.jsonnet import *\n"
        "endless = Program('a.jsonnet', b'local f(x) = f(x + 1) tailstrict; f(1)', None, None)\n"
        "evaluate([endless], Inputs(), Path('/'), Report())\n"
    )
    compiler = subprocess.Popen([sys.executable, "-c", script])
    try:
        assert eventually(lambda: children_of(compiler.pid))
        (child,) = children_of(compiler.pid)
        # At work, it does not look at its pipe.
        assert eventually(lambda: processor_ticks(child) > 25)
    finally:
        compiler.kill()
        compiler.wait()
    assert eventually(lambda: not is_alive(child))


def test_nothing_is_left_running(tmp_path: Path) -> None:
    threads = threading.active_count()
    before = children_of(os.getpid())
    run(tmp_path, "{}", "error 'x'", "local f(x) = f(x + 1) tailstrict; f(1)", limits=Limits(seconds=0.25))
    assert threading.active_count() == threads
    assert children_of(os.getpid()) == before


def test_what_is_traced_reaches_nobody() -> None:
    script = (
        "from pathlib import Path; from profilec.diagnostics import Report; from profilec.sources.jsonnet import *\n"
        "program = Program('a.jsonnet', b'std.trace(\"hunter2\", 1)', None, None)\n"
        "print(evaluate([program], Inputs(), Path('/'), Report()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("([1], [])\n", "")


def test_the_environment_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUNTER2", "secret")
    seen: list[bytes] = []
    original = subprocess.Popen

    class Watched(original):  # type: ignore[valid-type,misc]
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            seen.append(str(options["env"]).encode() + str(arguments).encode())

    monkeypatch.setattr(subprocess, "Popen", Watched)
    run(tmp_path, "{}", inputs=Inputs(ext_str={"a": "hunter2"}))
    assert seen and b"HUNTER2" not in seen[0] and b"hunter2" not in seen[0]


# --- the walls ------------------------------------------------------------------------------------------------------

ATTEMPTS = """
import errno, socket, sys, os
sys.path.insert(0, {home!r})
import jsonnet_child as child
version = {wall}
for attempt in (
    lambda: open("/etc/hostname"), lambda: open({own!r}), lambda: open({new!r}, "w"), lambda: os.listdir("/"),
    lambda: os.unlink({own!r}), lambda: os.mkdir({new!r}), lambda: open("/proc/self/environ"),
    lambda: socket.create_connection(("127.0.0.1", {port})),
):
    try:
        attempt()
        print("allowed")
    except OSError as error:
        print(errno.errorcode[error.errno])
print(version)
"""


@contextmanager
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def attempted(wall: str, directory: Path) -> list[str]:
    own = directory / "own"
    own.touch()
    with listener() as port:
        home = str(Path(jsonnet_child.__file__).parent)
        script = ATTEMPTS.format(home=home, wall=wall, own=str(own), new=str(directory / "new"), port=port)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


@linux
def test_landlock_denies_every_file_and_connection(tmp_path: Path) -> None:
    *results, version = attempted("child._landlock(child._libc())", tmp_path)
    if int(version) < 4:
        pytest.skip("this kernel has no Landlock with TCP")
    assert set(results) == {"EACCES"}
    assert [each.name for each in tmp_path.iterdir()] == ["own"]


@linux
def test_a_process_without_room_for_files_opens_none(tmp_path: Path) -> None:
    *results, version = attempted("child.shut_off(None)", tmp_path)
    assert version == "0"
    assert {results[index] for index in (0, 1, 2, 3, 6, 7)} == {"EMFILE"}


@linux
def test_both_walls_stand_around_a_program(tmp_path: Path) -> None:
    """What the system says of a child at work."""
    before = set(children_of(os.getpid()))
    seen: dict[str, str] = {}

    def look() -> None:
        found: list[int] = []
        assert eventually(lambda: found.extend(set(children_of(os.getpid())) - before) or found)
        time.sleep(0.4)
        status = Path(f"/proc/{found[0]}/status").read_text("ascii")
        seen.update(line.split(":\t") for line in status.splitlines() if line.startswith("NoNewPrivs"))
        limits = Path(f"/proc/{found[0]}/limits").read_text("ascii").splitlines()
        seen.update((line[:26].strip(), line[26:].split()[0]) for line in limits[1:])

    watcher = threading.Thread(target=look)
    watcher.start()
    run(tmp_path, "local f(x) = f(x + 1) tailstrict; f(1)", limits=Limits(seconds=1))
    watcher.join()
    assert seen["NoNewPrivs"] == "1"
    assert (seen["Max open files"], seen["Max core file size"], seen["Max file size"]) == ("3", "0", "0")
    assert seen["Max address space"] == str(1 << 30)
    assert seen["Max cpu time"] != "unlimited"


def test_a_child_that_announces_too_much_is_not_listened_to() -> None:
    import io

    for data in (b"R" + (1).to_bytes(4, "big") + (1 << 40).to_bytes(8, "big"), b"R" + (1 << 31).to_bytes(4, "big")):
        with pytest.raises(jsonnet_child.Overlong):
            jsonnet_child.receive(io.BytesIO(data), 1 << 20)
    with pytest.raises(EOFError):
        jsonnet_child.receive(io.BytesIO(b"R\0"), 1 << 20)
