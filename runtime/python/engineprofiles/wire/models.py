"""a model's name -> what its maker lets it take, where that depends on the model. As of November 2026.

`model_info.reasoning` and `model_info.metadata.unsupported_parameters` speak for models that are not known here.
"""

from __future__ import annotations

import re

_CLAUDE = re.compile(r"claude-(?P<family>[a-z]+)-(?P<major>\d{1,2})(?:[-.](?P<minor>\d{1,2}))?(?!\d)")
_OLD_CLAUDE = re.compile(r"claude-(?:\d|instant|v\d)")
_GEMINI = re.compile(r"gemini-(?P<major>\d+)(?:\.(?P<minor>\d+))?")
# The first version of each family that takes no sampling parameters and thinks as much as it sees fit.
_ADAPTIVE = {"opus": (4, 7), "sonnet": (5, 0), "haiku": (5, 5), "fable": (0, 0), "mythos": (0, 0)}
_ONE_OF_SAMPLING = {"opus": (4, 1), "sonnet": (4, 5), "haiku": (4, 5)}
_EFFORT = {"opus": (4, 5), "sonnet": (4, 6), "haiku": (5, 0)}


def is_openai_reasoning(model: str) -> bool:
    """Whether OpenAI's name says that the model reasons: o1, o3, o4, gpt-5 and later, but for the chat variants."""
    name = model.rpartition("/")[2].lower()
    return name.startswith(("o1", "o3", "o4", "gpt-5")) and "-chat" not in name


def is_adaptive_claude(model: str) -> bool:
    """Whether a Claude refuses temperature, top_p, top_k and a thinking budget."""
    return _claude_is_from(model, _ADAPTIVE, unknown=False)


def takes_one_of_sampling(model: str) -> bool:
    """Whether a Claude takes either a temperature or top_p, and refuses both."""
    return _claude_is_from(model, _ONE_OF_SAMPLING, unknown=False)


def takes_effort(model: str) -> bool:
    """Whether a Claude takes `output_config.effort`. One that is not known here is asked."""
    return not _OLD_CLAUDE.search(model.lower()) and _claude_is_from(model, _EFFORT, unknown=True)


def gemini_version(model: str) -> tuple[int, int]:
    """(2, 5) of gemini-2.5-flash; (0, 0) where the name does not say."""
    found = _GEMINI.search(model.lower())
    return (int(found["major"]), int(found["minor"] or 0)) if found else (0, 0)


def _claude_is_from(model: str, first: dict[str, tuple[int, int]], unknown: bool) -> bool:
    found = _CLAUDE.search(model.lower())
    if found is None or found["family"] not in first:
        return unknown if found is None else found["family"] not in ("opus", "sonnet", "haiku")
    return (int(found["major"]), int(found["minor"] or 0)) >= first[found["family"]]
