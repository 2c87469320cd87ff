// file name + recorded size and digest -> verified bytes.
//
// The one module that reads builds: from a file system, over HTTP, or by a function of the application. No name leads
// out of the build, nothing is read beyond its recorded size, and no byte is passed on before its digest was compared.

import { sha256 } from "./digest.js";
import { variable } from "./environment.js";
import { ArtifactDamaged, BadOption, BuildNotFound, EngineProfilesError } from "./errors.js";
import { isMapping, kindOf } from "./own.js";
import { printable, quoted } from "./text.js";

export const MANIFEST = "manifest.json";
export const REBUILD = "run `profilec build` again, or deploy the whole build directory again";
const VARIABLE = "ENGINE_PROFILES_BUILD";
// No size of it is recorded anywhere. 100,000 sources make some 20 MB.
const LARGEST_MANIFEST = 256 << 20;

/**
 * @typedef {Uint8Array | string | Record<string, any>} Content
 *   Bytes, or a text; or a parsed document, which has no bytes whose digest could be compared: whoever gives it vouches.
 * @typedef {(name: string, most: number) => Promise<Content | undefined>} Read
 *   The content of a file, at most `most + 1` bytes of it, or undefined where there is none.
 * @typedef {{manifest?: Content, read: (name: string) => Content | undefined | Promise<Content | undefined>}} Source
 *   A build that an application has otherwise: imported, bundled, in an object store. Names are as in the manifest.
 */

/**
 * The build that is meant: a directory, a URL or a Source; without one `$ENGINE_PROFILES_BUILD`, else `./build`.
 * @param {string | URL | Source | null | undefined} where @returns {Promise<Directory>}
 */
export async function locate(where) {
  if (where === undefined || where === null) {
    const named = (variable(VARIABLE) ?? "").trim();
    return named ? byName(named, `from ${VARIABLE}`) : byName("build", "the default");
  }
  if (typeof where === "string" || where instanceof URL) return byName(where, "given as argument");
  if (isMapping(where) && typeof where.read === "function") return new Directory("the build given", "given as argument", given(where));
  throw new BadOption(
    `\`path\` is ${kindOf(where)}, not a directory, a URL or {manifest, read}`,
    "give a path, a URL, or an object with a function `read(name)`",
    { option: "path" },
  );
}

/** A build directory, wherever it is. */
export class Directory {
  #name;
  #rule;
  #read;

  /** @param {string} name @param {string} rule @param {Read} read */
  constructor(name, rule, read) {
    this.#name = name;
    this.#rule = rule;
    this.#read = read;
  }

  toString() {
    return this.#name;
  }

  /** The manifest, unverified. Throws BuildNotFound. @returns {Promise<Content>} */
  async readManifest() {
    const { content, reason } = await this.#attempt(MANIFEST, LARGEST_MANIFEST, `it has no ${MANIFEST}`);
    if (content === undefined) {
      throw new BuildNotFound(
        `no build in ${quoted(this)} (${this.#rule}): ${reason}`,
        `run \`profilec build -o DIR\`, and name that directory in open(DIR) or ${VARIABLE}`,
        { path: this.#name, rule: this.#rule },
      );
    }
    if (content.length > LARGEST_MANIFEST) {
      throw new ArtifactDamaged(`\`${MANIFEST}\` is over ${LARGEST_MANIFEST} bytes long`, REBUILD, { file: MANIFEST });
    }
    return content;
  }

  /**
   * One file, which is `size` bytes long and has this SHA-256. Throws ArtifactDamaged.
   * @param {string} name @param {number} size @param {string} digest @returns {Promise<Content>}
   */
  async read(name, size, digest) {
    if (!isInside(name)) {
      throw new ArtifactDamaged(`the build names a file outside its directory: ${quoted(name)}`, REBUILD, { file: name });
    }
    const { content, reason } = await this.#attempt(name, size, "is missing");
    if (content === undefined) {
      throw new ArtifactDamaged(
        `\`${printable(name)}\` ${reason} in ${quoted(this)}`,
        `if a newer build has replaced this one, call profiles.reload(); else ${REBUILD}`,
        { file: name },
      );
    }
    const data = bytes(content);
    if (data === undefined) return content;
    if (data.length !== size) {
      const found = data.length > size ? "more" : data.length;
      const message = `\`${printable(name)}\` is damaged: the build recorded ${size} bytes, it has ${found}`;
      throw new ArtifactDamaged(message, REBUILD, { file: name, size });
    }
    const found = await sha256(data);
    if (found !== digest) throw damagedDigest(name, digest, found);
    return data;
  }

  /** The content of a file, or why there is none. @param {string} name @param {number} most @param {string} missing */
  async #attempt(name, most, missing) {
    try {
      return { content: await this.#read(name, most), reason: missing };
    } catch (error) {
      if (error instanceof EngineProfilesError) throw error;
      const code = /** @type {any} */ (error)?.code ?? "error"; // A message could hold anything.
      return { content: undefined, reason: `cannot be read (${code})` };
    }
  }
}

/** The bytes of a content, or undefined where it came parsed. @param {Content} content @returns {Uint8Array | undefined} */
export function bytes(content) {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : undefined;
}

/** @param {string} name @param {string} expected @param {string} found */
export function damagedDigest(name, expected, found) {
  const message = `\`${printable(name)}\` is damaged: its SHA-256 is ${found}, expected was ${expected}`;
  return new ArtifactDamaged(message, REBUILD, { file: name, expected, found });
}

/** @param {string} name */
export function isInside(name) {
  // A colon would name a drive or a stream on Windows; `%`, `?` and `#` mean something else in a URL.
  if (/[\\:\0]/.test(name)) return false;
  return !name.split("/").some((part) => part === "" || part === "." || part === "..");
}

/** @param {string | URL} where @param {string} rule */
async function byName(where, rule) {
  const url = where instanceof URL ? where : /^https?:\/\//i.test(where) ? new URL(where) : undefined;
  if (url && url.protocol !== "file:") return new Directory(withoutUser(url), rule, remote(url));
  const { local } = await import("./files.js");
  const { path, read } = local(url ?? /** @type {string} */ (where));
  return new Directory(path, rule, read);
}

/** @param {URL} url @returns {Read} */
function remote(url) {
  const base = new URL(url);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return async (name, most) => {
    const target = new URL(base);
    target.pathname += encodeURI(name).replace(/[?#]/g, encodeURIComponent);
    const response = await fetch(target).catch(() => undefined);
    if (response?.status === 404 || response?.status === 410) return undefined;
    if (!response?.ok || !response.body) {
      const told = response ? `status ${response.status}` : "no answer";
      const message = `\`${printable(name)}\` cannot be fetched from ${quoted(withoutUser(url))}: ${told}`;
      throw new ArtifactDamaged(message, "see that the address is right, and that what serves it runs", {
        file: name,
        status: response?.status ?? null,
      });
    }
    const { readAll } = await import("./body.js");
    return readAll(response.body, most + 1);
  };
}

/** @param {Source} source @returns {Read} */
function given({ manifest, read }) {
  return async (name) => {
    const content = name === MANIFEST && manifest !== undefined ? manifest : await read(name);
    if (content === undefined || content === null) return undefined;
    if (typeof content === "string" || content instanceof Uint8Array || isMapping(content)) return content;
    const message = `\`read\` gave ${kindOf(content)} for ${quoted(name)}, not bytes, a text or a document`;
    throw new BadOption(message, null, { option: "read" });
  };
}

/** @param {URL} url */
const withoutUser = (url) => `${url.origin}${url.pathname}`;
