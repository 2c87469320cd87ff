// Settings -> Engine: what asks a provider, at once or as a stream.
//
// settings -> wire/compose -> transport -> answers: what a step of this does is in the module of its name.

import * as answers from "./answers.js";
import { conversation } from "./content.js";
import { BadOption, EngineProfilesError } from "./errors.js";
import { NoEngine } from "./failures.js";
import { link } from "./link.js";
import { modelInfo } from "./model-info.js";
import { ROLES } from "./providers.js";
import { Embeddings } from "./reply.js";
import { quoted } from "./text.js";
import { debug } from "./trace.js";
import * as compose from "./wire/compose.js";
import { column } from "./wire/parameters.js";

/**
 * @typedef {import("./settings.js").Settings} Settings @typedef {import("./providers.js").Role} Role
 * @typedef {import("./messages.js").Messages} Messages @typedef {import("./link.js").Link} Link
 * @typedef {import("./reply.js").Delta} Delta @typedef {import("./reply.js").Reply} Reply
 * @typedef {{signal?: AbortSignal}} Call `signal` calls it off: then its reason is thrown, and the connection closed.
 */

// The most texts that OpenAI takes in one request.
const BATCH = 2048;
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * What asks the provider of a profile. The credentials that it needs are looked up, and the addresses checked; nothing is sent.
 * @param {Settings} settings @param {import("./profile.js").Policy} [onUnsupported] @param {string} [name]
 * @returns {Promise<Engine>}
 */
export async function createEngine(settings, onUnsupported, name = `profile:${settings.name}`) {
  const policy = compose.checkPolicy(onUnsupported);
  const [first, ...others] = /** @type {Role[]} */ (Object.keys(ROLES)).filter(
    (role) => settings.get(ROLES[role]) || settings.get(`${role}.type`),
  );
  if (!first) {
    throw new NoEngine(
      `profile ${quoted(settings.name)} is a layer: it names no model for chat, embeddings or reranking`,
      "ask for a profile that stacks on it and sets `chat.engine`",
      { profile: settings.name, field: "chat.engine" },
    );
  }
  /** @type {Map<Role, Link>} */
  const links = new Map();
  links.set(first, await link(settings, first));
  for (const role of others) {
    // A profile for chat is no worse for a section `embeddings` that lacks a credential: `embed` will say so.
    try {
      links.set(role, await link(settings, role));
    } catch (error) {
      if (!(error instanceof EngineProfilesError)) throw error;
      debug(() => `${name}: ${role} cannot be asked for: ${error.message}`);
    }
  }
  debug(() => leftAlone(name, settings, links));
  return new Engine(name, settings, policy, links);
}

/** Asks the provider of a profile. Keep it: it can be used any number of times, also at once. */
export class Engine {
  #policy;
  #links;

  /**
   * @param {string} name @param {Settings} settings @param {import("./profile.js").Policy} policy
   * @param {Map<Role, Link>} links
   */
  constructor(name, settings, policy, links) {
    this.#policy = policy;
    this.#links = links;
    this.name = name;
    this.settings = settings;
  }

  /** What is known of the model. @returns {import("./model-info.js").ModelInfo} */
  get modelInfo() {
    return modelInfo(this.settings.section("model_info"));
  }

  /** Where the requests of a role go (chat, embeddings, rerank), with Credentials. Throws NoEngine. @param {Role} role */
  async endpoint(role = "chat") {
    return (await this.#link(role)).endpoint;
  }

  /** How they get there: the proxy, and the time limit in seconds, each null where there is none. @param {Role} role */
  async route(role = "chat") {
    const { proxy, peer } = await this.#link(role);
    return { proxy, timeout: peer.timeout };
  }

  /** What `run` or `stream` would send. Throws BadOption, UnsupportedParameter, NoEngine.
   * @param {Messages} messages @param {{stream?: boolean}} [options] @returns {Promise<import("./wire/request.js").Request>} */
  async request(messages, { stream = false } = {}) {
    const reached = await this.endpoint();
    return compose.chat(this.settings, reached, await conversation(messages), stream, this.#policy);
  }

  /** The whole answer. Throws the errors of this package, or the signal's reason, nothing else.
   * @param {Messages} messages @param {Call} [call] @returns {Promise<Reply>} */
  async run(messages, { signal } = {}) {
    const { transport, endpoint, peer } = await this.#link("chat");
    const body = await transport.send(await this.request(messages), signal);
    return answers.reply(body, endpoint.protocol, this.settings, peer);
  }

  /** The answer as it comes in. It is whole only where the last Delta has come: one that breaks off throws.
   * @param {Messages} messages @param {Call} [call] @returns {AsyncGenerator<Delta, void, void>} */
  async *stream(messages, { signal } = {}) {
    const { transport, endpoint, peer } = await this.#link("chat");
    const request = await this.request(messages, { stream: true });
    const incoming = new answers.Incoming(endpoint.protocol, this.settings, peer);
    for await (const chunk of transport.stream(request, signal)) {
      yield* incoming.feed(chunk);
      if (incoming.isOver) break;
    }
    yield await incoming.end();
  }

  /** One vector for each text, in their order. Throws NoEngine where the profile names no model for it.
   * @param {readonly string[]} texts @param {Call} [call] @returns {Promise<Embeddings>} */
  async embed(texts, { signal } = {}) {
    const { transport, endpoint, peer } = await this.#link("embeddings");
    const checked = textsOf(texts, "texts");
    /** @type {Embeddings[]} */
    const parts = [];
    for (let begin = 0; begin < checked.length; begin += BATCH) {
      const batch = checked.slice(begin, begin + BATCH);
      const body = await transport.send(await compose.embed(this.settings, endpoint, batch, this.#policy), signal);
      parts.push(await answers.vectors(body, batch.length, this.settings, peer));
    }
    return joined(parts);
  }

  /** The documents' indexes and scores, the most relevant first; at most `topN` of them.
   * @param {string} query @param {readonly string[]} documents @param {Call & {topN?: number}} [call]
   * @returns {Promise<import("./reply.js").Ranked[]>} */
  async rerank(query, documents, { topN, signal } = {}) {
    const { transport, endpoint, peer, largestResponse } = await this.#link("rerank");
    const texts = textsOf(documents, "documents");
    const request = await compose.rank(this.settings, endpoint, query, texts, topN, this.#policy);
    const [largest, size] = [this.settings.get("rerank.max_request_bytes"), request.content.length];
    if (largest && size > largest) {
      const of = `\`rerank.max_request_bytes\` of profile ${quoted(this.settings.name)}`;
      throw new BadOption(`the request is ${size} bytes long, ${of} is ${largest}`, "give fewer documents, or shorter ones", {
        option: "documents",
      });
    }
    return answers.ranks(await transport.send(request, signal, largestResponse), texts.length, peer);
  }

  toString() {
    return `<Engine ${this.name}>`;
  }

  /** Its name, and its settings without credentials. */
  toJSON() {
    return { name: this.name, settings: this.settings.values };
  }

  [INSPECT]() {
    return this.toString();
  }

  /** @param {Role} role @returns {Promise<Link>} */
  async #link(role) {
    if (!Object.hasOwn(ROLES, role)) {
      throw new BadOption(`${quoted(role)} is not one of ${Object.keys(ROLES).join(", ")}`, null, { option: "role" });
    }
    const found = this.#links.get(role) ?? (await link(this.settings, role));
    this.#links.set(role, found);
    return found;
  }
}

/** @param {string} name @param {Settings} settings @param {Map<Role, Link>} links */
function leftAlone(name, settings, links) {
  const endpoints = [...links.values()].map((each) => each.endpoint);
  const taken = endpoints.flatMap(({ protocol, apiType }) => Object.keys(column(protocol, apiType)));
  const used = new Set(["api", "client", "model_info", ...links.keys(), ...taken.map((field) => field.split(".")[0])]);
  const others = Object.keys(settings.values).filter((section) => !used.has(section));
  const protocols = endpoints.map(({ protocol }) => protocol).join(", ");
  return `${name}: sections left alone by ${protocols}: ${others.join(", ") || "none"}`;
}

/** @param {readonly string[]} texts @param {string} option @returns {string[]} */
function textsOf(texts, option) {
  if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return [...texts];
  throw new BadOption(`\`${option}\` is not an array of texts`, null, { option });
}

/** @param {Embeddings[]} parts */
function joined(parts) {
  const usages = parts.map((part) => part.usage);
  const costs = parts.map((part) => part.cost);
  const inputTokens = usages.reduce((sum, usage) => sum + (usage?.inputTokens ?? 0), 0);
  return new Embeddings(
    parts.flatMap((part) => part.vectors),
    usages.includes(null) ? null : { inputTokens, outputTokens: 0 },
    costs.includes(null) ? null : costs.reduce((/** @type {number} */ sum, each) => sum + (each ?? 0), 0),
  );
}
