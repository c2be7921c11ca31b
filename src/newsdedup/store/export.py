"""All stories of a store, built as `ingest` builds those of a run, under their stable ids."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_from_sizes
from newsdedup.cluster import Cluster
from newsdedup.engine.event_links import find_event_links
from newsdedup.engine.intake import order_by_content
from newsdedup.engine.matching import Matching
from newsdedup.engine.story_list import Stories, build_merged_stories
from newsdedup.store.columns import ArticleColumns, find_duplicate_rows, load_article_columns
from newsdedup.store.database import load_article_names
from newsdedup.store.pair_changes import load_pair_scores
from newsdedup.store.report_cache import ReportCache, take_rows
from newsdedup.store.state import Constraints, RunContext, text_keys

Ints = NDArray[np.int64]


def load_stories(
    db: sqlite3.Connection,
    constraints: Constraints,
    context: RunContext,
    only: Iterable[int] | None = None,
    *,
    related: bool,
) -> Stories:
    """Return the stories of the store, or only those with the numbers in `only`.

    With `related`, stories about one event are linked, which needs all stories.
    """
    articles = load_article_columns(db)
    order = _content_order(db, articles)
    if only is not None:
        order = order[np.isin(articles.stories[order], sorted(only))]
    slots, story_numbers = articles.slots[order], articles.stories[order]
    cache = ReportCache(db, context.workspace.open_spool("reports"), context.scoring, context.workers)
    context.progress.stage("read", len(order))
    cache.load(slots)
    context.progress.advance(len(order))
    indices = cache.indices_of(slots)
    fingerprints = take_rows(cache.fingerprints, indices)
    keys = text_keys(articles.rows[order], articles.numbers[order], constraints)
    _, first_rows, group_ids = np.unique(
        np.concatenate([keys, story_numbers[:, None].astype(np.uint64)], axis=1),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    representatives, group_ids = np.unique(first_rows[group_ids.ravel()], return_inverse=True)
    members = np.argsort(group_ids, kind="stable")
    groups = Ragged(members, bounds_from_sizes(np.bincount(group_ids, minlength=len(representatives))))
    group_of = dict(zip(articles.numbers[order].tolist(), group_ids.tolist(), strict=True))
    clusters = _load_clusters(db, story_numbers[representatives], group_of)
    group_by_slot = np.full(int(articles.slots.max(initial=-1)) + 1, -1)
    group_by_slot[slots[representatives]] = np.arange(len(representatives))
    scores, is_template = load_pair_scores(db, slots[representatives])
    stored_rows = np.flatnonzero((group_by_slot[scores.pairs] >= 0).all(axis=1))
    scores, is_template = scores.take(stored_rows), is_template[stored_rows]
    pairs = group_by_slot[scores.pairs]
    pair_order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    scores, is_template, pairs = scores.take(pair_order), is_template[pair_order], pairs[pair_order]
    probabilities = (
        dict(zip(map(tuple, pairs.tolist()), scores.measures[:, 0].tolist(), strict=True)) if related else {}
    )
    matching = Matching(
        cache.scoring_context(slots), fingerprints, *cache.take_dates(slots), groups, probabilities,
        {pair for pair, template in zip(map(tuple, pairs.tolist()), is_template.tolist(), strict=True) if template},
        clusters, scores.with_pairs(representatives[pairs]), int((fingerprints.word_counts == 0).sum()),
    )  # fmt: skip
    ids = dict(db.execute("SELECT story, story_id FROM stories").fetchall())

    def assign_ids(members: Ragged, default_ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        first_members = members.values[members.bounds[:-1]]
        return np.array([ids[int(story_numbers[index])].encode() for index in first_members], dtype=default_ids.dtype)

    spool = context.workspace.open_spool("stories")
    content = articles.rows["content"].reshape(-1, 2)[order]
    stories = Stories(
        matching, content, build_merged_stories(matching, spool, context.workers, context.progress), spool, assign_ids
    )
    if related:
        context.progress.stage("related", None)
        stories.set_links(find_event_links(matching, stories.bases, context.workers))
    return stories


def _content_order(db: sqlite3.Connection, articles: ArticleColumns) -> Ints:
    content = articles.rows["content"].reshape(-1, 2)
    names = load_article_names(db, articles.numbers[find_duplicate_rows(content)])
    names_by_index = {
        index: names[int(number)] for index, number in enumerate(articles.numbers) if int(number) in names
    }
    return order_by_content(np.arange(len(articles)), content, names_by_index)


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
        clusters.append(
            Cluster(
                tuple(sorted(members.tolist())),
                weakest,
                tuple(sorted(group_of[i] for i in json.loads(bridges) if i in group_of)),
            )
        )
    return sorted(clusters, key=lambda cluster: cluster.members)
