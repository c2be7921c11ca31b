"""The phrases that `text`, `markdown` and `compare` share: titles, relations, counts, the line under a title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsdedup.models import Direction, Passage, Related, Relation, Story
from newsdedup.models.store import Change, ChangedStory

_DIRECTED = {
    (Relation.ABRIDGED, Direction.FROM_BASE): "cut from {base}",
    (Relation.ABRIDGED, Direction.TO_BASE): "{base} is the cut",
    (Relation.UPDATE, Direction.FROM_BASE): "later than {base}",
    (Relation.UPDATE, Direction.TO_BASE): "{base} is later",
}
# Links that are shown for one story: the most probable. An event may have a hundred stories; `json` has them all.
_SHOWN_LINKS = 5
_OTHERWISE = {Direction.FROM_BASE: "made from {base}", Direction.TO_BASE: "{base} is made from it"}


def relation(kind: Relation, direction: Direction, *, base: str = "base") -> str:
    """Return e.g. `abridged (cut from base)`; only the relation where the direction is unknown."""
    phrase = _DIRECTED.get((kind, direction)) or _OTHERWISE.get(direction)
    return f"{kind.value} ({phrase.format(base=base)})" if phrase else kind.value


def title(given: str | None, *, inferred: bool) -> str:
    """Return the title, saying where it is missing or was inferred from the text."""
    if not given:
        return "(no title)"
    return f"{given} (title inferred)" if inferred else given


def number(count: int, noun: str, plural: str | None = None) -> str:
    """Return `1 conflict`, `3,000 conflicts`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def links(story: Story) -> tuple[Sequence[Related], str]:
    """Return the most probable related stories, and what is to be said of the others: empty where there are none."""
    more = len(story.related) - _SHOWN_LINKS
    return story.related[:_SHOWN_LINKS], f"and {number(more, 'more story', 'more stories')}" if more > 0 else ""


def together(passages: Iterable[Passage]) -> list[tuple[list[str], str]]:
    """Return every text once with the ids of the articles that have it, in the order of the first of them."""
    ids: dict[str, list[str]] = {}
    for passage in passages:
        ids.setdefault(passage.text, []).append(passage.article_id)
    return [(found, text) for text, found in ids.items()]


def aside(story: Story) -> str:
    """Return what stands behind the title of a lone article: nothing for most."""
    told = []
    if isinstance(story, ChangedStory) and story.change is not Change.NEW:
        told.append(story.change.value)
    if story.body_empty:
        told.append("no report on the page")
    if story.related:
        told.append(f"related to {number(len(story.related), 'story', 'stories')}")
    return "".join(f" ({each})" for each in told)


def facts(story: Story) -> list[str]:
    """Return what stands in the line under a story's title."""
    out = [story.story_id]
    if isinstance(story, ChangedStory):
        out.append(story.change.value)
    if story.published:
        out.append(story.published)
    if story.language:
        out.append(story.language)
    out.append(number(len(story.variants), "variant"))
    added = sum(paragraph.added for paragraph in story.paragraphs)
    if added:
        out.append(number(added, "added passage"))
    if story.conflicts:
        out.append(number(len(story.conflicts), "conflict"))
    if story.superseded:
        out.append(f"{len(story.superseded):,} superseded")
    return out
