"""A registry as plain data -> its text: JSON, or YAML that every reader takes for the same. Keys keep their order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from profilec.syntax.scalars import stays_text
from profilec.syntax.tree import HIDDEN

# Lists of scalars up to this length stay on one line.
_SHORT = 80


def to_json(value: Mapping[str, Any]) -> str:
    """JSON with an indent of two."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return json.dumps(value, indent=2) + "\n" if HIDDEN.search(text) else text


def to_yaml(value: Mapping[str, Any]) -> str:
    """Block YAML. What YAML 1.1 and 1.2 read differently is quoted, so that neither takes a text for a number."""
    import yaml

    def dump(is_unicode: bool) -> str:
        text: str = yaml.dump(
            value, Dumper=_dumper(), default_flow_style=False, sort_keys=False, allow_unicode=is_unicode, width=100
        )
        return text

    text = dump(True)
    # What a reviewer cannot see is written as an escape, or no registry could hold it.
    return dump(False) if HIDDEN.search(text) else text


@cache
def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            # What is shared in memory is written out at each place: an anchor is for its author to set.
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None if stays_text(value) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def sequence(dumper: Any, value: list[Any]) -> Any:
        is_short = not any(isinstance(each, dict | list) for each in value) and len(str(value)) <= _SHORT
        return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=is_short)

    def mapping(dumper: Any, value: dict[str, Any]) -> Any:
        return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=not value)

    Dumper.add_representer(str, text)
    Dumper.add_representer(list, sequence)
    Dumper.add_representer(dict, mapping)
    return Dumper
