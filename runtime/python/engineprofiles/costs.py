"""model_info -> the limits to plan with, and what a usage costs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def context_limit(model_info: Mapping[str, Any]) -> int | None:
    """The tokens to plan with: the quality watermark, at most the context window; None where neither is known."""
    known = [
        model_info[name] for name in ("quality_high_watermark", "context_window") if model_info.get(name) is not None
    ]
    return min(known) if known else None


def cost(model_info: Mapping[str, Any], usage: Mapping[str, int] | None) -> float | None:
    """USD for a usage; None where the price or the usage is unknown. Prices are per million tokens.

    A price that a known `cost` leaves out is nothing, but for cached tokens: they are input, unless they have a price.
    """
    prices = model_info.get("cost")
    if not isinstance(prices, dict) or usage is None:
        return None
    price = {name: value for name, value in prices.items() if value is not None}
    read, write = usage.get("cache_read_tokens", 0), usage.get("cache_write_tokens", 0)
    plain = max(0, usage.get("input_tokens", 0) - read - write)
    per_input = price.get("input", 0)
    total = (
        plain * per_input
        + read * price.get("cache_read", per_input)
        + write * price.get("cache_write", per_input)
        + usage.get("output_tokens", 0) * price.get("output", 0)
    )
    return float(total / 1_000_000)
