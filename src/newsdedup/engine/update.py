"""The update of a corpus when articles arrive or leave. All articles are matched in this way.

The stories are the same as if all articles had been matched at once. Only what the update affects is computed again,
because every stage is a pure function of its input: articles with a line that starts or stops counting as boilerplate
are cleaned again, reports whose candidate pairs may change are paired again, and every connected component with a pair
that was added, removed or scored is clustered again. A plain run is the update of an empty corpus, which affects
everything; a store commits its updates; a check reads an update and discards it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from newsdedup.arrays import Flags, Hashes, Ints, Pairs, is_in, sorted_unique, take_rows
from newsdedup.engine.clustering import cluster_articles, constraint_pairs, find_reached
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import ArticleColumns, Corpus
from newsdedup.engine.incoming import IncomingArticles, resolve_incoming
from newsdedup.engine.intake import spool_items
from newsdedup.engine.matching import Matching
from newsdedup.engine.outlets import BoilerplateUpdate
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.pairing import (
    build_shingle_index,
    find_candidate_pairs,
    find_invalidated_pairs,
    find_versions,
    score_new_pairs,
)
from newsdedup.engine.recleaning import UpdatedReports, clean_update, find_boilerplate_changes
from newsdedup.engine.shingle_index import ShingleIndex, pack_pairs
from newsdedup.engine.state import ArticleState, Constraints, UpdateContext, rank_by_content
from newsdedup.models import Item


@dataclass(frozen=True)
class Update:
    """A corpus after an update.

    `incoming` are the articles that are new or replaced, `updated` their reports and all articles before and after,
    `shingle_index` holds the shingles of these reports, `boilerplate` the changed outlets. `new_scores` are the pairs
    that were scored, by slots, `invalidated` the stored pairs that are no longer candidate pairs. `matched` are the
    indices in `state` of the articles in `matching`, in content order: all that the update reaches, and with a focus
    their neighbours. `threshold` is the lowest probability of an edge.
    """

    stored: ArticleColumns
    incoming: IncomingArticles
    updated: UpdatedReports
    shingle_index: ShingleIndex
    boilerplate: BoilerplateUpdate
    new_scores: PairScores
    invalidated: Pairs
    matched: Ints
    matching: Matching
    threshold: float

    @property
    def state(self) -> ArticleState:
        """All articles before and after."""
        return self.updated.state

    @property
    def content_hashes(self) -> Hashes:
        """The content hashes of the matched articles, shape (n, 2)."""
        hashes: Hashes = self.state.rows["content_hash"].reshape(-1, 2)[self.matched]
        return hashes


_NO_ARTICLES = np.empty(0, dtype=np.int64)
_NO_CONSTRAINTS = (Constraints(), Constraints())


def update(
    corpus: Corpus,
    arriving: Iterable[Item],
    leaving: Ints = _NO_ARTICLES,
    constraints: tuple[Constraints, Constraints] = _NO_CONSTRAINTS,
    *,
    run: RunContext,
    rebuild: bool = False,
    focus: Flags | None = None,
) -> Update:
    """Return what `corpus` becomes when articles arrive and others (article numbers) leave. Nothing is written.

    `constraints` are those before and after. With `rebuild` all stored articles are cleaned and matched again.

    With `focus`, one flag for each arriving article, the update answers for the flagged ones only and must not be
    committed: records that repeat another one are articles of their own, the stored articles that share an id or a
    scored pair with arriving ones are matched as well, and if nothing is stored, only the pairs that can affect the
    clusters of the flagged articles are scored.

    Raises InputError for an item that cannot be used, StoreError if the corpus has too few unused slots, and
    OutputError if the temporary files cannot be written.
    """
    context = UpdateContext.create(corpus, constraints, run, rebuild=rebuild)
    stored, progress = context.stored, run.progress
    chunk = spool_items(arriving, context.spool, run)
    is_leaving = np.zeros(len(stored), dtype=bool)
    is_leaving[stored.indices_of(leaving)] = True
    incoming = resolve_incoming(context, chunk, is_leaving, keep_repeats=focus is not None)
    rank = rank_by_content(corpus, stored, incoming.batch.columns.content_hashes, incoming.batch.articles)
    boilerplate, affected = find_boilerplate_changes(context, incoming, rank)

    progress.stage("clean", len(incoming.numbers) + len(affected))
    updated = clean_update(context, incoming, rank, affected, boilerplate)
    state = updated.state

    progress.stage("candidates", None)
    stored_pairs = corpus.load_pairs()
    index = build_shingle_index(context, state)
    candidates = find_candidate_pairs(context, state, index, stored_pairs)
    progress.advance(len(candidates.colliding))
    invalidated = find_invalidated_pairs(state, stored_pairs, candidates)
    focus_slots = _find_focus_slots(state, incoming, focus) if not len(stored) else None
    new_scores = score_new_pairs(context, stored_pairs, candidates, focus_slots)

    progress.stage("cluster", None)
    is_valid = ~is_in(pack_pairs(stored_pairs.pairs), pack_pairs(invalidated))
    edges = [
        stored_pairs.pairs[is_valid & (stored_pairs.probabilities >= context.threshold)],
        new_scores.pairs[new_scores.probabilities >= context.threshold],
        constraint_pairs(state, constraints[1].must_link),
        versions := find_versions(state, state.after, state.first_after),
    ]
    changed_slots = np.concatenate([invalidated, new_scores.pairs]).ravel()
    matched = find_reached(state, np.concatenate(edges), changed_slots)
    if focus is not None:
        matched = _add_stories_with_ids(state, stored, matched, chunk.columns.id_hashes)
    stored_scores = corpus.load_pair_scores(sorted_unique(state.slots[state.first_after[matched]]))
    stored_scores = take_rows(stored_scores, ~is_in(pack_pairs(stored_scores.pairs), pack_pairs(invalidated)))
    matching = cluster_articles(context, state, matched, PairScores.concat([stored_scores, new_scores]), versions)
    progress.advance(len(matching.merged_clusters))
    return Update(
        stored, incoming, updated, index, boilerplate, new_scores, invalidated, matched, matching, context.threshold
    )


def _find_focus_slots(state: ArticleState, incoming: IncomingArticles, focus: Flags | None) -> Ints | None:
    """Return the slots of the flagged articles; None if all are flagged. No article is stored."""
    if focus is None or focus.all():
        return None
    slots: Ints = sorted_unique(state.slots[state.first_after[focus[incoming.batch.positions]]])
    return slots


def _add_stories_with_ids(state: ArticleState, stored: ArticleColumns, matched: Ints, id_hashes: Hashes) -> Ints:
    """Add the stories of the stored articles that were loaded with one of the ids."""
    stories = sorted_unique(stored.stories[is_in(stored.rows["loaded_id"], id_hashes)])
    is_near = np.zeros(len(state.slots), dtype=bool)
    is_near[: len(stored)] = is_in(stored.stories, stories)
    is_near[matched] = True
    indices = np.flatnonzero(is_near & state.after)
    ordered: Ints = indices[np.argsort(state.content_rank[indices])]
    return ordered
