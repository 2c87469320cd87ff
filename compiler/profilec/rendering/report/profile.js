// One profile -> its view: what it is, what is in effect and why, what it stands on, and what stands on it.

// Longer values are cut until they are opened; longer lists of profiles too.
const LONG_VALUE = 240;
const SOME_PROFILES = 60;

/**
 * @param {number} number
 * @returns {HTMLElement}
 */
function profileView(number) {
  const profile = profiles[number];
  const fields = fieldsOf(profile);
  const title = element("h1", { id: "heading", tabindex: -1 }, names[number]);
  if (number === tables.default) title.append(" ", element("span", { class: "badge" }, "default"));
  const view = element("article", { class: "one", "aria-labelledby": "heading" }, title);
  if (profile.display_name) view.append(element("p", { class: "subtitle", dir: "auto" }, profile.display_name));
  if (profile.description) view.append(paragraph(profile.description));
  view.append(facts(number));
  view.append(...sincePart(number));
  view.append(part("stack", "Stack", counted(profile.layers.length, "layer"), stackView(number, fields)));
  view.append(settingsPart(fields));
  view.append(part("dependents", "Stands on it", counted(dependents[number].length, "profile"), dependentsOf(number)));
  return view;
}

/**
 * What changed of a profile, where the report compares.
 * @param {number} number
 */
function sincePart(number) {
  const causes = causesBy.get(number);
  if (!tables.changes || !causes) return [];
  const all = element("p", {}, element("a", { href: CHANGES_ADDRESS }, "All that changed"));
  return [part("since", `Changed since ${tables.changes.old}`, "", ...causes.map((each) => causeView(each, number)), all)];
}

/**
 * @param {string} id
 * @param {string} title
 * @param {string} note
 * @param {Node[]} content
 */
function part(id, title, note, ...content) {
  const heading = element("h2", { id }, title, " ", element("small", {}, note));
  return element("section", { "aria-labelledby": id }, heading, ...content);
}

/** @param {number} number */
function facts(number) {
  const profile = profiles[number];
  const list = element("dl", { class: "facts" });
  /** @param {string} name @param {(Node | string | undefined)[]} content */
  const add = (name, ...content) => {
    const there = content.flatMap((each) => each || []);
    if (there.length) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, ...there)));
  };
  const tokens = (/** @type {number | undefined} */ count) => (count === undefined ? "" : `${WHOLE.format(count)} tokens`);
  add("Model", profile.model ?? "none: a layer that others stand on");
  add("Provider", profile.provider);
  add("Kind", profile.kind);
  add("Context window", tokens(profile.context_window));
  add("Output limit", tokens(profile.output_limit));
  add("Price", priceOf(profile), priceOf(profile) && !profile.is_free ? element("small", {}, "USD per 1M tokens") : "");
  add("Requires", ...(profile.requires ?? []).map((each) => element("code", {}, each)));
  add("Written at", element("code", {}, place(fileOf(number), profile.line, profile.column)));
  add("Digest", element("code", {}, `sha256:${profile.digest}`));
  return list;
}

/** @param {Profile} profile */
function priceOf(profile) {
  if (profile.is_free) return "free";
  const { input_price: input, output_price: output } = profile;
  const parts = [input === undefined ? "" : `${MONEY.format(input)} in`, output === undefined ? "" : `${MONEY.format(output)} out`];
  return parts.filter(Boolean).join(", ");
}

/** @param {Field[]} fields */
function settingsPart(fields) {
  const count = element("p", { class: "count", role: "status" });
  const filter = element("input", { type: "search", id: "filter", class: "search", autocomplete: "off", spellcheck: "false" });
  filter.setAttribute("aria-keyshortcuts", "/");
  let isOnly = false;
  const groups = grouped(fields).map(([section, own], index) => sectionOf(section, own, index));

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shownFields = 0;
    for (const { node, rows } of groups) {
      let any = false;
      for (const { body, text, field } of rows) {
        const isShown = words.every((word) => text.includes(word)) && (!isOnly || field.overridden.length > 0);
        body.hidden = !isShown;
        any ||= isShown;
        shownFields += Number(isShown);
      }
      node.hidden = !any;
    }
    const all = shownFields === fields.length;
    count.textContent = all ? counted(fields.length, "field") : `${shownFields} of ${counted(fields.length, "field")}`;
  }

  filter.addEventListener("input", show);
  show();
  const tools = element(
    "div",
    { class: "toolbar" },
    element("div", { class: "control grows" }, labelled("filter", "Filter fields", " ", element("kbd", {}, "/")), filter),
    check("only", "Only with overridden values", false, (chosen) => {
      isOnly = chosen;
      show();
    }),
  );
  const overridden = fields.filter((each) => each.overridden.length).length;
  const note = `${overridden || "none"} with overridden values`;
  const content = fields.length ? [tools, count, ...groups.map(({ node }) => node)] : [element("p", {}, "Sets nothing.")];
  return part("settings", "Settings in effect", fields.length ? note : "", ...content);
}

/**
 * @param {Field[]} fields
 * @returns {[string, Field[]][]}
 */
function grouped(fields) {
  /** @type {Map<string, Field[]>} */
  const groups = new Map();
  for (const each of fields) groups.set(each.section, [...(groups.get(each.section) ?? []), each]);
  return [...groups];
}

/**
 * @param {string} section
 * @param {Field[]} fields
 * @param {number} index
 */
function sectionOf(section, fields, index) {
  const rows = fields.map((field) => {
    const text = [`${section}.${field.name}`, shown(field.value), nameOf(field.winner.layer), field.winner.place];
    return { field, text: text.join("\n").toLowerCase(), body: fieldRows(field) };
  });
  const titles = ["Field", "Value", "Layer", "Written at"].map((title) =>
    element("th", { scope: "col", role: "columnheader" }, title),
  );
  const table = element(
    "table",
    { class: "settings", role: "table", "aria-labelledby": `section-${index}` },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...titles)),
    ...rows.map(({ body }) => body),
  );
  return { rows, node: element("div", {}, element("h3", { id: `section-${index}` }, section), table) };
}

/**
 * The value in effect, and below it what it overrode.
 * @param {Field} field
 */
function fieldRows(field) {
  const all = [field.winner, ...field.overridden];
  const header = element("th", { scope: "rowgroup", role: "rowheader", rowspan: all.length }, field.name);
  const rows = all.map((setting, index) => {
    const value = valueOf(index ? setting.value : field.value);
    const layer = setting.layer === BASELINE ? nameOf(BASELINE) : profileLink(setting.layer);
    return element(
      "tr",
      { role: "row", class: index ? "overridden" : "winner" },
      ...(index ? [] : [header]),
      element("td", { role: "cell", class: "value" }, ...(index ? [hidden("overrides "), element("del", {}, value)] : [value])),
      element("td", { role: "cell", class: "layer" }, layer),
      element("td", { role: "cell", class: "place" }, setting.place),
    );
  });
  return element("tbody", { role: "rowgroup" }, ...rows);
}

/** @param {unknown} value */
function valueOf(value) {
  const text = shown(value);
  const kind = value === null ? "null" : typeof value;
  if (text.length <= LONG_VALUE) return element("code", { class: kind }, element("bdi", {}, text));
  const start = element("summary", {}, `${text.slice(0, LONG_VALUE / 2)}…`);
  return element("details", { class: kind }, start, element("code", {}, element("bdi", {}, text)));
}

/** @param {number} number */
function dependentsOf(number) {
  const all = dependents[number];
  if (!all.length) return element("p", { class: "muted" }, "No profile stacks on this one.");
  const list = element("ul", { class: "links" });
  const add = (/** @type {number[]} */ some) => {
    for (const each of some) list.append(element("li", {}, profileLink(each)));
  };
  add(all.slice(0, SOME_PROFILES));
  const holder = element("div", {}, list);
  if (all.length > SOME_PROFILES) {
    const more = button(`Show all ${WHOLE.format(all.length)}`, () => {
      add(all.slice(SOME_PROFILES));
      more.remove();
      /** @type {HTMLElement | null} */ (list.children[SOME_PROFILES].querySelector("a"))?.focus();
    });
    holder.append(more);
  }
  return holder;
}
