"""Full clusters against stories: B-cubed, adjusted Rand index, homogeneity, completeness and V-measure.

All are computed from the contingency table: how many articles each cluster and each story have in common. B-cubed:
Bagga and Baldwin 1998; adjusted Rand index: Hubert and Arabie 1985; V-measure: Rosenberg and Hirschberg 2007. Sums are
exact (`math.fsum`), so the order of the articles makes no difference.
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
class ContingencyTable:
    """How many articles are in each (cluster, story), in each cluster, in each story, and in total."""

    cells: Mapping[tuple[str, int], int]
    clusters: Mapping[str, int]
    stories: Mapping[int, int]
    articles: int

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, int]]) -> ContingencyTable:
        """Count the (cluster, story) of every article."""
        cells = Counter(pairs)
        clusters: Counter[str] = Counter()
        stories: Counter[int] = Counter()
        for (cluster, story), n in cells.items():
            clusters[cluster] += n
            stories[story] += n
        return cls(cells, clusters, stories, cells.total())

    def bcubed_scores(self) -> tuple[float, float, float]:
        """Return B-cubed precision, recall and F1, each 0 to 1.

        Precision is the mean, over articles, of the share of their story that belongs to their cluster; recall is the
        mean share of their cluster that is in their story.
        """
        precision = fsum(n * n / self.stories[story] for (_, story), n in self.cells.items()) / max(1, self.articles)
        recall = fsum(n * n / self.clusters[cluster] for (cluster, _), n in self.cells.items()) / max(1, self.articles)
        return precision, recall, _harmonic_mean(precision, recall)

    def adjusted_rand(self) -> float:
        """Return the adjusted Rand index: 1 for equal partitions, 0 for agreement by chance, below 0 for less."""
        same = sum(comb(n, 2) for n in self.cells.values())
        in_clusters, in_stories = (sum(comb(n, 2) for n in sizes.values()) for sizes in (self.clusters, self.stories))
        if same == in_clusters == in_stories:
            return 1.0
        expected = in_clusters * in_stories / comb(self.articles, 2)
        return (same - expected) / ((in_clusters + in_stories) / 2 - expected)

    def homogeneity_completeness(self) -> tuple[float, float]:
        """Return homogeneity (1 if each story has one cluster) and completeness (1 if each cluster is in one story)."""
        mutual_information = fsum(
            n * (log(n) + log(self.articles) - log(self.clusters[cluster]) - log(self.stories[story]))
            for (cluster, story), n in self.cells.items()
        ) / max(1, self.articles)
        entropies = (self._compute_entropy(sizes.values()) for sizes in (self.clusters, self.stories))
        homogeneity, completeness = (
            min(1.0, max(0.0, mutual_information / entropy)) if entropy else 1.0 for entropy in entropies
        )
        return homogeneity, completeness

    def _compute_entropy(self, sizes: Iterable[int]) -> float:
        return -fsum(n / self.articles * log(n / self.articles) for n in sizes)


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def compute_cluster_figures(
    kind: Kind, labels: Mapping[str, str], stories: Sequence[StoryRow], story_of: Mapping[str, int]
) -> ClusterFigures:
    """Return the figures of one kind of full clusters; `story_of` gives each article's index in `stories`."""
    table = ContingencyTable.from_pairs(
        (name, story_of[article]) for article, name in labels.items() if article in story_of
    )
    precision, recall, f1 = table.bcubed_scores()
    homogeneity, completeness = table.homogeneity_completeness()
    return ClusterFigures(
        kind=kind,
        articles=table.articles,
        absent=len(labels) - table.articles,
        clusters=len(table.clusters),
        stories=len(table.stories),
        bcubed_precision=round(precision, DECIMALS),
        bcubed_recall=round(recall, DECIMALS),
        bcubed_f1=round(f1, DECIMALS),
        adjusted_rand=round(table.adjusted_rand(), DECIMALS),
        homogeneity=round(homogeneity, DECIMALS),
        completeness=round(completeness, DECIMALS),
        v_measure=round(_harmonic_mean(homogeneity, completeness), DECIMALS),
        largest_story=max(table.stories.values(), default=0),
        mixed_stories=_list_mixed_stories(labels, stories, story_of),
    )


def _list_mixed_stories(
    labels: Mapping[str, str], stories: Sequence[StoryRow], story_of: Mapping[str, int]
) -> tuple[MixedStory, ...]:
    """Return the stories of several clusters, those with most labelled articles first."""
    ids_by_story: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for article in sorted(labels.keys() & story_of.keys()):
        ids_by_story[story_of[article]][labels[article]].append(article)
    mixed = [(stories[index], clusters) for index, clusters in ids_by_story.items() if len(clusters) > 1]
    mixed.sort(key=lambda row: (-sum(map(len, row[1].values())), row[0].story_id or "", row[0].variants[0].article_id))
    mixed_stories = []
    for story, clusters in mixed:
        largest_first = sorted(clusters.items(), key=lambda item: (-len(item[1]), item[0]))
        ids = {name: tuple(ids) for name, ids in largest_first}
        mixed_stories.append(MixedStory(story_id=story.story_id, title=story.title, clusters=ids))
    return tuple(mixed_stories)
