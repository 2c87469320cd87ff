// value + JSON Schema -> what is wrong with the value, by the keywords that providers enforce.
//
// Others (`format`, `uniqueItems`, `patternProperties`, `if`, references out of the schema …) assert nothing here.

import { isMapping, own } from "./own.js";

/** @typedef {Record<string, any>} Schema */

const DEEPEST = 100;
/** @type {Record<string, (value: unknown) => boolean>} */
const TYPES = {
  object: isMapping,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
};
/** @param {(value: number, limit: any) => boolean} holds */
const ofNumbers = (holds) => (/** @type {any} */ value, /** @type {any} */ limit) => typeof value !== "number" || holds(value, limit);
/** @param {(value: string, limit: any) => boolean} holds */
const ofTexts = (holds) => (/** @type {any} */ value, /** @type {any} */ limit) => typeof value !== "string" || holds(value, limit);
/** @param {(value: any[], limit: any) => boolean} holds */
const ofLists = (holds) => (/** @type {any} */ value, /** @type {any} */ limit) => !Array.isArray(value) || holds(value, limit);
/** @type {Record<string, (value: any, limit: any) => boolean>} */
const BOUNDS = {
  minimum: ofNumbers((value, limit) => value >= limit),
  maximum: ofNumbers((value, limit) => value <= limit),
  exclusiveMinimum: ofNumbers((value, limit) => value > limit),
  exclusiveMaximum: ofNumbers((value, limit) => value < limit),
  minLength: ofTexts((value, limit) => [...value].length >= limit),
  maxLength: ofTexts((value, limit) => [...value].length <= limit),
  minItems: ofLists((value, limit) => value.length >= limit),
  maxItems: ofLists((value, limit) => value.length <= limit),
  pattern: ofTexts((value, limit) => new RegExp(limit, "u").test(value)),
  enum: (value, limit) => limit.some((/** @type {unknown} */ each) => isSame(value, each)),
  const: isSame,
};

/** The first thing that is wrong, with its place, or null. Nothing of the value is shown.
 * @param {unknown} value @param {unknown} schema @returns {string | null} */
export const problem = (value, schema) => find(value, schema, schema, "$", 0);

/** @param {unknown} value @param {unknown} schema @param {unknown} root @param {string} place @param {number} depth @returns {string | null} */
function find(value, schema, root, place, depth) {
  if (schema === true || (schema !== false && !isMapping(schema))) return null;
  if (schema === false || depth > DEEPEST) return `${place} is not allowed`;
  const referred = Object.hasOwn(schema, "$ref") ? find(value, target(root, schema.$ref), root, place, depth + 1) : null;
  return (
    referred ??
    wrongType(value, own(schema, "type"), place) ??
    outOfBounds(value, schema, place) ??
    members(value, schema, root, place, depth) ??
    alternatives(value, schema, root, place, depth)
  );
}

/** @param {unknown} value @param {any} wanted @param {string} place */
function wrongType(value, wanted, place) {
  const names = Array.isArray(wanted) ? wanted : wanted ? [wanted] : [];
  if (!names.length || names.some((name) => own(TYPES, name)?.(value))) return null;
  return `${place} is not of type ${names.join(" or ")}`;
}

/** @param {unknown} value @param {Schema} schema @param {string} place */
function outOfBounds(value, schema, place) {
  const broken = Object.keys(BOUNDS).find((name) => Object.hasOwn(schema, name) && !BOUNDS[name](value, schema[name]));
  return broken ? `${place} breaks \`${broken}\`` : null;
}

/** The properties of an object, the items of an array.
 * @param {unknown} value @param {Schema} schema @param {unknown} root @param {string} place @param {number} depth */
function members(value, schema, root, place, depth) {
  if (isMapping(value)) {
    /** @type {string | undefined} */
    const missing = (own(schema, "required") ?? []).find((/** @type {string} */ name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `${place} has no \`${missing}\``;
    for (const [name, each] of Object.entries(value)) {
      const within = own(own(schema, "properties"), name) ?? own(schema, "additionalProperties") ?? true;
      const found = find(each, within, root, `${place}.${name}`, depth + 1);
      if (found) return found;
    }
  } else if (Array.isArray(value)) {
    const first = own(schema, "prefixItems") ?? [];
    for (const [index, each] of value.entries()) {
      const within = index < first.length ? first[index] : (own(schema, "items") ?? true);
      const found = find(each, within, root, `${place}[${index}]`, depth + 1);
      if (found) return found;
    }
  }
  return null;
}

/** @param {unknown} value @param {Schema} schema @param {unknown} root @param {string} place @param {number} depth */
function alternatives(value, schema, root, place, depth) {
  for (const each of own(schema, "allOf") ?? []) {
    const found = find(value, each, root, place, depth + 1);
    if (found) return found;
  }
  const fits = (/** @type {unknown} */ each) => find(value, each, root, place, depth + 1) === null;
  for (const name of ["anyOf", "oneOf"]) {
    if (!Object.hasOwn(schema, name)) continue;
    const count = schema[name].filter(fits).length;
    if (count === 0 || (name === "oneOf" && count > 1)) return `${place} fits ${count} of the alternatives of \`${name}\``;
  }
  return Object.hasOwn(schema, "not") && fits(schema.not) ? `${place} breaks \`not\`` : null;
}

/** What a reference within the schema leads to; any other asserts nothing. @param {unknown} root @param {unknown} reference */
function target(root, reference) {
  if (typeof reference !== "string" || !reference.startsWith("#")) return true;
  const steps = reference.slice(1).split("/").slice(1);
  return steps.reduce((found, step) => own(found, step.replaceAll("~1", "/").replaceAll("~0", "~")) ?? true, /** @type {any} */ (root));
}

/** @param {unknown} left @param {unknown} right @returns {boolean} */
function isSame(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((each, index) => isSame(each, right[index]));
  }
  if (!isMapping(left) || !isMapping(right)) return left === right;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}
