"""The values that the stages hand to one another, all frozen. Stages never import each other: they meet here.

Values of the inner stages are slotted dataclasses (made by the hundred thousand); what is printed is pydantic, so that
`newsdedup schema` and the output cannot disagree. The field names of the printed models are a contract.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from newsdedup.models.articles import (
    WAIVER,
    Aligned,
    Article,
    Dateline,
    Direction,
    Lines,
    Loaded,
    Printed,
    Refusal,
    Rejected,
    Relation,
    Removed,
    Report,
    Role,
    Score,
    Signal,
    Skipped,
)
from newsdedup.models.stories import (
    SCHEMA_VERSION,
    Cohesion,
    Conflict,
    Paragraph,
    Passage,
    Related,
    Result,
    Sentence,
    Story,
    Summary,
    UncertainMerge,
    Variant,
)

if TYPE_CHECKING:
    from newsdedup.models.checking import CheckReport, CheckSummary, Finding, Location, Severity, SharedPassage
    from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison
    from newsdedup.models.evaluation import (
        AlignedTexts,
        AskedPair,
        ClusterFigures,
        Evaluation,
        Miss,
        MissCount,
        MissSide,
        MixedStory,
        PairFigures,
        RelationCount,
        RelationFigures,
        RelationRight,
        Share,
    )

__all__ = [
    "SCHEMA_VERSION",
    "WAIVER",
    "Aligned",
    "AlignedSentences",
    "AlignedTexts",
    "Article",
    "AskedPair",
    "CheckReport",
    "CheckSummary",
    "ClusterFigures",
    "Cohesion",
    "ComparedReport",
    "ComparedSignal",
    "Comparison",
    "Conflict",
    "Dateline",
    "Direction",
    "Evaluation",
    "Finding",
    "Lines",
    "Loaded",
    "Location",
    "Miss",
    "MissCount",
    "MissSide",
    "MixedStory",
    "PairFigures",
    "Paragraph",
    "Passage",
    "Printed",
    "Refusal",
    "Rejected",
    "Related",
    "Relation",
    "RelationCount",
    "RelationFigures",
    "RelationRight",
    "Removed",
    "Report",
    "Result",
    "Role",
    "Score",
    "Sentence",
    "Severity",
    "Share",
    "SharedPassage",
    "Signal",
    "Skipped",
    "Story",
    "Summary",
    "UncertainMerge",
    "Variant",
]

_LATER = {
    "CheckReport": "checking",
    "CheckSummary": "checking",
    "Finding": "checking",
    "Location": "checking",
    "Severity": "checking",
    "SharedPassage": "checking",
    "AlignedSentences": "comparison",
    "ComparedReport": "comparison",
    "ComparedSignal": "comparison",
    "Comparison": "comparison",
    "AlignedTexts": "evaluation",
    "AskedPair": "evaluation",
    "ClusterFigures": "evaluation",
    "Evaluation": "evaluation",
    "Miss": "evaluation",
    "MissCount": "evaluation",
    "MissSide": "evaluation",
    "MixedStory": "evaluation",
    "PairFigures": "evaluation",
    "RelationCount": "evaluation",
    "RelationFigures": "evaluation",
    "RelationRight": "evaluation",
    "Share": "evaluation",
}
"""What only some commands print, and the module it stands in: making a class of pydantic takes a millisecond or two."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a model of `_LATER` when it is first asked for."""
        if name not in _LATER:
            raise AttributeError(f"module 'newsdedup.models' has no attribute '{name}'")
        globals()[name] = found = getattr(importlib.import_module(f"newsdedup.models.{_LATER[name]}"), name)
        return found
