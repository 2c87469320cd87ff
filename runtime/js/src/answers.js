// what came back -> Reply, Deltas, vectors and ranks; and whether they are what was asked for.

import { cost } from "./costs.js";
import { EngineProfilesError } from "./errors.js";
import { Delta, Embeddings } from "./reply.js";
import { problem } from "./schema-check.js";
import { Events, Malformed } from "./sse.js";
import { CHAT } from "./wire/compose.js";
import * as embeddings from "./wire/embeddings.js";
import { ProviderError } from "./wire/provider-error.js";
import * as rerank from "./wire/rerank.js";
import { parse } from "./wire/structured.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {import("./peer.js").Peer} Peer @typedef {import("./reply.js").Ranked} Ranked */

const DONE = "[DONE]";

/** The Reply in a whole answer. Throws ReplyUnreadable, ProviderRefused, RateLimited.
 * @param {Uint8Array} body @param {string} protocol @param {Settings} settings @param {Peer} peer */
export function reply(body, protocol, settings, peer) {
  const found = read(body, peer, CHAT[protocol].reply);
  found.cost = cost(settings.section("model_info"), found.usage);
  requireValid(found.text, found.finishReason, settings, peer);
  return found;
}

/** The vectors of `count` texts. Throws ReplyUnreadable where there are more or fewer, or of another size.
 * @param {Uint8Array} body @param {number} count @param {Settings} settings @param {Peer} peer */
export function vectors(body, count, settings, peer) {
  const found = read(body, peer, embeddings.vectors);
  if (found.vectors.length !== count) throw peer.unreadable(`it holds ${found.vectors.length} vectors for ${count} texts`);
  const wanted = settings.get("embeddings.dimensions");
  const other = wanted && found.vectors.find((vector) => vector.length !== wanted);
  if (other) throw peer.unreadable(`\`embeddings.dimensions\` is ${wanted}, its vectors have ${other.length}`);
  return new Embeddings(found.vectors, found.usage, cost(settings.section("model_info"), found.usage));
}

/** The documents in order of relevance. Throws ReplyUnreadable.
 * @param {Uint8Array} body @param {number} count @param {Peer} peer */
export const ranks = (body, count, peer) => read(body, peer, (document) => rerank.ranked(document, count));

/** An answer that comes in as an event stream. */
export class Incoming {
  #stream;
  #settings;
  #peer;
  #events = new Events();
  #received = 0;
  /** @type {string[]} */
  #texts = [];
  isOver = false;

  /** @param {string} protocol @param {Settings} settings @param {Peer} peer */
  constructor(protocol, settings, peer) {
    this.#stream = new CHAT[protocol].Stream();
    this.#settings = settings;
    this.#peer = peer;
  }

  /** The Deltas that are whole with this chunk. Throws StreamBroken, ProviderRefused, RateLimited.
   * @param {Uint8Array} chunk @returns {Delta[]} */
  feed(chunk) {
    this.#received += chunk.length;
    try {
      const deltas = [...this.#deltas(chunk)].map(checked);
      this.#texts.push(...deltas.map((delta) => delta.text));
      return deltas;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** The last Delta, if the answer is whole. Throws StreamBroken, ReplyUnreadable. @returns {Delta} */
  end() {
    const { finishReason, usage } = this.#stream;
    if (finishReason === null || (!this.isOver && !this.#events.isBetween)) {
      throw this.#peer.broken("it ended without saying why", this.#received);
    }
    requireValid(this.#texts.join(""), finishReason, this.#settings, this.#peer);
    return new Delta("", { usage, cost: cost(this.#settings.section("model_info"), usage), finishReason });
  }

  /** @param {Uint8Array} chunk */
  *#deltas(chunk) {
    for (const { event, data } of this.#events.feed(chunk)) {
      if (data.trim() === DONE) this.isOver = true;
      if (this.isOver) return;
      yield* this.#stream.deltas(event, JSON.parse(data));
      this.isOver = this.#stream.isOver;
    }
  }

  /** @param {unknown} error */
  #failure(error) {
    if (error instanceof ProviderError) return this.#peer.told(error.message, error.kind);
    if (error instanceof Malformed) return this.#peer.broken(error.message, this.#received);
    return this.#peer.broken("a piece of it is not what the protocol says", this.#received);
  }
}

/** Where the settings ask for it: a reply that does not follow the JSON Schema is ReplyUnreadable.
 * @param {string} text @param {string | null} finishReason @param {Settings} settings @param {Peer} peer */
export function requireValid(text, finishReason, settings, peer) {
  const schema = parse(settings.get("chat.structured_output_schema"));
  const isOn = String(settings.get("chat.structured_output_mode") ?? "").toLowerCase() === "json_schema";
  if (!isOn || !schema || !settings.get("chat.structured_output_require_valid")) return;
  let found;
  try {
    found = problem(JSON.parse(text), schema);
  } catch {
    found = "it is not JSON";
  }
  if (!found) return;
  const ended = finishReason === "stop" ? "" : `, and it ended with '${finishReason}'`;
  throw peer.unreadable(`it does not follow \`chat.structured_output_schema\`: ${found}${ended}`, text);
}

/** @template T @param {Uint8Array} body @param {Peer} peer @param {(document: any) => T} readDocument @returns {T} */
function read(body, peer, readDocument) {
  let document;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw peer.unreadable("it is not JSON");
  }
  try {
    const found = readDocument(document);
    if (found !== null && typeof found === "object" && "text" in found) checked(found);
    return found;
  } catch (error) {
    if (error instanceof EngineProfilesError) throw error;
    if (error instanceof ProviderError) throw peer.told(error.message, error.kind);
    throw peer.unreadable("its JSON is not what the protocol says", document);
  }
}

/** JavaScript joins what is no text to a text without complaint. @template {{text: any, reasoning?: any}} T @param {T} found @returns {T} */
function checked(found) {
  if (typeof found.text === "string" && (found.reasoning == null || typeof found.reasoning === "string")) return found;
  throw new TypeError("a text is no text");
}
