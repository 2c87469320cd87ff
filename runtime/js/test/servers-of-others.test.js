// Against aimock, an independent server of the protocols, in this process; and where the environment names them, against
// llmock and a real model over HTTP (tests/engines/test_javascript.py starts those).

import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { LLMock } from "@copilotkit/aimock";

import * as ep from "../src/index.js";
import { CALLS, engine, KEY, PROTOCOLS } from "./servers.js";

const { LLMOCK_URL, REAL_MODEL_URL } = process.env;
const calls = (protocols) => protocols.flatMap((apiType) => Object.keys(CALLS).map((call) => [apiType, call]));

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
before(async () => {
  mock.onMessage("hi", { content: "Hello there" });
  mock.onMessage("boom", { error: { message: "slow down", type: "rate_limit_error" }, status: 429 });
  await mock.start();
});
after(() => mock.stop());

for (const [apiType, call] of calls(PROTOCOLS)) {
  test(`aimock: ${call} over ${apiType}`, async () => {
    const asked = await engine(mock.url, apiType, { temperature: 0.5, client: { user_agent: `acme/${apiType}` } });
    assert.equal(await CALLS[call](asked), "Hello there");
    const { headers, body } = mock.getLastRequest();
    assert.equal(headers["user-agent"], `acme/${apiType}`);
    assert.equal(headers.accept, call === "stream" ? "text/event-stream" : "application/json");
    assert.equal(body.temperature ?? body.generationConfig?.temperature, 0.5);
    await assert.rejects(CALLS[call](asked, "boom"), { code: "rate-limited" });
  });
}

test("aimock: embeddings and reranking", async () => {
  mock.onEmbedding(/.*/, { embedding: [1, 2, 3] });
  mock.onRerank(/.*/, [{ index: 1, relevance_score: 0.9 }, { index: 0, relevance_score: 0.2 }]);
  const allowed = (name) => ({ allow_http: { [name]: true }, allow_local_networks: { [name]: true } });
  const options = { embeddings: { type: "openai", engine: "e", dimensions: 3 }, api: allowed("openai"), apiKey: KEY };
  const embedding = await ep.engines.fromConfig({ ...options, baseURL: `${mock.url}/v1` });
  assert.deepEqual((await embedding.embed(["a", "b"])).vectors, [[1, 2, 3], [1, 2, 3]]);
  const section = { rerank: { type: "cohere", engine: "r" }, api: allowed("rerank"), apiKey: KEY };
  const ranking = await ep.engines.fromConfig({ ...section, baseURL: mock.url });
  assert.deepEqual((await ranking.rerank("q", ["a", "b"])).map((each) => each.index), [1, 0]);
});

for (const [apiType, call] of calls(PROTOCOLS)) {
  test(`llmock: ${call} over ${apiType}`, { skip: !LLMOCK_URL }, async () => {
    const base = LLMOCK_URL + ({ claude: "/anthropic", gemini: "/gemini" }[apiType] ?? "");
    const control = (path, body) =>
      fetch(`${LLMOCK_URL}/_llmock/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    await control("reset", {});
    await control("scenario", { behaviors: [{ type: "fail", status: 429, retry_after: 0.01, times: 2 }, { type: "reply", text: "Grüße 🎈" }] });
    const asked = await engine(base, apiType, { temperature: 0.5, maxTokens: 50 });
    assert.equal(await CALLS[call](asked), "Grüße 🎈");
    const { requests } = await (await fetch(`${LLMOCK_URL}/_llmock/requests`)).json();
    assert.equal(requests.length, 3);
    assert.deepEqual(requests[2].body, (await asked.request("hi", { stream: call === "stream" })).body);
    if (call === "run") return;
    for (const kind of ["disconnect", "truncate", "malformed"]) {
      await control("scenario", { behaviors: [{ type: "stream_fault", kind, after_chunks: 3 }] });
      await assert.rejects(CALLS.stream(asked, "one two three four five six seven"), { code: "stream-broken" }, kind);
    }
  });
}

for (const [apiType, call] of calls(["openai", "openai-responses", "claude"])) {
  test(`a real model: ${call} over ${apiType}`, { skip: !REAL_MODEL_URL }, async () => {
    const asked = await engine(REAL_MODEL_URL, apiType, { model: "smollm2", maxTokens: 16, temperature: 0, timeout: 60 });
    assert.ok((await CALLS[call](asked, "What is 2+2?")).trim());
    const other = await engine(REAL_MODEL_URL, apiType, { model: "smollm2", apiKey: "sk-another" });
    await assert.rejects(CALLS[call](other), { code: "refused-by-provider", status: 401 });
  });
}
