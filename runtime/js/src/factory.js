// options -> Engine: what `engines.fromProfile` and `engines.fromConfig` do with them.

import { createEngine } from "./engine.js";
import { variable } from "./environment.js";
import { BadOption } from "./errors.js";
import { FIELDS } from "./fields.js";
import { open } from "./index.js";
import { check, merge } from "./merge.js";
import { FIELD_BY_OPTION, OF_CONFIG, OF_PROFILE, read } from "./options.js";
import { own } from "./own.js";
import { Profiles } from "./profiles.js";
import { CHAT, EMBEDDINGS, RERANK } from "./providers.js";
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

/** Where a provider's own documentation tells people to put the credential. @type {Record<string, string>} */
const VARIABLES = { claude: "ANTHROPIC_API_KEY", anthropic: "ANTHROPIC_API_KEY" };

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
  /** @type {Origin[]} */
  const layers = [["the default", impliedCredential(layer)], ["options", layer], ["options", reach(options, layer)]];
  return createEngine(new Settings("config", layers), options.onUnsupported);
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
  const { section, name } = reached(settings);
  /** @type {Layer[]} */
  const layers = [];
  if (options.apiKey !== undefined) {
    const holder = section === "rerank" ? "api" : section;
    layers.push(check({ [holder]: { api_keys: { [`${name}-api-key`]: options.apiKey } } }, "apiKey"));
  }
  if (options.baseURL !== undefined) {
    const holder = section === "embeddings" ? "embeddings" : "api";
    layers.push(check({ [holder]: { base_urls: { [`${name}-base-url`]: options.baseURL } } }, "baseURL"));
  }
  return merge(layers);
}

/** The section whose provider the options speak of, and the first name of that provider. @param {Layer} settings */
function reached({ chat, embeddings, rerank }) {
  const type = own(embeddings, "type") || own(rerank, "type");
  const section = own(chat, "engine") || !type ? "chat" : own(embeddings, "type") ? "embeddings" : "rerank";
  const kind = (section === "chat" ? own(chat, "api_type") || "openai" : type).trim().toLowerCase();
  const provider = own({ chat: CHAT, embeddings: EMBEDDINGS, rerank: RERANK }[section], kind);
  return { section, kind, name: provider?.names[0] ?? kind };
}

/** A reference to the variable that a provider's own SDK reads, below everything else. Local servers have none.
 * @param {Layer} layer @returns {Layer} */
function impliedCredential(layer) {
  const { name, kind } = reached(layer);
  const provider = own(CHAT, name);
  if (!provider?.needsKey || !provider.baseURL) return {};
  const names = provider.names.length ? provider.names : [name];
  const isGiven = ["api", "chat"].some((each) =>
    names.some((/** @type {string} */ one) => own(own(own(layer, each), "api_keys"), `${one}-api-key`) !== undefined),
  );
  if (isGiven) return {};
  const usual = provider.protocol === "openai-responses" ? "OPENAI_API_KEY" : own(VARIABLES, kind);
  let key = usual ?? `${name.toUpperCase()}_API_KEY`;
  if (name === "gemini" && !variable(key) && variable("GOOGLE_API_KEY")) key = "GOOGLE_API_KEY";
  return { api: { api_keys: { [`${name}-api-key`]: { $secret: `env:${key}` } } } };
}
