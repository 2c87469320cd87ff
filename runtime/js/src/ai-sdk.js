// Settings -> a model for the Vercel AI SDK, which carries the profile's settings with it.
//
// The SDK writes the messages and what the call sets. The address, the headers, and every parameter that the call leaves
// open are those of this package's own requests: the SDK alone would leave some out, and change others.

import { conversation } from "./content.js";
import { BadOption } from "./errors.js";
import { link } from "./link.js";
import { isMapping } from "./own.js";
import * as compose from "./wire/compose.js";

/**
 * @typedef {import("./settings.js").Settings} Settings @typedef {import("./wire/request.js").Request} Request
 * @typedef {{whole: Request, streamed: Request}} Ours What this package would send.
 * @typedef {{baseURL: string, apiKey: string, fetch: (url: any, options: any) => Promise<Response>}} Given
 */

const NAME = "engineProfiles";
const CONVERSATION = ["model", "messages", "input", "instructions", "system", "contents", "systemInstruction", "stream"];
const NESTED = ["generationConfig", "output_config"];

/**
 * A LanguageModel, or with the role `embeddings` an EmbeddingModel. Throws what `profile.engine` throws, and BadOption where
 * the SDK's package for the protocol is not installed.
 * @param {Settings} settings @param {{role?: "chat" | "embeddings", onUnsupported?: import("./profile.js").Policy}} options
 * @returns {Promise<any>}
 */
export async function toAISDK(settings, { role = "chat", onUnsupported }) {
  const { endpoint, transport } = await link(settings, role);
  const { protocol, apiType, model } = endpoint;
  const policy = compose.checkPolicy(onUnsupported);
  const turns = await conversation("-");
  const request = (/** @type {boolean} */ stream) =>
    role === "embeddings"
      ? compose.embed(settings, endpoint, ["-"], policy)
      : compose.chat(settings, endpoint, turns, stream, policy);
  const ours = { whole: await request(false), streamed: await request(true) };
  const given = { baseURL: endpoint.baseURL, apiKey: "-", fetch: sender(ours, transport.fetch) };
  if (protocol === "openai-embeddings") return (await provider("openai", "createOpenAI", given)).embedding(model);
  if (protocol === "openai-responses") return (await provider("openai", "createOpenAI", given)).responses(model);
  if (protocol === "gemini") return (await provider("google", "createGoogleGenerativeAI", given))(model);
  if (protocol === "anthropic") {
    const made = (await provider("anthropic", "createAnthropic", given))(model);
    return withMaxTokens(made, ours.whole.body.max_tokens);
  }
  if (protocol !== "openai-chat") {
    throw new BadOption(`the AI SDK has no place for \`embeddings.type\` \`${apiType}\``, "ask `engine.embed`", { option: "role" });
  }
  if (apiType === "openai") return (await provider("openai", "createOpenAI", given)).chat(model);
  return (await provider("openai-compatible", "createOpenAICompatible", { ...given, name: NAME }))(model);
}

/** @param {string} name @param {string} create @param {Given & {name?: string}} given */
async function provider(name, create, given) {
  const file = `@ai-sdk/${name}`;
  /** @type {any} */
  let found;
  try {
    // Not written out in the call: bundlers would look for packages that are not installed.
    found = await import(file);
  } catch {
    throw new BadOption(`toAISDK needs the package ${file}, which is not installed`, `npm install ${file}`, { option: "toAISDK" });
  }
  return found[create](given);
}

/** What sends a request of the SDK's, with what this package would send. @param {Ours} ours @param {import("./transport.js").Fetch} fetching */
function sender({ whole, streamed }, fetching) {
  return (/** @type {any} */ url, /** @type {any} */ options) => {
    const theirs = JSON.parse(options.body);
    const isStream = theirs.stream === true || String(url).includes(":streamGenerateContent");
    const request = isStream ? streamed : whole;
    const sent = new Headers(options.headers);
    for (const name of ["authorization", "x-api-key", "x-goog-api-key"]) sent.delete(name);
    for (const [name, value] of Object.entries(request.revealedHeaders())) sent.set(name, value);
    const body = JSON.stringify(joined(parametersOf(request.body), theirs));
    return fetching(request.url, { ...options, headers: sent, body });
  };
}

/** A body without what the SDK writes itself. @param {Record<string, any>} body */
const parametersOf = (body) => Object.fromEntries(Object.entries(body).filter(([name]) => !CONVERSATION.includes(name)));

/** The call's parameters over the profile's. A schema is replaced as a whole.
 * @param {Record<string, any>} below @param {Record<string, any>} over */
function joined(below, over) {
  const both = NESTED.filter((name) => isMapping(below[name]) && isMapping(over[name]));
  return { ...below, ...over, ...Object.fromEntries(both.map((name) => [name, { ...below[name], ...over[name] }])) };
}

/** The SDK always sends a limit to Anthropic: the profile's, where the call has none. @param {any} model @param {number} maxTokens */
function withMaxTokens(model, maxTokens) {
  const limited = (/** @type {any} */ options) => ({ ...options, maxOutputTokens: options.maxOutputTokens ?? maxTokens });
  return Object.assign(Object.create(model), {
    doGenerate: (/** @type {any} */ options) => model.doGenerate(limited(options)),
    doStream: (/** @type {any} */ options) => model.doStream(limited(options)),
  });
}
