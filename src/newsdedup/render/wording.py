"""Phrases shared by several formats: titles, relations, counts, the line below a title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from newsdedup.models import Direction, Passage, Related, Relation, Removed, ResultLike, Story
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


def split_lone(result: ResultLike) -> tuple[list[Story], list[Story], dict[str, str]]:
    """Return the stories of several variants, the lone articles, and the titles of all by story id."""
    merged: list[Story] = []
    lone: list[Story] = []
    for story in result.stories:
        (merged if len(story.variants) > 1 else lone).append(story)
    return merged, lone, {story.story_id: format_title(story.title, inferred=False) for story in (*merged, *lone)}


def format_count(count: int, noun: str, plural: str | None = None) -> str:
    """Return e.g. `1 conflict`, `3,000 conflicts` or `2 stories`; `plural` is for those formed in another way."""
    return f"{count:,} {noun if count == 1 else plural or _form_plural(noun)}"


def _form_plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def format_removed_counts(removed: Iterable[Removed]) -> str:
    """Return e.g. `17 related_headlines, 1 promo`, by descending count, then name; empty if nothing was removed."""
    counts = Counter(piece.kind.value for piece in removed)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def select_links(story: Story) -> tuple[Sequence[Related], str]:
    """Return the most probable related stories, and a phrase with the number of the others, empty if none."""
    more = len(story.related) - _MAX_LINKS
    return story.related[:_MAX_LINKS], f"and {format_count(more, 'more story')}" if more > 0 else ""


def group_by_text(passages: Iterable[Passage]) -> list[tuple[list[str], str]]:
    """Return each text once with the ids of the articles that contain it, in order of first occurrence."""
    ids: dict[str, list[str]] = {}
    for passage in passages:
        ids.setdefault(passage.text, []).append(passage.article_id)
    return [(article_ids, text) for text, article_ids in ids.items()]


def format_aside(story: Story) -> str:
    """Return the notes after the title of a lone article; empty for most."""
    notes = (
        story.change.value if isinstance(story, ChangedStory) and story.change is not Change.NEW else "",
        "withdrawn" if story.withdrawn else "",
        "no report on the page" if story.body_empty else "",
        f"related to {format_count(len(story.related), 'story')}" if story.related else "",
    )
    return "".join(f" ({note})" for note in notes if note)


def list_facts(story: Story) -> list[str]:
    """Return the parts of the line below the title of a story."""
    added = sum(paragraph.added for paragraph in story.paragraphs)
    facts = (
        story.story_id,
        story.change.value if isinstance(story, ChangedStory) else "",
        story.published,
        story.language,
        format_count(len(story.variants), "variant"),
        format_count(added, "added passage") if added else "",
        format_count(len(story.conflicts), "conflict") if story.conflicts else "",
        format_count(len(story.additions), "listed addition") if story.additions else "",
        f"{len(story.superseded):,} superseded" if story.superseded else "",
    )
    return [fact for fact in facts if fact]
