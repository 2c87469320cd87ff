"""What is found in where a profile's requests go: rules over effective settings, told at the line that says so."""

from __future__ import annotations

from typing import Any

import profilec
import pytest
from policy_cases import found

KEY = {"api_keys": {"openai-api-key": "${env:OPENAI_API_KEY}"}}


def url(address: Any) -> dict[str, Any]:
    return {"base_urls": {"openai-base-url": address}}


def profile(api: dict[str, Any] | None = None, *stack: str, **sections: Any) -> dict[str, Any]:
    entries = [dict(zip(("registry_slug", "profile_slug"), each.split("/"), strict=True)) for each in stack]
    settings = {**({"api": api} if api else {}), **sections}
    return {"stack": entries, "inference_settings": settings}


def registry(slug: str, **profiles: Any) -> dict[str, Any]:
    return {"slug": slug, "profiles": profiles}


MODEL = {"chat": {"engine": "m", "api_type": "openai"}}
PROVIDER = registry("provider", default=profile(KEY, **MODEL))


def rules(*chain: Any, **options: Any) -> list[tuple[str, str]]:
    return [(each.rule, each.file or "") for each in found(chain=list(chain), **options)]


@pytest.mark.parametrize(
    "host", ["localhost:8080", "LOCALHOST", "127.0.0.1", "127.8.8.8:1", "[::1]:80", "a.localhost", "127.1"]
)
def test_this_machine_may_be_asked_in_the_clear(host: str) -> None:
    assert rules(registry("r", p=profile(KEY | url(f"http://{host}/v1"), **MODEL))) == []


@pytest.mark.parametrize(
    "host",
    ["api.openai.com", "10.0.0.1", "127.0.0.1.example", "localhost.example", "[::2]", "128.0.0.1", "user@x.example"],
)
def test_a_credential_over_http_is_told(host: str) -> None:
    (finding,) = found(chain=registry("r", p=profile(KEY | url(f"http://{host}/v1"), **MODEL)), secrets="embed")
    assert finding.rule == "credential-over-http" and finding.severity == "warning"


@pytest.mark.parametrize(
    ("api", "sections"),
    [
        (KEY | url("https://x.example"), MODEL),
        (url("http://x.example"), MODEL),
        (KEY | url("http://x.example"), {}),
        ({"api_keys": {"openai-api-key": ""}} | url("http://x.example"), MODEL),
        ({"api_keys": {"gemini-api-key": "${env:A}"}} | url("http://x.example"), MODEL),
        (KEY | url("${env:URL}"), MODEL),
        (KEY | url("http://[bad"), MODEL),
    ],
)
def test_no_credential_or_no_http(api: dict[str, Any], sections: dict[str, Any]) -> None:
    assert rules(registry("r", p=profile(api, **sections))) == []


def test_a_url_is_told_once_for_all_that_inherit_it() -> None:
    layers = {f"p{n}": profile(None, "r/base") for n in range(40)}
    for jobs in (1, 3):
        (finding,) = found(
            chain=registry("r", base=profile(KEY | url("http://x.example"), **MODEL), **layers), jobs=jobs
        )
        assert [each.message for each in finding.notes] == [
            "`r/base` sets the credential",
            "in effect in `r/base`, `r/p0`, `r/p1` and 38 more",
        ]


def test_embeddings_and_ranking_have_endpoints_of_their_own() -> None:
    own = {"engine": "e", "type": "openai", **KEY, **url("http://x.example")}
    assert rules(registry("r", p=profile(None, embeddings=own))) == [("credential-over-http", "<memory>/r")]
    rerank = profile(
        {"api_keys": {"cohere-api-key": "${A}"}, "base_urls": {"cohere-base-url": "http://x.example"}},
        rerank={"engine": "r", "type": "cohere"},
    )
    assert rules(registry("r", p=rerank)) == [("credential-over-http", "<memory>/r")]


RELAY = "https://relay.example/v1"


def test_a_credential_that_another_registry_sends_elsewhere_is_told() -> None:
    (finding,) = found(chain=[PROVIDER, registry("team", p=profile(url(RELAY), "provider/default"))])
    assert (finding.rule, finding.severity, finding.file) == ("redirected-credential", "warning", "<memory>/team")
    assert finding.message == (
        "`team/p` sends the credential `env:OPENAI_API_KEY` of `provider/default` to `relay.example`"
    )
    assert [(each.message, str(each.span)) for each in finding.notes] == [
        ("`provider/default` sets the credential", "<memory>/provider")
    ]


def test_the_order_of_a_stack_hides_nothing() -> None:
    """A URL below the credential is another one's all the same, unless who set the credential stacked on it."""
    lower = registry("low", url=profile(url(RELAY)))
    chosen = registry("team", p=profile(None, "low/url", "provider/default"))
    assert rules(lower, PROVIDER, chosen) == [("redirected-credential", "<memory>/low")]
    meant = registry("team", p=profile(KEY, "low/url", **MODEL))
    assert rules(lower, meant) == []
    by_way_of_another = registry("team", q=profile(None, "low/url"), p=profile(KEY, "team/q", **MODEL))
    assert rules(lower, by_way_of_another) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1/",
        "https://API.openai.com:443/v2",
        "${env:OPENAI_BASE_URL}",
        "http://localhost:4000",
        "",
    ],
)
def test_hosts_that_the_credential_is_meant_for(address: str) -> None:
    assert rules(PROVIDER, registry("team", p=profile(url(address), "provider/default"))) == []


def test_a_file_that_a_reference_names_may_be_anyones() -> None:
    team = registry("team", p=profile(url("${file:url.txt}"), "provider/default"))
    assert rules(PROVIDER, team) == [("redirected-credential", "<memory>/team")]


def test_a_host_that_the_owner_names_too_is_no_other() -> None:
    owner = registry("provider", default=profile(KEY | url("https://relay.example/v0"), **MODEL))
    assert rules(owner, registry("team", p=profile(url(RELAY), "provider/default"))) == []
    assert rules(owner, registry("team", p=profile(url("https://other.example"), "provider/default"))) == [
        ("redirected-credential", "<memory>/team")
    ]


@pytest.mark.parametrize("baseline", [{"api": KEY}, {"api": url(RELAY)}])
def test_the_baseline_is_the_applications_own(baseline: dict[str, Any]) -> None:
    of_profile = url(RELAY) if "api_keys" in baseline["api"] else KEY
    assert rules(registry("r", p=profile(of_profile, **MODEL)), baseline=baseline) == []


def test_a_credential_of_its_own_is_not_redirected() -> None:
    own = {"api_keys": {"openai-api-key": "${env:TEAM}"}}
    assert rules(PROVIDER, registry("team", p=profile(url(RELAY) | own, "provider/default"))) == []
    user = profile(url("https://me:x@relay.example") | {"api_keys": {"openai-api-key": ""}}, "provider/default")
    assert rules(PROVIDER, registry("team", p=user), secrets="embed") == []


def test_an_embedded_credential_is_not_shown() -> None:
    literal = registry("provider", default=profile({"api_keys": {"openai-api-key": "hunter2"}}, **MODEL))
    said = found(chain=[literal, registry("team", p=profile(url(RELAY), "provider/default"))], secrets="embed")
    assert "redirected-credential" in [each.rule for each in said]
    assert "hunter2" not in repr(said)


@pytest.mark.parametrize(
    ("rule", "field", "ending"),
    [
        ("plain-http-allowed", "allow_http", "-allow-http"),
        ("local-network-allowed", "allow_local_networks", "-allow-local-networks"),
    ],
)
def test_what_is_allowed_is_noted_at_its_line(rule: str, field: str, ending: str) -> None:
    text = "slug: r\nprofiles:\n  p:\n    inference_settings:\n      api: {%s: {%s: %s}}\n"
    text += "  q: {stack: [{profile_slug: p}]}\n"
    for key in ("openai", f"openai{ending}"):
        (note,) = found(chain=profilec.Text("r.yaml", text % (field, key, "true")))
        assert (note.rule, note.severity, note.line) == (rule, "note", 5)
        assert "for `openai`" in note.message
    assert found(chain=profilec.Text("r.yaml", text % (field, "openai", "false"))) == []
    (error,) = found(chain=profilec.Text("r.yaml", text % (field, "openai", "true")), severities={rule: "error"})
    assert error.severity == "error"
    assert found(chain=profilec.Text("r.yaml", text % (field, "openai", "true")), severities={rule: "off"}) == []


@pytest.mark.parametrize(
    ("api", "is_noted"),
    [
        ({"allow_http": {"openai": True}} | url("http://localhost:8080"), False),
        ({"allow_http": {"ollama": True}}, False),
        ({"allow_http": {"llamacpp": True}, "base_urls": {"llama.cpp-base-url": "http://127.0.0.1"}}, False),
        ({"allow_http": {"openai": True}} | url("http://10.0.0.1"), True),
        ({"allow_http": {"openai": True}} | url("${env:URL}"), True),
        ({"allow_http": {"nobody": True}}, True),
    ],
)
def test_what_leads_to_this_machine_is_not_noted(api: dict[str, Any], is_noted: bool) -> None:
    assert rules(registry("r", p=profile(api))) == [("plain-http-allowed", "<memory>/r")] * is_noted


def test_a_layer_above_may_take_it_back() -> None:
    base = registry("a", p=profile({"allow_http": {"openai": True}}))
    above = registry("b", p=profile({"allow_http": {"openai": False}}, "a/p"))
    (note,) = found(chain=[base, above])
    assert note.file == "<memory>/a" and note.notes == ()
    assert found(chain=registry("r", p=profile()), baseline={"api": {"allow_http": {"openai": True}}}) == []


def test_profiles_that_share_sections_are_told_apart() -> None:
    """The look is kept by the identity of sections; what is not in one of them has to count too."""
    chain = [
        registry("a", keyed=profile(KEY | url("http://x.example"))),
        registry("b", layer=profile(None, "a/keyed"), openai=profile(None, "a/keyed", **MODEL)),
        registry("c", gemini=profile(None, "a/keyed", chat={"engine": "m", "api_type": "gemini"})),
        registry("e", unnamed=profile(None, "a/keyed", chat={"engine": "m"})),
        registry("d", cleared=profile(None, "a/keyed", chat={**MODEL["chat"], "api_keys": {"openai-api-key": ""}})),
    ]
    (finding,) = found(chain=chain)
    assert [each.message for each in finding.notes][1:] == ["in effect in `b/openai`, `e/unnamed`"]
