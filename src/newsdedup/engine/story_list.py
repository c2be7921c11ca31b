"""The stories of a run in output order, built or read one by one on access.

A few numbers per story stay in memory: its members, its base and its sort keys. Stories of several articles are built
by the workers and spooled to disk; a story of one article is built when it is printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Hashes, Ints, Ragged, concat_rows, ragged_from_rows
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.codec import pack_story, unpack_story
from newsdedup.engine.context import RunContext
from newsdedup.engine.event_links import Links, find_event_links
from newsdedup.engine.matching import GROUPS_PER_CHUNK, Matching, ScoringContext, split_by_size
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import build_lone_story, build_lone_variant, build_story
from newsdedup.engine.workspace import Offsets, Spool
from newsdedup.models import LoneStory, Related, Score, Story


@dataclass(frozen=True)
class StoryDrafts:
    """The stories of several articles, without ids and links: spooled records and their columns.

    `members` are article indices in content order, `weakest` and `bridges` the cohesion of the cluster, `offsets` the
    spooled records, `bases` the article index of each base, `date_keys` sort keys, `conflict_counts` the number of
    conflicts.
    """

    members: Ragged
    weakest: Floats
    bridges: Sequence[tuple[str, ...]]
    offsets: Offsets
    bases: Ints
    date_keys: NDArray[np.bytes_]
    conflict_counts: Ints


class _MergeContext(NamedTuple):
    scoring: ScoringContext
    pair_scores: PairScores
    members: Ragged
    weakest: Floats
    bridges: Sequence[tuple[str, ...]]
    spool: Spool


class _DraftChunk(NamedTuple):
    offsets: Offsets
    bases: Ints
    date_keys: NDArray[np.bytes_]
    conflict_counts: Ints


def build_merged_stories(matching: Matching, spool: Spool, run: RunContext) -> StoryDrafts:
    """Build the stories of more than one article and write them to `spool`."""
    sizes = matching.groups.sizes
    in_cluster = np.zeros(len(sizes), dtype=bool)
    members: list[Ints] = []
    weakest: list[float] = []
    bridges: list[tuple[str, ...]] = []
    for cluster in matching.merged_clusters:
        group_indices = np.array(cluster.members, dtype=np.int64)
        in_cluster[group_indices] = True
        members.append(np.sort(matching.groups.take(group_indices).values))
        weakest.append(cluster.weakest_mean)
        bridge_articles = [matching.groups[number][0] for number in cluster.articulation_points if sizes[number] == 1]
        bridges.append(tuple(matching.features.reports[int(i)].article.article_id for i in bridge_articles))
    for number in np.flatnonzero((sizes > 1) & ~in_cluster):
        members.append(matching.groups[int(number)])
        weakest.append(1.0)
        bridges.append(())
    run.progress.stage("merge", len(members))
    context = _MergeContext(
        matching.scoring, matching.pair_scores, ragged_from_rows(members, np.int64), np.array(weakest), bridges, spool
    )
    chunks = [_build_chunk(context, range(0))]
    for chunk in run.executor.map(_build_chunk, context, split_by_size(context.members.sizes, GROUPS_PER_CHUNK)):
        run.progress.advance(len(chunk.offsets))
        chunks.append(chunk)
    return StoryDrafts(
        context.members,
        context.weakest,
        bridges,
        Offsets.concat([chunk.offsets for chunk in chunks]),
        *(np.concatenate([chunk[i] for chunk in chunks]) for i in (1, 2, 3)),
    )


def _build_chunk(context: _MergeContext, chunk: range) -> _DraftChunk:
    features = context.scoring.features
    records, bases, date_keys, conflict_counts = [], [], [], []
    for number in chunk:
        indices = context.members[number].tolist()

        def find_score(base: int, variant: int, indices: list[int] = indices) -> Score | None:
            return context.pair_scores.find_score(indices[base], indices[variant])

        story, base = build_story(
            [features[i] for i in indices],
            context.scoring.model,
            float(context.weakest[number]),
            context.bridges[number],
            find_score,
        )
        records.append(pack_story(story))
        bases.append(indices[base])
        date_keys.append(sort_key(story.published))
        conflict_counts.append(len(story.conflicts))
    return _DraftChunk(
        context.spool.add(records),
        np.array(bases, dtype=np.int64),
        np.array(date_keys, dtype=np.bytes_),
        np.array(conflict_counts, dtype=np.int64),
    )


IdAssigner = Callable[[Ragged, NDArray[np.bytes_]], NDArray[np.bytes_]]
"""Assigns story ids, given the members of each story as article indices and the ids derived from content."""


class Stories(Sequence[Story]):
    """All stories in output order: most variants first, then by date, then by id."""

    def __init__(
        self, matching: Matching, content_hashes: Hashes, run: RunContext, assign_ids: IdAssigner | None = None
    ) -> None:
        """Build the merged stories of `matching`, whose articles have these content hashes, shape (n, 2)."""
        self._spool = run.workspace.open_spool("stories")
        self.drafts = drafts = build_merged_stories(matching, self._spool, run)
        self._matching = matching
        is_lone = np.ones(len(content_hashes), dtype=bool)
        is_lone[drafts.members.values] = False
        lone = np.flatnonzero(is_lone)
        merged_count = len(drafts.bases)
        first_members = np.concatenate([drafts.members.values[drafts.members.bounds[:-1]], lone])
        bases = np.concatenate([drafts.bases, lone])
        draft = np.concatenate([np.arange(merged_count), np.full(len(lone), -1)])
        self.sizes = np.concatenate([drafts.members.sizes, np.ones(len(lone), dtype=np.int64)])
        date_keys = np.concatenate([drafts.date_keys, matching.date_keys[lone]])
        self.ids = _content_ids(first_members, content_hashes, self._article_id)
        self._members = concat_rows([drafts.members, Ragged(lone, np.arange(len(lone) + 1))], np.int64)
        if assign_ids is not None:
            self.ids = assign_ids(self._members, self.ids)
        self._order = order = np.lexsort((self.ids, date_keys, -self.sizes))
        self.sizes, self.ids, self.bases, self._draft = self.sizes[order], self.ids[order], bases[order], draft[order]
        no_links = np.empty(0, dtype=np.int64)
        self.conflict_counts = np.append(drafts.conflict_counts, 0)[self._draft]
        self.empty_count = matching.empty_count
        self.links = Links.from_pairs(self.ids, no_links, no_links, np.empty(0))

    def source_indices(self, index: int) -> tuple[int, int]:
        """Return the index of a story before sorting, and that of its draft, -1 for a story of one article."""
        return int(self._order[index]), int(self._draft[index])

    def members_of(self, index: int) -> Ints:
        """Return the indices of a story's articles, in content order."""
        return self._members[int(self._order[index])]

    def link_events(self, run: RunContext) -> None:
        """Link the stories about one event with one another."""
        run.progress.stage("related", None)
        links = find_event_links(self._matching, self.bases, run.executor)
        pairs = np.array([(i, j) for i, j, _ in links], dtype=np.int64).reshape(-1, 2)
        self.links = Links.from_pairs(self.ids, pairs[:, 0], pairs[:, 1], np.array([p for _, _, p in links]))

    def _article_id(self, index: int) -> str:
        return self._matching.features.reports[index].article.article_id

    def __len__(self) -> int:
        return len(self.bases)

    @overload
    def __getitem__(self, index: int) -> Story: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Story]: ...
    def __getitem__(self, index: int | slice) -> Story | Sequence[Story]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        if (draft := int(self._draft[index])) < 0:
            story = build_lone_story(self._matching.features.reports[int(self.bases[index])])
        else:
            story = unpack_story(self._spool.read(self.drafts.offsets.rows[draft]))
        return story.model_copy(update={"story_id": self.ids[index].decode(), "related": self._related_stories(index)})

    def get_lone(self, index: int) -> LoneStory | None:
        """Return the parts of a story of one article, which can be rendered faster than the story; None for others."""
        if int(self._draft[index]) >= 0:
            return None
        report = self._matching.features.reports[int(self.bases[index])]
        return LoneStory(report, build_lone_variant(report), self.ids[index].decode(), self._related_stories(index))

    def _related_stories(self, index: int) -> tuple[Related, ...]:
        return tuple(
            Related(story_id=self.ids[linked].decode(), probability=probability)
            for linked, probability in self.links.of_story(index)
        )

    def weakest_cohesion(self) -> Floats:
        """Return the cohesion of each story: the lowest mean edge of a member, 0 to 1; 1 for one article."""
        return np.where(self._draft >= 0, np.append(self.drafts.weakest, 1.0)[self._draft], 1.0)


def _content_ids(first_members: Ints, content_hashes: Hashes, article_id: Callable[[int], str]) -> NDArray[np.bytes_]:
    """Return the id of each story: a hash of the content hash of its first member, which is its smallest.

    Where several stories have this content, the article's id is hashed too.
    """
    hashes = content_hashes[first_members]
    order = np.lexsort((hashes[:, 1], hashes[:, 0]))
    is_repeat = (hashes[order][1:] == hashes[order][:-1]).all(axis=1)
    shared = np.zeros(len(first_members), dtype=bool)
    shared[order[1:][is_repeat]] = shared[order[:-1][is_repeat]] = True
    ids = np.empty(len(first_members), dtype="S16")
    for i, (high, low) in enumerate(hashes.tolist()):
        name = f"{high:016x}{low:016x}"
        if shared[i]:
            name = f"{name} {article_id(int(first_members[i]))}"
        ids[i] = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode()
    return ids
