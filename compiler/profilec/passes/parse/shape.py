"""Tree -> findings: whether a document has the shape of a registry, by the schema and for the older shapes by name.

The schema decides; what is written here turns its verdicts into sentences with a place and a way to mend.
"""

from __future__ import annotations

import re
import shlex
from contextlib import nullcontext
from typing import Any

from profilec import schemas
from profilec.diagnostics import Report, Span, did_you_mean, nearest
from profilec.passes.parse import hints
from profilec.syntax.tree import Tree

# The sections of the older format, and what they are called now.
_OLD_SECTIONS = {
    "ai-chat": "chat",
    "ai-client": "client",
    "ai-inference": "inference",
    "openai-chat": "openai",
    "claude-chat": "claude",
    "gemini-chat": "gemini",
    "ollama-chat": "ollama",
}
# What a profile held besides its settings, and a configuration besides its profiles.
_OLD_PROFILE_FIELDS = ("runtime", "step_settings_patch", "system_prompt", "middlewares", "tools", "policy")
_OLD_TOP_LEVEL = ("app", "profile")
# Documents by the titles of their schemas.
_DOCUMENTS = {"Engine profile registry": "a registry", "Inference settings": "the baseline", "Policy": "a policy"}
Path = list[str | int]


def check_registry(tree: Tree, report: Report) -> bool:
    """Whether the document is a registry at all, and every finding about its shape."""
    value = tree.value
    if not isinstance(value, dict) or not value:
        _not_a_registry(tree, report)
        return False
    legacy = _legacy(tree, report)
    if legacy is None:
        return False
    profiles = value.get("profiles")
    if not legacy and schemas.decider("registry")(value):
        return True
    suspects = value
    if isinstance(profiles, dict):
        is_profile = schemas.decider("registry", "profile")
        suspects = {**value, "profiles": {slug: each for slug, each in profiles.items() if not is_profile(each)}}
    _describe(schemas.describer("registry"), suspects, tree, report, legacy)
    return True


def check_settings(tree: Tree, report: Report) -> bool:
    """The same for a document that is inference settings alone: a baseline."""
    value = tree.value
    if value is not None and not isinstance(value, dict):
        report.error("wrong-type", f"a baseline is a mapping of settings, not {_kind_of(value)}", tree.span_at([]))
        return False
    if isinstance(value, dict) and isinstance(value.get("inference_settings"), dict):
        report.error(
            "legacy-format",
            "a baseline holds the sections themselves, without `inference_settings` around them",
            tree.key_span(value, "inference_settings"),
            hint="move `chat:`, `client:` and the others to the top of the file",
        )
        return False
    if not schemas.decider("settings")(value):
        _describe(schemas.describer("settings"), value, tree, report, set())
    return True


def check_policy(tree: Tree, report: Report) -> bool:
    """Whether a document has the shape of a policy, and every finding about that."""
    value = tree.value
    if not isinstance(value, dict):
        found = "nothing" if value is None else _kind_of(value)
        report.error("wrong-type", f"a policy is a mapping, not {found}", tree.span_at([]))
        return False
    if schemas.decider("policy")(value):
        return True
    _describe(schemas.describer("policy"), value, tree, report, set())
    return False


def _not_a_registry(tree: Tree, report: Report) -> None:
    found = "nothing" if tree.value in (None, {}) else _kind_of(tree.value)
    report.error(
        "not-a-registry",
        f"the document holds {found}, where a registry is wanted",
        tree.span(),
        hint="a registry is a mapping with `slug:` and `profiles:`; `profilec init` writes one to start from",
    )


def _legacy(tree: Tree, report: Report) -> set[tuple[str | int, ...]] | None:
    """Report the older shapes; the paths that need no further finding, or None where nothing else is worth saying."""
    value = tree.value
    known: set[tuple[str | int, ...]] = set()

    def refuse(container: Any, key: str, path: Path, message: str, hint: str) -> None:
        known.add(tuple(path))
        report.error("legacy-format", message, tree.key_span(container, key), hint=hint + _rewriting(tree))

    for key, hint in (
        ("registries", "write each registry into a file of its own"),
        ("default_profile_slug", "leave it out, and name the default profile `default`"),
    ):
        if key in value:
            refuse(value, key, [key], f"`{key}` belongs to an older format", hint)
    if "slug" not in value and "profiles" not in value and not known:
        own = {key: each for key, each in value.items() if not key.startswith("x-")}
        if not own or not all(isinstance(each, dict) for each in own.values()):
            _not_a_registry(tree, report)
            return None
        first = next(iter(own))
        refuse(
            value,
            first,
            [first],
            "a bare map of profiles is an older format",
            "write `slug: NAME`, and move the profiles below `profiles:`",
        )
        return None
    profiles = value.get("profiles")
    for slug, profile in profiles.items() if isinstance(profiles, dict) else ():
        if isinstance(profile, dict):
            _legacy_profile(profile, ["profiles", slug], refuse)
    return known


def _rewriting(tree: Tree) -> str:
    """The command that rewrites a document of an older format, where it is a file of its own."""
    is_file = tree.text and not tree.name.startswith("<") and "#" not in tree.name
    return f"; `profilec migrate {shlex.quote(tree.name)}` rewrites it" if is_file else ""


def _legacy_profile(profile: dict[str, Any], path: Path, refuse: Any) -> None:
    for key in _OLD_SECTIONS.keys() & profile.keys():
        new = _OLD_SECTIONS[key]
        refuse(
            profile,
            key,
            [*path, key],
            f"the section `{key}` belongs to an older format",
            f"write it as `inference_settings: {{{new}: …}}`, with the fields' names without their prefix",
        )
    settings = profile.get("inference_settings")
    if not isinstance(settings, dict):
        return
    at = [*path, "inference_settings"]
    if "api_keys" in settings:
        refuse(
            settings,
            "api_keys",
            [*at, "api_keys"],
            "`inference_settings.api_keys` belongs to an older format",
            "write it as `api: {api_keys: …}`",
        )
    for key in _OLD_SECTIONS.keys() & settings.keys():
        refuse(
            settings,
            key,
            [*at, key],
            f"the section `{key}` belongs to an older format",
            f"write it as `{_OLD_SECTIONS[key]}`, with the fields' names without their prefix",
        )


def _describe(validator: Any, value: Any, tree: Tree, report: Report, known: set[tuple[str | int, ...]]) -> None:
    for error in validator.iter_errors(value):
        path = list(error.absolute_path)
        if tuple(path) in known or tree.is_refused(path):
            continue
        is_told = tree.has_lines or len(path) < 2 or path[0] != "profiles"
        with nullcontext() if is_told else report.about(str(path[1])):
            _tell(error, path, tree, report, known)


def _tell(error: Any, path: Path, tree: Tree, report: Report, known: set[tuple[str | int, ...]]) -> None:
    if "x-secret" in error.schema and isinstance(error.instance, dict) and "$secret" not in error.instance:
        # A mapping that is no reference has neither the key that it needs nor one that it may have.
        if error.validator == "required":
            _wrong_type(error, path, tree, report)
    elif error.validator == "additionalProperties":
        _unknown_fields(error, path, tree, report, known)
    elif error.validator == "required":
        # What is of an older format lacks more than one thing, and needs to be told so once.
        for name in sorted(set(error.validator_value) - error.instance.keys()) if path or not known else ():
            if not _is_misspelled(name, error):
                _missing(name, error, path, tree, report)
    elif error.validator == "type":
        _wrong_type(error, path, tree, report)
    elif error.validator == "pattern":
        # Only references to credentials have one, and `credentials` says more of what is wrong with them.
        return
    elif error.validator == "enum":
        wanted = ", ".join(f"`{each}`" for each in error.validator_value)
        near = did_you_mean(error.instance, error.validator_value) if isinstance(error.instance, str) else None
        found = _show(error.instance, _spelled(error.instance, path, tree))
        report.error(
            "invalid-value", f"`{dotted(path)}` is {found}, not one of {wanted}", tree.span_at(path), hint=near
        )
    else:
        wanted = f"at least {error.validator_value}" if error.validator == "minimum" else str(error.validator_value)
        found = _show(error.instance, _spelled(error.instance, path, tree))
        report.error(
            "invalid-value",
            f"`{dotted(path)}` is {found}, where {wanted} is wanted",
            tree.span_at(path),
        )


def _is_misspelled(name: str, error: Any) -> bool:
    """Whether a missing field stands there under a name that is no field's: that is told where it stands."""
    fields = error.schema.get("properties", {})
    return any(nearest(key, fields, 1) == [name] for key in error.instance if key not in fields)


def _unknown_fields(error: Any, path: Path, tree: Tree, report: Report, known: set[tuple[str | int, ...]]) -> None:
    fields = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key in fields or (*path, key) in known or any(re.search(each, key) for each in patterns):
            continue
        report.error(
            "unknown-field",
            f"`{key[:100]}` is not a field of {_owner(path, error)}",
            tree.key_span(_at(tree.value, path), key),
            hint=_older(key, path, tree) or hints.of_unknown(key, path, error.schema),
        )


def _owner(path: Path, error: Any) -> str:
    """What a field would belong to, as a sentence says it."""
    if not path:
        return _DOCUMENTS[error.schema["title"]]
    if len(path) == 2 and path[0] == "profiles":
        return "a profile"
    return f"`{dotted(path)}`"


def _older(key: str, path: Path, tree: Tree) -> str | None:
    """A hint where a key had its place in an older format."""
    is_of_profile = len(path) == 2 and path[0] == "profiles" and key in _OLD_PROFILE_FIELDS
    if not is_of_profile and not (not path and key in _OLD_TOP_LEVEL):
        return None
    return f"it belongs to an older format{_rewriting(tree)}"


def _missing(name: str, error: Any, path: Path, tree: Tree, report: Report) -> None:
    owner = f"`{dotted(path)}`" if path else f"the {_DOCUMENTS[error.schema['title']].rpartition(' ')[2]}"
    hint = f"write `{name}: …`" if name != "slug" else "write `slug: NAME` at the top of the file"
    report.error("missing-field", f"{owner} has no `{name}`", tree.span_at(path), hint=hint)


def _wrong_type(error: Any, path: Path, tree: Tree, report: Report) -> None:
    wanted = [each for each in _list(error.schema["type"]) if each != "null"]
    entry = error.schema.get("additionalProperties")
    is_secret = "x-secret" in error.schema or (isinstance(entry, dict) and "x-secret" in entry)
    # A text is shown only where it says what went wrong; in the place of a mapping it may be anything.
    is_shown = not is_secret and (not isinstance(error.instance, str) or {"number", "integer", "boolean"} & set(wanted))
    spelled = _spelled(error.instance, path, tree)
    found = _show(error.instance, spelled) if is_shown else _kind_of(error.instance)
    report.error(
        "wrong-type",
        f"`{dotted(path)}` is {found}, where {_wanted(wanted)} is wanted",
        _place(error.instance, path, tree),
        hint=hints.of_type(error.instance, path, wanted, is_secret, spelled),
    )


def _spelled(value: Any, path: Path, tree: Tree) -> str:
    """A scalar as its source spells it: `4.10` is not the text `4.1`."""
    if value is None or isinstance(value, str | dict | list) or not path:
        return str(value)
    return tree.scalar_text(_at(tree.value, path[:-1]), path[-1])


def _place(value: Any, path: Path, tree: Tree) -> Span:
    """Where a value stands. One that is left empty stands nowhere, so its key's place."""
    span = tree.span_at(path)
    if value is not None or not path or not isinstance(path[-1], str) or span.line is None or span.column is None:
        return span
    is_written = tree.line(span.line - 1)[span.column - 1 :].startswith(("null", "Null", "NULL", "~"))
    return span if is_written else tree.key_span(_at(tree.value, path[:-1]), path[-1])


def dotted(path: Path) -> str:
    """A path as people write it, from the profile's settings down: `chat.temperature`."""
    if len(path) > 2 and path[0] == "profiles" and path[2] == "inference_settings":
        path = path[3:] or path[2:]
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text[:200]


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _wanted(kinds: list[str]) -> str:
    if set(kinds) >= {"string", "integer", "number"}:
        return "a slug"
    return " or ".join("a reference" if each == "object" and len(kinds) > 1 else schemas.KINDS[each] for each in kinds)


def _show(value: Any, text: str) -> str:
    """The value with its kind, short enough for one line."""
    kind = _kind_of(value)
    if value is None or isinstance(value, dict | list):
        return kind
    return f"{kind} (`{text if len(text) <= 40 else text[:40] + '…'}`)"


def _kind_of(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    return {float: "a fraction", str: "text", list: "a list", dict: "a mapping"}[type(value)]


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
