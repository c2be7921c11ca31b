"""Computes an update of a store when articles are added or removed: the same stories as one run over all articles.

Only what the update can affect is computed again. Articles with a line that started or stopped being boilerplate of
its outlet are cleaned again, reports whose candidate pairs may differ are paired again (`candidate_changes`), and
connected components with an added, removed or rescored pair are clustered again. Everything else is unchanged, because
every stage is a pure function of its input.

Nothing is written here; `Update` holds the result.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import is_in, sorted_unique
from newsdedup.engine.intake import spool_items
from newsdedup.engine.matching import Matching
from newsdedup.engine.pair_scores import PairScores
from newsdedup.models import Article, Loaded
from newsdedup.store import outlet_lines, shingle_index
from newsdedup.store.candidate_changes import pack_pairs
from newsdedup.store.clustering import cluster_reached, constraint_pairs, find_reached
from newsdedup.store.codec import unpack_article
from newsdedup.store.columns import ArticleColumns
from newsdedup.store.database import select_in
from newsdedup.store.identity import IncomingArticles, resolve_incoming
from newsdedup.store.pair_changes import candidate_pairs_after, find_invalidated_pairs, load_pairs, score_new_pairs
from newsdedup.store.recleaning import UpdatedReports, clean_update, find_boilerplate_changes
from newsdedup.store.state import ArticleState, Constraints, RunContext, UpdateContext, first_with_text, rank_by_content

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Update:
    """A store after an update that is not committed yet.

    `loaded_ids` are hashes of the ids of all loaded records, `incoming` the new articles among them, `updated` their
    reports, `postings` the shingles of these, `boilerplate` the recurring lines of outlets. `new_scores` are the newly
    scored pairs by slots, `is_template` whether each is a pair of template siblings, `invalidated` the stored pairs
    that are no candidate pairs any longer. `reached` are the indices in `state` of all articles that were clustered
    again, in content order, and `matching` is the result.
    """

    stored: ArticleColumns
    loaded_ids: Hashes
    incoming: IncomingArticles
    updated: UpdatedReports
    postings: Hashes
    boilerplate: outlet_lines.BoilerplateUpdate
    new_scores: PairScores
    is_template: Flags
    invalidated: Pairs
    reached: Ints
    matching: Matching

    @property
    def state(self) -> ArticleState:
        """The articles before and after."""
        return self.updated.state


def compute_update(
    db: sqlite3.Connection,
    items: Iterable[Loaded],
    removed_numbers: Ints,
    constraints: tuple[Constraints, Constraints],
    run: RunContext,
    *,
    rebuild: bool = False,
) -> Update:
    """Return the store after `items` are added and the articles `removed_numbers` removed.

    `constraints` are the person's decisions before and after the update. With `rebuild` all stored articles are cleaned
    and matched again. Raises as `engine.run_pipeline` does, and StoreError.
    """
    context = UpdateContext.create(db, constraints, run, rebuild=rebuild)
    stored, cache = context.stored, context.cache
    chunk = spool_items(items, context.spool, run.workspace, run.workers, run.progress)
    is_removed = np.zeros(len(stored), dtype=bool)
    is_removed[stored.indices_of(removed_numbers)] = True
    incoming = resolve_incoming(db, chunk, context.spool, stored, is_removed)
    rank = rank_by_content(db, stored, incoming.batch.content_hashes, incoming.batch.articles)
    boilerplate, affected = find_boilerplate_changes(context, incoming, rank)

    run.progress.stage("clean", len(incoming.numbers) + len(affected))
    updated = clean_update(context, incoming, rank, affected, boilerplate)
    state = updated.state
    run.progress.stage("candidates", None)
    first_indices = (
        first_with_text(state, state.before, constraints[0]),
        first_with_text(state, state.after, constraints[1]),
    )
    pairs_before = load_pairs(db)
    postings = shingle_index.pack_postings(cache.fingerprints.shingles, state.slots[len(stored) :])
    queried, pairs, version_pairs = candidate_pairs_after(context, state, first_indices, pairs_before, postings)
    run.progress.advance(len(pairs))
    invalidated = find_invalidated_pairs(
        state, first_indices[1], pairs_before, queried, np.concatenate([pairs, version_pairs])
    )
    new_scores, is_template = score_new_pairs(context, state, pairs_before, pairs, version_pairs)
    run.progress.stage("cluster", None)
    is_valid = ~is_in(pack_pairs(pairs_before.pairs), pack_pairs(invalidated))
    edges = [
        pairs_before.pairs[is_valid & (pairs_before.probabilities >= context.threshold)],
        new_scores.pairs[new_scores.measures[:, 0] >= context.threshold],
        constraint_pairs(state, first_indices[1], constraints[1].must_link),
    ]
    reached = find_reached(
        context, state, first_indices, np.concatenate(edges), np.concatenate([invalidated, new_scores.pairs]).ravel()
    )
    matching = cluster_reached(context, state, first_indices[1], reached, invalidated, new_scores)
    run.progress.advance(len(matching.merged_clusters))
    return Update(
        stored,
        chunk.id_hashes,
        incoming,
        updated,
        postings,
        boilerplate,
        new_scores,
        is_template,
        invalidated,
        reached,
        matching,
    )


def load_neighbours(db: sqlite3.Connection, update: Update) -> list[Article]:
    """Return the stored articles that an update reaches or whose reports it compares with new ones."""
    state, stored = update.state, update.stored
    reached = update.reached[update.reached < len(stored)]
    scored = np.flatnonzero(is_in(stored.slots, update.new_scores.pairs.ravel()))
    stories = sorted_unique(stored.stories[is_in(stored.rows["raw"], update.loaded_ids)])
    same_stories = np.flatnonzero(is_in(stored.stories, stories))
    indices = sorted_unique(
        np.concatenate([reached, scored, same_stories, np.flatnonzero(~state.after[: len(stored)])])
    )
    statement = "SELECT article_id, version_of, texts.record FROM articles JOIN texts USING (slot) WHERE slot IN"
    rows = select_in(db, statement, stored.slots[indices])
    return [unpack_article(record, article_id, version_of) for article_id, version_of, record in rows]
