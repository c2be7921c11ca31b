"""Passages one below the other, each with its source: conflicts, additions and superseded passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newsdedup.models import Conflict, Passage
from newsdedup.render import wording
from newsdedup.render.console import mark_differences, style_id
from newsdedup.render.sanitise import sanitise_text


def indent(block: RenderableType) -> Padding:
    """Return the block indented by two columns."""
    return Padding(block, (0, 0, 0, 2))


def build_passage_grid(rows: Iterable[tuple[Sequence[str], Text]]) -> Table:
    """Return a grid with a row per passage: the ids of the articles that contain it, then its text."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(ratio=2, overflow="fold")
    grid.add_column(ratio=5, overflow="fold")
    for article_ids, text in rows:
        grid.add_row(Text("\n").join(map(style_id, article_ids)), text)
    return grid


def build_text_grid(passages: Iterable[Passage]) -> Table:
    """Return passages as a grid, each text once with the ids of its articles."""
    return build_passage_grid(
        (article_ids, Text(sanitise_text(text))) for article_ids, text in wording.group_by_text(passages)
    )


def format_conflict(conflict: Conflict) -> Group:
    """Return the kind and the passages of a conflict, with the words that differ from the first passage marked."""
    (first_ids, first), *later_passages = wording.group_by_text(conflict.passages)
    pairs = [mark_differences(first, text) for _, text in later_passages]
    rows = [(first_ids, pairs[0][0] if pairs else Text(sanitise_text(first)))]
    rows += [(article_ids, pair[1]) for (article_ids, _), pair in zip(later_passages, pairs, strict=True)]
    return Group(Text(conflict.kind, style="italic"), build_passage_grid(rows))
