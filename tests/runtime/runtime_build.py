"""registries as plain data -> a build directory of format engine-profiles/1, written without the compiler."""

import copy
import hashlib
import json

FORMAT = "engine-profiles/1"


def encode(document):
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def profile(settings, stack, fields, **more):
    return {"inference_settings": settings, "lineage": {"stack": stack, "fields": fields}, **more}


def layer(registry, slug, version=0):
    return {"registry_slug": registry, "profile_slug": slug, "version": version, "source": ""}


OPENAI = layer("provider-openai", "default")
ASSISTANT = layer("team-agent", "assistant", 3)
BASELINE = {"baseline": "base.yaml"}

REGISTRIES = {
    "provider-openai": {
        "default_profile": "default",
        "profiles": {
            "default": profile(
                {"chat": {"api_type": "openai-responses", "engine": "gpt-5"}},
                [OPENAI],
                {"/inference_settings/chat/api_type": [0], "/inference_settings/chat/engine": [0]},
            ),
            "gpt-4.1": profile({"chat": {"engine": "gpt-4.1"}}, [layer("provider-openai", "gpt-4.1")], {}),
            "layer": profile({"chat": {"temperature": 0}}, [layer("provider-openai", "layer")], {}),
        },
        "source": {
            "file": "registries/openai.yaml",
            "profiles": {
                "default": {
                    "line": 4,
                    "column": 3,
                    "fields": {
                        "/inference_settings/chat/api_type": [7, 9, "openai-responses"],
                        "/inference_settings/chat/engine": [8, 9, "gpt-5"],
                        "/inference_settings/api/api_keys/openai-api-key": [10, 11, "…"],
                    },
                }
            },
        },
    },
    "team-agent": {
        "default_profile": "assistant",
        "display_name": "Team",
        "profiles": {
            "assistant": profile(
                {
                    "api": {"api_keys": {"openai-api-key": {"$secret": "env:OPENAI_API_KEY"}}},
                    "chat": {"api_type": "openai-responses", "engine": "gpt-5-mini"},
                    "client": {"timeout": 60},
                    "model_info": {"context_window": 400000, "cost": {"input": 0.25, "output": 2}},
                    "openai": {"logit_bias": {"1.5": 3}},
                },
                [BASELINE, OPENAI, ASSISTANT],
                {
                    "/extensions/acme.tools@v1/a~1b": [2],
                    "/inference_settings/api/api_keys/openai-api-key": [1],
                    "/inference_settings/chat/api_type": [1],
                    "/inference_settings/chat/engine": [0, 1, 2],
                    "/inference_settings/client/timeout": [0],
                    "/inference_settings/model_info/context_window": [2],
                    "/inference_settings/model_info/cost": [2],
                    "/inference_settings/openai/logit_bias/1.5": [2],
                },
                display_name="Assistant",
                description="Helps",
                extensions={"acme.tools@v1": {"a/b": True}},
                metadata={"profile.version": 3},
                requires=["env:OPENAI_API_KEY"],
            ),
            "constructor": profile({"embeddings": {"type": "openai"}}, [layer("team-agent", "constructor")], {}),
            "gpt-4.1": profile({"rerank": {"engine": "bge"}}, [layer("team-agent", "gpt-4.1")], {}),
        },
        "source": {
            "file": "registries/team/20-team.yaml",
            "profiles": {
                "assistant": {
                    "line": 5,
                    "column": 3,
                    "fields": {
                        "/extensions/acme.tools@v1/a~1b": [30, 5, True],
                        "/inference_settings/chat/engine": [12, 9, "gpt-5-mini"],
                        "/inference_settings/model_info/context_window": [None, None, 400000],
                        "/inference_settings/model_info/cost": [20, 9, {"input": 0.25, "output": 2}],
                        "/inference_settings/openai/logit_bias/1.5": [25, 9, 3],
                    },
                }
            },
        },
    },
}

BASELINE_SOURCE = {
    "file": "base.yaml",
    "fields": {
        "/inference_settings/chat/engine": [2, 3, "gpt-4"],
        "/inference_settings/client/timeout": [3, 3, 60],
    },
}


def registries():
    """A copy to change."""
    return copy.deepcopy(REGISTRIES)


def write_build(directory, source=REGISTRIES, default="team-agent/assistant", **manifest):
    """Write the build and return its manifest. `source` is in order of precedence from the lowest up."""

    def put(name, document):
        data = encode({"format": FORMAT, **document})
        file = f"{name}@{sha256(data)[:16]}.json"
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_bytes(data)
        return {"file": file, "digest": sha256(data), "size": len(data)}

    entries, names = {}, {}
    for registry, content in source.items():
        index = {}
        for slug, document in content["profiles"].items():
            artifact = {
                "registry_slug": registry,
                "profile_slug": slug,
                "extensions": {},
                "metadata": {},
                "requires": [],
            }
            index[slug] = put(f"profiles/{registry}/{slug}", artifact | document)
            names[slug] = f"{registry}/{slug}"
        shared = {"registry_slug": registry, "default_profile": content["default_profile"]}
        entries[registry] = {
            "default_profile": content["default_profile"],
            **put(f"registries/{registry}", {**shared, "profiles": index}),
            "source_map": put(f"sources/{registry}", {"registry_slug": registry, **content["source"]}),
        }
    baseline = put("sources/baseline", BASELINE_SOURCE)
    document = {
        "format": FORMAT,
        "compiler": {"name": "profilec", "version": "0.1.0"},
        "build": sha256(encode(entries)),
        "default": default,
        "default_registry": next(reversed(source), None),
        "precedence": list(reversed(source)),
        "registries": entries,
        "names": put("names", {"names": names}),
        "sources": [],
        "inputs": {
            "secrets": "reference",
            "baseline": {"name": "base.yaml", "digest": baseline["digest"], "source_map": baseline},
        },
        **manifest,
    }
    (directory / "manifest.json").write_bytes(encode(document))
    return document
