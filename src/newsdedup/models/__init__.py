"""The values that the stages hand to one another, all frozen. Stages never import each other: they meet here.

Values of the inner stages are slotted dataclasses (made by the hundred thousand); what is printed is pydantic, so that
`newsdedup schema` and the output cannot disagree. The field names of the printed models are a contract.
"""

from __future__ import annotations

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

__all__ = [
    "SCHEMA_VERSION",
    "WAIVER",
    "Aligned",
    "Article",
    "Cohesion",
    "Conflict",
    "Dateline",
    "Direction",
    "Lines",
    "Loaded",
    "Paragraph",
    "Passage",
    "Printed",
    "Refusal",
    "Rejected",
    "Related",
    "Relation",
    "Removed",
    "Report",
    "Result",
    "Role",
    "Score",
    "Sentence",
    "Signal",
    "Skipped",
    "Story",
    "Summary",
    "UncertainMerge",
    "Variant",
]
