// The bridge to the Vercel AI SDK, with the SDK itself: it answers, and sends what our own request is.

import assert from "node:assert/strict";
import test from "node:test";

import { embedMany, generateText, streamText } from "ai";

import * as ep from "../src/index.js";
import { answer, PROTOCOLS, REPLIES, serve, STREAMS, events, stream } from "./servers.js";

const COMPILED = new URL("../../../tests/contract/compiled/", import.meta.url);
const NAMES = { openai: "provider/openrouter", "openai-responses": "provider/responses", claude: "provider/claude", gemini: "provider/gemini" };
const KEYS = { openai: "openrouter", "openai-responses": "open-responses", claude: "claude", gemini: "gemini" };
const CONVERSATION = ["messages", "input", "system", "contents", "instructions"];
globalThis.AI_SDK_LOG_WARNINGS = false;
process.env.OPENAI_API_KEY = "sk-canary-7f3a9c";

/** What the SDK's parsers want beside the answer. */
const FURTHER = {
  openai: { id: "x", model: "m", created: 1 },
  "openai-responses": { id: "x", model: "m", created_at: 1, output: [{ type: "message", id: "1", role: "assistant", content: [{ type: "output_text", text: "Hello", annotations: [] }] }] },
  claude: { id: "x", type: "message", role: "assistant", model: "m" },
  gemini: {},
};

async function model(url, apiType, overrides = {}) {
  const profile = await (await ep.open(COMPILED)).get(NAMES[apiType]);
  const name = KEYS[apiType];
  const type = { openai: "openrouter" }[apiType] ?? apiType;
  const api = {
    api_keys: { [`${name}-api-key`]: "sk-canary-7f3a9c" },
    base_urls: { [`${name}-base-url`]: url },
    allow_http: { [type]: true, [name]: true },
    allow_local_networks: { [type]: true, [name]: true },
  };
  const options = { overrides: { ...overrides, api } };
  return { model: await profile.toAISDK(options), request: (stream) => profile.request("hi", { ...options, stream }) };
}

for (const apiType of PROTOCOLS) {
  test(`generateText over ${apiType}`, async (t) => {
    const server = await serve(t, answer(200, { ...REPLIES[apiType], ...FURTHER[apiType] }));
    const { model: made, request } = await model(server.url, apiType);
    const { text, usage } = await generateText({ model: made, prompt: "hi" });
    assert.deepEqual([text, usage.inputTokens, usage.outputTokens], ["Hello", 10, 2]);
    const ours = await request(false);
    const [seen] = server.seen;
    assert.equal(server.url + seen.path, ours.url);
    assert.deepEqual(parameters(seen.body), parameters(ours.body));
    assert.equal(seen.headers["user-agent"], "contract");
  });

  test(`streamText over ${apiType}, with settings of the call`, async (t) => {
    const server = await serve(t, stream(events(STREAMS[apiType], apiType === "openai")));
    const { model: made, request } = await model(server.url, apiType);
    const result = streamText({ model: made, prompt: "hi", maxOutputTokens: 77, onError: () => {} });
    await result.consumeStream({ onError: () => {} });
    const [seen] = server.seen;
    const ours = await request(true);
    assert.equal(server.url + seen.path, ours.url);
    const limit = { openai: "max_tokens", "openai-responses": "max_output_tokens", claude: "max_tokens" }[apiType];
    const changed = structuredClone(ours.body);
    if (limit) changed[limit] = 77;
    else changed.generationConfig.maxOutputTokens = 77;
    assert.deepEqual(parameters(seen.body), parameters(changed));
  });
}

test("embeddings", async (t) => {
  const server = await serve(t, answer(200, { data: [{ index: 0, embedding: [1, 2] }], usage: { prompt_tokens: 1 } }));
  const profile = await (await ep.open(COMPILED)).get("provider/embeddings");
  const api = { base_urls: { "openai-base-url": server.url }, allow_http: { openai: true }, allow_local_networks: { openai: true } };
  const { embeddings } = await embedMany({ model: await profile.toAISDK({ role: "embeddings", overrides: { api } }), values: ["a"] });
  assert.deepEqual(embeddings, [[1, 2]]);
  assert.deepEqual(server.seen[0].body, { model: "text-embedding-3-small", input: ["a"], dimensions: 256, encoding_format: "float" });
});

test("what a model does not take is refused before it is asked", async () => {
  const profiles = await ep.open(COMPILED);
  process.env.ANTHROPIC_API_KEY = "k";
  await assert.rejects((await profiles.get("provider/opus")).toAISDK(), { code: "unsupported-parameter" });
  await assert.rejects((await profiles.get("provider/layer")).toAISDK(), { code: "no-engine" });
  await assert.rejects((await profiles.get("provider/embeddings-ollama")).toAISDK({ role: "embeddings" }), { code: "bad-option" });
});

const parameters = (body) => Object.fromEntries(Object.entries(body).filter(([name]) => !CONVERSATION.includes(name)));
