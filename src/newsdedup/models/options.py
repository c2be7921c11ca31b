"""What a user can decide about the canonical article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BaseRule = Literal["best", "longest", "earliest", "latest"]
"""How the base is chosen: the most complete report without damage, the most words, or by date."""
AdditionsMode = Literal["merge", "list", "none"]
"""What becomes of new sentences: enter the text where they may, else be listed; all be listed; none of either."""


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """The settings of the merge; of the sources in `prefer_sources`, an earlier one is preferred as the base."""

    base: BaseRule = "best"
    prefer_sources: tuple[str, ...] = ()
    additions: AdditionsMode = "merge"


DEFAULT_MERGE_OPTIONS = MergeOptions()
