// Google's generateContent, of the Gemini API.

import { splitSystem } from "../content.js";
import { present } from "../own.js";
import { Delta, Reply } from "../reply.js";
import { geminiVersion } from "./models.js";
import { notEmpty } from "./openai-chat.js";
import { throwError } from "./provider-error.js";
import { structured } from "./structured.js";
import { count, usage } from "./usage.js";

/** @typedef {import("./parameters.js").Parameters} Parameters @typedef {import("../content.js").Turn} Turn */

const VERSION = "v1beta";
const DYNAMIC = -1; // A thinking budget that leaves it to the model.
const BLOCKED = ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"];
/** @type {Record<string, string>} */
const FINISHED = { STOP: "stop", MAX_TOKENS: "length", UNEXPECTED_TOOL_CALL: "tool_calls" };
/** By a URL's extension. @type {Record<string, string>} */
const MEDIA_TYPES = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp" };

/** The version in the path. @param {Parameters} p */
export const version = (p) => quote(p.take("gemini.api_version") ?? VERSION);

/** @param {Parameters} p @param {Turn[]} turns @param {boolean} stream @returns {import("./openai-chat.js").Composed} */
export function request(p, turns, stream) {
  const { system, rest } = splitSystem(turns);
  const output = structured(p);
  const config = present({
    temperature: p.take("inference.temperature", "chat.temperature"),
    topP: p.take("inference.top_p", "chat.top_p"),
    maxOutputTokens: p.take("inference.max_response_tokens", "chat.max_response_tokens"),
    stopSequences: notEmpty(p.take("inference.stop", "chat.stop")),
    seed: p.take("inference.seed"),
    thinkingConfig: thinkingWanted(p),
    responseMimeType: output && "application/json",
    responseJsonSchema: output?.describedSchema,
  });
  const body = present({
    contents: rest.map((turn) => ({ role: turn.role === "assistant" ? "model" : turn.role, parts: turn.parts.map(part) })),
    systemInstruction: system === undefined ? undefined : { parts: [{ text: system }] },
    generationConfig: Object.keys(config).length ? config : undefined,
  });
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return { path: `${model(p.model)}:${method}`, headers: {}, body };
}

/** Models up to 2.5 have a budget, later ones a level; all of them may tell their thoughts.
 * @param {Parameters} p @returns {Record<string, any> | undefined} */
export function thinkingWanted(p) {
  const [major] = geminiVersion(p.model);
  const byLevel = major >= 3;
  if (major > 0 && !byLevel) {
    const remedy = "set `inference.thinking_budget` or `gemini.thinking_budget`";
    const levels = ["inference.reasoning_effort", "gemini.thinking_level"];
    p.refuse(`${p.model} thinks by a budget of tokens, not by levels`, remedy, ...levels);
  }
  const kind = p.take("inference.thinking_type");
  if (byLevel && kind === "disabled") {
    p.refuse(`${p.model} cannot be kept from thinking`, "set `gemini.thinking_level: MINIMAL`", "inference.thinking_type");
  }
  const level = p.take("inference.reasoning_effort", "gemini.thinking_level");
  const wanted = present({
    includeThoughts: p.take("gemini.include_thoughts") ?? (p.take("inference.reasoning_summary") ? true : undefined),
    thinkingBudget: budget(p, level, kind, byLevel),
    thinkingLevel: level?.toUpperCase(),
  });
  return Object.keys(wanted).length ? wanted : undefined;
}

/** @param {Parameters} p @param {string | undefined} level @param {string | undefined} kind @param {boolean} byLevel */
function budget(p, level, kind, byLevel) {
  const fields = ["inference.thinking_budget", "gemini.thinking_budget", "inference.thinking_type"];
  let tokens = p.take("inference.thinking_budget", "gemini.thinking_budget");
  if (tokens === undefined && level === undefined && p.take("inference.thinking_type")) {
    tokens = kind === "disabled" ? 0 : DYNAMIC;
  }
  if (tokens === 0 && p.model.includes("-pro") && !byLevel) {
    p.refuse(`${p.model} cannot be kept from thinking`, "set a budget of 128 tokens or more", ...fields);
    return undefined;
  }
  if (level === undefined || tokens === undefined) return tokens;
  p.refuse("a level of thinking is set too, and the protocol takes one of them", "set only one", ...fields);
  return undefined;
}

/** @param {any} document @returns {Reply} */
export function reply(document) {
  throwError(document.error);
  const candidate = document.candidates?.[0];
  const isBlocked = blocked(document);
  if (!candidate && !isBlocked) throw new TypeError("candidates");
  const { text, thoughts } = texts(candidate);
  return new Reply(text, {
    usage: usageOf(document.usageMetadata),
    finishReason: candidate ? finishReason(candidate.finishReason) : isBlocked,
    raw: document,
    reasoning: thoughts || null,
  });
}

/** The chunks of one stream -> Deltas. `finishReason` is set once the answer is whole. */
export class Stream {
  /** @type {string | null} */
  finishReason = null;
  isOver = false;
  /** @type {import("../reply.js").Usage | null} */
  usage = null;

  /** @param {string} event @param {any} document @returns {Generator<Delta, void, void>} */
  *deltas(event, document) {
    throwError(document.error);
    this.usage = usageOf(document.usageMetadata) ?? this.usage;
    this.finishReason = blocked(document) ?? this.finishReason;
    const candidate = document.candidates?.[0];
    if (!candidate) return;
    const { text, thoughts } = texts(candidate);
    if (thoughts) yield new Delta("", { reasoning: thoughts });
    if (text) yield new Delta(text);
    this.finishReason = finishReason(candidate.finishReason) ?? this.finishReason;
  }
}

/** @param {string} text */
const quote = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** @param {string} name */
function model(name) {
  const found = /^(models|tunedModels)\/(.*)$/s.exec(name);
  return found ? `${found[1]}/${quote(found[2])}` : `models/${quote(name)}`;
}

/** @param {string | import("../content.js").Image} given */
function part(given) {
  if (typeof given === "string") return { text: given };
  if (!given.url) return { inlineData: { mimeType: given.mediaType, data: given.data } };
  const extension = /\.(\w+)(?:[?#]|$)/.exec(given.url)?.[1].toLowerCase() ?? "";
  const mimeType = given.mediaType ?? (Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined);
  return { fileData: present({ fileUri: given.url, mimeType }) };
}

/** @param {any} candidate */
function texts(candidate) {
  /** @type {any[]} */
  const parts = candidate?.content?.parts ?? [];
  const of = (/** @type {boolean} */ isThought) =>
    parts.filter((each) => Boolean(each.thought) === isThought).map((each) => each.text ?? "").join("");
  return { text: of(false), thoughts: of(true) };
}

/** @param {any} document */
const blocked = (document) => (document.promptFeedback?.blockReason ? "content_filter" : null);

/** @param {unknown} word */
function finishReason(word) {
  if (typeof word !== "string") return null;
  if (BLOCKED.includes(word)) return "content_filter";
  return Object.hasOwn(FINISHED, word) ? FINISHED[word] : word.toLowerCase();
}

/** Here the thoughts are counted apart from the candidates. @param {any} counts */
function usageOf(counts) {
  if (!Number.isInteger(counts?.promptTokenCount)) return null;
  const reasoning = count(counts.thoughtsTokenCount);
  return usage(counts.promptTokenCount + count(counts.toolUsePromptTokenCount), count(counts.candidatesTokenCount) + reasoning, {
    cacheRead: counts.cachedContentTokenCount,
    reasoning,
  });
}
