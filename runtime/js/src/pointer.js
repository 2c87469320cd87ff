// field, as people write it -> JSON Pointers among those a profile has.
//
// A key may hold dots, so a dotted field is never split: it is compared with each pointer, written with dots.

import { UnknownField } from "./errors.js";
import { nearest } from "./nearest.js";
import { isMapping, own } from "./own.js";
import { quoted } from "./text.js";

const SETTINGS = "inference_settings";

/**
 * The one pointer that the field names, or that of the unit it lies in. Throws UnknownField.
 * @param {string} field @param {string[]} known @param {Record<string, any>} document @param {string} profile
 */
export function resolve(field, known, document, profile) {
  let found = known.filter((pointer) => spellings(pointer).includes(field));
  if (!found.length) found = known.filter((pointer) => isUnitOf(field, pointer, document));
  if (found.length === 1) return found[0];
  if (!found.length && !below(field, known).length) throw unknown(field, known, profile);
  const [message, hint] = found.length
    ? [`${quoted(field)} names ${found.length} fields of profile \`${profile}\``, `ask for ${found.map(quoted).join(", ")}`]
    : [
        `${quoted(field)} is a section of profile \`${profile}\`, not a field`,
        `profile.explainAll(${JSON.stringify(field)}) explains every field below it`,
      ];
  throw new UnknownField(message, hint, { asked: field, profile, nearest: found });
}

/** The pointers that a section or field covers. @param {string} section @param {string[]} known */
export function below(section, known) {
  const separator = section.startsWith("/") ? "/" : ".";
  return known.filter((pointer) => spellings(pointer).some((each) => `${each}${separator}`.startsWith(`${section}${separator}`)));
}

/** @param {string} field @param {string[]} known @param {string} profile */
export function unknown(field, known, profile) {
  // Compared with, and answered in, the spelling that was asked in.
  const isWhole = field.includes(SETTINGS);
  const isPointer = field.startsWith("/");
  const spelled = known.map((pointer) => {
    const each = spellings(pointer);
    return isWhole ? each[isPointer ? 0 : 1] : each[each.length - (isPointer ? 2 : 1)];
  });
  const near = nearest(field, spelled);
  return new UnknownField(
    `no layer of profile \`${profile}\` sets ${quoted(field)}`,
    near.length ? `did you mean ${near.map(quoted).join(", ")}?` : "profile.explainAll() lists every field that is set",
    { asked: field, profile, nearest: near },
  );
}

/** What the pointer leads to through mappings, or null. @param {unknown} document @param {string} pointer */
export const valueAt = (document, pointer) => split(pointer).reduce((value, key) => own(value, key), document) ?? null;

/** The keys along a JSON Pointer (RFC 6901). @param {string} pointer */
export const split = (pointer) =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** One key as a part of a JSON Pointer. @param {string} key */
export const token = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** Pointer and dotted, each whole; and for a setting also from its section on. @param {string} pointer */
function spellings(pointer) {
  const keys = split(pointer);
  const whole = [pointer, keys.join(".")];
  if (keys[0] !== SETTINGS || keys.length === 1) return whole;
  return [...whole, pointer.slice(SETTINGS.length + 1), keys.slice(1).join(".")];
}

/** @param {string} field @param {string} pointer @param {Record<string, any>} document */
function isUnitOf(field, pointer, document) {
  // Layers set `model_info.cost` and `$secret` objects as a whole: there `model_info.cost.input` comes from.
  const value = valueAt(document, pointer);
  if (!isMapping(value)) return false;
  const separator = field.startsWith("/") ? "/" : ".";
  return spellings(pointer).some((each) => Object.keys(value).some((key) => field === `${each}${separator}${key}`));
}
