"""A document of an older format -> registries: maps of profiles, bundles of registries, configurations of pinocchio.

A document that is a registry of today comes back equal, and without a remark.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from profilec import slugs
from profilec.fields import sections
from profilec.migration import Migrated
from profilec.migration.flags import SECTIONS
from profilec.migration.profile import SELECTION, ProfileReader
from profilec.migration.remarks import Remarks
from profilec.migration.secrets import Secrets
from profilec.suspicion import is_suspect
from profilec.syntax.tree import Tree

Mapping = dict[str, Any]
Shape = Literal["registry", "bundle", "configuration", "settings", "map"]
INLINE = "config-inline"
_REGISTRY = ("slug", "display_name", "description", "profiles", "metadata")
_COMMENT = re.compile(r"^[ \t]*#|[ \t]#[ \t]", re.MULTILINE)
_NO_SLUG = re.compile(r"[^a-z0-9._-]+")


def shape_of(value: Any) -> Shape | None:
    """What a document is, or None where it is nothing that profiles were ever written as."""
    if not isinstance(value, dict) or not value:
        return None
    own = {key: each for key, each in value.items() if not key.startswith("x-")}
    if isinstance(own.get("registries"), dict | list) and not {"slug", "profiles"} & own.keys():
        return "bundle"
    # A profile may well be called `embeddings`, or `rerank`.
    has_section = any(key in SECTIONS.keys() - sections().keys() and isinstance(own[key], dict) for key in own)
    if "slug" not in own and "profiles" not in own and has_section:
        return "settings"
    if "slug" not in own and ("app" in own or SELECTION in own or _is_selection(own.get("profile"))):
        return "configuration"
    if "slug" in own or "profiles" in own or "default_profile_slug" in own:
        return "registry"
    is_map = own and all(isinstance(each, dict) or each is None for each in own.values())
    return "map" if is_map and any(own.values()) else None


def migrate(tree: Tree, name: str, remarks: Remarks, keep_credentials: bool = False) -> list[Migrated]:
    """The registries of a document that has a shape. `name` is what a registry without a slug is called."""
    reader = _Reader(tree, name, remarks, Secrets(tree.text, keep_credentials, remarks))
    made = reader.read(shape_of(tree.value))
    if remarks.has_changes and (comment := _COMMENT.search(tree.text)):
        line = tree.text.count("\n", 0, comment.start()) + 1
        remarks.dropped("comments are not carried over", tree.span()._replace(line=line, column=1))
    return [Migrated(document, f"{slugs.normalize(str(document.get('slug')))}.yaml") for document in made]


def slug_from(text: str) -> str:
    """The nearest slug to a name that may be none."""
    slug = _NO_SLUG.sub("-", slugs.normalize(text)).strip("-._")[:128].strip("-._")
    return slug or "registry"


def _is_selection(value: Any) -> bool:
    return isinstance(value, dict) and bool({"active", "registries"} & value.keys())


class _Reader:
    def __init__(self, tree: Tree, name: str, remarks: Remarks, secrets: Secrets) -> None:
        self.tree, self.name, self.remarks, self.secrets = tree, slug_from(name), remarks, secrets

    def read(self, shape: Shape | None) -> list[Mapping]:
        value = self.tree.value
        if shape == "bundle":
            return self._bundle(value)
        if shape == "configuration":
            return self._configuration(value)
        if shape == "registry":
            return [self._registry(value, self.name, "file"), *self._registries(value)]
        first = self.tree.key_span(value, next(iter(value)))
        if shape == "settings":
            if isinstance(value.get(SELECTION), dict):
                self._selection(SELECTION, value[SELECTION])
            self.remarks.migrated("settings without a profile are the profile `default` now", first)
            return [self._wrapped({"default": self._profiles(True).read({"default": value}, "default")})]
        self.remarks.migrated(f"the map of profiles is the registry `{self.name}` now", first)
        return [self._wrapped(self._read_profiles(value, is_map=True))]

    def _wrapped(self, profiles: Mapping) -> Mapping:
        return {"slug": self.name, "profiles": profiles}

    def _profiles(self, is_map: bool) -> ProfileReader:
        return ProfileReader(self.tree, self.remarks, self.secrets, is_map)

    def _read_profiles(self, profiles: Mapping, is_map: bool) -> Mapping:
        reader = self._profiles(is_map)
        read: Mapping = {}
        written: dict[str, str] = {}
        for key in profiles:
            if is_map and key.startswith("x-"):
                continue
            slug = slugs.normalize(key)
            name = key
            if is_map and not slugs.is_slug(slug):
                name = slug = slug_from(key)
                self.remarks.migrated(f"the profile `{key[:60]}` is `{slug}` now", self.tree.key_span(profiles, key))
            # The older readers took the keys in their order, capitals first, and kept what came last.
            loser = min(key, written[slug]) if slug in written else None
            if loser is not None:
                message = f"`{loser[:60]}` and `{max(key, written[slug])[:60]}` are one profile; the latter is kept"
                self.remarks.dropped(message, self.tree.key_span(profiles, loser))
            if loser == key:
                continue
            if loser is not None:
                read.pop(loser, None)
            written[slug] = key
            read[name] = reader.read(profiles, key)
        return read

    def _registry(self, value: Mapping, name: str, named_by: str) -> Mapping:
        kept: Mapping = {}
        for key, content in value.items():
            if key == "profiles" and isinstance(content, dict):
                kept[key] = self._read_profiles(content, is_map=False)
            elif key not in ("default_profile_slug", "registries"):
                kept[key] = content
        if "slug" not in value:
            span = self.tree.key_span(value, next(iter(value)))
            self.remarks.migrated(f"the registry is called `{name}`, by its {named_by}", span)
            kept = {"slug": name, **kept}
        if "default_profile_slug" in value:
            self._default(value, kept)
        if self.remarks.has_changes:
            kept = self._without_anchors(kept)
        return kept

    def _without_anchors(self, registry: Mapping) -> Mapping:
        for key in registry:
            if key.startswith("x-"):
                span = self.tree.key_span(self.tree.value, key) if key in self.tree.value else self.tree.span()
                self.remarks.migrated("what anchors stand for is written out where it is used", span)
        return {key: each for key, each in registry.items() if not key.startswith("x-")}

    def _default(self, value: Mapping, kept: Mapping) -> None:
        """A profile `default` in the place of a registry's word for which one it is."""
        span = self.tree.key_span(value, "default_profile_slug")
        named = value["default_profile_slug"]
        profiles = kept.get("profiles")
        is_named = named is not None and not isinstance(named, dict | list)
        slug = slugs.normalize(self.tree.scalar_text(value, "default_profile_slug")) if is_named else ""
        known = {slugs.normalize(key) for key in profiles} if isinstance(profiles, dict) else set()
        if slug in ("", "default"):
            self.remarks.migrated("the default profile is the one called `default`", span)
        elif slug not in known:
            self.remarks.dropped(f"the default profile `{slug[:60]}` does not exist", span)
        elif "default" in known:
            self.remarks.dropped(
                f"the default profile is `default` now, not `{slug}`",
                span,
                f"rename `default`, and let a new one stack on `{slug}`",
            )
        else:
            self.remarks.migrated(f"the default profile is a new one, `default`, which stacks on `{slug}`", span)
            kept["profiles"] = {"default": {"stack": [{"profile_slug": slug}]}, **profiles}  # type: ignore[dict-item]

    def _bundle(self, value: Mapping) -> list[Mapping]:
        for key in value:
            if key != "registries" and not key.startswith("x-"):
                self.remarks.dropped(f"`{key[:60]}` has no place beside registries", self.tree.key_span(value, key))
        return self._registries(value)

    def _registries(self, value: Mapping) -> list[Mapping]:
        """What stands in `registries`, by its keys or as a list."""
        if "registries" not in value:
            return []
        self.remarks.migrated(
            "each registry of `registries` is a document of its own now", self.tree.key_span(value, "registries")
        )
        registries = value["registries"]
        made: list[Mapping] = []
        steps = range(len(registries)) if isinstance(registries, list) else registries or ()
        for step in steps if isinstance(registries, dict | list) else ():
            registry = registries[step]
            if isinstance(registry, dict) and registry:
                made += [self._registry(registry, slug_from(str(step)), "key"), *self._registries(registry)]
            else:
                self.remarks.dropped("a registry that holds nothing", self.tree.key_span(registries, step))
        return made

    def _configuration(self, value: Mapping) -> list[Mapping]:
        """A configuration of pinocchio: its profiles are a registry, what it selects is for ours to say."""
        made: list[Mapping] = []
        for key, content in value.items():
            span = self.tree.key_span(value, key)
            if key == "profiles" and isinstance(content, dict):
                self.remarks.migrated(f"the configuration's profiles are the registry `{INLINE}` now", span)
                made.append({"slug": INLINE, "profiles": self._read_profiles(content, is_map=False)})
            elif key in ("profile", SELECTION) and isinstance(content, dict):
                self._selection(key, content)
            elif content not in (None, {}) and not key.startswith("x-"):
                self.remarks.dropped(f"`{key[:60]}` is the application's concern, not the engine's", span)
        return made

    def _selection(self, section: str, selection: Mapping) -> None:
        """Which profile of which registries: said by the environment and the project's configuration now."""
        active, registries = ("profile", "profile-registries") if section == SELECTION else ("active", "registries")
        name, named = selection.get(active), selection.get(registries)
        if isinstance(name, str) and name.strip():
            self.remarks.migrated(
                f"`{section}.{active}` is for the environment to say",
                self.tree.key_span(selection, active),
                f"set PINOCCHIO_PROFILE={slugs.normalize(name)}",
            )
        named = [each.strip() for each in named.split(",")] if isinstance(named, str) else named
        if isinstance(named, list) and named:
            # An address may hold a password, that of a database in ways of its own.
            texts = ["sqlite-dsn:…" if "sqlite-dsn:" in str(each) else str(each) for each in named]
            shown = ", ".join('"…"' if is_suspect(each) else f'"{each}"' for each in texts)
            self.remarks.migrated(
                f"`{section}.{registries}` is for the project's configuration to say",
                self.tree.key_span(selection, registries),
                f"write `sources = [{shown}]` into profilec.toml; later sources stand above earlier ones",
            )
