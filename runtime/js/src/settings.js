// baseline + profile + overrides -> Settings: the effective value of each field, and who set it.

import { EngineProfilesError } from "./errors.js";
import { guard } from "./mask.js";
import { check, merge } from "./merge.js";
import { isMapping, own } from "./own.js";
import { token } from "./pointer.js";
import { printable } from "./text.js";

/**
 * @typedef {import("./profile.js").Layer} Layer @typedef {import("./profile.js").Profile} Profile
 * @typedef {[origin: string, content: Layer]} Origin A layer, and who set it: `profile`, or in words.
 */

/** Effective settings under the name of a profile. Nothing of it changes. */
export class Settings {
  #layers;
  #profile;

  /** @param {string} name @param {Origin[]} layers @param {Profile} [profile] */
  constructor(name, layers, profile) {
    this.#layers = layers;
    this.#profile = profile;
    this.name = name;
    this.values = merge(layers.map(([, content]) => content));
    guard(this.values);
  }

  /** {field: value} of one section, or {}. @param {string} name @returns {Record<string, any>} */
  section(name) {
    const section = own(this.values, name);
    return isMapping(section) ? section : {};
  }

  /** The value of `section.field`, or undefined. @param {string} field @returns {any} */
  get(field) {
    const [section, name] = parts(field);
    return own(this.section(section), name) ?? undefined;
  }

  /** The first of the fields that is set, with its value. An empty text counts as not set. @param {string[]} fields */
  first(...fields) {
    for (const field of fields) {
      const value = this.get(field);
      if (value !== undefined && value !== "") return { field, value };
    }
    return undefined;
  }

  /**
   * Who set a field, or the entry of a field that is a map: a profile with file:line:column, or `overrides`.
   * @param {string} field @param {string} [key] @returns {Promise<string>}
   */
  async layer(field, key) {
    const [section, name] = parts(field);
    for (const [origin, content] of [...this.#layers].reverse()) {
      const value = own(own(content, section), name) ?? undefined;
      if (value === undefined || (key !== undefined && !Object.hasOwn(value, key))) continue;
      return origin === "profile" ? this.#writtenInProfile(section, name, key) : origin;
    }
    return "";
  }

  /** @param {string} section @param {string} name @param {string} [key] */
  async #writtenInProfile(section, name, key) {
    if (!this.#profile) return this.name;
    const pointer = ["", "inference_settings", section, name, ...(key === undefined ? [] : [token(key)])].join("/");
    try {
      const [{ winner }] = await this.#profile.explainAll(pointer);
      return printable(winner.place ? `${winner.profile} at ${winner.place}` : winner.profile);
    } catch (error) {
      // Without a lineage, or with a damaged source map, the profile is what there is to say.
      if (error instanceof EngineProfilesError) return this.name;
      throw error;
    }
  }
}

/**
 * The profile's settings between a baseline and overrides. Throws BadOption.
 * @param {Profile} profile @param {Layer | null} [baseline] @param {Layer | null} [overrides]
 */
export function settingsOf(profile, baseline, overrides) {
  /** @type {Origin[]} */
  const layers = [["profile", profile.settings]];
  if (baseline !== undefined && baseline !== null) layers.unshift(["baseline", check(baseline, "baseline")]);
  if (overrides !== undefined && overrides !== null) layers.push(["overrides", check(overrides, "overrides")]);
  return new Settings(profile.name, layers, profile);
}

/** @param {string} field */
function parts(field) {
  const dot = field.indexOf(".");
  return [field.slice(0, dot), field.slice(dot + 1)];
}
