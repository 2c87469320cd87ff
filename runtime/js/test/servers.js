// scripted answers -> a real HTTP server on 127.0.0.1 that notes what it is asked, and an engine that asks it.

import { createServer } from "node:http";

import { engines } from "../src/index.js";

export const KEY = "sk-canary-7f3a9c";
export const BASES = { openai: "/v1", "openai-responses": "/v1", claude: "", gemini: "" };
const usage = { prompt_tokens: 10, completion_tokens: 2 };

/** A plain answer `Hello` of each protocol, whole and as the documents of a stream. */
export const REPLIES = {
  openai: { choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }], usage },
  "openai-responses": {
    status: "completed",
    output: [{ type: "message", content: [{ type: "output_text", text: "Hello" }] }],
    usage: { input_tokens: 10, output_tokens: 2 },
  },
  claude: { content: [{ type: "text", text: "Hello" }], stop_reason: "end_turn", usage: { input_tokens: 10, output_tokens: 2 } },
  gemini: {
    candidates: [{ content: { parts: [{ text: "Hello" }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 2 },
  },
};
export const STREAMS = {
  openai: [
    { choices: [{ index: 0, delta: { content: "Hel" } }] },
    { choices: [{ index: 0, delta: { content: "lo" }, finish_reason: "stop" }] },
    { choices: [], usage },
  ],
  "openai-responses": [
    { type: "response.output_text.delta", delta: "Hel" },
    { type: "response.output_text.delta", delta: "lo" },
    { type: "response.completed", response: REPLIES["openai-responses"] },
  ],
  claude: [
    { type: "message_start", message: { usage: { input_tokens: 10 } } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hel" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "lo" } },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
    { type: "message_stop" },
  ],
  gemini: [
    { candidates: [{ content: { parts: [{ text: "Hel" }] } }] },
    { candidates: [{ content: { parts: [{ text: "lo" }] }, finishReason: "STOP" }], usageMetadata: REPLIES.gemini.usageMetadata },
  ],
};
export const PROTOCOLS = Object.keys(REPLIES);

/** Start a server that answers with the answers given, in order, the last one again and again; closed with the test. */
export async function serve(t, ...answers) {
  const served = { seen: [], left: 0, connections: new Set() };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    served.seen.push({ method: request.method, path: request.url, headers: request.headers, body: body ? JSON.parse(body) : null });
    response.on("close", () => response.writableEnded || served.left++);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    await answer(response, request);
  });
  server.on("connection", (socket) => served.connections.add(socket));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of served.connections) socket.destroy();
    server.close();
  });
  served.url = `http://127.0.0.1:${server.address().port}`;
  served.server = server;
  return served;
}

/** A whole answer. */
export const answer = (status, body = "", headers = {}) => (response) => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

/** Pieces one after the other; a number waits for so many milliseconds, and "cut" closes the connection. */
export const stream = (...pieces) => async (response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.flushHeaders();
  for (const piece of pieces) {
    if (piece === "cut") return response.destroy();
    if (typeof piece === "number") await new Promise((resolve) => setTimeout(resolve, piece));
    else response.write(piece);
  }
  response.end();
};

export const events = (documents, done = false) =>
  documents.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("") + (done ? "data: [DONE]\n\n" : "");

export const whole = (apiType) => answer(200, REPLIES[apiType]);
export const streamed = (apiType) => stream(events(STREAMS[apiType], apiType === "openai"));
export const hangUp = (response) => response.socket.destroy();

/** An engine of options alone that asks a server on this machine. */
export function engine(url, apiType = "openai", { api = {}, ...options } = {}) {
  const allowed = { allow_http: { [apiType]: true }, allow_local_networks: { [apiType]: true } };
  return engines.fromConfig({
    model: "m",
    apiType,
    baseURL: url + (BASES[apiType] ?? "/v1"),
    apiKey: KEY,
    timeout: 5,
    ...options,
    api: { ...allowed, ...api },
  });
}

/** The two calls, each with the text of the whole answer as its result. */
export const CALLS = {
  run: async (asked, messages = "hi", call = {}) => (await asked.run(messages, call)).text,
  stream: async (asked, messages = "hi", call = {}) => {
    let text = "";
    for await (const delta of asked.stream(messages, call)) text += delta.text;
    return text;
  },
};
