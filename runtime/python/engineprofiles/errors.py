"""what went wrong -> one tree of exceptions, each with a code that programs can rely on.

The JavaScript runtime has the same classes and codes; what the compiler reports too has the name of its rule.
`str()` gives the message and the hint.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

LONGEST_QUOTE = 200


class EngineProfilesError(Exception):
    """Anything this package refuses to do.

    `code` is stable across releases, `message` says what was found, `hint` what to do about it (or None),
    and `details` holds what was asked for and where one looked, by name.
    """

    code: ClassVar[str] = "engine-profiles"

    def __init__(self, message: str, hint: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    # Written out, because KeyError would put quotes round the message and OSError an errno before it.
    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhelp: {self.hint}"


class UnknownProfile(EngineProfilesError, KeyError):
    """No profile of that name. Details: `asked`, `rule`, `looked_in`, `nearest`."""

    code = "unknown-profile"


class UnknownRegistry(EngineProfilesError, KeyError):
    """No registry of that name. Details: `asked`, `rule`, `looked_in`, `nearest`."""

    code = "unknown-registry"


class UnknownField(EngineProfilesError, KeyError):
    """No layer sets that field. Details: `asked`, `profile`, `nearest`."""

    code = "unknown-field"


class NoDefaultProfile(EngineProfilesError):
    """No profile was named, and the build or registry has no default. Details: `registry` (or None)."""

    code = "no-default-profile"


class BuildNotFound(EngineProfilesError, FileNotFoundError):
    """No `manifest.json` where a build was looked for. Details: `path`, `rule`."""

    code = "no-build"


class ArtifactDamaged(EngineProfilesError):
    """A file of the build is missing, or is not what the build recorded. Details: `file`, and what differs."""

    code = "damaged-build"


class FormatUnknown(EngineProfilesError):
    """The build is of a format that this release does not read. Details: `file`, `found`, `known`."""

    code = "unknown-format"


class BadOption(EngineProfilesError):
    """An argument that cannot be used. Details: `option`, `given`."""

    code = "bad-option"


def quoted(text: str) -> str:
    """Text from outside, in backquotes: clipped, and nothing in it that a terminal would act on."""
    shown = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
    return f"`{printable(shown)}`"


def printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def nearest(asked: str, names: list[str]) -> list[str]:
    """The up to three names that look most like the one asked for, best first."""
    from difflib import get_close_matches  # Only a failure needs it, and it costs more than a look-up.

    if len(names) > 2000:
        # Comparing with all of them takes seconds in a large build; a typo seldom hits the first letter.
        names = [name for name in names if name[:1] == asked[:1]][:2000]
    return get_close_matches(asked[:200], names, 3)
