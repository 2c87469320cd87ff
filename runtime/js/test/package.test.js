// What npm packs, installed into an empty project: it loads a build, its types hold, and nothing else comes along.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const HOME = fileURLToPath(new URL("..", import.meta.url));
const COMPILED = fileURLToPath(new URL("../../../tests/contract/compiled", import.meta.url));
const QUIET = ["--silent", "--no-audit", "--no-fund", "--offline"];
const run = (directory, program, ...given) => execFileSync(program, given, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const USER = `
import { engines, open, type Layer, type Reply, UnknownProfile } from "engine-profiles";
const profiles = await open("build", { manifest: null });
const profile = await profiles.get("careful");
const limit: number | undefined = profile.modelInfo.contextWindow;
const overrides: Layer = { chat: { temperature: 0 } };
const engine = await profile.engine({ overrides, onUnsupported: "drop" });
const reply: Reply = await engine.run("hi", { signal: AbortSignal.timeout(5) });
for await (const delta of engine.stream([{ role: "user", content: "hi" }])) delta.text.trim();
await engines.fromProfile("careful", { temperature: 0, gemini: { thinking_budget: 0 } });
const code: string = new UnknownProfile("x").code;
// @ts-expect-error
await profiles.get(3);
// @ts-expect-error
await engines.fromConfig({ temperature: "hot" });
export { code, limit, reply };
`;

test("the package, packed and installed", (t) => {
  const project = mkdtempSync(join(tmpdir(), "project-"));
  t.after(() => rmSync(project, { recursive: true }));
  const [packed] = JSON.parse(run(HOME, "npm", "pack", "--json", "--silent", "--pack-destination", project));
  const files = packed.files.map(({ path }) => path);
  const sources = readdirSync(join(HOME, "src"), { recursive: true }).filter((name) => name.endsWith(".js"));
  const wanted = sources.flatMap((name) => [`src/${name}`, `types/${name.replace(/\.js$/, ".d.ts")}`]);
  assert.deepEqual(files.sort(), ["LICENSE", "README.md", "package.json", ...wanted].sort());
  assert.ok(packed.size < 120_000, `${packed.size} bytes`);

  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  run(project, "npm", "install", ...QUIET, "--omit=peer", join(project, packed.filename));
  assert.deepEqual(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")), ["engine-profiles"]);
  const installed = JSON.parse(readFileSync(join(project, "node_modules/engine-profiles/package.json"), "utf8"));
  assert.equal(installed.dependencies, undefined);
  const script = `
    const { engines, open } = await import("engine-profiles");
    const profile = await (await open(${JSON.stringify(COMPILED)})).get("careful");
    console.log(profile.name, (await profile.request("hi")).body.temperature, (await engines.echo().run("hi")).text);
    const lacking = async (make) => make().then(() => "", (error) => error.hint);
    process.env.OPENAI_API_KEY = "k";
    console.log(await lacking(() => profile.toAISDK()));
    console.log(await lacking(() => profile.engine({ overrides: { client: { proxy_url: "http://127.0.0.1:9" } } })));
  `;
  writeFileSync(join(project, "use.mjs"), script);
  assert.deepEqual(run(project, process.execPath, "use.mjs").trim().split("\n"), [
    "team/careful 0 READY",
    "npm install @ai-sdk/openai",
    "npm install undici (undici@6 for Node 20); or set `client.proxy_from_environment: false`",
  ]);
  writeFileSync(join(project, "user.ts"), USER);
  const tsc = join(HOME, "node_modules/.bin/tsc");
  run(project, tsc, "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom", "--types", "", "user.ts");
});

test("the version is that of the compiler", () => {
  const own = JSON.parse(readFileSync(join(HOME, "package.json"), "utf8")).version;
  const theirs = readFileSync(join(HOME, "../../compiler/profilec/_version.py"), "utf8");
  assert.ok(theirs.includes(`"${own}"`), theirs);
});
