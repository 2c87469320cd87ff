// client settings + environment -> the proxy of a URL, if there is one.

import { Credential, LookupFailed, textOf } from "./credentials.js";
import { variable } from "./environment.js";
import { BadOption } from "./errors.js";
import { MissingCredential } from "./failures.js";
import { hostOf, isInNetwork, isLoopback, Refused, splitUser } from "./outbound.js";
import { own } from "./own.js";
import { quoted } from "./text.js";

/**
 * @typedef {import("./settings.js").Settings} Settings
 * @typedef {{url: string, credential: Credential | null}} Proxy An HTTP proxy; the credential is for Proxy-Authorization.
 */

const FIELD = "client.proxy_url";

/**
 * The proxy that `client.proxy_url` names, else the environment's unless that is turned off.
 * @param {Settings} settings @param {string} url @returns {Promise<Proxy | null>}
 */
export async function proxyFor(settings, url) {
  const written = settings.get(FIELD);
  if (written) {
    try {
      return proxy(await textOf(written));
    } catch (error) {
      if (error instanceof LookupFailed) throw await failure(settings, error.reason, error.hint, written);
      if (error instanceof Refused) throw await failure(settings, error.reason, error.remedy, written);
      throw error;
    }
  }
  const { protocol, port } = new URL(url);
  const named = ofEnvironment(`${protocol.slice(0, -1)}_proxy`);
  if (settings.get("client.proxy_from_environment") === false || !named || readsEnvironment()) return null;
  if (isExcepted(hostOf(url) ?? "", port || (protocol === "https:" ? "443" : "80"))) return null;
  try {
    return proxy(named.includes("://") ? named : `http://${named}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const name = `${protocol.slice(0, -1).toUpperCase()}_PROXY`;
    throw new BadOption(`the proxy in ${name} cannot be used: ${error.reason}`, error.remedy, { option: FIELD });
  }
}

/** @param {string} written @returns {Proxy} */
function proxy(written) {
  const { url, user } = splitUser(written);
  if (!/^http:\/\/[^/?#]/.test(url)) throw new Refused("a proxy is an `http` URL with a host", "write http://host:port");
  if (hostOf(url) === null) throw new Refused("its host or port cannot be read", "write http://host:port");
  return { url: new URL(url).origin, credential: user === null ? null : Credential.basic(user) };
}

/** @param {Settings} settings @param {string} reason @param {string} hint @param {unknown} written */
async function failure(settings, reason, hint, written) {
  const layer = await settings.layer(FIELD);
  const message = `\`${FIELD}\` of profile ${quoted(settings.name)} (set by ${layer}): ${reason}`;
  const reference = own(written, "$secret");
  if (reference === undefined) return new BadOption(message, hint, { option: FIELD, profile: settings.name, layer });
  return new MissingCredential(message, hint, { profile: settings.name, field: FIELD, layer, reference });
}

/** Deno's and Bun's fetch, and Node's where it is told to, take the environment's proxy themselves. */
const readsEnvironment = () => "Deno" in globalThis || "Bun" in globalThis || variable("NODE_USE_ENV_PROXY") === "1";

/** @param {string} name */
function ofEnvironment(name) {
  // In a CGI process HTTP_PROXY is the header `Proxy` of whoever asks.
  const isForged = name === "http_proxy" && variable("REQUEST_METHOD") !== undefined;
  return (variable(name) || (isForged ? "" : variable(name.toUpperCase())) || "").trim();
}

/** @param {string} host @param {string} port */
const isExcepted = (host, port) =>
  isLoopback(host) || ofEnvironment("no_proxy").toLowerCase().split(",").some((pattern) => fits(pattern.trim(), host, port));

/** Whether an entry of NO_PROXY means the host: `*`, a name and all below it, an address, a network, and a port.
 * @param {string} pattern @param {string} host @param {string} port */
function fits(pattern, host, port) {
  if (pattern.includes("/")) return isInNetwork(host, pattern);
  const [, bracketed, plain, only] = /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(pattern) ?? [];
  const written = bracketed ?? plain ?? pattern;
  const name = written === "*" ? "*" : written.replace(/^\*+/, "").replace(/^\.+/, "");
  const isNamed = name === "*" || host === name || host.endsWith(`.${name}`);
  return name !== "" && isNamed && (only === undefined || only === port);
}
