"""Misses: wrong merges and missed duplicates among the labelled pairs, the worst first, each with its evidence.

Wrong merges come first, by falling probability; then missed duplicates, by rising probability. If the texts are
available, every miss names its cause, that is the stage to fix; a file of stories does not show the cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from newsdedup.evaluation.labels import StoryRow, VariantRow
from newsdedup.evaluation.pairs import PlacedPair
from newsdedup.models import Aligned, Report, Signal
from newsdedup.models.comparison import ComparedSignal
from newsdedup.models.evaluation import AlignedTexts, Cause, Miss, MissCount, MissKind, MissSide


def find_cause(placed_pair: PlacedPair, threshold: float) -> Cause:
    """Return the stage that caused a miss."""
    scored_pair = placed_pair.scored_pair
    if scored_pair is None:
        return "unknown"
    if scored_pair.score is None:
        return "no_report"
    is_likely = scored_pair.score.probability >= threshold
    if placed_pair.is_merged == is_likely:
        return "score"
    return "clustering" if placed_pair.is_merged or scored_pair.candidate else "candidates"


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
    pair, result, scored_pair = placed_pair.pair, placed_pair.result, placed_pair.scored_pair
    score = scored_pair.score if scored_pair else None
    aligned = score.aligned if score else ()
    report_a, report_b = (scored_pair.a, scored_pair.b) if scored_pair else (None, None)
    return Miss(
        kind=_miss_kind(placed_pair),
        cause=find_cause(placed_pair, threshold),
        label=pair.relation,
        set=pair.set,
        probability=result.probability,
        candidate=scored_pair.candidate if scored_pair else None,
        relation=result.relation,
        direction=result.direction,
        a=_build_side(placed_pair.story_a, placed_pair.variant_a, report_a, {sentences.a for sentences in aligned}),
        b=_build_side(placed_pair.story_b, placed_pair.variant_b, report_b, {sentences.b for sentences in aligned}),
        signals=_rank_signals(score.signals) if score else (),
        aligned=_quote_alignment(report_a, report_b, aligned) if report_a and report_b else (),
    )


def _miss_kind(placed_pair: PlacedPair) -> MissKind:
    return "wrong_merge" if placed_pair.is_merged else "missed_duplicate"


def _rank_signals(signals: Sequence[Signal]) -> tuple[ComparedSignal, ...]:
    """Return the signals by falling absolute contribution."""
    ranked = sorted(signals, key=lambda signal: (-abs(signal.contribution), signal.name))
    return tuple(ComparedSignal(**asdict(signal)) for signal in ranked)


def _build_side(story: StoryRow, variant: VariantRow, report: Report | None, covered: set[int]) -> MissSide:
    return MissSide(
        article_id=variant.article_id,
        title=report.title if report else variant.title,
        story_id=story.story_id,
        uncovered=tuple(text for i, text in enumerate(report.sentences) if i not in covered) if report else (),
    )


def _quote_alignment(a: Report, b: Report, aligned: Sequence[Aligned]) -> tuple[AlignedTexts, ...]:
    sentences_a, sentences_b = a.sentences, b.sentences
    return tuple(AlignedTexts(a=sentences_a[x.a], b=sentences_b[x.b], verbatim=x.verbatim) for x in aligned)
