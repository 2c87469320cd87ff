// OpenAI Responses, and the servers of Open Responses.

import { Image } from "../content.js";
import { isMapping, present } from "../own.js";
import { Delta, Reply } from "../reply.js";
import { refuseSampling } from "./openai-chat.js";
import { ProviderError, throwError } from "./provider-error.js";
import { structured } from "./structured.js";
import { usage } from "./usage.js";

/** @typedef {import("./parameters.js").Parameters} Parameters @typedef {import("../content.js").Turn} Turn */

/** @param {Parameters} p @param {Turn[]} turns @param {boolean} stream @returns {import("./openai-chat.js").Composed} */
export function request(p, turns, stream) {
  refuseSampling(p);
  const begin = turns.findIndex((turn) => turn.role !== "system");
  const output = structured(p);
  const body = present({
    model: p.model,
    instructions: turns.slice(0, begin).map((turn) => turn.text ?? "").join("\n\n") || undefined,
    // OpenAI implies the type; servers of Open Responses want it.
    input: turns.slice(begin).map((turn) => ({ type: "message", role: turn.role, content: content(turn) })),
    max_output_tokens: p.take("inference.max_response_tokens", "chat.max_response_tokens"),
    temperature: p.take("inference.temperature", "chat.temperature"),
    top_p: p.take("inference.top_p", "chat.top_p"),
    parallel_tool_calls: p.take("openai.parallel_tool_calls"),
    reasoning: reasoningWanted(p),
    include: p.take("openai.include_reasoning_encrypted") ? ["reasoning.encrypted_content"] : undefined,
    text: output && { format: { type: "json_schema", ...output.named } },
    stream: stream || undefined,
  });
  return { path: "responses", headers: {}, body };
}

/** @param {Parameters} p */
function reasoningWanted(p) {
  const wanted = present({
    effort: p.take("inference.reasoning_effort", "openai.reasoning_effort", "openai.chat_reasoning_effort"),
    summary: p.take("inference.reasoning_summary", "openai.reasoning_summary"),
  });
  return Object.keys(wanted).length ? wanted : undefined;
}

/** @param {any} document @returns {Reply} */
export function reply(document) {
  throwError(document.error);
  let ended = finishReason(document);
  /** @type {string[]} */
  const texts = [];
  /** @type {string[]} */
  const thoughts = [];
  for (const item of document.output) {
    if (item.type === "message") {
      for (const part of item.content) {
        if (part.type === "refusal") ended = "refusal";
        texts.push(part.text || part.refusal || "");
      }
    } else if (item.type === "reasoning") {
      thoughts.push(...[...(item.summary ?? []), ...(item.content ?? [])].map((part) => part.text));
    } else if (item.type.endsWith("_call")) ended = "tool_calls";
  }
  return new Reply(texts.join(""), {
    usage: usageOf(document.usage),
    finishReason: ended,
    raw: document,
    reasoning: thoughts.join("\n\n") || null,
  });
}

/** The events of one stream -> Deltas. `finishReason` is set once the answer is whole. */
export class Stream {
  /** @type {string | null} */
  finishReason = null;
  isOver = false;
  /** @type {import("../reply.js").Usage | null} */
  usage = null;
  #refused = false;

  /** @param {string} event @param {any} document @returns {Generator<Delta, void, void>} */
  *deltas(event, document) {
    const kind = document.type || event;
    if (kind === "response.output_text.delta" || kind === "response.refusal.delta") {
      this.#refused ||= kind === "response.refusal.delta";
      yield new Delta(document.delta);
    } else if (kind === "response.reasoning_summary_text.delta" || kind === "response.reasoning_text.delta") {
      yield new Delta("", { reasoning: document.delta });
    } else if (kind === "response.completed" || kind === "response.incomplete") {
      this.usage = usageOf(document.response.usage);
      this.finishReason = this.#refused ? "refusal" : finishReason(document.response);
      this.isOver = true;
    } else if (kind === "response.failed") {
      throwError(document.response.error || "the response failed");
    } else if (kind === "error") {
      const error = isMapping(document.error) ? document.error : document;
      throw new ProviderError(String(error.message), String(error.code || error.type || ""));
    }
  }
}

/** @param {Turn} turn */
function content(turn) {
  return (
    turn.text ??
    turn.parts.map((part) =>
      part instanceof Image ? { type: "input_image", image_url: part.asURL } : { type: "input_text", text: part },
    )
  );
}

/** @param {any} response @returns {string} */
function finishReason(response) {
  if ((response.status ?? "completed") === "completed") return "stop";
  const reason = response.incomplete_details?.reason || response.status;
  return reason === "max_output_tokens" ? "length" : String(reason);
}

/** @param {any} counts */
function usageOf(counts) {
  if (counts === null || typeof counts !== "object") return null;
  return usage(counts.input_tokens, counts.output_tokens, {
    cacheRead: counts.input_tokens_details?.cached_tokens,
    reasoning: counts.output_tokens_details?.reasoning_tokens,
  });
}
