"""Articles to clusters of those that tell the same report: clean, fingerprint, candidates, score, cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from newsdedup.candidates import candidates
from newsdedup.clean import clean, count_lines
from newsdedup.cluster import Cluster, Pair, cluster
from newsdedup.config import Config
from newsdedup.fingerprint import fingerprint, same_text
from newsdedup.models import Article
from newsdedup.pipeline.workers import ARTICLES_A_CHUNK, PAIRS_A_CHUNK, Progress, Resources, in_chunks
from newsdedup.profile import Profile
from newsdedup.score import NAMES, measure_ordered


@dataclass(frozen=True)
class Matched:
    """Articles as they were matched: `profiles` in their order, and by `groups` those of one text, as places in it.

    `scored` (pairs that are worth it, with their probability), `templates` (those of them that are one template filled
    in anew, or notes of one series) and `clusters` are over groups, by number.
    """

    resources: Resources
    groups: Sequence[Sequence[int]]
    scored: Mapping[Pair, float]
    templates: AbstractSet[Pair]
    clusters: Sequence[Cluster]

    @property
    def profiles(self) -> Sequence[Profile]:
        """The profile of every article, in the order in which they were given."""
        return self.resources.profiles


def match(
    articles: Sequence[Article],
    resources: Resources,
    config: Config,
    workers: int,
    progress: Progress,
    wanted: frozenset[int] | None = None,
) -> Matched:
    """Return the clusters of `articles`, which must have ids of their own and be in content order.

    With `wanted`, places in `articles`, no more pairs are scored than it takes to know the clusters of these; all
    others are left as clusters of one text. What is known of the wanted ones is the same to the last bit.
    """
    progress.stage("clean", len(articles))
    resources = replace(resources, articles=articles, table=count_lines(articles))
    profiles: list[Profile] = []
    every = range(len(articles))
    for chunk in in_chunks(_clean_and_fingerprint, every, ARTICLES_A_CHUNK, resources, workers, progress):
        profiles.extend(chunk)
    resources = replace(resources, articles=(), profiles=profiles)
    groups = same_text(profiles)
    distinct = [profiles[group[0]] for group in groups]

    progress.stage("candidates", None)
    found = with_body(distinct, candidates([each.shingles for each in distinct])) + _version_pairs(distinct)
    pairs = sorted(set(found))
    progress.advance(len(pairs))

    templates: set[Pair] = set()

    def probabilities(asked: Sequence[Pair]) -> list[float]:
        places = [(groups[i][0], groups[j][0]) for i, j in asked]
        out: list[float] = []
        for part in in_chunks(_score_pairs, places, PAIRS_A_CHUNK, resources, workers, progress):
            templates.update(asked[len(out) + at] for at in part.templates)
            out.extend(part.probabilities)
        return out

    if wanted is None:
        progress.stage("score", len(pairs))
        scored = dict(zip(pairs, probabilities(pairs), strict=True))
    else:
        progress.stage("score", None)
        seeds = {number for number, group in enumerate(groups) if not wanted.isdisjoint(group)}
        scored = _score_around(seeds, pairs, config.min_probability, probabilities)

    progress.stage("cluster", None)

    def ask(asked: Sequence[Pair]) -> Mapping[Pair, float]:
        answerable = set(with_body(distinct, asked))
        values = [measure_ordered(distinct[i], distinct[j]).values for i, j in asked if (i, j) in answerable]
        known = iter(resources.model.probability(np.stack(values)).tolist() if values else [])
        return {pair: next(known) if pair in answerable else 0.0 for pair in asked}

    clusters = cluster(len(distinct), scored, config.min_probability, ask)
    progress.advance(len(clusters))
    return Matched(resources, groups, scored, templates, clusters)


def _score_around(
    seeds: set[int], pairs: Sequence[Pair], threshold: float, probabilities: Callable[[Sequence[Pair]], Sequence[float]]
) -> dict[Pair, float]:
    """Score the pairs of `seeds`, then those of whoever is tied to them, and so on.

    Only ties at or over the threshold join clusters, so nothing beyond the last of them can matter to a seed's.
    """
    near: dict[int, list[Pair]] = {}
    for pair in pairs:
        for one in pair:
            near.setdefault(one, []).append(pair)
    scored: dict[Pair, float] = {}
    reached, edge = set(seeds), sorted(seeds)
    while edge:
        asked = sorted({pair for one in edge for pair in near.get(one, ())} - scored.keys())
        scored.update(zip(asked, probabilities(asked), strict=True))
        edge = sorted({one for pair in asked if scored[pair] >= threshold for one in pair} - reached)
        reached.update(edge)
    return scored


def _clean_and_fingerprint(resources: Resources, at: Sequence[int]) -> list[Profile]:
    reports = (clean(resources.articles[i], resources.table, resources.background) for i in at)
    return fingerprint(reports, resources.background)


def with_body(profiles: Sequence[Profile], pairs: Iterable[Sequence[int]]) -> list[Pair]:
    """Return the pairs of which both have a report: an empty one is never a candidate."""
    return [(int(i), int(j)) for i, j in pairs if len(profiles[i].sentences) and len(profiles[j].sentences)]


def _version_pairs(profiles: Sequence[Profile]) -> list[Pair]:
    """Return the pairs of versions of one article: worth scoring whatever they share."""
    number = {each.report.article.article_id: i for i, each in enumerate(profiles)}
    pairs = []
    for i, each in enumerate(profiles):
        latest = number.get(each.report.article.version_of or "")
        if latest is not None and latest != i:
            pairs.append((min(i, latest), max(i, latest)))
    return with_body(profiles, pairs)


class _Scored(NamedTuple):
    """The probability of each pair of a chunk, and the places in it of those that are one template filled in anew."""

    probabilities: list[float]
    templates: list[int]


def _score_pairs(resources: Resources, pairs: Sequence[Pair]) -> _Scored:
    values = np.stack([measure_ordered(resources.profiles[i], resources.profiles[j]).values for i, j in pairs])
    templates = np.flatnonzero(values[:, [NAMES.index("template"), NAMES.index("series")]].any(axis=1))
    return _Scored(resources.model.probability(values).tolist(), templates.tolist())
