"""The stories of a run in output order, built or read one by one on access.

A few numbers per story stay in memory: its members, its base and its sort keys. Stories of several articles are built
by the workers and spooled to disk; a story of one article is built when it is printed.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, concat_rows, ragged_from_rows
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.event_links import Links
from newsdedup.engine.executor import Progress, ScoringContext, map_chunks
from newsdedup.engine.intake import Hashes
from newsdedup.engine.matching import GROUPS_PER_CHUNK, Matching, split_by_size
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import build_lone_story, build_lone_variant, build_story
from newsdedup.engine.workspace import Ints, Offsets, Spool
from newsdedup.models import Related, Score, Story
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.tasks import split_range

STORIES_PER_CHUNK = 200


@dataclass(frozen=True)
class StoryDrafts:
    """The stories of several articles, without ids and links: spooled records and their columns.

    `members` are article indices in content order, `weakest` and `bridges` the cohesion of the cluster, `offsets` the
    spooled records, `bases` the article index of each base, `date_keys` sort keys, `conflict_counts` the number of
    conflicts.
    """

    members: Ragged
    weakest: NDArray[np.float64]
    bridges: Sequence[tuple[str, ...]]
    offsets: Offsets
    bases: Ints
    date_keys: NDArray[np.bytes_]
    conflict_counts: Ints


class _MergeContext(NamedTuple):
    scoring: ScoringContext
    pair_scores: PairScores
    members: Ragged
    weakest: NDArray[np.float64]
    bridges: Sequence[tuple[str, ...]]
    spool: Spool


class _DraftChunk(NamedTuple):
    offsets: Offsets
    bases: Ints
    date_keys: NDArray[np.bytes_]
    conflict_counts: Ints


def build_merged_stories(matching: Matching, spool: Spool, workers: int, progress: Progress) -> StoryDrafts:
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
    progress.stage("merge", len(members))
    context = _MergeContext(
        matching.scoring, matching.pair_scores, ragged_from_rows(members, np.int64), np.array(weakest), bridges, spool
    )
    chunks = [_build_chunk(context, range(0))]
    for chunk in map_chunks(_build_chunk, context, split_by_size(context.members.sizes, GROUPS_PER_CHUNK), workers):
        progress.advance(len(chunk.offsets))
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
        records.append(pickle.dumps(story, 5))
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
        self,
        matching: Matching,
        content_hashes: Hashes,
        drafts: StoryDrafts,
        spool: Spool,
        assign_ids: IdAssigner | None = None,
    ) -> None:
        self._matching = matching
        self._drafts = drafts
        self._spool = spool
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
        self.conflict_count = int(drafts.conflict_counts.sum())
        self.conflict_counts = np.append(drafts.conflict_counts, 0)[self._draft]
        self.empty_count = matching.empty_count
        self.links = Links.from_pairs(self.ids, no_links, no_links, np.empty(0))

    def source_indices(self, index: int) -> tuple[int, int]:
        """Return the index of a story before sorting, and that of its draft, -1 for a story of one article."""
        return int(self._order[index]), int(self._draft[index])

    def members_of(self, index: int) -> Ints:
        """Return the indices of a story's articles, in content order."""
        return self._members[int(self._order[index])]

    def set_links(self, links: Sequence[tuple[int, int, float]]) -> None:
        """Set the links between stories about one event: (i, j, probability), indices in output order."""
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
            story = self._load_draft(draft)
        return story.model_copy(update={"story_id": self.ids[index].decode(), "related": self._related_stories(index)})

    def to_json_line(self, index: int) -> str:
        """Return a story as a line of JSON, without the newline."""
        if int(self._draft[index]) >= 0:
            return to_json(self[index])
        report = self._matching.features.reports[int(self.bases[index])]
        return lone_to_json(report, build_lone_variant(report), self.ids[index].decode(), self._related_stories(index))

    def _load_draft(self, draft: int) -> Story:
        story: Story = pickle.loads(self._spool.read(self._drafts.offsets.rows[draft]))  # noqa: S301
        return story

    def _related_stories(self, index: int) -> tuple[Related, ...]:
        return tuple(
            Related(story_id=self.ids[linked].decode(), probability=probability)
            for linked, probability in self.links.of_story(index)
        )

    def weakest_cohesion(self) -> NDArray[np.float64]:
        """Return the cohesion of each story: the lowest mean edge of a member, 0 to 1; 1 for one article."""
        return np.where(self._draft >= 0, np.append(self._drafts.weakest, 1.0)[self._draft], 1.0)


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


class JsonStories(Protocol):
    """Stories that can be rendered as lines of JSON."""

    def __len__(self) -> int:
        """Return the number of stories."""

    def to_json_line(self, index: int) -> str:
        """Return a story as a line of JSON, without the newline."""


def render_json_lines(stories: JsonStories, workers: int) -> Iterator[bytes]:
    """Yield all stories as lines of JSON in UTF-8, STORIES_PER_CHUNK at a time."""
    yield from map_chunks(_render_chunk, stories, split_range(len(stories), STORIES_PER_CHUNK), workers)


def _render_chunk(stories: JsonStories, chunk: range) -> bytes:
    return "".join([stories.to_json_line(i) + "\n" for i in chunk]).encode()
