// keys from outside -> values: look-ups that never reach an object's prototype.

/** @typedef {Record<string, any>} Mapping What JSON calls an object. */

/**
 * What lies under a key of the record's own, or undefined; also where there is no record.
 * @param {any} record @param {string} key @returns {any}
 */
export const own = (record, key) => (isMapping(record) && Object.hasOwn(record, key) ? record[key] : undefined);

/** @param {unknown} value @returns {value is Mapping} */
export const isMapping = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** What a value is, in a word, for messages. @param {unknown} value */
export function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === undefined) return "undefined";
  return `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`;
}

/** A mapping without what is undefined or null in it. @param {Mapping} record @returns {Mapping} */
export const present = (record) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));
