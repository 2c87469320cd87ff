// options -> engines: of a profile, of options alone, and two that ask nobody: the echo and the function.
//
// An engine has `name`, `run(messages)`, which is a promise of a Reply, and `stream(messages)`, an async iterator of Deltas.

import { BadOption } from "./errors.js";
import { normalise } from "./messages.js";
import { kindOf } from "./own.js";
import { Delta, Reply } from "./reply.js";

export { Delta, Reply };

/** @typedef {import("./messages.js").Messages} Messages @typedef {import("./messages.js").Message} Message */

/**
 * An engine of a compiled profile: the one named, else `options.profile`, else $PINOCCHIO_PROFILE, else the default.
 *
 * Options win over the profile; see Options. Without `build`, `open()` finds it.
 * Throws what `profiles.get` and `profile.engine` throw, and BadOption for an option that is not known.
 * @param {string | null} [name] @param {import("./factory.js").Options} [options]
 * @returns {Promise<import("./engine.js").Engine>}
 */
export async function fromProfile(name, options = {}) {
  const factory = await import("./factory.js");
  return factory.fromProfile(name, options);
}

/**
 * An engine of options alone; no build is opened.
 *
 * `model` implies `apiType`. Without `apiKey` and `baseURL` the credential is looked up where the provider's own SDK does
 * (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY …).
 * @param {import("./factory.js").Options} options @returns {Promise<import("./engine.js").Engine>}
 */
export async function fromConfig(options) {
  const factory = await import("./factory.js");
  return factory.fromConfig(options);
}

/**
 * An engine that answers `reply`, stripped, to everything; blank is READY. It asks nobody and costs nothing.
 * @param {{reply?: string} | string} [options]
 */
export function echo(options = {}) {
  const reply = typeof options === "string" ? options : (options?.reply ?? "READY");
  if (typeof reply !== "string") throw new BadOption(`\`reply\` is ${kindOf(reply)}, not text`, null, { option: "reply" });
  return new EchoEngine(reply.trim() || "READY");
}

/**
 * An engine that calls `run(messages)`, messages being an array of {role, content}.
 *
 * It returns a text, a Reply, an iterable or async iterable of these to stream, or a promise of one of them. What it throws
 * reaches the caller unchanged; anything else it returns is BadOption.
 * @param {(messages: Message[]) => any} run
 */
export function fromFunction(run) {
  if (typeof run === "function") return new FunctionEngine(run);
  const hint = "give a function of one argument, the messages";
  throw new BadOption(`\`function\` is ${kindOf(run)}, which cannot be called`, hint, { option: "function" });
}

/** See `echo`. */
class EchoEngine {
  #reply;
  name = "echo";

  /** @param {string} reply */
  constructor(reply) {
    this.#reply = reply;
  }

  /** @param {Messages} messages @returns {Promise<Reply>} */
  async run(messages) {
    normalise(messages);
    return new Reply(this.#reply, { usage: { inputTokens: 0, outputTokens: 0 }, cost: 0 });
  }

  /** @param {Messages} messages @returns {AsyncGenerator<Delta, void, void>} */
  async *stream(messages) {
    yield new Delta((await this.run(messages)).text);
  }
}

/** See `fromFunction`. */
class FunctionEngine {
  #run;
  name = "function";

  /** @param {(messages: Message[]) => any} run */
  constructor(run) {
    this.#run = run;
  }

  /** @param {Messages} messages @returns {Promise<Reply>} */
  async run(messages) {
    const returned = await this.#run(normalise(messages));
    if (returned instanceof Reply) return returned;
    let text = "";
    for await (const delta of deltas(returned)) text += delta.text;
    // What was streamed is used up, so it is no use as `raw`.
    return new Reply(text, { raw: typeof returned === "string" ? returned : null });
  }

  /** @param {Messages} messages @returns {AsyncGenerator<Delta, void, void>} */
  async *stream(messages) {
    yield* deltas(await this.#run(normalise(messages)));
  }
}

/** @param {any} returned @returns {AsyncGenerator<Delta, void, void>} */
async function* deltas(returned) {
  if (typeof returned === "string" || returned instanceof Reply) yield delta(returned);
  else if (isIterable(returned)) for await (const piece of returned) yield delta(piece);
  else throw wrongReturn(returned);
}

/** @param {any} value @returns {value is AsyncIterable<unknown>} */
function isIterable(value) {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** @param {unknown} piece */
function delta(piece) {
  if (piece instanceof Reply) return new Delta(piece.text);
  if (typeof piece === "string") return new Delta(piece);
  throw wrongReturn(piece);
}

/** @param {unknown} returned */
const wrongReturn = (returned) =>
  new BadOption(`the function returned ${kindOf(returned)}, not a text, a Reply or an iterable of texts`, null, {
    option: "function",
  });
