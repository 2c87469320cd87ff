// failure + number of the attempt -> how long to wait before the next one, or not to.

import { ConnectionFailed, ProviderRefused } from "./failures.js";

const ATTEMPTS = 3;
const FIRST_PAUSE = 0.5; // seconds; each further one is twice as long
const LONGEST_PAUSE = 8;
// A provider that wants a longer pause gets none: whoever called decides.
const LONGEST_RETRY_AFTER = 60;

/** Seconds to wait after the attempt of that number (from 1) failed; null to give up.
 * @param {number} attempt @param {any} failure @returns {number | null} */
export function pause(attempt, failure) {
  if (attempt >= ATTEMPTS || !isTransient(failure)) return null;
  const wanted = failure.details.retryAfter;
  if (typeof wanted === "number") return wanted <= LONGEST_RETRY_AFTER ? wanted : null;
  // Without the jitter, clients that failed together would come back together.
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

/** Whether the same request may succeed later. A timeout may not be repeated: it would double what was allowed.
 * @param {unknown} failure */
export function isTransient(failure) {
  if (failure instanceof ConnectionFailed) return !failure.details.isFinal;
  if (!(failure instanceof ProviderRefused)) return false;
  const status = failure.status ?? 0;
  return [408, 409, 429].includes(status) || (status >= 500 && status !== 501);
}
