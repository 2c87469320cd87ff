// docs/javascript.md: its examples run, and print what the page says after `//>`. Providers are a server on this machine.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { answer, REPLIES, serve, stream, STREAMS, events } from "./servers.js";

const HOME = new URL("..", import.meta.url);
const PAGES = { "README.md": 1, "docs/javascript.md": 11, "runtime/js/README.md": 1 };
const PATHS = { "/v1/chat/completions": "openai", "/v1/responses": "openai-responses", "/v1/messages": "claude" };
const ready = (documents) => JSON.parse(JSON.stringify(documents).replaceAll("Hello", "READY").replaceAll('"Hel"', '"REA"').replaceAll('"lo"', '"DY"'));

for (const [page, least] of Object.entries(PAGES)) {
  const text = readFileSync(new URL(`../../${page}`, HOME), "utf8");
  const examples = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

  test(`${page} has examples`, () => assert.ok(examples.length >= least, String(examples.length)));
  examples.forEach((code, index) => {
    test(`${page}, example ${index + 1}`, async (t) => {
      const server = await serve(t, (response, request) => {
        const apiType = PATHS[request.url] ?? "gemini";
        const isStream = request.headers.accept === "text/event-stream";
        const reply = isStream ? stream(events(ready(STREAMS[apiType]), apiType === "openai")) : answer(200, ready(REPLIES[apiType]));
        return reply(response, request);
      });
      assert.equal(await run(t, code, server.url), wanted(code));
    });
  });
}

const wanted = (code) => [...code.matchAll(/^ *\/\/>( .*)?$/gm)].map(([, line]) => `${(line ?? "").slice(1)}\n`).join("");

/** What the example prints, in a project that has a build and the packages. */
async function run(t, code, url) {
  const project = mkdtempSync(join(tmpdir(), "page-"));
  t.after(() => rmSync(project, { recursive: true }));
  cpSync(new URL("../../tests/contract/compiled", HOME), join(project, "build"), { recursive: true });
  symlinkSync(fileURLToPath(new URL("node_modules", HOME)), join(project, "node_modules"));
  const index = new URL("src/index.js", HOME);
  writeFileSync(join(project, "example.mjs"), code.replaceAll('"engine-profiles"', JSON.stringify(index)).replace('"assistant"', '"careful"'));
  const elsewhere = `const send = fetch; globalThis.fetch = (url, options) => send(String(url).replace(/^https:\\/\\/[^/]+/, "${url}"), options);`;
  const keys = { OPENAI_API_KEY: "k", GEMINI_API_KEY: "k", NODE_NO_WARNINGS: "1", PATH: process.env.PATH };
  const given = ["--import", `data:text/javascript,${encodeURIComponent(elsewhere)}`, "example.mjs"];
  const { stdout } = await promisify(execFile)(process.execPath, given, { cwd: project, env: keys });
  return stdout && !stdout.endsWith("\n") ? `${stdout}\n` : stdout;
}
