// Settings + Endpoint -> Link: what leads to one endpoint.

import { Peer } from "./peer.js";
import { proxyFor } from "./proxy.js";
import { fetchThrough, LARGEST_BODY, Transport } from "./transport.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {import("./endpoint.js").Endpoint} Endpoint */

const DEFAULT_TIMEOUT = 60; // seconds, as the original's

/** What leads to one endpoint: for whom errors speak, and the transport. */
export class Link {
  /** @param {Endpoint} endpoint @param {Peer} peer @param {Transport} transport @param {number} largestResponse in bytes */
  constructor(endpoint, peer, transport, largestResponse) {
    this.endpoint = endpoint;
    this.peer = peer;
    this.transport = transport;
    this.largestResponse = largestResponse;
  }
}

/** @param {Settings} settings @param {Endpoint} endpoint @returns {Promise<Link>} */
export async function link(settings, endpoint) {
  const timeout = (settings.get("client.timeout") ?? DEFAULT_TIMEOUT) || null; // 0 is none at all.
  const proxy = await proxyFor(settings, endpoint.baseURL);
  const credentials = [...endpoint.credentials, ...(proxy?.credential ? [proxy.credential] : [])];
  const peer = new Peer(settings.name, endpoint.host, timeout, credentials);
  const transport = new Transport(peer, await fetchThrough(proxy));
  return new Link(endpoint, peer, transport, settings.get("rerank.max_response_bytes") || LARGEST_BODY);
}
