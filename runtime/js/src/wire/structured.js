// chat.structured_output_* -> the JSON Schema that a reply must follow.

import { isMapping } from "../own.js";
import { isEmpty } from "./parameters.js";

const MODE = "chat.structured_output_mode";
const SCHEMA = "chat.structured_output_schema";
const NAME = "chat.structured_output_name";

/**
 * @typedef {object} Structured
 * @property {Record<string, any>} named {name, description, schema, strict}, as OpenAI's protocols take it
 * @property {Record<string, any>} describedSchema the schema with the description in it, for protocols that have no other place
 */

/** What the settings ask for; undefined where the mode is off, or where they are refused.
 * @param {import("./parameters.js").Parameters} p @returns {Structured | undefined} */
export function structured(p) {
  const mode = p.take(MODE);
  if (mode === undefined || mode.toLowerCase() === "off") return undefined;
  if (mode.toLowerCase() !== "json_schema") {
    p.refuse(`the mode '${mode}' is not known`, "write `json_schema` or `off`", MODE);
    return undefined;
  }
  const name = p.take(NAME);
  if (name === undefined) {
    p.refuse("the mode `json_schema` needs a name", `set \`${NAME}\``, MODE);
    return undefined;
  }
  const schema = parse(p.take(SCHEMA));
  if (schema === undefined) {
    p.refuse("the mode `json_schema` needs the text of a JSON object", `set \`${SCHEMA}\``, p.take(SCHEMA) ? SCHEMA : MODE);
    return undefined;
  }
  const text = p.take("chat.structured_output_description");
  const description = text ? { description: text } : {};
  const strict = p.take("chat.structured_output_strict") !== false;
  return { named: { name, ...description, schema, strict }, describedSchema: { ...description, ...schema } };
}

/** The schema in the text, or undefined where there is no non-empty object in it. @param {unknown} text */
export function parse(text) {
  try {
    const schema = typeof text === "string" ? JSON.parse(text) : undefined;
    return isMapping(schema) && !isEmpty(schema) ? schema : undefined;
  } catch {
    return undefined;
  }
}
