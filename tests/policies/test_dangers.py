"""What is found in where a profile's requests go: rules over effective settings, told at the line that says so."""

from __future__ import annotations

import json
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
    "host",
    [
        *("localhost:8080", "LOCALHOST", "127.0.0.1", "127.8.8.8:1", "[::1]:80", "a.localhost", "127.1"),
        *("localhost.localdomain", "ip6-localhost:1", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:80", "localhost."),
    ],
)
def test_this_machine_may_be_asked_in_the_clear(host: str) -> None:
    assert rules(registry("r", p=profile(KEY | url(f"http://{host}/v1"), **MODEL))) == []


@pytest.mark.parametrize(
    "host",
    [
        *("api.openai.com", "10.0.0.1", "127.0.0.1.example", "localhost.example", "[::2]", "128.0.0.1"),
        *("user@x.example", "0.0.0.0", "[::]", "notlocalhost"),
    ],
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
        "https://eu.api.openai.com/v1",
        "http://localhost:4000",
        "",
    ],
)
def test_hosts_that_the_credential_is_meant_for(address: str) -> None:
    assert rules(PROVIDER, registry("team", p=profile(url(address), "provider/default"))) == []


@pytest.mark.parametrize("host", ["api.openai.com.evil.example", "evilapi.openai.com", "openai.com", "api.groq.com"])
def test_hosts_that_only_look_like_the_providers(host: str) -> None:
    team = registry("team", p=profile(url(f"https://{host}/v1"), "provider/default"))
    assert rules(PROVIDER, team) == [("redirected-credential", "<memory>/team")]


@pytest.mark.parametrize(
    "key", [{"groq-api-key": "${env:KEY}"}, {"openai-api-key": "${env:GROQ_API_KEY}"}, {"groq-api-key": "x"}]
)
def test_the_host_of_the_provider_that_a_credential_is_called_after(key: dict[str, str]) -> None:
    """A catalogue of models in one registry, and the keys in another."""
    name = next(iter(key)).removesuffix("-api-key")
    api = {"base_urls": {f"{name}-base-url": "https://api.groq.com/openai/v1"}}
    catalogue = registry("groq", llama=profile(api, chat={"engine": "llama", "api_type": name}))
    keys = registry("keys", default=profile({"api_keys": key}))
    team = registry("team", p=profile(None, "groq/llama", "keys/default"))
    assert "redirected-credential" not in dict(rules(catalogue, keys, team))


REPEATED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (KEY | url(RELAY), {}),
    (KEY | url(RELAY), MODEL),
    (
        {"api_keys": {"openrouter-api-key": "${env:OPENAI_API_KEY}"}, "base_urls": {"openrouter-base-url": RELAY}},
        {"chat": {"engine": "m", "api_type": "openrouter"}},
    ),
    (
        {"api_keys": {"rerank-api-key": "${OPENAI_API_KEY}"}, "base_urls": {"cohere-base-url": RELAY}},
        {"rerank": {"engine": "r", "type": "cohere"}},
    ),
    ({}, {"embeddings": {"engine": "e", "type": "openai", **KEY, **url(RELAY)}}),
]


@pytest.mark.parametrize(("api", "sections"), REPEATED)
def test_a_reference_that_is_repeated_is_still_the_others(api: dict[str, Any], sections: dict[str, Any]) -> None:
    (finding,) = found(chain=[PROVIDER, registry("team", p=profile(api, "provider/default", **sections))])
    assert (finding.rule, finding.file) == ("redirected-credential", "<memory>/team")
    assert finding.message == (
        "`team/p` sends the credential `env:OPENAI_API_KEY` of `provider/default` to `relay.example`"
    )
    assert [each.message for each in finding.notes] == [
        "`provider/default` sets the credential",
        "`team/p` sets it too",
    ]


def test_who_repeats_a_reference_need_not_stack_on_its_owner() -> None:
    alone = registry("team", p=profile(KEY | url(RELAY), **MODEL))
    assert rules(alone) == []
    assert rules(PROVIDER, alone) == [("redirected-credential", "<memory>/team")]
    helped = [registry("url", p=profile(url(RELAY))), registry("team", p=profile(KEY, "url/p", **MODEL))]
    assert rules(*helped) == []
    assert rules(PROVIDER, *helped) == [("redirected-credential", "<memory>/url")]
    own = registry("team", p=profile(KEY | url("https://api.openai.com/v1"), **MODEL))
    assert rules(PROVIDER, own) == []
    knows = registry("provider", default=profile(KEY, **MODEL), relayed=profile(url(RELAY)))
    assert rules(knows, alone) == []
    assert rules(alone, baseline={"api": KEY}) == []


def test_a_file_is_the_same_however_it_is_spelled() -> None:
    one, other = ({"api_keys": {"openai-api-key": f"${{file:{path}}}"}} for path in ("keys/a", "./keys//a"))
    chain = [registry("provider", p=profile(one, **MODEL)), registry("team", p=profile(other | url(RELAY), **MODEL))]
    assert rules(*chain) == [("redirected-credential", "<memory>/team")]


def test_what_another_registry_sets_counts_in_the_next_compile_too() -> None:
    from profilec.carried import Carried

    carried = Carried()
    team = profilec.Text("team.yaml", json.dumps(registry("team", p=profile(KEY | url(RELAY), **MODEL))))
    other = registry("provider", default=profile({"api_keys": {"openai-api-key": "${env:OTHER}"}}, **MODEL))
    assert rules(profilec.Text("provider.yaml", json.dumps(other)), team, carried=carried) == []
    now = rules(profilec.Text("provider.yaml", json.dumps(PROVIDER)), team, carried=carried)
    assert now == [("redirected-credential", "team.yaml")]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://evil.example\\.localhost/v1", "has a `\\` before its path"),
        ("http://evil.example\t.localhost/v1", "holds a control character"),
        ("https://evil example.localhost/v1", "has a host with a blank"),
        ("https://lоcalhost/v1", "has a host with characters beyond ASCII"),
        ("https://%6cocalhost/v1", "has a host with a blank or a `%`"),
        ("https:///v1", "names no host"),
        ("https:evil.example", "names no host"),
        ("api.openai.com/v1", "names no host"),
        ("https://:80/v1", "names no host"),
        ("http://[bad", "has a host or a port that cannot be read"),
        ("https://x.example:port", "has a host or a port that cannot be read"),
    ],
)
def test_a_url_that_is_read_in_several_ways_is_told(address: str, why: str) -> None:
    (finding,) = found(chain=registry("r", p=profile(url(address))))
    assert (finding.rule, finding.severity) == ("odd-url", "warning")
    assert why in finding.message
    allowed = profile(url(address) | {"allow_local_networks": {"openai": True}})
    assert ("local-network-allowed", "<memory>/r") in rules(registry("r", p=allowed))


def test_an_odd_url_is_never_this_machine() -> None:
    team = registry("team", p=profile(url("https://evil.example\\.localhost/v1"), "provider/default"))
    said = found(chain=[PROVIDER, team])
    assert [each.rule for each in said] == ["odd-url", "redirected-credential"]
    assert "to `evil.example`" in said[1].message
    disguised = registry("team", p=profile(url("https://evil.example\\@localhost/v1"), "provider/default"))
    assert "redirected-credential" in [each.rule for each in found(chain=[PROVIDER, disguised], secrets="embed")]
    password = found(chain=registry("r", p=profile(url("https://me:hunter2@a%20b/v1"))), secrets="embed")
    assert "odd-url" in [each.rule for each in password] and "hunter2" not in repr(password)


@pytest.mark.parametrize(
    ("address", "proxy", "place"),
    [
        ("http://localhost:8080/v1", "http://proxy.example:3128", "/team"),
        ("http://localhost:8080/v1", "http://localhost:3128", None),
        ("https://localhost/v1", "http://proxy.example:3128", None),
        ("http://localhost:8080/v1", "", None),
    ],
)
def test_a_proxy_is_sent_what_is_for_this_machine(address: str, proxy: str, place: str | None) -> None:
    base = registry("base", p=profile(KEY | url(address), **MODEL))
    team = registry("team", p=profile(None, "base/p", client={"proxy_url": proxy}))
    said = [each for each in found(chain=[base, team]) if each.rule != "baseline-field"]
    assert [(each.rule, each.file) for each in said] == [("credential-over-http", "<memory>/team")] * bool(place)
    assert all("for `localhost` to the proxy in the clear" in each.message for each in said)
    assert rules(base, baseline={"client": {"proxy_url": proxy}}) == []


def test_a_proxy_is_sent_what_is_for_this_machine_by_default() -> None:
    key = {"api_keys": {"ollama-api-key": "${env:K}"}}
    ollama = profile(key, chat={"engine": "m", "api_type": "ollama"}, client={"proxy_url": "http://proxy.example"})
    assert "credential-over-http" in dict(rules(registry("r", p=ollama)))


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
        (
            {
                "allow_http": {"openai": True},
                "base_urls": {
                    "openai-base-url": "http://localhost:1/v1",
                    "open-responses-base-url": "http://10.0.0.5/v1",
                },
            },
            True,
        ),
        ({"allow_http": {"openai": True}, "base_urls": {"open-responses-base-url": "http://localhost/v1"}}, True),
        ({"allow_http": {"llama.cpp": True}, "base_urls": {"rerank-base-url": "http://localhost"}}, False),
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
