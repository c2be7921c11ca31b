"""Which stories a change reaches, and what they are after it: the components of ties that it touches, clustered."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, among, bounds_of, distinct
from newsdedup.cluster import Cluster, components
from newsdedup.engine.matching import Clustering, Matched, clusters_of
from newsdedup.engine.pair_scores import PairScores
from newsdedup.store.candidate_changes import keyed
from newsdedup.store.pair_changes import standings_of, stored_pairs
from newsdedup.store.report_cache import taken
from newsdedup.store.state import Change, Decided, Means, States, first_of, places_in_order
from newsdedup.store.stored_articles import chosen

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


def decided_pairs(states: States, first: Ints, pairs: Pairs) -> Pairs:
    """Return pairs of articles by slots of the first with each text; without those that are gone."""
    there = np.flatnonzero(states.after)
    place = dict(zip(states.numbers[there].tolist(), there.tolist(), strict=True)) if len(pairs) else {}
    found = [[first[place[i]] for i in pair] for pair in pairs.tolist() if all(i in place for i in pair)]
    return states.slots[np.array(found, dtype=np.int64).reshape(-1, 2)].reshape(-1, 2)


def reached(change: Change, states: States, first: Sequence[Ints], ties: Pairs, changed: Ints) -> Ints:
    """Return the places, in content order, of all articles in a component of ties that the change reaches.

    `changed` are slots of which a pair came, went or was scored.
    """
    size = int(states.slots.max(initial=-1)) + 1
    before, after = first
    hit = np.zeros(size, dtype=bool)
    hit[changed] = True
    moved = np.isin(states.numbers, change.decided[0].changed(change.decided[1])) & states.after
    # The copies of whoever comes, goes or was decided on.
    came = states.after & ~states.before | moved
    hit[states.slots[after[came]]] = True
    left = distinct(before[states.before & (~states.after | moved)])
    same = np.flatnonzero(states.before & states.after)
    hit[states.slots[after[same[among(before[same], left)]]]] = True
    parts = components(size, ties[:, 0], ties[:, 1])
    home = np.full(size, -1)
    home[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
    inside = np.zeros(len(parts) + 1, dtype=bool)  # the last is that of those that are in none
    inside[home[hit]] = True
    inside[-1] = False
    wanted = hit | inside[home]
    there = np.flatnonzero(states.after)
    there = there[wanted[states.slots[after[there]]]]
    found: Ints = there[np.argsort(states.content_rank[there])]
    return found


def matched(change: Change, states: States, first: Ints, reached: Ints, dropped: Pairs, new: PairScores) -> Matched:
    """Cluster the articles that were reached."""
    slots = states.slots[reached]
    change.desk.fetch(slots)
    prints = taken(change.desk.prints, change.desk.places(slots))
    resources = change.desk.resources(slots)
    heads, group = np.unique(states.content_rank[first[reached]], return_inverse=True)
    order = np.argsort(group, kind="stable")
    groups = Ragged(order, bounds_of(np.bincount(group, minlength=len(heads))))
    firsts = groups.values[groups.bounds[:-1]]
    number = np.full(int(states.slots.max(initial=-1)) + 1, -1)
    number[slots[firsts]] = np.arange(len(firsts))
    stored, _ = standings_of(change.db, slots[firsts])
    whole = PairScores.joined([stored.chosen(~among(keyed(stored.pairs), keyed(dropped))), new])
    whole = whole.chosen(np.flatnonzero((number[whole.pairs] >= 0).all(axis=1)))
    pairs = number[whole.pairs]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, whole = pairs[order], whole.chosen(order)
    together, apart = (
        np.sort(number[each][(number[each] >= 0).all(axis=1)], axis=1)
        for each in (decided_pairs(states, first, one) for one in (change.decided[1].together, change.decided[1].apart))
    )
    shared = Clustering(resources, prints, firsts, pairs, whole.numbers[:, 0], change.threshold, together, apart)
    joined: list[Cluster] = sorted(
        clusters_of(shared, len(groups), change.means.workers), key=lambda each: each.members
    )
    dates, days = change.desk.dates(slots)
    return Matched(
        resources, prints, dates, days, groups, {}, set(), joined, whole.over(firsts[pairs]),
        int((prints.words == 0).sum()),
    )  # fmt: skip


def reclustered(db: sqlite3.Connection, decided: Decided, means: Means, sample: int) -> tuple[int, list[str]]:
    """Cluster some components of ties again, so many at most, evenly over all.

    Returns how many, and the ids of the stories that are not what comes out.
    """
    change = Change.of(db, (decided, decided), means)
    before = change.known
    there = np.ones(len(before), dtype=bool)
    nobody = np.empty((0, 2), dtype=np.uint64)
    rank = places_in_order(db, before, nobody, ())
    states = States(before.numbers, before.slots, before.rows, rank, there, there)
    first = first_of(states, there, decided)
    scored = stored_pairs(db)
    ties = scored.pairs[scored.probabilities >= change.threshold]
    ties = np.concatenate([ties, decided_pairs(states, first, decided.together)])
    parts = components(int(before.slots.max(initial=-1)) + 1, ties[:, 0], ties[:, 1])
    some = np.unique(np.linspace(0, max(len(parts) - 1, 0), min(sample, len(parts))).astype(np.int64))
    wanted = parts.take(some).values
    nothing = np.empty((0, 2), dtype=np.int64)
    places = reached(change, states, (first, first), ties, wanted)
    found = matched(change, states, first, places, nothing, PairScores.concat(()))
    wrong: set[int] = set()
    own = before.stories[places]
    for cluster in found.clusters():
        members = found.groups.take(np.array(cluster.members)).values
        stories = np.unique(own[members])
        if len(stories) > 1 or (before.stories == stories[0]).sum() != len(members):
            wrong.update(stories.tolist())
    ids = chosen(db, "SELECT story_id FROM stories WHERE story IN", sorted(wrong))
    return len(some), sorted(row[0] for row in ids)
