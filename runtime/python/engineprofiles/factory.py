"""options -> Engine: what `engines.from_profile` and `engines.from_config` do with them."""

from __future__ import annotations

import os

from . import open as open_build
from .credentials import forget as forget
from .engine import Engine
from .errors import BadOption, nearest, quoted
from .fields import FIELDS
from .merge import check, merge
from .profiles import Profiles
from .providers import KNOWN, Provider
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .settings import Layer

# Each option with the field it sets. `inference` wins over every other section, so an option always has effect.
FIELD_BY_OPTION = {
    "model": "chat.engine",
    "api_type": "chat.api_type",
    "max_tokens": "inference.max_response_tokens",
    "temperature": "inference.temperature",
    "top_p": "inference.top_p",
    "stop": "inference.stop",
    "seed": "inference.seed",
}
OTHERS = ("api_key", "base_url", "timeout", "profile", "build", "baseline", "on_unsupported")
_ORIGINAL = {"provider": "api_type", "timeout_seconds": "timeout", "timeout_ms": "timeout", "engine": "model"}


def from_profile(name: str | None, options: dict[str, Any]) -> Engine:
    """See `engines.from_profile`."""
    _check_names(options, (*FIELD_BY_OPTION, *OTHERS, *FIELDS))
    profiles = options.get("build")
    if not isinstance(profiles, Profiles):
        profiles = open_build(profiles)
    profile = profiles.get(name if _is_named(name) else options.get("profile"))
    layers: list[Layer] = [("profile", profile.settings), ("options", _layer(options))]
    if options.get("baseline") is not None:
        layers.insert(0, ("baseline", check(options["baseline"], "baseline")))
    layers.append(("options", _reach(options, merge(content for _, content in layers))))
    return Engine(Settings(profile.name, layers, profile), options.get("on_unsupported", "error"))


def from_config(options: dict[str, Any]) -> Engine:
    """See `engines.from_config`."""
    _check_names(options, (*FIELD_BY_OPTION, *FIELDS, "api_key", "base_url", "timeout", "on_unsupported"))
    layer = _layer(options)
    if layer.get("chat", {}).get("engine"):
        layer["chat"].setdefault("api_type", implied_api_type(layer["chat"]["engine"]))
    layer = merge([layer, _reach(options, layer)])
    layers: list[Layer] = [("the default", _implied_credential(layer)), ("options", layer)]
    return Engine(Settings("config", layers), options.get("on_unsupported", "error"), "config")


def implied_api_type(model: str) -> str:
    """The api type that a model's name implies, as the original has it."""
    name = model.lower()
    if "gemini" in name or "claude" in name:
        return "gemini" if "gemini" in name else "claude"
    return "openai-responses" if name.startswith(("o1", "o3", "o4", "gpt-5")) else "openai"


def _layer(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that the options set, without `api_key` and `base_url`, which depend on the provider."""
    sections = {name: options[name] for name in FIELDS if options.get(name) is not None}
    layer = check(sections, "options")
    for option, field in FIELD_BY_OPTION.items():
        value = options.get(option)
        if value is None:
            continue
        section, _, name = field.partition(".")
        if option == "stop" and isinstance(value, str):
            value = [value]
        try:
            checked = check({section: {name: value}}, option)
        except BadOption as error:
            message = error.message.replace(f"`{field}` of `{option}`", f"the option `{option}`")
            raise BadOption(message, error.hint, option=option) from None
        layer = merge([layer, checked])
    timeout = options.get("timeout")
    if timeout is not None:
        if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not 0 < timeout < 1e9:
            raise BadOption("the option `timeout` is not a number of seconds above 0", option="timeout")
        layer = merge([layer, {"client": {"timeout": timeout}}])
    return layer


def _reach(options: dict[str, Any], settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`api_key` and `base_url` under the names that the provider's are looked for first."""
    role, name, _ = _asked(settings)
    layers = []
    if options.get("api_key") is not None:
        if not isinstance(options["api_key"], (str, dict)):
            kind = type(options["api_key"]).__name__
            raise BadOption(
                f'the option `api_key` is {kind}, where a text or {{"$secret": "env:NAME"}} belongs', option="api_key"
            )
        section = "api" if role == "rerank" else role
        layers.append(check({section: {"api_keys": {f"{name}-api-key": options["api_key"]}}}, "api_key"))
    if options.get("base_url") is not None:
        section = "embeddings" if role == "embeddings" else "api"
        layers.append(check({section: {"base_urls": {f"{name}-base-url": options["base_url"]}}}, "base_url"))
    return merge(layers)


def _implied_credential(layer: dict[str, Any]) -> dict[str, Any]:
    """A reference to the variable that the provider's own SDK reads, where no other credential is given.

    None where an address is given: whose that is, and which key it is to see, the caller knows alone.
    """
    role, name, provider = _asked(layer)
    if provider is None or not provider.variables:
        return {}
    given = [
        layer.get(section, {}).get(field) or {} for section in ("api", role) for field in ("api_keys", "base_urls")
    ]
    if any(
        f"{each}-{what}" in entries for entries in given for each in provider.names for what in ("api-key", "base-url")
    ):
        return {}
    variable = next((each for each in provider.variables if os.environ.get(each)), provider.variables[0])
    return {"api": {"api_keys": {f"{name}-api-key": {"$secret": f"env:{variable}"}}}}


def _asked(settings: dict[str, Any]) -> tuple[str, str, Provider | None]:
    """The role that `api_key` and `base_url` speak of, the provider's first name, and the provider if it is known."""
    chat, embeddings, rerank = (settings.get(role) or {} for role in KNOWN)
    role, kind = "chat", chat.get("api_type") or "openai"
    if not chat.get("engine") and (embeddings.get("type") or rerank.get("type")):
        role = "embeddings" if embeddings.get("type") else "rerank"
        kind = settings[role]["type"]
    kind = kind.strip().lower()
    provider = KNOWN[role].get(kind)
    return role, provider.names[0] if provider else kind, provider


def _is_named(name: object) -> bool:
    return name is not None and name != ""


def _check_names(options: dict[str, Any], known: tuple[str, ...]) -> None:
    for option in options:
        if option in known:
            continue
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in option).replace("base_u_r_l", "base_url")
        near = [_ORIGINAL[snake]] if snake in _ORIGINAL else [snake] if snake in known else nearest(snake, list(known))
        raise BadOption(
            f"{quoted(option)} is no option",
            f"did you mean {quoted(near[0])}?" if near else f"known are {', '.join(known)}",
            option=option,
            nearest=near,
        )
