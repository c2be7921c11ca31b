"""Full clusters against stories: B-cubed, adjusted Rand index, homogeneity, completeness and V-measure.

All are computed from the table of how many articles each cluster and each story have in common. B-cubed: Bagga and
Baldwin 1998; adjusted Rand index: Hubert and Arabie 1985; V-measure: Rosenberg and Hirschberg 2007. Sums are exact
(`math.fsum`), so that the order of articles cannot show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, fsum, log

from newsdedup.evaluation.labels import Kind, StoryRow
from newsdedup.evaluation.pairs import DECIMALS
from newsdedup.models.evaluation import ClusterFigures, MixedStory


@dataclass(frozen=True)
class Agreement:
    """How many articles lie in each (cluster, story), in each cluster, in each story, and in all."""

    both: Mapping[tuple[str, int], int]
    clusters: Mapping[str, int]
    stories: Mapping[int, int]
    articles: int

    @classmethod
    def of(cls, placed: Iterable[tuple[str, int]]) -> Agreement:
        """Count the (cluster, story) of every article."""
        both = Counter(placed)
        clusters: Counter[str] = Counter()
        stories: Counter[int] = Counter()
        for (cluster, story), n in both.items():
            clusters[cluster] += n
            stories[story] += n
        return cls(both, clusters, stories, both.total())

    def bcubed(self) -> tuple[float, float, float]:
        """Return B-cubed precision, recall and F1: the mean share of an article's story that is of its cluster, ..."""
        precision = fsum(n * n / self.stories[story] for (_, story), n in self.both.items()) / max(1, self.articles)
        recall = fsum(n * n / self.clusters[cluster] for (cluster, _), n in self.both.items()) / max(1, self.articles)
        return precision, recall, _harmonic(precision, recall)

    def adjusted_rand(self) -> float:
        """Return the share of pairs on which both agree, 0 where it is what chance gives, 1 where they are equal."""
        same = sum(comb(n, 2) for n in self.both.values())
        in_clusters, in_stories = (sum(comb(n, 2) for n in x.values()) for x in (self.clusters, self.stories))
        if same == in_clusters == in_stories:
            return 1.0
        expected = in_clusters * in_stories / comb(self.articles, 2)
        return (same - expected) / ((in_clusters + in_stories) / 2 - expected)

    def homogeneity_completeness(self) -> tuple[float, float]:
        """Return how far each story is of one cluster, and how far each cluster is in one story."""
        parts = [
            (n, log(n) + log(self.articles) - log(self.clusters[cluster]) - log(self.stories[story]))
            for (cluster, story), n in self.both.items()
        ]
        information = fsum(n * part for n, part in parts) / max(1, self.articles)
        one, other = (self._entropy(x.values()) for x in (self.clusters, self.stories))
        return (
            min(1.0, max(0.0, information / one)) if one else 1.0,
            min(1.0, max(0.0, information / other)) if other else 1.0,
        )

    def _entropy(self, sizes: Iterable[int]) -> float:
        return -fsum(n / self.articles * log(n / self.articles) for n in sizes)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def cluster_figures(
    kind: Kind, labels: Mapping[str, str], stories: Sequence[StoryRow], home: Mapping[str, int]
) -> ClusterFigures:
    """Return the figures of one kind of full clusters; `home` is each article's place in `stories`."""
    found = Agreement.of((name, home[article]) for article, name in labels.items() if article in home)
    precision, recall, f1 = found.bcubed()
    homogeneity, completeness = found.homogeneity_completeness()
    inside: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for article in sorted(labels.keys() & home.keys()):
        inside[home[article]][labels[article]].append(article)
    mixed = sorted(
        (number for number, names in inside.items() if len(names) > 1),
        key=lambda number: (
            -found.stories[number],
            stories[number].story_id or "",
            stories[number].variants[0].article_id,
        ),
    )
    return ClusterFigures(
        kind=kind,
        articles=found.articles,
        absent=len(labels) - found.articles,
        clusters=len(found.clusters),
        stories=len(found.stories),
        bcubed_precision=round(precision, DECIMALS),
        bcubed_recall=round(recall, DECIMALS),
        bcubed_f1=round(f1, DECIMALS),
        adjusted_rand=round(found.adjusted_rand(), DECIMALS),
        homogeneity=round(homogeneity, DECIMALS),
        completeness=round(completeness, DECIMALS),
        v_measure=round(_harmonic(homogeneity, completeness), DECIMALS),
        largest_story=max(found.stories.values(), default=0),
        mixed_stories=tuple(
            MixedStory(
                story_id=stories[number].story_id,
                title=stories[number].title,
                clusters={
                    name: tuple(ids)
                    for name, ids in sorted(inside[number].items(), key=lambda each: (-len(each[1]), each[0]))
                },
            )
            for number in mixed
        ),
    )
