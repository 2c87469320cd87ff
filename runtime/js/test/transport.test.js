// Asking providers, with real servers on this machine: answers, faults, limits, and calling it off.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import test from "node:test";

import * as ep from "../src/index.js";
import { answer, CALLS, engine, events, hangUp, KEY, PROTOCOLS, serve, stream, STREAMS, streamed, whole } from "./servers.js";

for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];

const good = { run: whole, stream: streamed };
const every = PROTOCOLS.flatMap((apiType) => Object.keys(CALLS).map((call) => [apiType, call]));

for (const [apiType, call] of every) {
  test(`${call} over ${apiType}`, async (t) => {
    const server = await serve(t, good[call](apiType));
    const asked = await engine(server.url, apiType, { modelInfo: { cost: { input: 1, output: 10 } } });
    assert.equal(await CALLS[call](asked), "Hello");
    const [seen] = server.seen;
    const key = { claude: "x-api-key", gemini: "x-goog-api-key" }[apiType] ?? "authorization";
    assert.ok(seen.headers[key].endsWith(KEY));
    assert.equal(seen.headers.accept, call === "stream" ? "text/event-stream" : "application/json");
    assert.equal(seen.headers["user-agent"], "engine-profiles");
  });

  test(`${call} over ${apiType} after a rate limit, an overload and a hang-up`, async (t) => {
    for (const fault of [answer(429, "slow", { "Retry-After": "0.01" }), answer(529, "busy", { "retry-after-ms": "5" }), hangUp]) {
      const server = await serve(t, fault, good[call](apiType));
      assert.equal(await CALLS[call](await engine(server.url, apiType)), "Hello");
      assert.equal(server.seen.length, 2);
    }
  });

  test(`what ${call} over ${apiType} is refused`, async (t) => {
    for (const status of [400, 401, 403, 404, 422]) {
      const body = { error: { message: `no, ${KEY} is wrong` } };
      const server = await serve(t, answer(status, body, { "x-request-id": "req-1" }));
      const error = await failure(CALLS[call](await engine(server.url, apiType)));
      assert.ok(error instanceof ep.ProviderRefused);
      assert.deepEqual([error.code, error.status, server.seen.length], ["refused-by-provider", status, 1]);
      assert.deepEqual([error.details.providerMessage, error.details.requestId], ["no, ******** is wrong", "req-1"]);
    }
  });

  test(`${call} over ${apiType} is called off`, async (t) => {
    const slow = async (response) => {
      await wait(3000);
      response.end();
    };
    const server = await serve(t, slow);
    const reason = new Error("enough");
    const asked = await engine(server.url, apiType);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    assert.equal(await failure(CALLS[call](asked, "hi", { signal: controller.signal })), reason);
    assert.equal(await failure(CALLS[call](asked, "hi", { signal: AbortSignal.abort(reason) })), reason);
    await until(() => server.left === 1);
    assert.equal(server.seen.length, 1);
  });
}

test("a rate limit that does not end", async (t) => {
  const server = await serve(t, answer(429, { error: "slow down" }, { "Retry-After": "0" }));
  const error = await failure((await engine(server.url)).run("hi"));
  assert.ok(error instanceof ep.RateLimited && error instanceof ep.ProviderRefused);
  assert.deepEqual([error.code, error.retryAfter, server.seen.length], ["rate-limited", 0, 3]);
});

test("a pause that is too long is the caller's to decide", async (t) => {
  const until = new Date(Date.now() + 3600_000).toUTCString();
  const server = await serve(t, answer(429, "", { "Retry-After": until }));
  const error = await failure((await engine(server.url)).run("hi"));
  assert.ok(error.retryAfter > 3500 && error.retryAfter <= 3600);
  assert.equal(server.seen.length, 1);
});

test("a pause is called off", async (t) => {
  const server = await serve(t, answer(429, "", { "Retry-After": "30" }));
  const signal = AbortSignal.timeout(50);
  const error = await failure((await engine(server.url)).run("hi", { signal }));
  assert.equal(error.name, "TimeoutError");
});

test("a server that is not there", async (t) => {
  const server = await serve(t, hangUp);
  server.server.close();
  const error = await failure((await engine(server.url)).run("hi"));
  assert.ok(error instanceof ep.ConnectionFailed);
  assert.match(error.message, /no answer from 127\.0\.0\.1: Connection refused/);
  assert.match(error.hint, /`api\.base_urls\.openai-base-url` \(set by options\)/);
});

test("a redirect is not followed", async (t) => {
  const server = await serve(t, answer(302, "", { Location: "https://elsewhere.example" }));
  const error = await failure((await engine(server.url)).run("hi"));
  assert.deepEqual([error.status, server.seen.length], [302, 1]);
  assert.match(error.message, /redirects elsewhere/);
});

test("time limits: to answer, to send the answer, and between two pieces", async (t) => {
  const late = async (response) => {
    await wait(1000);
    response.end();
  };
  for (const call of Object.keys(CALLS)) {
    const server = await serve(t, late);
    const error = await failure(CALLS[call](await engine(server.url, "openai", { timeout: undefined, timeoutMs: 200 })));
    assert.ok(error instanceof ep.Timeout);
    assert.deepEqual([error.details.seconds, error.details.phase, server.seen.length], [0.2, "to answer", 1]);
  }
  const slow = await serve(t, stream('{"cho', 1000, "ices"));
  assert.equal((await failure((await engine(slow.url, "openai", { timeout: 0.2 })).run("hi"))).details.phase, "to send its answer");
  const stalled = await serve(t, stream(events(STREAMS.openai.slice(0, 1)), 1000, events(STREAMS.openai.slice(1))));
  const error = await failure(CALLS.stream(await engine(stalled.url, "openai", { timeout: 0.2 })));
  assert.ok(error instanceof ep.StreamBroken);
  assert.match(error.message, /nothing came for 0\.2 s/);
  const steady = STREAMS.openai.flatMap((each) => [events([each]), 120]);
  const server = await serve(t, stream(...steady));
  assert.equal(await CALLS.stream(await engine(server.url, "openai", { timeout: 0.2 })), "Hello");
});

test("a caller who takes its time is no stall", async (t) => {
  const server = await serve(t, stream(events(STREAMS.openai.slice(0, 1)), 50, events(STREAMS.openai.slice(1), true)));
  let text = "";
  for await (const delta of (await engine(server.url, "openai", { timeout: 0.2 })).stream("hi")) {
    text += delta.text;
    await wait(300);
  }
  assert.equal(text, "Hello");
});

for (const apiType of PROTOCOLS) {
  test(`streams of ${apiType} that break`, async (t) => {
    const text = events(STREAMS[apiType].slice(0, -1));
    for (const pieces of [[text, "cut"], [text.slice(0, 80)], [text.slice(0, 40), 20, "cut"], [text, "data: {oops\n\n"]]) {
      const server = await serve(t, stream(...pieces));
      const deltas = [];
      const error = await failure((async () => {
        for await (const delta of (await engine(server.url, apiType)).stream("hi")) deltas.push(delta);
      })());
      // OpenAI's last chunk but one says that it is finished; the usage is all that is missing.
      if (apiType === "openai" && pieces.length === 1 && error === undefined) continue;
      assert.ok(error instanceof ep.StreamBroken, String(error));
      assert.ok(deltas.every((delta) => delta.finishReason === null));
    }
  });
}

test("the last delta has the usage, the cost and why it ended", async (t) => {
  const server = await serve(t, streamed("claude"));
  const deltas = [];
  const asked = await engine(server.url, "claude", { modelInfo: { cost: { input: 1, output: 10 } } });
  for await (const delta of asked.stream("hi")) deltas.push(delta);
  const last = deltas.pop();
  assert.deepEqual(deltas.map((delta) => delta.text), ["Hel", "lo"]);
  assert.deepEqual({ ...last }, { text: "", reasoning: null, usage: { inputTokens: 10, outputTokens: 2 }, cost: 3e-5, finishReason: "stop" });
});

test("leaving a stream closes the connection", async (t) => {
  const server = await serve(t, stream(events(STREAMS.openai.slice(0, 1)), 5000));
  for await (const delta of (await engine(server.url)).stream("hi")) {
    assert.equal(delta.text, "Hel");
    break;
  }
  await until(() => server.left === 1);
});

test("a connection is kept for the next call, also after a stream", async (t) => {
  const server = await serve(t, whole("openai"), streamed("openai"), whole("openai"));
  const asked = await engine(server.url);
  for (const call of ["run", "stream", "run"]) {
    await CALLS[call](asked);
    await wait(20); // fetch itself gives the connection back a moment later.
  }
  assert.equal(server.connections.size, 1);
});

test("answers that are too large, and not JSON", async (t) => {
  const large = await serve(t, answer(200, { results: "x".repeat(500) }));
  const section = { type: "cohere", engine: "m", max_response_bytes: 100 };
  const options = { rerank: section, model: undefined, apiKey: "k", api: { allow_http: { rerank: true }, allow_local_networks: { rerank: true } } };
  const asked = await ep.engines.fromConfig({ ...options, baseURL: large.url });
  assert.match((await failure(asked.rerank("q", ["a"]))).message, /it is over 100 bytes long/);
  const small = await ep.engines.fromConfig({ ...options, rerank: { ...section, max_request_bytes: 20 }, baseURL: large.url });
  assert.equal((await failure(small.rerank("q", ["a"]))).code, "bad-option");
  const html = await serve(t, answer(200, "<html>"));
  const error = await failure((await engine(html.url)).run("hi"));
  assert.equal(error.code, "reply-unreadable");
});

test("embeddings and ranks", async (t) => {
  const data = (n) => ({ data: Array.from({ length: n }, (_, index) => ({ index, embedding: [index] })), usage: { prompt_tokens: n } });
  const server = await serve(t, answer(200, data(2048)), answer(200, data(2)));
  const section = { type: "openai", engine: "e" };
  const api = { allow_http: { openai: true }, allow_local_networks: { openai: true } };
  const asked = await ep.engines.fromConfig({ embeddings: section, api, baseURL: server.url, apiKey: "k" });
  const found = await asked.embed(Array.from({ length: 2050 }, (_, n) => `text ${n}`));
  assert.deepEqual([found.vectors.length, found.usage], [2050, { inputTokens: 2050, outputTokens: 0 }]);
  assert.equal((await failure(asked.embed("text"))).code, "bad-option");
  assert.equal((await failure(asked.run("hi"))).code, "no-engine");
  const results = [{ index: 1, relevance_score: 0.9 }, { index: 0, relevance_score: 0.1 }];
  const ranks = await serve(t, answer(200, { results }));
  const local = { allow_http: { rerank: true }, allow_local_networks: { rerank: true } };
  const ranking = await ep.engines.fromConfig({ rerank: { type: "llamacpp", engine: "r" }, api: local, baseURL: ranks.url });
  assert.deepEqual((await ranking.rerank("q", ["a", "b"], { topN: 2 })).map((each) => each.index), [1, 0]);
  assert.deepEqual(ranks.seen[0].body, { model: "r", query: "q", documents: ["a", "b"], top_n: 2 });
});

test("a proxy is used, by undici", async (t) => {
  const server = await serve(t, whole("openai"));
  const asked = [];
  const proxy = await serve(t, hangUp);
  proxy.server.on("connect", (request, socket) => {
    asked.push([request.url, request.headers["proxy-authorization"]]);
    import("node:net").then(({ connect }) => {
      const through = connect(new URL(server.url).port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(through).pipe(socket);
      });
      t.after(() => through.destroy());
    });
  });
  const url = proxy.url.replace("http://", "http://user:secret@");
  const through = await engine(server.url, "openai", { client: { proxy_url: url } });
  assert.equal(await CALLS.run(through), "Hello");
  const basic = `Basic ${Buffer.from("user:secret").toString("base64")}`;
  assert.deepEqual(asked, [[new URL(server.url).host, basic]]);
  assert.deepEqual(JSON.parse(JSON.stringify(await through.route())).proxy.credential, "Basic ********");
});

async function failure(promise) {
  return promise.then(() => undefined, (error) => error);
}

async function until(condition) {
  for (let tries = 0; tries < 100 && !condition(); tries++) await wait(20);
  assert.ok(condition());
}
