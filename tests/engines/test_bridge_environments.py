"""The bridges whose libraries do not go with the SDKs of the other tests, each set in an environment of its own.

`PROFILEC_TEST_BRIDGES` names a directory for them: 310 and 400 MB, half a minute each to install and two to run.
Without it nothing is installed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETS = {
    "frameworks": ("langchain,pydantic-ai", ("langchain", "pydantic_ai", "sdks")),
    "litellm": ("litellm", ("litellm",)),
}
WANTED = os.environ.get("PROFILEC_TEST_BRIDGES")


@pytest.mark.skipif(not WANTED, reason="PROFILEC_TEST_BRIDGES names no directory")
@pytest.mark.parametrize("name", SETS)
def test_the_bridges_in_their_own_environment(name):
    extras, bridges = SETS[name]
    python = Path(WANTED) / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", Path(WANTED) / name], check=True)
        wanted = [f"{ROOT}[compiler,{extras}]", "pytest>=8", "hypothesis"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    tests = [f"tests/engines/test_bridge_{bridge}.py" for bridge in bridges]
    path = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])
    environment = {**os.environ, "PYTHONPATH": path, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [
        python,
        "-m",
        "pytest",
        "-q",
        "-rf",
        "-p",
        "no:cacheprovider",
        *tests,
        "tests/engines/test_bridges_page.py",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
