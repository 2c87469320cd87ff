// query + documents -> which of them are relevant: llama.cpp's endpoint, and Cohere's.

import { present } from "../own.js";
import { Ranked } from "../reply.js";

/** @type {Record<string, string>} */
export const VERSIONS = { "llamacpp-rerank": "v1", "cohere-rerank": "v2" };

/**
 * @param {import("./parameters.js").Parameters} p @param {string} query @param {string[]} documents
 * @param {number | undefined} topN @returns {import("./openai-chat.js").Composed}
 */
export function request(p, query, documents, topN) {
  return { path: "rerank", headers: {}, body: present({ model: p.model, query, documents, top_n: topN }) };
}

/** The most relevant first. Each index is one of the documents', once. @param {any} document @param {number} count */
export function ranked(document, count) {
  /** @type {Ranked[]} */
  const found = document.results.map((/** @type {any} */ row) => new Ranked(row.index, row.relevance_score));
  const indexes = new Set(found.map((each) => each.index));
  const isIndex = (/** @type {number} */ index) => Number.isInteger(index) && index >= 0 && index < count;
  if (indexes.size !== found.length || ![...indexes].every(isIndex)) throw new TypeError("an index is not that of a document");
  if (!found.every((each) => Number.isFinite(each.score))) throw new TypeError("a score is not a number");
  return found.sort((a, b) => b.score - a.score || a.index - b.index);
}
