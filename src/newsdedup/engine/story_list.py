"""The stories of a run in output order, built or read one by one on access.

A few numbers per story stay in memory: its members, its base and its sort keys. Stories of several articles are built
by the workers and spooled to disk; a story of one article is built when it is printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Hashes, Ints, Ragged, concat_columns, concat_rows, ragged_from_rows
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.codec import pack_story, unpack_story
from newsdedup.engine.context import RunContext
from newsdedup.engine.event_links import Links, find_event_links
from newsdedup.engine.matching import GROUPS_PER_CHUNK, Matching, ScoringContext
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.state import find_duplicate_rows
from newsdedup.engine.story_builder import build_lone_story, build_lone_variant, build_story
from newsdedup.engine.workspace import LazySequence, Offsets, Spool
from newsdedup.execution import split_by_size
from newsdedup.merge.versions import find_withdrawal
from newsdedup.models import LoneStory, Related, Score, Story
from newsdedup.models.options import MergeOptions


@dataclass(frozen=True)
class StoryDrafts:
    """The stories of several articles, to be built.

    `members` are article indices in content order, `weakest` and `bridges` the cohesion of the cluster.
    """

    members: Ragged
    weakest: Floats
    bridges: Sequence[tuple[str, ...]]


class _MergeInput(NamedTuple):
    """What a worker builds stories from."""

    scoring: ScoringContext
    pair_scores: PairScores
    drafts: StoryDrafts
    spool: Spool
    options: MergeOptions


@dataclass(frozen=True)
class _BuiltStories:
    """Columns over the built stories, without ids and links.

    `offsets` are the spooled records, `bases` the article index of each base, `date_keys` sort keys, `conflict_counts`
    the number of conflicts.
    """

    offsets: Offsets
    bases: Ints
    date_keys: NDArray[np.bytes_]
    conflict_counts: Ints


def _draft_stories(matching: Matching) -> StoryDrafts:
    """Return the stories of more than one article: the clusters, and the groups that are in none."""
    groups, sizes = matching.groups, matching.groups.sizes
    is_alone = np.ones(len(groups), dtype=bool)
    drafts: list[tuple[Ints, float, tuple[str, ...]]] = []
    for cluster in matching.merged_clusters:
        group_indices = np.array(cluster.members, dtype=np.int64)
        is_alone[group_indices] = False
        bridge_articles = [groups[number][0] for number in cluster.articulation_points if sizes[number] == 1]
        bridges = tuple(matching.features.reports[int(i)].article.article_id for i in bridge_articles)
        drafts.append((np.sort(groups.take(group_indices).values), cluster.weakest_mean, bridges))
    drafts += [(groups[number], 1.0, ()) for number in np.flatnonzero((sizes > 1) & is_alone).tolist()]
    members = ragged_from_rows([members for members, _, _ in drafts], np.int64)
    return StoryDrafts(members, np.array([weakest for _, weakest, _ in drafts]), [bridges for _, _, bridges in drafts])


def _build_stories(matching: Matching, drafts: StoryDrafts, spool: Spool, run: RunContext) -> _BuiltStories:
    """Build the stories and write them to `spool`."""
    run.progress.stage("merge", len(drafts.members))
    config = run.config
    options = MergeOptions(config.base, config.prefer_sources, config.additions)
    shared = _MergeInput(matching.scoring, matching.pair_scores, drafts, spool, options)
    parts = [_build_chunk(shared, range(0))]
    chunks = split_by_size(drafts.members.sizes.tolist(), GROUPS_PER_CHUNK)
    for part in run.executor.map(_build_chunk, shared, chunks):
        run.progress.advance(len(part.offsets))
        parts.append(part)
    return concat_columns(parts)


def _build_chunk(shared: _MergeInput, chunk: range) -> _BuiltStories:
    (_, model, features), pair_scores, drafts, spool, options = shared
    records, bases, date_keys, conflict_counts = [], [], [], []
    for number in chunk:
        indices = drafts.members[number].tolist()

        def find_score(base: int, variant: int, indices: list[int] = indices) -> Score | None:
            return pair_scores.find_score(indices[base], indices[variant])

        members = [features[i] for i in indices]
        weakest, bridges = float(drafts.weakest[number]), drafts.bridges[number]
        story, base = build_story(members, model, weakest, bridges, find_score, options)
        records.append(pack_story(story))
        bases.append(indices[base])
        date_keys.append(sort_key(story.published))
        conflict_counts.append(len(story.conflicts))
    return _BuiltStories(
        spool.add(records),
        np.array(bases, dtype=np.int64),
        np.array(date_keys, dtype=np.bytes_),
        np.array(conflict_counts, dtype=np.int64),
    )


IdAssigner = Callable[[Ragged, NDArray[np.bytes_]], NDArray[np.bytes_]]
"""Assigns story ids, given the members of each story as article indices and the ids derived from content."""


class Stories(LazySequence[Story]):
    """All stories in output order: most variants first, then by date, then by id."""

    def __init__(
        self, matching: Matching, content_hashes: Hashes, run: RunContext, assign_ids: IdAssigner | None = None
    ) -> None:
        """Build the merged stories of `matching`, whose articles have these content hashes, shape (n, 2)."""
        self._spool = run.workspace.open_spool("stories")
        self._matching = matching
        self.drafts = drafts = _draft_stories(matching)
        self._built = built = _build_stories(matching, drafts, self._spool, run)
        is_lone = np.ones(len(content_hashes), dtype=bool)
        is_lone[drafts.members.values] = False
        lone = np.flatnonzero(is_lone)
        members = concat_rows([drafts.members, Ragged(lone, np.arange(len(lone) + 1))], np.int64)
        ids = _content_ids(members.values[members.bounds[:-1]], content_hashes, self._article_id)
        if assign_ids is not None:
            ids = assign_ids(members, ids)
        date_keys = np.concatenate([built.date_keys, matching.date_keys[lone]])
        self._members = members
        self._order = order = np.lexsort((ids, date_keys, -members.sizes))
        self.ids, self.sizes = ids[order], members.sizes[order]
        self.bases = np.concatenate([built.bases, lone])[order]
        self._draft = np.where(order < len(built.bases), order, -1)
        self.conflict_counts = np.append(built.conflict_counts, 0)[self._draft]
        self.empty_count = matching.empty_count
        self.links = Links.from_pairs(self.ids, ())

    def source_indices(self, index: int) -> tuple[int, int]:
        """Return the index of a story before sorting, and that of its draft, -1 for a story of one article."""
        return int(self._order[index]), int(self._draft[index])

    def members_of(self, index: int) -> Ints:
        """Return the indices of a story's articles, in content order."""
        return self._members[int(self._order[index])]

    def link_events(self, run: RunContext) -> None:
        """Link the stories about one event with one another."""
        run.progress.stage("related", None)
        self.links = Links.from_pairs(self.ids, find_event_links(self._matching, self.bases, run.executor))

    def _article_id(self, index: int) -> str:
        return self._matching.features.reports[index].article.article_id

    def __len__(self) -> int:
        return len(self.bases)

    def read(self, index: int) -> Story:
        """Return a story."""
        if (draft := int(self._draft[index])) < 0:
            story = build_lone_story(self._matching.features.reports[int(self.bases[index])])
        else:
            story = unpack_story(self._spool.read(self._built.offsets[draft]))
        return story.model_copy(update={"story_id": self.ids[index].decode(), "related": self._related_stories(index)})

    def get_lone(self, index: int) -> LoneStory | None:
        """Return the parts of a story of one article, which can be rendered faster than the story; None for others."""
        if int(self._draft[index]) >= 0:
            return None
        report = self._matching.features.reports[int(self.bases[index])]
        story_id, related = self.ids[index].decode(), self._related_stories(index)
        return LoneStory(report, build_lone_variant(report), story_id, related, find_withdrawal(report))

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
    shared = find_duplicate_rows(hashes)
    ids = np.empty(len(first_members), dtype="S16")
    for i, (high, low) in enumerate(hashes.tolist()):
        name = f"{high:016x}{low:016x}"
        if shared[i]:
            name = f"{name} {article_id(int(first_members[i]))}"
        ids[i] = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode()
    return ids
