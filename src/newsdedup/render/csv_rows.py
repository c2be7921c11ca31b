"""`csv`: one row per variant, its story's id, title and date first; stories only.

Values go out as they are: nothing is put before a leading `=`, `+`, `-` or `@`, since programs read this. Whoever opens
it in a spreadsheet imports the columns as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from newsdedup.models import Variant
from newsdedup.models.store import ChangedStory, StoreSummary
from newsdedup.render.answer import Answer
from newsdedup.render.removed import counted

_SCALARS = tuple(name for name in Variant.model_fields if name not in {"removed", "extra"})
COLUMNS = ("story_id", "story_title", "story_published", *_SCALARS, "removed", "removed_kinds")
_SPECIAL = frozenset(',"\r\n')


def render(result: Answer, stream: TextIO) -> None:
    """Write the header and the rows; `removed` is the number of pieces removed, `removed_kinds` their kinds.

    Of a run over a store the last column tells how the story changed.
    """
    changes = isinstance(result.summary, StoreSummary)
    _row((*COLUMNS, "change") if changes else COLUMNS, stream)
    for story in result.stories:
        head = (story.story_id, story.title, story.published)
        change = (story.change,) if isinstance(story, ChangedStory) else ()
        for variant in story.variants:
            scalars = (getattr(variant, name) for name in _SCALARS)
            _row((*head, *scalars, len(variant.removed), counted(variant.removed), *change), stream)


def _row(values: Iterable[object], stream: TextIO) -> None:
    stream.write(",".join(_cell(value) for value in values) + "\n")


def _cell(value: object) -> str:
    """Quote only where needed. csv.writer ending lines in LF leaves a lone carriage return bare on Python < 3.13."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.intersection(text) else text
