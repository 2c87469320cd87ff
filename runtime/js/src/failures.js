// what goes wrong when an engine is built or asked -> the rest of the tree of errors.
//
// Each has `code`, `message`, `hint` and `details`; no credential is in any of them.

import { EngineProfilesError } from "./errors.js";

/** The profile names no model for what is asked of it. Details: `profile`, `field`. */
export class NoEngine extends EngineProfilesError {
  static code = "no-engine";
}

/** No protocol is known for the provider. Details: `profile`, `field`, `layer`, `asked`, `nearest`. */
export class UnknownProvider extends EngineProfilesError {
  static code = "unknown-provider";
}

/** A credential is not set, or cannot be looked up. Details: `profile`, `field`, `layer`, `reference` (or null). */
export class MissingCredential extends EngineProfilesError {
  static code = "missing-credential";
}

/**
 * The model or the protocol does not take a setting.
 * Details: `profile`, `field`, `layer`, and `refused`: an array of {field, layer, reason, remedy}, for each.
 */
export class UnsupportedParameter extends EngineProfilesError {
  static code = "unsupported-parameter";
}

/** A base URL that cannot be used, or that the network rules do not allow. Details: `profile`, `field`, `layer`. */
export class AddressRefused extends EngineProfilesError {
  static code = "address-refused";
}

/**
 * The provider answered with an error.
 * Details: `profile`, `status` (null in the middle of a stream), `providerMessage`, `requestId`; `field` and `layer`
 * where the status tells which setting is at fault, and `retryAfter` where the provider asks for a pause.
 */
export class ProviderRefused extends EngineProfilesError {
  static code = "refused-by-provider";

  get status() {
    return typeof this.details.status === "number" ? this.details.status : null;
  }
}

/** The provider wants fewer requests. Details as ProviderRefused's, and `retryAfter` in seconds, or null. */
export class RateLimited extends ProviderRefused {
  static code = "rate-limited";

  get retryAfter() {
    return typeof this.details.retryAfter === "number" ? this.details.retryAfter : null;
  }
}

/** No answer within `client.timeout`. Details: `profile`, `field`, `layer`, `seconds`, `phase`. */
export class Timeout extends EngineProfilesError {
  static code = "timeout";
}

/**
 * No connection, or one that ended before the answer began.
 * Details: `profile`, `field`, `layer`, `host`, and `isFinal`: another attempt would meet the same.
 */
export class ConnectionFailed extends EngineProfilesError {
  static code = "connection-failed";
}

/** An answer that was cut, stalled or garbled while it came in. Details: `profile`, `received` (bytes). */
export class StreamBroken extends EngineProfilesError {
  static code = "stream-broken";
}

/** An answer that is not what the protocol, or the profile's JSON Schema, says. Details: `profile`, `text`. */
export class ReplyUnreadable extends EngineProfilesError {
  static code = "reply-unreadable";
}
