"""artifact -> Profile: a compiled profile, ready to read."""

from __future__ import annotations

from .directory import REBUILD
from .errors import ArtifactDamaged
from .snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .bridges.target import SdkCall
    from .engine import Engine
    from .explain import Explanation
    from .messages import Messages
    from .wire.request import Request


class Profile:
    """One profile, flat: every layer is already merged in. Its dicts are this object's own."""

    __slots__ = ("_snapshot", "digest", "document", "name", "profile_slug", "registry_slug")

    def __init__(self, snapshot: Snapshot, registry: str, slug: str) -> None:
        self._snapshot = snapshot
        self.document: dict[str, Any] = snapshot.artifact(registry, slug)
        self.digest: str = snapshot.index(registry)[slug]["digest"]
        self.name = f"{registry}/{slug}"
        self.registry_slug = registry
        self.profile_slug = slug

    # Names the profile and no setting: with `--secrets embed` a setting can be a credential.
    def __repr__(self) -> str:
        return f"<Profile {self.name} {self.digest[:16]}>"

    @property
    def display_name(self) -> str | None:
        return self.document.get("display_name")

    @property
    def description(self) -> str | None:
        return self.document.get("description")

    @property
    def settings(self) -> dict[str, Any]:
        """`inference_settings`: {section: {field: value}}. A field that no layer set is absent."""
        return self._part("inference_settings")

    @property
    def model_info(self) -> dict[str, Any]:
        """The settings' `model_info`, or {}: windows in tokens, cost in USD per million tokens."""
        return self.settings.get("model_info") or {}

    @property
    def extensions(self) -> dict[str, Any]:
        """{"namespace.feature@vN": value}"""
        return self._part("extensions")

    @property
    def metadata(self) -> dict[str, Any]:
        return self._part("metadata")

    @property
    def lineage(self) -> dict[str, Any]:
        """{"stack": [layer, …] from base to leaf, "fields": {JSON Pointer: [positions in stack, the last one won]}}"""
        return self._part("lineage")

    @property
    def requires(self) -> list[str]:
        """The references that an engine looks up, such as `env:OPENAI_API_KEY`."""
        return list(self.document.get("requires") or ())

    @property
    def is_engine(self) -> bool:
        """Whether it names a model for chat, embeddings or reranking. Else it is a layer that others stack on."""
        settings = self.settings
        chat, embeddings, rerank = (settings.get(name) or {} for name in ("chat", "embeddings", "rerank"))
        return any((chat.get("engine"), *(s.get(key) for s in (embeddings, rerank) for key in ("type", "engine"))))

    @property
    def hard_context_limit(self) -> int | None:
        """The model's context window in tokens, or None where no layer tells."""
        return self.model_info.get("context_window")

    @property
    def effective_context_limit(self) -> int | None:
        """The tokens to plan with: the quality watermark, at most the window; else the window; else None."""
        from .costs import context_limit

        return context_limit(self.model_info)

    def cost(self, usage: Mapping[str, int]) -> float | None:
        """USD for a usage {"input_tokens": n, "output_tokens": n, …}; None where no layer tells the price."""
        from .costs import cost

        return cost(self.model_info, usage)

    def engine(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
    ) -> Engine:
        """What asks the provider. `baseline` lies below the profile, `overrides` above, both {section: {field: value}}.

        Raises NoEngine, UnknownProvider, MissingCredential, AddressRefused, BadOption.
        """
        from .engine import Engine
        from .settings import settings_of

        return Engine(settings_of(self, baseline, overrides), on_unsupported)

    def request(
        self,
        messages: Messages,
        stream: bool = False,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
    ) -> Request:
        """What an engine would send: `url`, `headers`, `body`. No credential is looked up, nothing is sent."""
        from .endpoint import endpoint
        from .settings import settings_of
        from .wire import compose

        settings = settings_of(self, baseline, overrides)
        policy = compose.check_policy(on_unsupported)
        return compose.chat(settings, endpoint(settings, "chat", look_up=False), messages, stream, policy)

    def to_openai(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
        *,
        stream: bool = False,
        asynchronous: bool = False,
    ) -> SdkCall:
        """OpenAI's own client, and the arguments of `chat.completions.create` or, by the profile, `responses.create`.

        This and the other bridges need the library of their name, by an extra of it, and raise what `engine` and
        `request` raise; a setting that the library cannot carry is UnsupportedParameter.
        """
        from .bridges.openai import to_openai

        return to_openai(self, baseline, overrides, on_unsupported, stream, asynchronous)

    def to_anthropic(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
        *,
        stream: bool = False,
        asynchronous: bool = False,
    ) -> SdkCall:
        """Anthropic's own client, and the arguments of `messages.create`."""
        from .bridges.anthropic import to_anthropic

        return to_anthropic(self, baseline, overrides, on_unsupported, stream, asynchronous)

    def to_genai(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
    ) -> SdkCall:
        """Google's own client, and the arguments `model` and `config` of `models.generate_content`."""
        from .bridges.genai import to_genai

        return to_genai(self, baseline, overrides, on_unsupported)

    def to_langchain(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
    ) -> Any:
        """A chat model of LangChain: ChatOpenAI, ChatAnthropic or ChatGoogleGenerativeAI."""
        from .bridges.langchain import to_langchain

        return to_langchain(self, baseline, overrides, on_unsupported)

    def to_pydantic_ai(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
    ) -> Any:
        """A model of Pydantic AI, for `Agent(model)`. Its `settings` are the profile's."""
        from .bridges.pydantic_ai import to_pydantic_ai

        return to_pydantic_ai(self, baseline, overrides, on_unsupported)

    def to_litellm(
        self,
        baseline: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        on_unsupported: str = "error",
        *,
        stream: bool = False,
    ) -> dict[str, Any]:
        """The arguments of `litellm.completion` but for `messages`. The dict prints no credential."""
        from .bridges.litellm import to_litellm

        return to_litellm(self, baseline, overrides, on_unsupported, stream)

    def explain(self, field: str) -> Explanation:
        """Which layers set a field, what each wrote and where, from the build alone.

        `field` is dotted (`chat.engine`) or a JSON Pointer (`/inference_settings/chat/engine`); a name within a
        unit, such as `model_info.cost.input`, is explained by the unit. Raises UnknownField, ArtifactDamaged.
        """
        from .explain import explain

        return explain(self, self._snapshot, field)

    def explain_all(self, section: str | None = None) -> list[Explanation]:
        """Every field, or every field of a section such as `chat`, in order of its pointer. Raises UnknownField."""
        from .explain import explain_all

        return explain_all(self, self._snapshot, section)

    def _part(self, key: str) -> dict[str, Any]:
        # Set where it is missing, so that two reads of `profile.settings` give one dict.
        part = self.document.setdefault(key, {})
        if isinstance(part, dict):
            return part
        raise ArtifactDamaged(f"`{key}` of profile `{self.name}` is not a mapping", REBUILD)
