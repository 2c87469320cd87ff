"""One deployment's parameters and facts -> settings, and the extension with what has no field in them."""

from __future__ import annotations

import json
import re
from typing import Any

from profilec import schemas
from profilec.fields import sections
from profilec.migration.litellm import table
from profilec.migration.litellm.table import EMBEDDING, EXTENSION
from profilec.migration.remarks import Remarks
from profilec.migration.values import Unfit, mend, wanted
from profilec.suspicion import may_hold_credential
from profilec.syntax.tree import Tree

Mapping = dict[str, Any]
ENVIRONMENT = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
# What is said by a profile's model and its layer.
_ACCOUNT = ("model", "api_key", "api_base", "base_url", "custom_llm_provider")


class Deployment:
    """Settings of one deployment, and what has no field in them."""

    def __init__(self, tree: Tree, remarks: Remarks, api_type: str) -> None:
        self.tree, self.remarks, self.api_type = tree, remarks, api_type
        self.settings: Mapping = {}
        self.extra: Mapping = {}

    def params(self, params: Mapping) -> None:
        for key, value in params.items():
            if value is None or key in (*_ACCOUNT, *table.COSTS):
                continue
            if key == "thinking" and isinstance(value, dict) and value.keys() <= table.THINKING.keys():
                for inner, field in table.THINKING.items():
                    if inner in value:
                        self._set(field, value, inner, params, key)
            elif key == "response_format" and self._response_format(value):
                continue
            elif table.has_field(key, self.api_type) and not (isinstance(value, str) and ENVIRONMENT.match(value)):
                self._set(table.PARAMS[key], params, key, params, key)
            else:
                self.keep("params", params, key, value)

    def info(self, params: Mapping, info: Mapping) -> None:
        """`model_info`, and prices from either half."""
        facts: Mapping = {}
        for key, value in info.items():
            if value is None or key in table.COSTS:
                continue
            if key in table.LIMITS and _is_count(value) and table.LIMITS[key] not in facts:
                if key == "max_tokens" and "max_output_tokens" in info:
                    self.keep("model_info", info, key, value)
                    continue
                facts[table.LIMITS[key]] = value
            elif key in table.MODALITIES and value is True:
                facts.setdefault("input", ["text"]).append(table.MODALITIES[key])
            elif key == table.REASONING and isinstance(value, bool):
                facts["reasoning"] = value
            elif key in table.METADATA and isinstance(value, bool):
                facts.setdefault("metadata", {})[table.METADATA[key]] = value
            elif key != "mode" or value != EMBEDDING:
                is_limit = key in table.LIMITS and not _is_count(value)
                self.keep("model_info", info, key, value, "is no number of tokens" if is_limit else "has no field")
        if cost := self._cost(params, info):
            facts["cost"] = cost
        if facts:
            order = [each for each in sections()["model_info"] if each in facts]
            self.settings["model_info"] = {each: facts[each] for each in order}

    def keep(self, part: str, container: Mapping, key: str, value: Any, why: str = "has no field") -> None:
        """What has no field, or does not fit it, goes into the extension, but nothing that may be a credential."""
        span = self.tree.key_span(container, key)
        if may_hold_credential(key, value):
            self.remarks.dropped(f"`{key[:60]}` may hold a credential, and no field of the settings takes it", span)
        else:
            self.remarks.migrated(f"`{key[:60]}` {why}: it is in the extension `{EXTENSION}`", span)
            self.extra.setdefault(part, {})[key] = value

    def _set(self, field: tuple[str, str], container: Mapping, key: str, outer: Mapping, shown: str) -> None:
        section, name = field
        schema = schemas.load("settings")["properties"][section]["properties"][name]
        value = container[key]
        spelling = "" if isinstance(value, dict | list) else self.tree.scalar_text(container, key)
        mended = mend(value, spelling, schema)
        home = self.settings.setdefault(section, {})
        if isinstance(mended, Unfit):
            unfit = "no number of whole seconds" if name == "timeout" else f"not {wanted(schema)}"
            self.keep("params", outer, shown, outer[shown], f"is {unfit}")
        elif name in home:
            self.keep("params", outer, shown, outer[shown], "sets a field that is set already")
        else:
            home[name] = mended
        if not home:
            del self.settings[section]

    def _cost(self, params: Mapping, info: Mapping) -> Mapping:
        cost = {}
        for key, name in table.COSTS.items():
            # What stands with the deployment wins over what is said of the model.
            for part in (params, info):
                written = price = part.get(key)
                price = mend(price, "", {"type": "number"}) if isinstance(price, str) else price
                if isinstance(price, int | float) and not isinstance(price, bool) and price >= 0:
                    cost[name] = table.per_million(price)
                    break
                if written is not None:
                    self.remarks.dropped(f"`{key}` is no price", self.tree.key_span(part, key))
        return cost

    def _response_format(self, value: Any) -> bool:
        """A JSON schema for the answer, or False where it is another thing."""
        if not isinstance(value, dict) or value.keys() != {"type", "json_schema"} or value["type"] != "json_schema":
            return False
        inner = value["json_schema"]
        if not isinstance(inner, dict) or not inner.keys() <= table.ANSWER.keys():
            return False
        if not isinstance(inner.get("schema"), dict) or not isinstance(inner.get("strict"), bool | None):
            return False
        chat = self.settings.setdefault("chat", {})
        chat[table.ANSWER_MODE[1]] = "json_schema"
        for key, (_, field) in table.ANSWER.items():
            if inner.get(key) is not None:
                chat[field] = json.dumps(inner[key], ensure_ascii=False) if key == "schema" else inner[key]
        return True


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
