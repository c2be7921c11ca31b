"""Sentences of several articles one under the other, each with its source: conflicts and superseded passages."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from newsdedup.models import Conflict, Passage
from newsdedup.render.paper import identifier, marked
from newsdedup.render.plain import plain


def indented(block: RenderableType) -> Padding:
    """Return the block two columns to the right."""
    return Padding(block, (0, 0, 0, 2))


def passages(shown: Iterable[tuple[Passage, Text]]) -> Table:
    """Return a row a passage: its article's id, and the text given for it."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(ratio=2, overflow="fold")
    made.add_column(ratio=5, overflow="fold")
    for passage, text in shown:
        made.add_row(identifier(passage.article_id), text)
    return made


def superseded(found: Iterable[Passage]) -> Table:
    """Return the passages as they are."""
    return passages((passage, Text(plain(passage.text))) for passage in found)


def conflict(found: Conflict) -> Group:
    """Return the kind and the passages, the words that differ from the first one marked."""
    first, *others = found.passages
    pairs = [marked(first.text, other.text) for other in others]
    shown = [(first, pairs[0][0] if pairs else Text(plain(first.text)))]
    shown += [(other, pair[1]) for other, pair in zip(others, pairs, strict=True)]
    return Group(Text(found.kind, style="italic"), passages(shown))
