// Request -> what the provider sends back, over fetch: retried, timed, through a proxy.

import { readAll } from "./body.js";
import { BadOption, EngineProfilesError } from "./errors.js";
import * as retry from "./retry.js";
import { debug } from "./trace.js";

/**
 * @typedef {(url: string, options: RequestInit) => Promise<Response>} Fetch
 * @typedef {import("./wire/request.js").Request} Request @typedef {import("./peer.js").Peer} Peer @typedef {import("./proxy.js").Proxy} Proxy
 */

export const LARGEST_BODY = 256 << 20;
const LARGEST_ERROR = 1 << 20;
// What may still come after the end of an answer, before its connection is given up rather than kept.
const DRAIN_MILLISECONDS = 200;
const CUT = "the connection was closed within it";

/** The way to one provider. */
export class Transport {
  #peer;

  /** @param {Peer} peer @param {Fetch} fetching */
  constructor(peer, fetching) {
    this.#peer = peer;
    this.fetch = fetching;
  }

  /**
   * The bytes of the whole answer to the request, which is a success; anything else is one of our errors, or the
   * signal's reason.
   * @param {Request} request @param {AbortSignal | undefined} signal @param {number} largest @returns {Promise<Uint8Array>}
   */
  async send(request, signal, largest = LARGEST_BODY) {
    return this.#attempts(signal, async () => {
      const limit = new Limit(this.#peer.timeout, signal);
      try {
        const response = await this.#open(request, limit);
        return await this.#readWhole(response, limit, largest);
      } finally {
        limit.end();
      }
    });
  }

  /**
   * The answer's bytes as they come in. Leaving the loop closes the connection.
   * @param {Request} request @param {AbortSignal} [signal] @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *stream(request, signal) {
    const limit = new Limit(this.#peer.timeout, signal);
    let reader;
    try {
      const response = await this.#attempts(signal, () => this.#open(request, limit));
      reader = response.body.getReader();
      for (let received = 0; ; ) {
        limit.start();
        const { done, value } = await reader.read().catch(async (error) => {
          throw limit.reasonOf(error) ?? (await this.#peer.broken(isTimeout(error, limit) ? this.#peer.stalled() : CUT, received));
        });
        if (done) return;
        received += value.length;
        // While the caller is at work, nobody waits for the provider.
        limit.stop();
        yield value;
      }
    } finally {
      const isWhole = reader && !limit.signal.aborted && (await drain(reader));
      if (isWhole) limit.end();
      else limit.close();
    }
  }

  /** @template T @param {AbortSignal | undefined} signal @param {() => Promise<T>} once @returns {Promise<T>} */
  async #attempts(signal, once) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once();
      } catch (error) {
        const seconds = retry.pause(attempt, error);
        if (seconds === null) throw error;
        const { code } = /** @type {EngineProfilesError} */ (error);
        debug(() => `${this.#peer.host}: attempt ${attempt} failed (${code}), the next one in ${seconds.toFixed(2)} s`);
        await sleep(seconds, signal);
      }
    }
  }

  /** A successful answer that begins, or one of our errors. @param {Request} request @param {Limit} limit */
  async #open(request, limit) {
    limit.start();
    /** @type {Response} */
    let response;
    try {
      response = await this.fetch(request.url, {
        method: "POST",
        headers: request.revealedHeaders(),
        body: request.content,
        redirect: "manual",
        signal: limit.signal,
      });
    } catch (error) {
      limit.stop();
      throw limit.reasonOf(error) ?? (await this.#failure(error, limit));
    }
    if (response.ok && response.body) return /** @type {Response & {body: ReadableStream<Uint8Array>}} */ (response);
    // A browser hides where a redirect leads, and that it is one.
    const status = response.type === "opaqueredirect" ? 302 : response.status;
    const body = await this.#errorBody(response, limit);
    limit.stop();
    throw await this.#peer.refused(status, response.headers, body);
  }

  /** Our error where no answer has begun. @param {unknown} error @param {Limit} limit */
  #failure(error, limit) {
    if (isTimeout(error, limit)) return this.#peer.timedOut("to answer");
    const code = codeOf(error);
    return this.#peer.unreachable(reasonOf(code), isFinal(code));
  }

  /** @param {Response} response @param {Limit} limit */
  async #errorBody(response, limit) {
    try {
      return response.body ? new TextDecoder().decode(await readAll(response.body, LARGEST_ERROR)) : "";
    } catch (error) {
      const reason = limit.reasonOf(error);
      if (reason) throw reason;
      return "";
    }
  }

  /** @param {Response & {body: ReadableStream<Uint8Array>}} response @param {Limit} limit @param {number} largest */
  async #readWhole(response, limit, largest) {
    limit.start();
    let body;
    try {
      body = await readAll(response.body, largest + 1);
    } catch (error) {
      const reason = limit.reasonOf(error);
      if (reason) throw reason;
      throw await (isTimeout(error, limit) ? this.#peer.timedOut("to send its answer") : this.#peer.broken(CUT, 0));
    }
    if (body.length > largest) throw await this.#peer.unreadable(`it is over ${largest} bytes long`);
    return body;
  }
}

/** fetch, through a proxy if there is one. Node's own has no proxies: that takes the optional package undici.
 * @param {Proxy | null} proxy @returns {Promise<Fetch>} */
export async function fetchThrough(proxy) {
  // Called as a method of something else, a browser's throws.
  if (!proxy) return (url, options) => globalThis.fetch(url, options);
  /** @type {any} */
  let undici;
  try {
    undici = await import("undici");
  } catch {
    const hint = "npm install undici (undici@6 for Node 20); or set `client.proxy_from_environment: false`";
    throw new BadOption("the proxy needs the package undici, which is not installed", hint, { option: "client.proxy_url" });
  }
  const dispatcher = new undici.ProxyAgent({ uri: proxy.url, token: proxy.credential?.reveal() });
  // Its own fetch, since the agent of one release of undici does not fit into the fetch of another.
  return (url, options) => undici.fetch(url, { ...options, dispatcher });
}

/** The time limit of what is being done, and the caller's signal, as one signal. */
class Limit {
  #controller = new AbortController();
  #milliseconds;
  #signal;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #abort = () => this.#controller.abort();
  isOver = false;

  /** @param {number | null} seconds @param {AbortSignal} [signal] */
  constructor(seconds, signal) {
    signal?.throwIfAborted();
    this.#milliseconds = seconds === null ? null : seconds * 1000;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get signal() {
    return this.#controller.signal;
  }

  /** From now on it may take as long as the limit says. */
  start() {
    this.stop();
    if (this.#milliseconds === null) return;
    // A timer waits for 24 days at most.
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#controller.abort();
    }, Math.min(this.#milliseconds, 2 ** 31 - 1));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  end() {
    this.stop();
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  /** End, and give the connection up. */
  close() {
    this.end();
    this.#controller.abort();
  }

  /** Why the caller has called it off, where that is what the error comes from. @param {unknown} error */
  reasonOf(error) {
    return error instanceof EngineProfilesError ? error : this.#signal?.aborted ? this.#signal.reason : undefined;
  }
}

/** @param {number} seconds @param {AbortSignal | undefined} signal @returns {Promise<void>} */
function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Read what is left of an answer, if that is little and at hand. Then its connection can be used again.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader @returns {Promise<boolean>} */
async function drain(reader) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<boolean>} */
  const isLate = new Promise((resolve) => (timer = setTimeout(resolve, DRAIN_MILLISECONDS, false)));
  const isWhole = reader
    .read()
    .then(async ({ done }) => done || (await reader.read()).done)
    .catch(() => false);
  try {
    return await Promise.race([isWhole, isLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** undici gives up by itself after five minutes. @param {any} error @param {Limit} limit */
const isTimeout = (error, limit) => limit.isOver || /^UND_ERR_.*TIMEOUT$/.test(error?.cause?.code ?? "");

/** @type {Record<string, string>} */
const REASONS = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up",
  UND_ERR_ABORTED: "the proxy opens no tunnel",
  UND_ERR_SOCKET: "it closed the connection without an answer",
  HPE_INVALID_CONSTANT: "it does not speak HTTP",
};

/** @param {any} error */
const codeOf = (error) => String(error?.cause?.code ?? error?.code ?? error?.name ?? "error");

/** A certificate, or a proxy that opens no tunnel. @param {string} code */
const isFinal = (code) => /CERT|SELF_SIGNED|UNABLE_TO|UND_ERR_ABORTED/.test(code);

/** In words. The message of an error of fetch may hold what was sent, so it is left out. @param {string} code */
function reasonOf(code) {
  if (Object.hasOwn(REASONS, code)) return REASONS[code];
  return isFinal(code) ? `its certificate was not accepted: ${code}` : code;
}
