// artifact -> Profile: a compiled profile, ready to read.

import { REBUILD } from "./directory.js";
import { contextLimit, cost } from "./costs.js";
import { ArtifactDamaged } from "./errors.js";
import { guard } from "./mask.js";
import { modelInfo } from "./model-info.js";
import { isMapping, own } from "./own.js";

/**
 * @typedef {import("./own.js").Mapping} Mapping
 * @typedef {import("./snapshot.js").Snapshot} Snapshot
 * @typedef {import("./explain.js").Explanation} Explanation
 * @typedef {import("./messages.js").Messages} Messages
 * @typedef {"error" | "warn" | "drop"} Policy What becomes of a setting that the model or protocol does not take.
 * @typedef {Record<string, Record<string, any>>} Layer {section: {field: value}}, in the names of the schema.
 * @typedef {{baseline?: Layer | null, overrides?: Layer | null, onUnsupported?: Policy}} EngineOptions
 *   `baseline` lies below the profile, `overrides` above.
 */

/** One profile, flat: every layer is already merged in. What it holds is this object's own. */
export class Profile {
  #snapshot;

  /** @param {Snapshot} snapshot @param {Mapping} document @param {string} digest */
  constructor(snapshot, document, digest) {
    this.#snapshot = snapshot;
    /** The artifact. Printed, and as JSON, it shows no credential; its fields hold what the build holds. @type {Mapping} */
    this.document = document;
    /** The SHA-256 of the artifact: 64 hex digits. */
    this.digest = digest;
    for (const key of ["inference_settings", "extensions", "metadata", "lineage"]) this.#require(key);
    guard(this.settings);
  }

  /** `registry/profile` @returns {string} */
  get name() {
    return `${this.registrySlug}/${this.profileSlug}`;
  }

  /** @returns {string} */
  get registrySlug() {
    return this.document.registry_slug;
  }

  /** @returns {string} */
  get profileSlug() {
    return this.document.profile_slug;
  }

  /** @returns {string | null} */
  get displayName() {
    return own(this.document, "display_name") ?? null;
  }

  /** @returns {string | null} */
  get description() {
    return own(this.document, "description") ?? null;
  }

  /** `inference_settings`: {section: {field: value}}. A field that no layer set is absent. @returns {Layer} */
  get settings() {
    return this.document.inference_settings;
  }

  /** What is known of the model, in camelCase; what no layer tells is absent. @returns {import("./model-info.js").ModelInfo} */
  get modelInfo() {
    return modelInfo(own(this.settings, "model_info"));
  }

  /** {"namespace.feature@vN": value} @returns {Mapping} */
  get extensions() {
    return this.document.extensions;
  }

  /** @returns {Mapping} */
  get metadata() {
    return this.document.metadata;
  }

  /** {"stack": [layer, …] from base to leaf, "fields": {JSON Pointer: [positions in stack, the last one won]}} @returns {Mapping} */
  get lineage() {
    return this.document.lineage;
  }

  /** The references that an engine looks up, such as `env:OPENAI_API_KEY`. @returns {string[]} */
  get requires() {
    return [...(own(this.document, "requires") ?? [])];
  }

  /** Whether it names a model for chat, embeddings or reranking. Else it is a layer that others stack on. */
  get isEngine() {
    const field = (/** @type {string} */ section, /** @type {string} */ name) => own(own(this.settings, section), name);
    const others = ["embeddings", "rerank"].some((role) => field(role, "type") || field(role, "engine"));
    return Boolean(field("chat", "engine")) || others;
  }

  /** The model's context window in tokens, or null where no layer tells. @returns {number | null} */
  get hardContextLimit() {
    return own(own(this.settings, "model_info"), "context_window") ?? null;
  }

  /** The tokens to plan with: the quality watermark, at most the window; else the window; else null. @returns {number | null} */
  get effectiveContextLimit() {
    return contextLimit(own(this.settings, "model_info"));
  }

  /** USD for a usage; null where no layer tells the price. @param {import("./reply.js").Usage} usage @returns {number | null} */
  cost(usage) {
    return cost(own(this.settings, "model_info"), usage);
  }

  /**
   * What asks the provider. Throws NoEngine, UnknownProvider, MissingCredential, AddressRefused, BadOption.
   * @param {EngineOptions} [options] @returns {Promise<import("./engine.js").Engine>}
   */
  async engine(options = {}) {
    const { createEngine } = await import("./engine.js");
    return createEngine(await this.#effective(options), options.onUnsupported);
  }

  /**
   * What an engine would send: `url`, `headers`, `body`. No credential is looked up, nothing is sent.
   * @param {Messages} messages @param {EngineOptions & {stream?: boolean}} [options]
   * @returns {Promise<import("./wire/request.js").Request>}
   */
  async request(messages, options = {}) {
    const [{ endpoint }, compose, { conversation }] = await Promise.all([
      import("./endpoint.js"),
      import("./wire/compose.js"),
      import("./content.js"),
    ]);
    const settings = await this.#effective(options);
    const policy = compose.checkPolicy(options.onUnsupported);
    const reached = await endpoint(settings, "chat", false);
    return compose.chat(settings, reached, await conversation(messages), options.stream === true, policy);
  }

  /**
   * A model for the Vercel AI SDK that carries the profile's settings: `generateText({model: await profile.toAISDK(), prompt})`.
   * What a call sets wins over them. The SDK's packages are optional; BadOption names the one that is missing.
   * @param {EngineOptions & {role?: "chat" | "embeddings"}} [options] @returns {Promise<any>} a LanguageModel or EmbeddingModel
   */
  async toAISDK(options = {}) {
    const { toAISDK } = await import("./ai-sdk.js");
    return toAISDK(await this.#effective(options), options);
  }

  /**
   * Which layers set a field, what each wrote and where, from the build alone.
   *
   * `field` is dotted (`chat.engine`) or a JSON Pointer (`/inference_settings/chat/engine`); a name within a unit,
   * such as `model_info.cost.input`, is explained by the unit. Throws UnknownField, ArtifactDamaged.
   * @param {string} field @returns {Promise<Explanation>}
   */
  async explain(field) {
    const { explain } = await import("./explain.js");
    return explain(this, this.#snapshot, field);
  }

  /**
   * Every field, or every field of a section such as `chat`, in order of its pointer. Throws UnknownField.
   * @param {string} [section] @returns {Promise<Explanation[]>}
   */
  async explainAll(section) {
    const { explainAll } = await import("./explain.js");
    return explainAll(this, this.#snapshot, section);
  }

  // Names the profile and no setting: with `--secrets embed` a setting can be a credential.
  toString() {
    return `<Profile ${this.name} ${this.digest.slice(0, 16)}>`;
  }

  /** The artifact, credentials masked. */
  toJSON() {
    return this.document;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  }

  /** @param {EngineOptions} options */
  async #effective({ baseline, overrides }) {
    const { settingsOf } = await import("./settings.js");
    return settingsOf(this, baseline, overrides);
  }

  /** @param {string} key */
  #require(key) {
    if (!Object.hasOwn(this.document, key)) this.document[key] = {};
    if (isMapping(this.document[key])) return;
    throw new ArtifactDamaged(`\`${key}\` of profile \`${this.name}\` is not a mapping`, REBUILD);
  }
}
