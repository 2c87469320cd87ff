// each settings field x protocol -> where it goes on the wire, or why it does not.
//
// A cell is the name on the wire; `!` and a remedy where the protocol has no such parameter and a value is refused;
// `(why)` where it is not for the wire; empty where the field belongs to another protocol and is left alone.
// The same table as the Python runtime's; a test holds the one to the other.

export const CHAT = ["openai-chat", "openai-responses", "anthropic", "gemini"];

const CACHE = "(the application's own cache)";
const NO_SEED = "!leave the seed out: sampling cannot be made repeatable here";
const NO_STOP = "!leave `stop` out, or use api_type `openai`, whose Chat Completions take it";
const CHAT_ONLY = "!leave it out, or use api_type `openai`, whose Chat Completions take it";
const EFFORT = "!use `inference.reasoning_effort`";
const OLLAMA = "!set it in the model's Modelfile: the compatible endpoint has no such parameter";

/** In the order of CHAT. @type {Record<string, [string, string, string, string]>} */
export const CHAT_FIELDS = {
  "chat.engine": ["model", "model", "model", "(in the path)"],
  "chat.max_response_tokens": ["max_tokens", "max_output_tokens", "max_tokens", "generationConfig.maxOutputTokens"],
  "chat.top_p": ["top_p", "top_p", "top_p", "generationConfig.topP"],
  "chat.temperature": ["temperature", "temperature", "temperature", "generationConfig.temperature"],
  "chat.stop": ["stop", NO_STOP, "stop_sequences", "generationConfig.stopSequences"],
  "chat.stream": [
    "(run or stream decides)",
    "(run or stream decides)",
    "(run or stream decides)",
    "(run or stream decides)",
  ],
  "chat.cache_type": [CACHE, CACHE, CACHE, CACHE],
  "chat.cache_max_size": [CACHE, CACHE, CACHE, CACHE],
  "chat.cache_max_entries": [CACHE, CACHE, CACHE, CACHE],
  "chat.cache_directory": [CACHE, CACHE, CACHE, CACHE],
  "chat.structured_output_mode": [
    "response_format.type",
    "text.format.type",
    "output_config.format.type",
    "generationConfig.responseMimeType",
  ],
  "chat.structured_output_name": [
    "response_format.json_schema.name",
    "text.format.name",
    "(wanted, though this protocol has no place for it)",
    "(wanted, though this protocol has no place for it)",
  ],
  "chat.structured_output_description": [
    "response_format.json_schema.description",
    "text.format.description",
    "output_config.format.schema.description",
    "generationConfig.responseJsonSchema.description",
  ],
  "chat.structured_output_schema": [
    "response_format.json_schema.schema",
    "text.format.schema",
    "output_config.format.schema",
    "generationConfig.responseJsonSchema",
  ],
  "chat.structured_output_strict": [
    "response_format.json_schema.strict",
    "text.format.strict",
    "(always strict)",
    "(always strict)",
  ],
  "chat.structured_output_require_valid": [
    "(checked in the reply)",
    "(checked in the reply)",
    "(checked in the reply)",
    "(checked in the reply)",
  ],
  "openai.n": ["n", CHAT_ONLY, "", ""],
  "openai.presence_penalty": ["presence_penalty", CHAT_ONLY, "", ""],
  "openai.frequency_penalty": ["frequency_penalty", CHAT_ONLY, "", ""],
  "openai.logit_bias": ["logit_bias", CHAT_ONLY, "", ""],
  "openai.reasoning_effort": ["reasoning_effort", "reasoning.effort", "", ""],
  "openai.thinking_type": ["thinking.type", EFFORT, "", ""],
  "openai.chat_reasoning_effort": ["reasoning_effort", "reasoning.effort", "", ""],
  "openai.parallel_tool_calls": [
    "(allowed with tools only, which are the application's)",
    "parallel_tool_calls",
    "",
    "",
  ],
  "openai.reasoning_summary": ["(the protocol of Responses has it)", "reasoning.summary", "", ""],
  "openai.include_reasoning_encrypted": ["(the protocol of Responses has it)", "include", "", ""],
  "openai.stream-include-usage": ["stream_options.include_usage", "(usage always comes)", "", ""],
  "claude.top_k": ["", "", "top_k", ""],
  "claude.user_id": ["", "", "metadata.user_id", ""],
  "gemini.api_version": ["", "", "", "(in the path)"],
  "gemini.include_thoughts": ["", "", "", "generationConfig.thinkingConfig.includeThoughts"],
  "gemini.thinking_budget": ["", "", "", "generationConfig.thinkingConfig.thinkingBudget"],
  "gemini.thinking_level": ["", "", "", "generationConfig.thinkingConfig.thinkingLevel"],
  "inference.thinking_budget": [
    EFFORT,
    EFFORT,
    "thinking.budget_tokens",
    "generationConfig.thinkingConfig.thinkingBudget",
  ],
  "inference.reasoning_effort": [
    "reasoning_effort",
    "reasoning.effort",
    "output_config.effort",
    "generationConfig.thinkingConfig.thinkingLevel",
  ],
  "inference.thinking_type": [
    "thinking.type",
    EFFORT,
    "thinking.type",
    "generationConfig.thinkingConfig.thinkingBudget",
  ],
  "inference.reasoning_summary": [
    "!use api_type `openai-responses`, whose protocol has summaries",
    "reasoning.summary",
    "thinking.display",
    "generationConfig.thinkingConfig.includeThoughts",
  ],
  "inference.temperature": ["temperature", "temperature", "temperature", "generationConfig.temperature"],
  "inference.top_p": ["top_p", "top_p", "top_p", "generationConfig.topP"],
  "inference.max_response_tokens": [
    "max_tokens",
    "max_output_tokens",
    "max_tokens",
    "generationConfig.maxOutputTokens",
  ],
  "inference.stop": ["stop", NO_STOP, "stop_sequences", "generationConfig.stopSequences"],
  "inference.seed": ["seed", NO_SEED, NO_SEED, "generationConfig.seed"],
};

/** [over api_type `ollama`, which is openai-chat on another base URL; over embeddings of type `ollama`] @type {Record<string, [string, string]>} */
export const OLLAMA_FIELDS = {
  "ollama.mirostat": [OLLAMA, ""],
  "ollama.mirostat-eta": [OLLAMA, ""],
  "ollama.mirostat-tau": [OLLAMA, ""],
  "ollama.num-ctx": [OLLAMA, "options.num_ctx"],
  "ollama.num-gqa": [OLLAMA, "options.num_gqa"],
  "ollama.num-gpu": [OLLAMA, "options.num_gpu"],
  "ollama.num-thread": [OLLAMA, "options.num_thread"],
  "ollama.repeat-last-n": [OLLAMA, ""],
  "ollama.repeat-penalty": [OLLAMA, ""],
  "ollama.temperature": ["temperature", ""],
  "ollama.seed": ["seed", ""],
  "ollama.stop": ["stop", ""],
  "ollama.tfs-z": [OLLAMA, ""],
  "ollama.num-predict": ["max_tokens", ""],
  "ollama.top-k": [OLLAMA, ""],
  "ollama.top-p": ["top_p", ""],
};

/** [type `openai`, type `ollama`] @type {Record<string, [string, string]>} */
export const EMBEDDINGS_FIELDS = {
  "embeddings.engine": ["model", "model"],
  "embeddings.dimensions": ["dimensions", "dimensions"],
  "embeddings.cache_type": [CACHE, CACHE],
  "embeddings.cache_max_size": [CACHE, CACHE],
  "embeddings.cache_max_entries": [CACHE, CACHE],
  "embeddings.cache_directory": [CACHE, CACHE],
};

/** [type `llamacpp`, type `cohere`] @type {Record<string, [string, string]>} */
export const RERANK_FIELDS = {
  "rerank.engine": ["model", "model"],
  "rerank.max_request_bytes": ["(a larger request is not sent)", "(a larger request is not sent)"],
  "rerank.max_response_bytes": ["(a larger response is an error)", "(a larger response is an error)"],
};
