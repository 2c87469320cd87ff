// Settings + role -> Endpoint: which address is asked, by which protocol, with which credential.

import { Credential, LookupFailed, textOf } from "./credentials.js";
import { AddressRefused, MissingCredential } from "./failures.js";
import * as outbound from "./outbound.js";
import { own } from "./own.js";
import { choose, ROLES } from "./providers.js";
import { quoted } from "./text.js";

/**
 * @typedef {import("./settings.js").Settings} Settings @typedef {import("./providers.js").Role} Role
 * @typedef {import("./providers.js").Provider} Provider
 * @typedef {object} Reached What is asked, for whom.
 * @property {Settings} settings @property {Role} role @property {string} apiType @property {Provider} provider
 */

/** Where requests for one role go. `baseURL` has no user part; `headers` authenticate, with Credentials for values. */
export class Endpoint {
  /**
   * @param {Role} role @param {string} apiType @param {string} protocol @param {string} model @param {string} baseURL
   * @param {Record<string, Credential>} headers
   */
  constructor(role, apiType, protocol, model, baseURL, headers) {
    this.role = role;
    this.apiType = apiType;
    this.protocol = protocol;
    this.model = model;
    this.baseURL = baseURL;
    this.host = outbound.hostOf(baseURL) ?? "";
    this.headers = headers;
  }

  get credentials() {
    return Object.values(this.headers);
  }
}

/**
 * The endpoint of one role. Without `look` the credential stays a reference; a base URL that is one is always looked up.
 * Throws NoEngine, UnknownProvider, AddressRefused, MissingCredential.
 * @param {Settings} settings @param {Role} role @param {boolean} look @returns {Promise<Endpoint>}
 */
export async function endpoint(settings, role, look = true) {
  const { apiType, provider } = await choose(settings, role);
  const reached = { settings, role, apiType, provider };
  const { url, user } = await address(reached);
  const key = await credential(reached, url, look);
  /** @type {Record<string, Credential>} */
  const headers = {};
  const [name, prefix] = own(AUTHENTICATION, provider.protocol) ?? ["Authorization", "Bearer "];
  if (key) headers[name] = key.after(prefix);
  if (user !== null) {
    if (Object.hasOwn(headers, "Authorization")) {
      const remedy = 'keep one of them: `""` as the API key says that there is none';
      throw await refusedAddress(reached, "it holds a user part, and there is an API key too", remedy);
    }
    headers.Authorization = Credential.basic(user);
  }
  return new Endpoint(role, apiType, provider.protocol, String(settings.get(ROLES[role])), url, headers);
}

/** The header of each protocol, and what stands before the credential in it. @type {Record<string, [string, string]>} */
const AUTHENTICATION = { anthropic: ["x-api-key", ""], gemini: ["x-goog-api-key", ""] };

/** The base URL and its user part. @param {Reached} reached */
async function address(reached) {
  const { settings, apiType, provider } = reached;
  const { field, key } = baseURLField(reached);
  const written = field ? settings.get(field)[key] : provider.baseURL;
  if (!written) {
    const named = `api.base_urls.${provider.names[0]}-base-url`;
    throw new AddressRefused(
      `profile ${quoted(settings.name)} has no base URL for ${quoted(apiType)}`,
      `set \`${named}\``,
      { profile: settings.name, field: named, layer: "" },
    );
  }
  try {
    const { url, user } = outbound.splitUser(await textOf(written));
    outbound.check(url, allows(reached, "http"), allows(reached, "local-networks"));
    return { url, user };
  } catch (error) {
    if (error instanceof LookupFailed) throw await missing(reached, field, key, written, error);
    if (!(error instanceof outbound.Refused)) throw error;
    throw await refusedAddress(reached, error.reason, error.remedy.replace("API_TYPE", apiType));
  }
}

/** The field and key that hold the base URL; both empty for the provider's own. @param {Reached} reached */
function baseURLField({ settings, role, provider }) {
  for (const field of role === "embeddings" ? ["embeddings.base_urls", "api.base_urls"] : ["api.base_urls"]) {
    const key = provider.names.map((name) => `${name}-base-url`).find((each) => own(settings.get(field), each));
    if (key) return { field, key };
  }
  return { field: "", key: "" };
}

/** @param {Reached} reached @param {string} what */
function allows({ settings, apiType, provider }, what) {
  const flags = settings.get(`api.allow_${what.replace("-", "_")}`);
  const keys = [...provider.names, apiType].flatMap((name) => [name, `${name}-allow-${what}`]);
  return own(flags, keys.find((key) => own(flags, key) !== undefined) ?? "") === true;
}

/** The credential; null where an empty text says that there is none, or a server needs none.
 * @param {Reached} reached @param {string} baseURL @param {boolean} look */
async function credential(reached, baseURL, look) {
  const { settings, role, apiType, provider } = reached;
  for (const name of provider.names) {
    for (const field of [...(role === "rerank" ? [] : [`${role}.api_keys`]), "api.api_keys"]) {
      const key = `${name}-api-key`;
      const written = own(settings.get(field), key) ?? undefined;
      if (written === undefined) continue;
      if (written === "") return null;
      try {
        const found = Credential.of(written);
        return look ? await found.lookUp() : found;
      } catch (error) {
        if (error instanceof LookupFailed) throw await missing(reached, field, key, written, error);
        throw error;
      }
    }
  }
  const host = outbound.hostOf(baseURL);
  if (!provider.needsKey || outbound.isLocal(host)) return null;
  const field = `api.api_keys.${provider.names[0]}-api-key`;
  throw new MissingCredential(
    `profile ${quoted(settings.name)} has no credential for ${quoted(apiType)}: no layer sets \`${field}\``,
    `set it to a reference such as \`\${env:NAME}\`, or to "" if ${host} asks for none`,
    { profile: settings.name, field, layer: "", reference: null },
  );
}

/** @param {Reached} reached @param {string} field @param {string} key @param {unknown} written @param {LookupFailed} failure */
async function missing({ settings }, field, key, written, failure) {
  const reference = own(written, "$secret") ?? null;
  const layer = await settings.layer(field, key);
  const refers = reference ? ` refers to ${quoted(reference)}` : "";
  return new MissingCredential(
    `\`${field}.${key}\` of profile ${quoted(settings.name)}${refers} (set by ${layer}): ${failure.reason}`,
    failure.hint,
    { profile: settings.name, field: `${field}.${key}`, layer, reference },
  );
}

/** @param {Reached} reached @param {string} reason @param {string} remedy */
async function refusedAddress(reached, reason, remedy) {
  const { settings } = reached;
  const { field, key } = baseURLField(reached);
  const layer = field ? await settings.layer(field, key) : "";
  const of = `of profile ${quoted(settings.name)}`;
  const where = field ? `\`${field}.${key}\` ${of} (set by ${layer})` : `the base URL ${of} (the provider's own)`;
  const details = { profile: settings.name, field: field ? `${field}.${key}` : "", layer };
  return new AddressRefused(`${where}: ${reason}`, remedy, details);
}
