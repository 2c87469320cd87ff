"""One contract, two languages: the cases beside this file, in Python. runtime/js/test/contract.test.js runs them too.

Each case names a call, its arguments, and what is wanted. `pytest --update` writes what Python gives, and the compiled
registries: read the diff. Where a case says `"only": "code"`, the messages name types of the language, and differ.
"""

import json
import shutil
from pathlib import Path

import engineprofiles
import profilec
import pytest
from contract_calls import outcome
from engineprofiles import fields, providers
from engineprofiles.wire import table

HOME = Path(__file__).parent
COMPILED = HOME / "compiled"
FILES = sorted(HOME.glob("*.json"))
CASES = [(file, case) for file in FILES if file.name != "tables.json" for case in json.loads(file.read_text("utf-8"))]
# The variables that a case may have; all others are as on any machine.
VARIABLES = {
    "OPENAI_API_KEY": "sk-canary-0001",
    "ANTHROPIC_API_KEY": "sk-canary-0002",
    "GEMINI_API_KEY": "sk-canary-0003",
    "MISTRAL_API_KEY": "sk-canary-0004",
    "OPENROUTER_API_KEY": "sk-canary-0005",
    "CO_API_KEY": "sk-canary-0006",
}
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture(scope="module", autouse=True)
def _rewrite_the_build(request):
    if request.config.getoption("update"):
        shutil.rmtree(COMPILED, ignore_errors=True)
        compile_to(COMPILED)
        shutil.rmtree(COMPILED / "history")
        (COMPILED / ".lock").unlink()


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file.stem}-{case['title']}" for file, case in CASES])
def test_a_case(file, case, monkeypatch, request):
    for name in ("PINOCCHIO_PROFILE", "ENGINE_PROFILES_BUILD", "GOOGLE_API_KEY", *PROXIES):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**VARIABLES, **case.get("environment", {})}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    found = outcome(case, COMPILED)
    found = json.loads(json.dumps(found))
    if request.config.getoption("update"):
        rewrite(file, case["title"], found)
        return
    assert "sk-canary" not in json.dumps(found)
    if case.get("only") == "code":
        assert found["error"]["code"] == case["wanted"]["error"]["code"]
    else:
        assert found == case["wanted"]


def test_the_build_is_what_the_compiler_makes(tmp_path):
    compile_to(tmp_path)
    assert content(tmp_path) == content(COMPILED)


def test_the_tables_are_those_of_the_json(request):
    """What the JavaScript runtime holds its own tables to."""
    errors = [getattr(engineprofiles, name) for name in engineprofiles.__all__]
    found = {
        "codes": {each.__name__: each.code for each in errors if isinstance(each, type) and hasattr(each, "code")},
        "fields": fields.FIELDS,
        "older_spellings": fields.OLDER_SPELLINGS,
        "chat": table.CHAT_FIELDS,
        "ollama": table.OLLAMA_FIELDS,
        "embeddings": table.EMBEDDINGS_FIELDS,
        "rerank": table.RERANK_FIELDS,
        "providers": {
            role: {
                kind: [each.protocol, each.base_url, list(each.names), list(each.variables)]
                for kind, each in known.items()
            }
            for role, known in providers.KNOWN.items()
        },
    }
    file = HOME / "tables.json"
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("update"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text


def compile_to(directory):
    texts = [profilec.Text(each.name, each.read_text("utf-8")) for each in sorted((HOME / "registries").iterdir())]
    baseline = profilec.Text("baseline.yaml", (HOME / "baseline.yaml").read_text("utf-8"))
    profilec.write(profilec.compile(texts, baseline=baseline), directory)


def content(directory):
    """The files that readers use, by name. The lock, the history and a note for git are the builder's own."""
    files = [each for each in directory.rglob("*.json") if "history" not in each.parts]
    return {str(each.relative_to(directory)): each.read_bytes() for each in files}


def rewrite(file, name, wanted):
    cases = json.loads(file.read_text("utf-8"))
    for case in cases:
        if case["title"] == name:
            case["wanted"] = wanted
    file.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n", "utf-8")
