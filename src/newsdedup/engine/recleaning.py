"""Cleans new articles, and stored articles again if a line of theirs started or stopped being boilerplate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import (
    Hashes,
    Ints,
    Ragged,
    concat_columns,
    concat_rows,
    is_in,
    row_numbers,
    sorted_unique,
    take_rows,
)
from newsdedup.candidates import MAX_ARTICLES
from newsdedup.engine.cleaning import CleaningContext, clean_and_fingerprint
from newsdedup.engine.codec import pack_article, unpack_report
from newsdedup.engine.corpus import ARTICLE_DTYPE
from newsdedup.engine.incoming import IncomingArticles
from newsdedup.engine.intake import Articles, LoadedColumns
from newsdedup.engine.outlets import BoilerplateUpdate, update_boilerplate
from newsdedup.engine.state import ArticleState, UpdateContext
from newsdedup.engine.workspace import RecordList
from newsdedup.errors import StoreError
from newsdedup.execution import split_range
from newsdedup.fingerprint import Fingerprints
from newsdedup.hashing import Vocabulary
from newsdedup.models import Article, Report

# Stored articles that are read at a time.
_ARTICLES_PER_READ = 1000


@dataclass(frozen=True)
class UpdatedReports:
    """The reports after an update.

    `articles`, `reports` and `line_keys` are of the new articles and those whose report changed; they are the last rows
    of `state`, in the same order. `unchanged` are the numbers of articles that were cleaned again to the same report.
    """

    state: ArticleState
    articles: Articles
    reports: Sequence[Report]
    line_keys: Ragged
    unchanged: frozenset[int]


def find_boilerplate_changes(
    context: UpdateContext, incoming: IncomingArticles, rank: Ints
) -> tuple[BoilerplateUpdate, Ints]:
    """Find the recurring lines of outlets with new or removed articles.

    Returns the update of boilerplate, and the indices of stored articles that must be cleaned again.
    """
    stored, batch = context.stored, incoming.batch
    outlets, new_outlets = stored.rows["outlet"], batch.columns.outlet_hashes
    changed_outlets = sorted_unique(
        np.concatenate([new_outlets, outlets if context.rebuild else outlets[incoming.is_dropped]])
    )
    changed_outlets = changed_outlets[changed_outlets > 0]
    old = np.flatnonzero(is_in(outlets, changed_outlets) & ~incoming.is_dropped)
    new = np.flatnonzero(new_outlets > 0)
    old_rows, old_lines = stored.rows[old], context.corpus.load_line_keys(stored.slots[old])
    indices = np.concatenate([old, len(stored) + new])
    order = np.argsort(rank[indices], kind="stable")
    indices = indices[order]
    old_columns = LoadedColumns(
        old_rows["content_hash"], old_rows["loaded_id"], old_rows["outlet"], old_rows["has_title"], old_lines
    )
    pages = take_rows(concat_columns([old_columns, take_rows(batch.columns, new)]), order)

    def read_article(page: int) -> Article:
        index = int(indices[page])
        if index >= len(stored):
            return batch.articles[index - len(stored)]
        return context.corpus.load_articles(stored.slots[index : index + 1])[0]

    boilerplate = update_boilerplate(context.corpus, changed_outlets, pages, read_article)
    if context.rebuild:
        return boilerplate, np.flatnonzero(~incoming.is_dropped)
    return boilerplate, old[_has_any(old_lines, boilerplate.changed_keys)]


def _has_any(rows: Ragged, values: Hashes) -> Ints:
    """Return the numbers of the rows that hold any of the values, ascending."""
    return sorted_unique(row_numbers(rows.bounds)[is_in(rows.values, values)])


def clean_update(
    context: UpdateContext, incoming: IncomingArticles, rank: Ints, affected: Ints, boilerplate: BoilerplateUpdate
) -> UpdatedReports:
    """Clean the new and the affected articles; affected articles whose report changed get a new slot."""
    stored, batch, run, new_count = context.stored, incoming.batch, context.run, len(incoming.numbers)
    articles, stored_reports = _spool_affected(context, batch.articles, affected)
    cleaning = CleaningContext(articles, boilerplate.recurring_lines, run.idf_table, context.cache.spool, Vocabulary())
    columns, id_hashes = clean_and_fingerprint(cleaning, run)
    reports = RecordList(context.cache.spool, columns.offsets, unpack_report)
    is_unchanged = np.array(
        [_is_same_report(report, reports[i]) for i, report in enumerate(stored_reports, new_count)], dtype=bool
    )
    replaced = np.flatnonzero(~is_unchanged | context.rebuild)
    selected = np.concatenate([np.arange(new_count), new_count + replaced])
    replaced_indices = affected[replaced]
    columns = columns.take(selected)
    rows = _build_rows(incoming, columns.fingerprints, id_hashes[selected], stored.rows[replaced_indices])
    slots = _allocate_slots(context, len(selected))
    is_dropped = incoming.is_dropped.copy()
    is_dropped[replaced_indices] = True
    state = ArticleState(
        np.concatenate([stored.numbers, incoming.numbers, stored.numbers[replaced_indices]]),
        np.concatenate([stored.slots, slots]),
        np.concatenate([stored.rows, rows]),
        np.concatenate([rank, rank[replaced_indices]]),
        np.arange(len(stored) + len(selected)) < len(stored),
        np.concatenate([~is_dropped, np.ones(len(selected), dtype=bool)]),
        context.constraints,
    )
    context.cache.add(slots, columns)
    line_keys = [batch.columns.line_keys]
    if len(replaced_indices):
        line_keys.append(context.corpus.load_line_keys(stored.slots[replaced_indices]))
    return UpdatedReports(
        state,
        articles.take(selected),
        RecordList(context.cache.spool, columns.offsets, unpack_report),
        concat_rows(line_keys, np.uint64),
        frozenset(stored.numbers[affected[is_unchanged]].tolist()),
    )


def _spool_affected(context: UpdateContext, new: Articles, affected: Ints) -> tuple[Articles, list[Report]]:
    """Return the new and the affected articles, and the stored reports of the affected ones."""
    stored = context.stored
    assigned_ids, offsets = dict(new.assigned_ids), [new.offsets]
    reports: list[Report] = []
    for part in split_range(len(affected), _ARTICLES_PER_READ):
        slots = stored.slots[affected[part.start : part.stop]]
        offsets.append(context.spool.add([pack_article(article) for article in context.corpus.load_articles(slots)]))
        by_slot = dict(context.corpus.load_reports(slots.tolist()))
        reports += [by_slot[slot] for slot in slots.tolist()]
    for i, report in enumerate(reports):
        assigned_ids[len(new) + i] = (report.article.article_id, report.article.version_of)
    return Articles(context.spool, np.concatenate(offsets), assigned_ids), reports


def _build_rows(
    incoming: IncomingArticles, fingerprints: Fingerprints, id_hashes: Hashes, replaced_rows: NDArray[Any]
) -> NDArray[Any]:
    """Return the columns, with ARTICLE_DTYPE, of the new articles and of those whose report is replaced."""
    rows = np.concatenate([np.zeros(len(incoming.numbers), dtype=ARTICLE_DTYPE), replaced_rows])
    new_rows, columns = rows[: len(incoming.numbers)], incoming.batch.columns
    new_rows["content_hash"], new_rows["loaded_id"] = columns.content_hashes, columns.id_hashes
    new_rows["outlet"], new_rows["has_title"] = columns.outlet_hashes, columns.has_title
    rows["text_key"], rows["word_count"] = fingerprints.text_keys, fingerprints.word_counts
    rows["shingle_count"] = fingerprints.shingles.sizes
    rows["article_id"], rows["version_of"] = id_hashes.T
    return rows


def _allocate_slots(context: UpdateContext, count: int) -> Ints:
    """Return `count` slots that were never used. Raises StoreError if fewer are left."""
    next_slot = context.corpus.next_slot
    if next_slot + count > MAX_ARTICLES:
        raise StoreError(
            f"the store is full: {next_slot:,} of {MAX_ARTICLES:,} report numbers are used; "
            "create a new store and ingest the texts of this one into it"
        )
    return next_slot + np.arange(count)


def _is_same_report(report_a: Report, report_b: Report) -> bool:
    """Return whether two reports are equal, whatever their articles."""
    return replace(report_a, article=report_b.article) == report_b
