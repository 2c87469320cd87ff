// options -> Engine: what `engines.fromProfile` and `engines.fromConfig` do with them.

import { createEngine } from "./engine.js";
import { variable } from "./environment.js";
import { BadOption } from "./errors.js";
import { FIELDS } from "./fields.js";
import { open } from "./open.js";
import { check, merge } from "./merge.js";
import { FIELD_BY_OPTION, OF_CONFIG, OF_PROFILE, read } from "./options.js";
import { own } from "./own.js";
import { Profiles } from "./profiles.js";
import { KNOWN } from "./providers.js";
import { Settings } from "./settings.js";

/**
 * @typedef {import("./profile.js").Layer} Layer @typedef {import("./settings.js").Origin} Origin
 * @typedef {object} Own What an application says itself.
 * @property {string} [model]
 * @property {string} [apiType] which provider, as `chat.api_type`; also under the older name `provider`
 * @property {string} [provider]
 * @property {number} [maxTokens]
 * @property {number} [temperature]
 * @property {number} [topP]
 * @property {string | string[]} [stop]
 * @property {number} [seed]
 * @property {number} [timeout] in seconds; also `timeoutSeconds`, and `timeoutMs` in milliseconds
 * @property {number} [timeoutSeconds]
 * @property {number} [timeoutMs]
 * @property {string | {$secret: string}} [apiKey] "" says that there is none
 * @property {string | {$secret: string}} [baseURL]
 * @property {import("./profile.js").Policy} [onUnsupported] what becomes of a setting that is not taken: error, warn or drop
 * @property {import("./model-info.js").ModelInfo} [modelInfo]
 * @property {string} [profile] of `fromProfile`: where no name is given
 * @property {string | URL | import("./directory.js").Source | Profiles} [build] of `fromProfile`
 * @property {Layer} [baseline] of `fromProfile`: lies below the profile
 * @typedef {Own & Record<string, any>} Options
 *   Beside them sections as objects, such as `gemini: {thinking_budget: 0}`, in the names of the schema.
 */

/** @param {string | null | undefined} name @param {Options} given */
export async function fromProfile(name, given) {
  const options = read(given, OF_PROFILE, "fromProfile");
  const profiles = options.build instanceof Profiles ? options.build : await open(options.build);
  const profile = await profiles.get(name === undefined || name === null || name === "" ? options.profile : name);
  /** @type {Origin[]} */
  const layers = [["profile", profile.settings], ["options", layerOf(options)]];
  if (options.baseline !== undefined) layers.unshift(["baseline", check(options.baseline, "baseline")]);
  layers.push(["options", reach(options, merge(layers.map(([, content]) => content)))]);
  return createEngine(new Settings(profile.name, layers, profile), options.onUnsupported);
}

/** @param {Options} given */
export async function fromConfig(given) {
  const options = read(given, OF_CONFIG, "fromConfig");
  let layer = layerOf(options);
  const model = own(layer.chat, "engine");
  if (model) layer = merge([{ chat: { api_type: impliedApiType(model) } }, layer]);
  layer = merge([layer, reach(options, layer)]);
  /** @type {Origin[]} */
  const layers = [["the default", impliedCredential(layer)], ["options", layer]];
  return createEngine(new Settings("config", layers), options.onUnsupported, "config");
}

/** The api type that a model's name implies, as the original has it. @param {string} model */
export function impliedApiType(model) {
  const name = model.toLowerCase();
  if (name.includes("gemini")) return "gemini";
  if (name.includes("claude")) return "claude";
  return /^(o1|o3|o4|gpt-5)/.test(name) ? "openai-responses" : "openai";
}

/** The settings that the options set, without `apiKey` and `baseURL`, which depend on the provider.
 * @param {Record<string, any>} options @returns {Layer} */
function layerOf(options) {
  const sections = Object.keys(FIELDS).filter((name) => Object.hasOwn(options, name));
  let layer = check(Object.fromEntries(sections.map((name) => [name, options[name]])), "options");
  for (const [option, field] of Object.entries(FIELD_BY_OPTION)) {
    const given = own(options, option);
    if (given === undefined) continue;
    const [section, name] = field.split(".");
    const value = option === "stop" && typeof given === "string" ? [given] : given;
    layer = merge([layer, checkOption({ [section]: { [name]: value } }, option)]);
  }
  if (options.timeout === undefined) return layer;
  if (!(Number.isFinite(options.timeout) && options.timeout > 0 && options.timeout < 1e9)) {
    throw new BadOption("the option `timeout` is not a number of seconds above 0", null, { option: "timeout" });
  }
  return merge([layer, { client: { timeout: options.timeout } }]);
}

/** @param {Layer} layer @param {string} option */
function checkOption(layer, option) {
  try {
    return check(layer, option);
  } catch (error) {
    if (!(error instanceof BadOption)) throw error;
    throw new BadOption(`the option ${error.message}`, error.hint, { option });
  }
}

/** `apiKey` and `baseURL` under the names that the provider's are looked for first.
 * @param {Record<string, any>} options @param {Layer} settings @returns {Layer} */
function reach(options, settings) {
  const { role, name } = asked(settings);
  /** @type {Layer[]} */
  const layers = [];
  if (options.apiKey !== undefined) {
    const section = role === "rerank" ? "api" : role;
    layers.push(check({ [section]: { api_keys: { [`${name}-api-key`]: options.apiKey } } }, "apiKey"));
  }
  if (options.baseURL !== undefined) {
    const section = role === "embeddings" ? role : "api";
    layers.push(check({ [section]: { base_urls: { [`${name}-base-url`]: options.baseURL } } }, "baseURL"));
  }
  return merge(layers);
}

/**
 * A reference to the variable that the provider's own SDK reads, where no other credential is given. None where an
 * address is given: whose that is, and which key it is to see, the caller knows alone.
 * @param {Layer} layer @returns {Layer}
 */
function impliedCredential(layer) {
  const { role, name, provider } = asked(layer);
  if (!provider?.variables.length) return {};
  const given = ["api", role].flatMap((section) => ["api_keys", "base_urls"].map((field) => own(own(layer, section), field)));
  const keys = provider.names.flatMap((each) => [`${each}-api-key`, `${each}-base-url`]);
  if (given.some((entries) => keys.some((key) => own(entries, key) !== undefined))) return {};
  const key = provider.variables.find((each) => variable(each)) ?? provider.variables[0];
  return { api: { api_keys: { [`${name}-api-key`]: { $secret: `env:${key}` } } } };
}

/** The role that `apiKey` and `baseURL` speak of, the provider's first name, and the provider if it is known.
 * @param {Layer} settings */
function asked({ chat, embeddings, rerank }) {
  const [embedding, ranking] = [own(embeddings, "type"), own(rerank, "type")];
  const role = own(chat, "engine") || !(embedding || ranking) ? "chat" : embedding ? "embeddings" : "rerank";
  const kinds = { chat: own(chat, "api_type") || "openai", embeddings: embedding, rerank: ranking };
  const kind = kinds[role].trim().toLowerCase();
  /** @type {import("./providers.js").Provider | undefined} */
  const provider = own(KNOWN[role], kind);
  return { role, name: provider?.names[0] ?? kind, provider };
}
