// what happened on the wire -> errors that name the profile and the host, and hold no credential.

import { ConnectionFailed, ProviderRefused, RateLimited, ReplyUnreadable, StreamBroken, Timeout } from "./failures.js";
import { isMapping, own } from "./own.js";
import { ROLES } from "./providers.js";
import { clipped, printable, quoted } from "./text.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {import("./endpoint.js").Endpoint} Endpoint */

const LONGEST_MESSAGE = 1000;
const REQUEST_IDS = ["x-request-id", "request-id", "x-goog-request-id", "cf-ray"];
/** @type {Record<number, string>} */
const HINTS = {
  0: "its message says why",
  400: "its message names the setting; profile.explain() tells which layer set it",
  429: "ask less often, or wait as long as `retryAfter` says",
};

/** The provider that one profile asks, as errors name it: with the field, and the layer that set it, to look at. */
export class Peer {
  #settings;
  #endpoint;
  #credentials;

  /**
   * @param {Settings} settings @param {Endpoint} endpoint @param {number | null} timeout in seconds
   * @param {import("./credentials.js").Credential[]} credentials
   */
  constructor(settings, endpoint, timeout, credentials) {
    this.#settings = settings;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.host = endpoint.host;
    this.timeout = timeout;
  }

  /** The error for an answer that is no success. @param {number} status @param {Headers} headers @param {string} body */
  async refused(status, headers, body) {
    const isRedirect = status >= 300 && status < 400;
    const message = isRedirect ? "it redirects elsewhere, which is never followed" : providerMessage(body);
    return this.#providerRefused(status, headers, message);
  }

  /** The error for what a provider tells in the middle of an answer. @param {string} message @param {string} kind */
  async told(message, kind) {
    const described = kind && !message.includes(kind) ? `${kind}: ${message}` : message;
    const status = kind.includes("rate_limit") || kind === "RESOURCE_EXHAUSTED" ? 429 : null;
    return this.#providerRefused(status, new Headers(), described);
  }

  /** @param {string} phase */
  async timedOut(phase) {
    if (this.timeout === null) return this.unreachable("the machine's own time limit has passed");
    const { where, details } = await this.#lookAt("client.timeout");
    return new Timeout(
      `${this.host} took longer than ${this.timeout} s ${phase} (${this.#ofProfile})`,
      `raise ${where}, or find out why it is slow`,
      { seconds: this.timeout, phase, ...details },
    );
  }

  /** Why a stream is broken off that nothing comes from any more. */
  stalled() {
    const limit = this.timeout ? `${this.timeout} s, which is \`client.timeout\`` : "the machine's own time limit";
    return `nothing came for ${limit}`;
  }

  /** No answer began; `isFinal` where another attempt would meet the same, as with a certificate.
   * @param {string} reason @param {boolean} isFinal */
  async unreachable(reason, isFinal = false) {
    const { where, details } = await this.#lookAt(this.#endpoint.urlAt.field, this.#endpoint.urlAt.key);
    return new ConnectionFailed(
      `no answer from ${this.host}: ${this.#clean(reason)} (${this.#ofProfile})`,
      `see that ${where} is right, that the server runs, and whether a proxy is in between`,
      { host: this.host, isFinal, ...details },
    );
  }

  /** @param {string} reason @param {number} received in bytes */
  async broken(reason, received) {
    return new StreamBroken(
      `the answer of ${this.host} broke off after ${received} bytes: ${this.#clean(reason)} (${this.#ofProfile})`,
      "ask again; what came in until then is not the whole answer",
      { profile: this.#settings.name, received },
    );
  }

  /** @param {string} reason @param {string | null} text the answer, where it is one that does not follow the schema */
  async unreadable(reason, text = null) {
    const { where, details } = await this.#lookAt(this.#endpoint.urlAt.field, this.#endpoint.urlAt.key);
    return new ReplyUnreadable(
      `the answer of ${this.host} cannot be used: ${this.#clean(reason)} (${this.#ofProfile})`,
      text === null ? `see that ${where} and \`chat.api_type\` belong together` : "ask again, or relax the schema",
      { text, ...details },
    );
  }

  /** @param {number | null} status @param {Headers} headers @param {string} told */
  async #providerRefused(status, headers, told) {
    const message = this.#clean(told);
    const written = REQUEST_IDS.map((name) => headers.get(name)).find((value) => value !== null) ?? null;
    const requestId = written === null ? null : this.#clean(written);
    const { hint, details } = await this.#remedy(status);
    Object.assign(details, { status, providerMessage: message, requestId });
    const withStatus = status ? ` with status ${status}` : "";
    const text = `${this.host} refused${withStatus}: ${message} (${this.#ofProfile}${requestId ? `, request ${requestId}` : ""})`;
    const seconds = retryAfter(headers);
    if (status === 429) return new RateLimited(text, hint, { ...details, retryAfter: seconds });
    return new ProviderRefused(text, hint, seconds === null ? details : { ...details, retryAfter: seconds });
  }

  /** What to do about a status, with the field to look at. @param {number | null} status */
  async #remedy(status) {
    const { urlAt, keyAt, role } = this.#endpoint;
    if (status === 401 || status === 403) {
      const { where, details } = await this.#lookAt(keyAt.field, keyAt.key);
      return { hint: `see to the credential: ${where}`, details };
    }
    if (status === 404) {
      const { where, details } = await this.#lookAt(ROLES[role]);
      return { hint: `see that ${where} names a model of this provider, and that the base URL is right`, details };
    }
    if (status !== null && status >= 300 && status < 400) {
      const { where, details } = await this.#lookAt(urlAt.field, urlAt.key);
      return { hint: `set ${where} to where it redirects`, details };
    }
    /** @type {Record<string, unknown>} */
    const details = { profile: this.#settings.name };
    return { hint: HINTS[status ?? 0] ?? HINTS[0], details };
  }

  /** A field in words, with who set it, and as details of an error. @param {string} field @param {string} key */
  async #lookAt(field, key = "") {
    const name = key ? `${field}.${key}` : field;
    const layer = field ? await this.#settings.layer(field, key || undefined) : "";
    /** @type {Record<string, unknown>} */
    const details = { profile: this.#settings.name, field: name, layer };
    if (!field) return { where: `the address ${this.host}`, details };
    const reference = key ? own(own(this.#settings.get(field), key), "$secret") : undefined;
    const refers = reference === undefined ? "" : `, refers to ${quoted(reference)}`;
    return { where: `\`${name}\`${layer ? ` (set by ${layer}${refers})` : ""}`, details };
  }

  get #ofProfile() {
    return `profile ${quoted(this.#settings.name)}`;
  }

  /** @param {string} text */
  #clean(text) {
    let masked = text;
    for (const credential of this.#credentials) masked = credential.mask(masked);
    return printable(clipped(masked, LONGEST_MESSAGE));
  }
}

/** What the provider says in an error's body, whatever its shape. @param {string} body */
function providerMessage(body) {
  const text = body.trim();
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    return text || "no message";
  }
  if (Array.isArray(document) && document.length) [document] = document;
  let error = own(document, "error") ?? document;
  if (isMapping(error)) error = own(error, "message") || own(error, "detail") || error;
  return typeof error === "string" ? error : JSON.stringify(error);
}

/** The seconds of `retry-after-ms` or `retry-after`, which may also be a date. @param {Headers} headers @returns {number | null} */
function retryAfter(headers) {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds && Number.isFinite(Number(milliseconds))) return Math.max(0, Number(milliseconds) / 1000);
  const written = headers.get("retry-after");
  if (!written) return null;
  if (Number.isFinite(Number(written))) return Math.max(0, Number(written));
  const until = Date.parse(written) - Date.now();
  return Number.isNaN(until) ? null : Math.max(0, until / 1000);
}
