"""What depends on the model: parameters that some take and others refuse."""

import engineprofiles as ep
import pytest
from engine_servers import engine
from engineprofiles.wire import models

OPENAI = "https://api.openai.com/v1"


def body(model, api_type="openai", policy="error", base_url=None, stream=False, **options):
    e = engine(base_url or "http://127.0.0.1:1", api_type, model=model, on_unsupported=policy, **options)
    if base_url:
        e = ep.engines.from_config(
            model=model, api_type=api_type, base_url=base_url, api_key="k", on_unsupported=policy, **options
        )
    return e.request("hi", stream=stream).body


def refused(*arguments, **options):
    with pytest.raises(ep.UnsupportedParameter) as caught:
        body(*arguments, **options)
    return [each["field"] for each in caught.value.details["refused"]]


# OpenAI


@pytest.mark.parametrize("model", ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-mini-2026-01-01", "openai/gpt-5-nano"])
@pytest.mark.parametrize("api_type", ["openai", "openai-responses"])
def test_reasoning_models_take_no_sampling(model, api_type):
    assert refused(model, api_type, temperature=0.5) == ["inference.temperature"]
    assert refused(model, api_type, chat={"top_p": 0.5, "temperature": 0}) == ["chat.temperature", "chat.top_p"]
    assert body(model, api_type, temperature=1)["temperature"] == 1  # What it does anyway.
    assert body(model, api_type, temperature=0.5, inference={"reasoning_effort": "none"})["temperature"] == 0.5
    assert body(model, api_type, temperature=0.5, model_info={"reasoning": False})["temperature"] == 0.5
    assert "temperature" not in body(model, api_type, temperature=0.5, policy="drop")


def test_what_two_rules_refuse_is_told_once():
    info = {"metadata": {"unsupported_parameters": ["temperature"]}}
    assert refused("o3", temperature=0.5, model_info=info) == ["inference.temperature"]


def test_reasoning_models_over_chat():
    section = {"presence_penalty": 1, "frequency_penalty": 1, "logit_bias": {"1": "1"}}
    assert refused("o3", openai=section) == [f"openai.{name}" for name in section]
    assert refused("o3", stop=["END"]) == ["inference.stop"]
    assert body("o3", max_tokens=5, stop=[], openai={"presence_penalty": 0})["max_completion_tokens"] == 5


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest", "deepseek-reasoner", "o", "llama-3"])
def test_other_models_take_sampling(model):
    assert body(model, temperature=0.5, stop=["END"])["temperature"] == 0.5
    assert body(model, "openai-responses", temperature=0.5)["temperature"] == 0.5


def test_model_info_says_what_reasons_at_openai():
    info = {"reasoning": True}
    assert refused("gpt-9", base_url=OPENAI, temperature=0.5, model_info=info) == ["inference.temperature"]
    # Elsewhere, models that reason mostly do take it.
    assert body("deepseek-r2", temperature=0.5, model_info=info)["temperature"] == 0.5


def test_the_name_of_the_limit():
    assert body("gpt-4.1", base_url=OPENAI, max_tokens=5)["max_completion_tokens"] == 5
    assert body("gpt-4.1", max_tokens=5)["max_tokens"] == 5
    assert body("gpt-5", max_tokens=5)["max_completion_tokens"] == 5


def test_mistral():
    for options in ({"api_type": "mistral"}, {"base_url": "https://api.mistral.ai/v1"}):
        sent = body("mistral-small", seed=7, stream=True, **options)
        assert sent == {
            "model": "mistral-small",
            "messages": [{"role": "user", "content": "hi"}],
            "random_seed": 7,
            "stream": True,
        }
    assert "seed" in body("m", seed=7)


def test_thinking_switches():
    assert body("glm-5", inference={"thinking_type": "disabled"})["thinking"] == {"type": "disabled"}
    assert body("glm-5", openai={"thinking_type": "enabled"})["thinking"] == {"type": "enabled"}
    assert refused("gpt-4.1", base_url=OPENAI, openai={"thinking_type": "enabled"}) == ["openai.thinking_type"]
    assert "thinking" not in body("glm-5", openai={"thinking_type": ""})


def test_reasoning_effort_by_protocol():
    both = {"reasoning_effort": "low", "chat_reasoning_effort": "high"}
    assert body("gpt-5", openai=both)["reasoning_effort"] == "high"
    assert body("gpt-5", "openai-responses", openai=both)["reasoning"] == {"effort": "low"}
    assert body("gpt-5", openai=both, inference={"reasoning_effort": "none"})["reasoning_effort"] == "none"
    sent = body("gpt-5", "openai-responses", openai={"reasoning_summary": "auto", "include_reasoning_encrypted": True})
    assert (sent["reasoning"], sent["include"]) == ({"summary": "auto"}, ["reasoning.encrypted_content"])


def test_logit_bias_is_numbers_on_the_wire():
    sent = body("gpt-4.1", openai={"logit_bias": {"50256": "-100", "7": " 0.5", "8": "+3"}})
    assert sent["logit_bias"] == {"50256": -100, "7": 0.5, "8": 3}
    assert refused("gpt-4.1", openai={"logit_bias": {"7": "much"}}) == ["openai.logit_bias"]


# Claude

ADAPTIVE = [
    "claude-opus-4-7",
    "claude-opus-4.8",
    "claude-sonnet-5",
    "claude-haiku-5-5-20261001",
    "claude-fable-1",
    "anthropic/claude-opus-5",
]
EARLIER = [
    "claude-opus-4-6",
    "claude-opus-4-20250514",
    "claude-sonnet-4-5-20250929",
    "claude-haiku-5",
    "claude-3-5-sonnet-20241022",
    "claude-3-opus-latest",
    "smollm2",
]


@pytest.mark.parametrize("model", ADAPTIVE)
def test_later_claudes(model):
    assert refused(model, "claude", temperature=0.5, top_p=0.9, claude={"top_k": 3}) == [
        "inference.temperature",
        "inference.top_p",
        "claude.top_k",
    ]
    assert refused(model, "claude", temperature=1) == ["inference.temperature"]  # Not even its default.
    assert refused(model, "claude", temperature=0, inference={"thinking_type": "disabled"}) == ["inference.temperature"]
    assert refused(model, "claude", inference={"thinking_budget": 2048}) == ["inference.thinking_budget"]
    sent = body(
        model, "claude", inference={"thinking_type": "enabled", "reasoning_effort": "high", "reasoning_summary": "auto"}
    )
    assert sent["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert sent["output_config"] == {"effort": "high"}


@pytest.mark.parametrize("model", EARLIER)
def test_earlier_claudes(model):
    sent = body(model, "claude", temperature=0.5, claude={"top_k": 3, "user_id": "u"}, stop=["END"])
    assert sent == {
        "model": model,
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.5,
        "top_k": 3,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u"},
    }
    sent = body(model, "claude", inference={"thinking_budget": 2048}, max_tokens=4000)
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert refused(model, "claude", inference={"thinking_type": "enabled"}) == ["inference.thinking_type"]
    assert body(model, "claude", inference={"thinking_type": "disabled"})["thinking"] == {"type": "disabled"}


def test_temperature_or_top_p():
    for model in ("claude-opus-4-1-20250805", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-6"):
        assert refused(model, "claude", temperature=0.5, top_p=0.9) == ["inference.top_p"]
        assert body(model, "claude", top_p=0.9)["top_p"] == 0.9
    for model in ("claude-opus-4-20250514", "claude-sonnet-4-0", "claude-3-7-sonnet-latest"):
        assert body(model, "claude", temperature=0.5, top_p=0.9)["top_p"] == 0.9


def test_a_thinking_budget_has_bounds():
    for budget, most in ((1023, 5000), (5000, 5000), (6000, 5000), (4096, None)):
        options = {"inference": {"thinking_budget": budget}, **({"max_tokens": most} if most else {})}
        assert refused("claude-sonnet-4-5", "claude", **options) == ["inference.thinking_budget"]
    info = {"max_output_tokens": 64000}
    assert (
        body("claude-sonnet-4-5", "claude", inference={"thinking_budget": 32000}, model_info=info)["max_tokens"]
        == 64000
    )


def test_sampling_while_a_claude_thinks():
    thinking = {"thinking_budget": 2048}
    model = "claude-sonnet-4-5"
    assert refused(model, "claude", temperature=0.5, inference=thinking) == ["inference.temperature"]
    assert refused(model, "claude", top_p=0.5, inference=thinking) == ["inference.top_p"]
    assert refused(model, "claude", claude={"top_k": 3}, inference=thinking) == ["claude.top_k"]
    assert body(model, "claude", temperature=1, inference=thinking)["temperature"] == 1
    assert body(model, "claude", top_p=0.96, inference=thinking)["top_p"] == 0.96
    assert body(model, "claude", temperature=0.5, inference={"thinking_type": "disabled"})["temperature"] == 0.5


def test_no_budget_is_no_thinking():
    for model in ("claude-sonnet-4-5", "claude-opus-4-7"):
        assert "thinking" not in body(model, "claude", inference={"thinking_budget": 0})


def test_effort_of_claudes():
    for model in ("claude-opus-4-5", "claude-sonnet-4-6", "claude-opus-4-7", "a-model-unknown"):
        assert body(model, "claude", inference={"reasoning_effort": "low"})["output_config"] == {"effort": "low"}
    for model in ("claude-sonnet-4-5", "claude-haiku-4-5", "claude-3-7-sonnet-latest", "claude-opus-4-1"):
        assert refused(model, "claude", inference={"reasoning_effort": "low"}) == ["inference.reasoning_effort"]


# Gemini


def config(model, **options):
    return body(model, "gemini", **options).get("generationConfig", {})


def test_gemini_thinks_by_budget_up_to_2_5():
    for model in ("gemini-2.5-flash", "gemini-2.0-flash"):
        assert config(model, gemini={"thinking_budget": 0}) == {"thinkingConfig": {"thinkingBudget": 0}}
        assert refused(model, "gemini", gemini={"thinking_level": "LOW"}) == ["gemini.thinking_level"]
        assert refused(model, "gemini", inference={"reasoning_effort": "low"}) == ["inference.reasoning_effort"]
    assert config("gemini-2.5-pro", inference={"thinking_type": "enabled"})["thinkingConfig"] == {"thinkingBudget": -1}
    assert config("gemini-2.5-flash", inference={"thinking_type": "disabled"})["thinkingConfig"] == {
        "thinkingBudget": 0
    }
    assert refused("gemini-2.5-pro", "gemini", gemini={"thinking_budget": 0}) == ["gemini.thinking_budget"]
    assert refused("gemini-2.5-pro", "gemini", inference={"thinking_type": "disabled"}) == ["inference.thinking_type"]


def test_gemini_thinks_by_level_from_3_on():
    for model in ("gemini-3-pro", "gemini-3.1-flash-lite"):
        assert config(model, inference={"reasoning_effort": "low"})["thinkingConfig"] == {"thinkingLevel": "LOW"}
        assert refused(model, "gemini", inference={"thinking_type": "disabled"}) == ["inference.thinking_type"]
        both = {"thinking_level": "LOW", "thinking_budget": 512}
        assert refused(model, "gemini", gemini=both) == ["gemini.thinking_budget"]
    thoughts = config("gemini-3-pro", inference={"reasoning_summary": "auto"})["thinkingConfig"]
    assert thoughts == {"includeThoughts": True}
    both = {"gemini": {"include_thoughts": False}, "inference": {"reasoning_summary": "auto"}}
    assert config("gemini-3-pro", **both)["thinkingConfig"] == {"includeThoughts": False}


def test_paths_of_gemini():
    def url(model, **section):
        return (
            engine("http://127.0.0.1:1", "gemini", model=model, gemini=section)
            .request("hi")
            .url.removeprefix("http://127.0.0.1:1")
        )

    assert url("m") == "/v1beta/models/m:generateContent"
    assert url("m", api_version="v1") == "/v1/models/m:generateContent"
    assert url("models/m") == "/v1beta/models/m:generateContent"
    assert url("tunedModels/x") == "/v1beta/tunedModels/x:generateContent"
    assert url("../../x?y#z") == "/v1beta/models/..%2F..%2Fx%3Fy%23z:generateContent"
    assert url("m", api_version="v1/../x") == "/v1%2F..%2Fx/models/m:generateContent"


def test_versions():
    assert models.gemini_version("models/gemini-2.5-flash-lite-001") == (2, 5)
    assert models.gemini_version("gemini-flash-latest") == (0, 0)
    assert not models.is_adaptive_claude("claude-opus-4-20250514")  # A date is no minor version.
    assert not models.is_adaptive_claude("claude-2.1")
    assert models.is_adaptive_claude("us.anthropic.claude-sonnet-5-v1:0")
