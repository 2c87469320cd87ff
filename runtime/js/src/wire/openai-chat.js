// OpenAI Chat Completions, and every server that is compatible with them.

import { Image } from "../content.js";
import { present } from "../own.js";
import { Delta, Reply } from "../reply.js";
import { isOpenAIReasoning } from "./models.js";
import { isEmpty } from "./parameters.js";
import { throwError } from "./provider-error.js";
import { structured } from "./structured.js";
import { usage } from "./usage.js";

/** @typedef {import("./parameters.js").Parameters} Parameters @typedef {import("../content.js").Turn} Turn */
/** @typedef {{path: string, headers: Record<string, string>, body: Record<string, any>}} Composed What a protocol adds. */

const OPENAI = "api.openai.com";
const MISTRAL = "api.mistral.ai";
export const TEMPERATURE = ["inference.temperature", "ollama.temperature", "chat.temperature"];
export const TOP_P = ["inference.top_p", "ollama.top-p", "chat.top_p"];
export const MAX_TOKENS = ["inference.max_response_tokens", "ollama.num-predict", "chat.max_response_tokens"];
export const STOP = ["inference.stop", "ollama.stop", "chat.stop"];
export const SEED = ["inference.seed", "ollama.seed"];
export const EFFORT = ["inference.reasoning_effort", "openai.chat_reasoning_effort", "openai.reasoning_effort"];
const THINKING = ["inference.thinking_type", "openai.thinking_type"];
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
/** @type {Record<string, string>} */
const FINISHED = { function_call: "tool_calls", model_length: "length", end_turn: "stop", eos: "stop" };

/** @param {Parameters} p @param {Turn[]} turns @param {boolean} stream @returns {Composed} */
export function request(p, turns, stream) {
  const isMistral = p.host === MISTRAL || p.apiType === "mistral";
  refuseSampling(p);
  if (p.host === OPENAI) {
    p.refuse("OpenAI's own models have no such switch", "use `inference.reasoning_effort`", ...THINKING);
  }
  const output = structured(p);
  const thinking = p.take(...THINKING);
  const body = present({
    model: p.model,
    messages: turns.map((turn) => ({ role: turn.role, content: content(turn) })),
    [maxTokensName(p)]: p.take(...fieldsOf(p, MAX_TOKENS)),
    temperature: p.take(...fieldsOf(p, TEMPERATURE)),
    top_p: p.take(...fieldsOf(p, TOP_P)),
    stop: notEmpty(p.take(...fieldsOf(p, STOP))),
    [isMistral ? "random_seed" : "seed"]: p.take(...fieldsOf(p, SEED)),
    n: p.take("openai.n"),
    presence_penalty: p.take("openai.presence_penalty"),
    frequency_penalty: p.take("openai.frequency_penalty"),
    logit_bias: logitBias(p),
    reasoning_effort: p.take(...EFFORT),
    thinking: thinking && { type: thinking },
    response_format: output && { type: "json_schema", json_schema: output.named },
  });
  if (stream) {
    body.stream = true;
    // Mistral sends the usage unasked, and refuses parameters that it does not know.
    const wanted = p.take("openai.stream-include-usage");
    if (wanted !== false && !(isMistral && wanted === undefined)) body.stream_options = { include_usage: true };
  }
  return { path: "chat/completions", headers: {}, body };
}

/** What OpenAI's reasoning models do not take. Others that reason do, and say so if not. @param {Parameters} p */
export function refuseSampling(p) {
  const declared = p.settings.get("model_info.reasoning");
  if (!isOpenAIReasoning(p.model) && !(p.host === OPENAI && declared)) return;
  if (declared === false || p.take(...EFFORT) === "none") return;
  const reason = `the reasoning model ${p.model} does not take it`;
  const remedy = "stack on a profile that does not set it; if the model does take it, say `model_info.reasoning: false`";
  for (const fields of [TEMPERATURE, TOP_P]) {
    if (p.take(...fieldsOf(p, fields)) !== 1) p.refuse(reason, remedy, ...fieldsOf(p, fields));
  }
  for (const field of ["openai.presence_penalty", "openai.frequency_penalty"]) {
    if (p.take(field) !== 0) p.refuse(reason, remedy, field);
  }
  if (!isEmpty(p.take("openai.logit_bias"))) p.refuse(reason, remedy, "openai.logit_bias");
  if (notEmpty(p.take(...fieldsOf(p, STOP)))) p.refuse(reason, remedy, ...fieldsOf(p, STOP));
}

/** @param {any} document @returns {Reply} */
export function reply(document) {
  throwError(document.error);
  const choice = document.choices[0];
  const { message } = choice;
  const { text, thought } = texts(message.content);
  const isRefusal = !text && message.refusal;
  return new Reply(isRefusal ? String(message.refusal) : text, {
    usage: usageOf(document.usage),
    finishReason: isRefusal ? "refusal" : finishReason(choice.finish_reason),
    raw: document,
    reasoning: reasoning(message) || thought || null,
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
    this.usage = usageOf(document.usage) ?? this.usage;
    for (const choice of document.choices ?? []) {
      if ((choice.index ?? 0) !== 0) continue; // Of several choices the first is the answer, as in a Reply.
      const delta = choice.delta ?? {};
      const { text, thought } = texts(delta.content);
      const thoughts = reasoning(delta) || thought;
      if (thoughts) yield new Delta("", { reasoning: thoughts });
      if (text || delta.refusal) yield new Delta(text || String(delta.refusal));
      if (choice.finish_reason) this.finishReason = finishReason(choice.finish_reason);
    }
  }
}

/** Without the fields of Ollama, where another server is asked. @param {Parameters} p @param {string[]} fields */
export const fieldsOf = (p, fields) => (p.apiType === "ollama" ? fields : fields.filter((field) => !field.startsWith("ollama.")));

// OpenAI's reasoning models refuse the old name, compatible servers mostly do not know the new one.
/** @param {Parameters} p */
const maxTokensName = (p) => (p.host === OPENAI || isOpenAIReasoning(p.model) ? "max_completion_tokens" : "max_tokens");

/** @param {any[] | undefined} list */
export const notEmpty = (list) => (list?.length ? list : undefined);

/** @param {Parameters} p */
function logitBias(p) {
  const biases = p.take("openai.logit_bias");
  if (biases === undefined || isEmpty(biases)) return undefined;
  const entries = Object.entries(biases);
  if (entries.every(([, text]) => NUMBER.test(text))) return Object.fromEntries(entries.map(([token, text]) => [token, Number(text)]));
  p.refuse("it holds a text that is no number", "write numbers, as in {50256: '-100'}", "openai.logit_bias");
  return undefined;
}

/** @param {Turn} turn */
function content(turn) {
  return (
    turn.text ??
    turn.parts.map((part) =>
      part instanceof Image ? { type: "image_url", image_url: { url: part.asURL } } : { type: "text", text: part },
    )
  );
}

/** Text and thoughts. Mistral's reasoning models answer in parts, others in one text. @param {any} content */
function texts(content) {
  if (!Array.isArray(content)) return { text: content || "", thought: "" };
  const thoughts = content.filter((each) => each.type === "thinking").flatMap((each) => each.thinking);
  return { text: joined(content), thought: joined(thoughts) };
}

/** @param {any[]} parts */
const joined = (parts) => parts.map((part) => (part.type === "text" ? part.text : "")).join("");

/** @param {any} message @returns {string} */
const reasoning = (message) => message.reasoning_content || message.reasoning || "";

/** @param {unknown} word */
const finishReason = (word) => (typeof word === "string" ? (Object.hasOwn(FINISHED, word) ? FINISHED[word] : word) : null);

/** @param {any} counts */
function usageOf(counts) {
  if (counts === null || typeof counts !== "object") return null;
  return usage(counts.prompt_tokens, counts.completion_tokens, {
    cacheRead: counts.prompt_tokens_details?.cached_tokens || counts.prompt_cache_hit_tokens,
    cacheWrite: counts.prompt_tokens_details?.cache_write_tokens,
    reasoning: counts.completion_tokens_details?.reasoning_tokens,
  });
}
