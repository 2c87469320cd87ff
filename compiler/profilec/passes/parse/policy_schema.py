"""A policy's JSON Schema -> what is wrong with it, each with its path: a slip in it would silently allow everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from profilec import schemas
from profilec.diagnostics import did_you_mean, nearest
from profilec.fields import steps
from profilec.schemas.walk import KEYWORDS, Path, subschemas

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Fault(NamedTuple):
    """`is_key`: it is about the last step of the path itself, not about what stands there."""

    path: Path
    message: str
    hint: str | None = None
    is_key: bool = False


def faults(schema: Any) -> list[Fault]:
    """Everything that is wrong with a schema; empty where it can be held against artifacts."""
    found = [fault for path, each in subschemas(schema) if isinstance(each, dict) for fault in _own(path, each, schema)]
    known = {fault.path for fault in found}
    found += [each for each in _by_the_draft(schema) if each.path not in known]
    if not found:
        try:
            schemas.decider_of(schema)
        except ValueError as error:
            found.append(Fault((), f"the schema cannot be used: {str(error).partition(chr(10))[0][:200]}"))
    return sorted(found, key=lambda fault: ([str(step) for step in fault.path], fault.message))


def _own(path: Path, schema: dict[str, Any], root: Any) -> Iterator[Fault]:
    """What the draft allows and a policy cannot mean."""
    for keyword, value in schema.items():
        at = (*path, keyword)
        if keyword == "$schema" and isinstance(value, str) and value.removesuffix("#") != _DRAFT:
            yield Fault(at, "the schema is of another draft than 2020-12", f"write `{_DRAFT}`, or leave it out")
        elif keyword in ("$ref", "$dynamicRef") and isinstance(value, str):
            yield from _reference(at, value, root)
        elif keyword == "pattern" and isinstance(value, str):
            yield from _expression(at, value)
        elif keyword == "patternProperties" and isinstance(value, dict):
            yield from (fault for each in value for fault in _expression((*at, each), each))
        elif keyword == "format":
            yield Fault(at, "`format` is a remark in JSON Schema, and would check nothing", "write a `pattern`", True)
        elif keyword not in KEYWORDS and not keyword.startswith("x-"):
            near = did_you_mean(keyword, KEYWORDS)
            other = "notes for readers go into `$comment`, or below a key that begins with `x-`"
            message = f"`{keyword[:100]}` is not a keyword of JSON Schema, and would check nothing"
            yield Fault(at, message, near or other, True)


def _reference(path: Path, written: str, root: Any) -> Iterator[Fault]:
    if not written.startswith("#"):
        away = "put what it refers to below `$defs`, and write `#/$defs/NAME`"
        yield Fault(path, f"`{written[:100]}` leads out of the policy, and nothing is fetched", away)
        return
    node = root
    for step in steps(written[1:]):
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            near = nearest(step, node) if isinstance(node, dict) else []
            hint = f"did you mean `{written.rpartition('/')[0]}/{near[0]}`?" if near else None
            yield Fault(path, f"`{written[:100]}` leads to nothing in the policy's schema", hint)
            return


def _expression(path: Path, written: str) -> Iterator[Fault]:
    try:
        re.compile(written)
    except re.error as error:
        yield Fault(path, f"`{written[:100]}` is not a regular expression: {error.msg}")


def _by_the_draft(schema: Any) -> Iterator[Fault]:
    """What the schema of schemas says, once for each place."""
    try:
        schemas.decider_of(schema)
    except ValueError:
        for path in sorted({tuple(error.absolute_path) for error in schemas.of_schemas().iter_errors(schema)}, key=str):
            value = schema
            for step in path:
                value = value[step]
            keyword = next((step for step in reversed(path) if isinstance(step, str)), "schema")
            hint = f"https://json-schema.org/understanding-json-schema says what `{keyword}` can be"
            if keyword == "type":
                near = did_you_mean(value, schemas.KINDS) if isinstance(value, str) else None
                hint = near or "types are " + ", ".join(f"`{each}`" for each in schemas.KINDS)
            found = "this value" if isinstance(value, dict | list) else f"`{str(value)[:100]}`"
            yield Fault(path, f"{found} is nothing that the keyword `{keyword}` takes", hint)
