// Anthropic Messages, in the version of the protocol that still takes sampling parameters where the model does.

import { Image, splitSystem } from "../content.js";
import { present } from "../own.js";
import { Delta, Reply } from "../reply.js";
import { isAdaptiveClaude, takesEffort, takesOneOfSampling } from "./models.js";
import { notEmpty } from "./openai-chat.js";
import { throwError } from "./provider-error.js";
import { structured } from "./structured.js";
import { usage } from "./usage.js";

/** @typedef {import("./parameters.js").Parameters} Parameters @typedef {import("../content.js").Turn} Turn */

export const VERSION = "2023-06-01";
const LEAST_BUDGET = 1024;
// The protocol wants a limit. Claude 3, the smallest in use, takes no more than this.
const DEFAULT_MAX_TOKENS = 4096;
const TEMPERATURE = ["inference.temperature", "chat.temperature"];
const TOP_P = ["inference.top_p", "chat.top_p"];
const MAX_TOKENS = ["inference.max_response_tokens", "chat.max_response_tokens"];
/** @type {Record<string, string>} */
const FINISHED = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
};

/** @param {Parameters} p @param {Turn[]} turns @param {boolean} stream @returns {import("./openai-chat.js").Composed} */
export function request(p, turns, stream) {
  const { system, rest } = splitSystem(turns);
  const maxTokens = p.take(...MAX_TOKENS) || p.settings.get("model_info.max_output_tokens") || DEFAULT_MAX_TOKENS;
  refuseSampling(p);
  const thinking = thinkingWanted(p, maxTokens);
  if (thinking && thinking.type !== "disabled") refuseWhileThinking(p);
  const output = structured(p);
  const config = present({
    effort: effort(p) || undefined,
    format: output && { type: "json_schema", schema: output.describedSchema },
  });
  const user = p.take("claude.user_id");
  const body = present({
    model: p.model,
    max_tokens: maxTokens,
    system,
    messages: rest.map((turn) => ({ role: turn.role, content: content(turn) })),
    temperature: p.take(...TEMPERATURE),
    top_p: p.take(...TOP_P),
    top_k: p.take("claude.top_k"),
    stop_sequences: notEmpty(p.take("inference.stop", "chat.stop")),
    thinking,
    output_config: Object.keys(config).length ? config : undefined,
    metadata: user && { user_id: user },
    stream: stream || undefined,
  });
  return { path: "messages", headers: { "anthropic-version": VERSION }, body };
}

/** The field `thinking`: by budget for models up to 4.6, as much as the model sees fit for later ones.
 * @param {Parameters} p @param {number} maxTokens @returns {Record<string, any> | undefined} */
export function thinkingWanted(p, maxTokens) {
  const kind = p.take("inference.thinking_type");
  // A budget of 0 asks for no thinking, which is what happens anyway.
  const budget = kind ? p.take("inference.thinking_budget") : p.take("inference.thinking_budget") || undefined;
  const summary = p.take("inference.reasoning_summary") ? { display: "summarized" } : {};
  if (kind === "disabled") return { type: "disabled" };
  if (isAdaptiveClaude(p.model)) {
    const remedy = "set `inference.thinking_type: enabled`, and `inference.reasoning_effort` for how much";
    if (budget !== undefined) p.refuse(`${p.model} decides itself how much it thinks`, remedy, "inference.thinking_budget");
    return kind ? { type: "adaptive", ...summary } : undefined;
  }
  if (kind && budget === undefined) {
    const remedy = `set \`inference.thinking_budget\` to ${LEAST_BUDGET} or more`;
    p.refuse(`${p.model} thinks by a budget of tokens`, remedy, "inference.thinking_type");
    return undefined;
  }
  if (!budget) return undefined;
  if (budget < LEAST_BUDGET || budget >= maxTokens) {
    const remedy = `set it to at least ${LEAST_BUDGET} and below \`max_response_tokens\`, which is ${maxTokens}`;
    p.refuse(`a budget of ${budget} tokens is out of bounds`, remedy, "inference.thinking_budget");
    return undefined;
  }
  return { type: "enabled", budget_tokens: budget };
}

/** @param {Parameters} p */
export function effort(p) {
  if (!takesEffort(p.model)) {
    p.refuse(`${p.model} has no levels of effort`, "set `inference.thinking_budget` instead", "inference.reasoning_effort");
  }
  return p.take("inference.reasoning_effort");
}

/** What the model never takes: all three from 4.7 on, and two of them together from 4.1 on. @param {Parameters} p */
export function refuseSampling(p) {
  const remedy = "stack on a profile that does not set it";
  if (isAdaptiveClaude(p.model)) p.refuse(`${p.model} does not take it`, remedy, ...TEMPERATURE, ...TOP_P, "claude.top_k");
  else if (takesOneOfSampling(p.model) && p.take(...TEMPERATURE) !== undefined) {
    p.refuse(`${p.model} takes either a temperature or this`, remedy, ...TOP_P);
  }
}

/** @param {Parameters} p */
export function refuseWhileThinking(p) {
  const [reason, remedy] = ["it is fixed while the model thinks", "turn thinking off, or do not set it"];
  if (p.take(...TEMPERATURE) !== 1) p.refuse(reason, remedy, ...TEMPERATURE);
  const topP = p.take(...TOP_P) || 1;
  if (!(topP >= 0.95 && topP <= 1)) p.refuse(reason, remedy, ...TOP_P);
  p.refuse(reason, remedy, "claude.top_k");
}

/** @param {any} document @returns {Reply} */
export function reply(document) {
  throwError(document.error);
  /** @type {any[]} */
  const blocks = document.content;
  const of = (/** @type {string} */ type) => blocks.filter((block) => block.type === type);
  return new Reply(of("text").map((block) => block.text).join(""), {
    usage: usageOf(document.usage),
    finishReason: finishReason(document.stop_reason),
    raw: document,
    reasoning: of("thinking").map((block) => block.thinking).join("\n\n") || null,
  });
}

/** The events of one stream -> Deltas. `finishReason` is set once the answer is whole. */
export class Stream {
  /** @type {string | null} */
  finishReason = null;
  isOver = false;
  /** @type {import("../reply.js").Usage | null} */
  usage = null;
  /** @type {Record<string, any>} */
  #counts = {};
  /** @type {unknown} */
  #stopReason = null;

  /** @param {string} event @param {any} document @returns {Generator<Delta, void, void>} */
  *deltas(event, document) {
    const kind = document.type || event;
    if (kind === "message_start") this.#count(document.message.usage);
    else if (kind === "content_block_start") {
      if (document.content_block.text) yield new Delta(document.content_block.text);
    } else if (kind === "content_block_delta") {
      const { delta } = document;
      if (delta.type === "text_delta") yield new Delta(delta.text);
      else if (delta.type === "thinking_delta") yield new Delta("", { reasoning: delta.thinking });
    } else if (kind === "message_delta") {
      // The stop reason comes before the end; the answer is whole only with message_stop.
      this.#stopReason = document.delta.stop_reason || this.#stopReason;
      this.#count(document.usage);
    } else if (kind === "message_stop") {
      this.finishReason = finishReason(this.#stopReason) ?? "stop";
      this.isOver = true;
    } else if (kind === "error") throwError(document.error || "error");
  }

  /** @param {any} counts */
  #count(counts) {
    // The counts of message_delta are totals, and leave out what has not changed.
    this.#counts = { ...this.#counts, ...present(counts ?? {}) };
    this.usage = usageOf(this.#counts) ?? this.usage;
  }
}

/** @param {Turn} turn */
function content(turn) {
  return (
    turn.text ??
    turn.parts.map((part) => (part instanceof Image ? { type: "image", source: source(part) } : { type: "text", text: part }))
  );
}

/** @param {Image} image */
const source = (image) =>
  image.url ? { type: "url", url: image.url } : { type: "base64", media_type: image.mediaType, data: image.data };

/** @param {unknown} word */
const finishReason = (word) => (typeof word === "string" ? (Object.hasOwn(FINISHED, word) ? FINISHED[word] : word) : null);

/** Here `input_tokens` counts what no cache was read for or written from: the whole is their sum. @param {any} counts */
function usageOf(counts) {
  if (!Number.isInteger(counts?.input_tokens)) return null;
  const [cacheRead, cacheWrite] = [counts.cache_read_input_tokens || 0, counts.cache_creation_input_tokens || 0];
  return usage(counts.input_tokens + cacheRead + cacheWrite, counts.output_tokens, { cacheRead, cacheWrite });
}
