"""What `ingest` prints: stories, what was rejected, the counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from newsdedup.models.articles import Direction, Printed, Rejected, Relation, Removed

SCHEMA_VERSION: Literal["1"] = "1"


class Passage(Printed):
    """A sentence as one article has it."""

    article_id: str
    text: str


class Sentence(Printed):
    """A sentence of the canonical article, with every article that says the same, each in its own words."""

    text: str
    sources: tuple[Passage, ...]


class Paragraph(Printed):
    """A paragraph of the canonical article. `added`: another variant's words, not the base's."""

    text: str
    added: bool
    sources: tuple[str, ...]
    sentences: tuple[Sentence, ...]


class Conflict(Printed):
    """Aligned sentences that disagree in a number, a date or a name."""

    kind: Literal["number", "date", "name"]
    passages: tuple[Passage, ...]


class Variant(Printed):
    """An article as a member of a story; `probability`, `containment` and `similarity` are against the base."""

    article_id: str
    path: str
    record: int
    source: str | None = None
    url: str | None = None
    title: str | None = None
    title_inferred: bool = False
    published: str | None = None
    published_raw: str | None = None
    author: str | None = None
    language: str | None = None
    version_of: str | None = None
    dateline: str | None = None
    place: str | None = None
    agency: str | None = None
    byline: str | None = None
    credit: str | None = None
    relation: Relation
    direction: Direction
    probability: float = Field(ge=0, le=1)
    containment: float = Field(ge=0, le=1)
    similarity: float = Field(ge=0, le=1)
    removed: tuple[Removed, ...] = ()
    extra: dict[str, object] = Field(default_factory=dict)
    content_hash: str


class Cohesion(Printed):
    """How well a story holds together: the lowest mean tie of a member, and those without whom it would fall in two."""

    weakest: float = Field(ge=0, le=1)
    bridges: tuple[str, ...] = ()


class Related(Printed):
    """Another story about the same event."""

    story_id: str
    probability: float = Field(ge=0, le=1)


class Story(Printed):
    """A cluster of articles that tell the same report, with the canonical article merged from them."""

    story_id: str
    title: str | None
    title_inferred: bool
    published: str | None
    language: str | None
    body_empty: bool
    text: str
    paragraphs: tuple[Paragraph, ...]
    conflicts: tuple[Conflict, ...] = ()
    superseded: tuple[Passage, ...] = ()
    variants: tuple[Variant, ...]
    cohesion: Cohesion
    related: tuple[Related, ...] = ()


class UncertainMerge(Printed):
    """A story of several variants and the lowest mean tie of a member of it (`cohesion.weakest`)."""

    story_id: str
    title: str | None
    weakest: float = Field(ge=0, le=1)


class Summary(Printed):
    """What became of every input record: `records == articles + repeated + rejected`.

    `articles` is the number of variants over all stories; `lone` the stories of one article; `skipped` the files left
    out of folders (hidden, `.md`, unknown ending), which are not records; `body_empty` the articles whose page holds no
    report; `doubtful` the merged stories with a weakest tie under .6; `least_certain` those of the lowest under 1, five
    at most, the weakest first.
    """

    records: int
    articles: int
    repeated: int
    rejected: int
    skipped: int
    stories: int
    merged_stories: int
    lone: int
    body_empty: int
    conflicts: int
    doubtful: int = 0
    least_certain: tuple[UncertainMerge, ...] = ()
    warnings: tuple[str, ...] = ()


class Result(Printed):
    """The whole answer, and the JSON document that `--format json` prints."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    stories: tuple[Story, ...]
    rejected: tuple[Rejected, ...]
    summary: Summary
