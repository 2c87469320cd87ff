// bytes as they come in -> server-sent events. Knows nothing of what they mean.

const LARGEST_EVENT = 32 << 20;

/** Bytes that are no event stream; the message says why. */
export class Malformed extends Error {}

/** @typedef {{event: string, data: string}} ServerSentEvent */

/** Feed bytes, cut anywhere, and get events as soon as they are whole. */
export class Events {
  #decoder = new TextDecoder("utf-8", { fatal: true });
  #line = "";
  /** @type {string[]} */
  #data = [];
  #event = "";
  #size = 0;
  #afterCR = false;

  /** The events that end in this chunk. Throws Malformed. @param {Uint8Array} chunk @returns {ServerSentEvent[]} */
  feed(chunk) {
    let text = this.#decoded(chunk);
    if (this.#afterCR && text) {
      if (text.startsWith("\n")) text = text.slice(1); // The other half of a line break.
      this.#afterCR = false;
    }
    this.#afterCR ||= text.endsWith("\r");
    /** @type {ServerSentEvent[]} */
    const events = [];
    const lines = text.split(/\r\n|\r|\n/);
    const rest = /** @type {string} */ (lines.pop());
    for (const end of lines) {
      this.#grow(end);
      const line = this.#line;
      this.#line = "";
      if (line) this.#take(line);
      else {
        if (this.#data.length) events.push({ event: this.#event, data: this.#data.join("\n") });
        [this.#data, this.#event, this.#size] = [[], "", 0];
      }
    }
    this.#grow(rest);
    return events;
  }

  /** Whether nothing of an event has come in yet. */
  get isBetween() {
    return !this.#data.length && !this.#line;
  }

  /** @param {Uint8Array} chunk */
  #decoded(chunk) {
    try {
      return this.#decoder.decode(chunk, { stream: true });
    } catch {
      throw new Malformed("it is not UTF-8");
    }
  }

  /** @param {string} piece */
  #grow(piece) {
    this.#size += piece.length;
    if (this.#size > LARGEST_EVENT) throw new Malformed(`an event is over ${LARGEST_EVENT} characters long`);
    this.#line += piece;
  }

  /** @param {string} line */
  #take(line) {
    const colon = line.indexOf(":");
    const [field, rest] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1)];
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    // A comment (no field), `id` and `retry` say nothing here.
  }
}
