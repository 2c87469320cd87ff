"""Tables of models.dev -> a registry for each provider, and one for each lab whose models providers serve.

A provider's models stack on its layer `provider`; one that says it is a lab's model stacks on that as well, and holds
what differs. What is inherited in another way is written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from profilec import schemas, slugs
from profilec.credentials import implied_name
from profilec.diagnostics import Span
from profilec.migration import Migrated
from profilec.migration.legacy import slug_from
from profilec.migration.remarks import Remarks
from profilec.migration.values import Unfit, fitting, wanted
from profilec.suspicion import is_suspect

Table = dict[str, Any]
Tables = dict[str, Table]
CREDIT = "Facts from models.dev (MIT)."
# A provider's package -> API type, and its address where the package knows it and the API type does not.
PACKAGES: dict[str, tuple[str, str | None]] = {
    "@ai-sdk/openai": ("openai-responses", None),
    "@ai-sdk/anthropic": ("claude", None),
    "@ai-sdk/google": ("gemini", None),
    "@ai-sdk/openai-compatible": ("openai", None),
    "@ai-sdk/cerebras": ("openai", "https://api.cerebras.ai/v1"),
    "@ai-sdk/deepinfra": ("openai", "https://api.deepinfra.com/v1/openai"),
    "@ai-sdk/deepseek": ("openai", "https://api.deepseek.com"),
    "@ai-sdk/groq": ("openai", "https://api.groq.com/openai/v1"),
    "@ai-sdk/mistral": ("openai", "https://api.mistral.ai/v1"),
    "@ai-sdk/perplexity": ("openai", "https://api.perplexity.ai"),
    "@ai-sdk/togetherai": ("openai", "https://api.together.xyz/v1"),
    "@ai-sdk/xai": ("openai", "https://api.x.ai/v1"),
    "@openrouter/ai-sdk-provider": ("openai", "https://openrouter.ai/api/v1"),
}
# Providers with an API type of their own.
API_TYPES = {"fireworks-ai": "fireworks"}
# Keys of `model_info` and of its `metadata`, each from where it stands in a model's table.
FACTS = {
    "name": ("name",),
    "reasoning": ("reasoning",),
    "input": ("modalities", "input"),
    "context_window": ("limit", "context"),
    "max_output_tokens": ("limit", "output"),
}
COSTS = ("input", "output", "cache_read", "cache_write")
METADATA = ("family", "knowledge", "release_date", "tool_call", "structured_output", "open_weights")
_INHERITANCE = ("base_model", "base_model_omit", "extends")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"(?:_API_KEY|_KEY|_TOKEN)$")


class _Place(NamedTuple):
    """Where a model's table lies: its provider's or lab's directory, and its id."""

    owner: str
    model: str


def migrate(tables: Tables, remarks: Remarks) -> list[Migrated]:
    """The registries of a whole repository, of its `providers`, or of one provider: labs first, as they lie below."""
    return _Catalog(tables, remarks).read()


class _Catalog:
    def __init__(self, tables: Tables, remarks: Remarks) -> None:
        self.tables, self.remarks = tables, remarks
        self.providers: dict[str, str] = {}
        self.models: dict[_Place, str] = {}
        self.labs: dict[_Place, str] = {}
        for path in tables:
            self._sort(path)

    def _sort(self, path: str) -> None:
        # An id may have a part `models` itself: the first one below a provider is the directory.
        parts = path.removesuffix(".toml").split("/")
        for at in (index for index, part in enumerate(parts[:-1]) if part == "models"):
            before, model = "/".join(parts[:at]), "/".join(parts[at + 1 :])
            if f"{before}/provider.toml".removeprefix("/") in self.tables:
                self.models[_Place(before, model)] = path
                return
        if parts[-1] == "provider":
            self.providers["/".join(parts[:-1])] = path
        elif "models" in parts and (model := "/".join(parts[parts.index("models") + 1 :])).count("/"):
            self.labs[_Place(*_halves(model))] = path

    def read(self) -> list[Migrated]:
        made = [made for folder, path in self.providers.items() if (made := self._provider(folder, path))]
        used = {
            entry["registry_slug"].removeprefix("lab-")
            for each in made
            for profile in each.document["profiles"].values()
            for entry in profile.get("stack", ())
            if "registry_slug" in entry
        }
        labs = [self._lab(lab) for lab in sorted(used & {slug_from(place.owner) for place in self.labs})]
        return [*labs, *made]

    def _lab(self, lab: str) -> Migrated:
        slug = f"lab-{lab}"
        profiles: Table = {}
        for place, path in self.labs.items():
            if slug_from(place.owner) == lab:
                facts = self._facts(path, self.tables[path], place.model)
                name = self._free(place.model, profiles, path)
                profiles[name] = _profile(facts, name=facts.get("name"))
        document = {"slug": slug, "display_name": f"Models by {lab}", "profiles": profiles}
        return Migrated(document, f"10-{slug}.yaml", f"What {lab}'s models are, whoever serves them. {CREDIT}")

    def _provider(self, folder: str, path: str) -> Migrated | None:
        table = self.tables[path]
        # The directory is the provider's name; where it is the root itself its own name is all there is.
        slug = slug_from(folder.rpartition("/")[2] or str(table.get("name", "")))
        name = table.get("name") or slug
        if not isinstance(name, str) or not name.isprintable():
            self.remarks.dropped(f"the name of `{slug}` is no text", Span(path))
            name = slug
        layer = self._account(slug, name, path, table)
        if layer is None:
            return None
        profiles: Table = {"provider": layer}
        for place, file in self.models.items():
            if place.owner == folder:
                profiles[self._free(place.model, profiles, file)] = self._model(place.model, file)
        document = {"slug": slug, "display_name": name, "profiles": profiles}
        return Migrated(document, f"50-{slug}.yaml", f"{name} models. {CREDIT}")

    def _account(self, slug: str, name: str, path: str, table: Table) -> Table | None:
        """How a provider is reached, or None where no API type does."""
        package = str(table.get("npm"))
        if package not in PACKAGES:
            self.remarks.dropped(
                f"`{slug}` is left out: no API type of the settings reaches `{package[:60]}`", Span(path)
            )
            return None
        api_type, known = PACKAGES[package]
        api_type = API_TYPES.get(slug, api_type)
        given = table.get("api") or known or ""
        address = self._address(slug, path, given)
        family = "openai" if api_type == "openai-responses" else api_type
        env = table.get("env")
        variables = [each for each in env if isinstance(each, str)] if isinstance(env, list) else []
        for each in [each for each in variables if not _VARIABLE.fullmatch(each)]:
            self.remarks.dropped(f"`{each[:60]}` is no name of a variable", Span(path))
            variables.remove(each)
        variable = _credential(f"{family}-api-key", variables)
        api: Table = {}
        # Without the address that it is for, a key would go to that of the API type.
        if variable and (address or not given):
            api["api_keys"] = {f"{family}-api-key": f"${{env:{variable}}}"}
        if address:
            api["base_urls"] = {f"{family}-base-url": address}
        settings = {**({"api": api} if api else {}), "chat": {"api_type": api_type}}
        description = f"How to reach {name}; models stack on this."
        return {"display_name": name, "description": description, "inference_settings": settings}

    def _address(self, slug: str, path: str, address: Any) -> str:
        """A provider's address, empty where it cannot be written."""
        if not isinstance(address, str) or not address.isprintable():
            why = "is no text"
        elif "${" in address:
            why = "has a part that each user fills in"
        elif is_suspect(address):
            why = "may hold a credential"
        else:
            return address.rstrip("/")
        self.remarks.dropped(f"the address of `{slug}` {why}", Span(path))
        return ""

    def _model(self, model: str, path: str) -> Table:
        """A profile that stands on the provider, and on a lab's model where it is one with other prices."""
        table = self.tables[path]
        base = table.get("base_model")
        stack = [{"profile_slug": "provider"}]
        if isinstance(base, str) and "/" in base and not table.get("base_model_omit"):
            lab, _, name = base.partition("/")
            stack.insert(0, {"registry_slug": f"lab-{slug_from(lab)}", "profile_slug": _slug(name)})
            below = self.labs.get(_Place(lab, name))
            if below is None:
                self.remarks.migrated("what a model stacks on lies outside of what was read", Span(path))
            facts = _differing(
                self._facts(path, table, None), self._facts(below, self.tables[below], None) if below else {}
            )
        else:
            facts = self._facts(path, self._inherited(path, table), model)
        return _profile(facts, name=facts.get("name"), stack=stack, engine=model)

    def _inherited(self, path: str, table: Table) -> Table:
        """A model's table with what it takes from another, less what it leaves out."""
        extends = table.get("extends")
        if isinstance(table.get("base_model"), str):
            below = self.labs.get(_Place(*_halves(table["base_model"])))
            omitted = table.get("base_model_omit")
        elif isinstance(extends, dict) and isinstance(extends.get("from"), str):
            owner, model = _halves(extends["from"])
            places = [each for each in self.models if each.owner.rpartition("/")[2] == owner and each.model == model]
            below, omitted = (self.models[places[0]] if places else None), extends.get("omit")
        else:
            return table
        if below is None or below == path:
            self.remarks.dropped("what a model is inherited from lies outside of what was read", Span(path))
            return table
        whole = {**self.tables[below], **table}
        for key in whole:
            if isinstance(table.get(key), dict) and isinstance(self.tables[below].get(key), dict):
                whole[key] = {**self.tables[below][key], **table[key]}
        for dotted in omitted if isinstance(omitted, list) else ():
            whole = _without(whole, str(dotted).split("."))
        return whole

    def _facts(self, path: str, table: Table, model: str | None) -> Table:
        """`model_info` of a table, without an id where that is inherited."""
        facts: Table = {} if model is None else {"id": model}
        known = schemas.load("settings")["properties"]["model_info"]["properties"]
        for fact, steps in FACTS.items():
            self._fact(facts, fact, table, steps, known[fact], path)
        prices: Table = {}
        for price in COSTS:
            self._fact(prices, price, table, ("cost", price), known["cost"]["properties"][price], path)
        if prices or table.get("cost") == {}:
            facts["cost"] = prices
        metadata = {key: _plain(table[key]) for key in METADATA if key in table}
        for key in [key for key, value in metadata.items() if value is None]:
            self.remarks.dropped(f"`{key}` is not a single value", Span(path))
            del metadata[key]
        if metadata:
            facts["metadata"] = metadata
        for key in ("limit", "cost", "modalities"):
            if not isinstance(table.get(key), dict | None):
                self.remarks.dropped(f"`{key}` is not a mapping", Span(path))
        for lost in _unmapped(table):
            self.remarks.dropped(f"`{lost}` has no field", Span(path))
        return facts

    def _fact(self, facts: Table, fact: str, table: Table, steps: Sequence[str], schema: Table, path: str) -> None:
        """Set one fact by where it stands, or tell that it cannot be."""
        value: Any = table
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return
        fit = fitting(value, schema)
        if isinstance(fit, Unfit):
            least = " from 0 up" if "minimum" in schema else ""
            self.remarks.dropped(f"`{'.'.join(steps)}` is not {wanted(schema)}{least}", Span(path))
        else:
            facts[fact] = fit

    def _free(self, model: str, taken: Table, path: str) -> str:
        slug = _slug(model)
        if slug not in taken:
            return slug
        free = next(each for each in (f"{slug}-{number}" for number in range(2, len(taken) + 3)) if each not in taken)
        self.remarks.migrated(f"`{model[:80]}` is the profile `{free}`: `{slug}` is another", Span(path))
        return free


def _profile(facts: Table, name: Any, stack: list[Table] | None = None, engine: str | None = None) -> Table:
    settings: Table = {"chat": {"engine": engine}} if engine else {}
    if facts:
        settings["model_info"] = facts
    return {
        **({"display_name": name} if isinstance(name, str) else {}),
        **({"stack": stack} if stack else {}),
        "inference_settings": settings,
    }


def _without(table: Table, path: list[str]) -> Table:
    """A table less what a path leads to."""
    first, *rest = path
    inner = table.get(first)
    if not rest:
        return {key: each for key, each in table.items() if key != first}
    return {**table, first: _without(inner, rest)} if isinstance(inner, dict) else table


def _differing(facts: Table, below: Table) -> Table:
    """The facts that say another thing than those below."""
    differing: Table = {}
    for fact, value in facts.items():
        if fact == "metadata" and isinstance(below.get(fact), dict):
            value = {key: each for key, each in value.items() if below[fact].get(key) != each}
        if value != below.get(fact) and value != {}:
            differing[fact] = value
    return differing


def _unmapped(table: Table) -> Iterator[str]:
    """The keys of a model's table that say what no field holds."""
    mapped = {".".join(path) for path in FACTS.values()} | {f"cost.{key}" for key in COSTS} | {*METADATA, *_INHERITANCE}
    for key, value in table.items():
        if key in mapped:
            continue
        if key in ("cost", "limit", "modalities"):
            inner = value if isinstance(value, dict) else ()
            yield from (f"{key}.{each}" for each in inner if f"{key}.{each}" not in mapped)
        else:
            yield key


def _credential(key: str, variables: list[str]) -> str | None:
    """Of a provider's variables the one that holds the credential: what its key implies, else what looks like one."""
    implied = implied_name(key)
    if implied in variables:
        return implied
    return next((each for each in variables if _KEY.search(each)), variables[0] if variables else None)


def _plain(value: Any) -> Any:
    """A date, which TOML has and JSON has not, as its text; None for what is no single value."""
    if isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 2**53 else None
    return str(value) if str(value).isprintable() else None


def _slug(model: str) -> str:
    text = slugs.normalize(model).replace("/", ".").replace(":", ".")
    return slug_from(text)


def _halves(reference: str) -> tuple[str, str]:
    owner, _, model = reference.partition("/")
    return owner, model
