"""What `compare` prints: one pair explained."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from newsdedup.models.articles import Direction, Printed, Relation, Removed
from newsdedup.models.stories import SCHEMA_VERSION, Conflict


class ComparedReport(Printed):
    """One side of a comparison: the report as it was matched, and what was removed from its page."""

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


class ComparedSignal(Printed):
    """One signal of the score: its value, its contribution to the log-odds (positive: same report), and its meaning."""

    name: str
    value: float
    contribution: float
    meaning: str


class AlignedSentences(Printed):
    """Sentence `a` of one report, aligned with sentence `b` of the other; both are counted from 0.

    `covered_a` is how much of the first the second covers, `covered_b` the reverse, `verbatim` the similarity of the
    wording; each 0 to 1.
    """

    a: int
    b: int
    covered_a: float
    covered_b: float
    verbatim: float


class Comparison(Printed):
    """One pair explained: the JSON document that `newsdedup compare --format json` prints.

    `same_report` is `probability >= threshold`. `relation`, of `b` to `a`, is None if it is false. `only_a` and
    `only_b` are the indices of the sentences that nothing on the other side covers.
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
