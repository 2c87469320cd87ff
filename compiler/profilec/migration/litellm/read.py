"""A proxy's configuration -> one registry: a layer for each account at a provider, a profile for each deployment."""

from __future__ import annotations

from typing import Any

from profilec.diagnostics import Span
from profilec.fields import sections
from profilec.migration import Migrated
from profilec.migration.legacy import slug_from
from profilec.migration.litellm import table
from profilec.migration.litellm.deployment import ENVIRONMENT, Deployment
from profilec.migration.litellm.table import EMBEDDING, EXTENSION, PROVIDERS, Provider
from profilec.migration.remarks import Remarks
from profilec.migration.secrets import Secrets, needs_reference
from profilec.syntax.tree import Tree

Mapping = dict[str, Any]
_MODES = (None, "chat", "completion", "responses", EMBEDDING)


def migrate(tree: Tree, name: str, remarks: Remarks, keep_credentials: bool = False) -> list[Migrated]:
    """The registry of a configuration, or nothing where it has no deployment that a profile could describe."""
    return _Reader(tree, remarks, Secrets(tree.text, keep_credentials, remarks)).read(slug_from(name))


class _Reader:
    def __init__(self, tree: Tree, remarks: Remarks, secrets: Secrets) -> None:
        self.tree, self.remarks, self.secrets = tree, remarks, secrets
        self.layers: dict[tuple[Any, ...], tuple[str, Mapping]] = {}
        self.profiles: Mapping = {}

    def read(self, slug: str) -> list[Migrated]:
        value = self.tree.value
        for key in value:
            if key != "model_list":
                self.remarks.dropped(
                    f"`{key[:60]}` is how the proxy runs, which no profile says", self.tree.key_span(value, key)
                )
        deployments = value.get("model_list")
        deployments = deployments if isinstance(deployments, list) else []
        # The names of deployments come first: a layer takes one that is left.
        self.names = _slugs(deployments)
        for index, deployment in enumerate(deployments):
            span = self.tree.value_span(deployments, index)
            given = deployment.get("litellm_params") if isinstance(deployment, dict) else None
            params: Mapping = given if isinstance(given, dict) else {}
            model = params.get("model")
            name = deployment.get("model_name") if isinstance(deployment, dict) else None
            if not isinstance(model, str) or not isinstance(name, str) or not name.strip() or not _bare(model, params):
                self.remarks.dropped("a deployment without `model_name` or `litellm_params.model`", span)
            elif self._is_possible(deployment, model, span):
                self._deployment(deployment, self.names[index], span)
        profiles = {**dict(self.layers.values()), **self.profiles}
        return [Migrated({"slug": slug, "profiles": profiles}, f"{slug}.yaml")] if self.profiles else []

    def _is_possible(self, deployment: Mapping, model: str, span: Span) -> bool:
        """Whether settings can name what a deployment is; else why not is told."""
        name = deployment["model_name"]
        info = deployment.get("model_info")
        mode = info.get("mode") if isinstance(info, dict) else None
        prefix = _prefix(deployment["litellm_params"])
        if "*" in name or "*" in model:
            self.remarks.dropped(f"`{name[:60]}` is a route for any model, and a profile names one", span)
        elif prefix not in PROVIDERS:
            shown = f"`{prefix[:40]}`" if prefix else f"the model `{model[:60]}`"
            self.remarks.dropped(f"`{name[:60]}` is left out: no API type of the settings reaches {shown}", span)
        elif prefix not in table.EMBEDDING_PROVIDERS and _is_embedding({"mode": mode}, model.rpartition("/")[2]):
            self.remarks.dropped(f"`{name[:60]}` is left out: no settings for embeddings reach `{prefix}`", span)
        elif not isinstance(_base(deployment["litellm_params"]), str | None):
            # The provider's own address would get a credential that is another's.
            self.remarks.dropped(f"`{name[:60]}` is left out: its address is no text", span)
        elif mode not in _MODES:
            self.remarks.dropped(f"`{name[:60]}` is left out: `{str(mode)[:40]}` is no kind of engine", span)
        else:
            return True
        return False

    def _deployment(self, deployment: Mapping, name: str, span: Span) -> None:
        params, info = deployment["litellm_params"], deployment.get("model_info")
        if not isinstance(info, dict | None):
            self.remarks.dropped("`model_info` is no mapping", self.tree.key_span(deployment, "model_info"))
        info = info if isinstance(info, dict) else {}
        prefix, engine, provider = _model(params)
        is_embedding = _is_embedding(info, engine)
        if is_embedding:
            provider = table.EMBEDDING_PROVIDERS[prefix]
        reader = Deployment(self.tree, self.remarks, provider.api_type)
        if is_embedding:
            reader.settings["embeddings"] = {"engine": engine}
        else:
            reader.settings["chat"] = {"engine": engine}
        layer = self._layer(prefix, provider, params, is_embedding)
        reader.params(params)
        reader.info(params, info)
        if deployment["model_name"] != name:
            reader.extra = {"model_name": deployment["model_name"], **reader.extra}
            first = _slug(deployment["model_name"])
            if first != name and first in self.profiles:
                message = (
                    f"several deployments share the name `{deployment['model_name'][:60]}`; the others are numbered"
                )
                self.remarks.migrated(message, span)
        if is_embedding and not info.get("mode"):
            self.remarks.migrated(f"`{name}` is a model of embeddings", span)
        if (written := _written_prefix(params, provider, prefix, is_embedding)) is not None:
            reader.extra["provider"] = written
        for key, value in deployment.items():
            if key not in ("model_name", "litellm_params", "model_info"):
                reader.keep("deployment", deployment, key, value)
        profile: Mapping = {"display_name": deployment["model_name"]} if deployment["model_name"] != name else {}
        profile |= {"stack": [{"profile_slug": layer}], "inference_settings": _ordered(reader.settings)}
        if reader.extra:
            profile["extensions"] = {EXTENSION: reader.extra}
        self.profiles[name] = profile

    def _layer(self, prefix: str, provider: Provider, params: Mapping, is_embedding: bool) -> str:
        """The name of the layer that says how to reach a provider, made where it is new."""
        base, key = _base(params), params.get("api_key")
        identity = (provider, repr(base), repr(key), is_embedding)
        if identity not in self.layers:
            kind = f"provider-{prefix.replace('_', '-')}" + ("-embeddings" if is_embedding else "")
            taken = {*self.names, *(name for name, _ in self.layers.values())}
            names = [kind, *(f"{kind}-{number}" for number in range(2, len(taken) + 3))]
            name = next(each for each in names if each not in taken)
            self.layers[identity] = name, self._account(name, provider, params, is_embedding)
        return self.layers[identity][0]

    def _account(self, name: str, provider: Provider, params: Mapping, is_embedding: bool) -> Mapping:
        """How a provider is reached: address, credential, protocol."""
        home: Mapping = {}
        if key := self._key(name, provider, params):
            home["api_keys"] = {provider.key: key}
        if address := self._address(name, provider, params):
            home["base_urls"] = {provider.address: address}
        if is_embedding:
            return {"inference_settings": {"embeddings": {"type": provider.api_type, **home}}}
        settings: Mapping = {"api": home} if home else {}
        return {"inference_settings": {**settings, "chat": {"api_type": provider.api_type}}}

    def _key(self, name: str, provider: Provider, params: Mapping) -> Any:
        key, base = params.get("api_key"), _base(params)
        is_elsewhere = provider.variable is None or base not in (None, provider.base_url)
        if key is None:
            return None if is_elsewhere else f"${{env:{provider.variable}}}"
        span = self.tree.value_span(params, "api_key")
        if isinstance(key, dict | list):
            self.remarks.dropped("`api_key` is no text", span)
            return None
        if isinstance(key, str) and (variable := ENVIRONMENT.fullmatch(key.strip())):
            return f"${{env:{variable[1]}}}"
        return self.secrets.resolve("api_key", str(key), name, span, None if is_elsewhere else provider.variable)

    def _address(self, name: str, provider: Provider, params: Mapping) -> Any:
        written = "api_base" if params.get("api_base") else "base_url"
        base = params.get(written)
        if not isinstance(base, str):
            return provider.base_url
        if variable := ENVIRONMENT.fullmatch(base.strip()):
            return f"${{env:{variable[1]}}}"
        if needs_reference("userinfo", base):
            return self.secrets.resolve("api_base", base, name, self.tree.value_span(params, written), None)
        return base


def _slugs(deployments: list[Any]) -> list[str]:
    """A name for each deployment; those that share one are numbered."""
    names: list[str] = []
    for each in deployments:
        name = _slug(str(each.get("model_name")) if isinstance(each, dict) else "")
        candidates = [name, *(f"{name}-{number}" for number in range(2, len(names) + 3))]
        names.append(next(candidate for candidate in candidates if candidate not in names))
    return names


def _slug(model_name: str) -> str:
    return slug_from(model_name.replace("/", ".").replace(":", "."))[:120]


def _base(params: Mapping) -> Any:
    """The address that a deployment names."""
    return params.get("api_base") or params.get("base_url")


def _bare(model: str, params: Any) -> str:
    """The model without its prefix, which may be all there is."""
    return model.removeprefix(f"{_prefix(params)}/").removeprefix("responses/").strip()


def _prefix(params: Mapping) -> str:
    """The provider that a model's name begins with, or that is meant where it has none."""
    if isinstance(named := params.get("custom_llm_provider"), str):
        return named
    model = params["model"]
    if "/" in model and model.partition("/")[0] in PROVIDERS:
        return str(model.partition("/")[0])
    if "/" in model:
        return str(model.partition("/")[0])
    return table.bare_prefix(model) or ("openai" if params.get("api_base") else "")


def _model(params: Mapping) -> tuple[str, str, Provider]:
    """Prefix, engine and how it is reached."""
    prefix, model = _prefix(params), params["model"]
    engine = model.removeprefix(f"{prefix}/")
    if prefix == "openai" and engine.startswith("responses/"):
        return prefix, engine.removeprefix("responses/"), PROVIDERS[prefix]._replace(api_type="openai-responses")
    return prefix, engine, PROVIDERS[prefix]


def _written_prefix(params: Mapping, provider: Provider, prefix: str, is_embedding: bool) -> str | None:
    """The prefix that a model had, where its address would not bring it back; empty where it had none."""
    if "/" not in params["model"] and "custom_llm_provider" not in params:
        return ""
    base = _base(params) or provider.base_url
    implied = table.implied_prefix(provider.api_type, base, is_embedding) or ""
    return prefix if implied.partition("/")[0] != prefix else None


def _is_embedding(info: Mapping, engine: str) -> bool:
    return info.get("mode") == EMBEDDING or table.is_embedding(engine)


def _ordered(settings: Mapping) -> Mapping:
    return {section: settings[section] for section in sections() if section in settings}
