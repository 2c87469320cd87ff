// Texts -> elements. Nothing in this report makes markup of a text: every text goes through here and stays one.

// What turns text around, hides in it, or moves a cursor: the same characters that the command escapes on a terminal.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;

// Made once: making one takes longer than formatting with it.
const WHOLE = new Intl.NumberFormat("en-US");
const MONEY = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/**
 * The text with each such character written as an escape.
 * @param {string} text
 * @returns {string}
 */
function visible(text) {
  return text.replace(UNSAFE, (found) => {
    const code = /** @type {number} */ (found.codePointAt(0));
    return code > 255 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, visible(String(value)));
  for (const child of children) made.append(typeof child === "string" ? visible(child) : child);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 * @returns {SVGElement}
 */
function drawn(tag, attributes, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, visible(String(value)));
  made.append(...children);
  return made;
}

/**
 * A text of several lines, as its author broke them.
 * @param {string} text
 * @returns {HTMLElement}
 */
function paragraph(text) {
  const made = element("p", { class: "description", dir: "auto" });
  text.trim().split(/\r?\n/).forEach((line, index) => {
    if (index) made.append(element("br", {}));
    made.append(visible(line));
  });
  return made;
}

/**
 * What is shown as a short sign, and read out as words.
 * @param {string} sign
 * @param {string} words
 * @returns {Node[]}
 */
function spoken(sign, words) {
  return [element("span", { "aria-hidden": "true", class: "sign" }, sign), hidden(words)];
}

/**
 * Words for screen readers alone.
 * @param {string} words
 * @returns {HTMLElement}
 */
function hidden(words) {
  return element("span", { class: "hidden" }, words);
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string}
 */
function counted(count, one, many = `${one}s`) {
  return `${WHOLE.format(count)} ${count === 1 ? one : many}`;
}

/**
 * A button that does something.
 * @param {string} label
 * @param {() => void} action
 * @returns {HTMLButtonElement}
 */
function button(label, action) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", action);
  return made;
}
