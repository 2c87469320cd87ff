"""each settings field x protocol -> where it goes on the wire, or why it does not.

A cell is the name on the wire; `!` and a remedy where the protocol has no such parameter and a value is refused;
`(why)` where it is not for the wire; empty where the field belongs to another protocol and is left alone.
docs/engines.md shows the table; tests hold it to the settings schema and to what the wire modules do.
"""

from __future__ import annotations

CHAT = ("openai-chat", "openai-responses", "anthropic", "gemini")

_CACHE = "(the application's own cache)"
_OTHER_TASK = "(embeddings and reranking have no such parameter)"
_NO_SEED = "!leave the seed out: sampling cannot be made repeatable here"
_NO_STOP = "!leave `stop` out, or use api_type `openai`, whose Chat Completions take it"
_CHAT_ONLY = "!leave it out, or use api_type `openai`, whose Chat Completions take it"
_EFFORT = "!use `inference.reasoning_effort`"
_OLLAMA = "!set it in the model's Modelfile: the compatible endpoint has no such parameter"

CHAT_FIELDS: dict[str, tuple[str, str, str, str]] = {
    "chat.engine": ("model", "model", "model", "(in the path)"),
    "chat.max_response_tokens": ("max_tokens", "max_output_tokens", "max_tokens", "generationConfig.maxOutputTokens"),
    "chat.top_p": ("top_p", "top_p", "top_p", "generationConfig.topP"),
    "chat.temperature": ("temperature", "temperature", "temperature", "generationConfig.temperature"),
    "chat.stop": ("stop", _NO_STOP, "stop_sequences", "generationConfig.stopSequences"),
    "chat.stream": ("(run or stream decides)",) * 4,
    "chat.cache_type": (_CACHE,) * 4,
    "chat.cache_max_size": (_CACHE,) * 4,
    "chat.cache_max_entries": (_CACHE,) * 4,
    "chat.cache_directory": (_CACHE,) * 4,
    "chat.structured_output_mode": (
        "response_format.type",
        "text.format.type",
        "output_config.format.type",
        "generationConfig.responseMimeType",
    ),
    "chat.structured_output_name": (
        "response_format.json_schema.name",
        "text.format.name",
        "(wanted, though this protocol has no place for it)",
        "(wanted, though this protocol has no place for it)",
    ),
    "chat.structured_output_description": (
        "response_format.json_schema.description",
        "text.format.description",
        "output_config.format.schema.description",
        "generationConfig.responseJsonSchema.description",
    ),
    "chat.structured_output_schema": (
        "response_format.json_schema.schema",
        "text.format.schema",
        "output_config.format.schema",
        "generationConfig.responseJsonSchema",
    ),
    "chat.structured_output_strict": (
        "response_format.json_schema.strict",
        "text.format.strict",
        "(always strict)",
        "(always strict)",
    ),
    "chat.structured_output_require_valid": ("(checked in the reply)",) * 4,
    "openai.n": ("n", _CHAT_ONLY, "", ""),
    "openai.presence_penalty": ("presence_penalty", _CHAT_ONLY, "", ""),
    "openai.frequency_penalty": ("frequency_penalty", _CHAT_ONLY, "", ""),
    "openai.logit_bias": ("logit_bias", _CHAT_ONLY, "", ""),
    "openai.reasoning_effort": ("reasoning_effort", "reasoning.effort", "", ""),
    "openai.thinking_type": ("thinking.type", _EFFORT, "", ""),
    "openai.chat_reasoning_effort": ("reasoning_effort", "reasoning.effort", "", ""),
    "openai.parallel_tool_calls": (
        "(allowed with tools only, which are the application's)",
        "parallel_tool_calls",
        "",
        "",
    ),
    "openai.reasoning_summary": ("(the protocol of Responses has it)", "reasoning.summary", "", ""),
    "openai.include_reasoning_encrypted": ("(the protocol of Responses has it)", "include", "", ""),
    "openai.stream-include-usage": ("stream_options.include_usage", "(usage always comes)", "", ""),
    "claude.top_k": ("", "", "top_k", ""),
    "claude.user_id": ("", "", "metadata.user_id", ""),
    "gemini.api_version": ("", "", "", "(in the path)"),
    "gemini.include_thoughts": ("", "", "", "generationConfig.thinkingConfig.includeThoughts"),
    "gemini.thinking_budget": ("", "", "", "generationConfig.thinkingConfig.thinkingBudget"),
    "gemini.thinking_level": ("", "", "", "generationConfig.thinkingConfig.thinkingLevel"),
    "inference.thinking_budget": (
        _EFFORT,
        _EFFORT,
        "thinking.budget_tokens",
        "generationConfig.thinkingConfig.thinkingBudget",
    ),
    "inference.reasoning_effort": (
        "reasoning_effort",
        "reasoning.effort",
        "output_config.effort",
        "generationConfig.thinkingConfig.thinkingLevel",
    ),
    "inference.thinking_type": (
        "thinking.type",
        _EFFORT,
        "thinking.type",
        "generationConfig.thinkingConfig.thinkingBudget",
    ),
    "inference.reasoning_summary": (
        "!use api_type `openai-responses`, whose protocol has summaries",
        "reasoning.summary",
        "thinking.display",
        "generationConfig.thinkingConfig.includeThoughts",
    ),
    "inference.temperature": ("temperature", "temperature", "temperature", "generationConfig.temperature"),
    "inference.top_p": ("top_p", "top_p", "top_p", "generationConfig.topP"),
    "inference.max_response_tokens": (
        "max_tokens",
        "max_output_tokens",
        "max_tokens",
        "generationConfig.maxOutputTokens",
    ),
    "inference.stop": ("stop", _NO_STOP, "stop_sequences", "generationConfig.stopSequences"),
    "inference.seed": ("seed", _NO_SEED, _NO_SEED, "generationConfig.seed"),
}

# (over api_type `ollama`, which is openai-chat on another base URL; over embeddings of type `ollama`)
OLLAMA_FIELDS: dict[str, tuple[str, str]] = {
    "ollama.mirostat": (_OLLAMA, ""),
    "ollama.mirostat-eta": (_OLLAMA, ""),
    "ollama.mirostat-tau": (_OLLAMA, ""),
    "ollama.num-ctx": (_OLLAMA, "options.num_ctx"),
    "ollama.num-gqa": (_OLLAMA, "options.num_gqa"),
    "ollama.num-gpu": (_OLLAMA, "options.num_gpu"),
    "ollama.num-thread": (_OLLAMA, "options.num_thread"),
    "ollama.repeat-last-n": (_OLLAMA, ""),
    "ollama.repeat-penalty": (_OLLAMA, ""),
    "ollama.temperature": ("temperature", ""),
    "ollama.seed": ("seed", ""),
    "ollama.stop": ("stop", ""),
    "ollama.tfs-z": (_OLLAMA, ""),
    "ollama.num-predict": ("max_tokens", ""),
    "ollama.top-k": (_OLLAMA, ""),
    "ollama.top-p": ("top_p", ""),
}

# (type `openai`, type `ollama`)
EMBEDDINGS_FIELDS: dict[str, tuple[str, str]] = {
    "embeddings.engine": ("model", "model"),
    "embeddings.dimensions": ("dimensions", "dimensions"),
    "embeddings.cache_type": (_CACHE, _CACHE),
    "embeddings.cache_max_size": (_CACHE, _CACHE),
    "embeddings.cache_max_entries": (_CACHE, _CACHE),
    "embeddings.cache_directory": (_CACHE, _CACHE),
}

# (type `llamacpp`, type `cohere`)
RERANK_FIELDS: dict[str, tuple[str, str]] = {
    "rerank.engine": ("model", "model"),
    "rerank.max_request_bytes": ("(a larger request is not sent)",) * 2,
    "rerank.max_response_bytes": ("(a larger response is an error)",) * 2,
}

# The same for every protocol.
SHARED_FIELDS: dict[str, str] = {
    "api.api_keys": "the header that authenticates",
    "api.base_urls": "the URL",
    "api.allow_http": "whether the URL may be plain HTTP",
    "api.allow_local_networks": "whether the URL may point into a local network",
    "chat.api_type": "which protocol is spoken",
    "chat.api_keys": "the header that authenticates, before `api.api_keys`; for chat alone",
    "embeddings.type": "which protocol is spoken",
    "embeddings.api_keys": "the header that authenticates, before `api.api_keys`; for embeddings alone",
    "embeddings.base_urls": "the URL, before `api.base_urls`; for embeddings alone",
    "rerank.type": "which protocol is spoken",
    "client.timeout": "the transport",
    "client.timeout_second": "the transport, as `timeout`",
    "client.organization": "the header OpenAI-Organization; for `openai`, `openai-responses` and `open-responses`",
    "client.user_agent": "the header User-Agent",
    "client.proxy_url": "the transport",
    "client.proxy_from_environment": "the transport",
    "model_info.id": "not sent; `chat.engine` names the model",
    "model_info.name": "not sent",
    "model_info.reasoning": "whether the rules of reasoning models apply; unset, the model's name decides",
    "model_info.input": "an image for a model that takes none is refused",
    "model_info.context_window": "not sent; `profile.hard_context_limit`",
    "model_info.quality_high_watermark": "not sent; `profile.effective_context_limit`",
    "model_info.max_output_tokens": "`max_tokens` of the protocol `anthropic` where no layer sets one",
    "model_info.cost": "not sent; `reply.cost`",
    "model_info.metadata": "`unsupported_parameters` in it: fields that the model refuses",
}
