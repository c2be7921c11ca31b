"""Misses: wrong merges and missed duplicates among the labelled pairs, the worst first, each with its evidence.

Wrong merges come first, by falling probability; then missed duplicates, by rising probability. If the texts are
available, every miss names its cause, that is the stage to fix; a file of stories does not show the cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from newsdedup.evaluation.labels import LabelledPair, StoryRow, VariantRow
from newsdedup.models import Direction, Relation, Report, Score
from newsdedup.models.comparison import ComparedSignal
from newsdedup.models.evaluation import AlignedTexts, Miss, MissCount, MissSide, RequestedPair

Cause = Literal["score", "clustering", "candidates", "no_report", "unknown"]
_REVERSED = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class PairResult:
    """The relation of b to a; `probability` and `relation` are None if unknown."""

    probability: float | None = None
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A labelled pair, the stories that contain its articles, and the score of the pair if it was requested."""

    pair: LabelledPair
    story_a: StoryRow
    story_b: StoryRow
    variant_a: VariantRow
    variant_b: VariantRow
    scored_pair: RequestedPair | None

    @property
    def is_merged(self) -> bool:
        """Whether both articles are in one story."""
        return self.story_a is self.story_b

    @property
    def result(self) -> PairResult:
        """The relation of b to a: from the pair's score, else from the story if one of the two is its base."""
        if self.scored_pair is not None:
            score = self.scored_pair.score
            return PairResult(score.probability, score.relation, score.direction) if score else PairResult(0.0)
        if not self.is_merged:
            return PairResult()
        a, b = self.variant_a, self.variant_b
        if a.relation is Relation.BASE:
            return PairResult(b.probability, b.relation, b.direction)
        if b.relation is Relation.BASE:
            return PairResult(a.probability, a.relation, _REVERSED[a.direction])
        return PairResult()


def find_cause(placed_pair: PlacedPair, threshold: float) -> Cause:
    """Return the stage that caused a miss."""
    scored_pair = placed_pair.scored_pair
    if scored_pair is None:
        return "unknown"
    if scored_pair.score is None:
        return "no_report"
    is_likely = scored_pair.score.probability >= threshold
    if placed_pair.is_merged:
        return "score" if is_likely else "clustering"
    if not is_likely:
        return "score"
    return "clustering" if scored_pair.candidate else "candidates"


def find_misses(placed_pairs: Iterable[PlacedPair]) -> list[PlacedPair]:
    """Return the wrong merges and missed duplicates, the worst first; ties are broken by the article ids."""
    return sorted((pair for pair in placed_pairs if pair.is_merged != pair.pair.duplicate), key=_sort_key)


def _sort_key(placed_pair: PlacedPair) -> tuple[bool, float, str, str]:
    probability = placed_pair.result.probability
    if placed_pair.is_merged:
        return False, -(-1.0 if probability is None else probability), placed_pair.pair.a, placed_pair.pair.b
    return True, 2.0 if probability is None else probability, placed_pair.pair.a, placed_pair.pair.b


def count_misses(misses: Iterable[PlacedPair], threshold: float) -> tuple[MissCount, ...]:
    """Return the number of misses by kind and cause: wrong merges first, then by falling number."""
    counts = Counter((_miss_kind(miss), find_cause(miss, threshold)) for miss in misses)
    ordered = sorted(counts.items(), key=lambda count: (count[0][0] != "wrong_merge", -count[1], count[0][1]))
    return tuple(MissCount(kind=kind, cause=cause, pairs=pairs) for (kind, cause), pairs in ordered)


def build_miss(placed_pair: PlacedPair, threshold: float) -> Miss:
    """Return a miss with all its evidence."""
    result, scored_pair = placed_pair.result, placed_pair.scored_pair
    score = scored_pair.score if scored_pair else None
    a, b = (scored_pair.a, scored_pair.b) if scored_pair else (None, None)
    return Miss(
        kind=_miss_kind(placed_pair),
        cause=find_cause(placed_pair, threshold),
        label=placed_pair.pair.relation,
        set=placed_pair.pair.set,
        probability=result.probability,
        candidate=scored_pair.candidate if scored_pair else None,
        relation=result.relation,
        direction=result.direction,
        a=_build_side(
            placed_pair.story_a, placed_pair.variant_a, a, [aligned.a for aligned in score.aligned] if score else ()
        ),
        b=_build_side(
            placed_pair.story_b, placed_pair.variant_b, b, [aligned.b for aligned in score.aligned] if score else ()
        ),
        signals=_rank_signals(score) if score else (),
        aligned=_quote_alignment(scored_pair.a, scored_pair.b, score) if scored_pair and score else (),
    )


def _miss_kind(placed_pair: PlacedPair) -> Literal["wrong_merge", "missed_duplicate"]:
    return "wrong_merge" if placed_pair.is_merged else "missed_duplicate"


def _rank_signals(score: Score) -> tuple[ComparedSignal, ...]:
    """Return the signals by falling absolute contribution."""
    ranked = sorted(score.signals, key=lambda signal: (-abs(signal.contribution), signal.name))
    return tuple(
        ComparedSignal(name=signal.name, value=signal.value, contribution=signal.contribution, meaning=signal.meaning)
        for signal in ranked
    )


def _build_side(story: StoryRow, variant: VariantRow, report: Report | None, aligned: Sequence[int]) -> MissSide:
    covered = set(aligned)
    return MissSide(
        article_id=variant.article_id,
        title=report.title if report else variant.title,
        story_id=story.story_id,
        uncovered=tuple(text for i, text in enumerate(report.sentences) if i not in covered) if report else (),
    )


def _quote_alignment(a: Report, b: Report, score: Score) -> tuple[AlignedTexts, ...]:
    sentences_a, sentences_b = a.sentences, b.sentences
    return tuple(
        AlignedTexts(a=sentences_a[aligned.a], b=sentences_b[aligned.b], verbatim=aligned.verbatim)
        for aligned in score.aligned
    )
