// model_info -> the limits to plan with, and what a usage costs.

import { isMapping, own, present } from "./own.js";

/**
 * The tokens to plan with: the quality watermark, at most the context window; null where neither is known.
 * @param {unknown} info @returns {number | null}
 */
export function contextLimit(info) {
  const known = [own(info, "quality_high_watermark"), own(info, "context_window")].filter((each) => each != null);
  return known.length ? Math.min(...known) : null;
}

/**
 * USD for a usage; null where the price or the usage is unknown. Prices are per million tokens.
 *
 * A price that a known `cost` leaves out is nothing, but for cached tokens: they are input, unless they have a price.
 * @param {unknown} info @param {import("./reply.js").Usage | null | undefined} usage @returns {number | null}
 */
export function cost(info, usage) {
  const prices = own(info, "cost");
  if (!isMapping(prices) || !usage) return null;
  const price = present(prices);
  const [read, write] = [usage.cacheReadTokens ?? 0, usage.cacheWriteTokens ?? 0];
  const plain = Math.max(0, (usage.inputTokens ?? 0) - read - write);
  const perInput = own(price, "input") ?? 0;
  const total =
    plain * perInput +
    read * (own(price, "cache_read") ?? perInput) +
    write * (own(price, "cache_write") ?? perInput) +
    (usage.outputTokens ?? 0) * (own(price, "output") ?? 0);
  return total / 1_000_000;
}
