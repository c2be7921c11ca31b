"""All stories of a store, told as `ingest` tells those of a run: under the ids that they keep."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of
from newsdedup.cluster import Cluster
from newsdedup.engine.event_links import event_links
from newsdedup.engine.intake import in_order
from newsdedup.engine.matching import Matched
from newsdedup.engine.story_list import Stories, tell_several
from newsdedup.store.pair_changes import standings_of
from newsdedup.store.report_cache import Desk, taken
from newsdedup.store.state import Decided, Means, texts_of
from newsdedup.store.stored_articles import Known, known, names, shared

Ints = NDArray[np.int64]


def told_stories(
    db: sqlite3.Connection, decided: Decided, means: Means, only: Iterable[int] | None = None, *, related: bool
) -> Stories:
    """Return the stories of the store, or those with the numbers `only`.

    With `related`, those about one event are linked, which takes all stories.
    """
    everything = known(db)
    order = _in_order(db, everything)
    if only is not None:
        order = order[np.isin(everything.stories[order], sorted(only))]
    slots, stories = everything.slots[order], everything.stories[order]
    desk = Desk(db, means.workspace.spool("reports"), means.resources, means.workers)
    means.progress.stage("read", len(order))
    desk.fetch(slots)
    means.progress.advance(len(order))
    places = desk.places(slots)
    prints = taken(desk.prints, places)
    text = texts_of(everything.rows[order], everything.numbers[order], decided)
    _, first, group = np.unique(
        np.concatenate([text, stories[:, None].astype(np.uint64)], axis=1),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    heads, group = np.unique(first[group.ravel()], return_inverse=True)
    members = np.argsort(group, kind="stable")
    groups = Ragged(members, bounds_of(np.bincount(group, minlength=len(heads))))
    number = dict(zip(everything.numbers[order].tolist(), group.tolist(), strict=True))
    joined = _joined(db, stories[heads], number)
    place = np.full(int(everything.slots.max(initial=-1)) + 1, -1)
    place[slots[heads]] = np.arange(len(heads))
    found, templates = standings_of(db, slots[heads])
    inside = np.flatnonzero((place[found.pairs] >= 0).all(axis=1))
    found, templates = found.chosen(inside), templates[inside]
    pairs = place[found.pairs]
    by_pair = np.lexsort((pairs[:, 1], pairs[:, 0]))
    found, templates, pairs = found.chosen(by_pair), templates[by_pair], pairs[by_pair]
    scored = dict(zip(map(tuple, pairs.tolist()), found.numbers[:, 0].tolist(), strict=True)) if related else {}
    matched = Matched(
        desk.resources(slots), prints, *desk.dates(slots), groups, scored,
        {pair for pair, template in zip(map(tuple, pairs.tolist()), templates.tolist(), strict=True) if template},
        joined, found.over(heads[pairs]), int((prints.words == 0).sum()),
    )  # fmt: skip
    ids = dict(db.execute("SELECT story, story_id FROM stories").fetchall())

    def naming(members: Ragged, natural: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        first = members.values[members.bounds[:-1]]
        return np.array([ids[int(stories[at])].encode() for at in first], dtype=natural.dtype)

    spool = means.workspace.spool("stories")
    content = everything.rows["content"].reshape(-1, 2)[order]
    told = Stories(matched, content, tell_several(matched, spool, means.workers, means.progress), spool, naming)
    if related:
        means.progress.stage("related", None)
        told.link(event_links(matched, told.bases, means.workers))
    return told


def _in_order(db: sqlite3.Connection, everything: Known) -> Ints:
    content = everything.rows["content"].reshape(-1, 2)
    called = names(db, everything.numbers[shared(content)])
    at = {place: called[int(number)] for place, number in enumerate(everything.numbers) if int(number) in called}
    return in_order(np.arange(len(everything)), content, at)


def _joined(db: sqlite3.Connection, stories: Ints, group: dict[int, int]) -> list[Cluster]:
    """Return the clusters of several groups, whose stories are given by group."""
    order = np.argsort(stories, kind="stable")
    starts = np.flatnonzero(np.diff(stories[order], prepend=-1))
    out = []
    for own in np.split(order, starts[1:]):
        if len(own) < 2:
            continue
        weakest, bridges = db.execute(
            "SELECT weakest, bridges FROM stories WHERE story = ?", (int(stories[own[0]]),)
        ).fetchone()
        out.append(
            Cluster(
                tuple(sorted(own.tolist())), weakest, tuple(sorted(group[i] for i in json.loads(bridges) if i in group))
            )
        )
    return sorted(out, key=lambda each: each.members)
