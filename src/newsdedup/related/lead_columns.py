"""The data that linking needs of every story, as columns with one row each, so that a million need no objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, RaggedView
from newsdedup.text import days_between

NO_DAY = -1


@dataclass(frozen=True)
class LeadColumns:
    """The reports to be linked, one per row, in content order; each has sentences.

    Stems are uint32, the low half of their hash, unique and ascending in a row: `title` has those of the title (none if
    it was inferred), `first` those of the first sentence, `stems` those of all sentences (possibly a view that is
    copied on demand), `lead` those of the title and the first RELATED_LEAD_SENTENCES sentences. `lead_counts` (uint8,
    with the bounds of `lead`) is how many of these parts contain each. `lead_names` are the names in the lead's
    sentences that are rare in news (uint64, ascending), `days` are int32 (`day_number`).
    """

    title: Ragged
    first: Ragged
    stems: Ragged | RaggedView
    lead: Ragged
    lead_counts: Ragged
    lead_names: Ragged
    days: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.days)


def day_number(published: str | None) -> int:
    """Return the number of a day, counted from 0001-01-01; NO_DAY if it is unknown."""
    days = days_between(published, "0001-01-01")
    return NO_DAY if days is None else days
