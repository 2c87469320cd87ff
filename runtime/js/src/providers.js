// api type -> Provider: the protocol it speaks, under which names its credential and base URL are, and where it is.

import { NoEngine, UnknownProvider } from "./failures.js";
import { nearest } from "./nearest.js";
import { own } from "./own.js";
import { quoted } from "./text.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {"chat" | "embeddings" | "rerank"} Role */

/** @type {Record<Role, string>} */
export const ROLES = { chat: "chat.engine", embeddings: "embeddings.engine", rerank: "rerank.engine" };

/**
 * @typedef {object} Provider How one provider is reached.
 * @property {string} protocol
 * @property {string} baseURL where it is unless a layer says otherwise, or empty
 * @property {string[]} names the prefixes of `…-api-key` and `…-base-url`, the first that is set wins
 * @property {string[]} variables where its own SDK looks for the credential; none for servers that usually ask for none
 */

const OPENAI = "https://api.openai.com/v1";
const ANTHROPIC = "https://api.anthropic.com";

/** @param {string} protocol @param {string} baseURL @param {string[]} names @param {string[]} [variables] @returns {Provider} */
const provider = (protocol, baseURL, names, variables = [`${names[0].toUpperCase()}_API_KEY`]) => ({
  protocol,
  baseURL,
  names,
  variables,
});

/** @param {string} baseURL @param {string} name */
const compatible = (baseURL, name) => provider("openai-chat", baseURL, [name]);
/** @param {string} baseURL @param {string[]} names */
const keyless = (baseURL, ...names) => provider("openai-chat", baseURL, names, []);

const RESPONSES = provider("openai-responses", OPENAI, ["open-responses", "openai-responses", "openai"], ["OPENAI_API_KEY"]);
const GEMINI = "https://generativelanguage.googleapis.com";
/** @type {Record<string, Provider>} */
const CHAT = {
  openai: compatible(OPENAI, "openai"),
  "openai-responses": RESPONSES,
  "open-responses": RESPONSES,
  claude: provider("anthropic", ANTHROPIC, ["claude", "anthropic"], ["ANTHROPIC_API_KEY"]),
  anthropic: provider("anthropic", ANTHROPIC, ["anthropic", "claude"]),
  gemini: provider("gemini", GEMINI, ["gemini"], ["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
  anyscale: compatible("", "anyscale"),
  deepseek: compatible("https://api.deepseek.com", "deepseek"),
  fireworks: compatible("https://api.fireworks.ai/inference/v1", "fireworks"),
  groq: compatible("https://api.groq.com/openai/v1", "groq"),
  mistral: compatible("https://api.mistral.ai/v1", "mistral"),
  openrouter: compatible("https://openrouter.ai/api/v1", "openrouter"),
  perplexity: compatible("https://api.perplexity.ai", "perplexity"),
  together: compatible("https://api.together.xyz/v1", "together"),
  xai: compatible("https://api.x.ai/v1", "xai"),
  ollama: keyless("http://localhost:11434/v1", "ollama"),
  llamacpp: keyless("http://localhost:8080/v1", "llamacpp", "llama.cpp"),
  "llama.cpp": keyless("http://localhost:8080/v1", "llama.cpp", "llamacpp"),
};
/** @type {Record<string, Provider>} */
const EMBEDDINGS = {
  openai: provider("openai-embeddings", OPENAI, ["openai"]),
  ollama: provider("ollama-embeddings", "http://localhost:11434", ["ollama"], []),
};
/** @type {Record<string, Provider>} */
const RERANK = {
  llamacpp: provider("llamacpp-rerank", "", ["rerank", "llamacpp"], []),
  cohere: provider("cohere-rerank", "https://api.cohere.com", ["rerank", "cohere"], ["CO_API_KEY", "COHERE_API_KEY"]),
};
/** @type {Record<Role, Record<string, Provider>>} */
export const KNOWN = { chat: CHAT, embeddings: EMBEDDINGS, rerank: RERANK };

/**
 * The api type and Provider for one role. Throws NoEngine, UnknownProvider.
 * @param {Settings} settings @param {Role} role @returns {Promise<{apiType: string, provider: Provider}>}
 */
export async function choose(settings, role) {
  if (role === "chat") return chooseChat(settings);
  const field = `${role}.type`;
  const known = KNOWN[role];
  const type = settings.get(field);
  if (!type || !settings.get(ROLES[role])) throw noEngine(settings, type ? ROLES[role] : field, role);
  const apiType = type.trim().toLowerCase();
  const found = own(known, apiType);
  if (!found) throw await unknown(settings, field, apiType, known, `known are ${Object.keys(known).join(", ")}`);
  return { apiType, provider: found };
}

/** @param {Settings} settings @param {string} field @param {string} role */
function noEngine(settings, field, role) {
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
  return { apiType, provider: found ?? compatible("", apiType) };
}

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
