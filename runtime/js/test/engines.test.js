// Options under today's names and the original's, and the engines that ask nobody.

import assert from "node:assert/strict";
import test from "node:test";

import * as ep from "../src/index.js";
import { CALLS } from "./servers.js";

const { engines } = ep;
const build = new URL("../../../tests/contract/compiled/", import.meta.url);
process.env.OPENAI_API_KEY = "sk-canary-7f3a9c";
process.env.GEMINI_API_KEY = "sk-canary-7f3a9c";
const config = (options) => engines.fromConfig({ model: "gpt-4.1", apiKey: "k", ...options });

test("the original's names of options", async () => {
  const older = await config({ provider: "groq", maxTokens: 10, timeoutSeconds: 5, topP: 0.5, baseURL: "https://gw.example/v1", modelInfo: {} });
  const request = await older.request("hi");
  assert.equal(request.url, "https://gw.example/v1/chat/completions");
  assert.deepEqual([request.body.max_tokens, request.body.top_p], [10, 0.5]);
  assert.equal((await older.route()).timeout, 5);
  assert.equal((await (await config({ timeoutMs: 1500 })).route()).timeout, 1.5);
  const info = { contextWindow: 1000, qualityHighWatermark: 800, maxOutputTokens: 50, cost: { input: 1, cacheRead: 0.1 } };
  const informed = await config({ modelInfo: info });
  assert.deepEqual(informed.modelInfo, info);
  assert.deepEqual(informed.settings.section("model_info").cost, { input: 1, cache_read: 0.1 });
  const profile = await engines.fromProfile("careful", { build, modelInfo: { contextWindow: 7 } });
  assert.equal(profile.modelInfo.contextWindow, 7);
});

const refused = [
  [{ registrySlug: "team" }, "give a profile by its whole name, as in `registry/profile`"],
  [{ requestOverrides: {} }, "give sections, as in {chat: {temperature: 0}}"],
  [{ runtimeKey: "x" }, "give nothing: an engine belongs to no runtime, keep one for each"],
  [{ engine: "m" }, "give `model`"],
  [{ max_tokens: 1 }, "did you mean `maxTokens`?"],
  [{ base_url: "x" }, "did you mean `baseURL`?"],
  [{ baseUrl: "x" }, "did you mean `baseURL`?"],
  [{ temprature: 1 }, "did you mean `temperature`?"],
  [{ gemni: {} }, "did you mean `gemini`?"],
  [{ apiType: "groq", provider: "groq" }, "leave `provider` out"],
  [{ timeout: 1, timeoutMs: 1 }, "leave `timeoutMs` out"],
  [{ profile: "careful" }, "call `fromProfile`, which takes `profile`"],
];
for (const [options, hint] of refused) {
  test(`refused: ${Object.keys(options).join(" and ")}`, async () => {
    await assert.rejects(config(options), { code: "bad-option", hint });
  });
}

test("values that are of another kind", async () => {
  const wrong = [{ temperature: "1" }, { maxTokens: 1.5 }, { timeoutMs: "5" }, { timeoutSeconds: -1 }, { modelInfo: 3 }, { modelInfo: { contextWindow: "x" } }, { stop: 3 }, { apiKey: 3 }, { onUnsupported: "drpo" }];
  for (const options of wrong) await assert.rejects(config(options), { code: "bad-option" }, JSON.stringify(options));
  for (const options of [undefined, null, "x", []]) await assert.rejects(engines.fromConfig(options), { code: "bad-option" });
});

test("what is left open is the profile's", async () => {
  const engine = await engines.fromProfile("careful", { build, temperature: undefined, maxTokens: null, apiKey: undefined });
  const { body } = await engine.request("hi");
  assert.deepEqual([body.temperature, body.max_completion_tokens, engine.name], [0, 300, "profile:team/careful"]);
});

test("a profile's engine, baseline and overrides", async () => {
  const profile = await (await ep.open(build)).get("careful");
  const engine = await profile.engine({ baseline: { client: { timeout: 5 }, chat: { top_p: 0.1 } }, overrides: { chat: { temperature: 1 } } });
  const { body } = await engine.request("hi");
  assert.deepEqual([body.temperature, body.top_p, (await engine.route()).timeout], [1, 0.1, 30]);
  assert.deepEqual(profile.modelInfo.cost, { input: 1, output: 4 });
});

test("a warning where it is asked for", async () => {
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const engine = await engines.fromProfile("team/unsupported", { build, onUnsupported: "warn" });
  assert.equal((await engine.request("hi")).body.top_p, undefined);
  assert.match((await warned).message, /not sent: .*`inference\.top_p` \(set by team\/unsupported at 20-team\.yaml/);
});

test("echo", async () => {
  for (const [options, text] of [[undefined, "READY"], [{}, "READY"], [{ reply: " hello " }, "hello"], [{ reply: " " }, "READY"], ["hi", "hi"]]) {
    const engine = engines.echo(options);
    for (const call of Object.values(CALLS)) assert.equal(await call(engine), text);
    assert.deepEqual((await engine.run("x")).usage, { inputTokens: 0, outputTokens: 0 });
    assert.equal(engine.name, "echo");
  }
  assert.throws(() => engines.echo({ reply: 3 }), { code: "bad-option" });
  await assert.rejects(engines.echo().run(3), { code: "bad-option" });
});

test("functions", async () => {
  async function* streamed() {
    yield "Hel";
    yield new ep.engines.Reply("lo");
  }
  const functions = [() => "Hello", async () => "Hello", () => ["Hel", "lo"], () => new Set(["Hel", "lo"]), streamed, async () => streamed(), () => new ep.engines.Reply("Hello")];
  for (const each of functions) {
    for (const call of Object.values(CALLS)) assert.equal(await call(engines.fromFunction(each)), "Hello");
  }
  let seen;
  await engines.fromFunction((messages) => (seen = messages) && "x").run("hi");
  assert.deepEqual(seen, [{ role: "user", content: "hi" }]);
  for (const wrong of [3, null, undefined, {}, new Uint8Array(2), [3]]) {
    for (const call of Object.values(CALLS)) await assert.rejects(call(engines.fromFunction(() => wrong)), { code: "bad-option" });
  }
  const raised = new Error("mine");
  await assert.rejects(engines.fromFunction(() => Promise.reject(raised)).run("hi"), raised);
  assert.throws(() => engines.fromFunction("x"), { code: "bad-option" });
});
