"""baseline + profile + overrides -> Settings: the effective value of each field, and who set it."""

from __future__ import annotations

from .errors import EngineProfilesError, printable
from .merge import check, merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .profile import Profile

    Layer = tuple[str, Mapping[str, Any]]


class Settings:
    """Effective settings under the name of a profile. Nothing of it changes."""

    __slots__ = ("_layers", "_profile", "name", "values")

    def __init__(self, name: str, layers: list[Layer], profile: Profile | None = None) -> None:
        self.name = name
        self.values = merge(content for _, content in layers)
        self._layers = layers
        self._profile = profile

    def section(self, name: str) -> dict[str, Any]:
        """{field: value} of one section, or {}."""
        section = self.values.get(name)
        return section if isinstance(section, dict) else {}

    def get(self, field: str) -> Any:
        """The value of `section.field`, or None."""
        section, _, name = field.partition(".")
        return self.section(section).get(name)

    def first(self, *fields: str) -> tuple[str, Any] | None:
        """The first of the fields that is set, with its value. An empty text counts as not set."""
        for field in fields:
            value = self.get(field)
            if value is not None and value != "":
                return field, value
        return None

    def layer(self, field: str, key: str | None = None) -> str:
        """Who set a field, or the entry of a field that is a map: a profile with file:line:column, or `overrides`."""
        section, _, name = field.partition(".")
        for origin, content in reversed(self._layers):
            value = (content.get(section) or {}).get(name)
            if value is not None and (key is None or key in value):
                return self._written_in_profile(section, name, key) if origin == "profile" else origin
        return ""

    def _written_in_profile(self, section: str, name: str, key: str | None) -> str:
        if self._profile is None:
            return self.name
        pointer = "/".join(["", "inference_settings", section, name, *([_token(key)] if key else [])])
        try:
            explanations = self._profile.explain_all(pointer)
        except EngineProfilesError:
            return self.name  # Without a lineage, or with a damaged source map, the profile is what there is to say.
        winner = explanations[0].winner
        return printable(f"{winner.profile} at {winner.place}" if winner.place else winner.profile)


def settings_of(
    profile: Profile, baseline: Mapping[str, Any] | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """The profile's settings between a baseline and overrides. Raises BadOption."""
    layers: list[Layer] = [("profile", profile.settings)]
    if baseline is not None:
        layers.insert(0, ("baseline", check(baseline, "baseline")))
    if overrides is not None:
        layers.append(("overrides", check(overrides, "overrides")))
    return Settings(profile.name, layers, profile)


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
