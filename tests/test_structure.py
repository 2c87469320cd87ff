"""The house rules that a machine can hold: what a pass may import, and that nothing heavy is imported early."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import profilec

PACKAGE = Path(profilec.__file__).parent
# A pass is a function from input to output: it has no business with files, clocks, the environment or the terminal.
FORBIDDEN = {"os", "sys", "io", "pathlib", "time", "datetime", "random", "logging", "subprocess", "click", "rich"}
ROOMS_OF_PASSES = {
    *("states", "diagnostics", "causes", "rules", "fields", "encode", "credentials", "suspicion", "slugs"),
    *("schemas", "syntax", "document", "endpoints", "_version"),
}


def test_a_pass_imports_states_and_tables_and_never_another_pass() -> None:
    checked = 0
    for file in sorted((PACKAGE / "passes").rglob("*.py")):
        own = ".".join(["profilec", *file.relative_to(PACKAGE).parts[:2]]).removesuffix(".py")
        for module in _imports(file):
            checked += 1
            assert module.partition(".")[0] not in FORBIDDEN, f"{file.name} imports {module}"
            if module.startswith("profilec.") and not module.startswith(own):
                assert module.split(".")[1] in ROOMS_OF_PASSES, f"{file.name} imports {module}"
    assert checked > 50


def test_a_migration_is_a_function_of_plain_data() -> None:
    for file in sorted((PACKAGE / "migration").rglob("*.py")):
        for module in _imports(file):
            assert module.partition(".")[0] not in FORBIDDEN, f"{file.name} imports {module}"
            assert not module.startswith(("profilec.sources", "profilec.passes", "profilec.rendering")), file


def test_nothing_imports_the_commands_or_the_runtime() -> None:
    for file in sorted(PACKAGE.rglob("*.py")):
        for module in _imports(file):
            assert not module.startswith("engineprofiles"), file
            if module.startswith("profilec.commands"):
                assert file.parent.name == "commands" or file.name == "__main__.py", file


def test_the_version_is_told_without_the_compiler() -> None:
    script = "import sys; from profilec.__main__ import main; sys.argv[1:] = ['--version']; main(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    version, modules = done.stdout.splitlines()
    assert version == f"profilec {profilec.__version__}"
    heavy = {"yaml", "orjson", "jsonschema", "jsonschema_rs", "rich", "profilec.pipeline", "importlib.metadata"}
    assert not heavy & set(modules.split())


def _imports(file: Path) -> Iterator[str]:
    """Modules that a file imports, `from package import module` included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (each for each in inner if node.module == "profilec")
            if node.module != "profilec":
                yield node.module
