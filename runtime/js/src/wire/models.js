// a model's name -> what its maker lets it take, where that depends on the model. As of November 2026.
//
// `model_info.reasoning` and `model_info.metadata.unsupported_parameters` speak for models that are not known here.

import { own } from "../own.js";

const CLAUDE = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
const OLD_CLAUDE = /claude-(?:\d|instant|v\d)/;
const GEMINI = /gemini-(\d+)(?:\.(\d+))?/;
/** @typedef {[major: number, minor: number]} Version */
/** The first version of each family that takes no sampling parameters and thinks as much as it sees fit. @type {Record<string, Version>} */
const ADAPTIVE = { opus: [4, 7], sonnet: [5, 0], haiku: [5, 5], fable: [0, 0], mythos: [0, 0] };
/** @type {Record<string, Version>} */
const ONE_OF_SAMPLING = { opus: [4, 1], sonnet: [4, 5], haiku: [4, 5] };
/** @type {Record<string, Version>} */
const EFFORT = { opus: [4, 5], sonnet: [4, 6], haiku: [5, 0] };

/** Whether OpenAI's name says that the model reasons: o1, o3, o4, gpt-5 and later, but for the chat variants. @param {string} model */
export function isOpenAIReasoning(model) {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  return /^(o1|o3|o4|gpt-5)/.test(name) && !name.includes("-chat");
}

/** Whether a Claude refuses temperature, top_p, top_k and a thinking budget. @param {string} model */
export const isAdaptiveClaude = (model) => isClaudeFrom(model, ADAPTIVE, false);

/** Whether a Claude takes either a temperature or top_p, and refuses both. @param {string} model */
export const takesOneOfSampling = (model) => isClaudeFrom(model, ONE_OF_SAMPLING, false);

/** Whether a Claude takes `output_config.effort`. One that is not known here is asked. @param {string} model */
export const takesEffort = (model) => !OLD_CLAUDE.test(model.toLowerCase()) && isClaudeFrom(model, EFFORT, true);

/** [2, 5] of gemini-2.5-flash; [0, 0] where the name does not say. @param {string} model @returns {Version} */
export function geminiVersion(model) {
  const found = GEMINI.exec(model.toLowerCase());
  return found ? [Number(found[1]), Number(found[2] ?? 0)] : [0, 0];
}

/** @param {string} model @param {Record<string, Version>} first @param {boolean} unknown */
function isClaudeFrom(model, first, unknown) {
  const found = CLAUDE.exec(model.toLowerCase());
  if (!found) return unknown;
  const from = own(first, found[1]);
  if (!from) return !["opus", "sonnet", "haiku"].includes(found[1]);
  const [major, minor] = [Number(found[2]), Number(found[3] ?? 0)];
  return major > from[0] || (major === from[0] && minor >= from[1]);
}
