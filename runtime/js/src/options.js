// options, under today's names and those the original took -> today's names; unknown ones are refused, with what to write.

import { BadOption } from "./errors.js";
import { FIELDS } from "./fields.js";
import { inSchemaNames } from "./model-info.js";
import { nearest } from "./nearest.js";
import { isMapping, kindOf, own } from "./own.js";
import { quoted } from "./text.js";

/** Each option with the field it sets. `inference` wins over every other section, so an option always has effect. */
export const FIELD_BY_OPTION = {
  model: "chat.engine",
  apiType: "chat.api_type",
  maxTokens: "inference.max_response_tokens",
  temperature: "inference.temperature",
  topP: "inference.top_p",
  stop: "inference.stop",
  seed: "inference.seed",
};
const SHARED = [...Object.keys(FIELD_BY_OPTION), "apiKey", "baseURL", "timeout", "onUnsupported", "modelInfo"];
const OLDER = ["provider", "timeoutSeconds", "timeoutMs"];
const SECTIONS = Object.keys(FIELDS).filter((name) => name !== "model_info");
export const OF_CONFIG = [...SHARED, ...OLDER, ...SECTIONS];
const OF_PROFILE_ALONE = ["profile", "build", "baseline"];
export const OF_PROFILE = [...OF_CONFIG, ...OF_PROFILE_ALONE];

/** What the original took, or another spelling, with what to write instead. @type {Record<string, string>} */
const INSTEAD = {
  engine: "`model`",
  registry: "a profile by its whole name, as in `registry/profile`",
  registrySlug: "a profile by its whole name, as in `registry/profile`",
  profileSlug: "`profile`",
  requestOverrides: "sections, as in {chat: {temperature: 0}}",
  overrides: "sections, as in {chat: {temperature: 0}}",
  runtimeKey: "nothing: an engine belongs to no runtime, keep one for each",
  tools: "nothing: tools are the application's own",
  middlewares: "nothing: middleware is the application's own",
};

/**
 * Checked options, with the older names replaced and `modelInfo` in the schema's names as `model_info`.
 * @param {unknown} options @param {string[]} known @param {string} what @returns {Record<string, any>}
 */
export function read(options, known, what) {
  if (!isMapping(options)) throw new BadOption(`${what} takes an object of options, not ${kindOf(options)}`, null, { option: "options" });
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  for (const [name] of given) if (!known.includes(name)) throw unknown(name, known);
  const { provider, timeoutSeconds, timeoutMs, modelInfo, ...rest } = Object.fromEntries(given);
  refuseTwo("apiType", rest.apiType, "provider", provider);
  refuseTwo("timeout", rest.timeout, "timeoutSeconds", timeoutSeconds);
  refuseTwo("timeout", rest.timeout ?? timeoutSeconds, "timeoutMs", timeoutMs);
  if (provider !== undefined) rest.apiType = provider;
  if (timeoutSeconds !== undefined) rest.timeout = timeoutSeconds;
  if (timeoutMs !== undefined) rest.timeout = typeof timeoutMs === "number" ? timeoutMs / 1000 : timeoutMs;
  if (modelInfo === undefined) return rest;
  if (isMapping(modelInfo)) return { ...rest, model_info: inSchemaNames(modelInfo) };
  throw new BadOption(`\`modelInfo\` is ${kindOf(modelInfo)}, not an object`, null, { option: "modelInfo" });
}

/** @param {string} name @param {unknown} value @param {string} older @param {unknown} other */
function refuseTwo(name, value, older, other) {
  if (value === undefined || other === undefined) return;
  throw new BadOption(`\`${older}\` is given beside \`${name}\`, which means the same`, `leave \`${older}\` out`, { option: older });
}

/** @param {string} name @param {string[]} known */
function unknown(name, known) {
  const camel = name.replace(/_(.)/g, (_, c) => c.toUpperCase()).replace(/^baseUrl$/, "baseURL");
  const near = known.includes(camel) ? [camel] : nearest(camel, known);
  if (OF_PROFILE_ALONE.includes(name)) {
    return new BadOption(`${quoted(name)} is no option`, `call \`fromProfile\`, which takes \`${name}\``, { option: name, nearest: [] });
  }
  const instead = own(INSTEAD, name) ?? (near.length ? undefined : own(INSTEAD, camel));
  const hint = instead ? `give ${instead}` : near.length ? `did you mean ${quoted(near[0])}?` : `known are ${known.join(", ")}`;
  return new BadOption(`${quoted(name)} is no option`, hint, { option: name, nearest: instead ? [] : near });
}
