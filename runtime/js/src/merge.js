// layers of settings -> one: baseline, profile and overrides, joined as the compiler joins layers.

import { BadOption } from "./errors.js";
import { FIELDS, OLDER_SPELLINGS } from "./fields.js";
import { nearest } from "./nearest.js";
import { isMapping, kindOf, own, present } from "./own.js";
import { quoted } from "./text.js";

/** @typedef {import("./profile.js").Layer} Layer */

/** The effective settings of checked layers, the lowest first. Values are shared with the layers, never changed.
 * @param {Iterable<Layer>} layers @returns {Layer} */
export function merge(layers) {
  /** @type {Layer} */
  let merged = {};
  for (const layer of layers) {
    for (const [section, content] of Object.entries(layer)) {
      const below = own(merged, section) ?? {};
      const joined = Object.keys(content).map((name) => [name, join(section, name, below, content)]);
      // A computed key defines; assigning to `__proto__` would replace the prototype.
      merged = { ...merged, [section]: { ...below, ...Object.fromEntries(joined) } };
    }
  }
  return merged;
}

/**
 * A layer that an application hands in, without what is null or undefined in it.
 * A field that does not exist, or a value of another kind than the field's, is BadOption; no value is shown.
 * @param {unknown} layer @param {string} what @returns {Layer}
 */
export function check(layer, what) {
  if (!isMapping(layer)) throw refusal(`\`${what}\` is ${kindOf(layer)}, not an object of sections`, what);
  /** @type {[string, Record<string, any>][]} */
  const checked = [];
  for (const [section, content] of Object.entries(layer)) {
    if (!Object.hasOwn(FIELDS, section)) throw unknown(section, what, Object.keys(FIELDS));
    if (content === null || content === undefined) continue;
    if (!isMapping(content)) {
      throw refusal(`\`${section}\` of \`${what}\` is ${kindOf(content)}, not an object of fields`, what);
    }
    checked.push([section, checkedSection(section, content, what)]);
  }
  return Object.fromEntries(checked);
}

/** @param {string} section @param {string} name @param {Record<string, any>} below @param {Record<string, any>} content */
function join(section, name, below, content) {
  const strategy = (own(own(FIELDS, section), name) ?? "any replace").split(" ")[1];
  if (!Object.hasOwn(below, name) || !["map", "deep"].includes(strategy)) return content[name];
  return strategy === "map" ? { ...below[name], ...content[name] } : deep(below[name], content[name]);
}

/** @param {any} below @param {any} over @returns {any} */
function deep(below, over) {
  if (!isMapping(below) || !isMapping(over)) return over;
  const joined = Object.keys(over).map((key) => [key, Object.hasOwn(below, key) ? deep(below[key], over[key]) : over[key]]);
  return { ...below, ...Object.fromEntries(joined) };
}

/** @param {string} section @param {Record<string, any>} content @param {string} what @returns {Record<string, any>} */
function checkedSection(section, content, what) {
  /** @type {[string, any][]} */
  const checked = [];
  for (const [name, given] of Object.entries(content)) {
    if (!Object.hasOwn(FIELDS[section], name)) {
      throw unknown(`${section}.${name}`, what, Object.keys(FIELDS[section]).map((each) => `${section}.${each}`));
    }
    const [kind, strategy] = FIELDS[section][name].split(" ");
    const value = strategy === "map" && isMapping(given) ? present(given) : given;
    if (value === null || value === undefined) continue;
    const [isOne, wanted] = KINDS[kind];
    if (!isOne(value)) {
      throw refusal(`\`${section}.${name}\` of \`${what}\` is ${kindOf(value)}, where ${wanted} belongs`, what);
    }
    const current = own(own(OLDER_SPELLINGS, section), name);
    if (current === undefined || (content[current] ?? null) === null) checked.push([current ?? name, value]);
  }
  return Object.fromEntries(checked);
}

const isText = (/** @type {unknown} */ value) => typeof value === "string";
const isBoolean = (/** @type {unknown} */ value) => typeof value === "boolean";
const isNumber = (/** @type {unknown} */ value) => Number.isFinite(value);
const isCredential = (/** @type {unknown} */ value) => isText(value) || isText(own(value, "$secret"));
/** @param {(value: unknown) => boolean} isOne */
const entries = (isOne) => (/** @type {unknown} */ value) => isMapping(value) && Object.values(value).every(isOne);

/** Each kind of value, and what a message calls it. @type {Record<string, [(value: unknown) => boolean, string]>} */
const KINDS = {
  text: [isText, "text"],
  integer: [Number.isSafeInteger, "an integer"],
  number: [isNumber, "a number"],
  boolean: [isBoolean, "true or false"],
  list: [(value) => Array.isArray(value) && value.every(isText), "an array of texts"],
  credential: [isCredential, 'a text or {"$secret": "env:NAME"}'],
  credentials: [entries(isCredential), 'an object of texts or {"$secret": "env:NAME"}'],
  booleans: [entries(isBoolean), "an object of true and false"],
  texts: [entries(isText), "an object of texts"],
  prices: [entries(isNumber), "an object of numbers"],
  object: [isMapping, "an object"],
};

/** @param {string} message @param {string} what */
const refusal = (message, what) => new BadOption(message, null, { option: what });

/** @param {string} name @param {string} what @param {string[]} known */
function unknown(name, what, known) {
  const near = nearest(name, known);
  const hint = near.length ? `did you mean ${quoted(near[0])}?` : `known are ${known.join(", ")}`;
  return new BadOption(`${quoted(name)} of \`${what}\` is no setting`, hint, { option: what, nearest: near });
}
