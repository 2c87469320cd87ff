// build -> the references of its profiles that this machine cannot look up.

import { lookUp, LookupFailed } from "./credentials.js";

/** @param {import("./profiles.js").Profiles} profiles @returns {Promise<Record<string, string[]>>} */
export async function missing(profiles) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  /** @type {[string, string[]][]} */
  const lacking = [];
  for (const name of await profiles.list()) {
    /** @type {string[]} */
    const references = [];
    for (const reference of (await profiles.get(name)).requires) {
      if (!known.has(reference)) known.set(reference, await isThere(reference));
      if (!known.get(reference)) references.push(reference);
    }
    if (references.length) lacking.push([name, references]);
  }
  return Object.fromEntries(lacking);
}

/** @param {string} reference */
async function isThere(reference) {
  try {
    await lookUp(reference);
    return true;
  } catch (error) {
    if (error instanceof LookupFailed) return false;
    throw error;
  }
}
