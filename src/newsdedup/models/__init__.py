"""The values that the stages exchange, all frozen. Stages never import each other; they share these types only.

Values of the inner stages are slotted dataclasses, because there are hundreds of thousands of them. Printed values are
pydantic models, so that `newsdedup schema` always agrees with the output. Their field names are a contract.
"""

from __future__ import annotations

from newsdedup.models.articles import WAIVER as WAIVER
from newsdedup.models.articles import Aligned as Aligned
from newsdedup.models.articles import Article as Article
from newsdedup.models.articles import Dateline as Dateline
from newsdedup.models.articles import Direction as Direction
from newsdedup.models.articles import Item as Item
from newsdedup.models.articles import Lines as Lines
from newsdedup.models.articles import Loaded as Loaded
from newsdedup.models.articles import Printed as Printed
from newsdedup.models.articles import Refusal as Refusal
from newsdedup.models.articles import Rejected as Rejected
from newsdedup.models.articles import Relation as Relation
from newsdedup.models.articles import Removed as Removed
from newsdedup.models.articles import Report as Report
from newsdedup.models.articles import Role as Role
from newsdedup.models.articles import Score as Score
from newsdedup.models.articles import Signal as Signal
from newsdedup.models.articles import Skipped as Skipped
from newsdedup.models.stories import SCHEMA_VERSION as SCHEMA_VERSION
from newsdedup.models.stories import Cohesion as Cohesion
from newsdedup.models.stories import Conflict as Conflict
from newsdedup.models.stories import LoneStory as LoneStory
from newsdedup.models.stories import Paragraph as Paragraph
from newsdedup.models.stories import Passage as Passage
from newsdedup.models.stories import Related as Related
from newsdedup.models.stories import Result as Result
from newsdedup.models.stories import ResultLike as ResultLike
from newsdedup.models.stories import Sentence as Sentence
from newsdedup.models.stories import Story as Story
from newsdedup.models.stories import StoryList as StoryList
from newsdedup.models.stories import Summary as Summary
from newsdedup.models.stories import UncertainMerge as UncertainMerge
from newsdedup.models.stories import Variant as Variant
