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
 * @typedef {{field: string, key: string}} At A field, and a key of the map that it holds.
 * @typedef {object} Reached What is asked, for whom.
 * @property {Settings} settings @property {Role} role @property {string} apiType @property {Provider} provider
 */

/** @type {At} */
const NOWHERE = { field: "", key: "" };

/** Where requests for one role go. */
export class Endpoint {
  /** They authenticate. @type {Record<string, Credential>} */
  headers = {};
  /** The field, with the key in it, that sets the credential; both empty where none does. */
  keyAt = NOWHERE;

  /**
   * @param {Role} role @param {string} apiType @param {string} protocol @param {string} model
   * @param {string} baseURL without a user part
   * @param {At} urlAt the field, with the key in it, that sets the address; both empty where none does
   */
  constructor(role, apiType, protocol, model, baseURL, urlAt) {
    this.role = role;
    this.apiType = apiType;
    this.protocol = protocol;
    this.model = model;
    this.baseURL = baseURL;
    this.urlAt = urlAt;
    this.host = outbound.hostOf(baseURL) ?? "";
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
  const urlAt = baseURLField(reached);
  const { url, user } = await address(reached, urlAt);
  const made = new Endpoint(role, apiType, provider.protocol, String(settings.get(ROLES[role])), url, urlAt);
  made.keyAt = keyField(reached);
  const key = await credential(reached, made, look);
  const [name, prefix] = own(AUTHENTICATION, provider.protocol) ?? ["Authorization", "Bearer "];
  if (key) made.headers[name] = key.after(prefix);
  if (user !== null) {
    if (Object.hasOwn(made.headers, "Authorization")) {
      const remedy = 'keep one of them: `""` as the API key says that there is none';
      throw await refusedAddress(settings, urlAt, "it holds a user part, and there is an API key too", remedy);
    }
    made.headers.Authorization = Credential.basic(user);
  }
  return made;
}

/** The header of each protocol, and what stands before the credential in it. @type {Record<string, [string, string]>} */
const AUTHENTICATION = { anthropic: ["x-api-key", ""], gemini: ["x-goog-api-key", ""] };

/** The base URL and its user part. @param {Reached} reached @param {At} at */
async function address(reached, at) {
  const { settings, apiType, provider } = reached;
  const { field, key } = at;
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
    if (error instanceof LookupFailed) throw await missing(settings, at, written, error);
    if (!(error instanceof outbound.Refused)) throw error;
    throw await refusedAddress(settings, at, error.reason, error.remedy.replace("API_TYPE", apiType));
  }
}

/** What holds the base URL; nowhere for the provider's own. @param {Reached} reached @returns {At} */
function baseURLField({ settings, role, provider }) {
  for (const field of role === "embeddings" ? ["embeddings.base_urls", "api.base_urls"] : ["api.base_urls"]) {
    const key = provider.names.map((name) => `${name}-base-url`).find((each) => own(settings.get(field), each));
    if (key) return { field, key };
  }
  return NOWHERE;
}

/** @param {Reached} reached @param {string} what */
function allows({ settings, apiType, provider }, what) {
  const flags = settings.get(`api.allow_${what.replace("-", "_")}`);
  const keys = [...provider.names, apiType].flatMap((name) => [name, `${name}-allow-${what}`]);
  return own(flags, keys.find((key) => own(flags, key) !== undefined) ?? "") === true;
}

/** What holds the credential; nowhere where no layer sets one. @param {Reached} reached @returns {At} */
function keyField({ settings, role, provider }) {
  const fields = [...(role === "rerank" ? [] : [`${role}.api_keys`]), "api.api_keys"];
  for (const name of provider.names) {
    const key = `${name}-api-key`;
    const field = fields.find((each) => (own(settings.get(each), key) ?? null) !== null);
    if (field) return { field, key };
  }
  return NOWHERE;
}

/** The credential; null where an empty text says that there is none, or a server needs none.
 * @param {Reached} reached @param {Endpoint} made @param {boolean} look */
async function credential({ settings, provider }, { keyAt, host, apiType }, look) {
  if (keyAt.field) {
    const written = settings.get(keyAt.field)[keyAt.key];
    if (written === "") return null;
    try {
      const found = Credential.of(written);
      return look ? await found.lookUp() : found;
    } catch (error) {
      if (error instanceof LookupFailed) throw await missing(settings, keyAt, written, error);
      throw error;
    }
  }
  if (!provider.variables.length || outbound.isLocal(host)) return null;
  const field = `api.api_keys.${provider.names[0]}-api-key`;
  throw new MissingCredential(
    `profile ${quoted(settings.name)} has no credential for ${quoted(apiType)}: no layer sets \`${field}\``,
    `set it to a reference such as \`\${env:NAME}\`, or to "" if ${host} asks for none`,
    { profile: settings.name, field, layer: "", reference: null },
  );
}

/** @param {Settings} settings @param {At} at @param {unknown} written @param {LookupFailed} failure */
async function missing(settings, { field, key }, written, failure) {
  const reference = own(written, "$secret") ?? null;
  const layer = await settings.layer(field, key);
  const refers = reference ? ` refers to ${quoted(reference)}` : "";
  return new MissingCredential(
    `\`${field}.${key}\` of profile ${quoted(settings.name)}${refers} (set by ${layer}): ${failure.reason}`,
    failure.hint,
    { profile: settings.name, field: `${field}.${key}`, layer, reference },
  );
}

/** @param {Settings} settings @param {At} at @param {string} reason @param {string} remedy */
async function refusedAddress(settings, { field, key }, reason, remedy) {
  const layer = field ? await settings.layer(field, key) : "";
  const of = `of profile ${quoted(settings.name)}`;
  const where = field ? `\`${field}.${key}\` ${of} (set by ${layer})` : `the base URL ${of} (the provider's own)`;
  const details = { profile: settings.name, field: field ? `${field}.${key}` : "", layer };
  return new AddressRefused(`${where}: ${reason}`, remedy, details);
}
