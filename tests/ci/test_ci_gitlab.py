"""docs/ci.md's job for GitLab: its lines run by a shell, with the variables that GitLab sets."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
import yaml
from ci_project import BROKEN, ROOT, TEAM, Done, check_schema, commit, git, make_repository, run, with_profilec

(TEXT,) = re.findall(r"^```yaml\n(engine-profiles:.*?)^```$", (ROOT / "docs/ci.md").read_text("utf-8"), re.M | re.S)
JOB = yaml.safe_load(TEXT)["engine-profiles"]
HAS_DIFF = (ROOT / "compiler" / "profilec" / "commands" / "diff.py").exists()


def run_job(project: Path, home: Path, **variables: str) -> Done:
    script = "\n".join(["set -e", *JOB["script"]])
    return run(["sh", "-c", script], project, PATH=with_profilec(home), CI_PROJECT_DIR=str(project), **variables)


def test_it_is_what_its_schema_wants(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(TEXT, "utf-8")
    check_schema("vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")


def test_it_leaves_reports_and_a_build(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    done = run_job(project, tmp_path)
    assert done.code == 0, done.err
    reports = JOB["artifacts"]["reports"]
    assert json.loads((project / reports["codequality"]).read_bytes()) == []
    assert ElementTree.parse(project / reports["junit"]).getroot().get("failures") == "0"
    assert (project / JOB["artifacts"]["paths"][0] / "manifest.json").is_file()


def test_it_fails_and_reports_what_does_not_compile(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    (project / "registries" / "20-team.yaml").write_text(BROKEN)
    done = run_job(project, tmp_path)
    assert done.code == 1 and "help: did you mean `temperature`?" in done.err
    (issue,) = json.loads((project / "codequality.json").read_bytes())
    assert issue["location"] == {"path": "registries/20-team.yaml", "lines": {"begin": 6}}
    assert ElementTree.parse(project / "junit.xml").getroot().get("failures") == "1"
    assert not (project / "build").exists()


class _Api(ThreadingHTTPServer):
    """What a merge request is told."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, str | None, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Api

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["body"][0]
        self.server.notes.append((self.path, self.headers["PRIVATE-TOKEN"], body))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[_Api]:
    with _Api() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.skipif(not HAS_DIFF, reason="this checkout has no `profilec diff`")
def test_a_merge_request_is_told_what_changes(tmp_path: Path, api: _Api) -> None:
    project = make_repository(tmp_path)
    base = commit(project)
    (project / "registries" / "20-team.yaml").write_text(TEAM.replace("0.2", "0.9"))
    variables = {
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_MERGE_REQUEST_IID": "7",
        "CI_PROJECT_ID": "42",
        "CI_API_V4_URL": f"http://127.0.0.1:{api.server_address[1]}/api/v4",
        "no_proxy": "127.0.0.1",
    }
    assert run_job(project, tmp_path, **variables).code == 0 and api.notes == []
    done = run_job(project, tmp_path, **variables, PROFILES_TOKEN="k4n4ry")
    assert done.code == 0 and "k4n4ry" not in done.out + done.err, done.err
    ((path, token, body),) = api.notes
    assert (path, token) == ("/api/v4/projects/42/merge_requests/7/notes", "k4n4ry")
    assert body == (project / "diff.md").read_text("utf-8") and "0.9" in body


@pytest.mark.skipif(not HAS_DIFF, reason="this checkout has no `profilec diff`")
def test_a_first_merge_request_has_nothing_to_compare_with(tmp_path: Path) -> None:
    project = make_repository(tmp_path)
    git(project, "checkout", "-q", "--orphan", "before")
    git(project, "rm", "-rq", "--cached", ".")
    git(project, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "b", "--allow-empty")
    done = run_job(project, tmp_path, CI_MERGE_REQUEST_DIFF_BASE_SHA=git(project, "rev-parse", "HEAD").strip())
    assert (done.code, "has no engine profiles here" in done.err) == (0, True), done.err
