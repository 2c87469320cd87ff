"""Hostile input, each in a process with 2 GiB of memory: a finding and exit code 1, never a crash."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "compiler"), str(ROOT / "runtime" / "python")])
GIGABYTE = 1 << 30
REGISTRY = "slug: r\nprofiles:\n  default:\n    extensions:\n      a.b@v1: "
Text = Callable[[], str]


def laughs(levels: int, width: int = 9) -> str:
    lines = ["x-a0: &a0 [lol]"]
    for level in range(1, levels + 1):
        lines.append(f"x-a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join(lines) + f"\nslug: r\nprofiles: {{p: {{extensions: {{a.b@v1: *a{levels}}}}}}}\n"


def laughing_maps(levels: int, width: int = 9) -> str:
    lines = ["x-a0: &a0 {k: lol}"]
    for level in range(1, levels + 1):
        lines.append(f"x-a{level}: &a{level} {{{', '.join(f'k{n}: *a{level - 1}' for n in range(width))}}}")
    return "\n".join(lines) + f"\nslug: r\nprofiles: {{p: {{extensions: {{a.b@v1: *a{levels}}}}}}}\n"


def merges(levels: int) -> str:
    lines = ["x-a0: &a0 {k: 1}"]
    for level in range(1, levels + 1):
        lines.append(f"x-a{level}: &a{level} {{<<: *a{level - 1}, l{level}: *a{level - 1}, r{level}: *a{level - 1}}}")
    return "\n".join(lines) + f"\nslug: r\nprofiles: {{p: {{extensions: {{a.b@v1: *a{levels}}}}}}}\n"


def wide_merges(levels: int, width: int = 10) -> str:
    lines = ["x-a0: &a0 {k: 1}"]
    for level in range(1, levels + 1):
        lines.append(f"x-a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * width)}]}}")
    return "\n".join(lines) + f"\nslug: r\nprofiles: {{p: {{extensions: {{a.b@v1: *a{levels}}}}}}}\n"


def deep_map(depth: int) -> str:
    return "".join(f"{' ' * level}a:\n" for level in range(depth))


# Name -> what makes the text, and the rules that its findings may have.
YAML: dict[str, tuple[Text, set[str]]] = {
    "100k [": (lambda: "[" * 100_000, {"too-deep"}),
    "100k {a: ": (lambda: "{a: " * 100_000, {"too-deep"}),
    "100k [ in a registry": (lambda: REGISTRY + "[" * 100_000, {"too-deep"}),
    "3000-deep map": (lambda: deep_map(3000), {"too-deep"}),
    "10k ? ": (lambda: "? " * 10_000, {"too-deep", "non-text-key", "yaml-syntax"}),
    "10k - ": (lambda: "- " * 10_000, {"too-deep"}),
    "20k ? a": (lambda: "? a\n" * 20_000, {"duplicate-key", "not-a-registry"}),
    "100k !!str": (lambda: "!!str " * 100_000, {"yaml-syntax"}),
    "100k &a": (lambda: "&a " * 100_000, {"yaml-syntax"}),
    "billion laughs": (lambda: laughs(10), {"alias-expansion"}),
    "billion laughs of maps": (lambda: laughing_maps(10), {"alias-expansion"}),
    "billion laughs below the limit each": (
        lambda: laughs(5) + "x-more: [" + ", ".join(["*a5"] * 100) + "]\n",
        {"alias-expansion"},
    ),
    "merge bomb": (lambda: merges(30), {"alias-expansion"}),
    "wide merges of a wide map": (
        lambda: (
            "x-a: &a {"
            + ", ".join(f"k{n}: 1" for n in range(20_000))
            + "}\nslug: r\nx-b: {<<: ["
            + ", ".join(["*a"] * 5000)
            + "]}\n"
        ),
        {"alias-expansion"},
    ),
    "many merges of a wide map": (
        lambda: (
            "x-a: &a {"
            + ", ".join(f"k{n}: 1" for n in range(20_000))
            + "}\nslug: r\nx-b: ["
            + ", ".join(["{<<: *a}"] * 5000)
            + "]\n"
        ),
        {"alias-expansion"},
    ),
    "cyclic anchor": (lambda: "slug: r\nx-a: &a [*a]\n", {"unknown-anchor"}),
    "cyclic merge": (lambda: "slug: r\nx-a: &a {<<: *a}\n", {"unknown-anchor"}),
    "5000 digits": (lambda: REGISTRY + "1" * 5000, {"unsafe-number"}),
    "5000 digits as a key": (lambda: REGISTRY + "{" + "1" * 5000 + ": 1}", {"yaml-syntax", "unsafe-number"}),
    "million digits": (lambda: REGISTRY + "1" * 1_000_000, {"unsafe-number"}),
    "0x and a million digits": (lambda: REGISTRY + "0x" + "f" * 1_000_000, {"unsafe-number"}),
    "0o and a million digits": (lambda: REGISTRY + "0o" + "7" * 1_000_000, {"unsafe-number"}),
    "e and a million digits": (lambda: REGISTRY + "1e" + "9" * 1_000_000, {"unsafe-number"}),
    "many long numbers": (
        lambda: REGISTRY + "[" + ", ".join(str(n) + "1" * 390 for n in range(20_000)) + "]",
        {"unsafe-number"},
    ),
    "million characters of a key": (
        lambda: "slug: r\nprofiles: {" + "k" * 1_000_000 + ": {}}\n",
        {"yaml-syntax", "invalid-slug"},
    ),
    "million characters of a quoted key": (lambda: "slug: r\n? '" + "k" * 1_000_000 + "'\n: 1\n", {"unknown-field"}),
    "million characters of a slug": (lambda: "slug: " + "k" * 1_000_000 + "\n", {"invalid-slug"}),
    "million characters of an extension": (
        lambda: "slug: r\nprofiles: {p: {extensions: {? '" + "k" * 1_000_000 + "'\n : 1}}}\n",
        {"invalid-extension-key"},
    ),
    "million characters of an extension like one": (
        lambda: "slug: r\nprofiles: {p: {extensions: {? '" + "a-" * 500_000 + ".b@v1'\n : 1}}}\n",
        {"invalid-extension-key"},
    ),
    "million characters of a reference": (
        lambda: "slug: r\nprofiles: {p: {inference_settings: {api: {api_keys: {k: '" + "${" * 500_000 + "'}}}}}\n",
        {"unknown-reference"},
    ),
    "million characters of a url": (
        lambda: (
            "slug: r\nprofiles: {p: {inference_settings: {client: {timeout: x, proxy_url: 'a:"
            + "/" * 1_000_000
            + "'}}}}\n"
        ),
        {"wrong-type"},
    ),
    "million characters of a line that is wrong": (
        lambda: "slug: r\nx: '" + "key:" * 250_000 + "'\n",
        {"unknown-field"},
    ),
    "million characters of a scheme": (lambda: "slug: r\nx: '" + "a:" * 250_000 + "@b'\n", {"unknown-field"}),
    "50 MB of blanks": (lambda: " " * 50_000_000, {"not-a-registry"}),
    "50 MB of lines": (lambda: "\n" * 50_000_000, {"not-a-registry"}),
    "50 MB of dashes": (lambda: "- " * 25_000_000, {"too-deep"}),
    "10 MB of items": (lambda: "- a\n" * 2_500_000, {"not-a-registry", "too-large"}),
    "50 MB of comments": (lambda: "# a\n" * 12_500_000, {"not-a-registry"}),
    "50k documents": (lambda: "--- a\n" * 50_000, {"multiple-documents"}),
    "20k duplicates": (lambda: "slug: r\n" + "a: 1\n" * 20_000, {"duplicate-key", "unknown-field"}),
    "20k unknown fields": (lambda: "slug: r\n" + "".join(f"key{n}: 1\n" for n in range(20_000)), {"unknown-field"}),
    "20k wrong types": (
        lambda: "slug: r\nprofiles:\n" + "".join(f"  p{n}: 1\n" for n in range(20_000)),
        {"wrong-type"},
    ),
    "20k invalid slugs": (
        lambda: "slug: r\nprofiles:\n" + "".join(f"  p{n}-: {{}}\n" for n in range(20_000)),
        {"invalid-slug"},
    ),
    "20k unknown profiles": (
        lambda: (
            "slug: r\nprofiles:\n" + "".join(f"  p{n}: {{stack: [{{profile_slug: x{n}}}]}}\n" for n in range(20_000))
        ),
        {"unknown-profile"},
    ),
    "100k keys that collide": (
        lambda: (
            "slug: r\nx-a: {"
            + ", ".join(f"'{chr(97 + n % 26) * (n // 26 % 40)}{n}'" for n in range(100_000))
            + "}\ny: 1\n"
        ),
        {"unknown-field"},
    ),
    "a cycle of 5000": (
        lambda: (
            "slug: r\nprofiles:\n"
            + "".join(f"  p{n}: {{stack: [{{profile_slug: p{(n + 1) % 5000}}}]}}\n" for n in range(5000))
        ),
        {"stack-cycle", "stack-too-deep"},
    ),
    "a chain of 50000": (
        lambda: (
            "slug: r\nprofiles:\n"
            + "".join(f"  p{n}: {{stack: [{{profile_slug: p{n + 1}}}]}}\n" for n in range(50_000))
            + "  p50000: {}\n"
        ),
        {"stack-too-deep"},
    ),
    "diamonds, 30 deep": (
        lambda: (
            "slug: r\nprofiles:\n  p0: {}\n"
            + "".join(
                f"  {which}{n}: {{stack: [{{profile_slug: p{n - 1}}}, {{profile_slug: q{n - 1}}}]}}\n"
                for n in range(1, 30)
                for which in "pq"
            )
            + "  q0: {}\nx: 1\n"
        ),
        {"unknown-field"},
    ),
    "cycles, 1000 in a clique of 60": (
        lambda: (
            "slug: r\nprofiles:\n"
            + "".join(
                f"  p{n}: {{stack: [" + ", ".join(f"{{profile_slug: p{m}}}" for m in range(60) if m != n) + "]}\n"
                for n in range(60)
            )
        ),
        {"stack-cycle", "stack-too-deep"},
    ),
    "proto": (lambda: "slug: r\nprofiles: {__proto__: {}}\n", {"unsafe-key", "invalid-slug"}),
    "a merged proto": (lambda: "x-a: &a {'__proto__': 1}\nslug: r\nx-b: {<<: *a}\n", {"unsafe-key"}),
}
JSON: dict[str, tuple[Text, set[str]]] = {
    "100k [": (lambda: "[" * 100_000, {"too-deep"}),
    "100k {": (lambda: '{"a":' * 100_000, {"too-deep"}),
    "100k whole [": (lambda: "[" * 100_000 + "]" * 100_000, {"too-deep"}),
    "million digits": (lambda: '{"slug": "r", "x-a": ' + "1" * 1_000_000 + "}", {"unsafe-number"}),
    "million digits of an exponent": (lambda: '{"slug": "r", "x-a": 1e' + "1" * 1_000_000 + "}", {"unsafe-number"}),
    "50 MB of blanks": (lambda: " " * 50_000_000, {"not-a-registry"}),
    "50 MB of a text": (lambda: '"' + "a" * 50_000_000 + '"', {"not-a-registry"}),
    "5 MB of items": (lambda: "[" + "1," * 2_500_000 + "1]", {"not-a-registry", "too-large"}),
    "million escapes": (lambda: '{"slug": "r", "a": "' + "\\u0041" * 1_000_000 + '"}', {"unknown-field"}),
    "20k duplicates": (lambda: '{"slug": "r"' + ', "a": 1' * 20_000 + "}", {"duplicate-key", "unknown-field"}),
    "20k far duplicates": (
        lambda: '{"slug": "r"' + "".join(f', "a{n}": 1' for n in range(20_000)) + ', "a19999": 1' * 20_000 + "}",
        {"duplicate-key", "unknown-field"},
    ),
    "an unclosed text of 10 MB": (lambda: '{"slug": "' + "a" * 10_000_000, {"json-syntax"}),
    "100k documents": (lambda: "{}" * 100_000, {"multiple-documents"}),
    "a word of a million": (lambda: '{"slug": ' + "a" * 1_000_000 + "}", {"json-syntax"}),
}


def run(directory: Path, name: str, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (directory / name).write_text(text, "utf-8")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * GIGABYTE, 2 * GIGABYTE))

    return subprocess.run(
        [sys.executable, "-m", "profilec", "check", name, *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": PATHS, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def check_refused(directory: Path, name: str, text: str, rules: set[str]) -> None:
    done = run(directory, name, text, "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    found = [each for each in json.loads(done.stdout)["diagnostics"] if each["severity"] == "error"]
    assert found and {each["rule"] for each in found} <= rules
    # Megabytes of input do not come back as megabytes of findings, each with a long line.
    assert all(len(each["message"]) < 1000 and len(each["hint"] or "") < 1000 for each in found)
    assert all(each["file"] == name for each in found)


@pytest.mark.parametrize("name", YAML)
def test_hostile_yaml(tmp_path: Path, name: str) -> None:
    make, rules = YAML[name]
    check_refused(tmp_path, "r.yaml", make(), rules)


@pytest.mark.parametrize("name", JSON)
def test_hostile_json(tmp_path: Path, name: str) -> None:
    make, rules = JSON[name]
    check_refused(tmp_path, "r.json", make(), rules)


@pytest.mark.parametrize("form", ["text", "short"])
@pytest.mark.parametrize(
    "name",
    [
        "million characters of a line that is wrong",
        "million characters of a scheme",
        "million characters of a key",
        "100k [",
        "20k duplicates",
    ],
)
def test_hostile_lines_are_shown_in_part(tmp_path: Path, name: str, form: str) -> None:
    done = run(tmp_path, "r.yaml", YAML[name][0](), "--format", form)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "bug:" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 2000


def test_others_are_still_reported(tmp_path: Path) -> None:
    directory = tmp_path / "r"
    directory.mkdir()
    (directory / "a.yaml").write_text("[" * 100_000)
    (directory / "b.yaml").write_text("slug: b\nnonsense: 1\n")
    (directory / "c.json").write_text('{"slug": "c",}')
    done = run(tmp_path, "unused.yaml", "", "r", "--format", "json")
    found = {(each["file"], each["rule"]) for each in json.loads(done.stdout)["diagnostics"]}
    assert found >= {("r/a.yaml", "too-deep"), ("r/b.yaml", "unknown-field"), ("r/c.json", "json-syntax")}


GOOD: dict[str, Text] = {
    "100k profiles": lambda: "slug: r\nprofiles:\n  default: {}\n" + "".join(f"  p{n}: {{}}\n" for n in range(100_000)),
    "100k keys": lambda: REGISTRY + "{" + ", ".join(f"k{n}: {n}" for n in range(100_000)) + "}\n",
    "100k texts with commas": lambda: REGISTRY + "['" + "', '".join("a, b: [" for _ in range(100_000)) + "']\n",
    "a text of 5 MB": lambda: REGISTRY + "'" + "a b " * 1_250_000 + "'\n",
    "a folded text of 100k lines": lambda: REGISTRY + ">\n" + "        word word\n\n" * 100_000,
    "100k anchors": lambda: "slug: r\nx-a: [" + ", ".join(f"&a{n} x" for n in range(100_000)) + "]\n",
    # Every level brings the one key of the level below ten times over.
    "a wide merge bomb": lambda: wide_merges(8),
    "sexagesimal": lambda: REGISTRY + "{a: " + ":".join(["1"] * 200_000) + "}\n",
    "an alias of a large value 50 times": lambda: (
        "x-a: &a ["
        + "1, " * 10_000
        + "1]\nslug: r\nprofiles: {default: {extensions: {a.b@v1: ["
        + ", ".join(["*a"] * 50)
        + "]}}}\n"
    ),
    "a stack of 32": lambda: (
        "slug: r\nprofiles:\n  default: {}\n  p1: {}\n"
        + "".join(f"  p{n}: {{stack: [{{profile_slug: p{n - 1}}}]}}\n" for n in range(2, 33))
    ),
    "a stack of 5000 side by side": lambda: (
        "slug: r\nprofiles:\n  default: {stack: ["
        + ", ".join(f"{{profile_slug: p{n}}}" for n in range(5000))
        + "]}\n"
        + "".join(f"  p{n}: {{}}\n" for n in range(5000))
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_only_large_compiles(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, "r.yaml", GOOD[name]())
    assert done.returncode == 0, done.stderr[-2000:]
