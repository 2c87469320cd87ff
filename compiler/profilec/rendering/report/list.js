// What is searched for -> a page of the table of profiles.

/**
 * @typedef {object} Wanted
 * @property {string} search
 * @property {string} registry
 * @property {string} provider
 * @property {boolean} layers
 * @property {boolean} changed
 * @property {string} sort
 * @property {boolean} down
 * @property {number} page
 */

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {string} [unit]
 * @property {boolean} [isNumber]
 * @property {(number: number) => string | number | undefined} value
 */

const ROWS_PER_PAGE = 50;
const COLLATOR = new Intl.Collator("en", { numeric: true });
/** @type {Column[]} */
const COLUMNS = [
  { key: "profile", label: "Profile", value: (number) => profiles[number].slug },
  { key: "registry", label: "Registry", value: (number) => registries[profiles[number].registry].slug },
  { key: "model", label: "Model", value: (number) => profiles[number].model },
  { key: "provider", label: "Provider", value: (number) => profiles[number].provider },
  { key: "context", label: "Context", unit: "tokens", isNumber: true, value: (number) => profiles[number].context_window },
  { key: "output", label: "Output limit", unit: "tokens", isNumber: true, value: (number) => profiles[number].output_limit },
  { key: "in", label: "Price in", unit: "USD per 1M", isNumber: true, value: (number) => price(number, "input_price") },
  { key: "out", label: "Price out", unit: "USD per 1M", isNumber: true, value: (number) => price(number, "output_price") },
  { key: "used", label: "Used by", unit: "profiles", isNumber: true, value: (number) => dependents[number].length },
];
/** @type {Wanted} */
const NOTHING_WANTED = { search: "", registry: "", provider: "", layers: true, changed: false, sort: "", down: false, page: 1 };

/**
 * What the last sort gave, since a key pressed in the search changes what is shown and not the order.
 * @type {{by: string, order: number[]}}
 */
let sorted = { by: "", order: profiles.map((_, number) => number) };

/**
 * @param {number} number
 * @param {"input_price" | "output_price"} which
 */
function price(number, which) {
  return profiles[number][which] ?? (profiles[number].is_free ? 0 : undefined);
}

/**
 * The numbers of all profiles in the order that is wanted; what is not known comes last, whatever the direction.
 * @param {Wanted} wanted
 */
function inOrder(wanted) {
  const by = `${wanted.sort} ${wanted.down}`;
  if (by === sorted.by) return sorted.order;
  const order = profiles.map((_, number) => number);
  const column = COLUMNS.find((each) => each.key === wanted.sort);
  if (column) {
    const values = order.map(column.value);
    const sign = wanted.down ? -1 : 1;
    order.sort((one, other) => {
      const [a, b] = [values[one], values[other]];
      if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined) || one - other;
      const difference = typeof a === "number" ? a - Number(b) : COLLATOR.compare(a, String(b));
      return sign * difference || one - other;
    });
  }
  sorted = { by, order };
  return order;
}

/**
 * @param {Wanted} wanted
 * @returns {number[]}
 */
function found(wanted) {
  const words = wanted.search.toLowerCase().split(/\s+/).filter(Boolean);
  return inOrder(wanted).filter((number) => {
    const profile = profiles[number];
    return (
      (wanted.layers || profile.model !== undefined) &&
      (!wanted.changed || causesBy.has(number) || addedNumbers.has(number)) &&
      (!wanted.registry || registries[profile.registry].slug === wanted.registry) &&
      (!wanted.provider || profile.provider === wanted.provider) &&
      words.every((word) => haystacks[number].includes(word))
    );
  });
}

/**
 * The view of the list. `changed` is told what is wanted now, so that the address can say it.
 * @param {Wanted} wanted
 * @param {(wanted: Wanted) => void} changed
 * @returns {HTMLElement}
 */
function listView(wanted, changed) {
  const count = element("p", { class: "count", role: "status" });
  const caption = element("caption", { class: "hidden" });
  const body = element("tbody", { role: "rowgroup" });
  const heads = COLUMNS.map((column) => head(column, () => want(turned(column))));
  const pages = element("nav", { class: "pages", "aria-label": "Pages" });

  /** @param {Partial<Wanted>} more */
  function want(more) {
    wanted = { ...wanted, page: 1, ...more };
    show();
    changed(wanted);
  }

  /**
   * @param {Column} column
   * @returns {Partial<Wanted>}
   */
  function turned(column) {
    // Who sorts by who is used looks for the most, who sorts by a price for the least.
    const first = column.key === "used";
    return { sort: column.key, down: wanted.sort === column.key ? !wanted.down : first };
  }

  function show() {
    const all = found(wanted);
    const last = Math.max(1, Math.ceil(all.length / ROWS_PER_PAGE));
    wanted.page = Math.min(Math.max(1, wanted.page), last);
    const start = (wanted.page - 1) * ROWS_PER_PAGE;
    const here = all.slice(start, start + ROWS_PER_PAGE);
    const range = all.length > here.length ? `${start + 1}–${start + here.length} of ` : "";
    const text = all.length ? `${range}${counted(all.length, "profile")}` : "No profile matches";
    count.textContent = text;
    caption.textContent = `Profiles: ${text}`;
    heads.forEach((each, index) => mark(each, COLUMNS[index].key === wanted.sort ? wanted.down : null));
    body.replaceChildren(...here.map(row));
    pages.replaceChildren(...turning(last));
    pages.hidden = last === 1;
  }

  /** @param {number} last */
  function turning(last) {
    const turn = (/** @type {string} */ label, /** @type {number} */ page) => {
      const made = button(label, () => {
        want({ page });
        // The button is gone with the page it was on; the first row is where reading goes on.
        window.scrollTo({ top: 0 });
        focusFirst(body);
      });
      made.disabled = page < 1 || page > last;
      return made;
    };
    const where = element("span", {}, `Page ${wanted.page} of ${last}`);
    return [turn("Previous", wanted.page - 1), where, turn("Next", wanted.page + 1)];
  }

  const columns = element("tr", { role: "row" }, ...heads);
  const table = element(
    "table",
    { class: "profiles", role: "table" },
    caption,
    element("thead", { role: "rowgroup" }, columns),
    body,
  );
  body.addEventListener("click", openRow);
  const view = element("section", { class: "list", "aria-labelledby": "heading" });
  view.append(
    element("h1", { id: "heading", class: "hidden", tabindex: -1 }, "Profiles"),
    tools(wanted, want),
    count,
    table,
    pages,
  );
  view.addEventListener("keydown", (event) => step(event, body));
  show();
  return view;
}

/**
 * @param {Wanted} wanted
 * @param {(more: Partial<Wanted>) => void} want
 */
function tools(wanted, want) {
  const search = element("input", {
    type: "search",
    id: "search",
    class: "search",
    autocomplete: "off",
    spellcheck: "false",
    "aria-keyshortcuts": "/",
    placeholder: "Name, model, provider, description",
  });
  search.value = wanted.search;
  search.addEventListener("input", () => want({ search: search.value }));
  const providers = [...new Set(profiles.map((each) => each.provider ?? ""))].filter(Boolean).sort(COLLATOR.compare);
  return element(
    "search",
    { class: "toolbar" },
    element("div", { class: "control grows" }, labelled("search", "Search", " ", element("kbd", {}, "/")), search),
    choice("registry", "Registry", registries.map((each) => each.slug), wanted.registry, (registry) => want({ registry })),
    choice("provider", "Provider", providers, wanted.provider, (provider) => want({ provider })),
    check("layers", "Layers without a model", wanted.layers, (layers) => want({ layers })),
    ...(tables.changes ? [check("changed", "Only changed or added", wanted.changed, (changed) => want({ changed }))] : []),
  );
}

/**
 * @param {string} id
 * @param {(Node | string)[]} content
 */
function labelled(id, ...content) {
  return element("label", { for: id }, ...content);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {boolean} isChecked
 * @param {(isChecked: boolean) => void} choose
 */
function check(id, label, isChecked, choose) {
  const box = element("input", { type: "checkbox", id });
  box.checked = isChecked;
  box.addEventListener("change", () => choose(box.checked));
  return element("div", { class: "control check" }, box, labelled(id, label));
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string[]} values
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function choice(id, label, values, chosen, choose) {
  const select = element("select", { id }, element("option", { value: "" }, "All"));
  for (const value of values) {
    const option = element("option", {}, value);
    // As an attribute it would be what is shown of it.
    option.value = value;
    select.append(option);
  }
  select.value = chosen;
  select.addEventListener("change", () => choose(select.value));
  return element("div", { class: "control" }, labelled(id, label), select);
}

/**
 * @param {Column} column
 * @param {() => void} sort
 */
function head(column, sort) {
  const sorting = button(column.label, sort);
  const arrow = element("span", { class: "arrow", "aria-hidden": "true" });
  // On the side on which it moves no label.
  if (column.isNumber) sorting.prepend(arrow);
  else sorting.append(arrow);
  if (column.unit) sorting.append(" ", element("small", {}, column.unit));
  return element("th", { scope: "col", role: "columnheader", class: classOf(column) }, sorting);
}

/** @param {Column} column */
function classOf(column) {
  return column.isNumber ? `${column.key} number` : column.key;
}

/**
 * @param {HTMLElement} header
 * @param {boolean | null} down
 */
function mark(header, down) {
  if (down === null) header.removeAttribute("aria-sort");
  else header.setAttribute("aria-sort", down ? "descending" : "ascending");
}

/** @param {number} number */
function row(number) {
  const profile = profiles[number];
  const name = element("th", { scope: "row", role: "rowheader", class: "name" }, profileLink(number, profile.slug));
  if (number === tables.default) name.append(" ", element("span", { class: "badge" }, "default"));
  if (addedNumbers.has(number)) name.append(" ", element("span", { class: "badge" }, "added"));
  if (causesBy.has(number)) name.append(" ", element("span", { class: "badge" }, "changed"));
  if (profile.display_name) name.append(element("bdi", { class: "display" }, profile.display_name));
  const cells = COLUMNS.slice(1).map((column) => {
    const attributes = { role: "cell", class: classOf(column), "data-label": column.label };
    return element("td", attributes, ...cell(column, number));
  });
  return element("tr", { role: "row" }, name, ...cells);
}

/**
 * @param {Column} column
 * @param {number} number
 * @returns {(Node | string)[]}
 */
function cell(column, number) {
  const value = column.value(number);
  if (column.key === "model" && value === undefined) return [element("span", { class: "muted" }, "layer")];
  if (value === undefined || value === "") return [element("span", { class: "whole" }, ...spoken("–", "not set"))];
  if (column.key === "in" || column.key === "out") return amount(number, Number(value));
  if (typeof value === "number") return [WHOLE.format(value)];
  return [element("bdi", {}, value)];
}

/**
 * A price, its fraction in a field of its own so that the points stand below each other.
 * @param {number} number
 * @param {number} value
 */
function amount(number, value) {
  if (profiles[number].is_free) return [element("span", { class: "whole free" }, "free")];
  const [whole, fraction] = MONEY.format(value).split(".");
  return [element("span", {}, whole), element("span", { class: "fraction" }, `.${fraction}`)];
}

/**
 * @param {number} number
 * @param {string} [text]
 */
function profileLink(number, text) {
  return element("a", { href: addressOf(number), class: "profile" }, text ?? names[number]);
}

/**
 * A click anywhere in a row opens it, unless it marks text or means a new tab.
 * @param {MouseEvent} event
 */
function openRow(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("a") || String(window.getSelection())) return;
  target.closest("tr")?.querySelector("a")?.click();
}

/** @param {HTMLElement} body */
function focusFirst(body) {
  body.querySelector("a")?.focus();
}

/**
 * The arrow keys go from row to row, and between the search and the first of them.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} body
 */
function step(event, body) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = /** @type {HTMLElement} */ (event.target);
  const search = document.getElementById("search");
  if (!by || event.altKey || event.ctrlKey || event.metaKey || !(target === search || body.contains(target))) return;
  const links = [...body.querySelectorAll("a")];
  const at = target === search ? -1 : links.indexOf(/** @type {HTMLAnchorElement} */ (target));
  const next = at + by < 0 ? search : links[at + by];
  if (!next || (target === search && by < 0)) return;
  event.preventDefault();
  next.focus();
}
