// opened build -> profiles by name.

import { UnknownProfile, UnknownRegistry } from "./errors.js";
import { own } from "./own.js";
import { Profile } from "./profile.js";
import { ARGUMENT, find, normalise, select } from "./select.js";
import { readSnapshot } from "./snapshot.js";
import { debug } from "./trace.js";

/** @typedef {import("./directory.js").Directory} Directory @typedef {import("./snapshot.js").Snapshot} Snapshot */

/**
 * The profiles of one build, by `registry/profile` or by unqualified name.
 *
 * A file is read when it is first needed, and an artifact each time a profile is asked for: keep the Profile.
 */
export class Profiles {
  #directory;
  #snapshot;
  #pin;

  /** @param {Directory} directory @param {Snapshot} snapshot @param {string | null} pin */
  constructor(directory, snapshot, pin) {
    this.#directory = directory;
    this.#snapshot = snapshot;
    this.#pin = pin;
  }

  /**
   * The profile named, else the one `$PINOCCHIO_PROFILE` names, else the build's default.
   *
   * With a registry: the name within it, and without a name that registry's default.
   * Throws UnknownProfile, UnknownRegistry, NoDefaultProfile, BadOption, ArtifactDamaged.
   * @param {string | null} [name] @param {string | null} [registry] @returns {Promise<Profile>}
   */
  async get(name, registry) {
    const snapshot = this.#snapshot;
    const choice = await select(snapshot, name, registry);
    debug(() => `profile ${choice.registry}/${choice.slug}: ${choice.rule}`);
    const { document, digest } = await snapshot.artifact(choice.registry, choice.slug);
    return new Profile(snapshot, document, digest);
  }

  /** Whether there is a profile of that name. @param {string} name @returns {Promise<boolean>} */
  async has(name) {
    try {
      await find(this.#snapshot, normalise(name, "profile name"), ARGUMENT);
      return true;
    } catch (error) {
      if (error instanceof UnknownProfile || error instanceof UnknownRegistry) return false;
      throw error;
    }
  }

  /** Every `registry/profile`, sorted. Reads the index of every registry. @returns {Promise<string[]>} */
  async list() {
    const snapshot = this.#snapshot;
    const registries = Object.keys(snapshot.registries);
    const names = await Promise.all(
      registries.map(async (registry) => Object.keys(await snapshot.index(registry)).map((slug) => `${registry}/${slug}`)),
    );
    return names.flat().sort();
  }

  /** Every `registry/profile`, as `list()` has them. */
  async *[Symbol.asyncIterator]() {
    yield* await this.list();
  }

  /** What each unqualified name stands for: {name: "registry/profile"}. @returns {Promise<Record<string, string>>} */
  async names() {
    return { ...(await this.#snapshot.names()) };
  }

  /** The build's default as `registry/profile`, or null. @returns {string | null} */
  get default() {
    return own(this.manifest, "default") ?? null;
  }

  /** The id of the build, 64 hex digits: the same as long as every profile served is the same. @returns {string} */
  get build() {
    return String(own(this.manifest, "build"));
  }

  /**
   * The SHA-256 of the manifest, 64 hex digits, which `open(…, {manifest})` pins; null where it came parsed.
   * @returns {string | null}
   */
  get digest() {
    return this.#snapshot.digest;
  }

  /** The parsed manifest. @returns {Record<string, any>} */
  get manifest() {
    return this.#snapshot.manifest;
  }

  /**
   * Take up a newer manifest, and say whether there was one.
   *
   * A build that was opened with a pin accepts no other manifest unless its digest is given here. When this throws, the
   * build taken up before stays in use; profiles already handed out are never touched.
   * @param {{manifest?: string | null}} [options] @returns {Promise<boolean>}
   */
  async reload({ manifest = null } = {}) {
    const pin = manifest ?? this.#pin;
    const snapshot = await readSnapshot(this.#directory, pin);
    this.#pin = pin;
    const isNew = snapshot.digest === null ? own(snapshot.manifest, "build") !== this.build : snapshot.digest !== this.digest;
    if (isNew) {
      this.#snapshot = snapshot;
      debug(() => `took up build ${this.build}`);
    }
    return isNew;
  }

  toString() {
    return `<Profiles ${JSON.stringify(String(this.#directory))} build ${this.build.slice(0, 16)}>`;
  }

  toJSON() {
    return { build: this.build, default: this.default };
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  }
}
