// bytes -> SHA-256.

import { BadOption } from "./errors.js";

/** The SHA-256 of the bytes: 64 lower-case hex digits. @param {Uint8Array} data @returns {Promise<string>} */
export async function sha256(data) {
  const digest = await crypto.subtle.digest("SHA-256", /** @type {Uint8Array<ArrayBuffer>} */ (data));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The hex digits of `sha256:<64 hex digits>` or of the digits alone. @param {unknown} pin @returns {string} */
export function parsePin(pin) {
  const digits = typeof pin === "string" ? pin.trim().toLowerCase().replace(/^sha256:/, "") : "";
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new BadOption(
    "`manifest` is not a SHA-256 digest",
    "give `sha256:` and 64 hex digits: what `sha256sum manifest.json` prints, or `profiles.digest`",
    { option: "manifest", given: pin },
  );
}
