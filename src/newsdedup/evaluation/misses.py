"""Labelled pairs on the wrong side, the worst first, with the evidence for and against each.

The worst of all are wrong merges, the surest first; then come missed duplicates, the least likely first. With the texts
every miss names its cause, so that whoever mends it knows which stage to open; a file of stories tells less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from newsdedup.evaluation.labels import LabelledPair, StoryRow, VariantRow
from newsdedup.models import Direction, Relation, Report, Score
from newsdedup.models.comparison import ComparedSignal
from newsdedup.models.evaluation import AlignedTexts, AskedPair, Miss, MissCount, MissSide

Cause = Literal["score", "clustering", "candidates", "no_report", "unknown"]
_TURNED = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Stood:
    """How b stands to a: `probability` and `relation` are None where nothing tells."""

    probability: float | None = None
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN


@dataclass(frozen=True, slots=True)
class Placed:
    """A labelled pair, where its articles ended, and what the run made of the pair where it was asked."""

    pair: LabelledPair
    story_a: StoryRow
    story_b: StoryRow
    variant_a: VariantRow
    variant_b: VariantRow
    asked: AskedPair | None

    @property
    def merged(self) -> bool:
        """Whether both ended in one story."""
        return self.story_a is self.story_b

    @property
    def stood(self) -> Stood:
        """How b stands to a: as the pair scorer says, else as the story says where one of the two is its base."""
        if self.asked is not None:
            found = self.asked.score
            return Stood(found.probability, found.relation, found.direction) if found else Stood(0.0)
        if not self.merged:
            return Stood()
        a, b = self.variant_a, self.variant_b
        if a.relation is Relation.BASE:
            return Stood(b.probability, b.relation, b.direction)
        if b.relation is Relation.BASE:
            return Stood(a.probability, a.relation, _TURNED[a.direction])
        return Stood()


def cause_of(placed: Placed, threshold: float) -> Cause:
    """Tell which stage put a pair on the wrong side."""
    asked = placed.asked
    if asked is None:
        return "unknown"
    if asked.score is None:
        return "no_report"
    likely = asked.score.probability >= threshold
    if placed.merged:
        return "score" if likely else "clustering"
    if not likely:
        return "score"
    return "clustering" if asked.candidate else "candidates"


def wrong(placed: Iterable[Placed]) -> list[Placed]:
    """Return the pairs on the wrong side, the worst first; ties by the ids."""
    return sorted((each for each in placed if each.merged != each.pair.duplicate), key=_badness)


def _badness(placed: Placed) -> tuple[bool, float, str, str]:
    probability = placed.stood.probability
    if placed.merged:
        return False, -(-1.0 if probability is None else probability), placed.pair.a, placed.pair.b
    return True, 2.0 if probability is None else probability, placed.pair.a, placed.pair.b


def count_misses(found: Iterable[Placed], threshold: float) -> tuple[MissCount, ...]:
    """Return how many misses of each kind came about in each way, most first."""
    counts = Counter((_kind(each), cause_of(each, threshold)) for each in found)
    ordered = sorted(counts.items(), key=lambda each: (each[0][0] != "wrong_merge", -each[1], each[0][1]))
    return tuple(MissCount(kind=kind, cause=cause, pairs=pairs) for (kind, cause), pairs in ordered)


def tell(placed: Placed, threshold: float) -> Miss:
    """Return a miss with all its evidence."""
    stood, asked = placed.stood, placed.asked
    score = asked.score if asked else None
    a, b = (asked.a, asked.b) if asked else (None, None)
    return Miss(
        kind=_kind(placed),
        cause=cause_of(placed, threshold),
        label=placed.pair.relation,
        set=placed.pair.set,
        probability=stood.probability,
        candidate=asked.candidate if asked else None,
        relation=stood.relation,
        direction=stood.direction,
        a=_side(placed.story_a, placed.variant_a, a, [each.a for each in score.aligned] if score else ()),
        b=_side(placed.story_b, placed.variant_b, b, [each.b for each in score.aligned] if score else ()),
        signals=_signals(score) if score else (),
        aligned=_aligned(asked.a, asked.b, score) if asked and score else (),
    )


def _kind(placed: Placed) -> Literal["wrong_merge", "missed_duplicate"]:
    return "wrong_merge" if placed.merged else "missed_duplicate"


def _signals(score: Score) -> tuple[ComparedSignal, ...]:
    """Return the signals, the largest part first."""
    ranked = sorted(score.signals, key=lambda each: (-abs(each.contribution), each.name))
    return tuple(
        ComparedSignal(name=each.name, value=each.value, contribution=each.contribution, meaning=each.meaning)
        for each in ranked
    )


def _side(story: StoryRow, variant: VariantRow, report: Report | None, aligned: Sequence[int]) -> MissSide:
    covered = set(aligned)
    return MissSide(
        article_id=variant.article_id,
        title=report.title if report else variant.title,
        story_id=story.story_id,
        uncovered=tuple(text for i, text in enumerate(report.sentences) if i not in covered) if report else (),
    )


def _aligned(a: Report, b: Report, score: Score) -> tuple[AlignedTexts, ...]:
    one, other = a.sentences, b.sentences
    return tuple(AlignedTexts(a=one[each.a], b=other[each.b], verbatim=each.verbatim) for each in score.aligned)
