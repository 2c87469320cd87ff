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
    """None where a provider says nothing; what it does not tell, or tells as 0, of the last three is left out."""
    if not (isinstance(input_tokens, int) or isinstance(output_tokens, int)):
        return None
    counted = {"input_tokens": _count(input_tokens), "output_tokens": _count(output_tokens)}
    further = {"cache_read_tokens": cache_read, "cache_write_tokens": cache_write, "reasoning_tokens": reasoning}
    return counted | {name: _count(value) for name, value in further.items() if _count(value)}


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
