// what was asked for -> registry, profile, and the rule that chose them.

import { variable } from "./environment.js";
import { BadOption, NoDefaultProfile, UnknownProfile, UnknownRegistry } from "./errors.js";
import { nearest } from "./nearest.js";
import { kindOf, own } from "./own.js";
import { listed, quoted } from "./text.js";

/** @typedef {import("./snapshot.js").Snapshot} Snapshot @typedef {{registry: string, slug: string, rule: string}} Choice */

const VARIABLE = "PINOCCHIO_PROFILE";
export const ARGUMENT = "given as argument";

/**
 * Apply the order: the argument, `$PINOCCHIO_PROFILE`, the default. Blank is the same as not given.
 * A registry without a name means that registry's default, whatever the environment says.
 * @param {Snapshot} snapshot @param {unknown} name @param {unknown} registry @returns {Promise<Choice>}
 */
export async function select(snapshot, name, registry) {
  const [wanted, within] = [normalise(name, "profile name"), normalise(registry, "registry")];
  if (within) return selectWithin(snapshot, wanted, within);
  if (wanted) return find(snapshot, wanted, ARGUMENT);
  const named = normalise(variable(VARIABLE), VARIABLE);
  if (named) return find(snapshot, named, `from ${VARIABLE}`);
  const fallback = own(snapshot.manifest, "default");
  if (typeof fallback === "string") return find(snapshot, fallback, "the build's default");
  throw new NoDefaultProfile(
    "no profile was named, and the build has no default",
    `name one: profiles.get(NAME), or ${VARIABLE}; profiles.list() has them all`,
    { registry: null },
  );
}

/** @param {Snapshot} snapshot @param {string} name @param {string} registry @returns {Promise<Choice>} */
async function selectWithin(snapshot, name, registry) {
  if (name) {
    const slash = name.indexOf("/");
    if (slash >= 0 && name.slice(0, slash).trim() !== registry) {
      throw new BadOption(
        `${quoted(name)} is not of registry ${quoted(registry)}`,
        "leave `registry` out, or give the profile's name alone",
        { option: "registry", given: registry },
      );
    }
    return find(snapshot, slash >= 0 ? name : `${registry}/${name}`, ARGUMENT);
  }
  requireRegistry(snapshot, registry, ARGUMENT);
  const fallback = own(own(snapshot.registries, registry), "default_profile");
  if (typeof fallback === "string") return find(snapshot, `${registry}/${fallback}`, `the default of registry ${registry}`);
  throw new NoDefaultProfile(
    `registry ${quoted(registry)} has no default profile`,
    "name a profile of it, or name one `default` where the registry is written",
    { registry },
  );
}

/**
 * Where a normalised name leads, qualified or not. Throws UnknownRegistry, UnknownProfile.
 * @param {Snapshot} snapshot @param {string} name @param {string} rule @returns {Promise<Choice>}
 */
export async function find(snapshot, name, rule) {
  const qualified = name.includes("/") ? name : own(await snapshot.names(), name);
  if (typeof qualified !== "string") {
    throw unknownProfile(name, rule, precedence(snapshot), Object.keys(await snapshot.names()), "");
  }
  // Slugs hold dots, never slashes, so the first one ends the registry.
  const slash = qualified.indexOf("/");
  const registry = (slash < 0 ? qualified : qualified.slice(0, slash)).trim();
  const slug = slash < 0 ? "" : qualified.slice(slash + 1).trim();
  requireRegistry(snapshot, registry, rule);
  const index = await snapshot.index(registry);
  if (!Object.hasOwn(index, slug)) {
    throw unknownProfile(`${registry}/${slug}`, rule, [registry], Object.keys(index), `${registry}/`);
  }
  return { registry, slug, rule };
}

/** Blanks stripped, ASCII lower-cased; undefined and null are blank. @param {unknown} name @param {string} what */
export function normalise(name, what) {
  if (name === undefined || name === null) return "";
  if (typeof name !== "string") throw new BadOption(`${what} is ${kindOf(name)}, not text`, null, { option: what, given: name });
  // toLowerCase() alone would turn the Kelvin sign into `k`, and find a profile that was not asked for.
  return name.trim().replace(/[A-Z]/g, (c) => c.toLowerCase());
}

/** @param {Snapshot} snapshot @param {string} registry @param {string} rule */
function requireRegistry(snapshot, registry, rule) {
  if (Object.hasOwn(snapshot.registries, registry)) return;
  const known = Object.keys(snapshot.registries);
  const near = nearest(registry, known);
  throw new UnknownRegistry(
    `no registry ${quoted(registry)} (${rule}); the build has ${listed(known)}`,
    near.length ? `did you mean ${listed(near)}?` : null,
    { asked: registry, rule, lookedIn: known, nearest: near },
  );
}

/** @param {string} name @param {string} rule @param {string[]} lookedIn @param {string[]} known @param {string} prefix */
function unknownProfile(name, rule, lookedIn, known, prefix) {
  const near = nearest(name.slice(prefix.length), known).map((slug) => prefix + slug);
  return new UnknownProfile(
    `no profile ${quoted(name)} (${rule}); looked in ${listed(lookedIn)}`,
    near.length ? `did you mean ${listed(near)}?` : "profiles.list() has all names",
    { asked: name, rule, lookedIn, nearest: near },
  );
}

/** @param {Snapshot} snapshot @returns {string[]} */
function precedence(snapshot) {
  const order = own(snapshot.manifest, "precedence");
  return Array.isArray(order) ? order.map(String) : Object.keys(snapshot.registries);
}
