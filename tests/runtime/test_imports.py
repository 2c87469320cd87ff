"""The loader's promise about start-up: what it imports, and what it does not."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import engineprofiles
import pytest
from runtime_build import write_build

PACKAGE = Path(engineprofiles.__file__).parent.parent

# A new process without site-packages: the standard library and this package are all there is.
SCRIPT = """
import sys
sys.path.append(sys.argv[1])
import json, os  # Every start that reads site-packages has loaded os.
before = set(sys.modules)
import engineprofiles
imported = set(sys.modules) - before
if len(sys.argv) > 2:
    profile = engineprofiles.open(sys.argv[2]).get()
    assert profile.settings["chat"]["engine"] == "gpt-5-mini"
print(json.dumps([sorted(imported), sorted(set(sys.modules) - before)]))
"""

OWN = {"engineprofiles", "__future__"} | {
    f"engineprofiles.{name}"
    for name in ("digest", "directory", "errors", "profile", "profiles", "select", "snapshot", "trace")
}
# What `import json` and the start of the interpreter bring along is in neither list.
HASHES = {"_sha2", "_sha256", "hashlib", "_hashlib", "_blake2"}
NEVER = {"typing", "dataclasses", "pathlib", "logging", "asyncio", "urllib", "http", "importlib.metadata", "difflib"}


def start(*arguments):
    command = [sys.executable, "-I", "-S", "-c", SCRIPT, str(PACKAGE), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [set(modules) for modules in json.loads(done.stdout)]


def test_a_profile_in_hand_costs_json_and_a_hash(tmp_path):
    write_build(tmp_path)
    imported, used = start(str(tmp_path))
    assert imported == OWN
    assert used <= OWN | HASHES
    assert not NEVER & used


def test_everything_imported_is_of_the_standard_library(tmp_path):
    write_build(tmp_path)
    _, used = start(str(tmp_path))
    assert {name.partition(".")[0] for name in used} <= {*sys.stdlib_module_names, "engineprofiles"}


@pytest.mark.parametrize("statement", ["import engineprofiles.engines as e", "from engineprofiles import engines as e"])
def test_engines_load_when_asked_for(statement):
    code = f"""
import sys
sys.path.append({str(PACKAGE)!r})
import json, engineprofiles
assert "engineprofiles.engines" not in sys.modules
{statement}
assert e is engineprofiles.engines and e.echo().run("x").text == "READY"
print(not {NEVER!r} & set(sys.modules))
"""
    command = [sys.executable, "-I", "-S", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


ENGINE = """
import sys
sys.path.append(sys.argv[1])
import engineprofiles as ep
api = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
engine = ep.engines.from_config(model="m", base_url="http://127.0.0.1:1/v1", api_key="k", api=api)
engine.request("hi")
try:
    engine.run("hi")
except ep.ConnectionFailed:
    print(*{name.partition(".")[0] for name in sys.modules} - {"__main__", *sys.stdlib_module_names})
import asyncio
try:
    asyncio.run(engine.arun("hi"))
except ep.BadOption as error:
    print(error)
"""


def test_an_engine_needs_the_standard_library_alone():
    command = [sys.executable, "-I", "-S", "-c", ENGINE, str(PACKAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (
        'engineprofiles\nasync calls need httpx, which is not installed\nhelp: pip install "engine-profiles[async]"\n'
    )


def test_httpx_is_imported_in_one_place():
    importing = [file.name for file in (PACKAGE / "engineprofiles").rglob("*.py") if "import httpx" in file.read_text()]
    assert importing == ["asynchronous.py"]


def test_the_wire_is_pure():
    """What maps settings to requests and answers to replies has no business with files, sockets or clocks."""
    impure = {"os", "socket", "ssl", "http", "time", "random", "threading", "pathlib", "subprocess", "io"}
    files = list((PACKAGE / "engineprofiles" / "wire").glob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            assert not impure & {name.partition(".")[0] for name in names}, file.name
            assert not any(name.endswith(("transport", "asynchronous", "connection")) for name in names), file.name
    assert len(files) > 10


def test_the_public_names_are_all_there():
    assert all(hasattr(engineprofiles, name) for name in engineprofiles.__all__)
    assert dir(engineprofiles) == sorted(engineprofiles.__all__)
