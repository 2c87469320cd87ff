// Opening a build, finding profiles, and refusing what is not as it was built.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import * as ep from "../src/index.js";
import { answer, serve } from "./servers.js";

const COMPILED = new URL("../../../tests/contract/compiled/", import.meta.url);
for (const name of ["PINOCCHIO_PROFILE", "ENGINE_PROFILES_BUILD", "ENGINE_PROFILES_DEBUG"]) delete process.env[name];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** A copy of the compiled registries, removed with the test. */
function copied(t) {
  const directory = mkdtempSync(join(tmpdir(), "build-"));
  t.after(() => rmSync(directory, { recursive: true }));
  cpSync(COMPILED, directory, { recursive: true });
  return directory;
}

/** A build in memory: {registry: {profile: artifact}} -> what `open` takes, and its files to tamper with. */
function written(registries, { settings = {}, manifest = {} } = {}) {
  const files = new Map();
  const put = (file, document) => {
    const text = JSON.stringify({ format: "engine-profiles/1", ...document });
    files.set(file, text);
    return { file, size: Buffer.byteLength(text), digest: sha256(text) };
  };
  // Own keys, whatever they are called.
  const entries = (record, make) => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, make(key, value)]));
  const indexes = entries(registries, (registry, profiles) => ({
    default_profile: Object.keys(profiles)[0],
    ...put(`registries/${registry}.json`, {
      profiles: entries(profiles, (slug, artifact) =>
        put(`profiles/${registry}/${slug}.json`, { registry_slug: registry, profile_slug: slug, inference_settings: settings, ...artifact }),
      ),
    }),
  }));
  const names = Object.entries(registries).flatMap(([registry, profiles]) =>
    Object.keys(profiles).map((slug) => [slug, `${registry}/${slug}`]),
  );
  const document = { default: null, build: "b", registries: indexes, names: put("names.json", { names: Object.fromEntries(names) }) };
  put("manifest.json", { ...document, ...manifest });
  return { files, source: { read: (name) => files.get(name) } };
}

test("a directory, a URL of a file, and a path", async () => {
  for (const where of [COMPILED, new URL(".", COMPILED).pathname, pathToFileURL(COMPILED.pathname)]) {
    const profiles = await ep.open(where);
    assert.equal((await profiles.get("careful")).name, "team/careful");
    assert.equal(profiles.digest, sha256(readFileSync(new URL("manifest.json", COMPILED))));
  }
});

test("without a path: the variable, then ./build", async (t) => {
  const directory = copied(t);
  process.env.ENGINE_PROFILES_BUILD = directory;
  t.after(() => delete process.env.ENGINE_PROFILES_BUILD);
  assert.equal((await (await ep.open()).get("careful")).name, "team/careful");
  process.env.ENGINE_PROFILES_BUILD = " ";
  const error = await failure(ep.open());
  assert.equal(error.code, "no-build");
  assert.deepEqual(error.details, { path: join(process.cwd(), "build"), rule: "the default" });
});

test("over HTTP, each file once", async (t) => {
  const server = await serve(t, (response, request) => {
    const file = new URL(`.${request.url.replace("/deep/build", "")}`, COMPILED);
    try {
      answer(200, readFileSync(file, "utf8"))(response);
    } catch {
      answer(404)(response);
    }
  });
  for (const where of [`${server.url}/deep/build`, new URL(`${server.url}/deep/build/`)]) {
    const profiles = await ep.open(where);
    assert.equal((await profiles.get("careful")).name, "team/careful");
    assert.equal((await profiles.get("careful")).settings.chat.engine, "gpt-4.1");
  }
  assert.equal(server.seen.filter(({ path }) => path.includes("names@")).length, 2);
  assert.equal((await failure(ep.open(`${server.url}/other`))).code, "no-build");
  const broken = await serve(t, answer(500));
  assert.equal((await failure(ep.open(broken.url))).code, "damaged-build");
  const longer = await serve(t, answer(200, readFileSync(new URL("manifest.json", COMPILED), "utf8")), answer(200, "x".repeat(1 << 20)));
  assert.match((await failure((await ep.open(longer.url)).get("careful"))).message, /recorded \d+ bytes, it has more/);
});

test("imported JSON, and files that an application reads", async () => {
  const read = (name) => JSON.parse(readFileSync(new URL(name, COMPILED), "utf8"));
  const manifest = read("manifest.json");
  const profiles = await ep.open({ manifest, read: async (name) => read(name) });
  const profile = await profiles.get("careful");
  assert.equal(profile.settings.chat.temperature, 0);
  assert.match((await profile.explain("chat.engine")).winner.place, /^10-provider\.yaml:\d+:\d+$/);
  assert.deepEqual([profiles.digest, await profiles.reload()], [null, false]);
  assert.equal((await failure(ep.open({ manifest, read }, { manifest: "0".repeat(64) }))).code, "bad-option");
  const texts = await ep.open({ read: (name) => readFileSync(new URL(name, COMPILED), "utf8") });
  assert.equal((await texts.get("careful")).name, "team/careful");
  for (const wrong of [3, [], {}, { read: 3 }, true]) assert.equal((await failure(ep.open(wrong))).code, "bad-option");
  const shared = { manifest, read: (name) => (name === "manifest.json" ? manifest : read(name)) };
  (await (await ep.open(shared)).get("careful")).settings.chat.engine = "changed";
  assert.equal((await (await ep.open(shared)).get("careful")).settings.chat.engine, "gpt-4.1");
});

test("what cannot be read says why", async (t) => {
  const directory = copied(t);
  rmSync(join(directory, "manifest.json"));
  const loop = join(directory, "manifest.json");
  symlinkSync(loop, loop);
  const error = await failure(ep.open(directory));
  assert.deepEqual([error.code, error.message.includes("cannot be read (ELOOP)")], ["no-build", true]);
  for (const wrong of ["a\0b", "\0"]) assert.equal((await failure(ep.open(wrong))).code, "no-build");
  const told = await failure(ep.open({ read: () => Promise.reject(new Error("sk-canary")) }));
  assert.ok(told.code === "no-build" && !inspect(told).includes("sk-canary"));
});

test("a pin", async (t) => {
  const directory = copied(t);
  const { digest } = await ep.open(directory);
  for (const pin of [digest, `sha256:${digest.toUpperCase()}`]) assert.ok(await ep.open(directory, { manifest: pin }));
  assert.equal((await failure(ep.open(directory, { manifest: "0".repeat(64) }))).code, "damaged-build");
  assert.equal((await failure(ep.open(directory, { manifest: "abc" }))).code, "bad-option");
  const profiles = await ep.open(directory, { manifest: digest });
  const file = join(directory, "manifest.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"default": "constructor/constructor"', '"default": "team/careful"'));
  assert.equal((await failure(profiles.reload())).code, "damaged-build");
  assert.equal(profiles.default, "constructor/constructor");
});

test("a newer build is taken up by reload, and profiles handed out stay", async (t) => {
  const directory = copied(t);
  const profiles = await ep.open(directory);
  assert.equal(await profiles.reload(), false);
  const before = await profiles.get("careful");
  const file = join(directory, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...manifest, default: "team/careful" }));
  assert.equal(await profiles.reload(), true);
  assert.equal((await profiles.get()).name, "team/careful");
  assert.equal(before.name, "team/careful");
  writeFileSync(file, "{");
  assert.equal((await failure(profiles.reload())).code, "damaged-build");
  assert.equal((await profiles.get()).name, "team/careful");
});

test("damage of every file is refused", async (t) => {
  const damages = { flipped: (text) => text.replace("engine-profiles/1", "engine-profiles/2"), cut: (text) => text.slice(0, -5), longer: (text) => `${text}\n` };
  const all = (directory) => readdirSync(directory, { recursive: true }).filter((name) => name.endsWith(".json") && name !== "manifest.json");
  for (const [how, damage] of Object.entries(damages)) {
    const directory = copied(t);
    for (const name of all(directory)) writeFileSync(join(directory, name), damage(readFileSync(join(directory, name), "utf8")));
    assert.equal((await failure((await ep.open(directory)).get("careful"))).code, "damaged-build", how);
  }
  const directory = copied(t);
  const profile = await (await ep.open(directory)).get("team/careful");
  for (const name of all(directory)) unlinkSync(join(directory, name));
  assert.equal((await failure(profile.explain("chat.engine"))).code, "damaged-build");
  assert.match((await failure((await ep.open(directory)).get("team/careful"))).hint, /profiles\.reload\(\)/);
});

test("manifests that are none", async (t) => {
  const directory = copied(t);
  for (const [text, code] of Object.entries({
    "": "damaged-build",
    "[]": "damaged-build",
    "null": "damaged-build",
    "{}": "unknown-format",
    '{"format": "engine-profiles/2"}': "unknown-format",
    '{"format": "engine-profiles/1"}': "damaged-build",
    '{"format": "engine-profiles/1", "registries": []}': "damaged-build",
    '\ufeff{"format": "engine-profiles/1"}': "damaged-build",
  })) {
    writeFileSync(join(directory, "manifest.json"), text);
    assert.equal((await failure(ep.open(directory))).code, code, text);
  }
});

test("no file name leads out of the build", async () => {
  for (const file of ["../secret.json", "/etc/passwd", "a/../../b", "C:\\x", "a\0b", "", "a//b", "./a", "file:///etc/passwd"]) {
    const { files, source } = written({ r: { p: {} } });
    const manifest = JSON.parse(files.get("manifest.json"));
    manifest.registries.r.file = file;
    const index = files.get("registries/r.json");
    files.set("manifest.json", JSON.stringify(manifest));
    files.set(file, index); // It is there, and what the build recorded.
    const error = await failure((await ep.open(source)).get("r/p"));
    assert.equal(error.code, "damaged-build", file);
    assert.match(error.message, file ? /outside its directory/ : /no file, size and digest/);
  }
});

test("names that are properties of every object do no harm", async () => {
  const odd = JSON.parse('{"__proto__": {"__proto__": {}, "constructor": {}}, "constructor": {"__proto__": {}, "toString": {}}}');
  const settings = JSON.parse('{"__proto__": {"polluted": 1}, "chat": {"__proto__": {"polluted": 1}, "engine": "m"}}');
  const { source } = written(odd, { settings });
  const profiles = await ep.open(source);
  const names = ["__proto__/__proto__", "__proto__/constructor", "constructor/__proto__", "constructor/toString"];
  assert.deepEqual(await profiles.list(), names);
  for (const name of names.slice(0, 3)) {
    const profile = await profiles.get(name);
    assert.equal(profile.name, name);
    assert.equal(profile.settings.polluted, undefined);
    const engine = await profile.engine({ overrides: { api: { api_keys: { "openai-api-key": "k" } } } });
    assert.equal((await engine.request("hi")).body.polluted, undefined);
    for (const each of [engine.settings.values, engine.settings.values.chat]) {
      assert.equal(Object.getPrototypeOf(each), Object.prototype);
    }
  }
  assert.equal((await profiles.get(undefined, "__proto__")).name, "__proto__/__proto__");
  const plain = await ep.open(written({ r: { p: {} } }).source);
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "r/__proto__", "r/constructor", "__proto__/p", "constructor/p"]) {
    const { code } = await failure(plain.get(name));
    assert.ok(code === "unknown-profile" || code === "unknown-registry", name);
    assert.equal(await plain.has(name), false);
  }
  assert.equal({}.polluted, undefined);
});

test("what could not be read once is read again", async () => {
  const { files, source } = written({ r: { p: {} } });
  const profiles = await ep.open(source);
  const index = files.get("registries/r.json");
  files.delete("registries/r.json");
  assert.equal((await failure(profiles.get("r/p"))).code, "damaged-build");
  files.set("registries/r.json", index);
  assert.equal((await profiles.get("r/p")).name, "r/p");
});

test("an artifact of another profile, and one that is misshapen", async () => {
  for (const artifact of [{ profile_slug: "q" }, { registry_slug: "s" }, { inference_settings: [] }, { lineage: 3 }, { extensions: "x" }]) {
    const { source } = written({ r: { p: artifact } });
    assert.equal((await failure((await ep.open(source)).get("r/p"))).code, "damaged-build");
  }
});

test("an embedded credential is nowhere to be seen, but where it is asked for", async () => {
  const canary = "sk-canary-embedded";
  const settings = {
    api: { api_keys: { "openai-api-key": canary }, base_urls: { "openai-base-url": `https://user:${canary}@gw.example/v1` } },
    chat: { engine: "m", api_keys: { "claude-api-key": canary } },
    client: { proxy_url: `http://user:${canary}@proxy.example:8080`, timeout: 5 },
    embeddings: { api_keys: { "openai-api-key": canary } },
  };
  const fields = { "/inference_settings/api/api_keys/openai-api-key": [0], "/inference_settings/client/proxy_url": [0] };
  const lineage = { stack: [{ registry_slug: "r", profile_slug: "p" }], fields };
  const profiles = await ep.open(written({ r: { p: { lineage } } }, { settings }).source);
  const profile = await profiles.get("r/p");
  assert.equal(profile.settings.api.api_keys["openai-api-key"], canary);
  const overrides = { api: { base_urls: { "openai-base-url": "https://gw.example/v1" } }, client: { proxy_url: "" } };
  const engine = await profile.engine({ overrides });
  const request = await engine.request("hi");
  assert.equal(request.revealedHeaders().Authorization, `Bearer ${canary}`);
  const explanations = await profile.explainAll();
  const shown = [profiles, profile, profile.document, profile.settings, { ...profile.settings }, engine, engine.settings, request, await engine.endpoint(), explanations];
  for (const each of shown) {
    for (const text of [inspect(each, { depth: 20, showHidden: true }), inspect(each, { depth: 20 }), JSON.stringify(each), String(each)]) {
      assert.ok(!text.includes(canary), text);
    }
  }
  assert.match(JSON.stringify(profile), /"timeout":5/);
  assert.match(JSON.stringify(profile), /https:\/\/\*{8}@gw\.example/);
  assert.deepEqual(structuredClone(profile.settings), settings);
});

test("errors show what was found, as text and as JSON", async () => {
  const error = await failure((await ep.open(COMPILED)).get("carefull"));
  assert.ok(error instanceof ep.UnknownProfile && error instanceof ep.EngineProfilesError && error instanceof Error);
  assert.match(String(error), /^no profile `carefull` .*\nhelp: did you mean `careful`\?$/);
  assert.equal(JSON.parse(JSON.stringify(error)).code, "unknown-profile");
  assert.match(inspect(error), /^UnknownProfile: no profile/);
});

test("references that lead to nothing", async (t) => {
  const directory = copied(t);
  for (const name of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"]) delete process.env[name];
  process.env.OPENAI_API_KEY = "k";
  const lacking = await ep.missing(directory);
  assert.deepEqual(lacking["provider/claude"], ["env:ANTHROPIC_API_KEY"]);
  assert.ok(!("team/careful" in lacking));
  assert.deepEqual(await ep.missing(await ep.open(directory)), lacking);
});

test("resolvers, and what they may not give away", async () => {
  ep.registerResolver("vault", async (path) => (path === "good" ? "sk-from-vault" : Promise.reject(new Error("sk-canary"))));
  const secret = (rest) => ({ model: "m", apiKey: { $secret: rest } });
  const engine = await ep.engines.fromConfig(secret("vault:good"));
  assert.equal((await engine.request("hi")).revealedHeaders().Authorization, "Bearer sk-from-vault");
  for (const reference of ["vault:bad", "nobody:x", "env:NOT_SET_HERE", "file:/nowhere", "plain"]) {
    const error = await failure(ep.engines.fromConfig(secret(reference)));
    assert.equal(error.code, "missing-credential");
    assert.ok(!inspect(error).includes("sk-canary"));
  }
  const directory = mkdtempSync(join(tmpdir(), "key-"));
  writeFileSync(join(directory, "key"), "sk-of-file\n");
  const file = await ep.engines.fromConfig(secret(`file:${directory}/key`));
  assert.equal((await file.request("hi")).revealedHeaders().Authorization, "Bearer sk-of-file");
  writeFileSync(join(directory, "key"), "sk-canary-1\nsk-canary-2\n");
  const error = await failure(ep.engines.fromConfig(secret(`file:${directory}/key`)));
  assert.ok(error.code === "missing-credential" && !inspect(error).includes("canary"));
  rmSync(directory, { recursive: true });
  assert.throws(() => ep.registerResolver("a b", () => ""), { code: "bad-option" });
  assert.throws(() => ep.registerResolver("a", 3), { code: "bad-option" });
});

async function failure(promise) {
  return promise.then(() => undefined, (error) => error);
}
