"""Evaluation of stories against labels: how many labelled pairs are right, and what went wrong with the others.

`evaluate` is for programs; `score_stories` is the pure function behind it and the command. Labelled pairs give
precision, recall and F1 with intervals, and the accuracy of the relations (`pairs`); full clusters give B-cubed,
adjusted Rand index and V-measure (`clusters`); wrong merges and missed duplicates are listed with their evidence, the
worst first (`misses`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from newsdedup.errors import LabelsError
from newsdedup.evaluation.clusters import compute_cluster_figures
from newsdedup.evaluation.labels import (
    NO_LABELS,
    LabelledPair,
    Labels,
    StoryRow,
    VariantRow,
    labels_from_rows,
    list_names,
    read_labels,
    read_stories,
)
from newsdedup.evaluation.misses import build_miss, count_misses, find_misses
from newsdedup.evaluation.pairs import PlacedPair, check_relations, compute_pair_figures, compute_relation_figures
from newsdedup.evaluation.statements import LabelledStory, read_statements, score_statements
from newsdedup.models import Result, Story
from newsdedup.models.evaluation import Evaluation, RequestedPair

__all__ = [
    "NO_LABELS",
    "LabelledPair",
    "LabelledStory",
    "Labels",
    "StoryRow",
    "VariantRow",
    "evaluate",
    "read_labels",
    "read_statements",
    "read_stories",
    "score_statements",
    "score_stories",
    "story_rows",
]

Key = tuple[str, str]


def story_rows(stories: Iterable[Story]) -> tuple[StoryRow, ...]:
    """Return the stories of a result in the form that `score_stories` takes."""
    return tuple(StoryRow.model_validate(story) for story in stories)


def evaluate(
    stories: Result | Iterable[Story] | str | os.PathLike[str],
    labels: Iterable[Mapping[str, object]] | str | os.PathLike[str],
    *,
    misses: int = 0,
) -> Evaluation:
    """Return how well stories agree with labels, with the `misses` worst misses in full.

    `stories` is the result of `dedupe`, any stories, or the path of a file with the output of `ingest --format jsonl`
    or `json`. `labels` is the path of a JSON Lines file or its rows: mappings with `a`, `b` and `duplicate` for a pair,
    or `id` and `story`, `cluster` or `event` for an article (docs/output.md). Raises LabelsError if one of the two
    cannot be used, or if a labelled article is in no story.
    """
    if isinstance(stories, str | os.PathLike):
        rows = read_stories(os.fspath(stories))
    else:
        rows = story_rows(stories.stories if isinstance(stories, Result) else stories)
    if isinstance(labels, str | os.PathLike):
        return score_stories(read_labels(os.fspath(labels)), rows, misses=misses)
    return score_stories(labels_from_rows(labels), rows, misses=misses)


def score_stories(
    labels: Labels,
    stories: Sequence[StoryRow],
    *,
    scored_pairs: Mapping[Key, RequestedPair] | None = None,
    statements: Sequence[LabelledStory] = (),
    threshold: float | None = None,
    misses: int = 0,
) -> Evaluation:
    """Return all figures of `stories` against `labels`, with the `misses` worst misses in full.

    `statements` are stories labelled by statement (see `statements`). `scored_pairs` holds the score that the run
    gave to each labelled pair, and `threshold` is its `min_probability`. Without them, a relation is known only if
    one of the pair is the base of the story, and misses have no cause. Raises LabelsError if a required article is
    in no story, or if an article is in the stories twice.
    """
    story_of, variants = _index_articles(stories)
    _check_present(labels, story_of)
    placed_pairs = [
        PlacedPair(
            pair=pair,
            story_a=stories[story_of[pair.a]],
            story_b=stories[story_of[pair.b]],
            variant_a=variants[pair.a],
            variant_b=variants[pair.b],
            scored_pair=scored_pairs[pair.a, pair.b] if scored_pairs is not None else None,
        )
        for pair in labels.pairs
    ]
    missed, min_probability = find_misses(placed_pairs), 0.0 if threshold is None else threshold
    return Evaluation(
        articles=len(story_of),
        stories=len(stories),
        threshold=threshold,
        pairs=compute_pair_figures(placed_pairs),
        relations=compute_relation_figures(placed_pairs),
        relation_right=check_relations(placed_pairs) if placed_pairs else None,
        clusters=tuple(
            compute_cluster_figures(kind, labels_of_kind, stories, story_of)
            for kind, labels_of_kind in labels.clusters.items()
        ),
        miss_counts=count_misses(missed, min_probability),
        misses=tuple(build_miss(placed, min_probability) for placed in missed[:misses]),
        statements=score_statements(statements, stories) if statements else None,
        notes=_list_notes(labels, has_texts=scored_pairs is not None),
    )


def _index_articles(stories: Sequence[StoryRow]) -> tuple[dict[str, int], dict[str, VariantRow]]:
    """Return for each article id its index in `stories`, and its variant."""
    story_of: dict[str, int] = {}
    variants: dict[str, VariantRow] = {}
    for index, story in enumerate(stories):
        for variant in story.variants:
            if variant.article_id in story_of:
                raise LabelsError(
                    f"article '{variant.article_id}' is in the stories twice; give the stories of a single run"
                )
            story_of[variant.article_id] = index
            variants[variant.article_id] = variant
    return story_of, variants


def _check_present(labels: Labels, story_of: Mapping[str, int]) -> None:
    if missing := sorted(labels.required - set(story_of)):
        raise LabelsError(
            f"{len(missing):,} of {len(labels.required):,} labelled articles are in no story: {list_names(missing)}; "
            "give the files they are in, or choose sets with --sets"
        )
    for kind, article_labels in labels.clusters.items():
        if not any(article in story_of for article in article_labels):
            raise LabelsError(
                f"none of the {len(article_labels):,} articles labelled by {kind} is in a story: "
                f"{list_names(sorted(article_labels))}; give the files they are in"
            )


def _list_notes(labels: Labels, *, has_texts: bool) -> tuple[str, ...]:
    notes = []
    if labels.pairs:
        notes.append(
            "Intervals are 95 % bootstrap intervals over pairs; pairs that share an article or an event are "
            "correlated, so the true intervals are wider."
        )
    if labels.pairs and not has_texts:
        notes.append(
            "The stories come without the scores of the labelled pairs: relations are checked only if one of the pair "
            "is the base, and misses have no signals, sentences or cause. 'newsdedup evaluate LABELS PATHS' has these."
        )
    if "event" in labels.clusters:
        notes.append(
            "Events are wider than stories: B-cubed precision, homogeneity and mixed stories show wrong merges, but "
            "recall, completeness and the Rand index are inherently low."
        )
    return tuple(notes)
