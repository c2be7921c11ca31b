"""Articles to clusters of those that tell the same report: clean, fingerprint, candidates, verify, score, cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of, by_hash, distinct
from newsdedup.candidates import MAX_ARTICLES, candidates
from newsdedup.clean import LineTable
from newsdedup.cluster import Cluster, Pair, clustered, components
from newsdedup.config import Config
from newsdedup.engine.cleaning import Cleaning, Hashes, Pairs, clean_and_fingerprint
from newsdedup.engine.executor import PAIRS_A_CHUNK, Progress, Resources, spread
from newsdedup.engine.memory import budget
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.workspace import (
    Ints,
    Profiles,
    Workspace,
)
from newsdedup.fingerprint import Fingerprints
from newsdedup.hashing import Vocabulary
from newsdedup.idf import Background
from newsdedup.models import Article
from newsdedup.prefilter import verify
from newsdedup.score import NAMES, measure_ordered, stands
from newsdedup.tasks import chunks_of

# Groups of one text whose components are clustered in one task.
GROUPS_A_CHUNK = 50
# Pairs that are verified in one task, and reports whose shingles are looked through at a time.
VERIFIED = 1 << 14
SAMPLED = 1 << 16
# Bytes that pairing needs for each of several workers: with less, more parts cost more than workers save.
PAIRING = 1 << 26


@dataclass(frozen=True)
class Matched:
    """Articles as they were matched, in the order given; by `groups` those of one text, as places in it.

    `prints` are the columns of all articles, `dates` the keys that they sort by, `days` the day of each as `related`
    counts them, `empty` how many have no report. `scored` (pairs that are worth it, with their probability),
    `templates` (those of them that are one template filled in anew, or notes of one series) and `joined` (clusters of
    several) are over groups, by number. `standings` are those of the scored pairs, by their places.
    """

    resources: Resources
    prints: Fingerprints
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    groups: Ragged
    scored: Mapping[Pair, float]
    templates: AbstractSet[Pair]
    joined: Sequence[Cluster]
    standings: PairScores
    empty: int

    @property
    def profiles(self) -> Profiles:
        """The profile of every article, made when it is asked for."""
        assert isinstance(self.resources.profiles, Profiles)  # noqa: S101 - `match` made them
        return self.resources.profiles

    def clusters(self) -> Iterator[Cluster]:
        """Yield all clusters, those of one group as well, by their first member."""
        first = {each.members[0]: each for each in self.joined}
        inside = {member for each in self.joined for member in each.members}
        for number in range(len(self.groups)):
            if number in first:
                yield first[number]
            elif number not in inside:
                yield Cluster((number,), 1.0, ())


def match(
    articles: Sequence[Article],
    table: LineTable,
    resources: Resources,
    workspace: Workspace,
    config: Config,
    workers: int,
    progress: Progress,
    wanted: frozenset[int] | None = None,
) -> Matched:
    """Return the clusters of `articles`, which must have ids of their own and be in content order.

    Texts and columns are kept in `workspace`. With `wanted`, places in `articles`, no more pairs are scored than it
    takes to know the clusters of these; all others are left as clusters of one text. What is known of the wanted ones
    is the same to the last bit.
    """
    progress.stage("clean", len(articles))
    cleaned = clean_and_fingerprint(
        Cleaning(articles, table, resources.background, workspace.spool("reports"), Vocabulary()),
        workspace.folder,
        workers,
        progress,
    )
    resources = replace(resources, profiles=Profiles(cleaned.reports, resources.background))
    prints = cleaned.prints
    groups = of_one_text(prints.text_key)
    first = groups.values[groups.bounds[:-1]]

    progress.stage("candidates", None)
    group = np.empty(len(articles), dtype=np.int64)
    group[groups.values] = np.repeat(np.arange(len(groups)), groups.sizes)
    versions = cleaned.versions[(prints.words[cleaned.versions] > 0).all(axis=1)]
    versions = np.sort(group[versions], axis=1)
    versions = versions[versions[:, 0] != versions[:, 1]]
    pairs = worth_scoring(prints, first, versions, resources.background, config, workspace.folder, workers)
    progress.advance(len(pairs))

    templates: set[Pair] = set()
    standings: list[PairScores] = []

    def probabilities(asked: Pairs) -> NDArray[np.float64]:
        order = side_by_side(asked, len(groups))
        shared = Scoring(resources, first[asked[order]])
        found = np.empty(len(asked))
        chunks = chunks_of(len(asked), PAIRS_A_CHUNK)
        for chunk, part in zip(chunks, spread(score_chunk, shared, chunks, workers), strict=True):
            at = order[chunk.start : chunk.stop]
            found[at] = part.probabilities
            templates.update((int(i), int(j)) for i, j in asked[at[part.templates]])
            standings.append(part.standings)
            progress.advance(len(chunk))
        return found

    if wanted is None:
        progress.stage("score", len(pairs))
        found = probabilities(pairs)
    else:
        progress.stage("score", None)
        seeds = np.zeros(len(groups), dtype=bool)
        seeds[np.repeat(np.arange(len(groups)), groups.sizes)[np.isin(groups.values, sorted(wanted))]] = True
        pairs, found = _score_around(seeds, pairs, config.min_probability, probabilities)

    progress.stage("cluster", None)
    joined = sorted(
        clusters_of(Clustering(resources, prints, first, pairs, found, config.min_probability), len(groups), workers),
        key=lambda each: each.members,
    )
    progress.advance(len(joined))
    scored = dict(zip(map(tuple, pairs.tolist()), found.tolist(), strict=True))
    return Matched(
        resources,
        prints,
        cleaned.dates,
        cleaned.days,
        groups,
        scored,
        templates,
        joined,
        PairScores.joined(standings),
        cleaned.empty,
    )


def of_one_text(keys: Hashes) -> Ragged:
    """Return the places of articles by text, shape of `keys` (n, 2): groups by their first member, in order within."""
    order, fresh = by_hash(keys)
    starts = np.flatnonzero(fresh)
    runs = Ragged(order, np.concatenate((starts, [len(order)])))
    return runs.take(np.argsort(order[starts]))  # equal ones stay in order: the first of a run is its smallest


# -- candidates, score -------------------------------------------------------------------------------------------------


def worth_scoring(
    prints: Fingerprints,
    first: Ints,
    versions: Pairs,
    background: Background,
    config: Config,
    folder: Path,
    workers: int,
) -> Pairs:
    """Return the pairs of groups worth scoring, sorted: shape (n, 2), with i < j."""
    numbers = np.full(len(prints), -1, dtype=np.int64)
    numbers[first] = np.arange(len(first))
    sampled = [
        (numbers[part.start : part.stop], prints.shingles.part(part)) for part in chunks_of(len(prints), SAMPLED)
    ]
    memory = budget(config.memory)
    at_once = max(min(workers, memory // PAIRING), 1)
    found = candidates(sampled, len(first), memory, folder, partial(spread, workers=at_once), at_once)
    kept = verified(prints, first[found], background, workers)
    packed = distinct(np.concatenate([found[kept], versions]) @ np.array([MAX_ARTICLES, 1]))
    return np.stack(np.divmod(packed, MAX_ARTICLES), axis=1)


def verified(prints: Fingerprints, pairs: Pairs, background: Background, workers: int) -> NDArray[np.bool_]:
    """Tell which pairs of places have enough words in common to be worth scoring."""
    shared = _Verifying(prints, pairs, background)
    kept = spread(_verify, shared, chunks_of(len(pairs), VERIFIED), workers)
    return np.concatenate([np.empty(0, dtype=bool), *kept])


class _Verifying(NamedTuple):
    prints: Fingerprints
    pairs: Pairs
    background: Background


def _verify(shared: _Verifying, at: range) -> NDArray[np.bool_]:
    prints = shared.prints
    return verify(shared.pairs[at.start : at.stop], prints.stems, prints.shingles, shared.background)


def side_by_side(pairs: Pairs, count: int) -> Ints:
    """Return the order that puts pairs with articles in common next to each other: these are made ready once."""
    parts = components(count, pairs[:, 0], pairs[:, 1])
    home = np.empty(count, dtype=np.int64)
    home[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    return np.argsort(home[pairs[:, 0]], kind="stable")


class Scored(NamedTuple):
    """Of a chunk of pairs the probabilities, the places of those that are one template, and the standings."""

    probabilities: NDArray[np.float64]
    templates: Ints
    standings: PairScores


@dataclass(frozen=True)
class Scoring:
    """Pairs of places to score, shape (n, 2), and what with."""

    resources: Resources
    pairs: Pairs


def score_chunk(shared: Scoring, at: range) -> Scored:
    """Score some of the pairs."""
    profiles = shared.resources.profiles
    pairs = shared.pairs[at.start : at.stop]
    rows, found = [], []
    for i, j in pairs.tolist():
        evidence = measure_ordered(profiles[i], profiles[j])
        rows.append(evidence.values)
        found.append(stands(profiles[i], profiles[j], evidence, 0.0))
    values = np.stack(rows)
    probabilities = shared.resources.model.probability(values)
    scores = [replace(each, probability=p) for each, p in zip(found, probabilities.tolist(), strict=True)]
    templates = np.flatnonzero(values[:, [NAMES.index("template"), NAMES.index("series")]].any(axis=1))
    return Scored(probabilities, templates, PairScores.from_scores(pairs, scores))


def _score_around(
    seeds: NDArray[np.bool_], pairs: Pairs, threshold: float, probabilities: Callable[[Pairs], NDArray[np.float64]]
) -> tuple[Pairs, NDArray[np.float64]]:
    """Score the pairs of `seeds`, then those of whoever is tied to them, and so on; return those that were scored.

    Only ties at or over the threshold join clusters, so nothing beyond the last of them can matter to a seed's.
    """
    reached = seeds
    found = np.full(len(pairs), np.nan)
    while (asked := np.flatnonzero(np.isnan(found) & reached[pairs].any(axis=1))).size:
        found[asked] = probabilities(pairs[asked])
        tied = pairs[asked][found[asked] >= threshold]
        reached = reached.copy()
        reached[tied.ravel()] = True
    known = ~np.isnan(found)
    return pairs[known], found[known]


# -- cluster -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clustering:
    """Scored pairs of groups, shape (n, 2), with what more pairs are scored with; `first` is the place of each group.

    A person's decisions: `together` are pairs of groups that tell one report, `apart` those that do not.
    """

    resources: Resources
    prints: Fingerprints
    first: Ints
    pairs: Pairs
    probabilities: NDArray[np.float64]
    threshold: float
    together: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    apart: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    parts: Ragged | None = None
    pairs_of: Ragged | None = None
    together_of: Ragged | None = None
    apart_of: Ragged | None = None


def clusters_of(shared: Clustering, count: int, workers: int) -> Iterator[Cluster]:
    """Yield the clusters of several groups: what no tie leads to is a cluster of its own."""
    ties = np.concatenate([shared.pairs[shared.probabilities >= shared.threshold], shared.together])
    parts = components(count, ties[:, 0], ties[:, 1])
    home = np.full(count, -1, dtype=np.int64)
    home[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    pairs_of, together_of, apart_of = (
        _inside(each, home, len(parts)) for each in (shared.pairs, shared.together, shared.apart)
    )
    shared = replace(shared, parts=parts, pairs_of=pairs_of, together_of=together_of, apart_of=apart_of)
    for found in spread(_cluster, shared, by_size(parts.sizes, GROUPS_A_CHUNK), workers):
        yield from (each for each in found if len(each.members) > 1)


def _inside(pairs: Pairs, home: Ints, count: int) -> Ragged:
    """Return for each of `count` components the numbers of the pairs in it; `home` is that of each group, or -1."""
    inside = np.flatnonzero((home[pairs[:, 0]] >= 0) & (home[pairs[:, 0]] == home[pairs[:, 1]]))
    of_part = home[pairs[inside, 0]]
    return Ragged(inside[np.argsort(of_part, kind="stable")], bounds_of(np.bincount(of_part, minlength=count)))


def by_size(sizes: Ints, enough: int) -> Iterator[range]:
    """Yield the places of `sizes` in ranges that add up to about `enough`."""
    start, total = 0, 0
    for at, size in enumerate(sizes.tolist()):
        total += size
        if total >= enough:
            yield range(start, at + 1)
            start, total = at + 1, 0
    if start < len(sizes):
        yield range(start, len(sizes))


def _cluster(shared: Clustering, at: range) -> list[Cluster]:
    assert shared.parts is not None and shared.pairs_of is not None  # noqa: S101, PT018 - `clusters_of` sets all
    assert shared.together_of is not None and shared.apart_of is not None  # noqa: S101, PT018
    profiles = shared.resources.profiles

    def ask(asked: Sequence[Pair]) -> Mapping[Pair, float]:
        places = shared.first[np.array(asked, dtype=np.int64)]
        worth = (shared.prints.words[places] > 0).all(axis=1)
        worth &= verify(places, shared.prints.stems, shared.prints.shingles, shared.resources.background)
        found = np.zeros(len(asked))
        if worth.any():
            values = np.stack([measure_ordered(profiles[i], profiles[j]).values for i, j in places[worth].tolist()])
            found[worth] = shared.resources.model.probability(values)
        return dict(zip(asked, found.tolist(), strict=True))

    out: list[Cluster] = []
    for part in at:
        own = shared.pairs_of[part]
        scored = dict(zip(map(tuple, shared.pairs[own].tolist()), shared.probabilities[own].tolist(), strict=True))
        together, apart = (
            list(map(tuple, pairs[of[part]].tolist()))
            for pairs, of in ((shared.together, shared.together_of), (shared.apart, shared.apart_of))
        )
        out.extend(clustered(shared.parts[part].tolist(), scored, shared.threshold, ask, together, apart))
    return out
