// what happened on the wire -> errors that name the profile and the host, and hold no credential.

import { ConnectionFailed, ProviderRefused, RateLimited, ReplyUnreadable, StreamBroken, Timeout } from "./failures.js";
import { isMapping, own } from "./own.js";
import { clipped, printable, quoted } from "./text.js";

const LONGEST_MESSAGE = 1000;
const REQUEST_IDS = ["x-request-id", "request-id", "x-goog-request-id", "cf-ray"];
/** @type {Record<number, string>} */
const HINTS = {
  400: "its message names the setting; profile.explain() tells which layer set it",
  401: "see to the credential: profile.requires lists the references",
  403: "the credential may not do this; profile.requires lists the references",
  404: "see that the model's name and the base URL are right",
  429: "ask less often, or wait as long as `retryAfter` says",
};
const ANY_HINT = "its message says why";

/** The provider that one profile asks, as errors name it. */
export class Peer {
  #credentials;

  /**
   * @param {string} profile @param {string} host @param {number | null} timeout in seconds
   * @param {import("./credentials.js").Credential[]} credentials
   */
  constructor(profile, host, timeout, credentials) {
    this.#credentials = credentials;
    this.profile = profile;
    this.host = host;
    this.timeout = timeout;
  }

  /** The error for an answer that is no success. @param {number} status @param {Headers} headers @param {string} body */
  refused(status, headers, body) {
    if (status >= 300 && status < 400) {
      const message = "it redirects elsewhere, which is never followed";
      return this.#providerRefused(status, headers, message, "set the base URL it redirects to");
    }
    return this.#providerRefused(status, headers, providerMessage(body), HINTS[status] ?? null);
  }

  /** The error for what a provider tells in the middle of an answer. @param {string} message @param {string} kind */
  told(message, kind) {
    const described = kind && !message.includes(kind) ? `${kind}: ${message}` : message;
    const status = kind.includes("rate_limit") || kind === "RESOURCE_EXHAUSTED" ? 429 : null;
    return this.#providerRefused(status, new Headers(), described, null);
  }

  /** @param {string} phase */
  timedOut(phase) {
    return new Timeout(
      `${this.host} took longer than ${this.timeout} s ${phase} (profile ${quoted(this.profile)})`,
      "raise `client.timeout`, or find out why it is slow",
      { profile: this.profile, seconds: this.timeout, phase },
    );
  }

  /** Why a stream is broken off that nothing comes from any more. */
  stalled() {
    return `nothing came for ${this.timeout} s, which is \`client.timeout\``;
  }

  /** @param {string} reason */
  unreachable(reason) {
    return new ConnectionFailed(
      `no answer from ${this.host}: ${this.#clean(reason)} (profile ${quoted(this.profile)})`,
      "see that the base URL is right, that the server runs, and whether a proxy is in between",
      { profile: this.profile, host: this.host },
    );
  }

  /** @param {string} reason @param {number} received in bytes */
  broken(reason, received) {
    return new StreamBroken(
      `the answer of ${this.host} broke off after ${received} bytes: ${this.#clean(reason)} (profile ${quoted(this.profile)})`,
      "ask again; what came in until then is not the whole answer",
      { profile: this.profile, received },
    );
  }

  /** @param {string} reason @param {unknown} raw */
  unreadable(reason, raw = null) {
    return new ReplyUnreadable(
      `the answer of ${this.host} cannot be used: ${this.#clean(reason)} (profile ${quoted(this.profile)})`,
      "see that the base URL and `chat.api_type` belong together",
      { profile: this.profile, raw },
    );
  }

  /** @param {number | null} status @param {Headers} headers @param {string} told @param {string | null} hint */
  #providerRefused(status, headers, told, hint) {
    const message = this.#clean(told);
    const written = REQUEST_IDS.map((name) => headers.get(name)).find((value) => value !== null);
    const requestId = written === undefined || written === null ? null : this.#clean(written);
    const details = { profile: this.profile, status, providerMessage: message, requestId };
    const withId = requestId ? `, request ${requestId}` : "";
    const withStatus = status ? ` with status ${status}` : "";
    const text = `${this.host} refused${withStatus}: ${message} (profile ${quoted(this.profile)}${withId})`;
    if (status === 429) return new RateLimited(text, HINTS[429], { ...details, retryAfter: retryAfter(headers) });
    return new ProviderRefused(text, hint ?? ANY_HINT, details);
  }

  /** @param {string} text */
  #clean(text) {
    let masked = text;
    for (const credential of this.#credentials) masked = credential.mask(masked);
    return printable(clipped(masked, LONGEST_MESSAGE));
  }
}

/** What the provider says in an error's body, whatever its shape. @param {string} body */
export function providerMessage(body) {
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
export function retryAfter(headers) {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds !== null && Number.isFinite(Number(milliseconds))) return Math.max(0, Number(milliseconds) / 1000);
  const written = headers.get("retry-after");
  if (!written) return null;
  if (Number.isFinite(Number(written))) return Math.max(0, Number(written));
  const until = Date.parse(written) - Date.now();
  return Number.isNaN(until) ? null : Math.max(0, until / 1000);
}
