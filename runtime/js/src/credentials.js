// reference -> Credential: looked up where an engine is built, and wrapped so that nothing prints it.

import { variable } from "./environment.js";
import { BadOption } from "./errors.js";
import { MASK } from "./mask.js";
import { isMapping, kindOf, own } from "./own.js";
import { quoted } from "./text.js";

const LARGEST_FILE = 64 << 10;
// To mask less would make holes in every word.
const SHORTEST_MASKED = 4;

/** Why a reference leads to nothing, in words that hold nothing of the credential; and what to do. */
export class LookupFailed extends Error {
  /** @param {string} reason @param {string} hint */
  constructor(reason, hint) {
    super(reason);
    this.reason = reason;
    this.hint = hint;
  }
}

/** A secret text. It prints as ********, and only `reveal()` gives it. */
export class Credential {
  #value;
  #prefix;
  #aliases;

  /**
   * @param {string | null} value null until it is looked up
   * @param {string | null} reference where it is looked up (`env:NAME`); null where it was written out
   * @param {string} prefix what stands before it in a header @param {string[]} aliases other texts that give it away
   */
  constructor(value, reference = null, prefix = "", aliases = []) {
    this.#value = value;
    this.#prefix = prefix;
    this.#aliases = aliases;
    this.reference = reference;
  }

  /** What the scheme Basic makes of `user:password`. @param {string} user */
  static basic(user) {
    const colon = user.indexOf(":");
    const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(user)));
    return new Credential(encoded, null, "Basic ", [user, colon < 0 ? "" : user.slice(colon + 1)]);
  }

  /** What a settings field holds: a reference, not looked up yet, or the credential itself. @param {unknown} written */
  static of(written) {
    if (isMapping(written)) return new Credential(null, String(own(written, "$secret")));
    return new Credential(sendable(String(written)));
  }

  /** With its value. Throws LookupFailed where the reference leads to none. */
  async lookUp() {
    if (this.#value !== null || this.reference === null) return this;
    return new Credential(await lookUp(this.reference), this.reference, this.#prefix, this.#aliases);
  }

  /** The same behind a text such as `Bearer `. @param {string} prefix */
  after(prefix) {
    return new Credential(this.#value, this.reference, prefix, this.#aliases);
  }

  /** The text itself, prefix included; undefined where it was not looked up. */
  reveal() {
    return this.#value === null ? undefined : this.#prefix + this.#value;
  }

  /** The text without the credential, where it repeats it. @param {string} text */
  mask(text) {
    const secrets = [this.#value ?? "", ...this.#aliases].filter((secret) => secret.length >= SHORTEST_MASKED);
    return secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }

  toString() {
    return this.#prefix + MASK;
  }

  toJSON() {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  }
}

/** The credential that `scheme:rest` refers to. Throws LookupFailed where there is none. @param {string} reference */
export async function lookUp(reference) {
  const colon = reference.indexOf(":");
  const scheme = colon < 0 ? reference : reference.slice(0, colon);
  const resolver = colon < 0 ? undefined : RESOLVERS.get(scheme);
  if (resolver === undefined) {
    throw new LookupFailed(
      `nothing looks up references of the scheme ${quoted(scheme)}`,
      `register it: registerResolver(${JSON.stringify(scheme)}, function)`,
    );
  }
  let kind;
  try {
    const value = await resolver(reference.slice(colon + 1));
    if (typeof value === "string" && value) return sendable(value);
    kind = value === "" ? "an empty text" : "no text";
  } catch (error) {
    if (error instanceof LookupFailed) throw error;
    kind = error instanceof Error ? error.name : "an error"; // Its message could hold anything.
  }
  throw new LookupFailed(`the resolver of ${quoted(scheme)} gave ${kind}`, "see to the resolver, or to what it reads");
}

/** What a field holds that is a credential only in part, such as a URL: the text, or what it refers to. @param {unknown} written */
export const textOf = async (written) => (isMapping(written) ? lookUp(String(own(written, "$secret"))) : String(written));

/**
 * Look up references `scheme:rest` by calling `resolver(rest)`, which returns the credential, or a promise of it, or throws.
 * For the whole process. `env` and `file` are there already, and can be replaced.
 * @param {string} scheme @param {(rest: string) => string | Promise<string>} resolver
 */
export function registerResolver(scheme, resolver) {
  if (typeof scheme !== "string" || !/^[\p{L}\p{N}-]*[\p{L}\p{N}][\p{L}\p{N}-]*$/u.test(scheme)) {
    const hint = "as in `vault` for `vault:secret/openai`";
    throw new BadOption("`scheme` is not letters, digits and hyphens", hint, { option: "scheme" });
  }
  if (typeof resolver !== "function") {
    throw new BadOption(`\`resolver\` is ${kindOf(resolver)}, which cannot be called`, null, { option: "resolver" });
  }
  RESOLVERS.set(scheme, resolver);
}

/** The credential, if a header can carry it; what is wrong with it is told without it. @param {string} value */
function sendable(value) {
  if (!/[^\x20-\x7e\x80-\xff]/.test(value)) return value;
  throw new LookupFailed(
    "the credential holds line breaks or characters that no header can carry",
    "put the credential alone there, on one line",
  );
}

/** @param {string} name */
function fromEnvironment(name) {
  const value = variable(name);
  if (value?.trim()) return value.trim();
  const state = value === undefined ? "is not set" : "is empty";
  throw new LookupFailed(`the environment variable ${quoted(name)} ${state}`, `set ${name} where this runs`);
}

/** @param {string} path */
async function fromFile(path) {
  const { readUpTo, reasonOf } = await import("./files.js");
  let reason;
  try {
    const data = await readUpTo(path, LARGEST_FILE + 1);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data).replace(/[\r\n]+$/, "");
    if (text && data.length <= LARGEST_FILE) return text;
    reason = text ? `it is over ${LARGEST_FILE} bytes long` : "it is empty";
  } catch (error) {
    const code = reasonOf(error);
    reason = code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "it is not text in UTF-8" : code;
  }
  throw new LookupFailed(`the file ${quoted(path)} cannot be used: ${reason}`, `put the credential alone into ${path}`);
}

/** @type {Map<string, (rest: string) => string | Promise<string>>} */
const RESOLVERS = new Map();
RESOLVERS.set("env", fromEnvironment);
RESOLVERS.set("file", fromFile);
