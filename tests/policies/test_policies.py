"""A project's own rules: which profiles they hold, what a violation says, and where it points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import profilec
import pytest
from cli_run import environment
from policy_cases import CHAIN, PROVIDER, at, found, policy, setting, told
from profilec.passes.validate.violations import describer, violations

NAMED = "in effect in `prod-eu/base`, `prod-eu/one`, `prod-eu/three` and 1 more"
OUTPUT = setting("model_info.cost.output", {"maximum": 10})


def test_what_many_inherit_from_one_line_is_one_finding_there() -> None:
    (finding,) = found(policy(OUTPUT, hint="ask"))
    assert finding.message == "not ours: `model_info.cost.output` is 12, where at most 10 is wanted"
    assert (str(finding.span), finding.severity, finding.hint) == ("10-provider.yaml:9:15", "error", "ask")
    assert [each.message for each in finding.notes] == [NAMED]
    assert finding.excerpt and finding.excerpt.line == "        cost: {input: 3, output: 12}"


def test_a_profile_whose_own_line_it_is_needs_no_further_name() -> None:
    (finding,) = found(policy(setting("chat.temperature", {"maximum": 1})))
    assert (str(finding.span), finding.notes) == ("20-prod.yaml:9:81", ())


@pytest.mark.parametrize(
    ("schema", "place", "said"),
    [
        (setting("chat", {"required": ["seed"]}), "20-prod.yaml:3:3", "`chat.seed` is missing"),
        # Whoever wrote the price left it out.
        (
            setting("model_info.cost", {"required": ["cache_read"]}),
            "10-provider.yaml:9:15",
            "`model_info.cost.cache_read` is missing",
        ),
        (
            setting("chat", {"additionalProperties": False, "properties": {"engine": {}, "temperature": {}}}),
            "10-provider.yaml:7:24",
            "`chat.api_type` is set, where nothing is wanted",
        ),
        (
            setting("api", {"not": {"required": ["api_keys"]}}),
            "10-provider.yaml:6:36",
            "`api.api_keys` is set, where nothing is wanted",
        ),
        (
            setting("api.api_keys", {"propertyNames": {"pattern": "^team-"}}),
            "10-provider.yaml:6:36",
            "`api.api_keys.openai-api-key` is not a key that is wanted",
        ),
        (setting("chat.engine", False), "20-prod.yaml:6:22", "`chat.engine` is set, where nothing is wanted"),
        (
            setting("chat.engine", {"anyOf": [{"const": "a"}, {"pattern": "^b"}]}),
            "20-prod.yaml:6:22",
            "`chat.engine` is `gpt-4o`, where `a` or a match of `^b` is wanted",
        ),
        (
            setting("chat.engine", {"enum": ["a", "b"]}),
            "20-prod.yaml:6:22",
            "`chat.engine` is `gpt-4o`, where one of `a`, `b` is wanted",
        ),
        (
            setting("chat.engine", {"type": ["integer", "null"]}),
            "20-prod.yaml:6:22",
            "`chat.engine` is `gpt-4o`, where a whole number or nothing is wanted",
        ),
        (
            {"if": setting("chat.api_type", {"const": "openai"}), "then": OUTPUT},
            "10-provider.yaml:9:15",
            "`model_info.cost.output` is 12, where at most 10 is wanted",
        ),
        (
            {"properties": {"requires": {"items": {"pattern": "^env:TEAM_"}}}},
            "10-provider.yaml:6:36",
            "`api.api_keys.openai-api-key` is `env:OPENAI_API_KEY`, where a match of `^env:TEAM_` is wanted",
        ),
        (
            setting("model_info.context_window", {"exclusiveMinimum": 128000, "multipleOf": 64000}),
            "20-prod.yaml:7:36",
            "`model_info.context_window` is 128000, where more than 128000 is wanted",
        ),
        (
            setting("model_info.cost", {"minProperties": 3}),
            "10-provider.yaml:9:15",
            "`model_info.cost` has 2 entries, where at least 3 have to be",
        ),
        (
            setting("api.api_keys", {"unevaluatedProperties": False, "maxProperties": 1}),
            "10-provider.yaml:6:36",
            "`api.api_keys` has further entries, where none is wanted",
        ),
        (
            setting("api.api_keys", {"maxProperties": 0}),
            "10-provider.yaml:6:36",
            "`api.api_keys` has 1 entry, where at most 0 may be",
        ),
    ],
)
def test_a_violation_says_what_was_found_at_the_line_that_set_it(schema: Any, place: str, said: str) -> None:
    assert told(policy(schema)) == [(place, f"not ours: {said}")]


def test_what_no_profile_inherits_is_told_of_each() -> None:
    for schema in ({"required": ["display_name"]}, at("metadata", at("profile", {})) | {"required": ["description"]}):
        said = found(policy(schema))
        assert [str(each.span) for each in said] == [f"20-prod.yaml:{line}:3" for line in (3, 8, 9, 10)]
        assert not any(each.notes for each in said)
    stack = at("lineage.stack", {"contains": at("registry_slug", {"const": "house"})})
    assert len(told(policy(stack))) == 4


def test_what_is_missing_is_told_of_the_lowest_profile_that_lacks_it() -> None:
    missing = policy({"properties": {"inference_settings": {"required": ["client"]}}}, layers=True)
    first, second = found(missing, chain=[*CHAIN, {"slug": "alone", "profiles": {"p": {}}}])
    assert (str(second.span), second.notes) == ("<memory>/alone", ())
    assert str(first.span) == "10-provider.yaml:3:3"
    assert first.notes[0].message == "in effect in `provider/default`, `prod-eu/base`, `prod-eu/one` and 2 more"


@pytest.mark.parametrize(
    ("select", "names"),
    [
        (["prod-*"], {"base", "one", "two", "three"}),
        (["*/one", "PROD-eu/t*"], {"one", "two", "three"}),
        (["prod-[ab]*", "prod-e?/one"], {"one"}),
        (["provider"], set()),
    ],
)
def test_globs_select_profiles(select: list[str], names: set[str]) -> None:
    refused = policy(at("profile_slug", {"const": ""}), select=select)
    said = [each.message for each in found(refused) if each.rule == "own"]
    assert (
        said == [f"not ours: `profile_slug` is `{each}`, where `` is wanted" for each in sorted(names)]
        or {each.partition("is `")[2].partition("`")[0] for each in said} == names
    )


def test_layers_for_others_are_passed_over_unless_they_are_asked_for() -> None:
    assert {str(each.span) for each in found(policy(OUTPUT, select=["provider"]))} == {"<policy>/own"}
    (finding,) = found(policy(OUTPUT, select=["provider"], layers=True))
    assert (str(finding.span), finding.notes) == ("10-provider.yaml:9:15", ())


@pytest.mark.parametrize(
    ("select", "said", "hint"),
    [
        (["prd-eu/*"], "no profile is selected by its globs", "did you mean `prod-eu`?"),
        (["thr*"], "no profile is selected by its globs", "`thr*` is about registries: write `*/thr*` for profiles"),
        (["provider"], "no profile that it selects has a model", '"layers": true'),
        ([], "no profile is selected by its globs", "`profilec list`"),
    ],
)
def test_a_policy_that_holds_nothing_is_told(select: list[str], said: str, hint: str) -> None:
    (finding,) = found(policy({}, select=select))
    assert (finding.rule, finding.severity) == ("idle-policy", "warning")
    assert said in finding.message and finding.hint and hint in finding.hint


def test_severities_and_what_is_refused() -> None:
    warned = policy(OUTPUT, severity="warning")
    build = profilec.compile(CHAIN, policies=[warned])
    assert [(each.rule, each.severity) for each in build.diagnostics if each.rule == "own"] == [("own", "warning")]
    assert [each.severity for each in found(policy(OUTPUT, severity="note"))] == ["note"]
    for severity in ("warning", "note"):
        with pytest.raises(profilec.CompileError):
            profilec.compile(CHAIN, policies=[policy(OUTPUT, severity=severity)], fail_on=("warning", "note"))
    profilec.compile(CHAIN, policies=[warned], fail_on=())


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize(("severity", "fail_on"), [("error", ()), ("warning", ("warning",))])
def test_a_refused_build_leaves_nothing(tmp_path: Path, jobs: int, severity: str, fail_on: tuple[str, ...]) -> None:
    profilec.build(CHAIN, tmp_path)
    before = contents(tmp_path)
    with pytest.raises(profilec.CompileError):
        # One part of the profiles has nothing wrong with it, and is written before the others are known.
        profilec.build(
            [profilec.Text("changed.yaml", PROVIDER.replace("provider", "other")), *CHAIN],
            tmp_path,
            jobs=jobs,
            policies=[policy(OUTPUT, severity=severity)],
            fail_on=fail_on,
        )
    assert contents(tmp_path) == before


def test_findings_are_the_same_for_any_number_of_jobs(tmp_path: Path) -> None:
    policies = [
        policy(OUTPUT, severity="warning"),
        policy(setting("chat", {"required": ["seed"]}), name="seeds", severity="warning"),
        policy({}, name="idle", select=["nothing"]),
    ]
    results = [profilec.build(CHAIN, tmp_path, jobs=jobs, policies=policies).diagnostics for jobs in (1, 2, 3, 5)]
    assert len(results[0]) > 3
    assert all(each == results[0] for each in results)


def test_a_policy_sees_what_the_artifact_holds() -> None:
    build = profilec.compile(CHAIN, secrets="reference")
    schemas = {each: {"const": document.document} for each, document in build.artifacts.items()}
    for name, schema in schemas.items():
        same = policy(schema, select=[name], layers=True)
        assert found(same) == []


def test_no_credential_is_shown() -> None:
    secret = "hunter2-hunter2"
    chain = [
        {
            "slug": "r",
            "profiles": {
                "p": {
                    "inference_settings": {
                        "api": {
                            "api_keys": {"openai-api-key": secret},
                            "base_urls": {"openai-base-url": f"https://me:{secret}@host.example"},
                        },
                        "chat": {"engine": "m"},
                        "model_info": {"metadata": {"token": secret}},
                    },
                    "extensions": {
                        "a.b@v1": {"password": secret, "list": [secret], "headers": {"Authorization": secret}}
                    },
                }
            },
        }
    ]
    paths = ("inference_settings.api.api_keys", "inference_settings.api.base_urls", "inference_settings.model_info")
    schemas = [at(each, {"additionalProperties": {"const": 1}}) for each in paths]
    schemas.append(at("inference_settings.model_info.metadata", {"additionalProperties": {"maxLength": 1}}))
    for key in ("password", "headers"):
        inner = {"const": 1} if key == "password" else {"additionalProperties": {"type": "integer"}}
        schemas.append({"properties": {"extensions": {"properties": {"a.b@v1": at(key, inner)}}}})
    for schema in schemas:
        for mode in ("reference", "embed"):
            said = found(policy(schema), chain=chain, secrets=mode)
            assert any(each.rule == "own" for each in said)
            assert secret not in repr(said)
    masked = found(policy(schemas[0]), chain=chain, secrets="embed")
    assert [each.message for each in masked] == [
        "not ours: `api.api_keys.openai-api-key` is ********, where `1` is wanted"
    ]


@pytest.mark.parametrize(
    ("text", "place", "rule", "said"),
    [
        ('{"message": "m",\n "shcema": {}}', "2:2", "unknown-field", "`shcema` is not a field of a policy"),
        ('{"message": "m"}', "", "missing-field", "the policy has no `schema`"),
        ("[]", "", "wrong-type", "a policy is a mapping, not a list"),
        ("", "", "wrong-type", "a policy is a mapping, not nothing"),
        ('{"message": "m", "schema": {}', "1:30", "json-syntax", "expected `,` or `}`"),
        ('{"message": "m", "schema": true}', "1:28", "wrong-type", "(`true`), where a mapping is wanted"),
        ('{"message": "m", "schema": {}, "severity": "eror"}', "1:44", "invalid-value", "one of `error`, `warning`"),
        ('{"message": "m", "schema": {}, "select": ["a/b/c"]}', "1:43", "invalid-value", "`a/b/c` selects nothing"),
        ('{"message": "m", "schema": {}, "select": ["/b"]}', "1:43", "invalid-value", "`/b` selects nothing"),
        ('{"message": "m", "schema":\n{"maximun": 1}}', "2:2", "policy-schema", "`maximun` is not a keyword"),
        ('{"message": "m", "schema":\n{"format": "uri"}}', "2:2", "policy-schema", "`format` is a remark"),
        ('{"message": "m", "schema":\n{"type": "txet"}}', "2:10", "policy-schema", "`txet` is nothing that"),
        ('{"message": "m", "schema":\n{"pattern": "("}}', "2:13", "policy-schema", "`(` is not a regular expression"),
        ('{"message": "m", "schema":\n{"patternProperties": {"(": {}}}}', "2:29", "policy-schema", "`(` is not a reg"),
        ('{"message": "m", "schema":\n{"$ref": "x.json"}}', "2:10", "policy-schema", "leads out of the policy"),
        ('{"message": "m", "schema":\n{"$ref": "file:///etc/passwd"}}', "2:10", "policy-schema", "nothing is fetched"),
        ('{"message": "m", "schema":\n{"$ref": "#/$defs/a"}}', "2:10", "policy-schema", "leads to nothing"),
        ('{"message": "m", "schema":\n{"$ref": "#nowhere"}}', "2:1", "policy-schema", "cannot be used"),
        (
            '{"message": "m", "schema":\n{"$schema": "http://json-schema.org/draft-07/schema#"}}',
            "2:13",
            "policy-schema",
            "another draft",
        ),
    ],
)
def test_a_mistake_in_a_policy_has_its_place(text: str, place: str, rule: str, said: str) -> None:
    (finding,) = found(profilec.Text("own.json", text))
    assert finding.rule == rule and said in finding.message
    assert str(finding.span) == f"own.json:{place}".removesuffix(":")


def test_keywords_are_those_of_the_draft() -> None:
    from jsonschema_specifications import REGISTRY
    from profilec.schemas.walk import KEYWORDS

    vocabularies = [each.contents for uri, each in REGISTRY.items() if "2020-12" in uri]
    known = {name for each in vocabularies for name in each.get("properties", {})}
    assert known - KEYWORDS == {"$recursiveAnchor", "$recursiveRef", "dependencies"}
    assert known >= KEYWORDS


@pytest.mark.parametrize("name", ["Own", "a b", "-", "\u001b[31mred", "ø"])
def test_a_policy_is_called_as_a_rule_may_be(name: str) -> None:
    assert [each.rule for each in found(policy({}, name=name))] == ["invalid-slug"]


def test_names_stand_once() -> None:
    assert [each.rule for each in found(policy({}), policy({}))] == ["configuration"]
    (finding,) = found(profilec.Text("wrong-type.json", '{"message": "m", "schema": {}}'))
    assert (finding.rule, finding.message) == (
        "configuration",
        "the policy `wrong-type` has the name of a built-in rule",
    )
    assert [each.rule for each in found({"message": "m", "schema": {}})] == ["missing-field"]


def test_a_policy_is_given_back_as_it_was() -> None:
    given = policy(setting("chat.engine", False))
    before = json.dumps(given)
    found(given)
    assert json.dumps(given) == before


def test_a_schema_that_the_describer_cannot_follow_still_refuses() -> None:
    # One validator ends where a schema refers to itself, the other does not.
    said = told(policy({"allOf": [{"$ref": "#"}, {"required": ["nothing"]}]}))
    assert [place for place, _ in said] == [f"20-prod.yaml:{line}:3" for line in (3, 8, 9, 10)]
    assert all(message.startswith("not ours") for _, message in said)


def test_the_baseline_has_lines_too() -> None:
    baseline = profilec.Text("base.yaml", "client: {timeout: 900}\n")
    slow = policy(setting("client.timeout", {"maximum": 60}))
    (finding,) = found(slow, baseline=baseline)
    assert str(finding.span) == "base.yaml:1:19"
    assert [each.message for each in finding.notes] == [NAMED]


def test_a_compile_without_lineage_points_at_the_same_lines() -> None:
    policies = [policy(OUTPUT), policy(setting("chat", {"required": ["seed"]}), name="seeds")]
    assert told(*policies, lineage=False) == told(*policies)


def test_the_order_of_violations_is_not_the_describers() -> None:
    schema = setting("chat", {"required": list("hgfedcba"), "maxProperties": 0})
    document = profilec.compile(CHAIN).artifacts["prod-eu/one"].document
    said = violations(describer(schema), document)
    assert len(said) == 9 and said == sorted(said)


SLOW = "^([a-z0-9]+-?)+$"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (at("chat.engine", {"pattern": SLOW}), f"a match of `{SLOW}` is wanted"),
        (at("chat.engine", {"anyOf": [{"pattern": SLOW}, {"const": "a"}]}), "or `a` is wanted"),
        (at("chat.engine", {"$ref": "#/$defs/slow"}), f"a match of `{SLOW}` is wanted"),
        (at("model_info.metadata", {"propertyNames": {"pattern": SLOW}}), "is not a key that is wanted"),
        (
            at("model_info.metadata", {"patternProperties": {SLOW: {}}, "additionalProperties": False}),
            "is set, where nothing is wanted",
        ),
        (
            at("model_info.metadata", {"allOf": [{"patternProperties": {SLOW: {}}}], "unevaluatedProperties": False}),
            "has further entries, where none is wanted",
        ),
        (at("model_info.metadata", {"patternProperties": {SLOW: {}, "!$": {"const": 1}}}), "where `1` is wanted"),
    ],
)
def test_no_pattern_takes_years(schema: Any, said: str) -> None:
    """In a process of its own, since nothing else could end it."""
    settings = {
        "chat": {"engine": "a" * 40 + "!"},
        "model_info": {"metadata": {"a" * 40 + "!": "x", "known": "x"}},
    }
    chain = {"slug": "r", "profiles": {"p": {"inference_settings": settings}}}
    whole = {"properties": {"inference_settings": schema}, "$defs": {"slow": {"pattern": SLOW}}}
    script = (
        "import json, sys; sys.path.append(sys.argv[1]); from policy_cases import found\n"
        "print(*[each.message for each in found(json.loads(sys.argv[2]), chain=json.loads(sys.argv[3]))], sep='\\n')"
    )
    room = str(Path(__file__).parent)
    command = [sys.executable, "-c", script, room, json.dumps(policy(whole)), json.dumps(chain)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, timeout=20)
    assert said in done.stdout and len(done.stdout.splitlines()) == 1


WITHOUT_FAST = """
import sys
sys.modules["jsonschema_rs"] = None
import profilec
registry = {"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": "m"}}}}}
try:
    profilec.compile(registry, policies=[profilec.Text("own.json", sys.argv[1])])
except profilec.CompileError as error:
    for each in error.diagnostics:
        if each.severity == "error":
            print(each.rule, each.message)
"""


@pytest.mark.parametrize(
    "schema",
    [setting("chat.engine", {"const": "n"}), {"type": "txet"}, {"pattern": "("}, {"maximum": "x", "$ref": "#/no"}, {}],
)
def test_without_the_fast_validator_the_same_is_found(schema: Any) -> None:
    text = json.dumps({"message": "not ours", "schema": schema})
    chain = {"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"engine": "m"}}}}}
    command = [sys.executable, "-c", WITHOUT_FAST, text]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    wanted = [f"{each.rule} {each.message}" for each in found(profilec.Text("own.json", text), chain=chain)]
    assert done.stdout.splitlines() == wanted


def test_files_and_directories(tmp_path: Path) -> None:
    directory = tmp_path / "policies"
    directory.mkdir()
    text = json.dumps({key: value for key, value in policy(OUTPUT).items() if key != "name"})
    for name in ("b.json", "a.json", ".hidden.json", "README.md"):
        (directory / name).write_text(text)
    (directory / "deeper.json").mkdir()
    assert [each.rule for each in found(directory, root=tmp_path)] == ["a", "b"]
    assert [each.rule for each in found(str(directory / "b.json"), root=tmp_path)] == ["b"]
    (one,) = found(directory / "c.json", root=tmp_path)
    assert (one.rule, one.span) == ("missing-source", profilec.Span("policies/c.json"))
    assert [each.rule for each in found(directory / "deeper.json", root=tmp_path)] == ["configuration"]


@pytest.mark.parametrize("name", ["x.yml", "x.yaml", "HOT.JSON", "sub/x.json", "sub/deeper/x.yml"])
def test_a_policy_that_is_not_read_is_told(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "policies"
    (directory / "sub" / "deeper").mkdir(parents=True)
    (directory / ".git").mkdir()
    text = json.dumps({"message": "m", "schema": {}})
    for each in ("a.json", ".b.yml", "README.md", ".git/c.json"):
        (directory / each).write_text(text)
    (directory / "sub" / "models.yaml").write_text("slug: models\nprofiles: {}\n")
    (directory / "sub" / "list.json").write_text('["schema", "message"]')
    assert found(directory, root=tmp_path) == []
    (directory / name).write_text("message: m\nschema: {}\n" if "ml" in name else text)
    (finding,) = found(directory, root=tmp_path)
    assert (finding.rule, finding.severity, finding.file) == ("idle-policy", "warning", f"policies/{name}")
    assert finding.message == f"`policies/{name}` looks like a policy, and is not read"
    (directory / "a.json").unlink()
    assert [each.rule for each in found(directory, root=tmp_path)] == ["configuration"]


def test_each_glob_of_a_policy_selects_something() -> None:
    said = found(policy({}, select=["prod-*", "providr", "*/one", "*/nine"]))
    assert [(each.rule, each.severity, each.message, each.hint) for each in said] == [
        (
            "idle-policy",
            "warning",
            "`*/nine`, one of the globs of the policy `own`, selects no profile",
            "`profilec list` shows the profiles that there are",
        ),
        (
            "idle-policy",
            "warning",
            "`providr/*`, one of the globs of the policy `own`, selects no profile",
            "did you mean `provider`?",
        ),
    ]
    assert found(policy({}, select=["prod-*", "provider"])) == []
