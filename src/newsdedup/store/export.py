"""All stories of a store, built as `ingest` builds those of a run, under their stable ids."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged, sorted_unique
from newsdedup.cluster import Cluster
from newsdedup.engine.clustering import build_matching
from newsdedup.engine.context import RunContext
from newsdedup.engine.report_cache import ReportCache
from newsdedup.engine.state import Constraints, rank_by_content, text_keys
from newsdedup.engine.story_list import Stories
from newsdedup.store.corpus import StoreCorpus


def load_stories(
    db: sqlite3.Connection, constraints: Constraints, context: RunContext, only: int | None = None
) -> Stories:
    """Return the stories of the store, or only the one with a number.

    Stories about one event are linked, which needs all stories: the only one has no links.
    """
    corpus = StoreCorpus(db)
    articles = corpus.load_columns()
    order = np.argsort(rank_by_content(corpus, articles, np.empty((0, 2), dtype=np.uint64), ()))
    if only is not None:
        order = order[articles.stories[order] == only]
    slots, story_numbers = articles.slots[order], articles.stories[order]
    cache = ReportCache(corpus, context)
    context.progress.stage("read", len(order))
    cache.load(slots)
    context.progress.advance(len(order))
    keys = text_keys(articles.rows[order], articles.numbers[order], constraints)
    keys = np.concatenate([keys, story_numbers[:, None].astype(np.uint64)], axis=1)
    _, first_rows, text_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    first_positions = first_rows[text_of.ravel()]
    scores = corpus.load_pair_scores(slots[sorted_unique(first_positions)])
    matching = build_matching(cache, slots, first_positions, scores)
    group_of = dict(zip(articles.numbers[order].tolist(), matching.group_of.tolist(), strict=True))
    clusters = _load_clusters(db, story_numbers[matching.representatives], group_of)
    ids = dict(db.execute("SELECT story, story_id FROM stories").fetchall())

    def assign_ids(members: Ragged, default_ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        first_members = members.values[members.bounds[:-1]]
        return np.array([ids[int(story_numbers[index])].encode() for index in first_members], dtype=default_ids.dtype)

    content_hashes = articles.rows["content_hash"].reshape(-1, 2)[order]
    stories = Stories(replace(matching, merged_clusters=clusters), content_hashes, context, assign_ids)
    if only is None:
        stories.link_events(context)
    return stories


def _load_clusters(db: sqlite3.Connection, story_numbers: Ints, group_of: dict[int, int]) -> list[Cluster]:
    """Return the clusters of more than one group, sorted by members.

    `story_numbers` is the story of each group, `group_of` the group of each article number.
    """
    order = np.argsort(story_numbers, kind="stable")
    starts = np.flatnonzero(np.diff(story_numbers[order], prepend=-1))
    clusters = []
    for members in np.split(order, starts[1:]):
        if len(members) < 2:
            continue
        weakest, bridges = db.execute(
            "SELECT weakest, bridges FROM stories WHERE story = ?", (int(story_numbers[members[0]]),)
        ).fetchone()
        articulation_points = sorted(group_of[i] for i in json.loads(bridges) if i in group_of)
        clusters.append(Cluster(tuple(sorted(members.tolist())), weakest, tuple(articulation_points)))
    return sorted(clusters, key=lambda cluster: cluster.members)
