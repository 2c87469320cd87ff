"""what was asked for -> registry, profile, and the rule that chose them."""

from __future__ import annotations

import os

from .errors import BadOption, NoDefaultProfile, UnknownProfile, UnknownRegistry, nearest, quoted
from .snapshot import Snapshot

VARIABLE = "PINOCCHIO_PROFILE"
ARGUMENT = "given as argument"


def select(snapshot: Snapshot, name: object, registry: object) -> tuple[str, str, str]:
    """Apply the order: the argument, `$PINOCCHIO_PROFILE`, the default. Blank is the same as not given.

    A registry without a name means that registry's default, whatever the environment says.
    """
    wanted, within = normalise(name, "profile name"), normalise(registry, "registry")
    if within:
        return _select_within(snapshot, wanted, within)
    if wanted:
        return (*find(snapshot, wanted, ARGUMENT), ARGUMENT)
    named = normalise(os.environ.get(VARIABLE), VARIABLE)
    if named:
        return (*find(snapshot, named, f"from {VARIABLE}"), f"from {VARIABLE}")
    default = snapshot.manifest.get("default")
    if not isinstance(default, str):
        raise NoDefaultProfile(
            "no profile was named, and the build has no default",
            f"name one: profiles.get(NAME), or {VARIABLE}; list(profiles) has them all",
            registry=None,
        )
    return (*find(snapshot, default, "the build's default"), "the build's default")


def _select_within(snapshot: Snapshot, name: str, registry: str) -> tuple[str, str, str]:
    if name:
        first, slash, _ = name.partition("/")
        if slash and first.strip() != registry:
            raise BadOption(
                f"{quoted(name)} is not of registry {quoted(registry)}",
                "leave `registry` out, or give the profile's name alone",
                option="registry",
                given=registry,
            )
        return (*find(snapshot, name if slash else f"{registry}/{name}", ARGUMENT), ARGUMENT)
    require_registry(snapshot, registry, ARGUMENT)
    entry = snapshot.registries.get(registry)
    default = entry.get("default_profile") if isinstance(entry, dict) else None
    if not isinstance(default, str):
        raise NoDefaultProfile(
            f"registry {quoted(registry)} has no default profile",
            "name a profile of it, or name one `default` where the registry is written",
            registry=registry,
        )
    rule = f"the default of registry {registry}"
    return (*find(snapshot, f"{registry}/{default}", rule), rule)


def find(snapshot: Snapshot, name: str, rule: str) -> tuple[str, str]:
    """The registry and slug of a normalised name, qualified or not; UnknownRegistry or UnknownProfile."""
    qualified = name if "/" in name else snapshot.names().get(name)
    if not isinstance(qualified, str):
        raise _unknown_profile(name, rule, _precedence(snapshot), snapshot.names(), "")
    # Slugs hold dots, never slashes, so the first one ends the registry.
    registry, _, slug = (part.strip() for part in qualified.partition("/"))
    require_registry(snapshot, registry, rule)
    index = snapshot.index(registry)
    if slug not in index:
        raise _unknown_profile(f"{registry}/{slug}", rule, [registry], index, f"{registry}/")
    return registry, slug


def normalise(name: object, what: str) -> str:
    """Blanks stripped, ASCII lower-cased; None is blank."""
    if name is None:
        return ""
    if not isinstance(name, str):
        raise BadOption(f"{what} is {type(name).__name__}, not text", option=what, given=name)
    # str.lower() alone would turn the Kelvin sign into `k`, and find a profile that was not asked for.
    return "".join(c.lower() if c.isascii() else c for c in name.strip())


def require_registry(snapshot: Snapshot, registry: str, rule: str) -> None:
    if registry in snapshot.registries:
        return
    near = nearest(registry, list(snapshot.registries))
    raise UnknownRegistry(
        f"no registry {quoted(registry)} ({rule}); the build has {_listed(list(snapshot.registries))}",
        f"did you mean {_listed(near)}?" if near else None,
        asked=registry,
        rule=rule,
        looked_in=list(snapshot.registries),
        nearest=near,
    )


def _unknown_profile(
    name: str, rule: str, looked_in: list[str], known: dict[str, object], prefix: str
) -> UnknownProfile:
    near = [prefix + slug for slug in nearest(name[len(prefix) :], list(known))]
    return UnknownProfile(
        f"no profile {quoted(name)} ({rule}); looked in {_listed(looked_in)}",
        f"did you mean {_listed(near)}?" if near else "list(profiles) has all names",
        asked=name,
        rule=rule,
        looked_in=looked_in,
        nearest=near,
    )


def _precedence(snapshot: Snapshot) -> list[str]:
    order = snapshot.manifest.get("precedence")
    return [str(slug) for slug in order] if isinstance(order, list) else list(snapshot.registries)


def _listed(names: list[str]) -> str:
    shown = ", ".join(quoted(name) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown or "none"
