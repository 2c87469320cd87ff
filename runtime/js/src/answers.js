// what came back -> Reply, Deltas, vectors and ranks; and whether they are what was asked for.

import { cost } from "./costs.js";
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
export async function reply(body, protocol, settings, peer) {
  const found = await read(body, peer, (document) => checked(CHAT[protocol].reply(document)));
  found.cost = cost(settings.section("model_info"), found.usage);
  await requireValid(found.text, found.finishReason, settings, peer);
  return found;
}

/** The vectors of `count` texts. Throws ReplyUnreadable where there are more or fewer, or of another size.
 * @param {Uint8Array} body @param {number} count @param {Settings} settings @param {Peer} peer */
export async function vectors(body, count, settings, peer) {
  const found = await read(body, peer, embeddings.vectors);
  if (found.vectors.length !== count) throw await peer.unreadable(`it holds ${found.vectors.length} vectors for ${count} texts`);
  const wanted = settings.get("embeddings.dimensions");
  const other = wanted && found.vectors.find((vector) => vector.length !== wanted);
  if (other) throw await peer.unreadable(`\`embeddings.dimensions\` is ${wanted}, its vectors have ${other.length}`);
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

  /** The Deltas that are whole with this chunk. Throws, after them, StreamBroken, ProviderRefused, RateLimited.
   * @param {Uint8Array} chunk @returns {AsyncGenerator<Delta, void, void>} */
  async *feed(chunk) {
    this.#received += chunk.length;
    /** @type {Delta[]} */
    const deltas = [];
    const failure = await this.#take(chunk, deltas);
    this.#texts.push(...deltas.map((delta) => delta.text));
    yield* deltas;
    if (failure) throw failure;
  }

  /** The last Delta, if the answer is whole. Throws StreamBroken, ReplyUnreadable. @returns {Promise<Delta>} */
  async end() {
    const { finishReason, usage } = this.#stream;
    if (finishReason === null || (!this.isOver && !this.#events.isBetween)) {
      throw await this.#peer.broken("it ended without saying why", this.#received);
    }
    await requireValid(this.#texts.join(""), finishReason, this.#settings, this.#peer);
    return new Delta("", { usage, cost: cost(this.#settings.section("model_info"), usage), finishReason });
  }

  /** @param {Uint8Array} chunk @param {Delta[]} deltas */
  async #take(chunk, deltas) {
    try {
      for (const { event, data } of this.#events.feed(chunk)) {
        if (data.trim() === DONE) this.isOver = true;
        if (this.isOver) break;
        for (const delta of this.#stream.deltas(event, JSON.parse(data))) deltas.push(checked(delta));
        this.isOver = this.#stream.isOver;
      }
      return undefined;
    } catch (error) {
      if (error instanceof ProviderError) return this.#peer.told(error.message, error.kind);
      const reason = error instanceof Malformed ? error.message : "a piece of it is not what the protocol says";
      return this.#peer.broken(reason, this.#received);
    }
  }
}

/** Where the settings ask for it: a reply that does not follow the JSON Schema is ReplyUnreadable.
 * @param {string} text @param {string | null} finishReason @param {Settings} settings @param {Peer} peer */
export async function requireValid(text, finishReason, settings, peer) {
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
  throw await peer.unreadable(`it does not follow \`chat.structured_output_schema\`: ${found}${ended}`, text);
}

/** @template T @param {Uint8Array} body @param {Peer} peer @param {(document: any) => T} readDocument @returns {Promise<T>} */
async function read(body, peer, readDocument) {
  let document;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw await peer.unreadable("it is not JSON");
  }
  try {
    return readDocument(document);
  } catch (error) {
    if (error instanceof ProviderError) throw await peer.told(error.message, error.kind);
    throw await peer.unreadable("its JSON is not what the protocol says");
  }
}

/** The piece, if what should be text is; a provider may put anything there.
 * @template {{text: any, reasoning?: any}} T @param {T} piece @returns {T} */
function checked(piece) {
  if (typeof piece.text === "string" && (piece.reasoning === null || typeof piece.reasoning === "string")) return piece;
  throw new TypeError("a text is none");
}
