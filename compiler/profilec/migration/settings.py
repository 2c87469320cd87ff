"""The settings of one profile, in any older spelling -> sections and fields as they are called now."""

from __future__ import annotations

from typing import Any

from profilec import schemas
from profilec.credentials import implied_name
from profilec.diagnostics import Span, did_you_mean
from profilec.fields import sections
from profilec.migration.flags import ENTRIES, SECTIONS, Target, documented, target
from profilec.migration.remarks import Remarks
from profilec.migration.secrets import Secrets, needs_reference
from profilec.migration.values import Unfit, mend, wanted
from profilec.syntax.tree import Tree

Mapping = dict[str, Any]
_OWN_ADDRESSES = {
    "openai": "://api.openai.com",
    "claude": "://api.anthropic.com",
    "anthropic": "://api.anthropic.com",
    "gemini": "://generativelanguage.googleapis.com",
}


class SettingsReader:
    """Collects what one profile sets. Who sets a field first keeps it."""

    def __init__(self, tree: Tree, owner: str, remarks: Remarks, secrets: Secrets) -> None:
        self.tree, self.owner, self.remarks, self.secrets = tree, owner, remarks, secrets
        self.settings: Mapping = {}
        self.literals: list[tuple[Mapping, str, str, Span]] = []

    def current(self, settings: Mapping) -> None:
        """What stands in `inference_settings`: today's sections, among them perhaps older ones."""
        for name, content in settings.items():
            if name == "api_keys" and isinstance(content, dict):
                self._wrapper(settings, content)
            elif name in SECTIONS and isinstance(content, dict) and name not in sections():
                self.older(settings, name)
            elif name in sections() and isinstance(content, dict):
                self._section(name, content, is_older=False)
            else:
                self.settings[name] = content

    def older(self, container: Mapping, name: str) -> None:
        """A section of flags."""
        content = container[name]
        new = SECTIONS[name][0]
        self.remarks.migrated(f"the section `{name}` is `{new}` now", self.tree.key_span(container, name))
        for flag, value in content.items():
            to = target(name, flag) or self._field(new, flag)
            if value is None:
                continue
            if to is None:
                self._no_field(name, flag, self.tree.key_span(content, flag))
            else:
                self._set(to, content, flag)

    def loose(self, container: Mapping, flag: str) -> bool:
        """A flag that stands in no section, or False where it is none."""
        for name in SECTIONS:
            to = target(name, flag)
            is_own = name == "ai-client" or SECTIONS[name][1][0]
            if to and (to.key or (is_own and flag in documented(name))):
                self.remarks.migrated(f"`{flag}` is `{to}` now", self.tree.key_span(container, flag))
                self._set(to, container, flag)
                return True
        return False

    def lift(self, container: Mapping, name: str) -> None:
        """A section by today's name that stands in the profile itself."""
        span = self.tree.key_span(container, name)
        self.remarks.migrated(f"the section `{name}` is `inference_settings.{name}` now", span)
        self._section(name, container[name], is_older=True)

    def read(self) -> Mapping:
        """The sections that say anything, in the schema's order, with references in the place of credentials."""
        for home, name, key, span in self.literals:
            plain = None if self._is_elsewhere(key) else implied_name(key)
            home[name] = self.secrets.resolve(key, home[name], self.owner, span, plain)
        order = [*sections(), *(each for each in self.settings if each not in sections())]
        return {name: self.settings[name] for name in order if name in self.settings}

    def _wrapper(self, settings: Mapping, content: Mapping) -> None:
        """`api_keys` where `api` is now: around the section's own maps, or around the keys themselves."""
        self.remarks.migrated(
            "`inference_settings.api_keys` is `inference_settings.api` now", self.tree.key_span(settings, "api_keys")
        )
        for key in content:
            if key in sections()["api"]:
                self._set(Target("api", key), content, key)
            else:
                ending = next((each for each in ENTRIES if key.endswith(each)), "-api-key")
                self._set(Target("api", ENTRIES[ending], key), content, key)

    def _section(self, name: str, content: Mapping, is_older: bool) -> None:
        """A section by today's name. In one of today's what is no field of it is left for the compiler to report."""
        section = self.settings.setdefault(name, {})
        for key, value in content.items():
            to = self._field(name, key)
            if to is None and name in SECTIONS:
                to = target(name, key)
            span = self.tree.key_span(content, key)
            is_old = is_older
            if to and str(to) != f"{name}.{key}":
                is_flag = name in SECTIONS and key in documented(name)
                message = f"the flags of `{name}` are its fields now" if is_flag else f"`{name}.{key}` is `{to}` now"
                self.remarks.migrated(message, span)
                is_old = True
            if to and value is not None:
                self._set(to, content, key, is_old)
            elif not is_old:
                section.setdefault(key, value)
            elif value is not None:
                self._no_field(name, key, span)
        if not section and content:
            del self.settings[name]

    def _no_field(self, section: str, flag: str, span: Span) -> None:
        known = documented(section) if section in SECTIONS else sections()[section]
        self.remarks.dropped(f"`{flag[:100]}` of `{section}` sets no field", span, did_you_mean(flag, known))

    def _field(self, section: str, key: str) -> Target | None:
        """A field by its name, or by another spelling of it: hyphens for underscores, or the reverse."""
        table = sections()[section]
        for spelling in (key, key.replace("-", "_"), key.replace("_", "-")):
            if field := table.get(spelling):
                return Target(section, field.name)
        return None

    def _set(self, to: Target, container: Mapping, key: str, is_older: bool = True) -> None:
        """Set one field. What cannot be read is lost from an older section, and left to the compiler in today's."""
        value = container[key]
        if value is None:
            return
        span = self.tree.value_span(container, key)
        schema = schemas.load("settings")["properties"][to.section]["properties"][to.field]
        if to.key is not None:
            schema = schema["additionalProperties"]
        spelling = "" if isinstance(value, dict | list) else self.tree.scalar_text(container, key)
        mended = mend(value, spelling, schema)
        if isinstance(mended, Unfit):
            if not is_older:
                self.settings.setdefault(to.section, {})[key] = value
            else:
                self.remarks.dropped(f"`{to}` cannot be read as {wanted(schema)}", span)
            return
        if mended != value or type(mended) is not type(value):
            self.remarks.migrated(f"`{to}` is written as {wanted(schema)} now", span)
        home = self.settings.get(to.section)
        if not isinstance(home, dict):
            home = self.settings[to.section] = {}
        if to.key is not None:
            home = home.setdefault(to.field, {})
        name = to.key if to.key is not None else to.field
        self._join(str(to), home, name, mended, span)
        self._note_literals(to, home, name, container, key)

    def _join(self, shown: str, home: Mapping, name: str, value: Any, span: Span) -> None:
        """What is there stays. Maps are joined, and in place: a literal is looked up where it was put."""
        there = home.get(name)
        if there is None:
            home[name] = value
        elif isinstance(there, dict) and isinstance(value, dict):
            for entry, each in value.items():
                self._join(f"{shown}.{entry}", there, entry, each, span)
        elif value is not None and there != value:
            self.remarks.dropped(f"`{shown}` is set in two places; the other one is kept", span)

    def _note_literals(self, to: Target, home: Mapping, name: str, container: Mapping, key: str) -> None:
        """Remember the credentials in what was set: their names depend on all that the profile sets."""
        secret = sections()[to.section][to.field].secret
        if isinstance(home[name], dict):
            inner = container[key] if isinstance(container[key], dict) else {}
            for entry, value in home[name].items():
                if entry in inner and needs_reference(secret, value):
                    self.literals.append((home[name], entry, entry, self.tree.value_span(inner, entry)))
        elif needs_reference(secret, home[name]):
            self.literals.append((home, name, name, self.tree.value_span(container, key)))

    def _is_elsewhere(self, key: str) -> bool:
        """Whether the profile sends a credential to another address than the provider's own."""
        family = key.removesuffix("-api-key")
        addresses = [
            content["base_urls"].get(f"{family}-base-url")
            for content in self.settings.values()
            if isinstance(content, dict) and isinstance(content.get("base_urls"), dict)
        ]
        own = _OWN_ADDRESSES.get(family, "")
        return family != key and any(isinstance(each, str) and own not in each for each in addresses)
