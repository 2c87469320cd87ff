// Settings + Endpoint -> Link: what leads to one endpoint.

import { endpoint } from "./endpoint.js";
import { Peer } from "./peer.js";
import { proxyFor } from "./proxy.js";
import { fetchThrough, LARGEST_BODY, Transport } from "./transport.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {import("./endpoint.js").Endpoint} Endpoint */

const DEFAULT_TIMEOUT = 60; // seconds, as the original's

/** What leads to one endpoint: for whom errors speak, and the transport. */
export class Link {
  /**
   * @param {Endpoint} endpoint @param {Peer} peer @param {import("./proxy.js").Proxy | null} proxy @param {Transport} transport
   * @param {number} largestResponse in bytes
   */
  constructor(endpoint, peer, proxy, transport, largestResponse) {
    this.endpoint = endpoint;
    this.peer = peer;
    this.proxy = proxy;
    this.transport = transport;
    this.largestResponse = largestResponse;
  }
}

/** What leads to the endpoint of one role. Throws what `endpoint` throws, and BadOption for a proxy.
 * @param {Settings} settings @param {import("./providers.js").Role} role @returns {Promise<Link>} */
export async function link(settings, role) {
  const reached = await endpoint(settings, role);
  const timeout = (settings.get("client.timeout") ?? DEFAULT_TIMEOUT) || null; // 0 is none at all.
  const proxy = await proxyFor(settings, reached.baseURL);
  const credentials = [...reached.credentials, ...(proxy?.credential ? [proxy.credential] : [])];
  const peer = new Peer(settings, reached, timeout, credentials);
  const transport = new Transport(peer, await fetchThrough(proxy));
  return new Link(reached, peer, proxy, transport, settings.get("rerank.max_response_bytes") || LARGEST_BODY);
}
