// Settings + Endpoint + what is asked -> Request. The one way to a request, whatever the protocol.

import { BadOption } from "../errors.js";
import { UnsupportedParameter } from "../failures.js";
import { nearest } from "../nearest.js";
import { quoted } from "../text.js";
import { debug, warn } from "../trace.js";
import * as anthropic from "./anthropic.js";
import * as embeddings from "./embeddings.js";
import * as gemini from "./gemini.js";
import * as openaiChat from "./openai-chat.js";
import * as openaiResponses from "./openai-responses.js";
import { LABELS, Parameters } from "./parameters.js";
import { join, Request } from "./request.js";
import * as rerank from "./rerank.js";

/**
 * @typedef {import("../settings.js").Settings} Settings @typedef {import("../endpoint.js").Endpoint} Endpoint
 * @typedef {import("../profile.js").Policy} Policy @typedef {import("../content.js").Turn} Turn
 * @typedef {import("./openai-chat.js").Composed} Composed
 * @typedef {object} Protocol
 * @property {(p: Parameters, turns: Turn[], stream: boolean) => Composed} request
 * @property {(document: any) => import("../reply.js").Reply} reply
 * @property {new () => Stream} Stream
 * @typedef {object} Stream
 * @property {string | null} finishReason @property {boolean} isOver @property {import("../reply.js").Usage | null} usage
 * @property {(event: string, document: any) => Iterable<import("../reply.js").Delta>} deltas
 */

/** @type {Record<string, Protocol>} */
export const CHAT = { "openai-chat": openaiChat, "openai-responses": openaiResponses, anthropic, gemini };
const POLICIES = /** @type {const} */ (["error", "warn", "drop"]);
const USER_AGENT = "engine-profiles";
// Others that are compatible are not to know the organization's name.
const OPENAI_TYPES = ["openai", "openai-responses", "open-responses"];

/**
 * The request for a chat. Throws BadOption, UnsupportedParameter.
 * @param {Settings} settings @param {Endpoint} endpoint @param {Turn[]} turns @param {boolean} stream @param {Policy} policy
 */
export async function chat(settings, endpoint, turns, stream, policy) {
  const p = new Parameters(settings, endpoint);
  await refuseImages(p, turns);
  const composed = CHAT[endpoint.protocol].request(p, turns, stream);
  const version = p.protocol === "anthropic" ? "v1" : p.protocol === "gemini" ? gemini.version(p) : "";
  return request(p, endpoint, policy, version, composed);
}

/** The request for the vectors of some texts. Throws UnsupportedParameter.
 * @param {Settings} settings @param {Endpoint} endpoint @param {string[]} texts @param {Policy} policy */
export async function embed(settings, endpoint, texts, policy) {
  const p = new Parameters(settings, endpoint);
  return request(p, endpoint, policy, "", embeddings.request(p, texts));
}

/**
 * The request to rank documents. Throws UnsupportedParameter.
 * @param {Settings} settings @param {Endpoint} endpoint @param {string} query @param {string[]} documents
 * @param {number | undefined} topN @param {Policy} policy
 */
export async function rank(settings, endpoint, query, documents, topN, policy) {
  const p = new Parameters(settings, endpoint);
  return request(p, endpoint, policy, rerank.VERSIONS[p.protocol], rerank.request(p, query, documents, topN));
}

/** The policy for what is not supported, if it is one. @param {unknown} policy @returns {Policy} */
export function checkPolicy(policy = "error") {
  const found = POLICIES.find((each) => each === policy);
  if (found) return found;
  const near = typeof policy === "string" ? nearest(policy, POLICIES) : [];
  const message = `\`onUnsupported\` is ${quoted(policy)}, not error, warn or drop`;
  throw new BadOption(message, near.length ? `did you mean ${quoted(near[0])}?` : null, { option: "onUnsupported", given: policy });
}

/** What was refused is an error, a warning, or a line in the debug log. @param {Parameters} p @param {Policy} policy */
export async function settle(p, policy) {
  if (!p.refusals.length) return;
  const error = await unsupported(p, p.refusals);
  if (policy === "error") throw error;
  if (policy === "warn") warn(`not sent: ${error.message}`);
  debug(() => `not sent: ${error.message}`);
}

/** @param {Parameters} p @param {Turn[]} turns */
async function refuseImages(p, turns) {
  const takes = p.settings.get("model_info.input");
  if (!takes?.length || takes.includes("image") || turns.every((turn) => turn.isText)) return;
  const reason = "it has no `image`, and the messages hold one";
  throw await unsupported(p, [{ field: "model_info.input", reason, remedy: "choose a model that takes images" }]);
}

/** @param {Parameters} p @param {Endpoint} endpoint @param {Policy} policy @param {string} version @param {Composed} composed */
async function request(p, endpoint, policy, version, { path, headers, body }) {
  await settle(p, policy);
  const organization = OPENAI_TYPES.includes(p.apiType) ? p.settings.get("client.organization") : undefined;
  const isStream = path.endsWith("alt=sse") || body.stream === true;
  return new Request(
    join(endpoint.baseURL, path, version),
    {
      "Content-Type": "application/json",
      Accept: isStream ? "text/event-stream" : "application/json",
      "User-Agent": p.settings.get("client.user_agent") || USER_AGENT,
      ...(organization ? { "OpenAI-Organization": organization } : {}),
      ...headers,
      ...endpoint.headers,
    },
    body,
  );
}

/** @param {Parameters} p @param {import("./parameters.js").Refusal[]} refusals */
async function unsupported(p, refusals) {
  const refused = await Promise.all(
    refusals.map(async ({ field, reason, remedy }) => ({ field, layer: await p.settings.layer(field), reason, remedy })),
  );
  const lines = refused.map((each) => `\`${each.field}\` (set by ${each.layer || p.settings.name}): ${each.reason}`);
  const remedies = new Set(refused.map((each) => `${each.field}: ${each.remedy}`));
  const label = LABELS[p.protocol];
  return new UnsupportedParameter(
    `profile ${quoted(p.settings.name)} cannot ask ${quoted(p.model)} over ${label}: ${lines.join("; ")}`,
    `${[...remedies].join("; ")}; or leave it out with onUnsupported: "drop"`,
    { profile: p.settings.name, field: refused[0].field, layer: refused[0].layer, refused },
  );
}
