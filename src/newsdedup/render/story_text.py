"""`text`: what was merged, set for reading; lone articles in one compact list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from newsdedup.models import Story, Variant
from newsdedup.render import wording
from newsdedup.render.answer import Answer
from newsdedup.render.console import BULLET, Guttered, Paper, identifier, table
from newsdedup.render.passages import conflict, indented, superseded
from newsdedup.render.removed import counted
from newsdedup.render.sanitise import plain

_GUTTER = "+ "


def render(result: Answer, stream: TextIO, *, width: int, colour: bool) -> None:
    """Write every story of several variants in full, then the lone articles."""
    paper = Paper(stream, width=width, colour=colour)
    merged = [story for story in result.stories if len(story.variants) > 1]
    lone = [story for story in result.stories if len(story.variants) == 1]
    titles = {story.story_id: wording.title(story.title, inferred=False) for story in result.stories}
    for place, story in enumerate(merged, start=1):
        if place > 1:
            paper.print("")
        paper.print(Rule(Text(f"story {place} of {len(merged)}", style="dim"), align="left", style="dim"))
        _story(story, titles, paper)
    if lone:
        if merged:
            paper.print("")
        paper.print(Rule(Text(wording.number(len(lone), "lone article"), style="dim"), align="left", style="dim"))
        _lone(lone, paper)
    if not result.stories:
        paper.print("no stories")


def _story(story: Story, titles: Mapping[str, str], paper: Paper) -> None:
    paper.print(
        Text(plain(wording.title(story.title, inferred=story.title_inferred)), style="bold"),
        Text(f" {BULLET} ".join(map(plain, wording.facts(story))), style="dim"),
        _canonical(story),
    )
    if variants := _variant_table(story.variants, paper.width):
        paper.print("", variants)
    else:
        _variant_list(story.variants, paper)
    if story.conflicts:
        paper.heading("conflicts")
        paper.print(*(indented(conflict(found)) for found in story.conflicts))
    if story.superseded:
        paper.heading("superseded (said by earlier versions only, not in the text)")
        paper.print(indented(superseded(story.superseded)))
    _ties(story, titles, paper)


def _canonical(story: Story) -> Panel:
    """Return the merged text; `+ ` before each line of a passage that is not the base's, its source after it."""
    parts: list[Guttered | Text] = []
    for paragraph in story.paragraphs:
        if parts:
            parts.append(Text(""))
        text = Text(plain(paragraph.text), overflow="fold")
        if paragraph.added:
            text.stylize("green")
            text.append("  ").append_text(Text(f"[{', '.join(map(plain, paragraph.sources))}]", style="cyan"))
        parts.append(Guttered(text, _GUTTER if paragraph.added else " " * len(_GUTTER), "bold green"))
    return Panel(Group(*parts) if parts else Text("  (no text)"), box=box.ROUNDED, border_style="dim", padding=(0, 1))


def _variant_table(variants: Sequence[Variant], width: int) -> Table | None:
    """Return one row a variant, or None where that does not fit; a column that is empty for all is left out."""
    columns = {
        "variant": [identifier(variant.article_id) for variant in variants],
        "source": [Text(plain(variant.source or "")) for variant in variants],
        "published": [Text(_published(variant)) for variant in variants],
        "relation": [Text(wording.relation(variant.relation, variant.direction)) for variant in variants],
        "similarity": [Text(f"{variant.similarity:.2f}") for variant in variants],
        "removed": [Text(counted(variant.removed).replace(", ", "\n")) for variant in variants],
    }
    shown = {name: cells for name, cells in columns.items() if any(cell.plain for cell in cells)}
    return table(list(shown), list(zip(*shown.values(), strict=True)), width=width, right=("similarity",))


def _variant_list(variants: Sequence[Variant], paper: Paper) -> None:
    paper.heading("variants")
    for variant in variants:
        facts = [
            wording.relation(variant.relation, variant.direction),
            f"similarity {variant.similarity:.2f}",
            plain(variant.source or ""),
            _published(variant),
        ]
        lines: list[RenderableType] = [
            identifier(variant.article_id),
            indented(Text(f" {BULLET} ".join(filter(None, facts)))),
        ]
        if variant.removed:
            lines.append(indented(Text(f"removed: {counted(variant.removed)}")))
        paper.print(indented(Group(*lines)))


def _published(variant: Variant) -> str:
    """Return the date as given, the time in a word of its own so that a narrow column can part the two."""
    return plain((variant.published or "").replace("T", " ") or variant.published_raw or "")


def _lone(stories: Sequence[Story], paper: Paper) -> None:
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(overflow="fold")
    made.add_column(overflow="fold")
    for story in stories:
        text = Text(plain(wording.title(story.title, inferred=story.title_inferred)))
        text.append(wording.aside(story), style="dim")
        made.add_row(identifier(story.variants[0].article_id), text)
    paper.print(made)


def _ties(story: Story, titles: Mapping[str, str], paper: Paper) -> None:
    weak = len(story.variants) > 2
    if not (weak or story.related):
        return
    paper.print("")
    if weak:
        bridges = ", ".join(map(plain, story.cohesion.bridges))
        holds = f"; held together by {bridges}" if bridges else ""
        paper.print(Text(f"weakest tie {story.cohesion.weakest:.2f}{holds}"))
    shown, more = wording.links(story)
    for related in shown:
        title = plain(titles.get(related.story_id, ""))
        paper.print(Text(f"related {related.probability:.2f}  {related.story_id}  {title}"))
    if more:
        paper.print(Text(f"related {more}"))
