"""What a store becomes when articles come or go: the same stories as if all had come at once.

Only what a change reaches is done again: articles that carry a line of an outlet's frame which changed sides are
cleaned again, reports whose candidates may be others are paired again (`meeting`), and every connected component of
ties with a pair that came, went or was scored again is clustered again. All else is as it was, since every stage is a
pure function of what it looks at.

Nothing is written here: `Growth` holds what is to be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import among, distinct
from newsdedup.engine.intake import read_in
from newsdedup.engine.matching import Matched
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Article, Loaded
from newsdedup.store import outlet_lines, shingle_index
from newsdedup.store.candidate_changes import keyed
from newsdedup.store.clustering import decided_pairs, matched, reached
from newsdedup.store.codec import unpack_article
from newsdedup.store.identity import Arrived, arrive
from newsdedup.store.pair_changes import dropped, scored, stored_pairs, worth
from newsdedup.store.recleaning import Cleaned, cleaned, repeated_lines
from newsdedup.store.state import Change, Decided, Means, States, first_of, places_in_order
from newsdedup.store.stored_articles import Known, chosen

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Growth:
    """A store after a change.

    `came` are hashes of the ids of all records that came, `arrived` who of them is new, `cleaned` their reports,
    `postings` the 3-grams of these, `repeated` what outlets repeat. `scored` are the pairs scored anew, by slots,
    `templates` whether each is one template, `dropped` those that are worth it no more. `reached` are the places in
    `states` of all articles whose stories were made anew, in content order, and `matched` these stories.
    """

    known: Known
    came: Hashes
    arrived: Arrived
    cleaned: Cleaned
    postings: Hashes
    repeated: outlet_lines.Repeated
    scored: PairScores
    templates: Flags
    dropped: Pairs
    reached: Ints
    matched: Matched

    @property
    def states(self) -> States:
        """All articles before and after."""
        return self.cleaned.states


def grow(
    db: sqlite3.Connection,
    items: Iterable[Loaded],
    out: Ints,
    decided: tuple[Decided, Decided],
    means: Means,
    *,
    anew: bool = False,
) -> Growth:
    """Return what the store becomes when `items` come and the articles `out` (numbers) go.

    `decided` is what a person decided before the change and after it; with `anew` all that is known is cleaned and
    matched again. Raises as `pipeline.run` does, and StoreError.
    """
    change = Change.of(db, decided, means, anew=anew)
    before, desk = change.known, change.desk
    whole = read_in(items, change.spool, means.workspace, means.workers, means.progress)
    leaving = np.zeros(len(before), dtype=bool)
    leaving[before.at(out)] = True
    arrived = arrive(db, whole, change.spool, before, leaving)
    rank = places_in_order(db, before, arrived.taken.content, arrived.taken.articles)
    repeated, affected = repeated_lines(change, arrived, rank)

    means.progress.stage("clean", len(arrived.numbers) + len(affected))
    found = cleaned(change, arrived, rank, affected, repeated)
    states = found.states
    means.progress.stage("candidates", None)
    first = (first_of(states, states.before, decided[0]), first_of(states, states.after, decided[1]))
    stored = stored_pairs(db)
    own = shingle_index.packed(desk.prints.shingles, states.slots[len(before) :])
    asked, pairs, versions = worth(change, states, first, stored, own)
    means.progress.advance(len(pairs))
    lost = dropped(states, first[1], stored, asked, np.concatenate([pairs, versions]))
    new, templates = scored(change, states, stored, pairs, versions)
    means.progress.stage("cluster", None)
    valid = ~among(keyed(stored.pairs), keyed(lost))
    tied = [
        stored.pairs[valid & (stored.probabilities >= change.threshold)],
        new.pairs[new.numbers[:, 0] >= change.threshold],
        decided_pairs(states, first[1], decided[1].together),
    ]
    places = reached(change, states, first, np.concatenate(tied), np.concatenate([lost, new.pairs]).ravel())
    stories = matched(change, states, first[1], places, lost, new)
    means.progress.advance(len(stories.joined))
    return Growth(before, whole.ids, arrived, found, own, repeated, new, templates, lost, places, stories)


def neighbours(db: sqlite3.Connection, growth: Growth) -> list[Article]:
    """Return the known articles that a change would reach, or whose reports it would score beside those that come."""
    states, before = growth.states, growth.known
    old = growth.reached[growth.reached < len(before)]
    near = np.flatnonzero(among(before.slots, growth.scored.pairs.ravel()))
    asked = distinct(before.stories[among(before.rows["raw"], growth.came)])
    alike = np.flatnonzero(among(before.stories, asked))
    places = distinct(np.concatenate([old, near, alike, np.flatnonzero(~states.after[: len(before)])]))
    statement = "SELECT article_id, version_of, texts.record FROM articles JOIN texts USING (slot) WHERE slot IN"
    found = chosen(db, statement, before.slots[places])
    return [unpack_article(record, article_id, version_of) for article_id, version_of, record in found]
