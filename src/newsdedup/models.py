"""The values that the stages hand to one another, all frozen. Stages never import each other: they meet here.

Values of the inner stages are slotted dataclasses (made by the hundred thousand); what is printed is pydantic, so that
`newsdedup schema` and the output cannot disagree. The field names of the printed models are a contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from newsdedup.text import content_hash, is_iso_date, joined

SCHEMA_VERSION: Literal["1"] = "1"


class Relation(StrEnum):
    """How a variant stands to the base of its story."""

    BASE = "base"
    IDENTICAL = "identical"
    REPRINT = "reprint"
    ABRIDGED = "abridged"
    UPDATE = "update"
    REWRITE = "rewrite"


class Direction(StrEnum):
    """Which of variant and base is the cut (`abridged`) or the later one (`update`).

    `from_base`: the variant was made from the base (it is the cut, or the later edit);
    `to_base`: the base was made from the variant; `unknown`: nothing says so.
    """

    FROM_BASE = "from_base"
    TO_BASE = "to_base"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a line of a page is. Everything but `body` leaves the report and is listed in `removed` under this name."""

    BODY = "body"
    TITLE = "title"
    DATELINE = "dateline"
    BYLINE = "byline"
    CREDIT = "credit"
    CAPTION = "caption"
    PROMO = "promo"
    RELATED_HEADLINES = "related_headlines"
    REPEATED = "repeated"
    OTHER_ARTICLE = "other_article"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Article:
    """One input document, as loaded.

    `published` is an ISO 8601 date, month, year or date-time in the precision and zone given; a date that is ambiguous
    or unreadable is only in `published_raw`. `content_hash` is 32 hex digits over folded title and text before
    cleaning (`text.content_hash`). `record` counts from 1 within `path`.
    """

    article_id: str
    path: str
    record: int
    text: str
    content_hash: str
    title: str | None = None
    url: str | None = None
    source: str | None = None
    published: str | None = None
    published_raw: str | None = None
    author: str | None = None
    language: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    version_of: str | None = None

    @classmethod
    def of(cls, article_id: str, text: str, **fields: Any) -> Self:
        """Make an article from a text of your own; `fields` are the other fields by name (`title`, `source`, ...).

        A `published` that is no ISO 8601 date goes to `published_raw`.
        """
        given: dict[str, Any] = {"path": article_id, "record": 1, **fields}
        if given.get("published") and not is_iso_date(given["published"]):
            given |= {"published": None, "published_raw": given["published"]}
        return cls(article_id=article_id, text=text, content_hash=content_hash(given.get("title"), text), **given)

    @property
    def outlet(self) -> str | None:
        """Who published the page: `source`, else the host of `url`, lower case; None where neither is known."""
        if self.source:
            return self.source.strip().casefold()
        if self.url and "//" in self.url:
            return self.url.split("//", 1)[1].split("/", 1)[0].casefold().removeprefix("www.") or None
        return None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file left out of a folder on purpose: a hidden name, a `.md` file, an unknown ending. Counted, not an error."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dateline:
    """`PLACE, Region, Aug 22 (AGENCY) -` before a report: the text as found, and its parts where they could be told."""

    text: str
    place: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """An article's text after cleaning: what is matched and merged.

    `paragraphs` holds for each paragraph its sentences, in reading order. `page_share` is the share of the page's
    characters that is report, 0 to 1.
    """

    article: Article
    title: str | None
    title_inferred: bool
    paragraphs: tuple[tuple[str, ...], ...]
    removed: tuple[Removed, ...] = ()
    dateline: Dateline | None = None
    byline: str | None = None
    credit: str | None = None
    page_share: float = 1.0

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every body sentence in reading order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)

    @property
    def text(self) -> str:
        """The paragraphs, joined by blank lines."""
        return "\n\n".join(joined(paragraph) for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of a scored pair: its value, its part in the log-odds, and what it measures."""

    name: str
    value: float
    contribution: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two aligned sentences of a pair: their places in the two reports, how much of each the other covers (0 to 1)."""

    a: int
    b: int
    covered_a: float
    covered_b: float
    verbatim: float


@dataclass(frozen=True, slots=True)
class Score:
    """What stage 5 says of a pair (a, b).

    `probability` that both tell the same report, `containment` and `similarity`, each 0 to 1 and rounded to 4
    decimals; `relation` of b to a, with `direction` as if a were the base.
    """

    probability: float
    containment: float
    similarity: float
    relation: Relation
    direction: Direction
    signals: tuple[Signal, ...] = ()
    aligned: tuple[Aligned, ...] = ()


class _Printed(BaseModel):
    """Base of everything that is printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rejected(_Printed):
    """An input record that could not be used; the rest of the batch went on. `record` counts from 1 within `path`."""

    path: str
    record: int
    reason: str


class Removed(_Printed):
    """A piece of a page that is not the report. `kind` is a `Role` other than `body`."""

    kind: Role
    text: str


class Passage(_Printed):
    """A sentence as one article has it."""

    article_id: str
    text: str


class Sentence(_Printed):
    """A sentence of the canonical article, with every article that says the same, each in its own words."""

    text: str
    sources: tuple[Passage, ...]


class Paragraph(_Printed):
    """A paragraph of the canonical article. `added`: another variant's words, not the base's."""

    text: str
    added: bool
    sources: tuple[str, ...]
    sentences: tuple[Sentence, ...]


class Conflict(_Printed):
    """Aligned sentences that disagree in a number, a date or a name."""

    kind: Literal["number", "date", "name"]
    passages: tuple[Passage, ...]


class Variant(_Printed):
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


class Cohesion(_Printed):
    """How well a story holds together: the lowest mean tie of a member, and those without whom it would fall in two."""

    weakest: float = Field(ge=0, le=1)
    bridges: tuple[str, ...] = ()


class Related(_Printed):
    """Another story about the same event."""

    story_id: str
    probability: float = Field(ge=0, le=1)


class Story(_Printed):
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


class UncertainMerge(_Printed):
    """A story of several variants and the lowest mean tie of a member of it (`cohesion.weakest`)."""

    story_id: str
    title: str | None
    weakest: float = Field(ge=0, le=1)


class Summary(_Printed):
    """What became of every input record: `records == articles + repeated + rejected`.

    `articles` is the number of variants over all stories; `lone` the stories of one article; `skipped` the files left
    out of folders (hidden, `.md`, unknown ending), which are not records; `body_empty` the articles whose page holds no
    report; `least_certain` the merged stories whose weakest tie is lowest and under 1, five at
    most, the weakest first.
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
    least_certain: tuple[UncertainMerge, ...] = ()
    warnings: tuple[str, ...] = ()


class Result(_Printed):
    """The whole answer, and the JSON document that `--format json` prints."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    stories: tuple[Story, ...]
    rejected: tuple[Rejected, ...]
    summary: Summary


Loaded = Article | Rejected | Skipped
"""What a reader yields for each thing it meets."""


class ComparedReport(_Printed):
    """One side of a comparison: the report as it was matched, and what was cleaned away from its page."""

    article_id: str
    path: str
    title: str | None
    title_inferred: bool
    published: str | None
    dateline: str | None
    byline: str | None
    credit: str | None
    sentences: tuple[str, ...]
    removed: tuple[Removed, ...] = ()


class ComparedSignal(_Printed):
    """One signal of the score: its value, its part in the log-odds (positive: the same report), what it measures."""

    name: str
    value: float
    contribution: float
    meaning: str


class AlignedSentences(_Printed):
    """Sentence `a` of the one report and `b` of the other, counted from 0, that were aligned.

    `covered_a` is how much of the first the second covers, `covered_b` the reverse, `verbatim` how far the wording is
    the same; each 0 to 1.
    """

    a: int
    b: int
    covered_a: float
    covered_b: float
    verbatim: float


class Comparison(_Printed):
    """One pair explained: the JSON document that `newsdedup compare --format json` prints.

    `same_report` is `probability >= threshold`, and `relation`, of `b` to `a`, is None where it is false. `only_a` and
    `only_b` are the places of the sentences that nothing on the other side covers.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    same_report: bool
    probability: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    containment: float = Field(ge=0, le=1)
    similarity: float = Field(ge=0, le=1)
    relation: Relation | None
    direction: Direction
    signals: tuple[ComparedSignal, ...]
    aligned: tuple[AlignedSentences, ...]
    only_a: tuple[int, ...]
    only_b: tuple[int, ...]
    conflicts: tuple[Conflict, ...] = ()
    a: ComparedReport
    b: ComparedReport
    note: str


# -- evaluate: stories against labels ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskedPair:
    """What a run made of a pair of articles that was asked for.

    `candidate` tells whether the pair was found worth scoring; `score` is None where one of the two has no report.
    """

    a: Report
    b: Report
    candidate: bool
    score: Score | None


class Share(_Printed):
    """A share with its 95 % bootstrap interval."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class PairFigures(_Printed):
    """How far the stories agree with labelled pairs: merged means that both articles ended in one story.

    `name` is the set, or None for all of them; `pairs == hits + missed + wrong_merges + apart`.
    """

    name: str | None
    pairs: int
    hits: int
    missed: int
    wrong_merges: int
    apart: int
    precision: Share
    recall: Share
    f1: Share


class RelationFigures(_Printed):
    """How many pairs of one label were merged: of duplicates the share is their recall, else that of wrong merges."""

    relation: str | None
    duplicate: bool
    pairs: int
    merged: int
    share: Share


class RelationCount(_Printed):
    """How often merged duplicates of one label were found to stand in one relation (`identical` as `reprint`)."""

    labelled: str
    found: Relation
    pairs: int
    right: bool


class RelationRight(_Printed):
    """Whether the relation is right, over merged duplicates whose label names one; `unchecked` have none to compare."""

    checked: int
    right: int
    unchecked: int
    share: Share
    found: tuple[RelationCount, ...]


class MixedStory(_Printed):
    """A story whose articles are labelled with several clusters: the articles that it has of each, most first."""

    story_id: str | None
    title: str | None
    clusters: dict[str, tuple[str, ...]]


class ClusterFigures(_Printed):
    """How far the stories agree with full clusters, over the `articles` that have a label and stand in a story.

    `kind` is the field that held the label. `absent` have a label and stand in no story.
    """

    kind: Literal["story", "cluster", "event"]
    articles: int
    absent: int
    clusters: int
    stories: int
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    adjusted_rand: float
    homogeneity: float
    completeness: float
    v_measure: float
    largest_story: int
    mixed_stories: tuple[MixedStory, ...]


class MissCount(_Printed):
    """How many misses of one kind came about in one way."""

    kind: Literal["wrong_merge", "missed_duplicate"]
    cause: Literal["score", "clustering", "candidates", "no_report", "unknown"]
    pairs: int


class MissSide(_Printed):
    """One article of a miss; `uncovered` are its sentences that are aligned with none of the other side."""

    article_id: str
    title: str | None
    story_id: str | None
    uncovered: tuple[str, ...] = ()


class AlignedTexts(_Printed):
    """Two aligned sentences in full, and how far their wording is the same, 0 to 1."""

    a: str
    b: str
    verbatim: float


class Miss(_Printed):
    """A labelled pair on the wrong side, with its evidence; without the texts only what the stories tell of it.

    `relation` and `direction` are of b to a, as if a were the base. `cause` is where the run went wrong: the pair's own
    `score`, the `clustering` against it, `candidates` where the pair was none although its score would have sufficed.
    """

    kind: Literal["wrong_merge", "missed_duplicate"]
    cause: Literal["score", "clustering", "candidates", "no_report", "unknown"]
    label: str | None
    set: str | None
    probability: float | None
    candidate: bool | None
    relation: Relation | None
    direction: Direction
    a: MissSide
    b: MissSide
    signals: tuple[ComparedSignal, ...] = ()
    aligned: tuple[AlignedTexts, ...] = ()


class Evaluation(_Printed):
    """Stories held against labels: the JSON document that `newsdedup evaluate --format json` prints.

    Without labelled pairs `pairs`, `relations` and `miss_counts` are empty and `relation_right` is None. `threshold` is
    the setting `min_probability` of the run, None where the stories came from a file.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    articles: int
    stories: int
    threshold: float | None
    pairs: tuple[PairFigures, ...]
    relations: tuple[RelationFigures, ...]
    relation_right: RelationRight | None
    clusters: tuple[ClusterFigures, ...]
    miss_counts: tuple[MissCount, ...]
    misses: tuple[Miss, ...]
    notes: tuple[str, ...] = ()
