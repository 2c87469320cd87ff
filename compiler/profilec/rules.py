"""Every rule that the compiler reports by -> its severity, and what it is about in a line.

`docs/rules.md` has a section for each. Who reports a rule names it there; a test holds this table to what is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
PAGE, CHANGES_PAGE = "docs/rules.md", "docs/diff.md"


class Rule(NamedTuple):
    """`severity` is what the rule has unless a project says otherwise; errors stay errors."""

    severity: Severity
    summary: str

    @property
    def is_adjustable(self) -> bool:
        """Whether a project may change it. What an error reports cannot be compiled."""
        return self.severity != "error"


RULES: Mapping[str, Rule] = {
    "alias-expansion": Rule("error", "aliases that stand for more than a million values"),
    "already-there": Rule("error", "a command would overwrite a file"),
    "ambiguous-scalar": Rule("warning", "a plain value that readers of YAML disagree about"),
    "baseline-field": Rule("warning", "a profile sets what belongs to the application: timeouts, proxies"),
    "broken-database": Rule("error", "a SQLite database that is not whole, or none"),
    "broken-history": Rule("error", "a line of a store's history that is no entry"),
    "configuration": Rule("error", "the project's configuration cannot be used"),
    "credential-over-http": Rule("warning", "a credential is sent to another machine in the clear"),
    "damaged-build": Rule("error", "a file of a build is missing or was changed"),
    "default-by-order": Rule("note", "a registry's default profile is its first by name"),
    "default-changes": Rule("warning", "what is converted has another default profile than before"),
    "dropped": Rule("warning", "something that a migration or an export leaves out"),
    "duplicate-key": Rule("error", "a key that stands twice in one mapping"),
    "duplicate-profile": Rule("error", "two keys that name one profile"),
    "duplicate-registry": Rule("error", "two registries of one name"),
    "empty-source": Rule("error", "an entry of a list of sources that names nothing"),
    "hidden-character": Rule("error", "a character that a reviewer cannot see"),
    "idle-policy": Rule("warning", "a policy that no profile is held to"),
    "invalid-extension-key": Rule("error", "an extension's key that is not `namespace.feature@vN`"),
    "invalid-slug": Rule("error", "a name with characters that a slug cannot have"),
    "invalid-value": Rule("error", "a value out of its range"),
    "json-syntax": Rule("error", "a file that is not JSON"),
    "jsonnet-error": Rule("error", "a Jsonnet program that fails"),
    "jsonnet-import": Rule("error", "a Jsonnet program imports what is not there, or not its own"),
    "jsonnet-limit": Rule("error", "a Jsonnet program that takes too much time, memory or room"),
    "jsonnet-missing": Rule("error", "a Jsonnet program where the engine is not installed"),
    "legacy-format": Rule("error", "a registry of an earlier format"),
    "literal-credential": Rule("warning", "a credential itself where a reference to it belongs"),
    "local-network-allowed": Rule("note", "a profile allows addresses within the local network"),
    "migrated": Rule("note", "something that a migration keeps in another shape"),
    "missing-field": Rule("error", "a field that has to be there is not"),
    "missing-source": Rule("error", "a source that does not exist"),
    "model-info-conflict": Rule("error", "a quality watermark above the context window"),
    "multiple-documents": Rule("error", "a second document in one file"),
    "no-build": Rule("error", "a directory without a build"),
    "no-default-profile": Rule("note", "a registry without a default profile"),
    "no-model": Rule("error", "an export of profiles none of which names a model"),
    "no-registries": Rule("error", "there is nothing to compile"),
    "non-text-key": Rule("error", "a key that is a list, a mapping or nothing"),
    "not-a-reference": Rule("note", "`${…}` where no reference is looked up"),
    "not-a-registry": Rule("error", "a file that holds something else"),
    "not-utf8": Rule("error", "bytes or characters that UTF-8 does not have"),
    "odd-character": Rule("warning", "a blank or a quote that only looks like syntax"),
    "odd-url": Rule("warning", "a base URL whose host is read in several ways, or not at all"),
    "one-registry": Rule("error", "a second registry for a file that holds one"),
    "plain-http-allowed": Rule("note", "a profile allows requests without encryption"),
    "policy-schema": Rule("error", "a policy's schema that is no JSON Schema of its own"),
    "redirected-credential": Rule("warning", "one registry's credential is sent to another one's host"),
    "shared-layout": Rule("error", "a change that would touch other parts of a YAML file"),
    "slug-mismatch": Rule("error", "a slug that differs from its key"),
    "stack-cycle": Rule("error", "a profile that stacks on itself"),
    "stack-too-deep": Rule("error", "more than 32 profiles on one path"),
    "stale-build": Rule("error", "a committed build that is not what the sources compile to"),
    "toml-syntax": Rule("error", "a file that is not TOML"),
    "too-deep": Rule("error", "a document that nests too deep"),
    "too-large": Rule("error", "a mapping with too many values"),
    "unfinished-database": Rule("error", "a database that is being written to"),
    "unknown-anchor": Rule("error", "an alias of an anchor that is not there"),
    "unknown-field": Rule("error", "a field that nothing knows"),
    "unknown-format": Rule("error", "a build in a format of another version"),
    "unknown-profile": Rule("error", "a profile that does not exist"),
    "unknown-reference": Rule("error", "a credential's reference that leads nowhere"),
    "unknown-registry": Rule("error", "a registry that is in none of the sources"),
    "unknown-side": Rule("error", "what is compared is no build, no source and no revision"),
    "unknown-source": Rule("error", "a kind of source that nothing reads"),
    "unknown-tag": Rule("error", "a YAML tag, which has no meaning here"),
    "unreadable-source": Rule("error", "a source that cannot be read"),
    "unsafe-key": Rule("error", "a key that harms readers in other languages"),
    "unsafe-number": Rule("error", "a number that readers of JSON change or refuse"),
    "unwritable-output": Rule("error", "a build directory that cannot be written"),
    "unwritable-store": Rule("error", "a store that cannot be changed"),
    "usage": Rule("error", "the command line is at fault"),
    "version-conflict": Rule("error", "a store that somebody else has changed meanwhile"),
    "wrong-type": Rule("error", "a value of another type than its field's"),
    "yaml-syntax": Rule("error", "a file that is not YAML"),
}

# The rules that a project may raise, lower or turn off, with the severity they have otherwise.
ADJUSTABLE: Mapping[str, Severity] = {name: each.severity for name, each in RULES.items() if each.is_adjustable}

# The kinds of change that a diff tells apart. An error is what can hurt before anyone notices, a warning what a
# reviewer should know, a note the rest. A project does not change them: what it refuses, it says with `--fail-on`.
CHANGES: Mapping[str, Rule] = {
    "endpoint-with-credential": Rule("error", "a credential goes where it did not go, or over plain HTTP"),
    "credential-written-out": Rule("error", "a credential itself stands where none did, in a source or an artifact"),
    "http-now-allowed": Rule("error", "plain HTTP is allowed where it was not"),
    "local-network-now-allowed": Rule("warning", "addresses of the local network are allowed where they were not"),
    "endpoint-changed": Rule("warning", "requests go to another address; no credential goes with them"),
    "proxy-changed": Rule("warning", "requests go through another proxy"),
    "credential-changed": Rule("warning", "another credential is used"),
    "credential-removed": Rule("warning", "a credential is no longer used"),
    "credential-added": Rule("note", "a credential is used where there was none"),
    "model-changed": Rule("warning", "another model answers"),
    "provider-changed": Rule("warning", "another provider or protocol is asked"),
    "price-up": Rule("warning", "a price rises, whatever else falls"),
    "price-unknown": Rule("warning", "a price that was known is not known any more"),
    "price-down": Rule("note", "a price falls, and none rises"),
    "price-known": Rule("note", "a price becomes known"),
    "context-shrunk": Rule("warning", "the context window, or what of it is worth using, is smaller"),
    "context-grown": Rule("note", "the context window, or what of it is worth using, is larger"),
    "output-shrunk": Rule("warning", "replies may be less long"),
    "output-grown": Rule("note", "replies may be longer"),
    "capability-lost": Rule(
        "warning", "the model no longer does something: an input, reasoning, structured output, tools"
    ),
    "capability-gained": Rule("note", "the model does something that it did not"),
    "profile-removed": Rule("warning", "a profile is gone"),
    "profile-renamed": Rule("warning", "a profile has another name and the same settings"),
    "profile-added": Rule("note", "a profile is new"),
    "name-changed": Rule("warning", "an unqualified name means another profile"),
    "default-changed": Rule("warning", "the default, of the build or of a registry, is another profile"),
    "secrets-mode": Rule("error", "the build embeds credentials, and did not"),
    "setting-changed": Rule("note", "any other setting has another value"),
    "description-changed": Rule("note", "a name or description for people, a version or a source changed"),
    "lineage-changed": Rule("note", "the same values come from other layers"),
    "edit-shadowed": Rule("note", "an edit has no effect, since layers above set the field"),
    "edit-redundant": Rule("note", "an edit has no effect, since the layers below say the same"),
}
