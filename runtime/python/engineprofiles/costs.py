"""model_info -> the limits to plan with, and what a usage costs."""

from __future__ import annotations

LARGEST = 2**53

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

    `{}` as `cost` is free. A price that is not there is unknown, and matters where something is paid by it; but cached
    tokens without a price of their own are paid as input.
    """
    prices = model_info.get("cost")
    if not isinstance(prices, dict) or usage is None:
        return None
    if not prices:
        return 0.0
    counts = [usage.get(name) for name in ("input_tokens", "output_tokens")]
    counts += [usage.get(name, 0) for name in ("cache_read_tokens", "cache_write_tokens")]
    known = [count for count in counts if count is not None and _is_amount(count)]
    if len(known) < len(counts):
        return None
    whole, output, read, write = known
    amounts = {"cache_read": read, "cache_write": write, "input": max(0, whole - read - write), "output": output}
    total = 0.0
    for name, amount in amounts.items():
        price = prices.get(name)
        if price is None and name.startswith("cache"):
            price = prices.get("input")
        if amount and not _is_amount(price):
            return None
        total += amount * float(price or 0) if amount else 0
    return total / 1_000_000


def _is_amount(value: Any) -> bool:
    """Whether it is a number from 0 that a float holds exactly, if it is whole."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < LARGEST
