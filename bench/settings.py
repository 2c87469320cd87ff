"""Draw -> the settings that one layer of each level writes.

Real fields, invented values, credentials as references only. Nothing of `client`, which belongs to a baseline.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Settings = dict[str, Any]

PROTOCOL_SECTIONS: dict[str, Settings] = {
    "openai": {"openai": {"n": 1, "presence_penalty": 0.1, "stream-include-usage": True}},
    "openai-responses": {"openai": {"reasoning_summary": "auto", "include_reasoning_encrypted": True}},
    "claude": {"claude": {"top_k": 40, "user_id": "bench"}},
    "gemini": {"gemini": {"api_version": "v1beta", "include_thoughts": False, "thinking_level": "LOW"}},
}
PROTOCOLS = tuple(PROTOCOL_SECTIONS)
FAMILIES = ("lynx", "heron", "otter", "marten", "ibex")
SIZES = ("nano", "small", "medium", "large", "70b")
TEAMS = ("support", "search", "billing", "legal", "growth", "platform")
TEMPERATURES = (0, 0.1, 0.2, 0.35, 0.7, 1.0)
EFFORTS = ("low", "medium", "high")
MONTHS = ("01", "03", "05", "08", "11")
DAYS = ("02", "09", "17", "26")
ANSWER_SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"]}


class Draw:
    """Choices that do not depend on Python's version, as those of `random.choice` may."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def one(self, options: Sequence[T]) -> T:
        return options[int(self.random() * len(options))]

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def chance(self, probability: float) -> bool:
        return self.random() < probability


def provider(draw: Draw, number: int, protocol: str) -> Settings:
    return {
        "api": {
            "api_keys": {f"{protocol}-api-key": f"${{env:VENDOR_{number}_API_KEY}}"},
            "base_urls": {f"{protocol}-base-url": f"https://api.vendor-{number}.example/v1"},
        },
        "chat": {"api_type": protocol, "stream": True},
        **PROTOCOL_SECTIONS[protocol],
    }


def model(draw: Draw, number: int, protocol: str) -> Settings:
    family = draw.one(FAMILIES)
    engine = f"{family}-{draw.one(SIZES)}-{number}"
    window = draw.one([32_768, 128_000, 200_000, 1_048_576])
    longest = draw.one([4_096, 8_192, 16_384])
    return {
        "chat": {"engine": engine, "max_response_tokens": longest // 2},
        "model_info": {
            "id": engine,
            "name": engine.replace("-", " ").title(),
            "reasoning": draw.chance(0.5),
            "input": draw.one([["text"], ["text", "image"], ["text", "image", "pdf"]]),
            "context_window": window,
            "quality_high_watermark": window * 3 // 4,
            "max_output_tokens": longest,
            "cost": cost(draw),
            "metadata": {
                "family": family,
                "release_date": f"2026-{draw.one(MONTHS)}-{draw.one(DAYS)}",
                "tool_call": draw.chance(0.8),
            },
        },
    }


def house(draw: Draw, number: int, protocol: str) -> Settings:
    settings: Settings = {
        "chat": {"temperature": draw.one(TEMPERATURES), "top_p": draw.one([0.8, 0.9, 0.95])},
        "inference": {"reasoning_effort": draw.one(EFFORTS)},
    }
    if draw.chance(0.3):
        settings["embeddings"] = {
            "type": "openai",
            "engine": "text-embedding-3-small",
            "dimensions": draw.one([256, 512, 1536]),
        }
    return settings


def preset(draw: Draw, number: int, protocol: str) -> Settings:
    settings: Settings = {
        "chat": {"temperature": draw.one(TEMPERATURES), "stop": draw.one([["END"], ["###", "END"], ["\n\n"]])},
        "inference": {"seed": draw.below(10_000)},
    }
    if draw.chance(0.2):
        settings["chat"] |= {
            "structured_output_mode": "json_schema",
            "structured_output_name": draw.one(["verdict", "summary", "ticket"]),
            "structured_output_schema": json.dumps(ANSWER_SCHEMA),
        }
    if draw.chance(0.4):
        settings["model_info"] = {"metadata": {"approved_for": draw.one(["internal", "customers", "research"])}}
    return settings


def leaf(draw: Draw, number: int, protocol: str) -> Settings:
    settings: Settings = {
        "chat": {"temperature": draw.one(TEMPERATURES), "max_response_tokens": draw.one([256, 700, 1500, 3000])},
        "inference": {"reasoning_effort": draw.one(EFFORTS)},
        "model_info": {"metadata": {"owner": f"{draw.one(TEAMS)}-team", "cost_center": f"cc-{number % 997}"}},
    }
    if draw.chance(0.1):
        settings["model_info"]["cost"] = cost(draw)
    if draw.chance(0.3):
        settings["chat"]["stream"] = False
    if draw.chance(0.2) and protocol == "openai":
        settings["openai"] = {"parallel_tool_calls": True, "logit_bias": {str(number + 1000): "-100"}}
    return settings


def cost(draw: Draw) -> Settings:
    """Always all four prices: merged key by key or replaced as a unit, every contender gets the same."""
    price = draw.one([0.25, 0.8, 2.5, 3.0, 10.0])
    return {"input": price, "output": price * 4, "cache_read": price / 10, "cache_write": price * 1.25}
