"""Compiled profiles -> a proxy's `model_list`, and what of them it cannot say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from profilec.credentials import is_reference
from profilec.diagnostics import Diagnostic, Note, Report
from profilec.fields import token
from profilec.migration.litellm import table
from profilec.migration.litellm.table import EMBEDDING, EMBEDDING_PROVIDERS, EXTENSION, PROVIDERS
from profilec.suspicion import is_suspect, masked_names, may_hold_credential

Mapping = dict[str, Any]
Field = tuple[str, str]
_SHOWN_NAMES = 10
# What the extension has of a deployment.
_PARTS: dict[str, type] = {"model_name": str, "provider": str, "params": dict, "model_info": dict, "deployment": dict}
# Where an engine of each section looks for its address and credential, best first.
_HOMES = {"chat": ("chat", "api"), "embeddings": ("embeddings", "api")}


def model_list(documents: Iterable[Mapping], report: Report) -> list[Mapping]:
    """A deployment for each artifact that names a model, in their order.

    A name that two registries have is written in full, or the proxy would take them for one model. What is lost is
    reported as `dropped`, with the profiles that set it.
    """
    documents = list(documents)
    chosen = [each for each in documents if _engine(each["inference_settings"])[0]]
    count = Counter(each["profile_slug"] for each in chosen)
    lost: dict[str, list[str]] = {}
    for each in documents:
        if _is_nameless(each["inference_settings"]):
            name = f"{each['registry_slug']}/{each['profile_slug']}"
            lost.setdefault("a profile whose model has no name is left out", []).append(name)
    written = [_Deployment(each, lost).written(count[each["profile_slug"]] > 1) for each in chosen]
    for message, names in lost.items():
        shown = ", ".join(f"`{each}`" for each in names[:_SHOWN_NAMES])
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        report.add(Diagnostic("dropped", "warning", message, notes=(Note(f"in {shown}{more}"),)))
    return [each for each in written if each is not None]


def account_fields() -> Iterable[Field]:
    """The fields that a deployment's model, address and credential are made of."""
    yield from (("chat", "engine"), ("chat", "api_type"), ("embeddings", "engine"), ("embeddings", "type"))
    yield from ((home, field) for homes in _HOMES.values() for home in homes for field in ("base_urls", "api_keys"))


class _Deployment:
    """One artifact on its way out. What is left in `rest` at the end has no place there."""

    def __init__(self, document: Mapping, lost: dict[str, list[str]]) -> None:
        self.lost = lost
        self.name = f"{document['registry_slug']}/{document['profile_slug']}"
        self.slug = document["profile_slug"]
        self.rest: dict[str, Mapping] = {
            section: dict(content) for section, content in document["inference_settings"].items()
        }
        self.lineage: Mapping = document.get("lineage", {})
        self.extra = self._readable(document.get("extensions", {}).get(EXTENSION))

    def written(self, is_shared: bool) -> Mapping | None:
        """The deployment; None where its address cannot be written, for its key would be sent to another."""
        engine, section = _engine(self.rest)
        is_embedding = section == "embeddings" or table.is_embedding(engine)
        self._take((section, "engine"))
        api_type = str(self._take((section, "type" if section == "embeddings" else "api_type")) or "openai")
        if section == "embeddings" and self.rest.get("chat", {}).get("engine") == engine:
            # The model's entry in a catalogue, which is one of chats.
            self._take(("chat", "engine"))
            self._take(("chat", "api_type"))
        account = self._account(section, api_type)
        if account is None:
            return None
        model = self._model(engine, api_type, is_embedding, account)
        params = {"model": model, **account, **self._params(api_type)}
        params = {**params, **self._extra("params", params)}
        info = self._info() | ({"mode": EMBEDDING} if is_embedding else {})
        info |= self._extra("model_info", info)
        for name, content in self.rest.items():
            for field in content:
                self._dropped(f"a model_list has no place for `{name}.{field}`")
        called = self.extra.get("model_name") if self._is_own("model_name") else None
        called = called or (self.name if is_shared else self.slug)
        deployment: Mapping = {"model_name": called, "litellm_params": params}
        if info:
            deployment["model_info"] = info
        return {**deployment, **self._extra("deployment", deployment)}

    def _account(self, section: str, api_type: str) -> Mapping | None:
        """Address and credential of the API type, the latter by reference alone. Those of others are of no use here."""
        account: Mapping = {}
        for field, param, ending in (("base_urls", "api_base", "base-url"), ("api_keys", "api_key", "api-key")):
            maps = [entries for home in _HOMES[section] if isinstance(entries := self._take((home, field)), dict)]
            found = [each[key] for each in maps for kind in _kinds(api_type) if each.get(key := f"{kind}-{ending}")]
            text = self._text(found[0], param) if found else None
            if found and text is None and param == "api_base":
                self._dropped("a profile whose address cannot be written is left out")
                return None
            if text is not None:
                account[param] = text
        return account

    def _text(self, value: Any, param: str) -> str | None:
        """A reference as the proxy writes it. None where it must not or cannot be written, which is told."""
        if not is_reference(value):
            if param == "api_base" and not is_suspect(str(value)):
                return str(value)
            self._dropped("a credential itself is never written out")
            return None
        scheme, _, name = value["$secret"].partition(":")
        if scheme != "env":
            self._dropped("a credential is looked up in a file, which a model_list cannot say")
            return None
        return f"os.environ/{name}"

    def _model(self, engine: str, api_type: str, is_embedding: bool, account: Mapping) -> str:
        """The model with its prefix; an address that the prefix implies is taken out of the account."""
        providers = EMBEDDING_PROVIDERS if is_embedding else PROVIDERS
        implied = table.implied_prefix(api_type, account.get("api_base"), is_embedding)
        prefix = self.extra.get("provider")
        # What a layer above changed about the model may have made another provider's of it.
        if prefix == "":
            is_still = implied is not None and table.bare_prefix(engine) == implied.partition("/")[0]
        else:
            is_still = isinstance(prefix, str) and prefix in providers and providers[prefix].api_type == api_type
        prefix = prefix if is_still else implied
        if prefix is None:
            self._dropped(f"no provider of a model_list is called `{api_type}`; it is written as `openai`")
            prefix = "openai"
        provider = providers.get(prefix)
        if provider and provider.base_url and str(account.get("api_base", "")).rstrip("/") == provider.base_url:
            del account["api_base"]
        return f"{prefix}/{engine}" if prefix else engine

    def _params(self, api_type: str) -> Mapping:
        params: Mapping = {}
        for param, field in table.PARAMS.items():
            if param in params or not table.has_field(param, api_type):
                continue
            if (value := self._first(table.WRITTEN.get(param, (field,)))) is not None:
                params[param] = _numbers(value) if param == "logit_bias" else value
        thinking = {key: self._first(table.WRITTEN[f"thinking.{key}"]) for key in table.THINKING}
        if any(each is not None for each in thinking.values()):
            params["thinking"] = {key: each for key, each in thinking.items() if each is not None}
        if self.rest.get("chat", {}).get(table.ANSWER_MODE[1]) == "json_schema":
            params["response_format"] = self._response_format()
        return params

    def _response_format(self) -> Mapping:
        self._take(table.ANSWER_MODE)
        inner = {key: self._take(field) for key, field in table.ANSWER.items()}
        try:
            inner["schema"] = json.loads(str(inner["schema"]))
        except ValueError:
            self._dropped("`chat.structured_output_schema` is not JSON")
        return {"type": "json_schema", "json_schema": {key: each for key, each in inner.items() if each is not None}}

    def _info(self) -> Mapping:
        info: Mapping = {}
        for key, field in table.LIMITS.items():
            if (value := self._take(("model_info", field))) is not None:
                info[key] = value
        modalities = self._take(("model_info", "input")) or []
        info |= {key: True for key, modality in table.MODALITIES.items() if modality in modalities}
        for other in modalities:
            if other not in ("text", *table.MODALITIES.values()):
                self._dropped(f"a model_list has no place for the modality `{other}`")
        if (reasoning := self._take(("model_info", "reasoning"))) is not None:
            info[table.REASONING] = reasoning
        metadata = self._take(("model_info", "metadata")) or {}
        info |= {key: metadata[name] for key, name in table.METADATA.items() if isinstance(metadata.get(name), bool)}
        for key in metadata.keys() - table.METADATA.values():
            self._dropped(f"a model_list has no place for `model_info.metadata.{key}`")
        cost = self._take(("model_info", "cost")) or {}
        prices = {key: cost.get(name) for key, name in table.COSTS.items()}
        return info | {key: table.per_token(price) for key, price in prices.items() if price is not None}

    def _dropped(self, message: str) -> None:
        names = self.lost.setdefault(masked_names(message), [])
        if self.name not in names:
            names.append(self.name)

    def _first(self, fields: Iterable[Field]) -> Any:
        """The first of several fields that is set; none of them is left behind."""
        return next((each for each in [self._take(field) for field in fields] if each is not None), None)

    def _take(self, field: Field) -> Any:
        return self.rest.get(field[0], {}).pop(field[1], None)

    def _readable(self, extension: Any) -> Mapping:
        """The extension less what cannot be written, or must not be: anyone may put anything there."""
        if not isinstance(extension, dict | None):
            self._dropped(f"`{EXTENSION}` is no mapping")
        readable: Mapping = {}
        for key, value in extension.items() if isinstance(extension, dict) else ():
            shown = f"`{key[:60]}` of `{EXTENSION}`"
            if key not in _PARTS:
                self._dropped(f"{shown} is no part of a deployment")
            elif not isinstance(value, _PARTS[key]):
                self._dropped(f"{shown} is no {'text' if _PARTS[key] is str else 'mapping'}")
            elif isinstance(value, str) and is_suspect(value):
                self._dropped(f"{shown} may hold a credential, which is never written out")
            else:
                readable[key] = self._harmless(value) if isinstance(value, dict) else value
        return readable

    def _harmless(self, part: Mapping) -> Mapping:
        for key in (suspects := [key for key, value in part.items() if may_hold_credential(key, value)]):
            self._dropped(f"`{key[:60]}` of `{EXTENSION}` may hold a credential, which is never written out")
        return {key: value for key, value in part.items() if key not in suspects}

    def _extra(self, part: str, written: Mapping) -> Mapping:
        """What rides along of one part of a deployment, where no field says otherwise."""
        kept = self.extra.get(part, {})
        # An id is one deployment's, not that of what stacks on it.
        return {
            key: each for key, each in kept.items() if key not in written and (key != "id" or self._is_own(part, key))
        }

    def _is_own(self, *steps: str) -> bool:
        """Whether the profile itself set an entry of the extension, not a layer below."""
        pointer = "/".join(("/extensions", token(EXTENSION), *steps))
        set_by = self.lineage.get("fields", {}).get(pointer)
        return set_by is None or set_by[-1] == len(self.lineage["stack"]) - 1


def _engine(settings: Mapping) -> tuple[str, str]:
    """The model of a profile and the section that names it; empty where none is.

    A chat's comes before one for embeddings, unless both are the same model.
    """
    chat, embeddings = (settings.get(section, {}).get("engine") for section in ("chat", "embeddings"))
    if chat and chat != embeddings:
        return str(chat), "chat"
    return (str(embeddings), "embeddings") if embeddings else ("", "")


def _is_nameless(settings: Mapping) -> bool:
    """Whether a profile names a model by nothing, as a layer that names none does not."""
    named = [settings.get(each, {}).get("engine") for each in ("chat", "embeddings")]
    return not any(named) and "" in named


def _kinds(api_type: str) -> list[str]:
    """Under what names an API type's credential may stand, best first."""
    others = {
        "claude": ["anthropic"],
        "anthropic": ["claude"],
        "openai-responses": ["open-responses", "openai"],
        "open-responses": ["openai-responses", "openai"],
    }
    return [api_type, *others.get(api_type, [])]


def _numbers(bias: Mapping) -> Mapping:
    return {key: int(each) if each.lstrip("-").isdigit() else each for key, each in bias.items()}
