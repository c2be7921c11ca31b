"""`markdown`: a report to paste into an issue or a wiki; article text is escaped, so none of it acts as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from newsdedup.models import Conflict, Paragraph, ResultLike, Story, Variant
from newsdedup.render import wording
from newsdedup.render.differences import diff_words
from newsdedup.render.markdown import emphasise_differences, escape_markdown
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text


def render(result: ResultLike, page: Page) -> None:
    """Write a section for every story of several variants, then the lone articles as a list."""
    merged, lone, titles = wording.split_lone(result)
    records = wording.format_count(result.summary.records, "record")
    _write_blocks(["# newsdedup", f"{wording.format_count(len(result.stories), 'story')} from {records}."], page.stream)
    for story in merged:
        page.stream.write("\n")
        _write_blocks(_format_story(story, titles), page.stream)
    if lone:
        page.stream.write("\n")
        _write_blocks(
            [f"## {wording.format_count(len(lone), 'lone article')}", "\n".join(map(_format_lone, lone))], page.stream
        )


def _write_blocks(blocks: Iterable[str], stream: TextIO) -> None:
    stream.write("\n\n".join(blocks) + "\n")


def _format_story(story: Story, titles: dict[str, str]) -> list[str]:
    blocks = [f"## {escape_markdown(wording.format_title(story.title, inferred=story.title_inferred))}"]
    blocks.append(" · ".join(map(escape_markdown, wording.list_facts(story))))
    if story.withdrawn:
        blocks.append(f"**Withdrawn:** {escape_markdown(story.withdrawn)}")
    blocks += [_format_paragraph(paragraph) for paragraph in story.paragraphs]
    blocks += ["### Variants", _format_variants(story.variants)]
    if story.conflicts:
        blocks += ["### Conflicts", "\n".join(map(_format_conflict, story.conflicts))]
    if story.additions:
        passages = [passage for addition in story.additions for passage in addition.sources]
        blocks += ["### Additions", "\n".join(map(_format_passage, wording.group_by_text(passages)))]
    if story.superseded:
        blocks += ["### Superseded", "\n".join(map(_format_passage, wording.group_by_text(story.superseded)))]
    if story.related:
        links, more = wording.select_links(story)
        lines = [
            f"- {escape_markdown(titles.get(related.story_id, ''))} ({related.story_id}, {related.probability:.2f})"
            for related in links
        ]
        lines += [f"- {more}"] if more else []
        blocks += ["### Related stories", "\n".join(lines)]
    return blocks


def _format_paragraph(paragraph: Paragraph) -> str:
    """Return the paragraph; one added to the base as a quotation that names its source first."""
    if not paragraph.added:
        return escape_markdown(paragraph.text)
    return f"> **Added from {_format_ids(paragraph.sources)}:** {escape_markdown(paragraph.text)}"


def _format_variants(variants: Sequence[Variant]) -> str:
    rows = ["| variant | source | published | relation | similarity | removed |", "|---|---|---|---|--:|---|"]
    for variant in variants:
        cells = (
            escape_markdown(variant.article_id),
            escape_markdown(variant.source or ""),
            escape_markdown(variant.published or variant.published_raw or ""),
            wording.format_relation(variant.relation, variant.direction),
            f"{variant.similarity:.2f}",
            escape_markdown(wording.format_removed_counts(variant.removed)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _format_conflict(conflict: Conflict) -> str:
    """Return a list item for the conflict with a nested item per passage, differing words in bold."""
    (first_ids, first), *later_passages = wording.group_by_text(conflict.passages)
    pairs = [diff_words(sanitise_text(first), sanitise_text(text)) for _, text in later_passages]
    lines = [f"- {conflict.kind}"]
    first_text = emphasise_differences(pairs[0][0]) if pairs else escape_markdown(first)
    lines.append(f"  - {_format_ids(first_ids)}: {first_text}")
    lines += [
        f"  - {_format_ids(ids)}: {emphasise_differences(pair[1])}"
        for (ids, _), pair in zip(later_passages, pairs, strict=True)
    ]
    return "\n".join(lines)


def _format_passage(passage: tuple[list[str], str]) -> str:
    return f"- {_format_ids(passage[0])}: {escape_markdown(passage[1])}"


def _format_ids(article_ids: Iterable[str]) -> str:
    return ", ".join(map(escape_markdown, article_ids))


def _format_lone(story: Story) -> str:
    title = escape_markdown(wording.format_title(story.title, inferred=story.title_inferred))
    empty = " (no report on the page)" if story.body_empty else ""
    return f"- {escape_markdown(story.variants[0].article_id)}: {title}{empty}"


FORMAT = OutputFormat(render)
