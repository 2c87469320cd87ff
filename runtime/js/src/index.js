// build directory -> profiles: loads what `profilec` compiled. Plain ES modules, no dependency.
//
// Start-up is part of the promise: opening a build reads `manifest.json` and nothing else, and what asks providers is
// loaded when an engine is first wanted.

import { open } from "./open.js";
import { Profiles } from "./profiles.js";

export { open };
export { Profile } from "./profile.js";
export { Profiles };
export * from "./errors.js";
export * from "./failures.js";
export * as engines from "./engines.js";
export { registerResolver } from "./credentials.js";

/**
 * @typedef {import("./profile.js").Layer} Layer
 * @typedef {import("./profile.js").EngineOptions} EngineOptions
 * @typedef {import("./model-info.js").ModelInfo} ModelInfo
 * @typedef {import("./explain.js").Explanation} Explanation
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("./reply.js").Reply} Reply
 * @typedef {import("./reply.js").Delta} Delta
 * @typedef {import("./reply.js").Usage} Usage
 * @typedef {import("./reply.js").Embeddings} Embeddings
 * @typedef {import("./reply.js").Ranked} Ranked
 * @typedef {import("./messages.js").Messages} Messages
 * @typedef {import("./factory.js").Options} Options
 * @typedef {import("./directory.js").Source} Source
 */

/**
 * {"registry/profile": [reference, …]} of the references that lead to nothing here; profiles that lack none are left out.
 *
 * For a deployment to ask before it serves. Values are looked up, and forgotten. Throws what `open` throws.
 * @param {string | URL | Source | Profiles | null} [build] @returns {Promise<Record<string, string[]>>}
 */
export async function missing(build) {
  const lookups = await import("./lookups.js");
  return lookups.missing(build instanceof Profiles ? build : await open(build));
}
