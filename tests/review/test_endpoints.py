"""The compiler's view of where requests go is the runtime's."""

from __future__ import annotations

from typing import Any

import profilec
import pytest
from engineprofiles import failures
from engineprofiles.endpoint import _allows, endpoint
from engineprofiles.providers import KNOWN
from engineprofiles.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from profilec.endpoints import PROVIDERS, allows, endpoints

NAMES = sorted({name for table in KNOWN.values() for each in table.values() for name in each.names})


def test_the_table_is_the_runtimes() -> None:
    ours = {role: {kind: (names, url) for kind, (names, url) in table.items()} for role, table in PROVIDERS.items()}
    assert ours == {
        role: {kind: (each.names, each.base_url) for kind, each in table.items()} for role, table in KNOWN.items()
    }


def tables(ending: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from([f"{name}-{ending}" for name in NAMES]), values, max_size=4)


KEYS = tables("api-key", st.sampled_from(["", {"$secret": "env:A"}, {"$secret": "env:B"}]))
URLS = tables("base-url", st.sampled_from(["", "https://one.example/v1", "https://two.example:8443/v1"]))


@given(
    role=st.sampled_from(list(KNOWN)),
    kind=st.sampled_from(sorted({kind for table in KNOWN.values() for kind in table})),
    api_keys=KEYS,
    base_urls=URLS,
    own_keys=KEYS,
    own_urls=URLS,
)
def test_an_endpoint_is_the_runtimes(
    role: str, kind: str, api_keys: Any, base_urls: Any, own_keys: Any, own_urls: Any
) -> None:
    section = {"engine": "m", ("api_type" if role == "chat" else "type"): kind}
    settings: dict[str, Any] = {"api": {"api_keys": api_keys, "base_urls": base_urls}, role: section}
    if role in ("chat", "embeddings"):
        section["api_keys"] = own_keys
    if role == "embeddings":
        section["base_urls"] = own_urls
    (ours,) = endpoints(settings)
    try:
        theirs = endpoint(Settings("p", [("profile", settings)]), role, look_up=False)
    except (failures.MissingCredential, failures.AddressRefused, failures.UnknownProvider):
        return
    assert (ours.role, ours.model, ours.url, ours.host) == (role, theirs.model, theirs.base_url, ours.host)
    assert ours.credential_at.rpartition("/")[2] == (theirs.key_at[1] if ours.credential else "")


@pytest.mark.parametrize(
    ("url", "shown", "credential"),
    [
        ("https://user:pass@host/v1", "https://host/v1", "********"),
        ({"$secret": "env:GATEWAY"}, "${env:GATEWAY}", None),
        ("https://HOST:8443/v1", "https://HOST:8443/v1", None),
    ],
)
def test_a_base_url_shows_no_credential(url: Any, shown: str, credential: str | None) -> None:
    (found,) = endpoints({"chat": {"engine": "m"}, "api": {"base_urls": {"openai-base-url": url}}})
    assert (found.url, found.credential) == (shown, credential)


def test_a_layer_without_a_model_has_no_endpoint() -> None:
    build = profilec.compile({"slug": "r", "profiles": {"p": {"inference_settings": {"chat": {"api_type": "openai"}}}}})
    assert endpoints(build.artifacts["r/p"].document["inference_settings"]) == []


@given(
    kind=st.sampled_from([*{kind for table in KNOWN.values() for kind in table}, "acme"]),
    what=st.sampled_from(["http", "local-networks"]),
    flags=st.dictionaries(st.sampled_from([*NAMES, "acme", *(f"{each}-allow-http" for each in NAMES)]), st.booleans()),
)
def test_what_is_allowed_is_what_the_runtime_allows(kind: str, what: str, flags: dict[str, bool]) -> None:
    settings = {"api": {f"allow_{what.replace('-', '_')}": flags}}
    names = next((table[kind].names for table in KNOWN.values() if kind in table), (kind,))
    assert allows(settings, what, kind) == _allows(Settings("p", [("profile", settings)]), what, (*names, kind))


@pytest.mark.parametrize("url", ["http://evil.example\\.localhost/v1", "http://evil.example\\@localhost/v1"])
def test_a_host_that_is_read_in_several_ways_is_not_this_machine(url: str) -> None:
    (found,) = endpoints({"chat": {"engine": "m"}, "api": {"base_urls": {"openai-base-url": url}}})
    assert found.host == "evil.example" and found.is_in_the_clear
