"""`csv`: one row per variant, with the id, title and date of its story first; no rejected records, no summary.

Values are written unchanged: a leading `=`, `+`, `-` or `@` is not escaped, since programs read this. To open it in a
spreadsheet, import the columns as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from newsdedup.models import ResultLike, Variant
from newsdedup.models.store import ChangedStory, StoreSummary
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.wording import format_removed_counts

_SCALARS = tuple(name for name in Variant.model_fields if name not in {"removed", "extra"})
COLUMNS = ("story_id", "story_title", "story_published", *_SCALARS, "removed", "removed_kinds")
_SPECIAL_CHARACTERS = frozenset(',"\r\n')


def render(result: ResultLike, page: Page) -> None:
    """Write the header and the rows; `removed` is the number of pieces removed, `removed_kinds` their kinds.

    For a run on a store the last column is how the story changed.
    """
    has_changes = isinstance(result.summary, StoreSummary)
    _write_row((*COLUMNS, "change") if has_changes else COLUMNS, page.stream)
    for story in result.stories:
        head = (story.story_id, story.title, story.published)
        change = (story.change,) if isinstance(story, ChangedStory) else ()
        for variant in story.variants:
            scalars = (getattr(variant, name) for name in _SCALARS)
            _write_row(
                (*head, *scalars, len(variant.removed), format_removed_counts(variant.removed), *change), page.stream
            )


def _write_row(values: Iterable[object], stream: TextIO) -> None:
    stream.write(",".join(_format_cell(value) for value in values) + "\n")


def _format_cell(value: object) -> str:
    """Quote only if needed. csv.writer with LF line ends does not quote a lone carriage return on Python < 3.13."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"' if _SPECIAL_CHARACTERS.intersection(text) else text


FORMAT = OutputFormat(render, one_pass=True)
