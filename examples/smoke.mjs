// Asks the model of a profile one real question, whole and as a stream, and says what came back.
//
//     node examples/smoke.mjs [PROFILE] [--build DIR]
//
// The profile is the argument, else $PINOCCHIO_PROFILE, else gemini-2.5-flash-lite; the build is DIR, else
// $ENGINE_PROFILES_BUILD, else ./build. Exit code 0: it answered. 1: it did not, and why. 2: a credential is missing.

import { parseArgs } from "node:util";

import { EngineProfilesError, engines, MissingCredential } from "../runtime/js/src/index.js";

const DEFAULT = "gemini-2.5-flash-lite";
const QUESTION = "Answer with the one word READY.";

async function main() {
  const { values, positionals } = parseArgs({ options: { build: { type: "string" } }, allowPositionals: true });
  const name = positionals[0] ?? (process.env.PINOCCHIO_PROFILE || DEFAULT);
  try {
    await ask(await engines.fromProfile(name, { build: values.build }));
    return 0;
  } catch (error) {
    if (!(error instanceof EngineProfilesError)) throw error;
    const isMissing = error instanceof MissingCredential;
    console.error(isMissing ? `not asked: ${error}` : `${error.code}: ${error}`);
    return isMissing ? 2 : 1;
  }
}

async function ask(engine) {
  const { model, host, protocol } = await engine.endpoint();
  console.log(`${engine.name}: ${model} at ${host} over ${protocol}`);
  const { text, ...reply } = await engine.run(QUESTION);
  console.log(`run:    ${JSON.stringify(text.trim())}, ${described(reply)}`);
  const pieces = [];
  for await (const delta of engine.stream(QUESTION)) pieces.push(delta);
  const last = pieces.pop();
  const whole = pieces.map((delta) => delta.text).join("").trim();
  console.log(`stream: ${JSON.stringify(whole)} in ${pieces.length} pieces, ${described(last)}`);
}

function described({ finishReason, usage, cost }) {
  return `${finishReason}, ${JSON.stringify(usage)}, ${cost === null ? "price unknown" : `${cost.toFixed(8)} USD`}`;
}

process.exitCode = await main();
