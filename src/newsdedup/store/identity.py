"""Decides which loaded records are new articles, which are stored already, and which replace a stored article.

The result is that of `readers.resolve_ids` over all records at once.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import is_in
from newsdedup.engine.intake import Articles, LoadedBatch, LoadedChunk, assign_ids, concat_chunks, spool_chunk
from newsdedup.engine.workspace import Offsets, Spool
from newsdedup.store.codec import unpack_loaded_article
from newsdedup.store.columns import ArticleColumns
from newsdedup.store.database import load_article_names, select_in

Ints = NDArray[np.int64]

# Stored articles that are read at a time.
_ARTICLES_PER_READ = 1000


@dataclass(frozen=True)
class IncomingArticles:
    """The articles that are new or get another id, in content order.

    `numbers` are those of the stored articles that they replace, -1 for new ones. `is_removed` flags the stored
    articles that are removed or replaced.
    """

    batch: LoadedBatch
    numbers: Ints
    is_removed: NDArray[np.bool_]

    @property
    def new_count(self) -> int:
        """The number of articles that replace no stored article."""
        return int((self.numbers < 0).sum())


def resolve_incoming(
    db: sqlite3.Connection, chunk: LoadedChunk, spool: Spool, stored: ArticleColumns, is_removed: NDArray[np.bool_]
) -> IncomingArticles:
    """Resolve the ids of the loaded records (`chunk`, in `spool`) against the stored articles.

    `is_removed` flags the stored articles that this update removes.
    """
    rows = stored.rows
    id_hashes = np.concatenate([chunk.id_hashes, rows["raw"][is_removed]])
    is_renamed = (rows["name"] != rows["raw"]) & is_in(rows["name"], chunk.id_hashes)
    id_hashes = np.unique(np.concatenate([id_hashes, rows["raw"][is_renamed]]))
    involved = np.flatnonzero(is_in(rows["raw"], id_hashes) & ~is_removed)
    parts = []  # stored articles come first, so that they win over equal records
    for start in range(0, len(involved), _ARTICLES_PER_READ):
        slots = stored.slots[involved[start : start + _ARTICLES_PER_READ]]
        records = dict(select_in(db, "SELECT slot, record FROM texts WHERE slot IN", slots))
        parts.append(spool_chunk(spool, [unpack_loaded_article(records[slot]) for slot in slots.tolist()]))
    is_uninvolved = np.ones(len(rows), dtype=bool)
    is_uninvolved[involved] = is_removed[involved]
    batch = assign_ids(concat_chunks([*parts, chunk]), spool, rows["raw"][is_uninvolved & ~is_removed])
    stored_offsets = np.concatenate([np.empty((0, 3), dtype=np.int64), *(part.offsets.rows for part in parts)])
    return _select_changed(db, stored, batch, involved, stored_offsets, is_removed, len(chunk.offsets))


def _select_changed(
    db: sqlite3.Connection,
    stored: ArticleColumns,
    batch: LoadedBatch,
    involved: Ints,
    stored_offsets: Ints,
    is_removed: NDArray[np.bool_],
    record_count: int,
) -> IncomingArticles:
    rows = stored.rows
    stored_index_of = {
        (writer, offset): index
        for index, (writer, offset, _) in zip(involved.tolist(), stored_offsets.tolist(), strict=True)
    }
    stored_names = load_article_names(db, stored.numbers[involved])
    stored_indices = [
        stored_index_of.get((writer, offset), -1) for writer, offset, _ in batch.articles.offsets.rows.tolist()
    ]
    kept_indices = set(stored_indices)
    replaceable = {
        (int(rows["raw"][index]), *map(int, rows["content"][index])): index
        for index in involved.tolist()
        if index not in kept_indices
    }
    is_leaving = is_removed.copy()
    selected, numbers = [], []
    for i, index in enumerate(stored_indices):
        if index >= 0:
            name = stored_names[int(stored.numbers[index])]
            assigned = batch.articles.assigned_ids.get(i)
            is_unchanged = assigned == (name.article_id, name.version_of)
            if is_unchanged or (assigned is None and rows["raw"][index] == rows["name"][index]):
                continue
        replaced_index = index
        if index < 0 and replaceable:
            replaced_index = replaceable.get((int(batch.id_hashes[i]), *map(int, batch.content_hashes[i])), -1)
        if replaced_index >= 0:
            is_leaving[replaced_index] = True
        selected.append(i)
        numbers.append(int(stored.numbers[replaced_index]) if replaced_index >= 0 else -1)
    selected_rows = np.array(selected, dtype=np.int64)
    selected_batch = replace(
        batch,
        articles=Articles(
            batch.articles.spool,
            Offsets(batch.articles.offsets.rows[selected_rows]),
            {
                position: batch.articles.assigned_ids[i]
                for position, i in enumerate(selected)
                if i in batch.articles.assigned_ids
            },
        ),
        content_hashes=batch.content_hashes[selected_rows],
        id_hashes=batch.id_hashes[selected_rows],
        outlet_hashes=batch.outlet_hashes[selected_rows],
        has_title=batch.has_title[selected_rows],
        line_keys=batch.line_keys.take(selected_rows),
        repeated=record_count - sum(number < 0 for number in numbers),
    )
    return IncomingArticles(selected_batch, np.array(numbers, dtype=np.int64), is_leaving)
