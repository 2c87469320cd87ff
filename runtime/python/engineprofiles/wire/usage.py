"""a provider's counts of tokens -> usage: {"input_tokens", "output_tokens", …}, the same for all providers.

`input_tokens` is the whole input, cached tokens included; `output_tokens` the whole output, reasoning included.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def usage(
    input_tokens: Any, output_tokens: Any, cache_read: Any = None, cache_write: Any = None, reasoning: Any = None
) -> dict[str, int] | None:
    """None where a provider says nothing; what it does not tell is left out, and of the last three what is 0."""
    known = {"input_tokens": input_tokens, "output_tokens": output_tokens}
    counted = {name: value for name, value in known.items() if _is_count(value)}
    further = {"cache_read_tokens": cache_read, "cache_write_tokens": cache_write, "reasoning_tokens": reasoning}
    told = {name: value for name, value in further.items() if _is_count(value) and value}
    return {**counted, **told} if counted else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
