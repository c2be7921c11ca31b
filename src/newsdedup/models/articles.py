"""Articles, reports and scores, which the stages exchange, and the rejections that readers yield."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from newsdedup.text import content_hash, is_iso_date, join_sentences

WAIVER = "Newsdedup-Ignore"
"""The field that lists the `check` rules an article is allowed to break; kept in `extra`."""


class Relation(StrEnum):
    """How a variant relates to the base of its story."""

    BASE = "base"
    IDENTICAL = "identical"
    REPRINT = "reprint"
    ABRIDGED = "abridged"
    UPDATE = "update"
    REWRITE = "rewrite"


class Direction(StrEnum):
    """Whether the variant or the base is the shorter one (`abridged`) or the later one (`update`).

    `from_base`: the variant derives from the base (it is the shortened version, or the later edit);
    `to_base`: the base derives from the variant; `unknown`: there is no evidence for either.
    """

    FROM_BASE = "from_base"
    TO_BASE = "to_base"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a line of a page is. Lines of every role but `body` are removed and listed in `removed` under this name."""

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


class Printed(BaseModel):
    """Base class of all printed models."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Refusal(StrEnum):
    """Why a record cannot be used: its file is unreadable or in another encoding, or the record is empty or broken."""

    UNREADABLE = "unreadable"
    ENCODING = "encoding"
    EMPTY = "empty"
    BROKEN = "broken"


class Rejected(Printed):
    """An input record that could not be used; the other records of the batch were processed.

    `record` counts from 1 within `path`, and so does `line`, where the record begins; None if it is the whole file.
    """

    path: str
    record: int
    reason: str
    kind: Refusal = Refusal.BROKEN
    line: int | None = None


class Removed(Printed):
    """A piece of a page that is not part of the report. `kind` is a `Role` other than `body`."""

    kind: Role
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an article in its file, counted from 1; for a .gz file, in the unpacked file.

    `first` is the line on which the record begins. Only delimited text sets the others: `text` is the first line of the
    text, `header` maps each field of the header block, by its name in the article, to its line, and `extra` each other
    field, as spelt.
    """

    first: int = 1
    text: int | None = None
    header: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Article:
    """One input document, as loaded.

    `published` is an ISO 8601 date, month, year or date-time in the precision and zone given; an ambiguous or
    unreadable date is only in `published_raw`. `content_hash` is 32 hex digits over the folded title and text before
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
    lines: Lines = field(default_factory=Lines)

    @classmethod
    def of(  # noqa: PLR0913 - one argument per field
        cls,
        article_id: str,
        text: str,
        *,
        title: str | None = None,
        url: str | None = None,
        source: str | None = None,
        published: str | date | None = None,
        published_raw: str | None = None,
        author: str | None = None,
        language: str | None = None,
        extra: Mapping[str, object] | None = None,
        path: str | None = None,
        record: int = 1,
        lines: Lines | None = None,
    ) -> Self:
        """Make an article from its id and its text; the other fields may be given by name.

        `published` is a `date`, a `datetime` or ISO 8601 text; another text goes to `published_raw`. `path` is the id
        if it is not given.
        """
        iso_date = published.isoformat() if isinstance(published, date) else published
        if iso_date and not is_iso_date(iso_date):
            iso_date, published_raw = None, iso_date
        return cls(
            article_id=article_id,
            path=article_id if path is None else path,
            record=record,
            text=text,
            content_hash=content_hash(title, text),
            title=title,
            url=url,
            source=source,
            published=iso_date,
            published_raw=published_raw,
            author=author,
            language=language,
            extra=extra or {},
            lines=lines or Lines(),
        )

    @property
    def outlet(self) -> str | None:
        """The publisher of the page: `source`, else the host of `url`, in lower case; None if neither is known."""
        if self.source:
            return self.source.strip().casefold()
        if self.url and "//" in self.url:
            return self.url.split("//", 1)[1].split("/", 1)[0].casefold().removeprefix("www.") or None
        return None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file skipped in a folder: hidden, `.md`, or with an unknown extension. It is counted and is not an error."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dateline:
    """`PLACE, Region, Aug 22 (AGENCY) -` before a report: the text as found, and its parts if they are recognised."""

    text: str
    place: str | None = None
    agency: str | None = None


class EditKind(StrEnum):
    """What a note or a mark says that was done to an earlier version of a report."""

    UPDATE = "update"
    REPEAT = "repeat"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Edit:
    """The mark of an edit (`UPDATE 2`, `(Corrects date)`) as found; `number` is 0 if the mark has none."""

    kind: EditKind
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """An article's text after cleaning, which is matched and merged.

    `paragraphs` has the sentences of each paragraph, in reading order. `page_share` is the share of the page's words
    that belong to the report, 0 to 1; tags and entities count as words of the page. The first `summary_count`
    paragraphs only sum up those below them.
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
    edit: Edit | None = None
    summary_count: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every body sentence in reading order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)

    @property
    def summary_sentence_count(self) -> int:
        """The number of sentences in the summaries above the report; 0 if there is nothing else."""
        return sum(map(len, self.paragraphs[: self.summary_count])) if self.summary_count < len(self.paragraphs) else 0

    @property
    def text(self) -> str:
        """The paragraphs, joined by blank lines."""
        return "\n\n".join(join_sentences(paragraph) for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of a scored pair: its value, its contribution to the log-odds, and what it measures."""

    name: str
    value: float
    contribution: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two aligned sentences of a pair: their indices in the reports, and how much of each the other covers, 0 to 1."""

    a: int
    b: int
    covered_a: float
    covered_b: float
    verbatim: float


@dataclass(frozen=True, slots=True)
class Score:
    """The result of stage 5 for a pair (a, b).

    `probability` that both are the same report, `containment` and `similarity`, each 0 to 1 and rounded to 4 decimals.
    `relation` is that of b to a, with `direction` as if a were the base.
    """

    probability: float
    containment: float
    similarity: float
    relation: Relation
    direction: Direction
    signals: tuple[Signal, ...] = ()
    aligned: tuple[Aligned, ...] = ()


Loaded = Article | Rejected | Skipped
"""What a reader yields: an article, a rejected record, or a skipped file."""
Item = Loaded | str | Mapping[Any, object]
"""What the library accepts as one input: what a reader yields, a text, or a record as a mapping (`readers.items`)."""
