// One contract, two languages: the cases of tests/contract, run in JavaScript.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import * as ep from "../src/index.js";
import { FIELDS, OLDER_SPELLINGS } from "../src/fields.js";
import { SECRETS } from "../src/mask.js";
import { KNOWN } from "../src/providers.js";
import * as table from "../src/wire/table.js";
import { outcome } from "./contract-calls.js";

const HOME = new URL("../../../tests/contract/", import.meta.url);
const COMPILED = new URL("compiled/", HOME);
const read = (file) => JSON.parse(readFileSync(new URL(file, HOME), "utf8"));
const VARIABLES = {
  OPENAI_API_KEY: "sk-canary-0001",
  ANTHROPIC_API_KEY: "sk-canary-0002",
  GEMINI_API_KEY: "sk-canary-0003",
  MISTRAL_API_KEY: "sk-canary-0004",
  OPENROUTER_API_KEY: "sk-canary-0005",
  CO_API_KEY: "sk-canary-0006",
};
for (const name of ["PINOCCHIO_PROFILE", "ENGINE_PROFILES_BUILD", "GOOGLE_API_KEY", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD", "OWN_PROXY", "GATEWAY"]) {
  VARIABLES[name] = null;
}

for (const file of readdirSync(HOME).filter((name) => name.endsWith(".json") && name !== "tables.json")) {
  test(file, async (t) => {
    for (const given of read(file)) await t.test(given.title, () => check(given));
  });
}

test("the tables are those of Python", () => {
  const tables = read("tables.json");
  const classes = Object.entries(ep).filter(([, each]) => Object.hasOwn(each, "code"));
  assert.deepEqual(Object.fromEntries(classes.map(([name, each]) => [name, each.code])), tables.codes);
  assert.deepEqual(FIELDS, tables.fields);
  assert.deepEqual(Object.keys(FIELDS), Object.keys(tables.fields));
  assert.deepEqual(OLDER_SPELLINGS, tables.older_spellings);
  assert.deepEqual(table.CHAT_FIELDS, tables.chat);
  assert.deepEqual(table.OLLAMA_FIELDS, tables.ollama);
  assert.deepEqual(table.EMBEDDINGS_FIELDS, tables.embeddings);
  assert.deepEqual(table.RERANK_FIELDS, tables.rerank);
  const written = ({ protocol, baseURL, names, variables }) => [protocol, baseURL, names, variables];
  const mapped = (known) => Object.fromEntries(Object.entries(known).map(([kind, each]) => [kind, written(each)]));
  assert.deepEqual(Object.fromEntries(Object.entries(KNOWN).map(([role, known]) => [role, mapped(known)])), tables.providers);
});

test("every field that can hold a credential is masked", () => {
  const secret = Object.entries(FIELDS).flatMap(([section, table]) =>
    Object.keys(table).filter((name) => table[name].startsWith("credential")).map((name) => `${section}.${name}`),
  );
  assert.deepEqual(SECRETS.map(([section, name]) => `${section}.${name}`).sort(), secret.sort());
});

async function check(given) {
  for (const [name, value] of Object.entries({ ...VARIABLES, ...given.environment })) {
    if (value === null) delete process.env[name];
    else process.env[name] = value;
  }
  const found = JSON.parse(JSON.stringify(await outcome(given, COMPILED)));
  assert.doesNotMatch(JSON.stringify(found), /sk-canary/);
  if (given.only === "code") assert.equal(found.error?.code, given.wanted.error.code);
  else assert.deepEqual(found, given.wanted);
  assert.equal({}.polluted, undefined);
}
