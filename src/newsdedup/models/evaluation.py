"""What `evaluate` prints: stories compared with labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from newsdedup.models.articles import Direction, Printed, Relation, Report, Score
from newsdedup.models.comparison import ComparedSignal
from newsdedup.models.stories import SCHEMA_VERSION

MissKind = Literal["wrong_merge", "missed_duplicate"]
Cause = Literal["score", "clustering", "candidates", "no_report", "unknown"]


@dataclass(frozen=True, slots=True)
class RequestedPair:
    """The result of a run for a pair of articles that was requested.

    `candidate` says whether it is a candidate pair; `score` is None if one of the two has no report.
    """

    a: Report
    b: Report
    candidate: bool
    score: Score | None


class Share(Printed):
    """A share with its 95 % bootstrap interval."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class PairFigures(Printed):
    """How well the stories agree with labelled pairs. A pair is merged if both articles are in one story.

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


class RelationFigures(Printed):
    """How many pairs of one label were merged. `share` is the recall of duplicates, else the share of wrong merges."""

    relation: str | None
    duplicate: bool
    pairs: int
    merged: int
    share: Share


class RelationCount(Printed):
    """How many merged duplicates of one label were given one relation (`identical` counts as `reprint`)."""

    labelled: str
    found: Relation
    pairs: int
    right: bool


class RelationRight(Printed):
    """How often the relation is right, over merged duplicates whose label names one; `unchecked` are the others."""

    checked: int
    right: int
    unchecked: int
    share: Share
    found: tuple[RelationCount, ...]


class MixedStory(Printed):
    """A story whose articles are labelled with several clusters: its articles of each, the largest cluster first."""

    story_id: str | None
    title: str | None
    clusters: dict[str, tuple[str, ...]]


class ClusterFigures(Printed):
    """How well the stories agree with labelled clusters, over the `articles` that have a label and are in a story.

    `kind` is the field with the label. `absent` articles have a label and are in no story.
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


class MissCount(Printed):
    """How many misses of one kind have one cause."""

    kind: MissKind
    cause: Cause
    pairs: int


class MissSide(Printed):
    """One article of a miss; `uncovered` are its sentences that are not aligned with any on the other side."""

    article_id: str
    title: str | None
    story_id: str | None
    uncovered: tuple[str, ...] = ()


class AlignedTexts(Printed):
    """Two aligned sentences in full, and the similarity of their wording, 0 to 1."""

    a: str
    b: str
    verbatim: float


class Miss(Printed):
    """A labelled pair that was wrongly merged or missed, with its evidence. Without the texts the stories give little.

    `relation` and `direction` are those of b to a, as if a were the base. `cause` is where the run went wrong: the
    pair's own `score`, the `clustering` in spite of it, or `candidates` if a pair with a sufficient score was not a
    candidate pair.
    """

    kind: MissKind
    cause: Cause
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


class StatementFigures(Printed):
    """How fit to print canonical articles are, by statements labelled in their variants; shares are 0 to 1.

    `complete_stories` have all their labelled variants. `unmatched` sentences are in no labelled unit. `boilerplate` is
    the share of the words that are in units which are not part of a report; `repeated` the share of the sentences that
    make statements of which none is new (`repeated_in_best`: in the best variant alone); `lost` the share of the
    statements of the variants' reports that no sentence of the text makes, of which `listed` are in `additions` or
    `superseded`. `base_right`: the base is the variant that an editor would start from, or has the same report.
    """

    stories: int
    complete_stories: int
    sentences: int
    unmatched: int
    boilerplate: float
    repeated: float
    repeated_in_best: float
    statements: int
    lost: float
    listed: int
    base_right: int


class Evaluation(Printed):
    """Stories compared with labels: the JSON document that `newsdedup evaluate --format json` prints.

    Without labelled pairs `pairs`, `relations` and `miss_counts` are empty and `relation_right` is None. `threshold` is
    the setting `min_probability` of the run, None if the stories came from a file.
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
    statements: StatementFigures | None = None
    notes: tuple[str, ...] = ()
