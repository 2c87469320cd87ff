"""One profile in any older shape -> a profile: settings below `inference_settings`, the application's own aside."""

from __future__ import annotations

from typing import Any

from profilec import slugs
from profilec.credentials import implied_name
from profilec.fields import secret_extensions, sections
from profilec.migration.flags import SECTIONS
from profilec.migration.remarks import Remarks
from profilec.migration.secrets import Secrets
from profilec.migration.settings import SettingsReader
from profilec.suspicion import may_hold_credential
from profilec.syntax.tree import Tree

Mapping = dict[str, Any]
_FIELDS = ("slug", "display_name", "description", "stack", "inference_settings", "metadata", "extensions")
WEBCHAT = "pinocchio.webchat_runtime@v1"
# What a runtime held besides the engine's settings, and the type in which the extension holds it.
_WEBCHAT_FIELDS: dict[str, type] = {"system_prompt": str, "middlewares": list, "tools": list}
_PATCH = "step_settings_patch"
# Beside the flags of an older configuration: what it selects, which is no profile's.
SELECTION = "profile-settings"


class ProfileReader:
    """Reads one profile after another of one document."""

    def __init__(self, tree: Tree, remarks: Remarks, secrets: Secrets, is_map: bool) -> None:
        self.tree, self.remarks, self.secrets, self.is_map = tree, remarks, secrets, is_map

    def read(self, container: Mapping, key: str) -> Any:
        profile = container[key]
        if profile is None:
            self.remarks.migrated("a profile that sets nothing is written as `{}`", self.tree.key_span(container, key))
            return {}
        if not isinstance(profile, dict):
            return profile
        reader = SettingsReader(self.tree, key, self.remarks, self.secrets)
        if isinstance(profile.get("inference_settings"), dict):
            reader.current(profile["inference_settings"])
        kept = {name: profile[name] for name in _FIELDS if name in profile}
        webchat: Mapping = {}
        for name in profile:
            if name not in kept:
                self._other(profile, name, reader, webchat, kept)
        if "slug" in kept and not self._is_named(profile, key):
            del kept["slug"]
        if isinstance(kept.get("inference_settings"), dict) or reader.settings:
            kept["inference_settings"] = reader.read()
        if webchat:
            self._add_webchat(kept, webchat)
        if isinstance(kept.get("extensions"), dict):
            kept["extensions"] = self._extensions(kept["extensions"], key)
        # In the order of the document, what is new behind its kin.
        order = [*(name for name in profile if name in kept), *_FIELDS, *kept]
        if reader.settings and "inference_settings" not in profile:
            order = [*_FIELDS, *kept]
        return {name: kept[name] for name in dict.fromkeys(order) if name in kept}

    def _other(self, profile: Mapping, name: str, reader: SettingsReader, webchat: Mapping, kept: Mapping) -> None:
        """What is no field of a profile."""
        content, span = profile[name], self.tree.key_span(profile, name)
        if name in sections() and isinstance(content, dict):
            reader.lift(profile, name)
        elif name in SECTIONS and isinstance(content, dict):
            reader.older(profile, name)
        elif name == _PATCH and isinstance(content, dict):
            self._patch(profile, reader)
        elif name == "runtime" and isinstance(content, dict):
            for inner in content:
                if inner == _PATCH and isinstance(content[inner], dict):
                    self._patch(content, reader)
                else:
                    self._runtime(content, inner, webchat)
        elif name in _WEBCHAT_FIELDS:
            self._runtime(profile, name, webchat)
        elif name in (*SECTIONS, "runtime", _PATCH, "policy"):
            if content is not None:
                self.remarks.dropped(f"`{name}` is the application's concern, not the engine's", span)
        elif name == SELECTION and profile is self.tree.value:
            return
        elif self.is_map:
            if not reader.loose(profile, name):
                self.remarks.dropped(f"`{name[:100]}` holds no settings of an engine", span)
        else:
            kept[name] = content

    def _patch(self, container: Mapping, reader: SettingsReader) -> None:
        """Sections of flags, which were laid on the application's own settings."""
        patch = container[_PATCH]
        span = self.tree.key_span(container, _PATCH)
        self.remarks.migrated(f"`{_PATCH}` is `inference_settings` now", span)
        for name, content in patch.items():
            if name in SECTIONS and name not in sections() and isinstance(content, dict):
                reader.older(patch, name)
            elif name in sections() and isinstance(content, dict):
                reader.lift(patch, name)
            elif content is not None and not reader.loose(patch, name):
                self.remarks.dropped(f"`{name[:100]}` holds no settings of an engine", self.tree.key_span(patch, name))

    def _runtime(self, runtime: Mapping, name: str, webchat: Mapping) -> None:
        value: Any = runtime[name]
        span = self.tree.key_span(runtime, name)
        if value in (None, "", [], {}):
            return
        if name == "middlewares" and isinstance(value, list):
            value = [{"name": each} if isinstance(each, str) else each for each in value]
        if not isinstance(value, str) and may_hold_credential(name, value):
            self.remarks.dropped(f"`{name[:100]}` of a runtime may hold a credential", span)
        elif type(value) is _WEBCHAT_FIELDS.get(name):
            webchat[name] = value
            self.remarks.migrated(f"`{name}` is the application's: it is in the extension `{WEBCHAT}` now", span)
        else:
            self.remarks.dropped(f"`{name[:100]}` of a runtime is the application's concern, not the engine's", span)

    def _add_webchat(self, kept: Mapping, webchat: Mapping) -> None:
        extensions = kept.get("extensions")
        before = extensions if isinstance(extensions, dict) else {}
        own = before.get(WEBCHAT)
        # What the extension says already is the newer of the two.
        kept["extensions"] = {**before, WEBCHAT: {**webchat, **own} if isinstance(own, dict) else webchat}

    def _extensions(self, extensions: Mapping, owner: str) -> Mapping:
        """The same with references in the place of credentials."""
        known = secret_extensions()
        return {
            name: {key: self._secured(payload, key, owner) if key in known[name] else payload[key] for key in payload}
            if name in known and isinstance(payload, dict)
            else payload
            for name, payload in extensions.items()
        }

    def _secured(self, payload: Mapping, key: str, owner: str) -> Any:
        return self.secrets.resolve(key, payload[key], owner, self.tree.value_span(payload, key), implied_name(key))

    def _is_named(self, profile: Mapping, key: str) -> bool:
        """Whether the profile's own slug is its key; else the key names it."""
        own = profile["slug"]
        if isinstance(own, dict | list) or own is None:
            return True
        written = slugs.normalize(self.tree.scalar_text(profile, "slug"))
        if written in ("", slugs.normalize(key)):
            return True
        message = f"the profile's own slug `{written[:60]}` is not its key `{key[:60]}`, which names it"
        self.remarks.dropped(message, self.tree.value_span(profile, "slug"))
        return False
