// what an engine answers: a Reply at once, or Deltas one after the other.

/**
 * @typedef {object} Usage Counts of tokens, the same for all providers.
 * @property {number} [inputTokens] the whole input, cached tokens included; absent where it is not told, as the others
 * @property {number} [outputTokens] the whole output, reasoning included
 * @property {number} [cacheReadTokens]
 * @property {number} [cacheWriteTokens]
 * @property {number} [reasoningTokens]
 */

/** A whole answer. */
export class Reply {
  /**
   * @param {string} text
   * @param {object} [further]
   * @param {Usage | null} [further.usage] null where unknown
   * @param {number | null} [further.cost] in USD; null where unknown
   * @param {string | null} [further.finishReason] stop, length, content_filter, refusal, tool_calls, or the provider's word
   * @param {unknown} [further.raw] what the provider, or the function, returned
   * @param {string | null} [further.reasoning] what the model thought, where a provider tells it
   */
  constructor(text, { usage = null, cost = null, finishReason = "stop", raw = null, reasoning = null } = {}) {
    this.text = text;
    this.usage = usage;
    this.cost = cost;
    this.finishReason = finishReason;
    this.raw = raw;
    this.reasoning = reasoning;
  }
}

/**
 * A piece of an answer, while it comes in: more `text`, or more `reasoning`.
 * The last one of a provider's answer has `finishReason`, `usage` and `cost`, as in a Reply, and no text.
 */
export class Delta {
  /**
   * @param {string} text
   * @param {{reasoning?: string | null, usage?: Usage | null, cost?: number | null, finishReason?: string | null}} [further]
   */
  constructor(text, { reasoning = null, usage = null, cost = null, finishReason = null } = {}) {
    this.text = text;
    this.reasoning = reasoning;
    this.usage = usage;
    this.cost = cost;
    this.finishReason = finishReason;
  }
}

/** One vector for each text, in their order; `usage` and `cost` as in a Reply. */
export class Embeddings {
  /** @param {number[][]} vectors @param {Usage | null} usage @param {number | null} cost */
  constructor(vectors, usage = null, cost = null) {
    this.vectors = vectors;
    this.usage = usage;
    this.cost = cost;
  }
}

/** How relevant the document at `index` is: the higher the `score`, the more. */
export class Ranked {
  /** @param {number} index @param {number} score */
  constructor(index, score) {
    this.index = index;
    this.score = score;
  }
}
