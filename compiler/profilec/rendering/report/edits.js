// One edit of a diff -> what is told of it: the values, where, what it means, who follows it and who does not.

// So many names stand in a line before they have to be asked for.
const NAMES_SHOWN = 4;

/**
 * @param {Cause} cause
 * @param {number} [only] the one profile of which this is told
 */
function causeView(cause, only) {
  const heading = element("h3", {}, severity(cause.severity ?? "note"), " ", ...edited(cause));
  const view = element("article", { class: `cause ${cause.severity ?? "note"}`, tabindex: -1 }, heading);
  view.append(...values(cause));
  if (cause.place) view.append(element("p", { class: "place" }, cause.place));
  if (cause.profiles.length && only === undefined) view.append(...namedList("Changes ", cause.profiles));
  const list = element("ul", { class: "meanings" });
  for (const each of cause.meanings) if (concerns(each, only)) list.append(meaningItem(each, only));
  for (const each of cause.changes) if (concerns(each, only)) list.append(changeItem(each, only));
  if (only === undefined) for (const each of cause.kept) list.append(keptItem(each));
  if (list.children.length) view.append(list);
  if (cause.shows_in.length) view.append(...namedList("Changes no setting; shows in ", cause.shows_in));
  return view;
}

/**
 * @param {{profiles?: Named[]}} told
 * @param {number} [only]
 */
function concerns(told, only) {
  return only === undefined || !told.profiles || told.profiles.includes(only);
}

/** @param {string} kind */
function severity(kind) {
  return element("span", { class: `severity ${kind}` }, kind);
}

/**
 * @param {Cause} cause
 * @returns {(Node | string)[]}
 */
function edited(cause) {
  const layer = cause.layer ? [named(numbers.get(cause.layer) ?? cause.layer)] : [];
  if (cause.what === "stack") return [...layer, " stack"];
  if (cause.what === "baseline") return ["baseline ", ...layer];
  if (cause.what === "inputs") return ["how credentials are treated"];
  if (cause.what === "unknown") return ["an edit that cannot be told"];
  return [...layer, " ", element("code", {}, cause.field ?? "")];
}

/**
 * @param {{old?: unknown, new?: unknown}} change
 * @returns {HTMLElement[]}
 */
function values(change) {
  return "old" in change || "new" in change ? [element("p", { class: "values" }, ...twoSides(change))] : [];
}

/**
 * @param {{old?: unknown, new?: unknown}} change
 * @returns {(Node | string)[]}
 */
function twoSides(change) {
  const absent = () => element("span", { class: "muted" }, "not set");
  const before = "old" in change ? element("del", {}, hidden("before: "), valueOf(change.old)) : absent();
  const after = "new" in change ? element("ins", {}, hidden("after: "), valueOf(change.new)) : absent();
  return [before, element("span", { class: "muted" }, " → "), after];
}

/**
 * @param {Meaning} meaning
 * @param {number} [only]
 */
function meaningItem(meaning, only) {
  const kind = element("code", { class: "kind" }, meaning.kind);
  const item = element("li", {}, severity(meaning.severity), " ", kind, " ", ...marked(meaning.message));
  if (meaning.profiles?.length && only === undefined) item.append(` (in ${WHOLE.format(meaning.profiles.length)} of them)`);
  return item;
}

/**
 * @param {Cause["changes"][number]} change
 * @param {number} [only]
 */
function changeItem(change, only) {
  const item = element("li", {}, element("code", {}, change.field), " ", ...twoSides(change));
  if (change.profiles && only === undefined) item.append(` (in ${WHOLE.format(change.profiles.length)} of them)`);
  return item;
}

/** @param {Cause["kept"][number]} kept */
function keptItem(kept) {
  const layer = named(numbers.get(kept.layer) ?? kept.layer);
  const at = kept.place ? [" at ", element("span", { class: "place" }, kept.place)] : [];
  if (kept.is_redundant) {
    return element("li", {}, "Redundant: ", layer, " says the same", ...at, ` (${counted(kept.profiles.length, "profile")})`);
  }
  const one = kept.profiles.length === 1;
  const item = element("li", {}, `${counted(kept.profiles.length, "profile")} keep${one ? "s" : ""} `, valueOf(kept.value));
  item.append(", set by ", layer, ...at);
  // One that keeps its own value is named already.
  if (!one || kept.profiles[0] !== numbers.get(kept.layer)) item.append(...which(kept.profiles));
  return item;
}

/**
 * A profile as a link where this report has it.
 * @param {Named} profile
 */
function named(profile) {
  const number = typeof profile === "number" ? profile : numbers.get(profile);
  return number === undefined ? element("code", {}, element("bdi", {}, String(profile))) : profileLink(number);
}

/**
 * How many profiles, and which: a few in a line, many when they are asked for.
 * @param {string} before
 * @param {Named[]} all
 * @returns {HTMLElement[]}
 */
function namedList(before, all) {
  const count = `${before}${counted(all.length, "profile")}`;
  return all.length > NAMES_SHOWN ? [opening(count, all)] : [element("p", {}, count, ...which(all))];
}

/**
 * The profiles at the end of a sentence.
 * @param {Named[]} all
 * @returns {(Node | string)[]}
 */
function which(all) {
  if (all.length > NAMES_SHOWN) return [opening("Which", all)];
  return all.flatMap((each, index) => [index ? ", " : ": ", named(each)]);
}

/**
 * @param {string} summary
 * @param {Named[]} all
 */
function opening(summary, all) {
  const details = element("details", { class: "named" }, element("summary", {}, summary));
  details.addEventListener(
    "toggle",
    () => details.append(element("ul", { class: "links" }, ...all.map((each) => element("li", {}, named(each))))),
    { once: true },
  );
  return details;
}

/**
 * A message of ours: what stands in backticks is code.
 * @param {string} message
 */
function marked(message) {
  return message.split("`").map((text, index) => (index % 2 ? element("code", {}, text) : text));
}
