"""The kinds of change that a diff tells apart, each with its severity: what --fail-on takes.

An error is what can hurt before anyone notices, a warning what a reviewer should know, a note the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from profilec.diagnostics import SEVERITIES, Severity


class Kind(NamedTuple):
    """`summary` is one line for a list of all kinds."""

    severity: Severity
    summary: str


KINDS: Mapping[str, Kind] = {
    "endpoint-with-credential": Kind("error", "a credential goes to another address, or over plain HTTP"),
    "literal-credential": Kind("error", "a credential itself stands in a source or an artifact, where there was none"),
    "http-now-allowed": Kind("error", "plain HTTP is allowed where it was not"),
    "local-network-now-allowed": Kind("warning", "addresses of the local network are allowed where they were not"),
    "endpoint-changed": Kind("warning", "requests go to another address; no credential goes with them"),
    "proxy-changed": Kind("warning", "requests go through another proxy"),
    "credential-changed": Kind("warning", "another credential is used"),
    "credential-removed": Kind("warning", "a credential is no longer used"),
    "credential-added": Kind("note", "a credential is used where there was none"),
    "model-changed": Kind("warning", "another model answers"),
    "provider-changed": Kind("warning", "another provider or protocol is asked"),
    "price-up": Kind("warning", "a price rises, and none falls"),
    "price-changed": Kind("warning", "one price rises and another falls"),
    "price-unknown": Kind("warning", "a price that was known is not known any more"),
    "price-down": Kind("note", "a price falls, and none rises"),
    "price-known": Kind("note", "a price becomes known"),
    "context-shrunk": Kind("warning", "the context window, or what of it is worth using, is smaller"),
    "context-grown": Kind("note", "the context window, or what of it is worth using, is larger"),
    "output-shrunk": Kind("warning", "replies may be less long"),
    "output-grown": Kind("note", "replies may be longer"),
    "capability-lost": Kind(
        "warning", "the model no longer does something: an input, reasoning, structured output, tools"
    ),
    "capability-gained": Kind("note", "the model does something that it did not"),
    "profile-removed": Kind("warning", "a profile is gone"),
    "profile-renamed": Kind("warning", "a profile has another name and the same settings"),
    "profile-added": Kind("note", "a profile is new"),
    "name-changed": Kind("warning", "an unqualified name means another profile"),
    "default-changed": Kind("warning", "the default, of the build or of a registry, is another profile"),
    "secrets-mode": Kind("error", "the build embeds credentials, and did not"),
    "setting-changed": Kind("note", "any other setting has another value"),
    "description-changed": Kind("note", "a name or description for people, a version or a source changed"),
    "lineage-changed": Kind("note", "the same values come from other layers"),
    "edit-shadowed": Kind("note", "an edit has no effect, since layers above set the field"),
    "edit-redundant": Kind("note", "an edit has no effect, since the layers below say the same"),
}


def severity_of(kind: str) -> Severity:
    return KINDS[kind].severity


def worst_of(kinds: Iterable[str]) -> Severity | None:
    """The worst severity among kinds, None where there are none."""
    found = {severity_of(each) for each in kinds}
    return next((each for each in SEVERITIES if each in found), None)
