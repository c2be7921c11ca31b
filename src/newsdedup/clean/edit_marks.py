"""Finds what a report says about its own edits: UPDATE 2, CORRECTED, a correction, a withdrawal.

Agencies mark an edit before the title and in an advisory line above the report, outlets in a note above or below it.
The marks and notes leave the title and the text; only the notice that a report is withdrawn is its text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsdedup import thresholds
from newsdedup.clean.paragraphs import Paragraph
from newsdedup.clean.patterns import section_pattern
from newsdedup.models import Edit, EditKind, Role

# Of several marks the gravest counts.
_GRAVITY = (EditKind.WITHDRAWAL, EditKind.CORRECTION, EditKind.UPDATE, EditKind.REPEAT)
_NUMBER = re.compile(r"\d{1,2}")


def split_title_marks(title: str) -> tuple[str, list[Edit]]:
    """Return the title without the marks before it, and the marks; a title of nothing else is kept."""
    edits: list[Edit] = []
    rest = title
    while len(edits) < thresholds.TITLE_MAX_MARKS and (match := _match_mark(rest)):
        kind, end = match
        text = rest[:end].strip()
        number = _NUMBER.search(text)
        edits.append(Edit(kind, text, int(number[0]) if number else 0))
        rest = rest[end:]
    return (rest, edits) if rest.strip() else (title, [])


def _match_mark(title: str) -> tuple[EditKind, int] | None:
    for kind in _GRAVITY:
        match = section_pattern(f"{kind.value} mark").match(title)
        if match and not _is_compound(match[0]):
            return kind, match.end()
    return None


def _is_compound(mark: str) -> bool:
    """Return whether a mark is the first part of a compound, such as `Kill-Switch`, and no `KILL-` or `UPDATE 1-`."""
    return mark.endswith("-") and mark != mark.upper() and not _NUMBER.search(mark)


def mark_notes(paragraphs: Sequence[Paragraph]) -> list[Edit]:
    """Mark the notes above and below a report; return the edits that they name.

    A notice of withdrawal is not marked: it is the text, and `keep_withdrawals` keeps it so.
    """
    edge = thresholds.EDIT_NOTE_PARAGRAPHS
    edits: list[Edit] = []
    for paragraph in (*paragraphs[:edge], *paragraphs[max(edge, len(paragraphs) - edge) :]):
        kind = _match_note(paragraph.text)
        if kind is None:
            continue
        edits.append(Edit(kind, paragraph.text))
        if kind is not EditKind.WITHDRAWAL:
            paragraph.mark(Role.BOILERPLATE)
    return edits


def keep_withdrawals(paragraphs: Sequence[Paragraph], edits: Sequence[Edit]) -> None:
    """Make notices of withdrawal part of the report, whatever else they look like."""
    notices = {edit.text for edit in edits if edit.kind is EditKind.WITHDRAWAL}
    for paragraph in paragraphs if notices else ():
        if paragraph.text in notices:
            paragraph.keep()


def _match_note(line: str) -> EditKind | None:
    return next((kind for kind in _GRAVITY if section_pattern(f"{kind.value} note").match(line)), None)


def choose_edit(edits: Sequence[Edit]) -> Edit | None:
    """Return the gravest of the edits with the highest number that any of them has, or None."""
    if not edits:
        return None
    gravest = min(edits, key=lambda edit: (_GRAVITY.index(edit.kind), -len(edit.text)))
    return Edit(gravest.kind, gravest.text, max(edit.number for edit in edits))
