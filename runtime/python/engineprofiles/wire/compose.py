"""Settings + Endpoint + what is asked -> Request. The one way to a request, whatever the protocol."""

from __future__ import annotations

import sys
import warnings

from .. import trace
from ..content import Turn, conversation
from ..credentials import Credential
from ..errors import BadOption, nearest, quoted
from ..failures import UnsupportedParameter
from . import anthropic, embeddings, gemini, openai_chat, openai_responses, rerank
from .parameters import LABELS, Parameters, Refusal
from .request import Request, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..endpoint import Endpoint
    from ..messages import Messages
    from ..settings import Settings

CHAT = {"openai-chat": openai_chat, "openai-responses": openai_responses, "anthropic": anthropic, "gemini": gemini}
POLICIES = ("error", "warn", "drop")
USER_AGENT = "engine-profiles"
# Others that are compatible are not to know the organization's name.
OPENAI_TYPES = ("openai", "openai-responses", "open-responses")


def chat(settings: Settings, endpoint: Endpoint, messages: Messages, stream: bool, policy: str) -> Request:
    """The request for a chat. Raises BadOption, UnsupportedParameter."""
    p = _parameters(settings, endpoint)
    turns = conversation(messages)
    _refuse_images(p, turns)
    path, headers, body = CHAT[endpoint.protocol].request(p, turns, stream)
    versions = {"anthropic": "v1", "gemini": gemini.version(p)}
    return _request(p, endpoint, policy, join(endpoint.base_url, path, versions.get(p.protocol, "")), headers, body)


def without_messages(
    settings: Settings, endpoint: Endpoint, stream: bool, policy: str, library: str, lacking: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Any]]:
    """The headers and the body of `chat` but for its messages, which another library sends.

    `lacking` is {field: remedy} of what that library does not take. Raises UnsupportedParameter.
    """
    p = _parameters(settings, endpoint)
    p.refuse_all(f"{library} has no place for it", lacking)
    _, headers, body = CHAT[endpoint.protocol].request(p, [Turn("user", ["-"], 0)], stream)
    _settle(p, policy)
    return headers, {name: value for name, value in body.items() if name not in ("messages", "input", "contents")}


def embed(settings: Settings, endpoint: Endpoint, texts: list[str], policy: str) -> Request:
    """The request for the vectors of some texts. Raises UnsupportedParameter."""
    p = _parameters(settings, endpoint)
    path, headers, body = embeddings.request(p, texts)
    return _request(p, endpoint, policy, join(endpoint.base_url, path), headers, body)


def rank(
    settings: Settings, endpoint: Endpoint, query: str, documents: list[str], top_n: int | None, policy: str
) -> Request:
    """The request to rank documents. Raises UnsupportedParameter."""
    p = _parameters(settings, endpoint)
    path, headers, body = rerank.request(p, query, documents, top_n)
    return _request(p, endpoint, policy, join(endpoint.base_url, path, rerank.VERSIONS[p.protocol]), headers, body)


def check_policy(policy: object) -> str:
    """The policy for what is not supported, if it is one."""
    if isinstance(policy, str) and policy in POLICIES:
        return policy
    near = nearest(policy, list(POLICIES)) if isinstance(policy, str) else []
    raise BadOption(
        f"`on_unsupported` is {quoted(str(policy))}, not error, warn or drop",
        f"did you mean {quoted(near[0])}?" if near else None,
        option="on_unsupported",
        given=policy,
    )


def _parameters(settings: Settings, endpoint: Endpoint) -> Parameters:
    return Parameters(settings, endpoint.protocol, endpoint.model, endpoint.api_type, endpoint.host)


def _refuse_images(p: Parameters, turns: list[Turn]) -> None:
    takes = p.settings.get("model_info.input")
    if takes and "image" not in takes and not all(turn.is_text for turn in turns):
        reason = "it has no `image`, and the messages hold one"
        raise _unsupported(p, [Refusal("model_info.input", reason, "choose a model that takes images")])


def _request(
    p: Parameters, endpoint: Endpoint, policy: str, url: str, headers: dict[str, str], body: dict[str, Any]
) -> Request:
    _settle(p, policy)
    organization = _header(p, "client.organization") if p.api_type in OPENAI_TYPES else None
    common: dict[str, str | Credential] = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if url.endswith("alt=sse") or body.get("stream") else "application/json",
        "User-Agent": _header(p, "client.user_agent") or USER_AGENT,
    }
    if organization:
        common["OpenAI-Organization"] = organization
    return Request(url, {**common, **headers, **endpoint.headers}, body)


def _header(p: Parameters, field: str) -> str | None:
    value: str | None = p.settings.get(field)
    if value and not (value.isascii() and value.isprintable()):
        layer = p.settings.layer(field)
        raise BadOption(
            f"`{field}` of profile {quoted(p.settings.name)} (set by {layer}) holds what no header can carry",
            "write it on one line, in ASCII",
            option=field,
            profile=p.settings.name,
            layer=layer,
        )
    return value


def _settle(p: Parameters, policy: str) -> None:
    """What was refused is an error, a warning, or a line in the debug log."""
    if not p.refusals:
        return
    error = _unsupported(p, p.refusals)
    if policy == "error":
        raise error
    if policy == "warn":
        warnings.warn(f"not sent: {error.message}", stacklevel=_callers_level())
    trace.debug("not sent: %s", error.message)


def _callers_level() -> int:
    """Where the application is, as seen from `_settle`: how many calls lie between depends on what it called."""
    package, level = __name__.partition(".")[0], 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    return level


def _unsupported(p: Parameters, refusals: list[Refusal]) -> UnsupportedParameter:
    refused = [
        {"field": each.field, "layer": p.settings.layer(each.field), "reason": each.reason, "remedy": each.remedy}
        for each in refusals
    ]
    lines = [f"`{each['field']}` (set by {each['layer'] or p.settings.name}): {each['reason']}" for each in refused]
    remedies = [f"{each['field']}: {each['remedy']}" for each in refused]
    return UnsupportedParameter(
        f"profile {quoted(p.settings.name)} cannot ask {quoted(p.model)} over {LABELS[p.protocol]}: "
        + "; ".join(lines),
        "; ".join(dict.fromkeys(remedies)) + '; or leave it out with on_unsupported="drop"',
        profile=p.settings.name,
        field=refused[0]["field"],
        layer=refused[0]["layer"],
        refused=refused,
    )
