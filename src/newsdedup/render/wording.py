"""Phrases shared by `text`, `markdown` and `compare`: titles, relations, counts, the line below a title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsdedup.models import Direction, Passage, Related, Relation, Story
from newsdedup.models.store import Change, ChangedStory

_DIRECTED_PHRASES = {
    (Relation.ABRIDGED, Direction.FROM_BASE): "cut from {base}",
    (Relation.ABRIDGED, Direction.TO_BASE): "{base} is cut from it",
    (Relation.UPDATE, Direction.FROM_BASE): "later than {base}",
    (Relation.UPDATE, Direction.TO_BASE): "{base} is later",
}
# Maximum number of links shown for one story, the most probable first. An event may have a hundred stories; `json` has
# them all.
_MAX_LINKS = 5
_DEFAULT_PHRASES = {Direction.FROM_BASE: "made from {base}", Direction.TO_BASE: "{base} is made from it"}


def format_relation(kind: Relation, direction: Direction, *, base: str = "base") -> str:
    """Return e.g. `abridged (cut from base)`, or only the relation if the direction is unknown."""
    phrase = _DIRECTED_PHRASES.get((kind, direction)) or _DEFAULT_PHRASES.get(direction)
    return f"{kind.value} ({phrase.format(base=base)})" if phrase else kind.value


def format_title(title: str | None, *, inferred: bool) -> str:
    """Return the title, with a note if it is missing or was inferred from the text."""
    if not title:
        return "(no title)"
    return f"{title} (title inferred)" if inferred else title


def format_count(count: int, noun: str, plural: str | None = None) -> str:
    """Return e.g. `1 conflict` or `3,000 conflicts`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def select_links(story: Story) -> tuple[Sequence[Related], str]:
    """Return the most probable related stories, and a phrase with the number of the others, empty if none."""
    more = len(story.related) - _MAX_LINKS
    return story.related[:_MAX_LINKS], f"and {format_count(more, 'more story', 'more stories')}" if more > 0 else ""


def group_by_text(passages: Iterable[Passage]) -> list[tuple[list[str], str]]:
    """Return each text once with the ids of the articles that contain it, in order of first occurrence."""
    ids: dict[str, list[str]] = {}
    for passage in passages:
        ids.setdefault(passage.text, []).append(passage.article_id)
    return [(article_ids, text) for text, article_ids in ids.items()]


def format_aside(story: Story) -> str:
    """Return the notes after the title of a lone article; empty for most."""
    notes = []
    if isinstance(story, ChangedStory) and story.change is not Change.NEW:
        notes.append(story.change.value)
    if story.body_empty:
        notes.append("no report on the page")
    if story.related:
        notes.append(f"related to {format_count(len(story.related), 'story', 'stories')}")
    return "".join(f" ({note})" for note in notes)


def list_facts(story: Story) -> list[str]:
    """Return the parts of the line below the title of a story."""
    facts = [story.story_id]
    if isinstance(story, ChangedStory):
        facts.append(story.change.value)
    if story.published:
        facts.append(story.published)
    if story.language:
        facts.append(story.language)
    facts.append(format_count(len(story.variants), "variant"))
    added = sum(paragraph.added for paragraph in story.paragraphs)
    if added:
        facts.append(format_count(added, "added passage"))
    if story.conflicts:
        facts.append(format_count(len(story.conflicts), "conflict"))
    if story.superseded:
        facts.append(f"{len(story.superseded):,} superseded")
    return facts
