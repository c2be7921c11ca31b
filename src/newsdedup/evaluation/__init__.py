"""Stories held against labels: how many of the labelled pairs came out right, and what went wrong with the others.

`read_labels` and `read_stories` read the two; `evaluate` is pure. Labelled pairs give precision, recall and F1 with
intervals and tell whether the relation is right (`pairs`); full clusters give B-cubed, adjusted Rand index and
V-measure (`clusters`); what is on the wrong side comes out with its evidence, the worst first (`misses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from newsdedup.errors import LabelsError
from newsdedup.evaluation.clusters import cluster_figures
from newsdedup.evaluation.labels import LabelledPair, Labels, StoryRow, VariantRow, read_labels, read_stories, some
from newsdedup.evaluation.misses import Placed, count_misses, tell, wrong
from newsdedup.evaluation.pairs import Outcome, pair_figures, relation_figures, relation_right
from newsdedup.models import Story
from newsdedup.models.evaluation import AskedPair, Evaluation

__all__ = ["LabelledPair", "Labels", "StoryRow", "VariantRow", "evaluate", "read_labels", "read_stories", "rows_of"]

Key = tuple[str, str]


def rows_of(stories: Iterable[Story]) -> tuple[StoryRow, ...]:
    """Return what `evaluate` needs of the stories of a result."""
    return tuple(StoryRow.model_validate(story) for story in stories)


def evaluate(
    labels: Labels,
    stories: Sequence[StoryRow],
    *,
    asked: Mapping[Key, AskedPair] | None = None,
    threshold: float | None = None,
    misses: int = 0,
) -> Evaluation:
    """Return all figures of `stories` against `labels`, with the `misses` worst misses in full.

    `asked` holds what the run that made the stories says of each labelled pair, and `threshold` its `min_probability`;
    without them a relation is known only where one of the pair is the base, and no miss has a cause. Raises LabelsError
    where an article that must be in a story is in none, or one is in two.
    """
    home, variants = _homes(stories)
    _check_present(labels, home)
    placed = [
        Placed(
            pair=pair,
            story_a=stories[home[pair.a]],
            story_b=stories[home[pair.b]],
            variant_a=variants[pair.a],
            variant_b=variants[pair.b],
            asked=asked[pair.a, pair.b] if asked is not None else None,
        )
        for pair in labels.pairs
    ]
    outcomes = [Outcome(each.pair, each.merged, each.stood.relation) for each in placed]
    worst, bound = wrong(placed), 0.0 if threshold is None else threshold
    return Evaluation(
        articles=len(home),
        stories=len(stories),
        threshold=threshold,
        pairs=pair_figures(outcomes),
        relations=relation_figures(outcomes),
        relation_right=relation_right(outcomes) if outcomes else None,
        clusters=tuple(cluster_figures(kind, found, stories, home) for kind, found in labels.clusters.items()),
        miss_counts=count_misses(worst, bound),
        misses=tuple(tell(each, bound) for each in worst[:misses]),
        notes=_notes(labels, texts=asked is not None),
    )


def _homes(stories: Sequence[StoryRow]) -> tuple[dict[str, int], dict[str, VariantRow]]:
    """Return each article's place in `stories`, and the article as a variant."""
    home: dict[str, int] = {}
    variants: dict[str, VariantRow] = {}
    for number, story in enumerate(stories):
        for variant in story.variants:
            if variant.article_id in home:
                raise LabelsError(
                    f"article '{variant.article_id}' stands twice in the stories; give the stories of one run"
                )
            home[variant.article_id] = number
            variants[variant.article_id] = variant
    return home, variants


def _check_present(labels: Labels, home: Mapping[str, int]) -> None:
    if absent := sorted(labels.required - set(home)):
        raise LabelsError(
            f"{len(absent):,} of {len(labels.required):,} labelled articles are in no story: {some(absent)}; "
            "give the files they are in, or choose sets with --sets"
        )
    for kind, found in labels.clusters.items():
        if not any(article in home for article in found):
            raise LabelsError(
                f"none of the {len(found):,} articles labelled by {kind} is in a story: {some(sorted(found))}; "
                "give the files they are in"
            )


def _notes(labels: Labels, *, texts: bool) -> tuple[str, ...]:
    notes = []
    if labels.pairs:
        notes.append(
            "Intervals are 95 % bootstrap intervals over pairs; pairs that share an article or an event hang together, "
            "so the truth may lie further off."
        )
    if labels.pairs and not texts:
        notes.append(
            "The texts are not in a file of stories: relations are checked only where one of the pair is the base, and "
            "misses have no signals, no sentences and no cause. Give the articles' PATHS for these."
        )
    if "event" in labels.clusters:
        notes.append(
            "Events are wider than stories: B-cubed precision, homogeneity and mixed stories tell of wrong merges, but "
            "recall, completeness and the Rand index are low by nature."
        )
    return tuple(notes)
