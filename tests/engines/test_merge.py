"""Baseline, profile and overrides are joined as the compiler joins layers."""

import copy

import engineprofiles as ep
import profilec
import pytest
from engineprofiles.fields import FIELDS
from engineprofiles.merge import check, merge
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = st.sampled_from(["", "a", "b", "some text"])
NUMBER = st.one_of(st.integers(0, 5), st.sampled_from([0.5, 2.25]))
CREDENTIAL = st.sampled_from(["", {"$secret": "env:A"}, {"$secret": "file:b"}])
KEYS = st.sampled_from(["a", "b", "a/b"])
FREE = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT), lambda inner: st.dictionaries(KEYS, inner), max_leaves=6
)
KINDS = {
    "text": TEXT,
    "integer": st.integers(0, 5),
    "number": NUMBER,
    "boolean": st.booleans(),
    "list": st.lists(TEXT, max_size=2),
    "credential": st.sampled_from(["http://p:1", {"$secret": "env:PROXY"}]),
    "credentials": st.dictionaries(KEYS, CREDENTIAL),
    "booleans": st.dictionaries(KEYS, st.booleans()),
    "texts": st.dictionaries(KEYS, TEXT),
    "prices": st.fixed_dictionaries({}, optional={"input": NUMBER, "output": NUMBER, "cache_read": NUMBER}),
    "object": st.dictionaries(KEYS, FREE),
}
# A limit that lies above the window is an error, whichever layer sets it.
LIMITS = {"quality_high_watermark": st.integers(0, 3), "context_window": st.integers(4, 9)}
LAYERS = st.fixed_dictionaries(
    {},
    optional={
        section: st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(st.none(), LIMITS.get(name, KINDS[kind.split()[0]])) for name, kind in names.items()
            },
        )
        for section, names in FIELDS.items()
    },
)


def compiled(layers):
    """What the compiler makes of the layers as a stack of profiles."""
    profiles = {}
    for position, layer in enumerate(layers):
        below = [{"profile_slug": f"p{position - 1}"}] if position else []
        profiles[f"p{position}"] = {"stack": below, "inference_settings": layer}
    build = profilec.compile([{"slug": "r", "profiles": profiles}])
    return build.artifacts[f"r/p{len(layers) - 1}"].document["inference_settings"]


def told(values):
    """Without sections and typed maps that are empty: they say nothing."""
    kept = {
        section: {
            name: value
            for name, value in content.items()
            if value != {} or not FIELDS[section][name].endswith(("map", "deep"))
        }
        for section, content in values.items()
    }
    return {section: content for section, content in kept.items() if content}


@settings(max_examples=60, deadline=None)
@given(st.lists(LAYERS, min_size=1, max_size=3))
def test_one_contract(layers):
    before = copy.deepcopy(layers)
    merged = merge(check(layer, "overrides") for layer in layers)
    assert told(merged) == told(compiled(layers))
    assert layers == before


def test_an_override_lies_above_and_a_baseline_below(profiles):
    profile = profiles["careful"]
    baseline = {"chat": {"temperature": 1, "top_p": 0.5}, "client": {"timeout_second": 7}}
    e = profile.engine(baseline=baseline, overrides={"chat": {"engine": "gpt-4.1-nano", "temperature": None}})
    assert e.request("hi").body == {
        "model": "gpt-4.1-nano",
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0,
        "top_p": 0.5,
    }
    assert e.settings.get("client.timeout") == 7
    assert e.settings.layer("chat.engine") == "overrides"
    assert e.settings.layer("chat.top_p") == "baseline"
    assert e.settings.layer("chat.temperature") == "team/careful at team.yaml:7:63"
    assert e.settings.layer("api.api_keys", "openai-api-key") == "provider/default at provider.yaml:5:40"
    assert e.settings.layer("chat.seed") == ""
    assert profile.settings["chat"] == {"api_type": "openai", "engine": "gpt-4.1", "temperature": 0}


@pytest.mark.parametrize("what", ["baseline", "overrides"])
@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (3, "is int, not a dict of sections"),
        ({"chat": 3}, "`chat` of `WHAT` is int, not a dict of fields"),
        ({"caht": {}}, "`caht` of `WHAT` is no setting.*\n.*did you mean `chat`"),
        ({"chat": {"temprature": 1}}, "`chat.temprature` of `WHAT` is no setting.*\n.*`chat.temperature`"),
        ({"chat": {"temperature": "hot"}}, "`chat.temperature` of `WHAT` is str, where a number belongs"),
        ({"chat": {"temperature": float("nan")}}, "a number belongs"),
        ({"chat": {"temperature": True}}, "is bool, where a number belongs"),
        ({"chat": {"stop": "END"}}, "a list of texts belongs"),
        ({"chat": {"max_response_tokens": 1.5}}, "an integer belongs"),
        ({"api": {"api_keys": {"openai-api-key": 3}}}, "a dict of texts or"),
        ({"api": {"api_keys": "sk-canary"}}, "is str, where a dict"),
    ],
)
def test_layers_that_cannot_be_used(profiles, what, layer, told):
    with pytest.raises(
        ep.BadOption, match=told.replace("WHAT", what).replace(".", r"\.").replace(r"\.*", ".*")
    ) as caught:
        profiles["careful"].engine(**{what: layer})
    assert "canary" not in repr(caught.value.details) + str(caught.value)
