// Settings -> the arguments of the Vercel AI SDK's functions: a model, and the settings of a call.
//
// The SDK has a say of its own in what is sent (README of this package); what it has no place for is refused by name.

import { endpoint } from "./endpoint.js";
import { BadOption } from "./errors.js";
import { link } from "./link.js";
import { own, present } from "./own.js";
import { proxyFor } from "./proxy.js";
import { fetchThrough } from "./transport.js";
import * as anthropic from "./wire/anthropic.js";
import { checkPolicy, settle } from "./wire/compose.js";
import { thinkingWanted as geminiThinking, version as geminiVersion } from "./wire/gemini.js";
import { EFFORT, fieldsOf, MAX_TOKENS, notEmpty, refuseSampling, SEED, STOP, TEMPERATURE, TOP_P } from "./wire/openai-chat.js";
import { Parameters } from "./wire/parameters.js";
import { join } from "./wire/request.js";

/** @typedef {import("./settings.js").Settings} Settings @typedef {import("./endpoint.js").Endpoint} Endpoint */

