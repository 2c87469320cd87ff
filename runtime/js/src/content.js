// messages as callers write them -> Turns: of texts and images, of the system, the user and the assistant.

import { BadOption } from "./errors.js";
import { normalise } from "./messages.js";
import { isMapping, kindOf, own } from "./own.js";

/** @typedef {import("./messages.js").Message} Message @typedef {import("./messages.js").Messages} Messages */

const LARGEST_IMAGE = 32 << 20;
const SHAPES = 'a content is a text, or an array of texts and of {type: "text", text} and {type: "image", url | data | file}';
/** @type {[number[], string][]} */
const MAGIC = [
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a], "image/png"],
  [[0xff, 0xd8, 0xff], "image/jpeg"],
  [[0x47, 0x49, 0x46, 0x38], "image/gif"],
];

/** An image by URL, or its bytes in base64 with their media type. */
export class Image {
  /** @param {string | null} url @param {string | null} data @param {string | null} mediaType */
  constructor(url, data, mediaType) {
    this.url = url;
    this.data = data;
    this.mediaType = mediaType;
  }

  /** The URL, or a data URL of the bytes. */
  get asURL() {
    return this.url ?? `data:${this.mediaType};base64,${this.data}`;
  }
}

/** What one side says: `role` is system, user or assistant. */
export class Turn {
  /** @param {string} role @param {(string | Image)[]} parts @param {number} position */
  constructor(role, parts, position) {
    this.role = role;
    this.parts = parts;
    this.position = position;
  }

  /** The text, where there is nothing else. @returns {string | null} */
  get text() {
    return this.isText ? this.parts.join("") : null;
  }

  get isText() {
    return this.parts.every((part) => typeof part === "string");
  }
}

/** The turns of checked messages. Image files are read here. Throws BadOption.
 * @param {Messages} messages @returns {Promise<Turn[]>} */
export async function conversation(messages) {
  const turns = await Promise.all(normalise(messages).map(turn));
  if (turns.some((each) => each.role !== "system")) return turns;
  throw refusal("`messages` has nothing for the model to answer", 'add {role: "user", content: …}');
}

/** The system text at the beginning, and the turns after it; a system message further on is BadOption.
 * @param {Turn[]} turns @returns {{system: string | undefined, rest: Turn[]}} */
export function splitSystem(turns) {
  const begin = turns.findIndex((each) => each.role !== "system");
  const rest = turns.slice(begin);
  const late = rest.find((each) => each.role === "system");
  if (late) {
    throw refusal(
      `\`messages[${late.position}]\` is a system message after the conversation began`,
      "this protocol has system messages at the beginning only",
    );
  }
  const texts = turns.slice(0, begin).map((each) => each.text ?? "");
  return { system: texts.length ? texts.join("\n\n") : undefined, rest };
}

/** @param {Message} message @param {number} position */
async function turn(message, position) {
  const what = `messages[${position}]`;
  const role = own(OTHER_ROLES, message.role) ?? message.role;
  if (!["system", "user", "assistant"].includes(role)) {
    throw refusal(`\`${what}.role\` is not system, user or assistant`, "tools are the application's own");
  }
  const { content } = message;
  if (typeof content === "string") return new Turn(role, [content], position);
  if (!Array.isArray(content)) throw refusal(`\`${what}.content\` is ${kindOf(content)}`, SHAPES);
  const parts = await Promise.all(content.map((each, index) => part(each, `${what}.content[${index}]`)));
  if (role !== "user" && parts.some((each) => typeof each !== "string")) {
    throw refusal(`\`${what}\` holds an image, and is not of the user`, "images are the user's");
  }
  return new Turn(role, parts, position);
}

/** @type {Record<string, string>} */
const OTHER_ROLES = { developer: "system", model: "assistant" };

/** @param {unknown} given @param {string} what @returns {Promise<string | Image>} */
async function part(given, what) {
  if (typeof given === "string") return given;
  if (isMapping(given)) {
    if (given.type === "text" && typeof given.text === "string") return given.text;
    if (given.type === "image") return image(given, what);
    if (given.type === "image_url") {
      return image({ url: isMapping(given.image_url) ? given.image_url.url : given.image_url }, what);
    }
  }
  throw refusal(`\`${what}\` is no text and no image`, SHAPES);
}

/** @param {Record<string, any>} given @param {string} what */
async function image(given, what) {
  const named = ["url", "data", "file"].filter((name) => own(given, name) != null);
  if (named.length !== 1) throw refusal(`\`${what}\` has ${named.length} of \`url\`, \`data\` and \`file\``, "give one of them");
  if (named[0] === "url") return imageByURL(given.url, given.mediaType, what);
  const data = named[0] === "file" ? await read(given.file, what) : given.data;
  if (!(data instanceof Uint8Array)) throw refusal(`\`${what}.data\` is ${kindOf(data)}, not a Uint8Array`, SHAPES);
  const mediaType = given.mediaType ?? mediaTypeOf(data);
  if (typeof mediaType !== "string") {
    throw refusal(`\`${what}\` is no PNG, JPEG, GIF or WebP`, "say what it is in `mediaType`");
  }
  return new Image(null, base64(data), mediaType);
}

/** @param {unknown} url @param {string | undefined} mediaType @param {string} what */
function imageByURL(url, mediaType, what) {
  if (typeof url !== "string" || !/^(https?:\/\/|gs:\/\/|data:)/.test(url)) {
    throw refusal(`\`${what}.url\` is no http, https, gs or data URL`, 'a file is {type: "image", file: PATH}');
  }
  if (!url.startsWith("data:")) return new Image(url, null, mediaType ?? null);
  const comma = url.indexOf(",");
  const declared = url.slice(5, comma < 0 ? undefined : comma);
  if (comma < 0 || !declared.endsWith(";base64")) {
    throw refusal(`\`${what}.url\` is a data URL that is not base64`, "write data:image/png;base64,…");
  }
  return new Image(null, url.slice(comma + 1), declared.slice(0, -";base64".length));
}

/** @param {string | URL} file @param {string} what */
async function read(file, what) {
  const { readUpTo, reasonOf } = await import("./files.js");
  const data = await readUpTo(file, LARGEST_IMAGE + 1).catch((error) => {
    throw refusal(`\`${what}.file\` cannot be read: ${reasonOf(error)}`, "give the path of an image");
  });
  if (data.length <= LARGEST_IMAGE) return data;
  throw refusal(`\`${what}.file\` is over ${LARGEST_IMAGE} bytes long`, "make the image smaller");
}

/** @param {Uint8Array} data */
function mediaTypeOf(data) {
  const at = (/** @type {number} */ from, /** @type {string} */ text) => [...text].every((c, i) => data[from + i] === c.charCodeAt(0));
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  return MAGIC.find(([magic]) => magic.every((byte, index) => data[index] === byte))?.[1];
}

/** @param {Uint8Array} data */
function base64(data) {
  let text = "";
  // In pieces, since a call takes no more arguments than fit on the stack.
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}

/** @param {string} message @param {string} hint */
const refusal = (message, hint) => new BadOption(message, hint, { option: "messages" });
