"""one case of the contract -> its outcome in Python, as JSON. runtime/js/test/contract-calls.js does the same there.

An outcome holds what both runtimes must agree on, in Python's names: errors without their hints, which name functions.
"""

import asyncio

import engineprofiles as ep
from engineprofiles import answers, costs, schema_check
from engineprofiles.endpoint import endpoint
from engineprofiles.peer import Peer
from engineprofiles.proxy import proxy_for
from engineprofiles.settings import Settings, settings_of
from engineprofiles.wire import compose


def outcome(case, build):
    """What the call of a case gives: a value, or {"error": …}."""
    try:
        return CALLS[case["call"]](case, ep.open(build))
    except ep.EngineProfilesError as error:
        return {"error": described(error)}


def described(error):
    left_out = {"given", "path"}  # Of the machine, or of the language.
    details = {name: value for name, value in error.details.items() if name not in left_out}
    return {"code": error.code, "message": error.message, "details": details}


def get(case, profiles):
    profile = profiles.get(case.get("name"), case.get("registry"))
    return {"name": profile.name, "digest": profile.digest}


def listing(case, profiles):
    return {"profiles": list(profiles), "names": profiles.names(), "default": profiles.default, "build": profiles.build}


def read(case, profiles):
    profile = profiles[case["name"]]
    usage = {"input_tokens": 1000, "output_tokens": 10, "cache_read_tokens": 100}
    return {
        "display_name": profile.display_name,
        "description": profile.description,
        "document": profile.document,
        "model_info": profile.model_info,
        "requires": profile.requires,
        "is_engine": profile.is_engine,
        "hard_context_limit": profile.hard_context_limit,
        "effective_context_limit": profile.effective_context_limit,
        "cost": profile.cost(usage),
    }


def explain(case, profiles):
    profile = profiles[case["name"]]
    found = profile.explain_all(case.get("section")) if "field" not in case else [profile.explain(case["field"])]
    return [{"field": each.field, "value": each.value, "text": str(each)} for each in found]


def settings(case, profiles):
    profile = profiles[case["name"]]
    made = settings_of(profile, case.get("baseline"), case.get("overrides"))
    return {"values": made.values, "layers": {field: made.layer(field) for field in case.get("layers", ())}}


def request(case, profiles):
    options = {name: case[name] for name in ("baseline", "overrides", "on_unsupported") if name in case}
    messages = case.get("messages", "hi")
    return sent(profiles[case["name"]].request(messages, stream=case.get("stream", False), **options))


def engine(case, profiles):
    """The engine of `from_profile` or `from_config`, and what it sends."""
    if "config" in case:
        made = ep.engines.from_config(**case["config"])
    else:
        made = ep.engines.from_profile(case.get("name"), build=profiles, **case.get("options", {}))
    role = case.get("role", "chat")
    if role == "embeddings":
        asked = compose.embed(made.settings, made.endpoint(role), case["texts"], "error")
    elif role == "rerank":
        asked = compose.rank(
            made.settings, made.endpoint(role), case["query"], case["texts"], case.get("top_n"), "error"
        )
    else:
        asked = made.request(case.get("messages", "hi"), stream=case.get("stream", False))
    return {"name": made.name, **sent(asked)}


def sent(request):
    return {
        "url": request.url,
        "headers": {name: str(value) for name, value in request.headers.items()},
        "body": request.body,
    }


def reply(case, profiles):
    made, peer, protocol = answering(case)
    data = case["body"].encode()
    return fields_of(answers.reply(data, protocol, made, peer), "text", "reasoning", "usage", "cost", "finish_reason")


def stream(case, profiles):
    made, peer, protocol = answering(case)
    incoming = answers.Incoming(protocol, made, peer)
    deltas = []
    try:
        for chunk in case["chunks"]:
            deltas += incoming.feed(chunk.encode())
        deltas.append(incoming.end())
    except ep.EngineProfilesError as error:
        deltas.append(error)
    names = ("text", "reasoning", "usage", "cost", "finish_reason")
    return [{"error": described(each)} if isinstance(each, Exception) else fields_of(each, *names) for each in deltas]


def vectors(case, profiles):
    made, peer, _ = answering(case)
    return fields_of(answers.vectors(case["body"].encode(), case["count"], made, peer), "vectors", "usage", "cost")


def ranks(case, profiles):
    _, peer, _ = answering(case)
    return [[each.index, each.score] for each in answers.ranks(case["body"].encode(), case["count"], peer)]


def answering(case):
    role = case.get("role", "chat")
    local = {"allow_http": {}, "base_urls": {f"{case['type']}-base-url": "https://provider.example"}}
    kind = "api_type" if role == "chat" else "type"
    written = {
        role: {kind: case["type"], "engine": "m"},
        "api": {**local, "api_keys": {f"{case['type']}-api-key": "k"}},
    }
    layers = [("profile", written), ("profile", case.get("settings", {}))]
    made = Settings("p", layers)
    reached = endpoint(made, role)
    return made, Peer(made, reached, 60, reached.credentials), reached.protocol


def cost(case, profiles):
    return {
        "cost": costs.cost(case["model_info"], case["usage"]),
        "limit": costs.context_limit(case["model_info"]),
    }


def schema(case, profiles):
    return [schema_check.problem(value, case["schema"]) for value in case["values"]]


def proxy(case, profiles):
    found = proxy_for(Settings("p", [("overrides", case.get("settings", {}))]), case["url"])
    return found and {"host": found.host, "port": found.port, "credential": found.credential and str(found.credential)}


def echo(case, profiles):
    made = ep.engines.echo(*case.get("arguments", ()))
    answer = asyncio.run(made.arun("hi"))
    return {"name": made.name, **fields_of(answer, "text", "usage", "cost", "finish_reason")}


def fields_of(thing, *names):
    return {name: getattr(thing, name) for name in names}


CALLS = {
    "get": get,
    "list": listing,
    "read": read,
    "explain": explain,
    "settings": settings,
    "request": request,
    "engine": engine,
    "reply": reply,
    "stream": stream,
    "vectors": vectors,
    "ranks": ranks,
    "cost": cost,
    "schema": schema,
    "proxy": proxy,
    "echo": echo,
}
