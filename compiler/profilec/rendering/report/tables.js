// The tables in this file -> profiles, their names, and who stands on whom. Loaded once, changed by no one.

/**
 * @typedef {object} Profile
 * @property {number} registry
 * @property {string} slug
 * @property {string} [display_name]
 * @property {string} [description]
 * @property {string} [model]
 * @property {string} [provider]
 * @property {string} [kind]
 * @property {number} [context_window]
 * @property {number} [output_limit]
 * @property {number} [input_price]
 * @property {number} [output_price]
 * @property {boolean} [is_free]
 * @property {string} digest
 * @property {string[]} [requires]
 * @property {number | null} line
 * @property {number | null} column
 * @property {[number, number | null, number | null][]} [stack]
 * @property {number[]} layers
 * @property {(number | null)[][]} settings
 * @property {[number, number | null, number | null, number][]} wrote
 */

/**
 * @typedef {object} Tables
 * @property {string} compiler
 * @property {string} build
 * @property {number | null} default
 * @property {{name: string, file: number, wrote: Profile["wrote"]} | null} baseline
 * @property {{slug: string, file: number, display_name?: string, description?: string}[]} registries
 * @property {Profile[]} profiles
 * @property {string[]} files
 * @property {string[]} pointers
 * @property {unknown[]} values
 * @property {Changes} [changes]
 * @property {string} [opens] the address to begin with
 */

/**
 * One layer's value of a field, and where it wrote it.
 * @typedef {{layer: number, value: unknown, place: string}} Setting
 */

/**
 * A field of a profile: what is in effect, and what that overrode, the nearest first.
 * @typedef {{section: string, name: string, value: unknown, winner: Setting, overridden: Setting[]}} Field
 */

// In a stack, the number of what is no profile.
const BASELINE = -1;
const EXTENSIONS = "extensions.";
/** @type {Tables} */
const tables = JSON.parse(document.getElementById("tables")?.textContent ?? "");
const { profiles, registries } = tables;
const names = profiles.map((each) => `${registries[each.registry].slug}/${each.slug}`);
const numbers = new Map(names.map((name, number) => [name, number]));
/** What a search looks through. */
const haystacks = profiles.map((each, number) =>
  [names[number], each.model, each.provider, each.display_name, each.description].join("\n").toLowerCase(),
);
/** For each profile those that stand on it, directly or not. */
const dependents = standing();

function standing() {
  const above = profiles.map(() => /** @type {number[]} */ ([]));
  profiles.forEach((each, number) => {
    for (const layer of each.layers) if (layer !== number && layer !== BASELINE) above[layer].push(number);
  });
  return above;
}

/**
 * The fields of a profile in the order of their pointers, those of extensions last.
 * @param {Profile} profile
 * @returns {Field[]}
 */
function fieldsOf(profile) {
  const fields = profile.settings.map(([pointer, value, ...positions]) => {
    const settings = positions.map((position) => written(profile.layers[Number(position)], Number(pointer)));
    const winner = settings[settings.length - 1];
    const effective = value === null ? winner.value : tables.values[value];
    const overridden = settings.slice(0, -1).reverse();
    return { ...titled(tables.pointers[Number(pointer)]), value: effective, winner, overridden };
  });
  const isExtension = (/** @type {Field} */ each) => each.section.startsWith(EXTENSIONS);
  return [...fields.filter((each) => !isExtension(each)), ...fields.filter(isExtension)];
}

/**
 * What a layer wrote at a pointer.
 * @param {number} layer
 * @param {number} pointer
 * @returns {Setting}
 */
function written(layer, pointer) {
  const found = wroteOf(layer).find(([each]) => each === pointer);
  if (!found) throw new Error(`layer ${layer} wrote nothing at ${tables.pointers[pointer]}`);
  const [, line, column, value] = found;
  return { layer, value: tables.values[value], place: place(fileOf(layer), line, column) };
}

/** @param {number} layer */
function wroteOf(layer) {
  return layer === BASELINE ? (tables.baseline?.wrote ?? []) : profiles[layer].wrote;
}

/** @param {number} layer */
function fileOf(layer) {
  return tables.files[layer === BASELINE ? (tables.baseline?.file ?? 0) : registries[profiles[layer].registry].file];
}

/** @param {number} layer */
function nameOf(layer) {
  return layer === BASELINE ? `baseline ${tables.baseline?.name}` : names[layer];
}

/**
 * @param {string} file
 * @param {number | null} line
 * @param {number | null} column
 */
function place(file, line, column) {
  return [file, line, column].filter((part) => part !== null).join(":");
}

/**
 * A JSON Pointer as people write it, and the section that it stands in.
 * @param {string} pointer
 * @returns {{section: string, name: string}}
 */
function titled(pointer) {
  const [, root, section, ...rest] = pointer
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return root === "extensions"
    ? { section: `${EXTENSIONS}${section}`, name: rest.join(".") || section }
    : { section, name: rest.join(".") || section };
}

/**
 * A value on one line, as in JSON; a reference to a credential as sources write it.
 * @param {unknown} value
 * @returns {string}
 */
function shown(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === "$secret") return `\${${entries[0][1]}}`;
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}: ${shown(each)}`).join(", ")}}`;
}
