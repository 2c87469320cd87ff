// a provider's counts of tokens -> Usage, the same for all providers.

/**
 * Null where a provider says nothing; what it does not tell, or tells as 0, of the last three is left out.
 * @param {unknown} input @param {unknown} output
 * @param {{cacheRead?: unknown, cacheWrite?: unknown, reasoning?: unknown}} further
 * @returns {import("../reply.js").Usage | null}
 */
export function usage(input, output, { cacheRead, cacheWrite, reasoning } = {}) {
  if (!Number.isInteger(input) && !Number.isInteger(output)) return null;
  return {
    inputTokens: count(input),
    outputTokens: count(output),
    ...(count(cacheRead) && { cacheReadTokens: count(cacheRead) }),
    ...(count(cacheWrite) && { cacheWriteTokens: count(cacheWrite) }),
    ...(count(reasoning) && { reasoningTokens: count(reasoning) }),
  };
}

/** @param {unknown} value @returns {number} */
export const count = (value) => (Number.isInteger(value) ? /** @type {number} */ (value) : 0);
