"""Sentences of several articles one under the other, each with its source: conflicts and superseded passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newsdedup.models import Conflict, Passage
from newsdedup.render import wording
from newsdedup.render.console import identifier, marked
from newsdedup.render.sanitise import plain


def indented(block: RenderableType) -> Padding:
    """Return the block two columns to the right."""
    return Padding(block, (0, 0, 0, 2))


def passages(shown: Iterable[tuple[Sequence[str], Text]]) -> Table:
    """Return a row a passage: the ids of the articles that have it, one under the other, and the text given for it."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(ratio=2, overflow="fold")
    made.add_column(ratio=5, overflow="fold")
    for article_ids, text in shown:
        made.add_row(Text("\n").join(map(identifier, article_ids)), text)
    return made


def superseded(found: Iterable[Passage]) -> Table:
    """Return the passages as they are."""
    return passages((article_ids, Text(plain(text))) for article_ids, text in wording.together(found))


def conflict(found: Conflict) -> Group:
    """Return the kind and the passages, the words that differ from the first one marked."""
    (first_ids, first), *others = wording.together(found.passages)
    pairs = [marked(first, text) for _, text in others]
    shown = [(first_ids, pairs[0][0] if pairs else Text(plain(first)))]
    shown += [(article_ids, pair[1]) for (article_ids, _), pair in zip(others, pairs, strict=True)]
    return Group(Text(found.kind, style="italic"), passages(shown))
