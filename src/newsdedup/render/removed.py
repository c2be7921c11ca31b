"""Counts of removed pieces by kind, in the same words in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newsdedup.models import Removed


def format_removed_counts(removed: Iterable[Removed]) -> str:
    """Return e.g. `17 related_headlines, 1 promo`, by descending count, then name; empty if nothing was removed."""
    counts = Counter(piece.kind.value for piece in removed)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
