// url + headers + body -> Request: what goes to a provider, before anything is sent.

import { Credential } from "../credentials.js";

/** One POST of a JSON body. `headers` has texts and Credentials; a credential prints as ********. */
export class Request {
  /** @param {string} url @param {Record<string, string | Credential>} headers @param {Record<string, any>} body */
  constructor(url, headers, body) {
    this.url = url;
    this.headers = headers;
    this.body = body;
  }

  /** The body in bytes. */
  get content() {
    return new TextEncoder().encode(JSON.stringify(this.body));
  }

  /** The headers as they are sent, credentials included: for the transport alone. @returns {Record<string, string>} */
  revealedHeaders() {
    const revealed = Object.entries(this.headers).map(([name, value]) => [
      name,
      value instanceof Credential ? value.reveal() : value,
    ]);
    return Object.fromEntries(revealed.filter(([, value]) => value !== undefined));
  }
}

/** The URL of a path below a base URL, which may name the version already and may carry a query.
 * @param {string} baseURL @param {string} path @param {string} version */
export function join(baseURL, path, version = "") {
  const [base, query] = cut(baseURL);
  const [below, ownQuery] = cut(path);
  let stem = base.replace(/\/+$/, "");
  if (version && !stem.endsWith(`/${version}`)) stem += `/${version}`;
  const queries = [query, ownQuery].filter(Boolean).join("&");
  return `${stem}/${below}${queries && `?${queries}`}`;
}

/** @param {string} text */
function cut(text) {
  const at = text.indexOf("?");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
