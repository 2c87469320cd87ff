"""Settings + role -> Endpoint: which address is asked, by which protocol, with which credential."""

from __future__ import annotations

from urllib.parse import urlsplit

from . import outbound
from .credentials import Credential, LookupFailed, text_of
from .errors import quoted
from .failures import AddressRefused, MissingCredential
from .providers import ROLES, Provider, choose
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The header of each protocol, and what stands before the credential in it.
_AUTHENTICATION = {"anthropic": ("x-api-key", ""), "gemini": ("x-goog-api-key", "")}


class Endpoint:
    """Where requests for one role go.

    `base_url` has no user part; `headers` authenticate, with Credentials for values. `url_at` and `key_at` are the
    fields, with the key in them, that set the address and the credential; empty where none does.
    """

    __slots__ = ("api_type", "base_url", "headers", "host", "key_at", "model", "protocol", "role", "url_at")

    def __init__(self, role: str, api_type: str, protocol: str, model: str, base_url: str) -> None:
        self.role = role
        self.api_type = api_type
        self.protocol = protocol
        self.model = model
        self.base_url = base_url
        self.host = urlsplit(base_url).hostname or ""
        self.headers: dict[str, str | Credential] = {}
        self.url_at = ("", "")
        self.key_at = ("", "")

    @property
    def credentials(self) -> list[Credential]:
        return [value for value in self.headers.values() if isinstance(value, Credential)]


def endpoint(settings: Settings, role: str, look_up: bool = True) -> Endpoint:
    """The endpoint of one role: chat, embeddings or rerank.

    Without `look_up` the credential stays a reference; a base URL that is one is always looked up.
    Raises NoEngine, UnknownProvider, AddressRefused, MissingCredential.
    """
    api_type, provider = choose(settings, role)
    url_at = _base_url_field(settings, role, provider)
    base_url, user = _address(settings, url_at, api_type, provider)
    made = Endpoint(role, api_type, provider.protocol, str(settings.get(ROLES[role])), base_url)
    made.url_at, made.key_at = url_at, _key_field(settings, role, provider)
    key = _credential(settings, made, provider, look_up)
    name, prefix = _AUTHENTICATION.get(provider.protocol, ("Authorization", "Bearer "))
    if key is not None:
        made.headers[name] = key.after(prefix)
    if user is not None:
        if "Authorization" in made.headers:
            reason = "it holds a user part, and there is an API key too"
            remedy = 'keep one of them: `""` as the API key says that there is none'
            raise _refused_address(settings, *url_at, reason, remedy)
        made.headers["Authorization"] = user
    return made


def _address(
    settings: Settings, url_at: tuple[str, str], api_type: str, provider: Provider
) -> tuple[str, Credential | None]:
    """The base URL, and what its user part is in a header."""
    field, key = url_at
    if not field and not provider.base_url:
        named = f"api.base_urls.{provider.names[0]}-base-url"
        raise AddressRefused(
            f"profile {quoted(settings.name)} has no base URL for {quoted(api_type)}",
            f"set `{named}`",
            profile=settings.name,
            field=named,
            layer="",
        )
    names = (*provider.names, api_type)
    allow_http, allow_local = (_allows(settings, what, names) for what in ("http", "local-networks"))
    failure: LookupFailed | outbound.Refused
    try:
        url, user = _split(settings.get(field)[key] if field else provider.base_url)
        outbound.check(url, allow_http, allow_local)
        return url, user
    except (LookupFailed, outbound.Refused) as error:
        failure = error.with_traceback(None)  # The user part is in the variables of what failed.
    if isinstance(failure, LookupFailed):
        raise _missing(settings, field, key, failure.reason, failure.hint)
    raise _refused_address(settings, field, key, failure.reason, failure.remedy.replace("API_TYPE", api_type))


def _split(written: Any) -> tuple[str, Credential | None]:
    url, user = outbound.split_user(text_of(written))
    return url, None if user is None else Credential.basic(user)


def _base_url_field(settings: Settings, role: str, provider: Provider) -> tuple[str, str]:
    """The field and key that hold the base URL; both empty for the provider's own."""
    for field in (["embeddings.base_urls"] if role == "embeddings" else []) + ["api.base_urls"]:
        for name in provider.names:
            if (settings.get(field) or {}).get(f"{name}-base-url"):
                return field, f"{name}-base-url"
    return "", ""


def _allows(settings: Settings, what: str, names: tuple[str, ...]) -> bool:
    flags = settings.get(f"api.allow_{what.replace('-', '_')}") or {}
    for name in names:
        for key in (name, f"{name}-allow-{what}"):
            if key in flags:
                return flags[key] is True
    return False


def _key_field(settings: Settings, role: str, provider: Provider) -> tuple[str, str]:
    """The field and key that hold the credential; both empty where no layer sets one."""
    own = {"chat": ["chat.api_keys"], "embeddings": ["embeddings.api_keys"]}.get(role, [])
    for name in provider.names:
        for field in [*own, "api.api_keys"]:
            if (settings.get(field) or {}).get(f"{name}-api-key") is not None:
                return field, f"{name}-api-key"
    return "", ""


def _credential(settings: Settings, made: Endpoint, provider: Provider, look_up: bool) -> Credential | None:
    """The credential; None where an empty text says that there is none, or a server needs none."""
    field, key = made.key_at
    if field:
        if settings.get(field)[key] == "":
            return None
        try:
            credential = Credential.of(settings.get(field)[key])
            return credential.look_up() if look_up else credential
        except LookupFailed as failure:
            reason, hint = failure.reason, failure.hint
        raise _missing(settings, field, key, reason, hint)
    if not provider.needs_key or outbound.is_local(made.host):
        return None
    named = f"api.api_keys.{provider.names[0]}-api-key"
    raise MissingCredential(
        f"profile {quoted(settings.name)} has no credential for {quoted(made.api_type)}: no layer sets `{named}`",
        f'set it to a reference such as `${{env:NAME}}`, or to "" if {made.host} asks for none',
        profile=settings.name,
        field=named,
        layer="",
        reference=None,
    )


def _missing(settings: Settings, field: str, key: str, reason: str, hint: str) -> MissingCredential:
    written = settings.get(field)[key]
    reference = written.get("$secret") if isinstance(written, dict) else None
    layer = settings.layer(field, key)
    refers = f" refers to {quoted(reference)}" if reference else ""
    return MissingCredential(
        f"`{field}.{key}` of profile {quoted(settings.name)}{refers} (set by {layer}): {reason}",
        hint,
        profile=settings.name,
        field=f"{field}.{key}",
        layer=layer,
        reference=reference,
    )


def _refused_address(settings: Settings, field: str, key: str, reason: str, remedy: str) -> AddressRefused:
    layer = settings.layer(field, key) if field else ""
    of = f"of profile {quoted(settings.name)}"
    where = f"`{field}.{key}` {of} (set by {layer})" if field else f"the base URL {of} (the provider's own)"
    return AddressRefused(
        f"{where}: {reason}",
        remedy,
        profile=settings.name,
        field=f"{field}.{key}" if field else "",
        layer=layer,
    )
