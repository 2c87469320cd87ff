// one case of the contract -> its outcome in JavaScript, as JSON in Python's names. tests/contract/contract_calls.py does
// the same in Python, and says what an outcome holds.

import * as ep from "../src/index.js";
import * as answers from "../src/answers.js";
import * as costs from "../src/costs.js";
import { endpoint } from "../src/endpoint.js";
import { inSchemaNames } from "../src/model-info.js";
import { isMapping } from "../src/own.js";
import { Peer } from "../src/peer.js";
import { proxyFor } from "../src/proxy.js";
import { problem } from "../src/schema-check.js";
import { Settings, settingsOf } from "../src/settings.js";
import * as compose from "../src/wire/compose.js";

/** What the call of a case gives: a value, or {error}. */
export async function outcome(given, build) {
  try {
    return await CALLS[given.call](given, await ep.open(build));
  } catch (error) {
    if (!(error instanceof ep.EngineProfilesError)) throw error;
    return { error: described(error) };
  }
}

function described(error) {
  const { given, path, ...details } = error.details;
  return { code: error.code, message: error.message, details: snake(details) };
}

const CALLS = {
  async get({ name, registry }, profiles) {
    const profile = await profiles.get(name, registry);
    return { name: profile.name, digest: profile.digest };
  },

  async list(_, profiles) {
    const names = await profiles.names();
    return { profiles: await profiles.list(), names, default: profiles.default, build: profiles.build };
  },

  async read({ name }, profiles) {
    const profile = await profiles.get(name);
    return {
      display_name: profile.displayName,
      description: profile.description,
      document: profile.document,
      model_info: inSchemaNames(profile.modelInfo),
      requires: profile.requires,
      is_engine: profile.isEngine,
      hard_context_limit: profile.hardContextLimit,
      effective_context_limit: profile.effectiveContextLimit,
      cost: profile.cost({ inputTokens: 1000, outputTokens: 10, cacheReadTokens: 100 }),
    };
  },

  async explain({ name, field, section }, profiles) {
    const profile = await profiles.get(name);
    const found = field === undefined ? await profile.explainAll(section) : [await profile.explain(field)];
    return found.map((each) => ({ field: each.field, value: each.value, text: String(each) }));
  },

  async settings({ name, baseline, overrides, layers = [] }, profiles) {
    const made = settingsOf(await profiles.get(name), baseline, overrides);
    const named = await Promise.all(layers.map(async (field) => [field, await made.layer(field)]));
    // A clone has no masks.
    return { values: structuredClone(made.values), layers: Object.fromEntries(named) };
  },

  async request({ name, messages = "hi", stream, baseline, overrides, on_unsupported: onUnsupported }, profiles) {
    const profile = await profiles.get(name);
    return sent(await profile.request(messages, { stream, baseline, overrides, onUnsupported }));
  },

  async engine({ name, options = {}, config, role = "chat", messages = "hi", stream, texts, query, top_n }, profiles) {
    const made = config
      ? await ep.engines.fromConfig(inCamelCase(config))
      : await ep.engines.fromProfile(name, { build: profiles, ...inCamelCase(options) });
    let asked;
    if (role === "embeddings") asked = await compose.embed(made.settings, await made.endpoint(role), texts, "error");
    else if (role === "rerank") {
      asked = await compose.rank(made.settings, await made.endpoint(role), query, texts, top_n, "error");
    } else asked = await made.request(messages, { stream });
    return { name: made.name, ...sent(asked) };
  },

  async reply(given) {
    const { made, peer, protocol } = await answering(given);
    return fieldsOf(await answers.reply(bytes(given.body), protocol, made, peer), REPLY);
  },

  async stream(given) {
    const { made, peer, protocol } = await answering(given);
    const incoming = new answers.Incoming(protocol, made, peer);
    const deltas = [];
    try {
      for (const chunk of given.chunks) for await (const delta of incoming.feed(bytes(chunk))) deltas.push(fieldsOf(delta, REPLY));
      deltas.push(fieldsOf(await incoming.end(), REPLY));
    } catch (error) {
      deltas.push({ error: described(error) });
    }
    return deltas;
  },

  async vectors(given) {
    const { made, peer } = await answering(given);
    return fieldsOf(await answers.vectors(bytes(given.body), given.count, made, peer), ["vectors", "usage", "cost"]);
  },

  async ranks(given) {
    const { peer } = await answering(given);
    return (await answers.ranks(bytes(given.body), given.count, peer)).map((each) => [each.index, each.score]);
  },

  async cost({ model_info: info, usage }) {
    return { cost: costs.cost(info, usage && inCamelCase(usage)), limit: costs.contextLimit(info) };
  },

  async schema({ schema, values }) {
    return values.map((value) => problem(value, schema));
  },

  async proxy({ url, settings = {} }) {
    const found = await proxyFor(new Settings("p", [["overrides", settings]]), url);
    if (!found) return null;
    const { hostname, port } = new URL(found.url);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80), credential: found.credential?.toString() ?? null };
  },

  async echo({ arguments: given = [] }) {
    const made = ep.engines.echo(...given.map((reply) => ({ reply })));
    return { name: made.name, ...fieldsOf(await made.run("hi"), REPLY.filter((name) => name !== "reasoning")) };
  },
};

const REPLY = ["text", "reasoning", "usage", "cost", "finishReason"];

async function answering({ role = "chat", type, settings = {} }) {
  const api = { api_keys: { [`${type}-api-key`]: "k" }, base_urls: { [`${type}-base-url`]: "https://provider.example" } };
  const written = { [role]: { [role === "chat" ? "api_type" : "type"]: type, engine: "m" }, api };
  const made = new Settings("p", [
    ["profile", written],
    ["profile", settings],
  ]);
  const reached = await endpoint(made, role);
  return { made, peer: new Peer(made, reached, 60, reached.credentials), protocol: reached.protocol };
}

const sent = ({ url, headers, body }) => ({
  url,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  body,
});

const fieldsOf = (thing, names) => snake(Object.fromEntries(names.map((name) => [name, thing[name]])));

const bytes = (text) => new TextEncoder().encode(text);

/** {topP} -> {top_p}, at every depth. */
function snake(value) {
  if (Array.isArray(value)) return value.map(snake);
  if (!isMapping(value)) return value;
  const name = (key) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [name(key), snake(each)]));
}

/** {top_p} -> {topP}, and base_url -> baseURL; what is below stays. */
function inCamelCase(options) {
  const name = (key) => (key === "base_url" ? "baseURL" : key.replace(/([a-z])_([a-z])/g, (_, a, b) => a + b.toUpperCase()));
  return Object.fromEntries(Object.entries(options).map(([key, each]) => [name(key), each]));
}
