// a provider's counts of tokens -> Usage, the same for all providers.

/**
 * Null where a provider says nothing; what it does not tell is left out, and of the last three what is 0.
 * @param {unknown} input @param {unknown} output
 * @param {{cacheRead?: unknown, cacheWrite?: unknown, reasoning?: unknown}} further
 * @returns {import("../reply.js").Usage | null}
 */
export function usage(input, output, { cacheRead, cacheWrite, reasoning } = {}) {
  if (!isCount(input) && !isCount(output)) return null;
  return {
    ...(isCount(input) && { inputTokens: input }),
    ...(isCount(output) && { outputTokens: output }),
    ...(count(cacheRead) && { cacheReadTokens: count(cacheRead) }),
    ...(count(cacheWrite) && { cacheWriteTokens: count(cacheWrite) }),
    ...(count(reasoning) && { reasoningTokens: count(reasoning) }),
  };
}

/** @param {unknown} value @returns {value is number} */
const isCount = (value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;

/** @param {unknown} value @returns {number} */
export const count = (value) => (isCount(value) ? value : 0);
