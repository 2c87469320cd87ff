// The address -> the view, and the keys that work in every view.

/**
 * Where the list was when it was left, and the profile that was opened from it.
 * @type {{address: string, opened: number | null}}
 */
const left = { address: "#/", opened: null };
let isFirst = true;

/** @param {number} number */
function addressOf(number) {
  return `#/${names[number].split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * @param {Wanted} wanted
 * @returns {string}
 */
function listAddress(wanted) {
  const entries = Object.entries(wanted).filter(([key, value]) => value !== NOTHING_WANTED[/** @type {keyof Wanted} */ (key)]);
  const said = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return said ? `#/?${said}` : "#/";
}

/**
 * @param {string} query
 * @returns {Wanted}
 */
function wantedIn(query) {
  const said = new URLSearchParams(query);
  return {
    search: said.get("search") ?? "",
    registry: said.get("registry") ?? "",
    provider: said.get("provider") ?? "",
    layers: said.get("layers") !== "false",
    changed: said.get("changed") === "true",
    sort: said.get("sort") ?? "",
    down: said.get("down") === "true",
    page: Number.parseInt(said.get("page") ?? "", 10) || 1,
  };
}

function route() {
  const address = window.location.hash || (isFirst && tables.opens) || "";
  // The skip link's address is a place in the view that is shown.
  if (address === "#content" && !isFirst) return;
  const [path, query = ""] = address.slice(1).split("?", 2);
  const name = decoded(path.replace(/^\//, ""));
  const number = numbers.get(name);
  if (number !== undefined) show(profileView(number), names[number]);
  else if (address === CHANGES_ADDRESS && tables.changes) show(changesView(tables.changes), "What changed");
  else if (name.includes("/")) show(nothing(name), "Not in this report");
  else showList(wantedIn(query));
  isFirst = false;
}

/**
 * @param {string} path
 * @returns {string}
 */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** @param {Wanted} wanted */
function showList(wanted) {
  left.address = listAddress(wanted);
  const view = listView(wanted, (now) => {
    left.address = listAddress(now);
    window.history.replaceState(null, "", left.address);
  });
  show(view, "");
}

/**
 * @param {HTMLElement} view
 * @param {string} title nothing for the list
 */
function show(view, title) {
  const isList = !title;
  const content = /** @type {HTMLElement} */ (document.getElementById("content"));
  const back = element("p", { class: "back" }, element("a", { href: left.address }, "← All profiles"));
  content.replaceChildren(...(isList || view.className === "changes" ? [] : [back]), view);
  document.title = visible(title ? `${title} – Engine profiles` : "Engine profiles");
  document.getElementById("home")?.setAttribute("href", isList ? "#/" : left.address);
  turnTo(isList ? "profiles" : view.className);
  // Whoever opens the report stays where the browser begins; whoever goes on is taken along.
  if (isFirst) return;
  const opened = isList && left.opened !== null ? view.querySelector(`a[href="${addressOf(left.opened)}"]`) : null;
  const target = /** @type {HTMLElement | null} */ (opened ?? document.getElementById("heading"));
  if (!opened) window.scrollTo({ top: 0 });
  target?.focus({ preventScroll: !opened });
  opened?.scrollIntoView({ block: "center" });
}

/**
 * The links to the views, where there is more than one.
 * @param {string} current
 */
function turnTo(current) {
  if (!tables.changes) return;
  const views = [
    { kind: "profiles", address: left.address, label: "Profiles" },
    { kind: "changes", address: CHANGES_ADDRESS, label: "What changed" },
  ];
  const links = views.map(({ kind, address, label }) =>
    element("a", { href: address, ...(kind === current ? { "aria-current": "page" } : {}) }, label),
  );
  const nav = /** @type {HTMLElement} */ (document.getElementById("views"));
  nav.hidden = false;
  nav.replaceChildren(...links);
}

/** @param {string} name */
function nothing(name) {
  const heading = element("h1", { id: "heading", tabindex: -1 }, "Not in this report");
  return element("section", {}, heading, element("p", {}, "There is no profile ", element("code", {}, name), " here."));
}

/** @param {KeyboardEvent} event */
function key(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("search") ?? document.getElementById("filter"));
  if (event.key === "/" && box && !target.matches("input[type=search], select")) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "Escape" && target === box && box.value) {
    // The first press empties what was searched for.
    event.preventDefault();
    box.value = "";
    box.dispatchEvent(new Event("input"));
  } else if (event.key === "Escape" && !document.getElementById("search")) {
    window.location.hash = left.address;
  }
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("table.profiles a");
  if (link) left.opened = numbers.get(decoded(link.getAttribute("href")?.slice(2) ?? "")) ?? null;
});
document.addEventListener("keydown", key);
window.addEventListener("hashchange", route);
const summary = /** @type {HTMLElement} */ (document.getElementById("summary"));
summary.append(
  `${counted(profiles.length, "profile")} of ${counted(registries.length, "registry", "registries")}, build `,
  element("code", { title: tables.build }, tables.build.slice(0, 12)),
);
route();
