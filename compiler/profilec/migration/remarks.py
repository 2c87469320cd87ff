"""What a migration has to say: what goes by another name now, what was left out and why. Each is said once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from profilec.diagnostics import Diagnostic, Note, Report, Span
from profilec.suspicion import masked_names

_SHOWN_PLACES = 5


@dataclass(slots=True)
class _Remark:
    rule: str
    message: str
    hint: str | None
    spans: list[Span] = field(default_factory=list)


class Remarks:
    """Remarks by their text, with every place one applies to: a file with a hundred profiles says the same a lot."""

    def __init__(self) -> None:
        self._by_text: dict[tuple[str, str], _Remark] = {}

    @property
    def has_changes(self) -> bool:
        """Whether anything is another than it was; a literal credential alone is for the compiler to report."""
        return any(rule != "literal-credential" for rule, _ in self._by_text)

    def migrated(self, message: str, span: Span, hint: str | None = None) -> None:
        """Something that is kept, in another place or spelling."""
        self._add("migrated", message, span, hint)

    def dropped(self, message: str, span: Span, hint: str | None = None) -> None:
        """Something that is lost, and why."""
        self._add("dropped", message, span, hint)

    def credential(self, message: str, span: Span, hint: str | None = None) -> None:
        self._add("literal-credential", message, span, hint)

    def report(self, report: Report) -> None:
        for remark in self._by_text.values():
            severity = "note" if remark.rule == "migrated" else "warning"
            spans = list(dict.fromkeys(remark.spans))
            notes = tuple(_others(spans)) if remark.rule != "migrated" else tuple(_counted(spans))
            report.add(Diagnostic(remark.rule, severity, remark.message, spans[0], notes, remark.hint))  # type: ignore[arg-type]

    def _add(self, rule: str, message: str, span: Span, hint: str | None) -> None:
        # A key or a name may hold one: they are told as they were written.
        message, hint = masked_names(message), masked_names(hint) if hint else None
        remark = self._by_text.setdefault((rule, message), _Remark(rule, message, hint))
        remark.spans.append(span)


def _others(spans: list[Span]) -> Iterator[Note]:
    """Where else it applies."""
    for span in spans[1:_SHOWN_PLACES]:
        yield Note("also here", span)
    if len(spans) > _SHOWN_PLACES:
        yield Note(f"and in {len(spans) - _SHOWN_PLACES} more places")


def _counted(spans: list[Span]) -> Iterator[Note]:
    if len(spans) > 1:
        yield Note(f"in {len(spans)} places")
