// api type -> Provider: the protocol it speaks, under which names its credential and base URL are, and where it is.

import { NoEngine, UnknownProvider } from "./failures.js";
import { nearest } from "./nearest.js";
import { own } from "./own.js";
import { quoted } from "./text.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {"chat" | "embeddings" | "rerank"} Role */

const RESPONSES = ["open-responses", "openai-responses", "openai"];
/** @type {Record<Role, string>} */
export const ROLES = { chat: "chat.engine", embeddings: "embeddings.engine", rerank: "rerank.engine" };

/**
 * @typedef {object} Provider How one provider is reached.
 * @property {string} protocol
 * @property {string} baseURL where it is unless a layer says otherwise, or empty
 * @property {string[]} names the prefixes of `…-api-key` and `…-base-url`, the first that is set wins
 * @property {boolean} needsKey false for servers that usually ask for none
 */

/** @param {string} protocol @param {string} baseURL @param {string[]} names @param {boolean} needsKey @returns {Provider} */
const provider = (protocol, baseURL = "", names = [], needsKey = true) => ({ protocol, baseURL, names, needsKey });

/** @type {Record<string, Provider>} */
export const CHAT = {
  openai: provider("openai-chat", "https://api.openai.com/v1"),
  "openai-responses": provider("openai-responses", "https://api.openai.com/v1", RESPONSES),
  "open-responses": provider("openai-responses", "https://api.openai.com/v1", RESPONSES),
  claude: provider("anthropic", "https://api.anthropic.com", ["claude", "anthropic"]),
  anthropic: provider("anthropic", "https://api.anthropic.com", ["anthropic", "claude"]),
  gemini: provider("gemini", "https://generativelanguage.googleapis.com"),
  anyscale: provider("openai-chat"),
  deepseek: provider("openai-chat", "https://api.deepseek.com"),
  fireworks: provider("openai-chat", "https://api.fireworks.ai/inference/v1"),
  groq: provider("openai-chat", "https://api.groq.com/openai/v1"),
  mistral: provider("openai-chat", "https://api.mistral.ai/v1"),
  openrouter: provider("openai-chat", "https://openrouter.ai/api/v1"),
  perplexity: provider("openai-chat", "https://api.perplexity.ai"),
  together: provider("openai-chat", "https://api.together.xyz/v1"),
  xai: provider("openai-chat", "https://api.x.ai/v1"),
  ollama: provider("openai-chat", "http://localhost:11434/v1", [], false),
  llamacpp: provider("openai-chat", "http://localhost:8080/v1", ["llamacpp", "llama.cpp"], false),
  "llama.cpp": provider("openai-chat", "http://localhost:8080/v1", ["llama.cpp", "llamacpp"], false),
};
/** @type {Record<string, Provider>} */
export const EMBEDDINGS = {
  openai: provider("openai-embeddings", "https://api.openai.com/v1"),
  ollama: provider("ollama-embeddings", "http://localhost:11434", [], false),
};
/** @type {Record<string, Provider>} */
export const RERANK = {
  llamacpp: provider("llamacpp-rerank", "", ["rerank", "llamacpp"], false),
  cohere: provider("cohere-rerank", "https://api.cohere.com", ["rerank", "cohere"]),
};

/**
 * The api type and Provider for one role. Throws NoEngine, UnknownProvider.
 * @param {Settings} settings @param {Role} role @returns {Promise<{apiType: string, provider: Provider}>}
 */
export async function choose(settings, role) {
  if (role === "chat") return chooseChat(settings);
  const field = `${role}.type`;
  const known = role === "embeddings" ? EMBEDDINGS : RERANK;
  const type = settings.get(field);
  if (!type || !settings.get(ROLES[role])) throw noEngine(settings, type ? ROLES[role] : field, role);
  const apiType = type.trim().toLowerCase();
  const found = own(known, apiType);
  if (!found) throw await unknown(settings, field, apiType, known, `known are ${Object.keys(known).join(", ")}`);
  return { apiType, provider: named(found, apiType) };
}

/** @param {Settings} settings @param {string} field @param {string} role */
export function noEngine(settings, field, role) {
  return new NoEngine(
    `profile ${quoted(settings.name)} sets no \`${field}\`, so there is nothing to ask for ${role}`,
    "stack a profile on it that names a model, or ask another profile: this one is a layer for others",
    { profile: settings.name, field },
  );
}

/** @param {Settings} settings */
async function chooseChat(settings) {
  if (!settings.get("chat.engine")) throw noEngine(settings, "chat.engine", "chat");
  const apiType = (settings.get("chat.api_type") || "openai").trim().toLowerCase();
  const found = own(CHAT, apiType);
  if (!found && !own(settings.get("api.base_urls"), `${apiType}-base-url`)) {
    const remedy = `set \`api.base_urls.${apiType}-base-url\` if it is compatible with OpenAI Chat Completions`;
    throw await unknown(settings, "chat.api_type", apiType, CHAT, remedy);
  }
  return { apiType, provider: named(found ?? provider("openai-chat"), apiType) };
}

/** @param {Provider} found @param {string} apiType @returns {Provider} */
const named = (found, apiType) => (found.names.length ? found : { ...found, names: [apiType] });

/** @param {Settings} settings @param {string} field @param {string} asked @param {object} known @param {string} remedy */
async function unknown(settings, field, asked, known, remedy) {
  const near = nearest(asked, Object.keys(known));
  const layer = await settings.layer(field);
  return new UnknownProvider(
    `\`${field}\` of profile ${quoted(settings.name)} is ${quoted(asked)} (set by ${layer || "nobody"}), ` +
      "a provider that is not known here",
    (near.length ? `did you mean ${quoted(near[0])}? Else ` : "") + remedy,
    { profile: settings.name, field, layer, asked, nearest: near },
  );
}
