"""A store: registries that are put, deleted and counted up, whatever place they lie in.

A change is checked as a compile would check it before anything is written. Of the metadata, version, created and
updated are the store's to keep.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from profilec import slugs
from profilec.diagnostics import Diagnostic, Report, Span, did_you_mean
from profilec.encode import is_same
from profilec.fields import token
from profilec.passes.link import link
from profilec.passes.parse import parse_tree
from profilec.passes.parse.safety import is_unicode
from profilec.sources import KINDS, path_in
from profilec.sources.files import SYNTAX_BY_SUFFIX, kind_of
from profilec.states import Document
from profilec.stores.backend import Backend, Content, Entry, Stored, StoreError
from profilec.stores.memory import Memory
from profilec.syntax import plain
from profilec.syntax.tree import Tree


class VersionConflict(StoreError):
    """What was to be changed is not in the version that the caller has seen. `actual` is None where it is not there."""

    def __init__(self, name: str, file: str, expected: int, actual: int | None) -> None:
        self.expected, self.actual = expected, actual
        is_in = "is not there" if actual is None else f"is in version {actual}"
        awaited = f"not in the expected version {expected}" + ("" if expected else ", which is none")
        message = f"`{name}` {is_in}, {awaited}"
        hint = "somebody changed it meanwhile: look at it again, and put your change on top"
        super().__init__([Diagnostic("version-conflict", "error", message, Span(file), hint=hint)])


class Store:
    """The registries of one place.

    Slugs are taken in any case, as everywhere. Every change of a profile counts its registry's version up too.
    `clock` returns seconds since 1970. `warnings` are those of what was put last.
    """

    def __init__(self, backend: Backend, clock: Callable[[], float] = time.time) -> None:
        self._backend, self._clock = backend, clock
        self.warnings: tuple[Diagnostic, ...] = ()

    @property
    def name(self) -> str:
        """What the store is called in findings."""
        return self._backend.name

    @property
    def is_there(self) -> bool:
        """Whether the file is there; a store in memory always is."""
        return self._backend.is_there

    def registries(self) -> dict[str, dict[str, Any]]:
        """Every registry as a document in plain data, by slug; what `profilec.compile` takes as a source."""
        with self._backend.reading() as content:
            found = {slug: content.get(slug) for slug in content.slugs()}
        return {slug: copy.deepcopy(each.document) for slug, each in found.items() if each}

    def registry(self, slug: str) -> dict[str, Any]:
        """One registry as a document. Raises `StoreError` where there is none of that slug."""
        with self._backend.reading() as content:
            return copy.deepcopy(self._known(content, slugs.normalize(slug)).document)

    def profile(self, registry: str, slug: str) -> dict[str, Any]:
        """One profile as its registry's document has it. Raises `StoreError` where there is none."""
        document = self.registry(registry)
        return self._known_profile(document, slugs.normalize(slug))

    def history(self, registry: str | None = None, profile: str | None = None) -> list[Entry]:
        """The changes that were made through a store, the latest first; those of one registry, or of one profile."""
        with self._backend.reading() as content:
            entries = content.history()
        prefix = "/".join(slugs.normalize(each) for each in (registry, profile) if each)
        return [each for each in reversed(entries) if not prefix or f"{each.name}/".startswith(f"{prefix}/")]

    def put_registry(
        self,
        document: Mapping[str, Any] | Tree,
        *,
        expect_version: int | None = None,
        actor: str | None = None,
        source: str | None = None,
    ) -> int:
        """Put a registry, with its profiles, in the place of what has its slug. Returns its version.

        `expect_version` is what the caller has seen, 0 for nothing. Raises `StoreError`, or `VersionConflict`.
        """
        tree = document if isinstance(document, Tree) else _tree(self.name, document)
        parsed = self._checked(tree, actor, source)
        with self._backend.changing() as content:
            before = content.get(parsed.slug)
            old = before.document if before else None
            self._expect(parsed.slug, old, expect_version)
            now = self._now()
            new = {key: value for key, value in tree.value.items() if not key.startswith("x-")}
            new["slug"] = parsed.slug
            profiles = new.get("profiles") or {}
            new["profiles"] = {
                slugs.normalize(slug): self._kept(
                    profile, _profiles(old or {}).get(slugs.normalize(slug)), now, actor, source
                )
                for slug, profile in profiles.items()
            }
            last = _last(content, parsed.slug) if old is None else 0
            new["metadata"] = _stamped(new.get("metadata"), _metadata(old), now, actor, source, last)
            default = tree.default if tree.default is not None else before and before.default
            self._write(content, parsed.slug, before, Stored(new, default), "put", parsed.slug, now, actor)
            return int(new["metadata"]["version"])

    def put_profile(
        self,
        registry: str,
        slug: str,
        profile: Mapping[str, Any] | Tree,
        *,
        expect_version: int | None = None,
        actor: str | None = None,
        source: str | None = None,
    ) -> int:
        """Put a profile in the place of what has its slug. Returns its version. Raises as `put_registry` does."""
        registry, slug = slugs.normalize(registry), slugs.normalize(slug)
        tree = profile if isinstance(profile, Tree) else _tree(self.name, profile)
        inside = Tree(
            tree.name, {"slug": registry, "profiles": {slug: tree.value}}, tree.text, tree.marks, tree.ambiguous
        )
        self._checked(inside, actor, source)
        with self._backend.changing() as content:
            before = self._known(content, registry)
            old = _profiles(before.document).get(slug)
            self._expect(f"{registry}/{slug}", old, expect_version)
            now = self._now()
            last = _last(content, f"{registry}/{slug}") if old is None else 0
            metadata = _stamped(tree.value.get("metadata"), _metadata(old), now, actor, source, last)
            value = {**tree.value, "metadata": metadata}
            self._put_profiles(
                content, before, {**_profiles(before.document), slug: value}, f"{registry}/{slug}", now, actor
            )
            return int(value["metadata"]["version"])

    def delete_registry(self, slug: str, *, expect_version: int | None = None, actor: str | None = None) -> None:
        """Remove a registry with its profiles. Raises as `put_registry` does."""
        slug = slugs.normalize(slug)
        with self._backend.changing() as content:
            before = self._known(content, slug)
            self._expect(slug, before.document, expect_version)
            self._write(content, slug, before, None, "delete", slug, self._now(), actor)

    def delete_profile(
        self, registry: str, slug: str, *, expect_version: int | None = None, actor: str | None = None
    ) -> None:
        """Remove a profile. Raises as `put_registry` does, and where another profile stacks on it."""
        registry, slug = slugs.normalize(registry), slugs.normalize(slug)
        with self._backend.changing() as content:
            before = self._known(content, registry)
            profiles = dict(_profiles(before.document))
            self._expect(f"{registry}/{slug}", self._known_profile(before.document, slug), expect_version)
            del profiles[slug]
            self._put_profiles(content, before, profiles, f"{registry}/{slug}", self._now(), actor)

    def _put_profiles(
        self, content: Content, before: Stored, profiles: dict[str, Any], name: str, now: int, actor: str | None
    ) -> None:
        metadata = _stamped(None, _metadata(before.document), now, actor, None)
        new = {**before.document, "profiles": profiles, "metadata": metadata}
        default = before.default if before.default in profiles else None
        registry, _, slug = name.partition("/")
        action = "put" if slug in profiles else "delete"
        self._write(content, registry, before, Stored(new, default), action, name, now, actor)

    def _write(
        self,
        content: Content,
        registry: str,
        before: Stored | None,
        after: Stored | None,
        action: str,
        name: str,
        now: int,
        actor: str | None,
    ) -> None:
        """Check the registry as it would be, and replace it."""
        is_private = False
        if after is not None:
            report = Report()
            document = parse_tree(_tree(self.name, after.document), 0, "reference", report)
            if document is not None:
                _check_own_references(document, report)
            self._stop_if_errors(report)
            is_private = any(each.rule == "literal-credential" for each in report)
        old, new = _named(before, name), _named(after, name)
        version = (_metadata(new) or _metadata(old) or {}).get("version", 0)
        entry = Entry(now, actor, action, name, version, sorted(_changed(old, new, "")))
        content.replace(registry, after, entry, is_private=is_private)

    def _checked(self, tree: Tree, *of_caller: str | None) -> Document:
        report = Report()
        for text in of_caller:
            if text is not None and not is_unicode(text):
                message, hint = "a name that is no text", "give it in UTF-8"
                report.error("not-utf8", message, Span(self.name), hint=hint)
        document = parse_tree(tree, 0, "reference", report)
        self._stop_if_errors(report)
        self.warnings = tuple(each for each in report if each.severity == "warning")
        assert document is not None, "what cannot be read has an error"
        return document

    def _stop_if_errors(self, report: Report) -> None:
        if report.has_errors:
            raise StoreError(each for each in report if each.severity == "error")

    def _known(self, content: Content, slug: str) -> Stored:
        found = content.get(slug)
        if found is None:
            known = content.slugs()
            message = f"there is no registry `{slug[:200]}` in the store"
            hint = did_you_mean(slug, known) or f"`profilec store put {self.name} {slug}` makes an empty one"
            raise StoreError([Diagnostic("unknown-registry", "error", message, Span(self.name), hint=hint)])
        return found

    def _known_profile(self, document: Mapping[str, Any], slug: str) -> dict[str, Any]:
        profiles = _profiles(document)
        if slug not in profiles:
            message = f"there is no profile `{slug[:200]}` in `{document['slug']}`"
            hint = did_you_mean(slug, profiles)
            raise StoreError([Diagnostic("unknown-profile", "error", message, Span(self.name), hint=hint)])
        found: dict[str, Any] = profiles[slug]
        return found

    def _expect(self, name: str, found: Mapping[str, Any] | None, expected: int | None) -> None:
        actual = None if found is None else (_metadata(found) or {}).get("version", 0)
        if expected is not None and (expected != (actual or 0) or (expected == 0 and actual is not None)):
            raise VersionConflict(name, self.name, expected, actual)

    def _kept(
        self, profile: dict[str, Any], old: Mapping[str, Any] | None, now: int, actor: str | None, source: str | None
    ) -> dict[str, Any]:
        """A profile of a registry that is put: counted up where it is not the same as before."""
        if old is not None and is_same(_bare(old), _bare(profile)):
            kept = _metadata(old)
            return {**profile, "metadata": kept} if kept else profile
        return {**profile, "metadata": _stamped(profile.get("metadata"), _metadata(old), now, actor, source)}

    def _now(self) -> int:
        return int(self._clock() * 1000)


def open_store(place: str | os.PathLike[str] | None = None, *, clock: Callable[[], float] = time.time) -> Store:
    """The store of a YAML, JSON or SQLite file, which need not exist yet; without one, a store in memory.

    The kind is told by a prefix (`sqlite:PATH`), by what is in the file, or by its ending.
    """
    if place is None:
        return Store(Memory(), clock)
    text = os.fspath(place)
    kind, colon, rest = text.partition(":")
    if not colon or kind not in KINDS or isinstance(place, os.PathLike):
        kind, rest = "", text
    path = Path(path_in(kind, rest))
    kind = "sqlite" if kind == "sqlite-dsn" else kind or _kind(path)
    if kind == "sqlite":
        from profilec.stores.sqlite import Database

        return Store(Database(path), clock)
    from profilec.stores.file import File

    if kind not in ("yaml", "json"):
        message = f"`{path.name}` is a Jsonnet program, which cannot be written"
        hint = "a store is a YAML, JSON or SQLite file; `profilec convert` makes one"
        raise StoreError([Diagnostic("unknown-source", "error", message, Span(path.name), hint=hint)])
    return Store(File(path, kind), clock)


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return kind_of(path, file.read(16))
    except OSError:
        return SYNTAX_BY_SUFFIX.get(path.suffix.lower(), "yaml")


def _tree(name: str, value: Mapping[str, Any]) -> Tree:
    report = Report()
    tree = plain.parse(name, value, report)
    if report.has_errors:
        raise StoreError(report)
    return tree


def _check_own_references(document: Document, report: Report) -> None:
    """What a registry's stacks say of itself; the other registries of its chain are not here."""
    own = {
        slug: layer._replace(stack=tuple(ref for ref in layer.stack if ref.registry == document.slug))
        for slug, layer in document.layers.items()
    }
    alone = Document(document.slug, document.display_name, document.description, own, document.span)
    link([alone], None, report)


def _stamped(
    given: Mapping[str, Any] | None,
    old: Mapping[str, Any] | None,
    now: int,
    actor: str | None,
    source: str | None,
    last: int = 0,
) -> dict[str, Any]:
    """The metadata of a changed registry or profile: the store's own fields from what was, the others from either.

    `last` is the version that something of this name had before it was deleted.
    """
    is_new = old is None
    given, old = given or {}, old or {}
    metadata: dict[str, Any] = {
        "source": source if source is not None else given.get("source", old.get("source")),
        "version": old.get("version", last) + 1,
        "created_at_ms": now if is_new else old.get("created_at_ms"),
        "updated_at_ms": now,
        "created_by": actor if is_new else old.get("created_by"),
        "updated_by": actor if actor is not None else old.get("updated_by"),
        "tags": given.get("tags", old.get("tags")),
    }
    return {key: value for key, value in metadata.items() if value is not None}


def _last(content: Content, name: str) -> int:
    """The last version of what had a name: one that comes back must not be taken for it."""
    return max((each.version for each in content.history() if each.name == name), default=0)


def _profiles(document: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document.get("profiles") or {}
    return found


def _metadata(of: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The metadata of a registry or profile, None where there is no such thing yet."""
    return None if of is None else of.get("metadata") or {}


def _bare(profile: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in profile.items() if key != "metadata" and value is not None}


def _named(stored: Stored | None, name: str) -> dict[str, Any]:
    """A registry, or the profile in it, that a change is about."""
    document = stored.document if stored else {}
    _, _, slug = name.partition("/")
    found: dict[str, Any] = _profiles(document).get(slug, {}) if slug else document
    return found


def _changed(old: Any, new: Any, at: str) -> list[str]:
    """The JSON Pointers of the leaves that differ, the store's own metadata left out."""
    if (old is None and isinstance(new, dict)) or (new is None and isinstance(old, dict)):
        old, new = old or {}, new or {}
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if (at, key) != ("", "metadata")]
        return [each for key in keys for each in _changed(old.get(key), new.get(key), f"{at}/{token(key)}")]
    return [] if is_same(old, new) else [at]
