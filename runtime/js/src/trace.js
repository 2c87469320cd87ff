// events -> stderr, where ENGINE_PROFILES_DEBUG=1 asks for it.

import { variable } from "./environment.js";

/** @param {() => string} message */
export function debug(message) {
  if (!["", "0"].includes((variable("ENGINE_PROFILES_DEBUG") ?? "").trim())) console.error(message());
}

/** What an application should see, and can listen for. @param {string} message */
export function warn(message) {
  const { process } = globalThis;
  if (typeof process?.emitWarning === "function") process.emitWarning(message, "EngineProfilesWarning");
  else console.warn(message);
}
