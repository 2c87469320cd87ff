// texts -> vectors: OpenAI Embeddings, and Ollama's own endpoint.

import { present } from "../own.js";
import { column } from "./parameters.js";
import { usage } from "./usage.js";

const ADA = "text-embedding-ada-002";
const ADA_DIMENSIONS = 1536;

/** @param {import("./parameters.js").Parameters} p @param {string[]} texts @returns {import("./openai-chat.js").Composed} */
export function request(p, texts) {
  const dimensions = p.take("embeddings.dimensions") || undefined;
  if (p.protocol === "ollama-embeddings") {
    const options = present(Object.fromEntries(optionNames().map(([field, name]) => [name, p.take(field)])));
    const body = { model: p.model, input: texts, dimensions, options: Object.keys(options).length ? options : undefined };
    return { path: "api/embed", headers: {}, body: present(body) };
  }
  const isAda = p.model.slice(p.model.lastIndexOf("/") + 1) === ADA;
  if (isAda && dimensions !== undefined && dimensions !== ADA_DIMENSIONS) {
    const reason = `${p.model} has ${ADA_DIMENSIONS} dimensions and takes no other number`;
    p.refuse(reason, "leave it out", "embeddings.dimensions");
  }
  // Without the format some clients and servers disagree on base64.
  const body = { model: p.model, input: texts, dimensions: isAda ? undefined : dimensions, encoding_format: "float" };
  return { path: "embeddings", headers: {}, body: present(body) };
}

/** The vectors in the order of the texts, and the usage. @param {any} document */
export function vectors(document) {
  if ("embeddings" in document) {
    return { vectors: numbers(document.embeddings), usage: usage(document.prompt_eval_count, 0) };
  }
  const rows = [...document.data];
  if (!rows.every((row) => Number.isInteger(row.index))) throw new TypeError("index");
  rows.sort((a, b) => a.index - b.index);
  return { vectors: numbers(rows.map((row) => row.embedding)), usage: usage(document.usage?.prompt_tokens, 0) };
}

function optionNames() {
  const cells = Object.entries(column("ollama-embeddings")).filter(([, cell]) => cell.startsWith("options."));
  return cells.map(([field, cell]) => [field, cell.slice("options.".length)]);
}

/** @param {any[]} rows @returns {number[][]} */
function numbers(rows) {
  if (rows.every((row) => Array.isArray(row) && row.every((n) => typeof n === "number"))) return rows;
  throw new TypeError("a vector is not an array of numbers");
}
