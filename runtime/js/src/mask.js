// settings -> the same settings, which show no credential when they are printed or written as JSON.
//
// In a build with embedded credentials a setting can be one. The values stay as they are, for who asks for them by name.

import { isMapping, own } from "./own.js";

export const MASK = "********";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** @typedef {(value: unknown) => unknown} Mask */

/** Each field that can hold a credential. A test holds the list to the table of fields. @type {[string, string, Mask][]} */
export const SECRETS = [
  ["api", "api_keys", maskText],
  ["api", "base_urls", maskUser],
  ["chat", "api_keys", maskText],
  ["client", "proxy_url", maskUser],
  ["embeddings", "api_keys", maskText],
  ["embeddings", "base_urls", maskUser],
];

/** Make what holds credentials print masked, wherever it is printed from. @param {Record<string, any>} settings */
export function guard(settings) {
  for (const [section, name, mask] of SECRETS) {
    const holder = own(settings, section);
    const value = own(holder, name);
    if (isMapping(value)) shield(value, mapped(mask));
    else if (isMapping(holder) && name === "proxy_url") {
      shield(holder, (each) => ({ ...each, ...(Object.hasOwn(each, name) ? { [name]: mask(each[name]) } : {}) }));
    }
  }
}

/** A value as it can be shown, by the field it is of. @param {string[]} keys @param {unknown} value */
export function shown([section, name, ...rest], value) {
  const mask = SECRETS.find((each) => each[0] === section && each[1] === name)?.[2];
  if (!mask) return value;
  return isMapping(value) && !rest.length && name !== "proxy_url" ? mapped(mask)(value) : mask(value);
}

/** @param {Mask} mask @returns {(each: Record<string, any>) => Record<string, any>} */
const mapped = (mask) => (each) => Object.fromEntries(Object.entries(each).map(([key, value]) => [key, mask(value)]));

/** @param {object} holder @param {(holder: Record<string, any>) => Record<string, any>} masked */
function shield(holder, masked) {
  for (const key of ["toJSON", INSPECT]) {
    Object.defineProperty(holder, key, {
      configurable: true,
      enumerable: false,
      value() {
        return masked(this);
      },
    });
  }
}

/** References and "" tell nothing. @type {Mask} */
function maskText(value) {
  return typeof value === "string" && value !== "" ? MASK : value;
}

/** @type {Mask} */
function maskUser(value) {
  return typeof value === "string" ? value.replace(/^([^/?#]*\/\/)?[^/?#]*@/, `$1${MASK}@`) : value;
}
