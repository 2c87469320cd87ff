// where a build is -> Profiles.

import { locate } from "./directory.js";
import { Profiles } from "./profiles.js";
import { readSnapshot } from "./snapshot.js";

/**
 * Open a build, reading its manifest and nothing else.
 *
 * `where` is a directory, a URL (http, https or file), or `{manifest, read}` for a build that an application has
 * imported or keeps elsewhere; without it, `$ENGINE_PROFILES_BUILD`, else `./build`.
 * `manifest` pins the build: the SHA-256 of `manifest.json`, as `sha256:<64 hex digits>` or the digits alone.
 *
 * Throws BuildNotFound, FormatUnknown, ArtifactDamaged (also where the pin does not match) and BadOption.
 * @param {string | URL | import("./directory.js").Source | null} [where]
 * @param {{manifest?: string | null}} [options]
 * @returns {Promise<Profiles>}
 */
export async function open(where, { manifest = null } = {}) {
  const directory = await locate(where);
  return new Profiles(directory, await readSnapshot(directory, manifest), manifest);
}
