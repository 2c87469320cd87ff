// one manifest -> the files it names, each parsed once.
//
// A snapshot never changes: what is read through it belongs to one build, whatever is deployed meanwhile.

import { parsePin, sha256 } from "./digest.js";
import { bytes, damagedDigest, MANIFEST, REBUILD } from "./directory.js";
import { ArtifactDamaged, BadOption, FormatUnknown } from "./errors.js";
import { isMapping, own } from "./own.js";
import { printable, quoted } from "./text.js";

/** @typedef {import("./own.js").Mapping} Mapping @typedef {import("./directory.js").Directory} Directory */

const FORMAT = "engine-profiles/1";

/**
 * Read the manifest, and nothing else. With a pin, its digest must be that one.
 * @param {Directory} directory @param {string | null} pin @returns {Promise<Snapshot>}
 */
export async function readSnapshot(directory, pin) {
  const wanted = pin === null ? null : parsePin(pin);
  const content = await directory.readManifest();
  const data = bytes(content);
  if (data === undefined && wanted !== null) {
    const message = "a manifest that comes parsed has no digest that a pin could be compared with";
    throw new BadOption(message, "give its text or bytes", { option: "manifest" });
  }
  const digest = data === undefined ? null : await sha256(data);
  if (wanted !== null && digest !== wanted) throw damagedDigest(MANIFEST, wanted, digest ?? "");
  return new Snapshot(directory, parse(content, MANIFEST), digest);
}

/** A parsed manifest, its digest, and the indexes, names and source maps read so far. */
export class Snapshot {
  #directory;
  /** @type {Map<string, Promise<Mapping>>} */
  #parsed = new Map();

  /** @param {Directory} directory @param {Mapping} manifest @param {string | null} digest */
  constructor(directory, manifest, digest) {
    this.#directory = directory;
    this.manifest = manifest;
    this.digest = digest;
    this.registries = mapping(own(manifest, "registries"), MANIFEST, "registries");
  }

  /** The profiles of one registry of the manifest, as {slug: entry}. @param {string} registry @returns {Promise<Mapping>} */
  async index(registry) {
    const entry = own(this.registries, registry);
    const document = await this.#once(entry, `registries/${registry}`);
    return mapping(own(document, "profiles"), fileOf(entry), "profiles");
  }

  /** {unqualified name: "registry/profile"} @returns {Promise<Mapping>} */
  async names() {
    const entry = own(this.manifest, "names");
    return mapping(own(await this.#once(entry, "names"), "names"), fileOf(entry), "names");
  }

  /**
   * One profile and the digest of its artifact, parsed anew each time: whoever asks may change it without harm.
   * @param {string} registry @param {string} slug @returns {Promise<{document: Mapping, digest: string}>}
   */
  async artifact(registry, slug) {
    const entry = own(await this.index(registry), slug);
    const document = await this.#read(entry, `profiles/${registry}/${slug}`);
    if (own(document, "registry_slug") !== registry || own(document, "profile_slug") !== slug) {
      throw new ArtifactDamaged(`the artifact of \`${registry}/${slug}\` holds another profile`, REBUILD);
    }
    return { document, digest: entry.digest };
  }

  /**
   * What the layers of a registry wrote and where (null: the baseline's), or undefined where the build has no such.
   * @param {string | null} registry @returns {Promise<Mapping | undefined>}
   */
  async sourceMap(registry) {
    const owner = registry === null ? own(own(this.manifest, "inputs"), "baseline") : own(this.registries, registry);
    const entry = own(owner, "source_map");
    return isMapping(entry) ? this.#once(entry, `sources/${registry ?? "baseline"}`) : undefined;
  }

  /** @param {unknown} entry @param {string} what */
  #once(entry, what) {
    let parsed = this.#parsed.get(what);
    if (parsed === undefined) {
      parsed = this.#read(entry, what);
      this.#parsed.set(what, parsed);
      // What could not be read now may be there later.
      parsed.catch(() => this.#parsed.delete(what));
    }
    return parsed;
  }

  /** @param {unknown} entry @param {string} what */
  async #read(entry, what) {
    const [file, size, digest] = [fileOf(entry), own(entry, "size"), own(entry, "digest")];
    if (!(file && Number.isSafeInteger(size) && size >= 0 && typeof digest === "string")) {
      throw new ArtifactDamaged(`the build has no file, size and digest for ${quoted(what)}`, REBUILD, { file: what });
    }
    return parse(await this.#directory.read(file, size, digest), file);
  }
}

/**
 * The document, if it is of the format that this release reads.
 * @param {import("./directory.js").Content} content @param {string} file @returns {Mapping}
 */
function parse(content, file) {
  const document = mapping(decoded(content, file), file, "document");
  const found = own(document, "format");
  if (found === FORMAT) return document;
  throw new FormatUnknown(
    `\`${printable(file)}\` is of format ${quoted(found)}; this release reads \`${FORMAT}\``,
    "upgrade `engine-profiles` where this runs, or build with the release of profilec that is installed here",
    { file, found, known: [FORMAT] },
  );
}

/** @param {import("./directory.js").Content} content @param {string} file @returns {unknown} */
function decoded(content, file) {
  const data = bytes(content);
  // Cloned, so that two profiles of one imported document share nothing.
  if (data === undefined) return structuredClone(content);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    throw new ArtifactDamaged(`\`${printable(file)}\` is not JSON in UTF-8`, REBUILD, { file });
  }
}

/** @param {unknown} value @param {string} file @param {string} what @returns {Mapping} */
function mapping(value, file, what) {
  if (isMapping(value)) return value;
  throw new ArtifactDamaged(`\`${what}\` of \`${printable(file)}\` is not a mapping`, REBUILD, { file });
}

/** @param {unknown} entry @returns {string} */
function fileOf(entry) {
  const file = own(entry, "file");
  return typeof file === "string" ? file : "";
}
