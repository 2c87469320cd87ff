// what went wrong -> one tree of errors, each with a code that programs can rely on.
//
// The Python runtime has the same classes and codes; what the compiler reports too has the name of its rule. `toString()` gives the message and the hint.

export class EngineProfilesError extends Error {
  static code = "engine-profiles";

  /**
   * @param {string} message what was found
   * @param {string | null} [hint] what to do about it
   * @param {Record<string, unknown>} [details] what was asked for and where one looked, by name
   */
  constructor(message, hint = null, details = {}) {
    super(message);
    /** Stable across releases, and the same in Python. */
    this.code = new.target.code;
    this.hint = hint;
    this.details = details;
  }

  get name() {
    return this.constructor.name;
  }

  toString() {
    return this.hint === null ? this.message : `${this.message}\nhelp: ${this.hint}`;
  }

  toJSON() {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}

/** No profile of that name. Details: `asked`, `rule`, `lookedIn`, `nearest`. */
export class UnknownProfile extends EngineProfilesError {
  static code = "unknown-profile";
}

/** No registry of that name. Details: `asked`, `rule`, `lookedIn`, `nearest`. */
export class UnknownRegistry extends EngineProfilesError {
  static code = "unknown-registry";
}

/** No layer sets that field. Details: `asked`, `profile`, `nearest`. */
export class UnknownField extends EngineProfilesError {
  static code = "unknown-field";
}

/** No profile was named, and the build or registry has no default. Details: `registry` (or null). */
export class NoDefaultProfile extends EngineProfilesError {
  static code = "no-default-profile";
}

/** No `manifest.json` where a build was looked for. Details: `path`, `rule`. */
export class BuildNotFound extends EngineProfilesError {
  static code = "no-build";
}

/** A file of the build is missing, or is not what the build recorded. Details: `file`, and what differs. */
export class ArtifactDamaged extends EngineProfilesError {
  static code = "damaged-build";
}

/** The build is of a format that this release does not read. Details: `file`, `found`, `known`. */
export class FormatUnknown extends EngineProfilesError {
  static code = "unknown-format";
}

/** An argument that cannot be used. Details: `option`, `given`. */
export class BadOption extends EngineProfilesError {
  static code = "bad-option";
}
