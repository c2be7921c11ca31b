"""Cleans new articles, and stored articles again if a line of theirs started or stopped being boilerplate."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, concat_rows, is_in, sorted_unique
from newsdedup.candidates import MAX_ARTICLES
from newsdedup.engine.cleaning import CleaningContext, clean_and_fingerprint
from newsdedup.engine.intake import Articles
from newsdedup.engine.workspace import Offsets, RecordList, pack_article, unpack_report
from newsdedup.errors import StoreError
from newsdedup.hashing import Vocabulary
from newsdedup.models import Article, Report
from newsdedup.store import outlet_lines
from newsdedup.store.codec import unpack_article as stored_article
from newsdedup.store.codec import unpack_loaded_article
from newsdedup.store.codec import unpack_report as stored_report
from newsdedup.store.columns import ARTICLE_DTYPE, ArticleColumns, load_lines
from newsdedup.store.database import get_meta, select_in
from newsdedup.store.identity import IncomingArticles
from newsdedup.store.report_cache import take_rows
from newsdedup.store.state import ArticleState, UpdateContext

Ints = NDArray[np.int64]

# Stored articles that are read at a time.
_ARTICLES_PER_READ = 1000
# Fields of a report that are not copied from its article.
_OWN_FIELDS = ("title", "title_inferred", "paragraphs", "removed", "dateline", "byline", "credit", "page_share")


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
) -> tuple[outlet_lines.BoilerplateUpdate, Ints]:
    """Find the recurring lines of outlets with new or removed articles.

    Returns the update of boilerplate, and the indices of stored articles that must be cleaned again.
    """
    stored, batch = context.stored, incoming.batch
    outlets = stored.rows["outlet"]
    changed_outlets = sorted_unique(
        np.concatenate([batch.outlet_hashes, outlets if context.rebuild else outlets[incoming.is_removed]])
    )
    changed_outlets = changed_outlets[changed_outlets > 0]
    stored_indices = np.flatnonzero(is_in(outlets, changed_outlets) & ~incoming.is_removed)
    new_indices = np.flatnonzero(batch.outlet_hashes > 0)
    line_keys = concat_rows(
        [load_lines(context.db, stored.slots[stored_indices]), batch.line_keys.take(new_indices)], np.uint64
    )
    indices = np.concatenate([stored_indices, len(stored) + new_indices])
    order = np.argsort(rank[indices])
    pages = outlet_lines.OutletPages(
        np.concatenate([outlets[stored_indices], batch.outlet_hashes[new_indices]])[order],
        np.concatenate([stored.rows["titled"][stored_indices], batch.has_title[new_indices]])[order],
        line_keys.take(order),
        np.concatenate([stored.rows["content"].reshape(-1, 2)[stored_indices], batch.content_hashes[new_indices]])[
            order
        ],
    )
    indices = indices[order]

    def read(page: int) -> Article:
        index = int(indices[page])
        if index >= len(stored):
            return batch.articles[index - len(stored)]
        ((record,),) = context.db.execute("SELECT record FROM texts WHERE slot = ?", (int(stored.slots[index]),))
        return stored_article(record, "", None)

    boilerplate = outlet_lines.update_boilerplate(context.db, changed_outlets, pages, read)
    affected = indices[boilerplate.affected]
    return boilerplate, np.flatnonzero(~incoming.is_removed) if context.rebuild else np.sort(
        affected[affected < len(stored)]
    )


def clean_update(
    context: UpdateContext,
    incoming: IncomingArticles,
    rank: Ints,
    affected: Ints,
    boilerplate: outlet_lines.BoilerplateUpdate,
) -> UpdatedReports:
    """Clean the new articles, and the affected stored articles again.

    A stored article gets a new slot only if its report changed. Raises StoreError if the slots are used up.
    """
    stored, batch, run, new_count = context.stored, incoming.batch, context.run, len(incoming.numbers)
    assigned_ids = dict(batch.articles.assigned_ids)
    offsets = [batch.articles.offsets]
    stored_reports: dict[int, Report] = {}
    for start in range(0, len(affected), _ARTICLES_PER_READ):
        records = _read_records(context.db, stored, affected[start : start + _ARTICLES_PER_READ])
        offsets.append(context.spool.add([pack_article(unpack_loaded_article(record)) for record, _, _ in records]))
        assigned_ids |= {new_count + start + i: row[1:] for i, row in enumerate(records)}
        stored_reports |= {start + i: stored_report(*row) for i, row in enumerate(records)}
    articles = Articles(context.spool, Offsets.concat(offsets), assigned_ids)
    reports_spool = context.cache.spool
    cleaning = CleaningContext(articles, boilerplate.table, run.scoring.idf_table, reports_spool, Vocabulary())
    cleaned = clean_and_fingerprint(cleaning, run.workspace.folder, run.workers, run.progress)
    unchanged = {
        i
        for i, stored_report in stored_reports.items()
        if _is_same_report(stored_report, cleaned.reports.read(new_count + i))
    }
    replaced = [i for i in stored_reports if context.rebuild or i not in unchanged]
    selected = np.concatenate([np.arange(new_count), new_count + np.array(replaced, dtype=np.int64)])
    replaced_indices = affected[np.array(replaced, dtype=np.int64)]
    rows = np.zeros(len(selected), dtype=ARTICLE_DTYPE)
    rows[new_count:] = stored.rows[replaced_indices]
    rows["content"][:new_count], rows["raw"][:new_count] = batch.content_hashes, batch.id_hashes
    rows["outlet"][:new_count], rows["titled"][:new_count] = batch.outlet_hashes, batch.has_title
    fingerprints = take_rows(cleaned.fingerprints, selected)
    rows["text"], rows["words"], rows["kept"] = (
        fingerprints.text_keys,
        fingerprints.word_counts,
        fingerprints.shingles.sizes,
    )
    rows["name"], rows["version"] = cleaned.id_hashes[selected].T
    next_slot = int(get_meta(context.db, "next_slot", 0))
    slots = next_slot + np.arange(len(selected))
    if next_slot + len(selected) > MAX_ARTICLES:
        raise StoreError(
            f"the store is full: {next_slot:,} of {MAX_ARTICLES:,} report numbers are used; "
            "create a new store and ingest the texts of this one into it"
        )
    is_removed = incoming.is_removed.copy()
    is_removed[replaced_indices] = True
    state = ArticleState(
        np.concatenate([stored.numbers, incoming.numbers, stored.numbers[replaced_indices]]),
        np.concatenate([stored.slots, slots]),
        np.concatenate([stored.rows, rows]),
        np.concatenate([rank, rank[replaced_indices]]),
        np.arange(len(stored) + len(selected)) < len(stored),
        np.concatenate([~is_removed, np.ones(len(selected), dtype=bool)]),
    )
    article_offsets = Offsets(Offsets.concat(offsets).rows[selected])
    selected_ids = {
        position: assigned_ids[int(index)] for position, index in enumerate(selected) if int(index) in assigned_ids
    }
    articles = Articles(context.spool, article_offsets, selected_ids)
    report_offsets = Offsets(cleaned.reports.offsets.rows[selected])
    context.cache.add(slots, report_offsets, fingerprints, cleaned.date_keys[selected], cleaned.days[selected])
    line_keys = concat_rows([batch.line_keys, load_lines(context.db, stored.slots[replaced_indices])], np.uint64)
    unchanged_numbers = frozenset(stored.numbers[affected[sorted(unchanged)]].tolist())
    return UpdatedReports(
        state, articles, RecordList(reports_spool, report_offsets, unpack_report), line_keys, unchanged_numbers
    )


def _read_records(db: sqlite3.Connection, stored: ArticleColumns, indices: Ints) -> list[tuple[bytes, str, str | None]]:
    statement = "SELECT slot, texts.record, article_id, version_of FROM articles JOIN texts USING (slot) WHERE slot IN"
    records = {row[0]: row[1:] for row in select_in(db, statement, stored.slots[indices])}
    return [records[slot] for slot in stored.slots[indices].tolist()]


def _is_same_report(report_a: Report, report_b: Report) -> bool:
    return all(getattr(report_a, name) == getattr(report_b, name) for name in _OWN_FIELDS)
