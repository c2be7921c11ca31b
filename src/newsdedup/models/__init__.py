"""The values that the stages exchange, all frozen. Stages never import each other; they share these types only.

Values of the inner stages are slotted dataclasses, because there are hundreds of thousands of them. Printed values are
pydantic models, so that `newsdedup schema` always agrees with the output. Their field names are a contract.
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
    LoneStory,
    Paragraph,
    Passage,
    Related,
    Result,
    ResultLike,
    Sentence,
    Story,
    StoryList,
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
    "LoneStory",
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
    "ResultLike",
    "Role",
    "Score",
    "Sentence",
    "Signal",
    "Skipped",
    "Story",
    "StoryList",
    "Summary",
    "UncertainMerge",
    "Variant",
]
