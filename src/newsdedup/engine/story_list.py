"""The stories of a run, in the order in which they are printed, made one by one when they are asked for.

Of every story some numbers stay in memory: its members, its base, what it sorts by. The stories of several articles are
told by the workers and wait on disk; a lone article is told when it is printed.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, ragged, stacked
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.event_links import Links
from newsdedup.engine.executor import Progress, Resources, spread
from newsdedup.engine.intake import Hashes
from newsdedup.engine.matching import GROUPS_A_CHUNK, Matched, by_size
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import lone, lone_variant, story_of
from newsdedup.engine.workspace import Ints, Offsets, Spool
from newsdedup.models import Related, Score, Story
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.tasks import chunks_of

STORIES_A_CHUNK = 200


@dataclass(frozen=True)
class Drafts:
    """The stories of several articles: `members` their places, in content order, and the columns of what was told.

    `weakest` and `bridges` are those of the cluster; `places` is where each draft lies, `bases` the place of its base,
    `dates` what it sorts by, `conflicts` how many it has.
    """

    members: Ragged
    weakest: NDArray[np.float64]
    bridges: Sequence[tuple[str, ...]]
    places: Offsets
    bases: Ints
    dates: NDArray[np.bytes_]
    conflicts: Ints


class _Telling(NamedTuple):
    resources: Resources
    standings: PairScores
    members: Ragged
    weakest: NDArray[np.float64]
    bridges: Sequence[tuple[str, ...]]
    spool: Spool


class _ToldChunk(NamedTuple):
    places: Offsets
    bases: Ints
    dates: NDArray[np.bytes_]
    conflicts: Ints


def tell_several(matched: Matched, spool: Spool, workers: int, progress: Progress) -> Drafts:
    """Tell the stories of more than one article."""
    sizes = matched.groups.sizes
    in_cluster = np.zeros(len(sizes), dtype=bool)
    members: list[Ints] = []
    weakest: list[float] = []
    bridges: list[tuple[str, ...]] = []
    for each in matched.joined:
        own = np.array(each.members, dtype=np.int64)
        in_cluster[own] = True
        members.append(np.sort(matched.groups.take(own).values))
        weakest.append(each.weakest)
        alone = [matched.groups[number][0] for number in each.bridges if sizes[number] == 1]
        bridges.append(tuple(matched.profiles.reports[int(i)].article.article_id for i in alone))
    for number in np.flatnonzero((sizes > 1) & ~in_cluster):
        members.append(matched.groups[int(number)])
        weakest.append(1.0)
        bridges.append(())
    progress.stage("merge", len(members))
    shared = _Telling(
        matched.resources, matched.standings, ragged(members, np.int64), np.array(weakest), bridges, spool
    )
    chunks = [_tell(shared, range(0))]
    for chunk in spread(_tell, shared, by_size(shared.members.sizes, GROUPS_A_CHUNK), workers):
        progress.advance(len(chunk.places))
        chunks.append(chunk)
    return Drafts(
        shared.members,
        shared.weakest,
        bridges,
        Offsets.concat([each.places for each in chunks]),
        *(np.concatenate([each[i] for each in chunks]) for i in (1, 2, 3)),
    )


def _tell(shared: _Telling, at: range) -> _ToldChunk:
    profiles = shared.resources.profiles
    records, bases, dates, conflicts = [], [], [], []
    for number in at:
        places = shared.members[number].tolist()

        def known(base: int, other: int, places: list[int] = places) -> Score | None:
            return shared.standings.of_pair(places[base], places[other])

        story, base = story_of(
            [profiles[i] for i in places],
            shared.resources.model,
            float(shared.weakest[number]),
            shared.bridges[number],
            known,
        )
        records.append(pickle.dumps(story, 5))
        bases.append(places[base])
        dates.append(sort_key(story.published))
        conflicts.append(len(story.conflicts))
    return _ToldChunk(
        shared.spool.add(records),
        np.array(bases, dtype=np.int64),
        np.array(dates, dtype=np.bytes_),
        np.array(conflicts, dtype=np.int64),
    )


Naming = Callable[[Ragged, NDArray[np.bytes_]], NDArray[np.bytes_]]
"""Gives stories their ids: takes the members of each as places, and the ids that follow from their content alone."""


class Stories(Sequence[Story]):
    """All stories in the order of printing: most variants first, then by date, then by id."""

    def __init__(
        self, matched: Matched, content: Hashes, drafts: Drafts, spool: Spool, naming: Naming | None = None
    ) -> None:
        self._matched = matched
        self._drafts = drafts
        self._spool = spool
        alone = np.ones(len(content), dtype=bool)
        alone[drafts.members.values] = False
        single = np.flatnonzero(alone)
        several = len(drafts.bases)
        first = np.concatenate([drafts.members.values[drafts.members.bounds[:-1]], single])
        bases = np.concatenate([drafts.bases, single])
        draft = np.concatenate([np.arange(several), np.full(len(single), -1)])
        self.sizes = np.concatenate([drafts.members.sizes, np.ones(len(single), dtype=np.int64)])
        dates = np.concatenate([drafts.dates, matched.dates[single]])
        self.ids = _ids(first, content, self._article_id)
        self._members = stacked([drafts.members, Ragged(single, np.arange(len(single) + 1))], np.int64)
        if naming is not None:
            self.ids = naming(self._members, self.ids)
        self._order = order = np.lexsort((self.ids, dates, -self.sizes))
        self.sizes, self.ids, self.bases, self._draft = self.sizes[order], self.ids[order], bases[order], draft[order]
        nothing = np.empty(0, dtype=np.int64)
        self.conflicts = int(drafts.conflicts.sum())
        self.conflicts_of = np.append(drafts.conflicts, 0)[self._draft]
        self.empty = matched.empty
        self.links = Links.between(self.ids, nothing, nothing, np.empty(0))

    def source(self, at: int) -> tuple[int, int]:
        """Return the number of a story before they were put in order, and that of its draft, -1 for a lone one."""
        return int(self._order[at]), int(self._draft[at])

    def members(self, at: int) -> Ints:
        """Return the places of a story's articles, in content order."""
        return self._members[int(self._order[at])]

    def link(self, links: Sequence[tuple[int, int, float]]) -> None:
        """Let the stories name those about their events: (i, j, probability), places in the order of printing."""
        pairs = np.array([(i, j) for i, j, _ in links], dtype=np.int64).reshape(-1, 2)
        self.links = Links.between(self.ids, pairs[:, 0], pairs[:, 1], np.array([p for _, _, p in links]))

    def _article_id(self, place: int) -> str:
        return self._matched.profiles.reports[place].article.article_id

    def __len__(self) -> int:
        return len(self.bases)

    @overload
    def __getitem__(self, at: int) -> Story: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Story]: ...
    def __getitem__(self, at: int | slice) -> Story | Sequence[Story]:
        if isinstance(at, slice):
            return [self[i] for i in range(len(self))[at]]
        if (draft := int(self._draft[at])) < 0:
            story = lone(self._matched.profiles.reports[int(self.bases[at])])
        else:
            story = self._drafted(draft)
        return story.model_copy(update={"story_id": self.ids[at].decode(), "related": self._related(at)})

    def line(self, at: int) -> str:
        """Return a story as one line of JSON, without its end."""
        if int(self._draft[at]) >= 0:
            return to_json(self[at])
        report = self._matched.profiles.reports[int(self.bases[at])]
        return lone_to_json(report, lone_variant(report), self.ids[at].decode(), self._related(at))

    def _drafted(self, draft: int) -> Story:
        story: Story = pickle.loads(self._spool.read(self._drafts.places.rows[draft]))  # noqa: S301
        return story

    def _related(self, at: int) -> tuple[Related, ...]:
        return tuple(
            Related(story_id=self.ids[other].decode(), probability=probability)
            for other, probability in self.links.of(at)
        )

    def weakest(self) -> NDArray[np.float64]:
        """Return for each story the lowest mean tie of a member, 0 to 1; 1 for lone ones."""
        return np.where(self._draft >= 0, np.append(self._drafts.weakest, 1.0)[self._draft], 1.0)


def _ids(first: Ints, content: Hashes, article_id: Callable[[int], str]) -> NDArray[np.bytes_]:
    """Return the id of each story, of which `first` is the member with the smallest content hash.

    A hash of that, and of the article's id where several stories have the content.
    """
    own = content[first]
    order = np.lexsort((own[:, 1], own[:, 0]))
    again = (own[order][1:] == own[order][:-1]).all(axis=1)
    shared = np.zeros(len(first), dtype=bool)
    shared[order[1:][again]] = shared[order[:-1][again]] = True
    out = np.empty(len(first), dtype="S16")
    for i, (high, low) in enumerate(own.tolist()):
        name = f"{high:016x}{low:016x}"
        if shared[i]:
            name = f"{name} {article_id(int(first[i]))}"
        out[i] = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode()
    return out


class Told(Protocol):
    """Stories, of which each can be told as a line of JSON."""

    def __len__(self) -> int:
        """How many there are."""

    def line(self, at: int) -> str:
        """Return a story as a line of JSON, without its end."""


def json_lines(stories: Told, workers: int) -> Iterator[bytes]:
    """Yield the lines of all stories in UTF-8, STORIES_A_CHUNK at a time."""
    yield from spread(_lines, stories, chunks_of(len(stories), STORIES_A_CHUNK), workers)


def _lines(stories: Told, at: range) -> bytes:
    return "".join([stories.line(i) + "\n" for i in at]).encode()
