"""Settings -> Parameters: each value taken by name for one request, with what was refused on the way."""

from __future__ import annotations

from . import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..settings import Settings

# Values that ask for what happens anyway: a protocol without the parameter need not refuse them.
_NEUTRAL: dict[str, Any] = {
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logit_bias": {},
    "stop": [],
    "structured_output_require_valid": False,
    "proxy_from_environment": True,
    "stream-include-usage": True,
}
_SAMPLING = ("temperature", "top_p")


class Refusal:
    """One setting that cannot be sent: its field, why, and what to do instead."""

    __slots__ = ("field", "reason", "remedy")

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        self.field = field
        self.reason = reason
        self.remedy = remedy


class Parameters:
    """The settings of one request over one protocol. `refusals` fills while they are taken."""

    __slots__ = ("_refused", "api_type", "host", "model", "protocol", "refusals", "settings")

    def __init__(self, settings: Settings, protocol: str, model: str, api_type: str = "", host: str = "") -> None:
        self.settings = settings
        self.protocol = protocol
        self.model = model
        self.api_type = api_type
        self.host = host
        self.refusals: list[Refusal] = []
        self._refused: set[str] = set()
        self._refuse_what_the_protocol_lacks()
        self._refuse_what_the_model_info_names()

    def take(self, *fields: str) -> Any:
        """The value of the first of these fields that is set and not refused, or None. An empty text is not set."""
        found = self.settings.first(*(field for field in fields if field not in self._refused))
        return None if found is None else found[1]

    def refuse(self, reason: str, remedy: str, *fields: str) -> None:
        """Refuse the fields that are set, so that nothing takes them."""
        for field in fields:
            if field not in self._refused and self.settings.first(field) is not None:
                self._refused.add(field)
                self.refusals.append(Refusal(field, reason, remedy))

    def refuse_all(self, reason: str, remedies: Mapping[str, str]) -> None:
        """Refuse the fields of {field: remedy} that are set, unless they ask for what happens anyway."""
        for field, remedy in remedies.items():
            if not self._is_neutral(field):
                self.refuse(reason, remedy, field)

    def _refuse_what_the_protocol_lacks(self) -> None:
        cells = column(self.protocol, self.api_type).items()
        lacking = {field: cell[1:] for field, cell in cells if cell.startswith("!")}
        self.refuse_all(f"{LABELS[self.protocol]} has no such parameter", lacking)

    def _refuse_what_the_model_info_names(self) -> None:
        names = (self.settings.get("model_info.metadata") or {}).get("unsupported_parameters")
        for name in names if isinstance(names, list) else ():
            fields = [field for field in column(self.protocol, self.api_type) if field.partition(".")[2] == name]
            self.refuse(
                f"`model_info.metadata.unsupported_parameters` says that {self.model} does not take it",
                "stack on a profile that does not set it",
                *fields,
            )

    def _is_neutral(self, field: str) -> bool:
        name = field.partition(".")[2]
        return name in _NEUTRAL and bool(self.settings.get(field) == _NEUTRAL[name])


LABELS = {
    "openai-chat": "OpenAI Chat Completions",
    "openai-responses": "OpenAI Responses",
    "anthropic": "Anthropic Messages",
    "gemini": "Gemini generateContent",
    "openai-embeddings": "OpenAI Embeddings",
    "ollama-embeddings": "Ollama embed",
    "llamacpp-rerank": "llama.cpp rerank",
    "cohere-rerank": "Cohere rerank",
}


def column(protocol: str, api_type: str = "") -> dict[str, str]:
    """{field: cell} of one protocol, without the fields that are another protocol's."""
    if protocol in table.CHAT:
        cells = {field: row[table.CHAT.index(protocol)] for field, row in table.CHAT_FIELDS.items()}
        if api_type == "ollama":
            cells |= {field: row[0] for field, row in table.OLLAMA_FIELDS.items()}
    elif protocol.endswith("embeddings"):
        is_ollama = protocol.startswith("ollama")
        cells = {field: row[is_ollama] for field, row in table.EMBEDDINGS_FIELDS.items()}
        if is_ollama:
            cells |= {field: row[1] for field, row in table.OLLAMA_FIELDS.items()}
    else:
        cells = {field: row[protocol.startswith("cohere")] for field, row in table.RERANK_FIELDS.items()}
    return {field: cell for field, cell in cells.items() if cell}
