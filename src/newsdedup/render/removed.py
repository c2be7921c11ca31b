"""What was cleaned away, counted by kind: said the same way in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newsdedup.models import Removed


def counted(removed: Iterable[Removed]) -> str:
    """Return e.g. `17 related_headlines, 1 promo`: most first, then by name; empty where nothing was removed."""
    counts = Counter(piece.kind.value for piece in removed)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
