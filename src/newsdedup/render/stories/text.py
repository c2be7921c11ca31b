"""`text`: merged stories in full, for reading; lone articles in one compact list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from newsdedup.models import Passage, ResultLike, Story, Variant
from newsdedup.render import wording
from newsdedup.render.console import BULLET, GutteredText, TextWriter, build_table, style_id
from newsdedup.render.passages import build_text_grid, format_conflict, indent
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_GUTTER = "+ "


def render(result: ResultLike, page: Page) -> None:
    """Write every story of several variants in full, then the lone articles."""
    writer = TextWriter(page)
    merged, lone, titles = wording.split_lone(result)
    for number, story in enumerate(merged, start=1):
        if number > 1:
            writer.print("")
        writer.print_rule(f"story {number} of {len(merged)}")
        _print_story(story, titles, writer)
    if lone:
        if merged:
            writer.print("")
        writer.print_rule(wording.format_count(len(lone), "lone article"))
        _print_lone(lone, writer)
    if not result.stories:
        writer.print("no stories")


def _print_story(story: Story, titles: Mapping[str, str], writer: TextWriter) -> None:
    writer.print(
        Text(sanitise_text(wording.format_title(story.title, inferred=story.title_inferred)), style="bold"),
        Text(f" {BULLET} ".join(map(sanitise_text, wording.list_facts(story))), style="dim"),
        *([Text(f"withdrawn: {sanitise_text(story.withdrawn)}", style="bold red")] if story.withdrawn else []),
        _build_canonical_panel(story),
    )
    if variants := _build_variant_table(story.variants, writer.width):
        writer.print("", variants)
    else:
        _print_variants(story.variants, writer)
    if story.conflicts:
        writer.print_heading("conflicts")
        writer.print(*(indent(format_conflict(conflict)) for conflict in story.conflicts))
    if story.additions:
        writer.print_heading("additions (only in other versions, not in the text)")
        writer.print(indent(build_text_grid(_list_addition_passages(story))))
    if story.superseded:
        writer.print_heading("superseded (only in earlier versions, not in the text)")
        writer.print(indent(build_text_grid(story.superseded)))
    _print_cohesion_and_links(story, titles, writer)


def _list_addition_passages(story: Story) -> list[Passage]:
    return [passage for addition in story.additions for passage in addition.sources if passage.text == addition.text]


def _build_canonical_panel(story: Story) -> Panel:
    """Return the merged text. A passage added to the base has `+ ` before each line and its source at the end."""
    parts: list[GutteredText | Text] = []
    for paragraph in story.paragraphs:
        if parts:
            parts.append(Text(""))
        text = Text(sanitise_text(paragraph.text), overflow="fold")
        if paragraph.added:
            text.stylize("green")
            text.append("  ").append_text(Text(f"[{', '.join(map(sanitise_text, paragraph.sources))}]", style="cyan"))
        parts.append(GutteredText(text, _GUTTER if paragraph.added else " " * len(_GUTTER), "bold green"))
    return Panel(Group(*parts) if parts else Text("  (no text)"), box=box.ROUNDED, border_style="dim", padding=(0, 1))


def _build_variant_table(variants: Sequence[Variant], width: int) -> Table | None:
    """Return a table with a row per variant, without columns that are empty in all; None if it does not fit."""
    columns = {
        "variant": [style_id(variant.article_id) for variant in variants],
        "source": [Text(sanitise_text(variant.source or "")) for variant in variants],
        "published": [Text(_format_published(variant)) for variant in variants],
        "relation": [Text(wording.format_relation(variant.relation, variant.direction)) for variant in variants],
        "similarity": [Text(f"{variant.similarity:.2f}") for variant in variants],
        "removed": [Text(wording.format_removed_counts(variant.removed).replace(", ", "\n")) for variant in variants],
    }
    filled_columns = {name: cells for name, cells in columns.items() if any(cell.plain for cell in cells)}
    rows = list(zip(*filled_columns.values(), strict=True))
    return build_table(list(filled_columns), rows, width=width, right=("similarity",))


def _print_variants(variants: Sequence[Variant], writer: TextWriter) -> None:
    writer.print_heading("variants")
    for variant in variants:
        facts = [
            wording.format_relation(variant.relation, variant.direction),
            f"similarity {variant.similarity:.2f}",
            sanitise_text(variant.source or ""),
            _format_published(variant),
        ]
        lines: list[RenderableType] = [
            style_id(variant.article_id),
            indent(Text(f" {BULLET} ".join(filter(None, facts)))),
        ]
        if variant.removed:
            lines.append(indent(Text(f"removed: {wording.format_removed_counts(variant.removed)}")))
        writer.print(*map(indent, lines))


def _format_published(variant: Variant) -> str:
    """Return the date as given, with a space before the time so that a narrow column can break there."""
    return sanitise_text((variant.published or "").replace("T", " ") or variant.published_raw or "")


def _print_lone(stories: Sequence[Story], writer: TextWriter) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for story in stories:
        text = Text(sanitise_text(wording.format_title(story.title, inferred=story.title_inferred)))
        text.append(wording.format_aside(story), style="dim")
        grid.add_row(style_id(story.variants[0].article_id), text)
    writer.print(grid)


def _print_cohesion_and_links(story: Story, titles: Mapping[str, str], writer: TextWriter) -> None:
    has_cohesion = len(story.variants) > 2
    if not (has_cohesion or story.related):
        return
    writer.print("")
    if has_cohesion:
        bridges = ", ".join(map(sanitise_text, story.cohesion.bridges))
        bridge_note = f"; connected only through {bridges}" if bridges else ""
        writer.print(Text(f"lowest cohesion {story.cohesion.weakest:.2f}{bridge_note}"))
    links, more = wording.select_links(story)
    for related in links:
        title = sanitise_text(titles.get(related.story_id, ""))
        writer.print(Text(f"related {related.probability:.2f}  {related.story_id}  {title}"))
    if more:
        writer.print(Text(f"related {more}"))


FORMAT = OutputFormat(render)
