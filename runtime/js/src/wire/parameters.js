// Settings -> Parameters: each value taken by name for one request, with what was refused on the way.

import { isMapping, own } from "../own.js";
import * as table from "./table.js";

/** @typedef {import("../settings.js").Settings} Settings */
/** @typedef {{field: string, reason: string, remedy: string}} Refusal One setting that cannot be sent, and what to do instead. */

/** @type {Record<string, string>} */
export const LABELS = {
  "openai-chat": "OpenAI Chat Completions",
  "openai-responses": "OpenAI Responses",
  anthropic: "Anthropic Messages",
  gemini: "Gemini generateContent",
  "openai-embeddings": "OpenAI Embeddings",
  "ollama-embeddings": "Ollama embed",
  "llamacpp-rerank": "llama.cpp rerank",
  "cohere-rerank": "Cohere rerank",
};
/** Values that ask for what happens anyway: a protocol without the parameter need not refuse them. @type {Record<string, (value: any) => boolean>} */
const NEUTRAL = {
  n: (value) => value === 1,
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  logit_bias: isEmpty,
  stop: (value) => value.length === 0,
};

/** The settings of one request over one protocol. `refusals` fills while they are taken. */
export class Parameters {
  /** @type {Set<string>} */
  #refused = new Set();

  /** @param {Settings} settings @param {import("../endpoint.js").Endpoint} endpoint */
  constructor(settings, { protocol, model, apiType, host }) {
    this.settings = settings;
    this.protocol = protocol;
    this.model = model;
    this.apiType = apiType;
    this.host = host;
    /** @type {Refusal[]} */
    this.refusals = [];
    this.#refuseWhatTheProtocolLacks();
    this.#refuseWhatTheModelInfoNames();
  }

  /** The value of the first of these fields that is set and not refused, or undefined. An empty text is not set.
   * @param {string[]} fields @returns {any} */
  take(...fields) {
    return this.settings.first(...fields.filter((field) => !this.#refused.has(field)))?.value;
  }

  /** Refuse the fields that are set, so that nothing takes them.
   * @param {string} reason @param {string} remedy @param {string[]} fields */
  refuse(reason, remedy, ...fields) {
    for (const field of fields) {
      if (this.#refused.has(field) || this.settings.first(field) === undefined) continue;
      this.#refused.add(field);
      this.refusals.push({ field, reason, remedy });
    }
  }

  #refuseWhatTheProtocolLacks() {
    for (const [field, cell] of Object.entries(column(this.protocol, this.apiType))) {
      if (!cell.startsWith("!") || this.#isNeutral(field)) continue;
      this.refuse(`${LABELS[this.protocol]} has no such parameter`, cell.slice(1), field);
    }
  }

  #refuseWhatTheModelInfoNames() {
    const names = own(this.settings.get("model_info.metadata"), "unsupported_parameters");
    for (const name of Array.isArray(names) ? names : []) {
      const fields = Object.keys(column(this.protocol, this.apiType)).filter((field) => nameOf(field) === name);
      const reason = `\`model_info.metadata.unsupported_parameters\` says that ${this.model} does not take it`;
      this.refuse(reason, "stack on a profile that does not set it", ...fields);
    }
  }

  /** @param {string} field */
  #isNeutral(field) {
    const value = this.settings.get(field);
    return value !== undefined && own(NEUTRAL, nameOf(field))?.(value) === true;
  }
}

/** {field: cell} of one protocol, without the fields that are another protocol's.
 * @param {string} protocol @param {string} apiType @returns {Record<string, string>} */
export function column(protocol, apiType = "") {
  const isOllama = apiType === "ollama" && table.CHAT.includes(protocol);
  const cells = [...cellsOf(protocol), ...(isOllama ? cellsIn(table.OLLAMA_FIELDS, 0) : [])];
  return Object.fromEntries(cells.filter(([, cell]) => cell));
}

/** @param {string} protocol @returns {[string, string][]} */
function cellsOf(protocol) {
  const position = table.CHAT.indexOf(protocol);
  if (position >= 0) return cellsIn(table.CHAT_FIELDS, position);
  if (protocol === "ollama-embeddings") return [...cellsIn(table.EMBEDDINGS_FIELDS, 1), ...cellsIn(table.OLLAMA_FIELDS, 1)];
  if (protocol === "openai-embeddings") return cellsIn(table.EMBEDDINGS_FIELDS, 0);
  return cellsIn(table.RERANK_FIELDS, protocol === "cohere-rerank" ? 1 : 0);
}

/** @param {Record<string, string[]>} rows @param {number} position @returns {[string, string][]} */
const cellsIn = (rows, position) => Object.entries(rows).map(([field, row]) => [field, row[position]]);

/** @param {string} field */
const nameOf = (field) => field.slice(field.indexOf(".") + 1);

/** @param {unknown} value */
export function isEmpty(value) {
  return isMapping(value) && Object.keys(value).length === 0;
}
