// an error that a provider tells of within an answer.

import { isMapping, own } from "../own.js";

/** The provider's message, and its word for the kind of error. */
export class ProviderError extends Error {
  /** @param {string} message @param {string} kind */
  constructor(message, kind = "") {
    super(message);
    this.kind = kind;
  }
}

/** Throw what the field `error` of an answer tells, if it tells something. @param {unknown} error */
export function throwError(error) {
  if (!error || (isMapping(error) && !Object.keys(error).length)) return;
  if (!isMapping(error)) throw new ProviderError(String(error));
  const kind = String(own(error, "type") || own(error, "status") || own(error, "code") || "");
  throw new ProviderError(String(own(error, "message") || kind), kind);
}
