"""Build -> tables: all that a report shows of every profile, as plain data in which nothing stands twice.

What many profiles share (pointers, values, files) is kept once and named by its number, and so are the profiles
themselves, in the order of a list. What a layer wrote is kept with the layer; what a profile has in effect names the
layers of its stack that set it. So thousands of profiles stay a few megabytes.
"""

from __future__ import annotations

from typing import Any

from profilec.encode import compact, decode
from profilec.review.explain import value_at
from profilec.review.masking import masked
from profilec.states import Artifact, Build

# The number of what is no profile: the baseline, in the layers of a stack.
BASELINE = -1
# What the index of a registry says of a profile, and a report shows under the same name.
_SHOWN = ("display_name", "model", "provider", "kind", "context_window", "digest")


def tabulate(build: Build) -> dict[str, Any]:
    """The tables of a build, credentials masked. Raises `CompileError` where the build is not whole.

    Of a profile, `stack` has its own entries as `[profile, line, column]`, `layers` the whole stack from base to leaf,
    and `wrote` what it sets itself as `[pointer, line, column, value]`. `settings` has what is in effect as
    `[pointer, value, position…]`: the positions in `layers` that set it, the last one won; a value of null stands for
    what that layer wrote. Values, pointers, files, registries and profiles are numbers of the tables beside.
    """
    tables = _Tables(build)
    baseline = build.manifest["inputs"]["baseline"]
    return {
        "compiler": build.manifest["compiler"]["version"],
        "build": build.manifest["build"],
        "default": tables.numbers.get(build.manifest["default"]),
        "baseline": baseline and tables.baseline(baseline),
        "profiles": [each for slug in build.manifest["precedence"] for each in tables.profiles(slug)],
        "registries": tables.registries,
        "files": list(tables.files),
        "pointers": list(tables.pointers),
        "values": [decode(each.encode()) for each in tables.values],
    }


def listed(build: Build) -> list[str]:
    """The names of all profiles in the order of a list: by the precedence of registries, then by slug."""
    return [f"{slug}/{profile}" for slug, index in _indexes(build).items() for profile in sorted(index["profiles"])]


def _indexes(build: Build) -> dict[str, dict[str, Any]]:
    registries = build.manifest["registries"]
    return {slug: decode(build.files[registries[slug]["file"]]) for slug in build.manifest["precedence"]}


class _Tables:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.registries: list[dict[str, Any]] = []
        self.files: dict[str, int] = {}
        self.pointers: dict[str, int] = {}
        # By what they are as JSON, since to Python true is 1.
        self.values: dict[str, int] = {}
        self.indexes = _indexes(build)
        self.numbers = {name: number for number, name in enumerate(listed(build))}
        self.written: dict[int, dict[str, list[Any]]] = {}
        self.maps = {slug: self._map(slug) for slug in self.indexes}

    def baseline(self, named: dict[str, Any]) -> dict[str, Any]:
        source_map = decode(self.build.files[named["source_map"]["file"]])
        self.written[BASELINE] = source_map["fields"]
        file = _number(self.files, source_map["file"])
        return {"name": named["name"], "file": file, "wrote": self._wrote(source_map["fields"])}

    def profiles(self, slug: str) -> list[dict[str, Any]]:
        """The profiles of a registry, which is added to the table of registries."""
        index, source_map = self.indexes[slug], self.maps[slug]
        texts = {key: index[key] for key in ("display_name", "description") if index.get(key)}
        self.registries.append({"slug": slug, "file": _number(self.files, source_map["file"]), **texts})
        return [
            {
                "registry": len(self.registries) - 1,
                "slug": profile,
                **self._shown(index["profiles"][profile]),
                **self._place(source_map["profiles"][profile]),
                **self._effect(self.build.artifacts[f"{slug}/{profile}"]),
                "wrote": self._wrote(source_map["profiles"][profile]["fields"]),
            }
            for profile in sorted(index["profiles"])
        ]

    def _map(self, slug: str) -> dict[str, Any]:
        source_map: dict[str, Any] = decode(
            self.build.files[self.build.manifest["registries"][slug]["source_map"]["file"]]
        )
        for profile, each in source_map["profiles"].items():
            self.written[self.numbers[f"{slug}/{profile}"]] = each["fields"]
        return source_map

    def _shown(self, entry: dict[str, Any]) -> dict[str, Any]:
        cost = entry.get("cost")
        prices = {f"{key}_price": cost[key] for key in ("input", "output") if cost and key in cost}
        # It may cost nothing, or something of which nobody knows how much.
        is_free = cost == {} or bool(cost and len(prices) == 2 and not any(cost.values()))
        return {
            **{key: entry[key] for key in _SHOWN if key in entry},
            **prices,
            **({"is_free": True} if is_free else {}),
        }

    def _place(self, mapped: dict[str, Any]) -> dict[str, Any]:
        place = {"line": mapped["line"], "column": mapped["column"]}
        if "stack" not in mapped:
            # Builds of earlier versions do not have it.
            return place
        stack = [[self.numbers[f"{registry}/{profile}"], *place] for registry, profile, *place in mapped["stack"]]
        return {**place, "stack": stack}

    def _effect(self, artifact: Artifact) -> dict[str, Any]:
        document = masked(artifact.document)
        lineage = document["lineage"]
        layers = [
            BASELINE if "baseline" in each else self.numbers[f"{each['registry_slug']}/{each['profile_slug']}"]
            for each in lineage["stack"]
        ]
        settings = []
        for pointer, positions in lineage["fields"].items():
            value, written = value_at(document, pointer), self.written[layers[positions[-1]]][pointer][2]
            known = None if compact(value) == compact(written) else self._value(value)
            settings.append([_number(self.pointers, pointer), known, *positions])
        effect: dict[str, Any] = {"layers": layers, "settings": settings}
        if document.get("description"):
            effect["description"] = document["description"]
        if document["requires"]:
            effect["requires"] = document["requires"]
        limit = document["inference_settings"].get("model_info", {}).get("max_output_tokens")
        return effect if limit is None else {**effect, "output_limit": limit}

    def _wrote(self, fields: dict[str, list[Any]]) -> list[list[int | None]]:
        return [
            [_number(self.pointers, pointer), line, column, self._value(value)]
            for pointer, (line, column, value) in fields.items()
        ]

    def _value(self, value: Any) -> int:
        return _number(self.values, compact(value))


def _number(table: dict[str, int], key: str) -> int:
    """The number of an entry, which is added where it is not there."""
    return table.setdefault(key, len(table))
