// What a diff says -> its view: the edits, the worst first, what each means, and which profiles follow it.

/**
 * A profile of this report by its number, or one that is gone by its name.
 * @typedef {number | string} Named
 */

/**
 * What changes mean to whoever uses the profiles; without `profiles`, in all of them.
 * @typedef {{kind: string, severity: string, message: string, profiles?: Named[]}} Meaning
 */

/**
 * @typedef {object} Cause
 * @property {"field" | "stack" | "about" | "baseline" | "inputs" | "unknown"} what
 * @property {string | null} layer
 * @property {string | null} field
 * @property {string | null} severity
 * @property {unknown} [old]
 * @property {unknown} [new]
 * @property {string | null} place
 * @property {Named[]} profiles
 * @property {Meaning[]} meanings
 * @property {{field: string, old?: unknown, new?: unknown, profiles?: Named[]}[]} changes
 * @property {{layer: string, value?: unknown, place: string | null, is_redundant: boolean, profiles: Named[]}[]} kept
 * @property {Named[]} shows_in
 */

/**
 * @typedef {object} Changes
 * @property {string} old
 * @property {string} new
 * @property {number} total
 * @property {number} changed
 * @property {Cause[]} causes
 * @property {Named[]} added
 * @property {{name: string, model?: string}[]} removed
 * @property {[string, Named][]} renamed
 * @property {{registry?: string | null, name?: string, old: string | null, new: Named | null, meanings: Meaning[]}[]} repointed
 */

// So many names stand in a line, and so many edits in a part, before the rest has to be asked for.
const NAMES_SHOWN = 4;
const CAUSES_SHOWN = 50;
const CHANGES_ADDRESS = "#changes";
/** For each profile the edits that it follows. */
const causesBy = followed();
const addedNumbers = new Set(tables.changes?.added);

function followed() {
  /** @type {Map<Named, Cause[]>} */
  const found = new Map();
  for (const cause of tables.changes?.causes ?? []) {
    for (const each of cause.profiles) found.set(each, [...(found.get(each) ?? []), cause]);
  }
  return found;
}

/**
 * @param {Changes} changes
 * @returns {HTMLElement}
 */
function changesView(changes) {
  const title = element("h1", { id: "heading", tabindex: -1 }, "What changed");
  const sides = element("p", { class: "subtitle" }, element("bdi", {}, changes.old), " → ", element("bdi", {}, changes.new));
  const view = element("article", { class: "changes", "aria-labelledby": "heading" }, title, sides);
  view.append(element("p", { class: "description" }, inAll(changes)));
  const { causes } = changes;
  const parts = [
    causesPart("effect", "Changes in effect", causes.filter((each) => each.profiles.length || each.what === "inputs")),
    listsPart(changes),
    causesPart("ineffective", "Edits without effect", causes.filter((each) => isIdle(each) && !isSaying(each))),
    causesPart("descriptions", "Descriptions", causes.filter((each) => isIdle(each) && isSaying(each))),
  ];
  view.append(...parts.flatMap((each) => each ?? []));
  return view;
}

/** @param {Cause} cause */
function isIdle(cause) {
  return !cause.profiles.length && cause.what !== "inputs";
}

/** @param {Cause} cause */
function isSaying(cause) {
  return cause.what === "about" || cause.what === "unknown";
}

/** @param {Changes} changes */
function inAll(changes) {
  const some = `${WHOLE.format(changes.changed)} of ${counted(changes.total, "profile")}`;
  const lists = /** @type {const} */ (["added", "removed", "renamed"]);
  const told = lists.flatMap((each) => (changes[each].length ? [`${WHOLE.format(changes[each].length)} ${each}`] : []));
  if (!changes.changed && !told.length) return `Nothing changes in effect; ${counted(changes.total, "profile")}.`;
  return `${[`${some} change${changes.changed === 1 ? "s" : ""} in effect`, ...told].join(", ")}.`;
}

/**
 * @param {string} id
 * @param {string} title
 * @param {Cause[]} causes
 */
function causesPart(id, title, causes) {
  if (!causes.length) return undefined;
  const holder = element("div", {}, ...causes.slice(0, CAUSES_SHOWN).map((each) => causeView(each)));
  const made = part(id, title, counted(causes.length, "edit"), holder);
  if (causes.length > CAUSES_SHOWN) {
    const more = button(`Show all ${WHOLE.format(causes.length)} edits`, () => {
      const rest = causes.slice(CAUSES_SHOWN).map((each) => causeView(each));
      holder.append(...rest);
      more.remove();
      rest[0].focus();
    });
    made.append(more);
  }
  return made;
}

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
  const value = "value" in kept ? valueOf(kept.value) : "no value";
  const item = element("li", {}, `${counted(kept.profiles.length, "profile")} keep${one ? "s" : ""} `, value);
  item.append(", set by ", layer, ...at);
  // One that keeps its own value is named already.
  if (!one || kept.profiles[0] !== numbers.get(kept.layer)) item.append(...which(kept.profiles));
  return item;
}

/** @param {Changes} changes */
function listsPart(changes) {
  const { added, removed, renamed, repointed } = changes;
  const content = [];
  if (removed.length) {
    content.push(listed(counted(removed.length, "profile removed", "profiles removed"), "warning", removed, (each) => [
      named(each.name),
      ` ${each.model ?? "(a layer)"}`,
    ]));
  }
  if (added.length) {
    content.push(listed(counted(added.length, "profile added", "profiles added"), "note", added, (each) => [
      named(each),
      ` ${(typeof each === "number" && profiles[each].model) || "(a layer)"}`,
    ]));
  }
  if (renamed.length) {
    content.push(listed(counted(renamed.length, "profile renamed", "profiles renamed"), "warning", renamed, ([old, now]) => [
      named(old),
      " → ",
      named(now),
    ]));
  }
  content.push(...repointed.map(repointedView));
  return content.length ? part("lists", "Profiles, names and defaults", "", ...content) : undefined;
}

/**
 * @template T
 * @param {string} title
 * @param {string} kind
 * @param {T[]} all
 * @param {(each: T) => (Node | string)[]} item
 */
function listed(title, kind, all, item) {
  const list = element("ul", { class: "links" });
  const add = (/** @type {T[]} */ some) => list.append(...some.map((each) => element("li", {}, ...item(each))));
  add(all.slice(0, SOME_PROFILES));
  const view = element("article", { class: `cause ${kind}` }, element("h3", {}, severity(kind), ` ${title}`), list);
  if (all.length > SOME_PROFILES) {
    const more = button(`Show all ${WHOLE.format(all.length)}`, () => {
      add(all.slice(SOME_PROFILES));
      more.remove();
    });
    view.append(more);
  }
  return view;
}

/** @param {Changes["repointed"][number]} change */
function repointedView(change) {
  const who =
    change.name !== undefined
      ? ["the name ", element("code", {}, change.name), " means "]
      : change.registry === null
        ? ["the default is "]
        : ["the default of ", element("code", {}, change.registry ?? ""), " is "];
  const worst = ["error", "warning"].find((each) => change.meanings.some(({ severity: one }) => one === each)) ?? "warning";
  const [now, before] = [change.new, change.old].map((each) => (each === null ? "nothing" : named(each)));
  const heading = element("h3", {}, severity(worst), " ", ...who, now, ", and was ", before);
  const view = element("article", { class: `cause ${worst}` }, heading);
  if (change.meanings.length) {
    view.append(element("ul", { class: "meanings" }, ...change.meanings.map((each) => meaningItem(each))));
  }
  return view;
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
