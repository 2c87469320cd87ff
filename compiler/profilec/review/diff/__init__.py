"""Two builds -> what differs, grouped by what was edited, with what it means."""

from profilec.review.diff.compare import diff

__all__ = ["diff"]
