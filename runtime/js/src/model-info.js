// settings' model_info <-> modelInfo: the same in camelCase.

import { isMapping } from "./own.js";

/**
 * @typedef {object} ModelInfo What is known of a model. What no layer tells is absent.
 * @property {string} [id]
 * @property {string} [name]
 * @property {boolean} [reasoning]
 * @property {string[]} [input] what it takes, such as text and image
 * @property {number} [contextWindow] in tokens
 * @property {number} [qualityHighWatermark] the tokens up to which it is at its best
 * @property {number} [maxOutputTokens]
 * @property {{input?: number, output?: number, cacheRead?: number, cacheWrite?: number}} [cost] USD per million tokens
 * @property {Record<string, any>} [metadata]
 */

/** @param {unknown} info @returns {ModelInfo} */
export const modelInfo = (info) => renamed(info, (name) => name.replace(/_(.)/g, (_, c) => c.toUpperCase()));

/** The names of the schema, from either spelling. @param {unknown} info @returns {Record<string, any>} */
export const inSchemaNames = (info) => renamed(info, (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));

/** @param {unknown} info @param {(name: string) => string} rename @returns {Record<string, any>} */
function renamed(info, rename) {
  if (!isMapping(info)) return {};
  return Object.fromEntries(
    Object.entries(info).map(([name, value]) => [rename(name), name === "cost" ? renamed(value, rename) : value]),
  );
}
