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
 * @property {{layer: string, value: unknown, place: string | null, is_redundant: boolean, is_shadowed: boolean, profiles: Named[]}[]} kept
 * @property {Named[]} shows_in
 */

/**
 * @typedef {object} Changes
 * @property {string} old
 * @property {string} new
 * @property {number} total
 * @property {number} changed
 * @property {Cause[]} causes
 * @property {{profile: Named, meanings: Meaning[]}[]} added
 * @property {{name: string, model?: string}[]} removed
 * @property {[string, Named][]} renamed
 * @property {{registry?: string | null, name?: string, old: string | null, new: Named | null, meanings: Meaning[], changes: Cause["changes"]}[]} repointed
 */

// So many edits stand in a part before the rest has to be asked for.
const CAUSES_SHOWN = 50;
const CHANGES_ADDRESS = "#changes";
/** For each profile the edits that it follows. */
const causesBy = followed();
const addedNumbers = new Set(tables.changes?.added.map((each) => each.profile));

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
  const parts = element("div", {});
  const count = element("p", { class: "count", role: "status" });
  let [search, severity] = ["", ""];

  function show() {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const causes = changes.causes.filter(
      (each) => (!severity || each.severity === severity) && words.every((word) => saidOf(each).includes(word)),
    );
    const isAll = !words.length && !severity;
    const all = counted(changes.causes.length, "edit");
    count.textContent = isAll ? all : `${WHOLE.format(causes.length)} of ${all}`;
    parts.replaceChildren(...partsOf(causes, isAll ? listsPart(changes) : undefined));
  }

  const filter = element("input", { type: "search", id: "filter", class: "search", autocomplete: "off", spellcheck: "false" });
  filter.setAttribute("aria-keyshortcuts", "/");
  filter.addEventListener("input", () => {
    search = filter.value;
    show();
  });
  const severities = choice("severity", "Severity", ["error", "warning", "note"], severity, (chosen) => {
    severity = chosen;
    show();
  });
  const label = labelled("filter", "Filter edits", " ", element("kbd", {}, "/"));
  if (changes.causes.length) {
    view.append(element("div", { class: "toolbar" }, element("div", { class: "control grows" }, label, filter), severities), count);
  }
  view.append(parts);
  show();
  return view;
}

/**
 * @param {Cause[]} causes
 * @param {HTMLElement | undefined} lists
 */
function partsOf(causes, lists) {
  return [
    causesPart("effect", "Changes in effect", causes.filter((each) => !isIdle(each))),
    lists,
    causesPart("ineffective", "Edits without effect", causes.filter((each) => isIdle(each) && !isSaying(each))),
    causesPart("descriptions", "Descriptions", causes.filter((each) => isIdle(each) && isSaying(each))),
  ].flatMap((each) => each ?? []);
}

/**
 * What a filter looks through: who was edited, where, and what that means.
 * @param {Cause} cause
 */
function saidOf(cause) {
  const meanings = cause.meanings.flatMap((each) => [each.kind, each.message]);
  return [cause.layer, cause.field, cause.place, ...meanings].join("\n").toLowerCase();
}

/** @param {Cause} cause */
function isIdle(cause) {
  // An edit that keeps a value where another one would change it has an effect.
  const holds = cause.kept.some((each) => !each.is_redundant && !each.is_shadowed);
  return !cause.profiles.length && !cause.meanings.length && !holds;
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
    const worst = worstOf(added.flatMap((each) => each.meanings)) ?? "note";
    // Those that mean something come first.
    const sorted = [...added].sort((one, other) => other.meanings.length - one.meanings.length);
    content.push(listed(counted(added.length, "profile added", "profiles added"), worst, sorted, ({ profile, meanings }) => [
      named(profile),
      ` ${(typeof profile === "number" && profiles[profile].model) || "(a layer)"}`,
      ...(meanings.length ? [element("ul", { class: "meanings" }, ...meanings.map((each) => meaningItem(each)))] : []),
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
  const worst = worstOf(change.meanings) ?? "warning";
  const [now, before] = [change.new, change.old].map((each) => (each === null ? "nothing" : named(each)));
  const heading = element("h3", {}, severity(worst), " ", ...who, now, ", and was ", before);
  const view = element("article", { class: `cause ${worst}` }, heading);
  const items = [...change.meanings.map((each) => meaningItem(each)), ...change.changes.map((each) => changeItem(each))];
  if (items.length) view.append(element("ul", { class: "meanings" }, ...items));
  return view;
}

/**
 * The worst severity beyond a note.
 * @param {Meaning[]} meanings
 */
function worstOf(meanings) {
  return ["error", "warning"].find((each) => meanings.some(({ severity: one }) => one === each));
}
