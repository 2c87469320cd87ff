// Profile + source maps -> Explanations: which layers set a field, what each wrote, and where.

import { BadOption } from "./errors.js";
import { shown } from "./mask.js";
import { kindOf, own } from "./own.js";
import { below, resolve, split, unknown, valueAt } from "./pointer.js";
import { clipped, printable, spaced } from "./text.js";

/** @typedef {import("./profile.js").Profile} Profile @typedef {import("./snapshot.js").Snapshot} Snapshot */

const LONGEST_VALUE = 200;
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** @param {Profile} profile @param {Snapshot} snapshot @param {string} field */
export async function explain(profile, snapshot, field) {
  const known = Object.keys(fields(profile));
  return explanation(profile, snapshot, resolve(text(field, "field"), known, profile.document, profile.name));
}

/** @param {Profile} profile @param {Snapshot} snapshot @param {string} [section] */
export async function explainAll(profile, snapshot, section) {
  const known = Object.keys(fields(profile)).sort();
  const pointers = section === undefined ? known : below(text(section, "section"), known);
  if (section !== undefined && !pointers.length) throw unknown(section, known, profile.name);
  return Promise.all(pointers.map((pointer) => explanation(profile, snapshot, pointer)));
}

/** One layer's say on a field. */
export class Layer {
  /**
   * @param {string} profile "registry/profile", or the baseline's name
   * @param {any} value what the layer wrote, credentials masked
   * @param {string | null} file null where the build has no record
   * @param {number | null} line from 1; null where a source has no lines
   * @param {number | null} column from 1
   */
  constructor(profile, value, file, line, column) {
    this.profile = profile;
    this.value = value;
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** `file:line:column`, as far as it is known. */
  get place() {
    return [this.file, this.line, this.column].filter((part) => part !== null).join(":");
  }

  toString() {
    // Without a record there is no saying what the layer wrote; its value is not null.
    const written = this.file === null ? "(not recorded)" : clipped(printable(spaced(this.value)), LONGEST_VALUE);
    return [printable(this.profile), written, printable(this.place)].filter(Boolean).join("  ");
  }
}

/** Where one field of a profile comes from. */
export class Explanation {
  /**
   * @param {string} field its JSON Pointer
   * @param {any} value its effective value
   * @param {Layer} winner the Layer that set it
   * @param {Layer[]} overridden those that set it before, from base to leaf
   */
  constructor(field, value, winner, overridden) {
    this.field = field;
    this.value = value;
    this.winner = winner;
    this.overridden = overridden;
  }

  toString() {
    // The value as the layers wrote it, masked; `value` itself can be a credential in an embedding build.
    const above = this.overridden.map((layer) => `  overrides  ${layer}`).reverse();
    return [printable(this.field), `  set by     ${this.winner}`, ...above].join("\n");
  }

  toJSON() {
    const [section, ...keys] = split(this.field);
    const value = section === "inference_settings" ? shown(keys, this.value) : this.value;
    return { field: this.field, value, winner: this.winner, overridden: this.overridden };
  }

  [INSPECT]() {
    return this.toString();
  }
}

/** @param {Profile} profile @param {Snapshot} snapshot @param {string} pointer */
async function explanation(profile, snapshot, pointer) {
  const stack = own(profile.lineage, "stack") ?? [];
  /** @type {number[]} */
  const positions = fields(profile)[pointer];
  const layers = await Promise.all(positions.map((position) => layerAt(snapshot, stack[position], pointer)));
  const winner = /** @type {Layer} */ (layers.pop());
  return new Explanation(pointer, valueAt(profile.document, pointer), winner, layers);
}

/** @param {Snapshot} snapshot @param {Record<string, any>} entry @param {string} pointer */
async function layerAt(snapshot, entry, pointer) {
  const isBaseline = Object.hasOwn(entry, "baseline");
  const name = isBaseline ? String(entry.baseline) : `${entry.registry_slug}/${entry.profile_slug}`;
  const written = await snapshot.sourceMap(isBaseline ? null : entry.registry_slug);
  const holder = isBaseline ? written : own(own(written, "profiles"), entry.profile_slug);
  const place = own(own(holder, "fields"), pointer);
  if (!place) return new Layer(name, null, null, null, null);
  const [line, column, value] = place;
  return new Layer(name, value, own(written, "file") ?? null, line, column);
}

/** @param {Profile} profile @returns {Record<string, number[]>} */
const fields = (profile) => own(profile.lineage, "fields") ?? {};

/** @param {unknown} value @param {string} option @returns {string} */
function text(value, option) {
  if (typeof value === "string") return value;
  throw new BadOption(`\`${option}\` is ${kindOf(value)}, not text`, null, { option, given: value });
}
