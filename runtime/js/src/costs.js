// model_info -> the limits to plan with, and what a usage costs.

import { isMapping, own } from "./own.js";

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
 * `{}` as `cost` is free. A price that is not there is unknown, and matters where something is paid by it; but cached
 * tokens without a price of their own are paid as input.
 * @param {unknown} info @param {import("./reply.js").Usage | null | undefined} usage @returns {number | null}
 */
export function cost(info, usage) {
  const prices = own(info, "cost");
  if (!isMapping(prices) || !usage) return null;
  if (!Object.keys(prices).length) return 0;
  const { inputTokens: whole, outputTokens: output, cacheReadTokens: read = 0, cacheWriteTokens: write = 0 } = usage;
  if (!isAmount(whole) || !isAmount(output) || !isAmount(read) || !isAmount(write)) return null;
  const amounts = { cache_read: read, cache_write: write, input: Math.max(0, whole - read - write), output };
  let total = 0;
  for (const [name, amount] of Object.entries(amounts)) {
    const price = own(prices, name) ?? (name.startsWith("cache") ? own(prices, "input") : null);
    if (amount && !isAmount(price)) return null;
    if (amount) total += amount * price;
  }
  return total / 1_000_000;
}

/** A number from 0 that stays exact, if it is whole. @param {unknown} value @returns {value is number} */
const isAmount = (value) => typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
