"""What `ingest` prints: stories, rejected records, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol, Self, overload

from pydantic import Field

from newsdedup.errors import UnknownArticleError
from newsdedup.models.articles import Direction, Printed, Rejected, Relation, Removed, Report

SCHEMA_VERSION: Literal["1"] = "1"


class Passage(Printed):
    """A sentence in the words of one article."""

    article_id: str
    text: str


class Sentence(Printed):
    """A sentence of the canonical article, with the passage of every article that says the same."""

    text: str
    sources: tuple[Passage, ...]


class Paragraph(Printed):
    """A paragraph of the canonical article. `added`: its words are from another variant than the base."""

    text: str
    added: bool
    sources: tuple[str, ...]
    sentences: tuple[Sentence, ...]


class Addition(Printed):
    """A sentence of another variant that is not in the text, though no sentence of the text says the same.

    `after` is the index in `paragraphs` of the paragraph that it belongs after, None for before the first; `sources`
    are the passages of all articles that say it, its own first.
    """

    article_id: str
    text: str
    after: int | None
    sources: tuple[Passage, ...]


class Conflict(Printed):
    """Aligned sentences that disagree in a number, a date or a name, or quote the same words otherwise."""

    kind: Literal["number", "date", "name", "quote"]
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
    base_reason: str | None = None
    removed: tuple[Removed, ...] = ()
    extra: dict[str, object] = Field(default_factory=dict)
    content_hash: str


class Cohesion(Printed):
    """The cohesion of a story: the lowest mean edge of a member, and the articulation points (`bridges`)."""

    weakest: float = Field(ge=0, le=1)
    bridges: tuple[str, ...] = ()


class Related(Printed):
    """Another story about the same event."""

    story_id: str
    probability: float = Field(ge=0, le=1)


class Story(Printed):
    """A cluster of articles with the same report, and the canonical article merged from them."""

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
    additions: tuple[Addition, ...] = ()
    withdrawn: str | None = None
    variants: tuple[Variant, ...]
    cohesion: Cohesion
    related: tuple[Related, ...] = ()


class UncertainMerge(Printed):
    """A story of several variants, and the lowest mean edge of a member (`cohesion.weakest`)."""

    story_id: str
    title: str | None
    weakest: float = Field(ge=0, le=1)


class Summary(Printed):
    """Counts of input records and stories: `records == articles + repeated + rejected`.

    `articles` is the number of variants in all stories; `lone` counts the stories of one article; `skipped` the files
    skipped in folders (hidden, `.md`, unknown extension), which are not records; `body_empty` the articles without a
    report; `doubtful` the merged stories whose `cohesion.weakest` is under .6. `least_certain` are the merged stories
    with the lowest `cohesion.weakest` under 1, at most five, the lowest first.
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
    """The result of `ingest`, and the JSON document that `--format json` prints."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    stories: tuple[Story, ...]
    rejected: tuple[Rejected, ...]
    summary: Summary

    def story_of(self, article_id: str) -> Story:
        """Return the story of an article. Raises UnknownArticleError if none of the stories has it.

        The first call looks at every story, each later one takes the same time however many there are.
        """
        return self.stories[self._find_story(article_id)]

    def _find_story(self, article_id: str) -> int:
        """Return the index of the story of an article."""
        index = self._story_indices.get(article_id)
        if index is None:
            raise UnknownArticleError(
                f"no story of the result has an article with the id {article_id!r}; the ids are the `article_id` of "
                "the variants, and records that could not be used are in `rejected`"
            )
        return index

    @cached_property
    def _story_indices(self) -> Mapping[str, int]:
        return {variant.article_id: index for index, story in enumerate(self.stories) for variant in story.variants}

    def __copy__(self) -> Self:
        """Return a copy that computes its own index: `model_copy` may give it other stories."""
        copied = super().__copy__()
        copied.__dict__.pop("_story_indices", None)
        return copied

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Yield counts, so that a result of thousands of stories is shown as one line."""
        for name in ("stories", "merged_stories", "articles", "rejected"):
            yield name, getattr(self.summary, name)

    def __str__(self) -> str:
        """Return what `repr` returns."""
        return repr(self)


class LoneStory(NamedTuple):
    """The parts of a story of one article, from which its JSON can be written without building the story."""

    report: Report
    variant: Variant
    story_id: str
    related: tuple[Related, ...]
    withdrawn: str | None


class StoryList(Protocol):
    """The stories of a run in output order, each built on access."""

    def __len__(self) -> int:
        """Return the number of stories."""

    @overload
    def __getitem__(self, index: int, /) -> Story: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[Story]: ...

    def __iter__(self) -> Iterator[Story]:
        """Yield the stories in order."""

    def get_lone(self, index: int) -> LoneStory | None:
        """Return the parts of a story of one article; None for other stories, which must be built."""


class ResultLike(Protocol):
    """The parts of a result, in memory (`Result`) or built story by story: each access may build a story again."""

    @property
    def stories(self) -> Sequence[Story] | StoryList:
        """The stories in output order."""

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The records that could not be used."""

    @property
    def summary(self) -> Summary:
        """The counts of the run and its warnings."""
