"""`markdown`: a report to paste into an issue or a wiki; article text is escaped, never read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from newsdedup.models import Conflict, Paragraph, Story, Variant
from newsdedup.render import wording
from newsdedup.render.answer import Answer
from newsdedup.render.differences import Piece, differences
from newsdedup.render.removed import counted
from newsdedup.render.sanitise import plain

# What means something inside a line (`$` to the forges that set mathematics), and what does at its start only.
_INLINE = re.compile(r"([\\`*_\[\]<>|#~&$])")
_START = re.compile(r"^([-+=:])|^(\d+)([.)])")


def render(result: Answer, stream: TextIO) -> None:
    """Write a section for every story of several variants, then the lone articles as a list."""
    merged = [story for story in result.stories if len(story.variants) > 1]
    lone = [story for story in result.stories if len(story.variants) == 1]
    titles = {story.story_id: wording.title(story.title, inferred=False) for story in result.stories}
    records = wording.number(result.summary.records, "record")
    _write(["# newsdedup", f"{wording.number(len(result.stories), 'story', 'stories')} from {records}."], stream)
    for story in merged:
        stream.write("\n")
        _write(_story(story, titles), stream)
    if lone:
        stream.write("\n")
        _write([f"## {wording.number(len(lone), 'lone article')}", "\n".join(map(_lone, lone))], stream)


def escaped(text: str) -> str:
    """Return `text` so that Markdown shows it as it is, on one line."""
    line = _INLINE.sub(r"\\\1", plain(text).strip())
    return _START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", line)


def emphasised(pieces: Iterable[Piece]) -> str:
    """Return the pieces of a sentence as Markdown on one line, those that differ in bold."""
    marked = (f"**{escaped(piece.text)}**" if piece.differs else escaped(piece.text) for piece in pieces)
    return "".join(text + piece.space for text, piece in zip(marked, pieces, strict=True)).strip()


def _write(blocks: Iterable[str], stream: TextIO) -> None:
    stream.write("\n\n".join(blocks) + "\n")


def _story(story: Story, titles: dict[str, str]) -> list[str]:
    out = [f"## {escaped(wording.title(story.title, inferred=story.title_inferred))}"]
    out.append(" · ".join(map(escaped, wording.facts(story))))
    out += [_paragraph(paragraph) for paragraph in story.paragraphs]
    out += ["### Variants", _variants(story.variants)]
    if story.conflicts:
        out += ["### Conflicts", "\n".join(map(_conflict, story.conflicts))]
    if story.superseded:
        out += ["### Superseded", "\n".join(map(_superseded, wording.together(story.superseded)))]
    if story.related:
        shown, more = wording.links(story)
        lines = [
            f"- {escaped(titles.get(related.story_id, ''))} ({related.story_id}, {related.probability:.2f})"
            for related in shown
        ]
        lines += [f"- {more}"] if more else []
        out += ["### Related stories", "\n".join(lines)]
    return out


def _paragraph(paragraph: Paragraph) -> str:
    """Return the paragraph; what the base does not say as a quotation that opens with its source."""
    if not paragraph.added:
        return escaped(paragraph.text)
    return f"> **Added from {_ids(paragraph.sources)}:** {escaped(paragraph.text)}"


def _variants(variants: Sequence[Variant]) -> str:
    rows = ["| variant | source | published | relation | similarity | removed |", "|---|---|---|---|--:|---|"]
    for variant in variants:
        cells = (
            escaped(variant.article_id),
            escaped(variant.source or ""),
            escaped(variant.published or variant.published_raw or ""),
            wording.relation(variant.relation, variant.direction),
            f"{variant.similarity:.2f}",
            escaped(counted(variant.removed)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _conflict(conflict: Conflict) -> str:
    """Return a list item for the conflict with one for each passage, the words that differ in bold."""
    (first_ids, first), *others = wording.together(conflict.passages)
    pairs = [differences(plain(first), plain(text)) for _, text in others]
    lines = [f"- {conflict.kind}"]
    lines.append(f"  - {_ids(first_ids)}: {emphasised(pairs[0][0]) if pairs else escaped(first)}")
    lines += [f"  - {_ids(ids)}: {emphasised(pair[1])}" for (ids, _), pair in zip(others, pairs, strict=True)]
    return "\n".join(lines)


def _superseded(found: tuple[list[str], str]) -> str:
    return f"- {_ids(found[0])}: {escaped(found[1])}"


def _ids(article_ids: Iterable[str]) -> str:
    return ", ".join(map(escaped, article_ids))


def _lone(story: Story) -> str:
    title = escaped(wording.title(story.title, inferred=story.title_inferred))
    empty = " (no report on the page)" if story.body_empty else ""
    return f"- {escaped(story.variants[0].article_id)}: {title}{empty}"
