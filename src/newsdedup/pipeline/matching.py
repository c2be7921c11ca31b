"""Articles to clusters of those that tell the same report: clean, fingerprint, candidates, verify, score, cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import Background, hash_word
from newsdedup.candidates import candidates
from newsdedup.clean import LineTable, clean_all
from newsdedup.cluster import Cluster, Pair, clustered, components
from newsdedup.columns import Ragged, bounds_of
from newsdedup.config import Config
from newsdedup.fingerprint import Fingerprints, fingerprint, joined
from newsdedup.hashing import Vocabulary
from newsdedup.models import Article, Report
from newsdedup.pipeline.memory import budget
from newsdedup.pipeline.spool import (
    ColumnFile,
    Ints,
    Places,
    Profiles,
    Shelf,
    Spool,
    Workplace,
    pack_report,
    unpack_report,
)
from newsdedup.pipeline.workers import (
    ARTICLES_A_CHUNK,
    PAIRS_A_CHUNK,
    Progress,
    Resources,
    chunks_of,
    spread,
)
from newsdedup.related import day_of
from newsdedup.score import NAMES, measure_ordered
from newsdedup.text import date_key
from newsdedup.verify import verify

# Groups of one text whose components are clustered in one task.
GROUPS_A_CHUNK = 50
# Pairs that are verified at a time.
VERIFIED = 1 << 16
# Bytes of a date that decide its place: all of an ISO 8601 date, and no more of what claims to be one.
SORT_KEY_BYTES = 64

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Matched:
    """Articles as they were matched, in the order given; by `groups` those of one text, as places in it.

    `prints` are the columns of all articles, `dates` the keys that they sort by, `days` the day
    of each as `related` counts them. `scored` (pairs that are worth it,
    with their probability), `templates` (those of them that are one template filled in anew, or notes of one series)
    and `joined` (clusters of several) are over groups, by number. `empty` is how many articles have no report.
    """

    resources: Resources
    prints: Fingerprints
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    groups: Ragged
    scored: Mapping[Pair, float]
    templates: AbstractSet[Pair]
    joined: Sequence[Cluster]
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
    workplace: Workplace,
    config: Config,
    workers: int,
    progress: Progress,
    wanted: frozenset[int] | None = None,
) -> Matched:
    """Return the clusters of `articles`, which must have ids of their own and be in content order.

    Texts and columns are kept in `workplace`. With `wanted`, places in `articles`, no more pairs are scored than it
    takes to know the clusters of these; all others are left as clusters of one text. What is known of the wanted ones
    is the same to the last bit.
    """
    progress.stage("clean", len(articles))
    cleaned = _cleaned(
        _Cleaning(articles, table, resources.background, workplace.spool("reports"), Vocabulary()),
        workplace.folder,
        workers,
        progress,
    )
    resources = replace(resources, profiles=Profiles(cleaned.reports, resources.background))
    prints = cleaned.prints
    groups = _of_one_text(prints.text_key)
    first = groups.values[groups.bounds[:-1]]

    progress.stage("candidates", None)
    group = np.empty(len(articles), dtype=np.int64)
    group[groups.values] = np.repeat(np.arange(len(groups)), groups.sizes)
    versions = cleaned.versions[(prints.words[cleaned.versions] > 0).all(axis=1)]
    versions = np.sort(group[versions], axis=1)
    versions = versions[versions[:, 0] != versions[:, 1]]
    pairs = _candidates(prints, first, versions, resources.background, config, workplace.folder)
    progress.advance(len(pairs))

    templates: set[Pair] = set()

    def probabilities(asked: Pairs) -> NDArray[np.float64]:
        parts = [np.empty(0)]
        shared = _Scoring(resources, first[asked])
        for chunk, part in zip(
            chunks_of(len(asked), PAIRS_A_CHUNK),
            spread(_score, shared, chunks_of(len(asked), PAIRS_A_CHUNK), workers),
            strict=True,
        ):
            parts.append(part.probabilities)
            templates.update((int(i), int(j)) for i, j in asked[chunk.start : chunk.stop][part.templates])
            progress.advance(len(chunk))
        return np.concatenate(parts)

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
        _clusters(_Clustering(resources, prints, first, pairs, found, config.min_probability), len(groups), workers),
        key=lambda each: each.members,
    )
    progress.advance(len(joined))
    scored = dict(zip(map(tuple, pairs.tolist()), found.tolist(), strict=True))
    return Matched(resources, prints, cleaned.dates, cleaned.days, groups, scored, templates, joined, cleaned.empty)


# -- clean and fingerprint ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cleaning:
    articles: Sequence[Article]
    table: LineTable
    background: Background
    spool: Spool
    vocabulary: Vocabulary


class _CleanedChunk(NamedTuple):
    """Where the reports of a chunk lie, and columns over them.

    `ids` holds hashes of the article's id and of the one that it is a version of (0 where none), shape (n, 2); `empty`
    is how many have no report.
    """

    places: Places
    prints: Fingerprints
    ids: Hashes
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    empty: int


class _Cleaned(NamedTuple):
    """All reports, columns over them, and the pairs of an article and its latest version, shape (n, 2)."""

    reports: Shelf[Report]
    prints: Fingerprints
    versions: Pairs
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    empty: int


def _clean(shared: _Cleaning, at: range) -> _CleanedChunk:
    articles = [shared.articles[i] for i in at]
    reports = clean_all(articles, shared.table, shared.background, shared.vocabulary)
    return _CleanedChunk(
        shared.spool.add([pack_report(each) for each in reports]),
        fingerprint(reports, shared.background, shared.vocabulary),
        np.array(
            [(hash_word(x.article_id), hash_word(x.version_of) if x.version_of else 0) for x in articles],
            dtype=np.uint64,
        ).reshape(-1, 2),
        np.array([sort_key(each.published) for each in articles], dtype=np.bytes_),
        np.array([day_of(each.published) for each in articles], dtype=np.int32),
        sum(not each.paragraphs for each in reports),
    )


def sort_key(published: str | None) -> bytes:
    """Return bytes that sort as `text.date_key` does."""
    return "\n".join(date_key(published)).encode("utf-8", "surrogatepass")[:SORT_KEY_BYTES]


def _cleaned(shared: _Cleaning, folder: Path, workers: int, progress: Progress) -> _Cleaned:
    columns = _Columns(folder)
    chunks = []
    for chunk in spread(_clean, shared, chunks_of(len(shared.articles), ARTICLES_A_CHUNK) or [range(0)], workers):
        progress.advance(len(chunk.places))
        columns.add(chunk.prints)
        chunks.append(chunk._replace(prints=columns.nothing))
    return _Cleaned(
        Shelf(shared.spool, Places.joined([chunk.places for chunk in chunks]), unpack_report),
        columns.done(),
        _versions(np.concatenate([chunk.ids for chunk in chunks])),
        np.concatenate([chunk.dates for chunk in chunks]),
        np.concatenate([chunk.days for chunk in chunks]),
        sum(chunk.empty for chunk in chunks),
    )


class _Columns:
    """The columns of all reports while they grow: long ones in files of `folder`, one number a report in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._long: dict[str, ColumnFile] = {}
        self._short: dict[str, list[NDArray[Any]]] = {}

    def add(self, prints: Fingerprints) -> None:
        """Append the columns of a chunk."""
        for each in fields(Fingerprints):
            found = getattr(prints, each.name)
            if isinstance(found, Ragged):
                if each.name not in self._long:
                    self._long[each.name] = ColumnFile(self._folder, each.name, found.values.dtype.type)
                self._long[each.name].add(found)
            else:
                self._short.setdefault(each.name, []).append(found)

    @property
    def nothing(self) -> Fingerprints:
        """Columns of no report."""
        return joined([])

    def done(self) -> Fingerprints:
        """Return all columns; at least one chunk must have been added."""
        whole: dict[str, Any] = {name: column.done() for name, column in self._long.items()}
        whole |= {name: np.concatenate(parts) for name, parts in self._short.items()}
        return Fingerprints(**whole)


def _versions(ids: Hashes) -> Pairs:
    """Return the pairs of versions of one article, the smaller place first: worth scoring whatever they share."""
    old = np.flatnonzero(ids[:, 1])
    if not len(old):
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(ids[:, 0])
    at = np.minimum(np.searchsorted(ids[order, 0], ids[old, 1]), len(order) - 1)
    known = (ids[order[at], 0] == ids[old, 1]) & (order[at] != old)
    return np.sort(np.stack([old[known], order[at][known]], axis=1), axis=1)


def _of_one_text(keys: Hashes) -> Ragged:
    """Return the places of articles by text, shape of `keys` (n, 2): groups by their first member, in order within."""
    if not len(keys):
        return Ragged(np.empty(0, dtype=np.int64), bounds_of([]))
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    ranked = keys[order]
    new = np.concatenate(([True], (ranked[1:] != ranked[:-1]).any(axis=1)))
    starts = np.flatnonzero(new)
    runs = Ragged(order, np.concatenate((starts, [len(order)])))
    return runs.take(np.argsort(order[starts]))  # lexsort is stable: the first of a run is its smallest


# -- candidates, score -------------------------------------------------------------------------------------------------


def _candidates(
    prints: Fingerprints, first: Ints, versions: Pairs, background: Background, config: Config, folder: Path
) -> Pairs:
    """Return the pairs of groups worth scoring, sorted: shape (n, 2), with i < j."""
    found = candidates(
        [(np.arange(len(first)), prints.shingles.take(first))], len(first), budget(config.memory), folder
    )
    kept = [verify(first[part], prints.stems, background) for part in np.array_split(found, len(found) // VERIFIED + 1)]
    return np.unique(np.concatenate([found[np.concatenate(kept)], versions]), axis=0)


class _Scored(NamedTuple):
    """The probability of each pair of a chunk, and the places in it of those that are one template filled in anew."""

    probabilities: NDArray[np.float64]
    templates: Ints


@dataclass(frozen=True)
class _Scoring:
    resources: Resources
    pairs: Pairs


def _score(shared: _Scoring, at: range) -> _Scored:
    profiles = shared.resources.profiles
    pairs = shared.pairs[at.start : at.stop].tolist()
    values = np.stack([measure_ordered(profiles[i], profiles[j]).values for i, j in pairs])
    templates = np.flatnonzero(values[:, [NAMES.index("template"), NAMES.index("series")]].any(axis=1))
    return _Scored(shared.resources.model.probability(values), templates)


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
class _Clustering:
    resources: Resources
    prints: Fingerprints
    first: Ints
    pairs: Pairs
    probabilities: NDArray[np.float64]
    threshold: float
    parts: Ragged | None = None
    pairs_of: Ragged | None = None


def _clusters(shared: _Clustering, count: int, workers: int) -> Iterator[Cluster]:
    """Yield the clusters of several groups: what no tie leads to is a cluster of its own."""
    ties = shared.pairs[shared.probabilities >= shared.threshold]
    parts = components(count, ties[:, 0], ties[:, 1])
    home = np.full(count, -1, dtype=np.int64)
    home[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    inside = np.flatnonzero((home[shared.pairs[:, 0]] >= 0) & (home[shared.pairs[:, 0]] == home[shared.pairs[:, 1]]))
    of_part = home[shared.pairs[inside, 0]]
    order = np.argsort(of_part, kind="stable")
    pairs_of = Ragged(inside[order], bounds_of(np.bincount(of_part, minlength=len(parts))))
    shared = replace(shared, parts=parts, pairs_of=pairs_of)
    for found in spread(_cluster, shared, by_size(parts.sizes, GROUPS_A_CHUNK), workers):
        yield from (each for each in found if len(each.members) > 1)


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


def _cluster(shared: _Clustering, at: range) -> list[Cluster]:
    assert shared.parts is not None and shared.pairs_of is not None  # noqa: S101, PT018 - `_clusters` sets both
    profiles = shared.resources.profiles

    def ask(asked: Sequence[Pair]) -> Mapping[Pair, float]:
        places = shared.first[np.array(asked, dtype=np.int64)]
        worth = (shared.prints.words[places] > 0).all(axis=1)
        worth &= verify(places, shared.prints.stems, shared.resources.background)
        found = np.zeros(len(asked))
        if worth.any():
            values = np.stack([measure_ordered(profiles[i], profiles[j]).values for i, j in places[worth].tolist()])
            found[worth] = shared.resources.model.probability(values)
        return dict(zip(asked, found.tolist(), strict=True))

    out: list[Cluster] = []
    for part in at:
        own = shared.pairs_of[part]
        scored = dict(zip(map(tuple, shared.pairs[own].tolist()), shared.probabilities[own].tolist(), strict=True))
        out.extend(clustered(shared.parts[part].tolist(), scored, shared.threshold, ask))
    return out
