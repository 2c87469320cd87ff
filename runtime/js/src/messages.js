// text or messages, as callers give them -> an array of {role, content}.

import { BadOption } from "./errors.js";
import { isMapping, kindOf } from "./own.js";

/**
 * @typedef {{role: string, content: any} & Record<string, any>} Message
 *   `content` is a text, or an array of texts and of {type: "text", text}, {type: "image", url | data | file}.
 * @typedef {string | readonly Message[]} Messages
 */

/** A text becomes one user message; messages are copied one level deep. Else BadOption.
 * @param {Messages} messages @returns {Message[]} */
export function normalise(messages) {
  if (typeof messages === "string") return [{ role: "user", content: messages }];
  if (!Array.isArray(messages)) throw refusal(`\`messages\` is ${kindOf(messages)}`);
  messages.forEach((message, position) => {
    if (!isMapping(message) || typeof message.role !== "string" || !("content" in message)) {
      throw refusal(`\`messages[${position}]\` has no \`role\` and \`content\``);
    }
  });
  return messages.map((message) => ({ ...message }));
}

/** @param {string} message */
const refusal = (message) =>
  new BadOption(message, "give a text, or an array of {role: …, content: …}", { option: "messages" });
