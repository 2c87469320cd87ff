// base URL + what the settings allow -> the URL, or why it must not be asked. No name is looked up.

export const HTTP_REMEDY = "use https, or set `api.allow_http.API_TYPE` to true";
export const LOCAL_REMEDY = "if it is meant, set `api.allow_local_networks.API_TYPE` to true";
const PARTS = /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^#]*)/i;

/** Why an address is not to be asked, and what to do (API_TYPE stands for the api type), without a user part. */
export class Refused extends Error {
  /** @param {string} reason @param {string} remedy */
  constructor(reason, remedy) {
    super(reason);
    this.reason = reason;
    this.remedy = remedy;
  }
}

/**
 * The URL without its user part and fragment, and that part as `user:password`.
 * @param {string} written @returns {{url: string, user: string | null}}
 */
export function splitUser(written) {
  const trimmed = written.trim();
  if (/[\x00-\x1f\x7f]/.test(trimmed)) throw new Refused("it holds control characters", "write it on one line");
  const [, scheme = "", authority, rest = ""] = PARTS.exec(trimmed) ?? [];
  const at = (authority ?? "").lastIndexOf("@");
  const url = scheme.toLowerCase() + (authority === undefined ? "" : `//${authority.slice(at + 1)}`) + rest;
  if (/[^\x21-\x7e]/.test(url)) {
    throw new Refused("it holds blanks or characters beyond ASCII", "write them percent-encoded");
  }
  return { url, user: at < 0 ? null : unquoted(/** @type {string} */ (authority).slice(0, at)) };
}

/** Refuse other schemes than https, and hosts that are local, unless they are allowed.
 * @param {string} url @param {boolean} allowHTTP @param {boolean} allowLocal */
export function check(url, allowHTTP, allowLocal) {
  const [, scheme = "", authority = ""] = PARTS.exec(url) ?? [];
  if (scheme !== "http:" && scheme !== "https:") {
    throw new Refused(`its scheme is '${scheme.slice(0, -1)}', not https`, "write https://…");
  }
  const written = authority.replace(/:\d*$/, "").replace(/^\[|\]$/g, "").toLowerCase();
  if (written.includes("%")) throw new Refused("its address has a zone", "write the address without `%zone`");
  if (!written) throw new Refused("it names no host", "write scheme://host/path");
  const host = hostOf(url);
  if (host === null) throw new Refused("its host or port cannot be read", "write scheme://host:port/path");
  if (scheme === "http:" && !allowHTTP) throw new Refused("plain HTTP is not allowed", HTTP_REMEDY);
  const address = addressOf(host);
  if (address === null) {
    if (!allowLocal && isLocalName(host)) throw new Refused(`the local host name \`${written}\` is not allowed`, LOCAL_REMEDY);
  } else if (isNobodys(address)) {
    throw new Refused(`the address \`${written}\` is no single host's`, "write the address of the server");
  } else if (!allowLocal && isPrivate(address)) {
    throw new Refused(`the local network address \`${written}\` is not allowed`, LOCAL_REMEDY);
  }
}

/** The host as whoever connects reads it (`127.1` is 127.0.0.1), without brackets; null where it cannot be read.
 * @param {string} url @returns {string | null} */
export function hostOf(url) {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  } catch {
    return null;
  }
}

/** Whether a host is this machine's or a private network's, as far as its name tells. @param {string | null} host */
export function isLocal(host) {
  const address = addressOf(host ?? "");
  return address === null ? isLocalName(host ?? "") : isPrivate(address);
}

/** @param {string} host */
export function isLoopback(host) {
  const address = addressOf(host);
  if (address === null) return host === "localhost";
  return address.length === 4 ? address[0] === 127 : address.slice(0, 7).every((word) => word === 0) && address[7] === 1;
}

/** Whether a host is an address of a network such as 10.0.0.0/8. @param {string} host @param {string} network */
export function isInNetwork(host, network) {
  const [written, bits] = network.split("/");
  const [address, block] = [addressOf(host), addressOf(hostOf(`http://${written.includes(":") ? `[${written}]` : written}`) ?? "")];
  if (!address || !block || address.length !== block.length || !/^\d+$/.test(bits)) return false;
  return isWithin(address, block, Number(bits), address.length === 4 ? 8 : 16);
}

/** @param {string} host */
const isLocalName = (host) => host === "localhost" || /\.(localhost|local)$/.test(host);

/** @param {string} text */
function unquoted(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Four bytes or eight words of an address in the form that URL gives it; null for a name. @param {string} host */
function addressOf(host) {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return host.split(".").map(Number);
  if (!host.includes(":")) return null;
  const [before, after] = host.split("::");
  const words = (/** @type {string} */ text) => (text ? text.split(":").map((word) => parseInt(word, 16)) : []);
  const [head, tail] = [words(before), words(after ?? "")];
  const all = [...head, ...new Array(8 - head.length - tail.length).fill(0), ...tail];
  const isMapped = all.slice(0, 5).every((word) => word === 0) && all[5] === 0xffff;
  return isMapped ? [all[6] >> 8, all[6] & 255, all[7] >> 8, all[7] & 255] : all;
}

/** Unspecified, or of a group. @param {number[]} address */
function isNobodys(address) {
  if (address.every((part) => part === 0)) return true;
  return address.length === 4 ? address[0] >= 224 && address[0] < 240 : address[0] >> 8 === 0xff;
}

/** Blocks that are no public hosts': [address, bits that count]. */
const PRIVATE_4 = /** @type {[number[], number][]} */ ([
  [[0], 8], [[10], 8], [[127], 8], [[169, 254], 16], [[172, 16], 12], [[192, 0, 0], 24], [[192, 0, 2], 24],
  [[192, 168], 16], [[198, 18], 15], [[198, 51, 100], 24], [[203, 0, 113], 24], [[240], 4],
]);
const PRIVATE_6 = /** @type {[number[], number][]} */ ([
  [[0, 0, 0, 0, 0, 0, 0, 1], 128], [[0x100], 64], [[0x2001], 23], [[0x2001, 0xdb8], 32], [[0xfc00], 7], [[0xfe80], 10],
]);

/** @param {number[]} address */
function isPrivate(address) {
  const isIPv4 = address.length === 4;
  return (isIPv4 ? PRIVATE_4 : PRIVATE_6).some(([block, bits]) => isWithin(address, block, bits, isIPv4 ? 8 : 16));
}

/** @param {number[]} address @param {number[]} block @param {number} bits @param {number} width */
function isWithin(address, block, bits, width) {
  return address.every((part, index) => {
    const compared = Math.min(width, Math.max(0, bits - index * width));
    const shift = width - compared;
    return part >> shift === (block[index] ?? 0) >> shift;
  });
}
