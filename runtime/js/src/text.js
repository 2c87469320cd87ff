// text from outside -> text that can be shown: clipped, and nothing in it that a terminal would act on.

const LONGEST_QUOTE = 200;
const HIDDEN = /[\p{C}\p{Z}]/gu;
/** @type {Record<string, string>} */
const SHORT = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Text in backquotes. @param {unknown} text */
export const quoted = (text) => `\`${printable(clipped(String(text), LONGEST_QUOTE))}\``;

/** @param {string} text */
export const printable = (text) => text.replace(HIDDEN, (c) => (c === " " ? c : SHORT[c] ?? escaped(c)));

/** The first `length` characters. @param {string} text @param {number} length */
export function clipped(text, length) {
  if (text.length <= length) return text;
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length).join("")}…`;
}

/** @param {string[]} names */
export function listed(names) {
  const shown = names.slice(0, 10).map(quoted).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown || "none";
}

/** A value as JSON on one line, with blanks where people put them. @param {any} value @returns {string} */
export function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`).join(", ")}}`;
}

/** As Python escapes it, so that both runtimes say the same. @param {string} c */
function escaped(c) {
  const code = c.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
